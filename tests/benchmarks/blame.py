"""How many moved lines plain `git blame` keeps, by history mode: `python -m tests.benchmarks.blame`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.real.fetch import unpack
from tests.real.packages import CLICK, MARKDOWN, Package

ROOT = Path(__file__).parents[2]
MODES = ("auto", "waypoint", "two-commit", "squash-safe")
IDENTITY = {
    **{f"GIT_{who}_NAME": "Benchmark" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "benchmark@example.org" for who in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Lines that went to another file, and how many of them blame still gives to a commit before the phases."""

    moved: int = 0
    kept: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.moved + other.moved, self.kept + other.kept)

    @property
    def share(self) -> float:
        """Kept lines of all moved ones; 1 where nothing moved."""
        return self.kept / self.moved if self.moved else 1.0

    def __str__(self) -> str:
        return f"{self.kept:,} of {self.moved:,} ({self.share:.1%})" if self.moved else "-"


def git(top: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=top, capture_output=True, env={**os.environ, **IDENTITY}, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def kept(top: Path, base: str, head: str, sources: Mapping[str, Sequence[str]]) -> Kept:
    """What blame keeps of the lines that each new path has from its `sources`, paths at `base`."""
    before = frozenset(git(top, "rev-list", base).split())
    found = Kept()
    for path, olds in sources.items():
        given: Counter[str] = Counter()
        for old in olds:
            given += Counter(git(top, "show", f"{base}:{old}").split("\n"))
        moved = sum((given & Counter(git(top, "show", f"{head}:{path}").split("\n")[:-1])).values())
        told = git(top, "blame", "--porcelain", head, "--", path).split("\n")
        old_lines = sum(line.split(" ")[0] in before for line in told if len(line.split(" ")[0]) in (40, 64))
        found += Kept(moved, min(moved, old_lines))
    return found


def origins(top: Path, base: str, head: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """(moved files, files that a split made) with the files at `base` that they come from, going by content alone.

    A file is from the one with which it shares most lines that open a definition; several from one are a split.
    """
    listed = git(top, "diff-tree", "-r", "-z", "--no-renames", "--name-status", base, head).split("\0")[:-1]
    pairs = list(zip(listed[::2], listed[1::2], strict=True))
    new = [path for status, path in pairs if status == "A" and path.endswith(".py")]
    old = [path for status, path in pairs if status in "DM" and path.endswith(".py")]
    known = {path: marks(git(top, "show", f"{base}:{path}")) for path in old}
    found: dict[str, str] = {}
    for path in new:
        mine = marks(git(top, "show", f"{head}:{path}"))
        best = max(known, key=lambda one: sum((known[one] & mine).values()), default="")
        if best and sum((known[best] & mine).values()):
            found[path] = best
    shared = Counter(found.values())
    moved = {path: [source] for path, source in found.items() if shared[source] == 1}
    return moved, {path: [source] for path, source in found.items() if shared[source] > 1}


def marks(text: str) -> Counter[str]:
    """The lines that open a definition."""
    return Counter(line for line in text.split("\n") if line.lstrip().startswith(("def ", "class ", "async def ")))


def published(top: Path, plan: Path, mode: str, place: Path) -> tuple[str, str]:
    """Run a whole plan in a history mode; (commit before, commit after)."""
    text = with_history(plan.read_text("utf-8"), mode)
    copy = place / plan.name
    copy.write_text(text, "utf-8")
    base = git(top, "rev-parse", "HEAD").strip()
    run(top, copy, text, "--all")
    return base, git(top, "rev-parse", "HEAD").strip()


def squashed(top: Path, plan: Path, mode: str, place: Path) -> tuple[str, str]:
    """The same with shims at old paths, unless the plan says which, and each phase squashed as hosts do."""
    text = plan.read_text("utf-8")
    if "shims:" not in text and "\ndefaults:\n" in text:
        text = text.replace("\ndefaults:\n", "\ndefaults:\n  shims: file\n", 1)
    elif "shims:" not in text:
        text = text.replace("\nphases:\n", "\ndefaults:\n  shims: file\nphases:\n", 1)
    copy = place / "shims" / plan.name
    copy.parent.mkdir()
    copy.write_text(with_history(text, mode), "utf-8")
    base = git(top, "rev-parse", "HEAD").strip()
    while True:
        git(top, "checkout", "-q", "-B", "request")
        run(top, copy, text, "--next")
        said = git(top, "log", "--reverse", "--first-parent", "--format=%B", "main..request")
        git(top, "checkout", "-q", "main")
        if not said.strip():
            return base, git(top, "rev-parse", "HEAD").strip()
        git(top, "merge", "-q", "--squash", "request")
        git(top, "commit", "-q", "-m", said)


def with_history(text: str, mode: str) -> str:
    """The text of a plan with a history mode in its defaults."""
    text = text.replace("\ndefaults:\n", f"\ndefaults:\n  history: {mode}\n", 1)
    if "history: " not in text:
        text = text.replace("\nphases:\n", f"\ndefaults: {{history: {mode}}}\nphases:\n", 1)
    return text


def run(top: Path, plan: Path, text: str, how: str) -> None:
    """Publish phases of a plan, all of them approved."""
    ids = [line.split("id:")[1].strip().strip('"') for line in text.splitlines() if line.strip().startswith("- id:")]
    approvals = [word for one in ids for word in ("--ok", one)]
    command = [sys.executable, "-m", "codemod", "run", str(plan), "--repo", str(top), how, "--no-checks", "-q"]
    subprocess.run([*command, *approvals], check=True, env={**os.environ, **IDENTITY}, stdout=subprocess.DEVNULL)


def laid_down(source: Path, top: Path) -> None:
    """A copy of a folder as a repository of its own."""
    shutil.copytree(source, top)
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A", "--force")
    git(top, "commit", "-qm", "as it came")


def subjects(fixtures: bool, packages: bool) -> Iterator[tuple[str, Path | Package, Path]]:
    if fixtures:
        for plan in sorted((ROOT / "plans").glob("*.yaml")):
            yield plan.stem, ROOT / "fixtures" / plan.stem, plan
    if packages:
        for package in (MARKDOWN, replace(MARKDOWN, task="split"), CLICK, replace(CLICK, task="split")):
            yield f"{package.name} {package.source.version} {package.task}".strip(), package, package.plan


def measured(source: Path | Package, plan: Path, mode: str, *, squash: bool = False) -> tuple[Kept, Kept]:
    """(moved, split) lines kept by a plan in a history mode, or when each of its phases is squashed, too."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder) / "repository"
        if isinstance(source, Package):
            (Path(folder) / "distribution").mkdir()
            source = unpack(source.source, Path(folder) / "distribution")
        laid_down(source, top)
        base, head = (squashed if squash else published)(top, plan, mode, Path(folder))
        moved, divided = origins(top, base, head)
        return kept(top, base, head, moved), kept(top, base, head, divided)


def leaves_shims(source: Path | Package, plan: Path) -> bool:
    """True for what `squashed` measures: whole modules that move and leave shims."""
    return (isinstance(source, Package) and source.task != "split") or "shims: file" in plan.read_text("utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", action="append", choices=MODES, help="may be repeated; all without it")
    parser.add_argument("--no-packages", action="store_true", help="the fixtures alone, nothing is downloaded")
    parser.add_argument("--no-fixtures", action="store_true", help="the packages alone")
    wanted = parser.parse_args()
    print("| plan | history | lines moved with their file, kept | lines divided, kept |\n|---|---|--:|--:|")
    for name, source, plan in subjects(not wanted.no_fixtures, not wanted.no_packages):
        for mode in wanted.mode or MODES:
            moved, divided = measured(source, plan, mode)
            print(f"| {name} | `{mode}` | {moved} | {divided} |", flush=True)
        for mode in ("auto", "squash-safe") if leaves_shims(source, plan) else ():
            moved, divided = measured(source, plan, mode, squash=True)
            print(f"| {name}, with shims, squashed | `{mode}` | {moved} | {divided} |", flush=True)


if __name__ == "__main__":
    main()

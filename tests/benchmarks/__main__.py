"""Time 20 module moves, and a split, against the floor, rope and pyrefly: `python -m tests.benchmarks`."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks import synthetic
from tests.benchmarks.links import Links
from tests.benchmarks.measure import Cost, run
from tests.real.fetch import Source, environment, unpack

HERE = Path(__file__).parent
DJANGO = Source("django", "5.2.19", "ad03d8abc51dbff95ebf34b27123cf0c26a3b62db7ba0cd520783686362533d1", "django-5.2.19")
DJANGO_UTILS = (
    "cache crypto dateformat dateparse datastructures deconstruct deprecation encoding formats functional "
    "hashable html http inspect module_loading regex_helper safestring text timezone tree"
)
PYREFLY = "pyrefly==1.4.1"
MOVES = "20 modules moved"


@dataclass(frozen=True, slots=True)
class Subject:
    """A repository to restructure: how to lay it down, what moves, and its source roots."""

    name: str
    what: str  # what is asked of it
    write: Callable[[Path], None]
    moves: dict[str, str]
    roots: tuple[str, ...] = (".",)
    split: str = ""  # an operation in place of the moves
    texts: bool = False  # there are documents, settings, notebooks beside the code
    words: tuple[str, ...] = ()  # what the floor searches for: the last segments of the moved names unless told

    @property
    def operation(self) -> str:
        """What the plan does."""
        rows = "".join(f"          {old}: {new}\n" for old, new in self.moves.items())
        return self.split or f"      - move:\n{rows}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    cost: Cost
    broken: str = ""


def django(top: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(unpack(DJANGO, Path(folder)), top, dirs_exist_ok=True)


def subjects(sizes: list[int], with_django: bool) -> Iterator[Subject]:
    for size in sizes:
        write = partial(synthetic.write, count=size)
        yield Subject(f"{size:,} modules", MOVES, write, synthetic.moves(size), texts=True)
    if sizes:
        write, words = partial(synthetic.write_catalog, count=min(sizes)), map(synthetic.names_of, synthetic.GROUPS)
        what = "a module of 3,000 lines with 200 importers split into ten"
        yield Subject("A split", what, write, {}, split=synthetic.split(), words=tuple(itertools.chain(*words)))
    if with_django:
        table = {f"django.utils.{name}": f"django.toolbox.{name}" for name in DJANGO_UTILS.split()}
        yield Subject(f"Django {DJANGO.version}", MOVES, django, table, (".", "tests"))


def git(top: Path, *arguments: str) -> str:
    name = ["-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.org", "-c", "gc.auto=0"]
    return subprocess.run(["git", *name, *arguments], cwd=top, check=True, capture_output=True, text=True).stdout


class Bench:
    """One subject, laid down and committed once; each tool finds it as it was."""

    def __init__(self, subject: Subject, folder: Path, rope_moves: int, repeat: int) -> None:
        self.subject, self.folder, self.rope_moves, self.repeat = subject, folder, rope_moves, repeat
        self.base = folder / "base"
        self.base.mkdir()
        subject.write(self.base)
        git(self.base, "init", "-q", "-b", "main")
        git(self.base, "config", "user.name", "Benchmark")
        git(self.base, "config", "user.email", "benchmark@example.org")
        git(self.base, "add", "-A", "--force")
        git(self.base, "commit", "-qm", "As it was")
        self.start = git(self.base, "rev-parse", "HEAD").strip()
        self.files = len(git(self.base, "ls-files", "*.py").splitlines())
        self.broken_before = self.broken(self.base)
        self.plan = folder / "plan.yaml"
        roots = ", ".join(subject.roots)
        self.plan.write_text(
            f"version: 1\nname: benchmark\nsource_roots: [{roots}]\nphases:\n  - id: one\n    do:\n{subject.operation}",
            encoding="utf-8",
        )
        self.table = folder / "moves.json"
        self.table.write_text(json.dumps(subject.moves), encoding="utf-8")
        self.changed: list[str] = []
        # As when it is installed: what Python compiles is kept.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.env = {**kept, "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(Path.cwd())}

    def broken(self, top: Path) -> int:
        return sum(1 for _ in Links(top, self.subject.roots).broken())

    def left(self, top: Path) -> str:
        """How many more internal imports are broken than before."""
        return str(self.broken(top) - self.broken_before)

    def fresh(self) -> Path:
        """The repository as it was: what the run before changed is put back, nothing else is written."""
        git(self.base, "reset", "-q", "--hard", self.start)
        git(self.base, "clean", "-qfdx")
        return self.base

    def codemod(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "codemod", *arguments]

    def best(self, name: str, command: Callable[[Path], list[str]], *, first: bool = True) -> Cost:
        """The quickest of some runs, and the memory of one more; unless `first`, with what earlier ones have kept."""
        costs = []
        for turn in range(self.repeat + 1):
            if first:
                shutil.rmtree(self.folder / "cache", ignore_errors=True)
            place = self.fresh()
            costs.append(run(command(place), self.folder, self.env, sample=turn == self.repeat))
            if costs[-1].code:
                raise RuntimeError(f"{name}: {costs[-1].output[-3000:]}")
        quickest = min(costs[:-1], key=lambda cost: cost.wall)
        return Cost(quickest.wall, quickest.cpu, costs[-1].peak, quickest.code, quickest.output)

    def ours(self) -> Iterator[Row]:
        yield Row("`codemod --version`", self.best("version", lambda place: self.codemod("--version")))
        arguments = ("run", str(self.plan), "--all", "--no-checks", "-q", "--repo")
        cost = self.best("ours", lambda place: self.codemod(*arguments, str(place)))
        changed = git(self.base, "diff", "--name-only", "--no-renames", "--diff-filter=MD", "HEAD^", "HEAD")
        self.changed = changed.splitlines()
        yield Row("`codemod run`, committed", cost, self.left(self.base))
        preview = self.best("preview", lambda place: self.codemod("diff", str(self.plan), "-q", "--repo", str(place)))
        yield Row("`codemod diff`", preview)
        after = self.best("after", lambda place: self.codemod(*arguments, str(place)), first=False)
        yield Row("`codemod run` after that `diff`", after)

    def kinds(self) -> float:
        """What the kinds of references beside imports add to the CPU time of a run: the median of paired runs."""
        arguments = ("run", str(self.plan), "--all", "--no-checks", "-q", "--repo")
        shares = []
        for _ in range(max(self.repeat, 3)):
            pair = []
            for command in (self.codemod(*arguments), [sys.executable, str(HERE / "imports_only.py"), *arguments]):
                shutil.rmtree(self.folder / "cache", ignore_errors=True)
                cost = run([*command, str(self.fresh())], self.folder, self.env, sample=False)
                if cost.code:
                    raise RuntimeError(cost.output[-3000:])
                pair.append(cost.cpu)
            shares.append(pair[0] / pair[1] - 1)
        return statistics.median(shares)

    def floor(self) -> Row:
        words, files = self.folder / "words", self.folder / "files"
        wanted = self.subject.words or sorted({name.rpartition(".")[2] for name in self.subject.moves})
        words.write_text("\n".join(wanted), encoding="utf-8")
        files.write_text("\n".join(self.changed), encoding="utf-8")
        script = str(HERE / "floor.py")
        return Row(
            "floor: list, read, search, parse what changes",
            self.best("floor", lambda place: [sys.executable, script, str(place), str(words), str(files)]),
        )

    def rope(self) -> Row | None:
        count = min(self.rope_moves, len(self.subject.moves))
        if not count:
            return None
        few = self.folder / "few.json"
        picked = list(self.subject.moves.items())[:: max(1, len(self.subject.moves) // count)][:count]
        few.write_text(json.dumps(dict(picked)), encoding="utf-8")
        place = self.fresh()
        cost = run([sys.executable, str(HERE / "rope_moves.py"), str(place), str(few)], self.folder, self.env)
        factor = len(self.subject.moves) / count
        what = f"rope ({count} moves measured, times {factor:g})" if factor > 1 else "rope"
        if cost.code:
            return Row(f"{what}: failed, {cost.output.strip().splitlines()[-1][:80]}", cost.scaled(factor), "-")
        left = self.left(place)
        return Row(what, cost.scaled(factor), f"{left} (after {count} moves)" if factor > 1 else left)

    def pyrefly(self) -> Row | None:
        if not self.subject.moves:
            return None
        try:
            program = environment((PYREFLY,)).parent / "pyrefly"
        except subprocess.CalledProcessError:
            return None
        place = self.fresh()
        script = str(HERE / "pyrefly_moves.py")
        command = [sys.executable, script, str(program), str(place), str(self.table), *self.subject.roots]
        cost = run(command, self.folder, {name: value for name, value in self.env.items() if name != "PYTHONPATH"})
        if cost.code:
            return Row(f"pyrefly: failed, {cost.output.strip().splitlines()[-1][:80]}", cost, "-")
        return Row("pyrefly `willRenameFiles`", cost, self.left(place))


def table(bench: Bench) -> Iterator[str]:
    """The subject's Markdown section."""
    version, ours, preview, after = bench.ours()
    floor = bench.floor()
    others = [row for row in (bench.rope(), bench.pyrefly()) if row is not None]
    yield f"## {bench.subject.name}"
    yield ""
    yield (
        f"{bench.files:,} Python files, {bench.subject.what}, "
        f"{len(bench.changed)} files changed, {bench.broken_before} internal imports broken before."
    )
    yield ""
    yield "| | wall, s | CPU, s | peak memory, MB | imports left broken | wall, ours = 1 | CPU, ours = 1 |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for row in (floor, version, ours, preview, after, *others):
        cost = row.cost
        yield (
            f"| {row.what} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.peak / 1e6:.0f} | {row.broken} "
            f"| {cost.wall / ours.cost.wall:.2f} | {cost.cpu / ours.cost.cpu:.2f} |"
        )
    aim = 2 * floor.cost.wall + version.cost.wall
    yield ""
    if bench.subject.moves and bench.subject.texts:
        yield f"Scanning all reference kinds adds {bench.kinds():.0%} to the CPU time of such a run, committed."
        yield ""
    yield (
        f"Twice the floor and `codemod --version` together: {aim:.2f} s; ours: {ours.cost.wall:.2f} s, "
        f"{after.cost.wall:.2f} s after a `diff` of the same plan."
    )
    yield ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[3000, 10000], help="modules of the synthetic trees")
    parser.add_argument("--no-django", action="store_true")
    parser.add_argument("--rope-moves", type=int, default=2, help="moves that rope makes; the time is scaled to 20")
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours and of the floor; the quickest counts")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}.\n")
    for subject in subjects(options.sizes, not options.no_django):
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            bench = Bench(subject, Path(folder), options.rope_moves, options.repeat)
            for line in table(bench):
                print(line, flush=True)


if __name__ == "__main__":
    main()

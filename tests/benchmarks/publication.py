"""What publishing costs beside `git add` and `git commit` of the same change: `python -m tests.benchmarks.publication`.

A move of 20 modules in the repository of 10,000 is computed beforehand; then its trees, commit and fast-forward are
timed, index and files on disk included, against git's own two commands in a work tree that has the change already.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codemod.engine.events import Request
from codemod.engine.run import carried_out, running
from codemod.engine.session import Session
from tests.benchmarks import synthetic

BAR = 2.0


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the clock, and of all processes together."""

    wall: float
    cpu: float


def git(top: Path, *arguments: str, stdin: bytes = b"") -> None:
    subprocess.run(["git", "-C", str(top), *arguments], check=True, input=stdin, stdout=subprocess.DEVNULL)


def prepared(folder: Path, count: int) -> Path:
    """A repository in one pack, as a clone has it, and the plan beside it."""
    top = folder / "repo"
    synthetic.write(top, count)
    git(top, "init", "-q", "-b", "main")
    settings = {"user.name": "A", "user.email": "a@example.org", "gc.auto": "0", "core.logAllRefUpdates": "false"}
    for name, value in settings.items():
        git(top, "config", name, value)
    git(top, "add", "-A")
    git(top, "commit", "-qm", "before")
    git(top, "tag", "before")
    git(top, "gc", "-q")
    shutil.copytree(top / ".git/objects", folder / "objects")
    rows = "".join(f"          {old}: {new}\n" for old, new in synthetic.moves(count).items())
    (folder / "plan.yaml").write_text(f"version: 1\nname: b\nphases:\n  - id: one\n    do:\n      - move:\n{rows}")
    return top


def timed(work: Callable[[], None]) -> Spent:
    """What a piece of work takes, its processes included."""
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    start = time.perf_counter()
    work()
    wall = time.perf_counter() - start
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))
    return Spent(wall, cpu)


def restored(folder: Path, top: Path) -> None:
    """Files, index and branch as they were, and no object of a later commit in the store."""
    git(top, "reset", "-q", "--hard", "before")
    shutil.rmtree(top / ".git/objects")
    shutil.copytree(folder / "objects", top / ".git/objects")


def once(folder: Path) -> tuple[Spent, Spent, int]:
    """(ours, git's, files that change), each from the same start."""
    top = folder / "repo"
    session = Session.open(Request(folder / "plan.yaml", top, checks=False))
    start, phase = session.start(), session.plan.phases[0]
    outcome = session.compute(phase, start.inventory, start.head.commit, session.date())
    patch = session.net_patch([outcome])

    def ours() -> None:
        with running(session) as runner:
            state = carried_out(runner, phase, outcome).state
        assert state == "published"

    def theirs() -> None:
        git(top, "add", "-A")
        git(top, "commit", "-qm", "the same")

    mine = timed(ours)
    restored(folder, top)
    git(top, "apply", "--whitespace=nowarn", stdin=patch)
    other = timed(theirs)
    restored(folder, top)
    return mine, other, sum(1 for _ in start.inventory.tree.delta(outcome.after))


def main() -> int:
    """Print the table; 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="modules of the repository")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="publication-") as name:
        prepared(Path(name), options.size)
        runs = [once(Path(name)) for _ in range(options.repeat)]
    wall, cpu = (
        [statistics.median(getattr(run[side], what) for run in runs) for side in (0, 1)] for what in Spent.__slots__
    )
    print(f"{options.size:,} modules, {runs[0][2]} files change; medians of {options.repeat}\n")
    print("| | wall, s | CPU, s |\n|---|--:|--:|")
    print(f"| publishing: trees, commit, fast-forward, files | {wall[0]:.2f} | {cpu[0]:.2f} |")
    print(f"| `git add -A` and `git commit` | {wall[1]:.2f} | {cpu[1]:.2f} |")
    ratios = wall[0] / wall[1], cpu[0] / cpu[1]
    print(f"| ratio | {ratios[0]:.2f} | {ratios[1]:.2f} |")
    return int(min(ratios) > BAR)


if __name__ == "__main__":
    raise SystemExit(main())

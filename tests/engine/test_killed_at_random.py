"""Kill -9 at random moments of a three-phase run: nothing is lost, and a second run ends where an unhurt one does."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.shell.gitrepo import Repo, plan_text

QUICK = int(os.environ.get("CODEMOD_KILLS", "3"))
SEED = int(os.environ.get("CODEMOD_SEED", "20"))

CLASSES = "".join(
    f"class C{n}:\n    def value(self):\n        return {n}\n\n    def twice(self):\n        return {n} * 2\n\n"
    for n in range(6)
)
FILES = {
    ".gitignore": "*.log\n",
    "app/__init__.py": "",
    "app/user.py": "NAME = 'ann'\n\n\ndef greet():\n    return 'hello ' + NAME\n",
    "app/order.py": "from app.user import NAME\n\nORDER = NAME\n",
    "app/models.py": CLASSES,
    "main.py": "from app.models import C0, C3\nfrom app.user import NAME\nprint(NAME, C0, C3)\n",
    "notes.txt": "nothing to see\n",
}
PLAN = plan_text(
    "{id: one, title: Move the user, shims: file, do: [{move: {app.user: app.accounts.user}}], checks: ['true']}",
    "{id: two, title: Split the models, do: [{split: app.models, into: {app.models.low: [C0, C1, C2],"
    " app.models.high: [C3, C4, C5]}}]}",
    "{id: three, title: Move the order, do: [{move: {app.order: app.sales.order}}, {barrel: [app.sales]}]}",
)
LOOSE = {"notes.txt": "edited\n", "staged.txt": "staged\n", "loose.txt": "loose\n", "app/old.log": "ignored\n"}


@dataclass(frozen=True)
class Goal:
    """What an unhurt run comes to: the tree at each boundary, what git says of the files, and how long it took."""

    boundaries: list[str]
    status: str
    seconds: float


def prepared(place: Path) -> Repo:
    repo = Repo.make(place, FILES)
    repo.write(LOOSE)
    repo.git("add", "staged.txt")
    return repo


def start(repo: Repo) -> subprocess.Popen[bytes]:
    arguments = ["run", str(repo.plan(PLAN)), "--repo", str(repo.top), "--all", "-q"]
    environment = {**os.environ, "TMPDIR": str(repo.top.parent)}
    return subprocess.Popen(
        [sys.executable, "-m", "codemod", *arguments], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def goal(tmp_path_factory: pytest.TempPathFactory) -> Goal:
    repo = prepared(tmp_path_factory.mktemp("unhurt") / "repo")
    begun = time.monotonic()
    assert start(repo).wait() == 0
    seconds = time.monotonic() - begun
    phases = repo.git("log", "--first-parent", "--format=%T %(trailers:key=Codemod-Phase,valueonly,separator=)")
    last: dict[str, str] = {}
    for line in phases.splitlines():
        tree, _, phase = line.partition(" ")
        last.setdefault(phase, tree)  # newest first: where the phase was complete
    assert list(last) == ["three", "two", "one", ""]
    return Goal([last[name] for name in ("", "one", "two", "three")], repo.status, seconds)


def intact(repo: Repo) -> None:
    for path, text in LOOSE.items():
        assert repo.read(path) == text, path
    assert repo.git("show", ":staged.txt") == "staged"


def killed_and_run_again(repo: Repo, goal: Goal, moment: float) -> None:
    process = start(repo)
    time.sleep(moment)
    process.kill()
    process.wait()
    assert repo.git("rev-parse", "HEAD^{tree}") in goal.boundaries
    intact(repo)
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert start(repo).wait() == 0
    assert repo.git("rev-parse", "HEAD^{tree}") == goal.boundaries[-1]
    intact(repo)
    assert repo.status == goal.status and repo.leftovers() == []
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert not list(repo.top.parent.glob("codemod-*")) and repo.git("worktree", "list").count("\n") == 0


def moments(goal: Goal, count: int) -> list[float]:
    """Random moments, few of them while the program is still loading."""
    rng = random.Random(SEED)
    return [goal.seconds * rng.uniform(0.15, 1.05) for _ in range(count)]


def test_nothing_is_lost(goal: Goal, tmp_path: Path) -> None:
    for number, moment in enumerate(moments(goal, QUICK)):
        killed_and_run_again(prepared(tmp_path / str(number) / "repo"), goal, moment)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(200))
def test_nothing_is_lost_at_any_of_two_hundred_moments(goal: Goal, tmp_path: Path, number: int) -> None:
    killed_and_run_again(prepared(tmp_path / "repo"), goal, moments(goal, 200)[number])

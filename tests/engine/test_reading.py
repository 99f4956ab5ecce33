"""A plan that another process reads ahead is the plan that we would read, and what goes wrong there is told here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codemod.base.errors import PlanError
from codemod.engine import reading
from codemod.engine.reading import Reading, read_plan
from codemod.shell.forks import VARIABLE

PLANS = sorted(Path(__file__).parents[2].joinpath("plans").glob("*.yaml"))

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux alone")


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "2")


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_the_plan_is_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = read_plan(path)
    ahead = Reading.ahead(["run", str(path), "--all"])
    monkeypatch.setattr(reading, "read_plan", lambda _: pytest.fail("read a second time"))
    assert ahead is not None
    found = ahead.plan(path)
    assert found == here
    assert repr(found) == repr(here)


def test_what_is_wrong_is_told_here(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("version: 1\nname: demo\nphase: []\n")
    ahead = Reading.ahead(["check", str(plan)])
    assert ahead is not None
    with pytest.raises(PlanError, match="phase"):
        ahead.plan(plan)


def test_a_process_that_is_killed_costs_nothing_but_time() -> None:
    ahead = Reading.ahead(["check", str(PLANS[0])])
    assert ahead is not None
    assert ahead._fork is not None
    os.kill(ahead._fork.process, signal.SIGKILL)
    assert ahead.plan(PLANS[0]) == read_plan(PLANS[0])


def test_another_plan_than_the_one_that_was_guessed() -> None:
    ahead = Reading.ahead(["run", "--pr-summary", str(PLANS[0]), str(PLANS[1])])
    assert ahead is not None
    assert ahead.plan(PLANS[1]) == read_plan(PLANS[1])


@pytest.mark.parametrize("arguments", [[], ["run"], ["plan.yaml"], ["graph", "--json"], ["explain", "import-cycle"]])
def test_nothing_is_read_where_no_plan_is_named(arguments: list[str]) -> None:
    assert Reading.ahead(arguments) is None


def test_one_processor_reads_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    assert Reading.ahead(["check", str(PLANS[0])]) is None


def test_a_plan_that_nobody_asks_for_leaves_no_process() -> None:
    ahead = Reading.ahead(["check", str(PLANS[0])])
    assert ahead is not None
    assert ahead._fork is not None
    process = ahead._fork.process
    ahead.end()
    ahead.end()
    try:
        status = os.waitpid(process, 0)[1]
    except ChildProcessError:
        return  # it was gone at once
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize(
    ("arguments", "code"), [(["check", "{plan}"], 0), (["check", "{plan}", "--nonsense"], 2), (["check", "no.yaml"], 2)]
)
def test_the_command_line_says_the_same(arguments: list[str], code: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "codemod", *(one.format(plan=PLANS[0]) for one in arguments)]
    one, two = (
        subprocess.run(
            command, cwd=tmp_path, env={**os.environ, VARIABLE: count}, capture_output=True, text=True, check=False
        )
        for count in ("1", "2")
    )
    assert (one.returncode, one.stdout, one.stderr) == (two.returncode, two.stdout, two.stderr)
    assert two.returncode == code
    assert "Traceback" not in two.stderr

"""Streams: bars on a terminal only, names that are no text, output that cannot be written."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codemod.base.findings import Place
from codemod.cli import listen
from codemod.cli.listen import Narrator
from codemod.cli.terminal import Output, Stream
from codemod.report.page import line
from tests.cli.harness import FILES, PLAN, codemod, environment, git, on_terminal, repository, written
from tests.report.recorded import LOW, OUTCOME, RecordedCheck, RecordedCommit


def outputs(*, live: bool, quiet: bool = False, verbose: bool = False) -> tuple[Output, io.StringIO]:
    said = io.StringIO()
    stream = Stream(said, live, colour=False)
    return Output(False, quiet, verbose, stream, stream), said


def story(narrator: Narrator) -> None:
    with narrator:
        narrator.phase(LOW, 1, 2)
        narrator.progress("references", 10, 40)
        narrator.progress("references", 40, 40)
        narrator.cost(OUTCOME)
        narrator.starting("pytest -q")
        narrator.starting("pytest -q")
        narrator.check(RecordedCheck(verdict="new-failure", why="exit 1", output="\x1b[31mone\x1b[0m\ntwo\n"))
        narrator.commit(RecordedCommit())
        narrator.message("so far so good")


def test_a_pipe_gets_lines_and_no_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "PATIENCE", 0.0)
    output, said = outputs(live=False)
    story(Narrator(output, steps=True))
    assert said.getvalue().splitlines() == [
        "[1/2] low-risk  Move the internal modules",
        "  3 files, 1 moved, +1 -1 lines",
        "  $ pytest -q",
        "  $ pytest -q on the parent, to compare",
        "    failed in 3.1 s: exit 1",
        "      one",
        "      two",
        "  9f3c2ab1d0 move (3 files, 1 moved, +2 -2 lines)",
        "  so far so good",
    ]


def test_a_terminal_gets_a_bar_for_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "PATIENCE", 0.0)
    output, said = outputs(live=True)
    story(Narrator(output, steps=True))
    assert "low-risk references" in said.getvalue() and "40/40" in said.getvalue()
    assert "  $ pytest -q  failed in 3.1 s: exit 1" in said.getvalue()


def test_short_work_has_no_bar() -> None:
    output, said = outputs(live=True)
    story(Narrator(output))
    assert "references" not in said.getvalue()


def test_quiet_is_quiet() -> None:
    for live in (False, True):
        output, said = outputs(live=live, quiet=True)
        story(Narrator(output, steps=True))
        assert said.getvalue() == ""


def test_verbose_shows_the_output_of_checks_that_pass() -> None:
    output, said = outputs(live=False, verbose=True)
    with Narrator(output) as narrator:
        narrator.check(RecordedCheck(output="3 passed\n"))
    assert said.getvalue() == "    passed in 3.1 s\n      3 passed\n"


def test_markup_of_rich_is_text_like_any_other() -> None:
    output, said = outputs(live=True)
    output.result([line("[red]x[/red] :smile: ", str(Place("a[0].py", 3)))])
    assert said.getvalue() == "[red]x[/red] :smile: a[0].py:3\n"


def test_a_full_disk_is_not_a_closed_pipe() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    stream = Stream(Full(), live=False, colour=False)
    with pytest.raises(OSError, match="No space left"):
        stream.show([line("x")])
    beside = Stream(Full(), live=False, colour=False, needed=False)  # messages stop no work
    beside.show([line("x")])
    assert beside.broken


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_streams_that_are_closed(tmp_path: Path, closed: str) -> None:
    repo = repository(tmp_path / "repo")
    command = f'"{sys.executable}" -m codemod run ../plan.yaml --all --no-checks {closed}'
    written(tmp_path)
    done = subprocess.run(["sh", "-c", command], cwd=repo, env=environment(), capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert git(repo, "status", "--porcelain") == "" and git(repo, "rev-list", "--count", "HEAD") == "3"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize(
    ("arguments", "code"), [("--version >/dev/full", 3), ("schema >/dev/full", 3), ("check gone.yaml 2>/dev/full", 2)]
)
def test_output_that_cannot_be_written(arguments: str, code: int) -> None:
    command = f'"{sys.executable}" -m codemod {arguments}'
    done = subprocess.run(["sh", "-c", command], env=environment(), capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)


@pytest.mark.parametrize(("columns", "head"), [(80, "PHASE"), (40, "PHASE")])
def test_a_narrow_terminal_loses_no_state_and_cuts_no_path(tmp_path: Path, columns: int, head: str) -> None:
    repo = repository(tmp_path / "repo")
    target = "app.a_package_with_a_long_name.and_another_one_below_it"
    text = PLAN.replace("id: status", "id: the-status-service-and-its-friends").replace("app.status.", f"{target}.")
    plan = written(tmp_path, text)
    told = on_terminal("status", plan, cwd=repo, env={"NO_COLOR": "1"}, columns=columns).out.splitlines()
    assert told[0].startswith(head) and told[1].split()[:2] == ["the-status-service-and-its-friends", "pending"]
    shown = on_terminal("diff", plan, "--stat", cwd=repo, env={"NO_COLOR": "1"}, columns=columns).out
    assert f"R  0  0  app/status_service.py -> {target.replace('.', '/')}/status_service.py" in shown


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are UTF-8 there")
def test_names_that_are_no_utf_8(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    (repo / os.fsdecode(b"caf\xe9.py")).write_text("from app.user_service import (\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "odd")
    plan = written(tmp_path)
    answer = codemod("check", plan, cwd=repo)
    assert answer.code == 0 and "caf\\udce9.py:1" in answer.out
    found = codemod("check", plan, "--json", cwd=repo).json["phases"]
    assert json.dumps(found).count("caf\\udce9.py") >= 1


def test_an_ascii_terminal(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {**FILES, "naïve.py": "from app.user_service import (\n"})
    answer = codemod("check", written(tmp_path), cwd=repo, env={"PYTHONIOENCODING": "ascii"})
    assert answer.code == 0 and "na\\xefve.py:1" in answer.out
    document = codemod("check", tmp_path / "plan.yaml", "--json", cwd=repo, env={"PYTHONIOENCODING": "ascii"})
    assert "naïve.py" in document.out


def test_a_long_message_hangs_on_a_terminal_and_is_one_line_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = line("app/a.py:3 ", "code: ", "a message that is longer than the terminal is wide, at 40 columns")
    piped, said = outputs(live=False)
    piped.message([shown])
    assert said.getvalue().count("\n") == 1
    terminal, said = outputs(live=True)
    terminal.message([shown])
    first, *rest = said.getvalue().splitlines()
    assert first.startswith("app/a.py:3 code: a message") and all(text.startswith("    ") for text in rest)
    assert max(map(len, [first, *rest])) <= 40
    assert " ".join(text.strip() for text in [first, *rest]) == "".join(span.text for span in shown)

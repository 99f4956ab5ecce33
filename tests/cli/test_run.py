"""run, rehearse, undo and status over real repositories: what they say, where, and with which exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.harness import (
    FILES,
    IDENTITY,
    PLAN,
    codemod,
    environment,
    git,
    on_terminal,
    repository,
    state_of,
    written,
)

CHECKED = PLAN.replace("phases:\n", "defaults:\n  checks: [{}]\nphases:\n", 1)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_run_all(repo: Path, plan: Path) -> None:
    patch = codemod("diff", plan, cwd=repo).out
    answer = codemod("run", plan, "--all", "--no-checks", cwd=repo)
    assert answer.code == 0
    assert answer.out == (
        "PHASE   STATE      FILES  MOVED  +LINES  -LINES  COMMITS  OWNER     TARGET\n"
        "status  published      4      1       2       2        1  Platform  2025-11-26\n"
        "users   published      3      1       1       1        1\n"
        "\n"
        "2 phases: 2 published; 7 files, 2 moved, +3 -3 lines\n"
    )
    said = answer.err.splitlines()
    assert said[0] == "[1/2] status  Move the status service"
    assert said[1] == "  4 files, 1 moved, +2 -2 lines"
    assert said[2] == f"  {git(repo, 'rev-parse', '--short=10', 'HEAD~1')} move"
    assert git(repo, "diff", "--binary", "--full-index", "-M", "HEAD~2", "HEAD") + "\n" == patch
    assert git(repo, "status", "--porcelain") == ""


def test_what_wants_a_look_is_told_once(tmp_path: Path) -> None:
    clash = {"app/__init__.py": "", "app/a.py": "def load(): ...\n", "app/b.py": "def load(): ...\n"}
    repo = repository(tmp_path / "repo", clash)
    plan = written(tmp_path, "version: 1\nname: demo\nphases:\n  - {id: barrel, do: [{barrel: [app]}]}\n")
    first = codemod("run", plan, "--all", cwd=repo)
    again = codemod("run", plan, "--all", cwd=repo)
    assert first.code == again.code == 0
    assert "barrel-name-clash" in first.err and "barrel-name-clash" not in again.err
    for command in ("check", "diff"):
        answer = codemod(command, plan, cwd=repo)
        assert answer.code == 0 and "barrel-name-clash" not in answer.out + answer.err
    assert "barrel-name-clash" in codemod("run", plan, "--all", "-v", cwd=repo).err
    assert "barrel-name-clash" in codemod("run", plan, "--all", "--json", cwd=repo).out


def test_what_holds_is_skipped_and_moves_no_ref(repo: Path, plan: Path) -> None:
    assert codemod("run", plan, "--all", "--no-checks", cwd=repo).code == 0
    before = state_of(repo)
    again = codemod("run", plan, "--all", "--no-checks", cwd=repo)
    assert again.code == 0 and again.out.endswith("2 phases: 2 already held\n")
    assert state_of(repo) == before
    assert codemod("diff", plan, "--exit-code", cwd=repo).code == 0


def test_next_and_phase(repo: Path, plan: Path) -> None:
    assert codemod("run", plan, "--next", "-q", cwd=repo).code == 0
    states = {phase["id"]: phase["state"] for phase in codemod("status", plan, "--json", cwd=repo).json["phases"]}
    assert states == {"status": "done", "users": "pending"}
    assert codemod("run", plan, "--phase", "users", "status", "-q", cwd=repo).code == 0
    assert codemod("status", plan, cwd=repo).out.endswith("2 phases: 2 done\n")


def test_status(repo: Path, plan: Path) -> None:
    before = codemod("status", plan, cwd=repo)
    assert before.code == 0 and before.err == ""
    assert before.out == (
        "PHASE   STATE    OWNER     TARGET      TITLE\n"
        "status  pending  Platform  2025-11-26  Move the status service\n"
        "users   pending                        Move the user service\n"
        "\n"
        "2 phases: 2 pending\n"
    )
    codemod("run", plan, "--next", "--no-checks", cwd=repo)
    document = codemod("status", plan, "--json", cwd=repo).json
    assert document["phases"][0]["commit"] == git(repo, "rev-parse", "HEAD")
    assert list(document["phases"][0]) == ["id", "title", "state", "owner", "target", "commit", "commits", "findings"]


def test_status_of_a_phase_that_drifted(repo: Path, plan: Path) -> None:
    codemod("run", plan, "--all", "--no-checks", cwd=repo)
    (repo / "late.py").write_text("from app.user_service import USER\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "an old import comes back")
    states = [phase["state"] for phase in codemod("status", plan, "--json", cwd=repo).json["phases"]]
    assert states == ["done", "drifted"]
    assert codemod("run", plan, "--all", "--no-checks", cwd=repo).code == 0
    assert (repo / "late.py").read_text() == "from app.users.user_service import USER\n"


def test_run_in_json(repo: Path, plan: Path) -> None:
    answer = codemod("run", plan, "--all", "--json", cwd=repo)
    document = answer.json
    assert answer.code == document["exit"] == 0
    assert document["head"] == git(repo, "rev-parse", "HEAD")
    assert document["not_reached"] == []
    phase = document["phases"][0]
    assert phase["state"] == "published" and phase["cost"] == {"files": 4, "moved": 1, "added": 2, "deleted": 2}
    assert set(phase["commits"][0]) == {"sha", "kind", "subject", "files", "added", "deleted", "renames"}
    assert all(set(check) == {"command", "commit", "verdict", "seconds", "why", "output"} for check in phase["checks"])
    assert answer.err  # messages stay on stderr
    quiet = codemod("run", plan, "--all", "--json", "-q", cwd=repo)
    assert quiet.err == "" and [phase["state"] for phase in quiet.json["phases"]] == ["holds", "holds"]


def test_checks_are_printed_before_they_run(repo: Path, tmp_path: Path) -> None:
    plan = written(tmp_path, CHECKED.replace("{}", "'python main.py', 'exit 127'"))
    answer = codemod("run", plan, "--next", cwd=repo)
    assert answer.code == 0
    said = answer.err.splitlines()
    assert "  $ python main.py" in said and said[said.index("  $ python main.py") + 1].startswith("    passed")
    assert "status: exit 127: proves nothing: " in answer.out  # repeated in the summary


def test_a_check_that_newly_fails(repo: Path, tmp_path: Path) -> None:
    plan = written(tmp_path, CHECKED.replace("{}", "'echo telling; test -f app/status_service.py'"))
    before = state_of(repo)
    answer = codemod("run", plan, "--all", cwd=repo)
    assert answer.code == 1
    assert "users   not reached" in answer.out and answer.out.endswith("2 phases: 1 failed, 1 not reached\n")
    assert "    failed" in answer.err and "      telling\n" in answer.err
    assert state_of(repo) == before
    document = codemod("run", plan, "--all", "--json", cwd=repo).json
    assert document["exit"] == 1 and document["not_reached"] == ["users"]
    assert [c["verdict"] for c in document["phases"][0]["checks"]][-1] == "new-failure"
    assert codemod("run", plan, "--all", "--no-checks", cwd=repo).code == 0


def test_a_later_failure_leaves_the_earlier_phases(repo: Path, tmp_path: Path) -> None:
    plan = written(tmp_path, PLAN.replace("app.user_service:", "app.usr_service:"))
    answer = codemod("run", plan, "--all", "--no-checks", cwd=repo)
    assert answer.code == 3
    assert "source-missing" in answer.err and "did you mean app.user_service" in answer.err
    assert answer.out.endswith("2 phases: 1 published, 1 refused; 4 files, 1 moved, +2 -2 lines\n")
    assert git(repo, "rev-list", "--count", "HEAD") == "2"


def test_needs_ok(repo: Path, tmp_path: Path) -> None:
    plan = written(
        tmp_path, PLAN.replace("    title: Move the user", "    needs_ok: Backend Infra\n    title: Move the user")
    )
    answer = codemod("run", plan, "--all", "--no-checks", cwd=repo)
    assert answer.code == 1 and "--ok users" in answer.err and "1 published, 1 waiting" in answer.out
    before = state_of(repo)
    unknown = codemod("run", plan, "--all", "--no-checks", "--ok", "user", cwd=repo)
    assert unknown.code == 2 and "did you mean users?" in unknown.err and state_of(repo) == before
    assert codemod("run", plan, "--all", "--no-checks", "--ok", "users", cwd=repo).code == 0


def test_a_dirty_file_in_the_way(repo: Path, plan: Path) -> None:
    (repo / "main.py").write_text("dirty\n")
    answer = codemod("run", plan, "--all", "--no-checks", cwd=repo)
    assert answer.code == 3 and "main.py" in answer.err
    assert (repo / "main.py").read_text() == "dirty\n"


def test_files_left_alone_are_named(tmp_path: Path, plan: Path) -> None:
    repo = repository(tmp_path / "repo", {**FILES, "bad.py": "from app.user_service import (\n"})
    answer = codemod("run", plan, "--all", "--no-checks", cwd=repo)
    assert answer.code == 0 and "bad.py:1" in answer.err and "syntax-left-alone" in answer.err
    assert "bad.py" not in codemod("run", plan, "--all", "--no-checks", "-q", cwd=repo).err


def test_no_identity(repo: Path, plan: Path) -> None:
    nobody: dict[str, str | None] = {name: None for name in IDENTITY if name.startswith(("GIT_AUTHOR", "GIT_COMM"))}
    git(repo, "config", "user.useConfigOnly", "true")
    answer = codemod("run", plan, "--all", "--no-checks", cwd=repo, env=nobody)
    assert answer.code == 3 and "Traceback" not in answer.err
    rehearsal = codemod("rehearse", plan, "--no-checks", cwd=repo, env=nobody)
    assert rehearsal.code == 0, rehearsal.err


def test_rehearse(repo: Path, plan: Path) -> None:
    before = state_of(repo)
    answer = codemod("rehearse", plan, cwd=repo)
    assert answer.code == 0
    assert answer.out.splitlines()[1].startswith("status  passes")
    assert answer.out.endswith("2 phases: 2 would pass; 7 files, 2 moved, +3 -3 lines\n")
    assert answer.err.endswith("a rehearsal: your repository was not touched\n")
    assert state_of(repo) == before
    document = codemod("rehearse", plan, "--json", cwd=repo).json
    assert document["head"] == before[0] and document["exit"] == 0


def test_rehearse_a_folder_of_a_repository(tmp_path: Path) -> None:
    outer = repository(tmp_path / "outer", {f"fixtures/one/{name}": data for name, data in FILES.items()})
    plan = written(outer / "plans", PLAN.replace("name: demo\n", "name: demo\nrepository: ../fixtures/one\n"))
    assert codemod("rehearse", plan, cwd=tmp_path).code == 0
    assert codemod("check", plan, cwd=tmp_path).out.endswith("ok: 2 phases: 2 pending\n")
    assert codemod("inspect", "app", "--repo", outer / "fixtures/one", cwd=tmp_path).code == 0
    answer = codemod("run", plan, "--all", cwd=tmp_path)
    assert answer.code == 3 and answer.out == ""


def test_rehearse_tells_which_phases_would_pass(repo: Path, tmp_path: Path) -> None:
    plan = written(tmp_path, PLAN.replace("app.status_service:", "app.stats_service:"))
    answer = codemod("rehearse", plan, "--no-checks", cwd=repo)
    assert answer.code == 3
    assert [line.split()[:2] for line in answer.out.splitlines()[1:3]] == [["status", "refused"], ["users", "passes"]]


def test_undo(repo: Path, plan: Path) -> None:
    before = git(repo, "rev-parse", "HEAD^{tree}")
    codemod("run", plan, "--next", "--no-checks", cwd=repo)
    answer = codemod("undo", plan, "--phase", "status", cwd=repo)
    assert answer.code == 0 and answer.out.endswith("1 phase: 1 undone\n")
    assert git(repo, "rev-parse", "HEAD^{tree}") == before and git(repo, "status", "--porcelain") == ""
    again = codemod("undo", plan, "--phase", "status", cwd=repo)
    assert again.code == 3 and "status" in again.err
    unknown = codemod("undo", plan, "--phase", "stat", cwd=repo)
    assert unknown.code == 2 and "did you mean status" in unknown.err


def test_a_terminal_shows_colour_and_keeps_to_80_columns(repo: Path, plan: Path) -> None:
    answer = on_terminal("rehearse", plan, cwd=repo)
    assert answer.code == 0 and "\x1b[32mpasses" in answer.out
    plain = on_terminal("rehearse", plan, cwd=repo, env={"NO_COLOR": "1"}).out
    table = plain[plain.index("PHASE") :].splitlines()
    assert max(len(line.rstrip()) for line in table) <= 80
    dumb = on_terminal("rehearse", plan, cwd=repo, env={"TERM": "dumb"}).out
    assert "\x1b" not in dumb


def test_ctrl_c(repo: Path, tmp_path: Path) -> None:
    flag = tmp_path / "started"
    plan = written(tmp_path, CHECKED.replace("{}", f"'touch {flag}; sleep 60'"))
    before = state_of(repo)
    process = subprocess.Popen(
        [sys.executable, "-m", "codemod", "run", str(plan), "--all", "--json"],
        cwd=repo,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not flag.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"interrupted" in err and b"Traceback" not in err
    assert json.loads(out)["exit"] == 130
    assert state_of(repo) == before
    assert codemod("run", plan, "--all", "--no-checks", cwd=repo).code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whatever_interrupts_a_preview_leaves_nothing_behind(
    repo: Path, plan: Path, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "tmp").mkdir()
    program = (
        "import os, signal, sys, codemod.engine.session as session\n"
        "from codemod.cli.main import entry\n"
        "real = session.patch\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # whoever starts the tests may have it ignored, and Ctrl-C too
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"def hit(*given): os.kill(os.getpid(), {int(number)}); return real(*given)\n"
        "session.patch = hit\n"
        "entry()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "diff", str(plan)], cwd=repo, capture_output=True, text=True,
        env=environment({"TMPDIR": str(tmp_path / "tmp")}),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_reader_that_goes_away_does_not_stop_a_run(repo: Path, plan: Path) -> None:
    command = f"{sys.executable} -m codemod run {plan} --all --no-checks 2>&1 | head -c 1; echo exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=repo, env=environment(), capture_output=True, text=True)
    assert done.stdout.endswith("exit 0\n") and done.stderr == ""
    assert git(repo, "rev-list", "--count", "HEAD") == "3"


def test_a_branch_for_each_phase(repo: Path, plan: Path, tmp_path: Path) -> None:
    before, summary = state_of(repo)[:2], tmp_path / "summary.md"
    answer = codemod("run", plan, "--all", "--no-checks", "--branch-per-phase", "--pr-summary", summary, cwd=repo)
    assert answer.code == 0 and state_of(repo)[:2] == before
    first, second = (git(repo, "rev-parse", f"codemod/plan/{phase}") for phase in ("status", "users"))
    assert answer.out.splitlines()[4:7] == [
        "BRANCH               COMMIT      ON",
        f"codemod/plan/status  {first[:10]}  main",
        f"codemod/plan/users   {second[:10]}  codemod/plan/status",
    ]
    assert "Branch `codemod/plan/users`, on top of `codemod/plan/status`." in summary.read_text()
    again = codemod("run", plan, "--all", "--no-checks", "--branch-per-phase", "--json", cwd=repo).json
    assert [phase["state"] for phase in again["phases"]] == ["holds", "holds"]
    assert again["phases"][1]["branch"] == {
        "name": "codemod/plan/users",
        "commit": second,
        "base": "codemod/plan/status",
    }
    assert again["head"] == before[0]
    assert codemod("run", plan, "--all", "--no-checks", "--json", cwd=repo).json["phases"][0]["branch"] is None


def test_files_of_any_name_are_read_where_the_locale_knows_ascii_only(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    (repo / "app" / "größe.py").write_text("from app.user_service import USER\n", "utf-8")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "more")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert codemod("run", written(tmp_path), "--all", "-q", cwd=repo, env=ascii_only).code == 0
    assert "app.users.user_service" in (repo / "app" / "größe.py").read_text("utf-8")

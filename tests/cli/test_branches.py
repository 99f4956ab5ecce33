"""carry and forecast at the command line: what they say, and their exit codes."""

from __future__ import annotations

from pathlib import Path

from tests.cli.harness import codemod, git, on_a_branch, repository, written


def test_a_branch_is_carried_and_the_forecast_tells_so_before(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    plan = written(tmp_path)
    on_a_branch(repo, "open", {"new.py": "from app.user_service import USER\n"})
    told = codemod("forecast", plan, cwd=repo)
    assert told.code == 0 and told.out.splitlines() == [
        "BRANCH  COMMITS  TODAY  AFTER  CARRIED",
        "open          1      0      0        0",
        "",
        "1 branch: 0 would conflict with a plain merge, 0 when carried",
    ]
    assert codemod("run", plan, "--all", "-q", cwd=repo).code == 0
    done = codemod("carry", plan, "open", cwd=repo)
    assert done.code == 0 and done.out.splitlines() == [
        "open: carried across status, users",
        f"  1 commit to {git(repo, 'rev-parse', '--short=10', 'open').strip()}",
    ]
    assert git(repo, "show", "open:new.py").strip() == "from app.users.user_service import USER"
    assert codemod("carry", plan, "open", cwd=repo).out == "open: has everything already\n"


def test_a_conflict_is_an_answer_of_no_and_another_name_a_mismatch(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    plan = written(tmp_path)
    on_a_branch(repo, "open", {"main.py": "print('branch')\n"})
    (repo / "main.py").write_text("print('main')\n")
    git(repo, "commit", "-qam", "main")
    assert codemod("run", plan, "--all", "-q", cwd=repo).code == 0
    done = codemod("carry", plan, "open", cwd=repo)
    assert (done.code, done.out) == (1, "open: left as it was\n")
    assert done.err.startswith("main.py carry-conflict: main.py was changed on both sides before phase status")
    assert codemod("carry", plan, "open", "--json", cwd=repo).json["findings"][0]["code"] == "carry-conflict"
    other = codemod("carry", plan, "opens", cwd=repo)
    assert other.code == 3 and "did you mean open?" in other.err


def test_a_sweep_is_told_first_and_then_committed(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    plan = written(tmp_path)
    assert codemod("run", plan, "--all", "-q", cwd=repo).code == 0
    assert codemod("sweep", plan, "--check", cwd=repo).out == "nothing to sweep\n"
    (repo / "new.py").write_text("from app.user_service import USER\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "merged")
    told = codemod("sweep", plan, "--check", cwd=repo)
    assert told.code == 1 and told.out.startswith("new.py:1: app.user_service -> app.users.user_service")
    assert told.out.endswith("\n1 file to sweep\n")
    done = codemod("sweep", plan, cwd=repo)
    assert done.code == 0 and "swept" in done.out
    assert (repo / "new.py").read_text() == "from app.users.user_service import USER\n"
    assert codemod("sweep", plan, "--check", cwd=repo).code == 0


def test_every_document_says_which_plan_it_is_about(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    plan = written(tmp_path)
    on_a_branch(repo, "open", {"new.py": "from app.user_service import USER\n"})
    assert codemod("run", plan, "--all", "-q", cwd=repo).code == 0
    for command in (("forecast", plan), ("carry", plan, "open"), ("sweep", plan, "--check"), ("sweep", plan)):
        told = codemod(*command, "--json", cwd=repo).json
        assert told["plan"] == {"name": "demo", "path": "plan.yaml", "phases": ["status", "users"]}, command

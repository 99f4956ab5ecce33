"""Rehearsal: the whole plan on a copy, nothing of the user's touched, no identity needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemod.base.errors import RepositoryError
from codemod.engine.events import Request
from codemod.engine.session import Session
from tests.shell.gitrepo import FILES, MOVE, Repo, codes, plan_text

PLAN = plan_text(
    f"{{id: one, needs_ok: Backend, do: {MOVE}}}",
    "{id: two, do: [{move: {app.nothing: app.x}}]}",
    "{id: three, depends_on: [two], do: [{move: {app.order: app.z.order}}]}",
    "{id: four, do: [{move: {app.order: app.sales.order}}]}",
)


def test_every_phase_is_tried_and_nothing_is_touched(repo: Repo) -> None:
    repo.write({"main.py": "dirty\n"})
    state = repo.state()
    result = repo.session(PLAN).rehearse()
    assert [phase.state for phase in result.phases] == ["published", "refused", "skipped", "published"]
    assert result.exit_code == 3 and "needs-ok" in codes(result) and result.head == repo.head
    assert repo.state() == state and repo.leftovers() == []


def test_a_folder_below_a_top_level_is_a_repository_of_its_own(tmp_path: Path) -> None:
    files = {f"fixtures/demo/{path}": data for path, data in FILES.items()}
    repo = Repo.make(tmp_path / "repo", {**files, "user.py": "import app.user\n"})
    repo.write(
        {
            "plans/demo.yaml": plan_text(f"{{id: one, do: {MOVE}}}").replace(
                "name:", "repository: ../fixtures/demo\nname:"
            )
        }
    )
    session = Session.open(Request(repo.top / "plans/demo.yaml", checks=False))
    (outcome,) = session.preview()
    assert set(outcome.before) == set(FILES)
    assert session.net_patch([outcome]).startswith(b"diff --git a/app/")
    assert session.status()[0].state == "pending"
    state = repo.state()
    assert session.rehearse().exit_code == 0
    with pytest.raises(RepositoryError) as error:
        session.run(every=True)
    assert error.value.findings[0].code == "not-a-top-level" and repo.state() == state


def test_the_repository_is_where_one_stands(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.top / "app")
    session = Session.open(Request(repo.plan()))
    assert session.repository.folder == repo.top and "main.py" in session.preview()[0].before


def test_what_is_not_committed_is_not_rehearsed(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"x.txt": "x\n"})
    repo.write({"sub/app/__init__.py": ""})
    with pytest.raises(RepositoryError) as error:
        Session.open(Request(repo.plan(), repo.top / "sub")).preview()
    assert error.value.findings[0].code == "no-commit"


def test_hooks_and_signing_are_left_out_of_a_rehearsal(repo: Repo) -> None:
    repo.git("config", "commit.gpgSign", "true")
    hook = repo.top / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert repo.session().rehearse().exit_code == 0


def test_checks_run_on_the_copy(repo: Repo) -> None:
    good = plan_text(f"{{id: one, do: {MOVE}, checks: ['python main.py']}}")
    result = repo.session(good, checks=True).rehearse()
    assert [check.verdict for check in result.phases[0].checks] == ["passed", "passed"]
    bad = plan_text(f"{{id: one, do: {MOVE}, checks: ['test -e app/user.py']}}")
    result = repo.session(bad, checks=True).rehearse()
    assert result.exit_code == 1 and result.phases[0].state == "failed"


def test_a_shallow_clone_can_be_rehearsed(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"more.txt": "more\n"})
    repo.git("clone", "-q", "--depth=1", f"file://{repo.top}", str(tmp_path / "shallow"))
    assert Repo(tmp_path / "shallow").session().rehearse().exit_code == 0

"""Repositories of the unusual kinds: worked with where that is safe, refused by name where it is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from codemod.base.errors import RepositoryError
from codemod.engine.events import Request
from codemod.engine.session import Session
from tests.shell.gitrepo import FILES, MOVE, Repo, codes, plan_text


def test_a_split_index(repo: Repo) -> None:
    repo.git("update-index", "--split-index")
    repo.write({"staged.txt": "x\n"})
    repo.git("add", "staged.txt")
    assert repo.run().exit_code == 0 and repo.status == "A  staged.txt"


def test_an_index_with_intent_to_add(repo: Repo) -> None:
    repo.write({"soon.txt": "x\n"})
    repo.git("add", "-N", "soon.txt")
    before = repo.status
    assert repo.run().exit_code == 0 and repo.status == before


def test_the_reflog_tells_who_moved_the_branch(repo: Repo) -> None:
    repo.run()
    for ref in ("HEAD", "main"):
        assert repo.git("reflog", "-1", "--format=%gs", ref) == "codemod: phase one"


def test_a_sparse_checkout_is_refused_where_the_phase_reaches_out(repo: Repo) -> None:
    repo.commit({"docs/a.txt": "a\n"})
    repo.git("sparse-checkout", "set", "docs")
    result = repo.run()
    assert result.exit_code == 3 and "sparse-checkout" in codes(result)
    repo.git("sparse-checkout", "set", "app")
    assert repo.run().exit_code == 0


def test_a_partial_clone_fetches_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    place = tmp_path / "partial"
    repo.git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repo.top}", str(place))
    with pytest.raises(RepositoryError) as error:
        Repo(place).session().preview()
    assert error.value.findings[0].code == "object-missing"
    Repo(place).git("checkout", "-q", "main")
    assert Repo(place).run().exit_code == 0


def test_a_submodule_beside_is_left_alone(repo: Repo, tmp_path: Path) -> None:
    inner = Repo.make(tmp_path / "inner", {"x.py": "from app.user import NAME\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.top), "vendor")
    repo.commit({})
    assert repo.run().exit_code == 0 and repo.status == ""
    assert repo.git("ls-files", "-s", "vendor").startswith("160000")


def test_a_submodule_in_the_way_is_refused(repo: Repo, tmp_path: Path) -> None:
    inner = Repo.make(tmp_path / "inner", {"x.py": "X = 1\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.top), "app/accounts")
    repo.commit({})
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 3 and repo.state() == state, codes(result)


def test_paths_that_differ_in_case_alone(repo: Repo) -> None:
    repo.git("config", "core.ignoreCase", "true")
    repo.commit({"app/accounts/User.py": "X = 1\n"})
    result = repo.run()
    assert result.exit_code == 3 and "case-collision" in codes(result)
    repo.git("config", "core.ignoreCase", "false")
    assert repo.run().exit_code == 0


def test_a_rename_of_letters_case(repo: Repo) -> None:
    result = repo.run(plan_text("{id: one, do: [{move: {app.user: app.User}}]}"))
    assert result.exit_code == 0 and repo.status == "" and repo.has("app/User.py") and not repo.has("app/user.py")


def test_a_module_becomes_a_package_over_leftover_bytecode(repo: Repo) -> None:
    repo.write({"app/user/__pycache__/models.cpython-311.pyc": "", ".git/info/exclude": "__pycache__\n"})
    result = repo.run(plan_text("{id: one, do: [{move: {app.user: app.user.models}}]}"))
    assert result.exit_code == 0 and repo.status == "" and repo.has("app/user/models.py")


def test_filters_of_the_users_are_applied_on_disk_alone(repo: Repo) -> None:
    repo.git("config", "filter.upper.smudge", "tr a-z A-Z")
    repo.git("config", "filter.upper.clean", "tr A-Z a-z")
    repo.commit({".gitattributes": "*.txt filter=upper\n", "app/notes.txt": "LOUD\n"})
    repo.git("rm", "-q", "--cached", "-r", ".")
    repo.git("reset", "-q", "--hard")
    assert repo.read("app/notes.txt") == "LOUD\n" and repo.git("show", "HEAD:app/notes.txt") == "loud"
    result = repo.run(plan_text("{id: one, do: [{move: {app: lib}}]}"))
    assert result.exit_code == 0 and repo.status == "", codes(result)
    assert repo.read("lib/notes.txt") == "LOUD\n" and repo.git("show", "HEAD:lib/notes.txt") == "loud"


def test_a_repository_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("needs to give a folder away")
    repo = Repo.make(tmp_path / "repo")
    subprocess.run(["chown", "-R", "12345:12345", str(repo.top)], check=True)
    with pytest.raises(RepositoryError, match="dubious ownership"):
        repo.session()


def test_git_missing_is_said(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(RepositoryError) as error:
        repo.session()
    assert error.value.findings[0].code == "git-missing"


def test_two_repositories_of_one_plan(tmp_path: Path) -> None:
    """`--repo` wins over the plan's `repository`, which is relative to the plan file."""
    one, other = Repo.make(tmp_path / "one"), Repo.make(tmp_path / "other", FILES)
    text = plan_text(f"{{id: one, do: {MOVE}}}").replace("name:", "repository: other\nname:")
    assert one.session(text, repo=None).repository.top == other.top
    assert one.session(text).repository.top == one.top


def test_the_folder_one_stands_in_may_vanish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo.make(tmp_path / "repo", {"old/__init__.py": "", "old/a.py": "A = 1\n"})
    monkeypatch.chdir(repo.top / "old")
    assert repo.run(plan_text("{id: one, do: [{move: {old: new}}]}")).exit_code == 0
    assert repo.status == "" and not repo.has("old")


def test_the_folder_of_the_plan_may_vanish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = plan_text("{id: one, do: [{move: {old: new}}]}", "{id: two, do: [{move: {new.a: new.b.}}]}")
    repo = Repo.make(tmp_path / "repo", {"old/__init__.py": "", "old/a.py": "A = 1\n", "old/plan.yaml": text})
    monkeypatch.chdir(repo.top / "old")
    result = Session.open(Request(Path("plan.yaml"), checks=False)).run(every=True)
    assert result.exit_code == 0 and repo.status == "" and repo.has("new/b/a.py") and not repo.has("old")
    with pytest.raises(RepositoryError, match="not there any more"):
        Session.open(Request(repo.top / "new/plan.yaml", checks=False))


def test_configuration_from_the_environment_counts(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    values = {"user.name": "CI", "user.email": "ci@example.org"}
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(values)))
    for number, (name, value) in enumerate(values.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    assert repo.run().exit_code == 0 and repo.git("log", "-1", "--format=%an") == "CI"


@pytest.mark.parametrize("what", ["refs/heads/main", "refs/codemod/", "."])
def test_a_veto_of_the_reference_hook_leaves_everything_as_it_was(repo: Repo, what: str) -> None:
    hook = repo.top / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f'#!/bin/sh\n[ "$1" = prepared ] || exit 0\n! grep -q {what}\n')
    hook.chmod(0o755)
    state = repo.state()
    result = repo.run()
    assert (result.exit_code, codes(result)) == (1, ["hook-veto"]) and repo.state() == {
        **state,
        "refs": repo.git("for-each-ref"),
    }
    hook.unlink()
    assert repo.run().exit_code == 0 and repo.leftovers() == []


@pytest.mark.parametrize("name", ["a:b", "line\nbreak", "end\n", 'q"uo\\te', "form\x0cfeed"])
def test_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    repo = Repo.make(tmp_path / name / "below", FILES)
    assert b"rename to app/accounts/user.py" in repo.session().net_patch(repo.session().preview())
    assert repo.session().rehearse().exit_code == 0
    assert repo.run().exit_code == 0 and repo.status == "" and repo.has("app/accounts/user.py")


def test_a_configuration_that_git_cannot_read_is_told_as_such(repo: Repo) -> None:
    with (repo.top / ".git/config").open("a") as file:
        file.write("[broken\n")
    with pytest.raises(RepositoryError) as error:
        repo.session()
    (finding,) = error.value.findings
    assert finding.code == "git-failed" and "config" in finding.message and not finding.hint


def test_a_date_that_git_cannot_read_is_told_as_such(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "rubbish")
    with pytest.raises(RepositoryError, match="invalid date format: rubbish"):
        repo.run()

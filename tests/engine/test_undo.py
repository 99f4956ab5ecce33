"""Undo: the branch goes back where nothing came after; else a commit reverts the phase."""

from __future__ import annotations

from codemod.engine.events import RunResult
from tests.shell.gitrepo import MOVE, Repo, codes, plan_text

PLAN = plan_text(f"{{id: one, title: Move it, do: {MOVE}}}")
SHIMS = plan_text(f"{{id: one, shims: file, do: {MOVE}}}")


def undo(repo: Repo, text: str = PLAN) -> RunResult:
    return repo.session(text).undo("one")


def test_the_branch_goes_back_where_nothing_came_after(repo: Repo) -> None:
    repo.write({"notes.txt": "edited\n"})
    before = repo.state()
    repo.run(PLAN)
    result = undo(repo)
    assert result.exit_code == 0 and codes(result) == ["undone"]
    assert repo.state() == before and repo.leftovers() == [] and repo.head == result.head


def test_a_phase_of_two_commits_goes_back_as_a_whole(repo: Repo) -> None:
    before = repo.state()
    result = repo.run(SHIMS)
    if len(result.phases[0].commits) == 2:
        assert repo.trailers()["Codemod-Step"] == "2/2" and repo.trailers("HEAD^")["Codemod-Step"] == "1/2"
    assert undo(repo, SHIMS).exit_code == 0
    assert repo.state() == before


def test_later_work_is_kept_and_a_commit_reverts_the_phase(repo: Repo) -> None:
    tree = repo.git("ls-files", "-s", "main.py", "app")
    repo.run(PLAN)
    repo.commit({"later.txt": "later\n", "app/accounts/later.py": "L = 1\n"})
    later = repo.head
    result = undo(repo)
    assert result.exit_code == 0 and repo.status == ""
    assert repo.git("rev-parse", "HEAD^") == later and repo.read("later.txt") == "later\n"
    assert repo.trailers()["Codemod-Kind"] == "undo" and repo.has("app/user.py")
    assert repo.git("log", "-1", "--format=%s") == "Undo: Move it"
    assert repo.git("ls-files", "-s", "main.py", "app/user.py", "app/order.py", "app/__init__.py") in tree


def test_after_an_undo_the_phase_is_pending_and_can_be_run_again(repo: Repo) -> None:
    repo.run(PLAN)
    repo.commit({"later.txt": "later\n"})
    undo(repo)
    (status,) = repo.session(PLAN).status()
    assert (status.state, status.commit) == ("pending", "")
    assert repo.run(PLAN).phases[0].state == "published"
    assert repo.session(PLAN).status()[0].commit == repo.head


def test_what_a_remote_has_is_reverted_not_taken_off(repo: Repo) -> None:
    repo.run(PLAN)
    published = repo.head
    repo.git("update-ref", "refs/remotes/origin/main", published)
    assert undo(repo).exit_code == 0
    assert repo.git("rev-parse", "HEAD^") == published and repo.has("app/user.py")


def test_conflicts_leave_the_branch_untouched(repo: Repo) -> None:
    repo.run(PLAN)
    repo.commit({"main.py": "from app.accounts.user import NAME as N\nprint(N)\n"})
    state = repo.state()
    result = undo(repo)
    assert result.exit_code == 1 and codes(result) == ["undo-conflict"]
    assert "main.py" in result.phases[0].findings[0].message and repo.state() == state


def test_dirty_files_are_refused(repo: Repo) -> None:
    repo.run(PLAN)
    repo.write({"main.py": "mine\n"})
    state = repo.state()
    result = undo(repo)
    assert result.exit_code == 3 and codes(result) == ["dirty-file"] and repo.state() == state


def test_what_was_never_published_cannot_be_undone(repo: Repo) -> None:
    state = repo.state()
    assert codes(undo(repo)) == ["not-landed"]
    repo.run(PLAN)
    undo(repo)
    result = undo(repo)
    assert result.exit_code == 3 and codes(result) == ["not-landed"] and repo.state() == state


def test_what_uses_the_new_names_since_stands_against_an_undo(repo: Repo) -> None:
    repo.run(PLAN)
    repo.commit({"late.py": "from app.accounts.user import NAME\n"})
    state = repo.state()
    result = undo(repo)
    assert result.exit_code == 1 and codes(result) == ["link-broken"] and repo.state() == state
    repo.git("rm", "-q", "late.py")
    repo.git("commit", "-q", "-m", "gone")
    assert undo(repo).exit_code == 0

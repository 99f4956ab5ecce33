"""An open branch follows the phases: merged or made again, real conflicts told, and nothing else in the way."""

from __future__ import annotations

import pytest

from codemod.base.errors import Refused, RepositoryError
from codemod.engine.events import CarryResult
from tests.shell.gitrepo import MOVE, Repo, plan_text

PLAN = plan_text(f"{{id: one, title: Move it, do: {MOVE}}}")
TWO = plan_text(f"{{id: one, shims: file, do: {MOVE}}}", "{id: two, do: [{move: {app.order: app.shop.orders}}]}")


def branch(repo: Repo, files: dict[str, str], name: str = "feature", *, message: str = "on the branch") -> str:
    """Commit on a branch that starts at main's first commit, and come back to main."""
    known = repo.git("branch", "--list", name)
    repo.git("checkout", "-q", *(() if known else ("-b",)), name)
    commit = repo.commit(files, message)
    repo.git("checkout", "-q", "main")
    return commit


def carry(repo: Repo, text: str = PLAN, name: str = "feature", *, rebase: bool = False) -> CarryResult:
    before = repo.state()
    try:
        return repo.session(text).carry(name, rebase=rebase)
    finally:  # main, its index and its files are never touched
        after = repo.state()
        assert {**after, "refs": ""} == {**before, "refs": ""} and repo.leftovers() == []
        assert repo.git("fsck", "--no-dangling") == ""


def show(repo: Repo, path: str, name: str = "feature") -> str:
    return repo.git("show", f"{name}:{path}") + "\n"


def test_a_merge_brings_what_the_branch_did_to_its_new_place(repo: Repo) -> None:
    tip = branch(repo, {"app/user.py": "NAME = 'bea'\n", "new.py": "from app import user\n\nprint(user.NAME)\n"})
    repo.run(PLAN)
    done = carry(repo)
    assert (done.exit_code, done.phases, done.old) == (0, ("one",), tip)
    assert repo.git("log", "-1", "--format=%P", "feature").split() == [tip, repo.head]
    assert show(repo, "app/accounts/user.py") == "NAME = 'bea'\n"
    assert show(repo, "new.py") == "from app.accounts import user\n\nprint(user.NAME)\n"
    assert repo.trailers("feature")["Codemod-Kind"] == "carry"
    assert "app/user.py" not in repo.git("ls-tree", "-r", "--name-only", "feature")


def test_several_phases_with_work_of_the_main_line_before_between_and_after(repo: Repo) -> None:
    branch(repo, {"app/order.py": "from app.user import NAME\n\nORDER = NAME * 2\n"})
    repo.commit({"before.txt": "x\n", "app/user.py": "# who\nNAME = 'ann'\n"})
    repo.session(TWO).run(("one",))
    repo.commit({"between.py": "from app.accounts.user import NAME\n"})
    repo.session(TWO).run(("two",))
    repo.commit({"after.txt": "x\n"})
    done = carry(repo, TWO)
    assert done.exit_code == 0 and done.phases == ("one", "two")
    assert show(repo, "app/shop/orders.py") == "from app.accounts.user import NAME\n\nORDER = NAME * 2\n"
    assert repo.git("diff", "--name-only", "main", "feature") == "app/shop/orders.py"


def test_the_commits_again_on_top(repo: Repo) -> None:
    branch(repo, {"app/user.py": "NAME = 'bea'\n"}, message="one\n\nwhy")
    tip = branch(repo, {"new.py": "from app.user import NAME\n"}, message="two")
    repo.git("checkout", "-q", "feature")
    repo.git(
        "commit", "-q", "--amend", "--no-edit", "--author=Dee Dev <dee@example.org>", "--date=2020-01-02T03:04:05+0200"
    )
    repo.git("checkout", "-q", "main")
    repo.run(PLAN)
    done = carry(repo, rebase=True)
    assert done.exit_code == 0 and len(done.commits) == 2 and done.old != tip
    assert repo.git("log", "--format=%s", "main..feature").splitlines() == ["two", "one"]
    assert repo.git("rev-parse", "feature~2") == repo.head
    assert repo.git("show", "-s", "--format=%an %aI %cn", "feature") == "Dee Dev 2020-01-02T03:04:05+02:00 Cy Committer"
    assert repo.git("show", "-s", "--format=%b", "feature~1") == "why\n"
    assert repo.git("show", "--format=", "--name-only", "feature~1") == "app/accounts/user.py"
    assert show(repo, "new.py") == "from app.accounts.user import NAME\n"


def test_a_branch_with_merges_makes_no_series(repo: Repo) -> None:
    branch(repo, {"a.txt": "a\n"})
    branch(repo, {"b.txt": "b\n"}, "other")
    repo.git("checkout", "-q", "feature")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "other")
    repo.git("checkout", "-q", "main")
    repo.run(PLAN)
    with pytest.raises(RepositoryError) as error:
        carry(repo, rebase=True)
    assert error.value.findings[0].code == "carry-merges"
    assert carry(repo).exit_code == 0


def test_a_real_conflict_is_told_and_leaves_the_branch(repo: Repo) -> None:
    tip = branch(repo, {"app/user.py": "NAME = 'bea'\n"})
    repo.commit({"app/user.py": "NAME = 'cal'\n"})
    repo.run(PLAN)
    done = carry(repo)
    assert done.exit_code == 1 and [f.code for f in done.findings] == ["carry-conflict"]
    assert str(done.findings[0].place) == "app/user.py" and repo.git("rev-parse", "feature") == tip


@pytest.mark.parametrize("rebase", [False, True])
def test_a_target_that_the_branch_has_taken_is_told(repo: Repo, rebase: bool) -> None:
    tip = branch(repo, {"app/accounts/__init__.py": "", "app/accounts/user.py": "MINE = 1\n"})
    repo.run(PLAN)
    done = carry(repo, rebase=rebase)
    assert ([finding.code for finding in done.findings], done.exit_code) == (["target-taken"], 3)
    assert repo.git("rev-parse", "feature") == tip == done.new


@pytest.mark.parametrize("rebase", [False, True])
def test_a_veto_of_the_reference_hook_leaves_the_branch(repo: Repo, rebase: bool) -> None:
    tip = branch(repo, {"new.py": "from app import user\n"})
    repo.run(PLAN)
    hook = repo.top / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n[ "$1" = prepared ] || exit 0\necho not this one >&2\n! grep -q refs/heads/feature\n')
    hook.chmod(0o755)
    with pytest.raises(Refused, match="not this one") as caught:
        carry(repo, rebase=rebase)
    assert caught.value.findings[0].code == "hook-veto" and repo.git("rev-parse", "feature") == tip


@pytest.mark.parametrize("rebase", [False, True])
def test_commit_hooks_are_not_run(repo: Repo, rebase: bool) -> None:
    branch(repo, {"new.py": "from app import user\n"})
    repo.run(PLAN)
    for name in ("pre-commit", "pre-merge-commit", "commit-msg", "prepare-commit-msg", "post-commit", "post-rewrite"):
        hook = repo.top / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho ran >> hooks.log\nexit 1\n")
        hook.chmod(0o755)
    assert carry(repo, rebase=rebase).exit_code == 0 and not repo.has("hooks.log")


def test_what_the_branch_removed_or_renamed_is_left_out_of_the_phase(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    repo.git("rm", "-q", "app/order.py")
    repo.git("mv", "app/user.py", "app/person.py")
    repo.commit({"main.py": "from app.person import NAME\nprint(NAME)\n"}, "on the branch")
    repo.git("checkout", "-q", "main")
    repo.run(TWO)
    assert carry(repo, TWO).exit_code == 0
    files = repo.git("ls-tree", "-r", "--name-only", "feature").splitlines()
    assert "app/person.py" in files and not [path for path in files if "order" in path or "user" in path]


def test_what_a_hand_changed_in_the_phase_comes_along(repo: Repo) -> None:
    branch(repo, {"new.py": "from app.user import NAME\n"})
    repo.run(PLAN)
    repo.write({"main.py": "from app.accounts.user import NAME\nprint(NAME, 'by hand')\n"})
    repo.git("commit", "-q", "-a", "--amend", "--no-edit")
    assert carry(repo).exit_code == 0
    assert "by hand" in show(repo, "main.py") and show(repo, "new.py") == "from app.accounts.user import NAME\n"


def test_an_undone_phase_is_an_ordinary_change(repo: Repo) -> None:
    branch(repo, {"new.py": "from app.user import NAME\n"})
    repo.run(PLAN)
    repo.commit({"later.txt": "later\n"})
    repo.session(PLAN).undo("one")
    done = carry(repo)
    assert done.phases == () and done.exit_code == 0 and show(repo, "new.py") == "from app.user import NAME\n"


def test_a_phase_of_an_older_edition_is_found_in_the_plan_of_its_time(repo: Repo) -> None:
    plan = "plans/p.yaml"
    repo.commit({plan: PLAN})
    branch(repo, {"new.py": "from app.user import NAME\n"})

    def session() -> object:
        from codemod.engine.events import Request
        from codemod.engine.session import Session

        return Session.open(Request(repo.top / plan, repo=repo.top, checks=False))

    session().run(every=True)  # type: ignore[attr-defined]
    repo.commit({plan: PLAN.replace("Move it", "Moved it")})
    done = session().carry("feature")  # type: ignore[attr-defined]
    assert done.phases == ("one",) and show(repo, "new.py") == "from app.accounts.user import NAME\n"


def test_nothing_to_do_moves_no_ref(repo: Repo) -> None:
    branch(repo, {"new.py": "from app.user import NAME\n"})
    repo.run(PLAN)
    first = carry(repo)
    again = carry(repo)
    assert again.exit_code == 0 and again.commits == () and again.new == first.new


@pytest.mark.parametrize("name", ["featur", "main"])
def test_only_another_local_branch_can_be_carried(repo: Repo, name: str) -> None:
    branch(repo, {"new.py": ""})
    with pytest.raises(RepositoryError) as error:
        carry(repo, name=name)
    assert error.value.findings[0].code == "branch-unknown"
    assert name != "featur" or error.value.findings[0].hint == "did you mean feature?"


def test_a_branch_that_is_checked_out_elsewhere_is_refused(repo: Repo) -> None:
    branch(repo, {"new.py": ""})
    repo.git("worktree", "add", "-q", str(repo.top.parent / "other"), "feature")
    repo.run(PLAN)
    with pytest.raises(RepositoryError) as error:
        carry(repo)
    assert error.value.findings[0].code == "branch-elsewhere"


def test_the_forecast_before_and_after_and_nothing_is_written(repo: Repo) -> None:
    text = "".join(f"V{number} = {number}\n" for number in range(12))
    repo.commit({"app/user.py": f"NAME = 'ann'\n{text}"})
    branch(repo, {"app/user.py": f"NAME = 'bea'\n{text}"}, "edits")
    branch(repo, {"app/user.py": "NAME = 'cal'\n", "x.py": "from app.user import NAME\n"}, "rewrites")
    repo.git("branch", "idle")
    repo.commit({"app/user.py": f"NAME = 'dee'\n{text}"})
    count = repo.git("count-objects", "-v")
    for _ in range(2):
        found = {one.branch: one for one in repo.session(PLAN).forecast()}
        assert set(found) == {"edits", "rewrites"} and repo.git("count-objects", "-v") == count
        assert found["edits"].today == ("app/user.py",) == found["edits"].carried and found["edits"].commits == 1
        repo.run(PLAN)
        count = repo.git("count-objects", "-v")
    assert [one.branch for one in repo.session(PLAN).forecast(["edits"])] == ["edits"]


def test_a_phase_that_was_run_again_after_a_drift_is_followed_twice(repo: Repo) -> None:
    tip = branch(repo, {"app/user.py": "NAME = 'bea'\n", "new.py": "from app.user import NAME\n"})
    repo.run(PLAN)
    repo.commit({"drift.py": "from app.user import NAME\n"})
    assert [phase.state for phase in repo.run(PLAN).phases] == ["published"]
    done = carry(repo)
    assert (done.exit_code, done.phases, done.old) == (0, ("one", "one"), tip)
    assert show(repo, "app/accounts/user.py") == "NAME = 'bea'\n"
    assert show(repo, "drift.py") == show(repo, "new.py") == "from app.accounts.user import NAME\n"

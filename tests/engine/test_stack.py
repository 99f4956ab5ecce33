"""A branch for each phase: one on top of the other, by compare-and-swap; the user's branch and files stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codemod.base.errors import RepositoryError
from codemod.engine.events import RunResult
from codemod.engine.stack import stem
from tests.shell.gitrepo import Repo, codes, plan_text

ONE = "{id: one, title: Move the user, do: [{move: {app.user: app.accounts.user}}]}"
TWO = "{id: two, do: [{move: {app.order: app.sales.order}}]}"
THREE = "{id: three, shims: file, do: [{move: {app.accounts.user: app.people.user}}]}"
PLAN = plan_text(ONE, TWO, THREE)
NAMES = ["codemod/plan/one", "codemod/plan/two", "codemod/plan/three"]


def stacked(repo: Repo, text: str = PLAN, phases: tuple[str, ...] = (), **wanted: object) -> RunResult:
    next_only = bool(wanted.pop("next_only", False))
    return repo.session(text, **wanted).run(phases, every=not (phases or next_only), next_only=next_only, stacked=True)


def states(result: RunResult) -> list[str]:
    return [phase.state for phase in result.phases]


def tips(repo: Repo) -> dict[str, str]:
    lines = repo.git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/codemod/")
    return dict(line.split(" ") for line in lines.splitlines())


def mine(repo: Repo) -> dict[str, object]:
    """Everything but the branches of the stack."""
    state = repo.state()
    state["refs"] = [line for line in state["refs"].splitlines() if "refs/heads/codemod/" not in line]
    return state


def test_a_branch_for_each_phase_and_nothing_else_moves(repo: Repo) -> None:
    repo.write({"notes.txt": "edited\n", "app/loose.py": "from app.user import NAME\n"})
    before, head = mine(repo), repo.head
    result = stacked(repo)
    assert (result.exit_code, states(result), result.head) == (0, ["published"] * 3, head)
    assert mine(repo) == before and repo.leftovers() == []
    branches = [phase.branch for phase in result.phases]
    assert [one.name for one in branches if one] == NAMES
    assert [one.base for one in branches if one] == ["main", *NAMES[:2]]
    assert {one.name: one.commit for one in branches if one} == tips(repo)
    for branch, phase in zip(branches, result.phases, strict=True):
        assert branch is not None and branch.commit == phase.commits[-1].sha
    bases = [repo.git("rev-parse", f"{phase.commits[0].sha}^1") for phase in result.phases]
    assert bases == [head, *(phase.commits[-1].sha for phase in result.phases[:2])]
    assert repo.git("reflog", "-1", "--format=%gs", NAMES[0]) == "codemod: phase one"


@pytest.mark.parametrize("defaults", ["{}", "{history: two-commit}", "{history: waypoint}", "{budget: {files: 2}}"])
def test_its_end_is_that_of_a_plain_run(repo: Repo, tmp_path: Path, defaults: str) -> None:
    other = Repo.make(tmp_path / "other" / "repo")
    text = plan_text(ONE, TWO, THREE, defaults=defaults)
    assert other.run(text).exit_code == 0
    result = stacked(repo, text, checks=True)
    assert result.exit_code == 0
    assert repo.git("rev-parse", f"{NAMES[-1]}^{{tree}}") == other.git("rev-parse", "HEAD^{tree}")
    assert repo.git("rev-list", "--count", NAMES[-1]) == other.git("rev-list", "--count", "HEAD")


def test_a_second_run_moves_nothing(repo: Repo) -> None:
    stacked(repo)
    before = repo.state()
    again = stacked(repo)
    assert (again.exit_code, states(again)) == (0, ["holds"] * 3)
    assert [phase.branch.base for phase in again.phases if phase.branch] == ["main", *NAMES[:2]]
    assert repo.state() == before


def test_a_stack_grows_phase_by_phase(repo: Repo) -> None:
    assert states(stacked(repo, phases=("one",))) == ["published"]
    assert list(tips(repo)) == NAMES[:1]
    assert states(stacked(repo, next_only=True)) == ["holds", "published"]
    assert states(stacked(repo, phases=("three",))) == ["published"]
    assert repo.git("rev-list", "--count", "--first-parent", f"main..{NAMES[2]}") == "4"  # three has a shim's commit
    assert repo.git("merge-base", NAMES[1], NAMES[2]) == tips(repo)[NAMES[1]]


def test_what_a_reviewer_adds_is_stood_on(repo: Repo) -> None:
    stacked(repo, phases=("one",))
    repo.git("checkout", "-q", NAMES[0])
    extra = repo.commit({"extra.py": "from app.accounts.user import NAME\n"})
    repo.git("checkout", "-q", "main")
    result = stacked(repo)
    assert states(result) == ["holds", "published", "published"] and tips(repo)[NAMES[0]] == extra
    assert repo.git("merge-base", extra, NAMES[2]) == extra


def test_old_imports_that_came_into_a_branch_are_rewritten_on_it(repo: Repo) -> None:
    stacked(repo, phases=("one",))
    repo.git("checkout", "-q", NAMES[0])
    before = repo.commit({"extra.py": "from app.user import NAME\n"})
    assert codes(stacked(repo, phases=("one",))) == ["branch-elsewhere"]
    repo.git("checkout", "-q", "main")
    assert states(stacked(repo, phases=("one",))) == ["published"]
    assert repo.git("show", f"{NAMES[0]}:extra.py") == "from app.accounts.user import NAME"
    assert repo.git("rev-parse", f"{NAMES[0]}^") == before


def test_phases_that_were_merged_are_behind(repo: Repo) -> None:
    stacked(repo, phases=("one",))
    repo.git("merge", "-q", "--no-ff", "--no-edit", NAMES[0])
    repo.commit({"more.py": "MORE = 1\n"})
    result = stacked(repo)
    assert states(result) == ["holds", "published", "published"]
    assert [phase.branch.base if phase.branch else None for phase in result.phases] == [None, "main", NAMES[1]]


def test_from_a_branch_of_the_stack_the_rest_is_made(repo: Repo) -> None:
    stacked(repo, phases=("one", "two"))
    repo.git("checkout", "-q", NAMES[1])
    assert states(stacked(repo)) == ["holds", "holds", "published"]
    assert repo.git("rev-parse", f"{NAMES[2]}~2") == repo.head


def test_on_a_detached_head(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach")
    result = stacked(repo)
    assert result.exit_code == 0 and next(phase.branch.base for phase in result.phases if phase.branch) == ""


def test_in_the_middle_of_a_merge(repo: Repo) -> None:
    repo.git("checkout", "-qb", "side")
    repo.commit({"notes.txt": "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"notes.txt": "ours\n"})
    subprocess.run(["git", "merge", "-q", "side"], cwd=repo.top, check=False, capture_output=True)
    assert (repo.top / ".git/MERGE_HEAD").exists()
    assert stacked(repo).exit_code == 0 and repo.read("notes.txt").startswith("<<<<<<<")


def other_at(repo: Repo, name: str, where: str = "HEAD") -> None:
    repo.git("branch", name, where)


@pytest.mark.parametrize("name", [*NAMES[:1], "codemod", "codemod/plan", "codemod/plan/one/more"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_branch_that_is_somebody_elses_is_refused(repo: Repo, name: str, packed: bool) -> None:
    other_at(repo, name)
    if packed:
        repo.git("pack-refs", "--all")
    before = repo.state()
    result = stacked(repo)
    assert (result.exit_code, codes(result), states(result)) == (3, ["branch-taken"], ["refused"])
    assert repo.state() == before


def test_what_comes_before_a_refused_branch_stays(repo: Repo) -> None:
    other_at(repo, NAMES[1])
    result = stacked(repo)
    assert result.exit_code == 3 and states(result) == ["published", "refused"]
    assert tips(repo)[NAMES[1]] == repo.head


def test_a_branch_of_another_edition_or_on_another_base_is_refused(repo: Repo) -> None:
    stacked(repo)
    assert codes(stacked(repo, plan_text(ONE.replace("accounts", "persons"), TWO))) == ["branch-taken"]
    repo.commit({"more.py": "from app.user import NAME\n"})
    before = repo.state()
    assert codes(stacked(repo)) == ["branch-taken"] and repo.state() == before
    for name in NAMES:
        repo.git("branch", "-D", name)
    assert stacked(repo).exit_code == 0


@pytest.mark.parametrize("orphan", [False, True])
def test_a_branch_that_is_checked_out_is_not_moved(repo: Repo, tmp_path: Path, orphan: bool) -> None:
    place = tmp_path / "linked"
    repo.git("worktree", "add", "-q", "--detach", str(place))
    linked = Repo(place)
    if orphan:
        linked.git("checkout", "-q", "--orphan", NAMES[0])
    else:
        stacked(repo, phases=("one",))
        linked.git("checkout", "-q", NAMES[0])
        linked.commit({"extra.py": "from app.user import NAME\n"})
    before, status = repo.state(), linked.status
    result = stacked(repo)
    assert (result.exit_code, codes(result)) == (3, ["branch-elsewhere"])
    assert repo.state() == before and linked.status == status


def test_in_a_linked_work_tree_of_the_same_branch(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "--force", str(tmp_path / "linked"), "main")
    linked = Repo(tmp_path / "linked")
    assert stacked(linked, checks=True).exit_code == 0 and list(tips(repo)) == sorted(NAMES)
    assert linked.status == repo.status == ""


def test_a_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"more.py": "MORE = 1\n"})
    repo.git("clone", "-q", "--depth=1", f"file://{repo.top}", str(tmp_path / "shallow"))
    assert stacked(Repo(tmp_path / "shallow")).exit_code == 0


def test_a_veto_of_the_reference_hook(repo: Repo) -> None:
    hook = repo.top / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n[ "$1" = prepared ] || exit 0\n! grep -q refs/heads/codemod/plan/two\n')
    hook.chmod(0o755)
    result = stacked(repo)
    assert (result.exit_code, states(result), codes(result)) == (1, ["published", "failed"], ["hook-veto"])
    assert list(tips(repo)) == NAMES[:1] and repo.leftovers() == []


def test_a_failing_check_leaves_the_branches_below(repo: Repo) -> None:
    text = plan_text(ONE, TWO.replace("do:", "checks: [test -e app/order.py], do:"))
    result = stacked(repo, text, checks=True)
    assert (result.exit_code, states(result)) == (1, ["published", "failed"]) and list(tips(repo)) == NAMES[:1]


def test_dependencies_are_met_by_the_branches_below(repo: Repo) -> None:
    text = plan_text(ONE, TWO.replace("do:", "depends_on: [one], do:"))
    refused = stacked(repo, text, ("two",))
    assert codes(refused) == ["depends-on"] and tips(repo) == {}
    assert stacked(repo, text, ("one",)).exit_code == 0 and stacked(repo, text, ("two",)).exit_code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_git_directory_that_cannot_be_written(repo: Repo) -> None:
    (repo.top / ".git").chmod(0o555)
    try:
        with pytest.raises(RepositoryError, match="cannot be written"):
            stacked(repo)
    finally:
        (repo.top / ".git").chmod(0o755)


CHILD = """
import os, signal, sys
from pathlib import Path
from codemod.engine import stack
from codemod.engine.events import Request
from codemod.engine.session import Session
real, left = stack.move_branch, [2]

def dying(*args):
    left[0] -= 1
    if not left[0] and sys.argv[3] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    real(*args)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

stack.move_branch = dying
Session.open(Request(Path(sys.argv[1]), Path(sys.argv[2]), checks=False)).run(every=True, stacked=True)
"""


@pytest.mark.parametrize(("when", "count"), [("before", 1), ("after", 2)])
def test_killed_in_between(repo: Repo, when: str, count: int) -> None:
    before = mine(repo)
    plan = repo.plan(PLAN)
    done = subprocess.run([sys.executable, "-c", CHILD, str(plan), str(repo.top), when], check=False)
    assert done.returncode == -signal.SIGKILL and len(tips(repo)) == count
    assert states(stacked(repo)) == ["holds"] * count + ["published"] * (3 - count)
    assert mine(repo) == before and repo.leftovers() == []
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("plans/services.yaml", "services"), ("a b..c.yml", "a-b-c"), ("x.lock.yaml", "x.lock-"), (".yaml", "yaml"),
        ("ü.yaml", "plan"), ("-x.yaml", "x"), ("a@{b}~^:?*[.yaml", "a-b"),
    ],
)  # fmt: skip
def test_the_name_of_a_plan_becomes_a_part_of_a_ref(repo: Repo, path: str, name: str) -> None:
    assert stem(path) == name
    repo.git("check-ref-format", f"refs/heads/codemod/{name}/one")

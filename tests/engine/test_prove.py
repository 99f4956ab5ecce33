"""Commits that a plan makes are proven by making them again; what a hand or a hook changed is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemod.base.errors import RepositoryError
from codemod.engine.events import Request
from codemod.engine.prove import Proven, Wanted, prove
from codemod.engine.session import Session
from tests.engine.test_budget import files
from tests.engine.test_budget import plan as budget_plan
from tests.engine.test_history_modes import FILES, MERGE, SPLIT, SWAP
from tests.shell.gitrepo import MOVE, Repo, plan_text

TWO = plan_text(
    f"{{id: one, title: Move the user, shims: file, do: {MOVE}}}",
    f"{{id: two, title: Split, do: {SPLIT}}}",
)


def started(place: Path, text: str = TWO, content: dict[str, str] = FILES) -> Repo:
    """A repository that holds its plan, with all phases published."""
    repo = Repo.make(place / "repo", {**content, "plan.yaml": text})
    run = Session.open(Request(repo.top / "plan.yaml", repo.top, checks=False)).run(every=True)
    assert run.exit_code == 0
    return repo


def proven(repo: Repo, revision: str = "HEAD", plan: Path | None = None) -> tuple[Proven, ...]:
    before = repo.state()
    found = prove(Wanted(revision, plan), repo.top)
    assert repo.state() == before and repo.leftovers() == []
    return found


def test_every_commit_of_a_run_is_proven(tmp_path: Path) -> None:
    repo = started(tmp_path)
    found = proven(repo, "HEAD~3..HEAD")
    assert [(one.phase, one.step, one.kind, one.state) for one in found] == [
        ("one", "1/2", "move", "proven"), ("one", "2/2", "shim", "proven"), ("two", "1/1", "move", "proven"),
    ]  # fmt: skip
    assert [one.state for one in proven(repo, "HEAD~1")] == ["proven"]


def test_every_step_of_a_divided_phase_is_proven(tmp_path: Path) -> None:
    repo = started(tmp_path, budget_plan(), files())
    count = len(repo.git("rev-list", "--first-parent", "HEAD").split()) - 1
    assert count >= 5
    found = proven(repo, f"HEAD~{count}..HEAD")
    assert {one.state for one in found} == {"proven"} and len(found) == count


@pytest.mark.parametrize("history", ["auto", "waypoint", "two-commit", "squash-safe"])
@pytest.mark.parametrize("do", [MOVE, SWAP, MERGE])
def test_every_history_mode_is_proven(tmp_path: Path, do: str, history: str) -> None:
    text = plan_text(f"{{id: one, history: {history}, shims: file, do: {do}}}")
    repo = started(tmp_path, text)
    count = int(repo.git("rev-list", "--first-parent", "--count", "HEAD")) - 1
    assert {one.state for one in proven(repo, f"HEAD~{count}..HEAD")} == {"proven"}


def test_a_hand_is_named_file_by_file(tmp_path: Path) -> None:
    repo = started(tmp_path)
    repo.write({"main.py": repo.read("main.py") + "# mine\n", "extra.txt": "mine\n"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "--amend", "--no-edit")
    (one,) = proven(repo)
    assert (one.state, one.files) == ("differs", ("extra.txt", "main.py"))


def test_a_file_that_was_left_out_is_named(tmp_path: Path) -> None:
    repo = started(tmp_path)
    repo.git("checkout", "-q", "HEAD~1", "--", "main.py")
    repo.git("commit", "-q", "--amend", "--no-edit")
    (one,) = proven(repo)
    assert (one.state, one.files) == ("differs", ("main.py",))


def test_an_edit_in_one_step_is_not_the_next_ones(tmp_path: Path) -> None:
    repo = started(tmp_path)
    repo.git("checkout", "-q", "-b", "other", "HEAD~2")
    repo.write({"notes.txt": "mine\n"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "--amend", "--no-edit")
    repo.git("cherry-pick", repo.git("rev-parse", "main~1"))
    one, two = proven(repo, "HEAD~2..HEAD")
    assert (one.state, one.files, two.state) == ("differs", ("notes.txt",), "proven")


def test_a_commit_by_hand_in_between_counts_for_nothing(tmp_path: Path) -> None:
    repo = started(tmp_path)
    repo.commit({"new.txt": "x\n"})
    assert [one.state for one in proven(repo, "HEAD~2..HEAD")] == ["proven", "by-hand"]
    with pytest.raises(RepositoryError, match="no commit there is one that a phase makes"):
        proven(repo)


def test_the_date_of_a_tracker_line_is_the_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TWO.replace("name: demo", "name: demo\ntracker: TRACKER.md")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2021-03-04T23:30:00 -0800")
    repo = started(tmp_path, text, {**FILES, "TRACKER.md": "# Tracker\n\n## Phase one\n\n- [ ] one\n"})
    monkeypatch.delenv("GIT_AUTHOR_DATE")
    assert "2021-03-04" in repo.read("TRACKER.md")
    assert {one.state for one in proven(repo, "HEAD~3..HEAD")} == {"proven"}


def test_a_plan_from_outside(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", FILES)
    repo.run(TWO)
    with pytest.raises(RepositoryError, match="not in the tree"):
        proven(repo)
    assert [one.state for one in proven(repo, plan=repo.plan(TWO))] == ["proven"]
    (one,) = proven(repo, plan=repo.plan(TWO.replace("app.models.low: [C0, C1, C2]", "app.models.low: [C0, C1]")))
    assert one.state == "differs" and "says something else" in one.why


def test_what_a_hook_edited_is_told(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {**FILES, "plan.yaml": plan_text(f"{{id: one, do: {MOVE}}}")})
    hook = repo.top / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho '# by the hook' >> main.py && git add main.py\n")
    hook.chmod(0o755)
    Session.open(Request(repo.top / "plan.yaml", repo.top, checks=False)).run(every=True)
    (one,) = proven(repo)
    assert (one.state, one.why, one.files) == ("differs", "a hook has edited it", ("main.py",))


@pytest.mark.parametrize("revision", ["nowhere", "--all", "-p", "HEAD..nowhere", "HEAD..HEAD", "", "..."])
def test_what_is_no_commit(tmp_path: Path, revision: str) -> None:
    repo = Repo.make(tmp_path / "repo", FILES)
    with pytest.raises(RepositoryError):
        proven(repo, revision)


def test_a_commit_beside_the_line_is_a_part_of_its_merge(tmp_path: Path) -> None:
    repo = started(tmp_path)
    with pytest.raises(RepositoryError, match="no commit there"):
        proven(repo, "HEAD^2")


def squash(repo: Repo, count: int, more: str = "") -> None:
    """Make one commit of the last ones, their messages kept as hosts do."""
    said = repo.git("log", "--first-parent", "--reverse", "--format=* %B", f"HEAD~{count}..HEAD")
    repo.git("reset", "-q", "--soft", f"HEAD~{count}")
    repo.git("commit", "-q", "-m", f"Bring it (#12)\n\n{said}\n{more}")


def test_a_phase_that_was_squashed_is_proven_as_a_whole(tmp_path: Path) -> None:
    repo = started(tmp_path, budget_plan(), files())
    squash(repo, len(repo.git("rev-list", "--first-parent", "HEAD").split()) - 1, "Co-authored-by: D <d@e.org>")
    (one,) = proven(repo)
    assert (one.state, one.phase) == ("proven", "one")
    repo.write({"mine.txt": "mine\n"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "--amend", "--no-edit")
    (one,) = proven(repo)
    assert (one.state, one.files) == ("differs", ("mine.txt",))


@pytest.mark.parametrize("history", ["auto", "squash-safe"])
def test_a_plan_that_was_squashed_is_proven_as_a_whole(tmp_path: Path, history: str) -> None:
    repo = started(tmp_path, TWO.replace("id: one,", f"id: one, history: {history},"))
    squash(repo, 3)
    assert [one.state for one in proven(repo)] == ["proven"]


def test_a_phase_of_which_a_part_was_squashed_is_not(tmp_path: Path) -> None:
    repo = started(tmp_path)
    squash(repo, 3)
    repo.git("commit", "-q", "--amend", "-m", repo.git("log", "-1", "--format=%B").replace("Step: 2/2", "Step: 2/3"))
    (one,) = proven(repo)
    assert one.state == "differs" and "not all of them" in one.why


def test_phases_with_their_shims_apart_are_proven_one_by_one(tmp_path: Path) -> None:
    repo = started(tmp_path, TWO.replace("id: one,", "id: one, history: squash-safe,"))
    assert [(one.phase, one.step, one.state) for one in proven(repo, "HEAD~3..HEAD")] == [
        ("one", "1/1", "proven"), ("one-shims", "1/1", "proven"), ("two", "1/1", "proven"),
    ]  # fmt: skip

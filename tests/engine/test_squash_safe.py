"""`history: squash-safe`: shims are a phase of their own, and each phase may be squashed into one commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemod.base.errors import PlanError, RepositoryError
from codemod.engine.session import Session
from tests.engine.test_history_modes import CHAIN, FILES, INTO_ITSELF, MERGE, NAME, SPLIT, SWAP, share
from tests.shell.gitrepo import MOVE, Repo, codes, plan_text

PACKAGE = "[{move: {app: application}}]"
SQUASHED = "Bring it (#12)\n\n{}\n\nCo-authored-by: Dee Dev <dee@example.org>\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo", FILES)


def text_of(do: str = MOVE, *more: str, history: str = "squash-safe", shims: str = "file", keys: str = "") -> str:
    return plan_text(f"{{id: one, title: The phase, history: {history}, shims: {shims}, {keys} do: {do}}}", *more)


def states(repo: Repo, text: str, **wanted: object) -> dict[str, str]:
    return {one.id: one.state for one in repo.session(text, **wanted).status()}


def squashed(repo: Repo, text: str, phase: str, said: str | None = None) -> str:
    """Publish a phase on a branch and merge it as hosts do with `squash`; its id."""
    repo.git("checkout", "-q", "-b", f"request-{phase}")
    assert repo.session(text).run([phase]).exit_code == 0
    told = repo.git("log", "--reverse", "--first-parent", "--format=* %B", f"main..request-{phase}")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--squash", f"request-{phase}")
    repo.git("commit", "-q", "-m", SQUASHED.format(told) if said is None else said)
    return repo.head


def test_the_plan_has_a_phase_more(repo: Repo) -> None:
    plan = repo.session(text_of(MOVE, "{id: two, depends_on: [one], do: [{barrel: [app]}]}")).plan
    assert [phase.id for phase in plan.phases] == ["one", "one-shims", "two"]
    assert plan.phases[1].title == "The phase: shims for the old paths" and plan.phases[1].depends_on == ("one",)
    assert plan.phases[2].depends_on == ("one", "one-shims")
    assert len({phase.digest for phase in plan.phases}) == 3


@pytest.mark.parametrize(
    ("history", "shims", "do"),
    [
        ("squash-safe", "none", MOVE),
        ("squash-safe", "redirect", MOVE),
        ("squash-safe", "file", "[{barrel: [app]}]"),
        ("auto", "file", MOVE),
    ],
)
def test_what_leaves_nothing_at_an_old_path_stays_one_phase(repo: Repo, history: str, shims: str, do: str) -> None:
    assert [phase.id for phase in repo.session(text_of(do, history=history, shims=shims)).plan.phases] == ["one"]


def test_the_id_may_not_be_taken(repo: Repo) -> None:
    with pytest.raises(PlanError, match="one-shims"):
        repo.session(text_of(MOVE, "{id: One-Shims, do: [{barrel: [app]}]}"))


@pytest.mark.parametrize("do", [MOVE, PACKAGE, CHAIN, INTO_ITSELF, SWAP, SPLIT, MERGE, NAME])
def test_the_end_is_that_of_auto(tmp_path: Path, do: str) -> None:
    trees = []
    for history in ("auto", "squash-safe"):
        repo = Repo.make(tmp_path / history / "repo", FILES)
        session = repo.session(text_of(do, history=history))
        patch = session.net_patch(session.preview())
        assert repo.run(text_of(do, history=history)).exit_code == 0
        trees.append(repo.git("rev-parse", "HEAD^{tree}"))
        repo.git("checkout", "-q", "--detach", repo.git("rev-list", "--max-parents=0", "HEAD"))
        repo.git("apply", "--index", stdin=patch)
        trees.append(repo.git("write-tree"))
        repo.git("checkout", "-q", "-f", "main")
        assert {result.state for result in repo.run(text_of(do, history=history)).phases} == {"holds"}
        assert set(states(repo, text_of(do, history=history)).values()) == {"done"}
    assert len(set(trees)) == 1


@pytest.mark.parametrize("do", [MOVE, PACKAGE])
def test_squashed_phases_keep_the_moved_lines(repo: Repo, do: str) -> None:
    base, text = repo.head, text_of(do)
    moves = repo.session(text).preview()[0].moves
    commits = [squashed(repo, text, "one"), squashed(repo, text, "one-shims")]
    assert [repo.git("show", "-s", "--format=%P", one).split() for one in commits] == [[base], commits[:1]]
    for old, new in moves.items():
        if old in FILES and FILES[old] and old not in moves.values():
            assert share(repo, base, old, new) == 1
            assert base in repo.git("log", "--follow", "--format=%H", "--", new).split()
    assert do != MOVE or repo.has("app/user.py")
    assert states(repo, text) == {"one": "done", "one-shims": "done"}
    assert {result.state for result in repo.run(text).phases} == {"holds"}


def test_squashed_in_one_the_lines_are_lost_and_that_is_why(repo: Repo) -> None:
    base = repo.head
    squashed(repo, text_of(history="auto"), "one")
    assert share(repo, base, "app/user.py", "app/accounts/user.py") == 0


def test_one_phase_after_the_other(repo: Repo) -> None:
    text = text_of(MOVE, "{id: two, do: [{barrel: [app.accounts]}]}")
    assert states(repo, text) == {"one": "pending", "one-shims": "pending", "two": "pending"}
    assert codes(repo.session(text).run(["one-shims"])) == ["depends-on"]
    for left in (["one-shims", "two"], ["two"], []):
        assert repo.session(text).run(every=True, next_only=True).exit_code == 0
        assert [name for name, state in states(repo, text).items() if state == "pending"] == left
    assert repo.trailers("HEAD~1")["Codemod-Phase"] == "one-shims"
    assert repo.trailers("HEAD~1")["Codemod-Kind"] == "shim"


def test_shims_alone_cannot_be_shown_before_the_phase(repo: Repo) -> None:
    (outcome,) = repo.session(text_of()).preview(["one-shims"])
    assert outcome.exit_code == 3 and [finding.code for finding in outcome.findings] == ["depends-on"]


def test_shims_that_come_late_lead_to_where_things_are_now(repo: Repo) -> None:
    text = text_of(MOVE, "{id: two, do: [{move: {app.accounts.user: app.people.user}}]}")
    assert repo.session(text).run(["one"]).exit_code == 0
    assert repo.session(text).run(["two"]).exit_code == 0
    assert states(repo, text) == {"one": "done", "one-shims": "pending", "two": "done"}
    assert repo.session(text).run(["one-shims"]).exit_code == 0
    assert "app.people.user" in repo.read("app/user.py")
    assert set(states(repo, text).values()) == {"done"}


def test_shims_that_are_taken_away_do_not_come_back(repo: Repo) -> None:
    text = text_of(MOVE, "{id: end, do: [{unshim: all}]}")
    assert repo.run(text).exit_code == 0 and not repo.has("app/user.py")
    assert set(states(repo, text).values()) == {"done"}
    head = repo.head
    assert repo.run(text).exit_code == 0 and repo.head == head


def test_shims_whose_commit_lost_its_trailers_do_not_come_back_once_taken_away(repo: Repo) -> None:
    text = text_of(MOVE, "{id: end, do: [{unshim: all}]}")
    squashed(repo, text, "one")
    squashed(repo, text, "one-shims", "Shims")
    assert states(repo, text)["one-shims"] == "done"  # they stand
    squashed(repo, text, "end")
    assert set(states(repo, text).values()) == {"done"}
    head = repo.head
    assert repo.run(text).exit_code == 0 and repo.head == head


def test_a_phase_whose_trailers_are_lost_is_asked_about(repo: Repo) -> None:
    text = text_of()
    squashed(repo, text, "one", "Move the user")
    assert states(repo, text) == {"one": "done", "one-shims": "unknown"}
    result = repo.run(text)
    assert result.exit_code == 3 and codes(result) == ["state-unknown"]
    assert repo.run(text, assume="done").exit_code == 0
    assert repo.run(text, assume="pending").exit_code == 3  # nothing tells what they would be for


def test_no_history_but_shims_that_stand(repo: Repo) -> None:
    assert repo.run(text_of()).exit_code == 0
    repo.git("checkout", "-q", "--orphan", "fresh")
    repo.git("commit", "-q", "-m", "all at once")
    assert states(repo, text_of()) == {"one": "done", "one-shims": "done"}


def test_old_imports_that_come_back_do_not_bring_new_shims(repo: Repo) -> None:
    text = text_of()
    assert repo.run(text).exit_code == 0
    repo.commit({"late.py": "from app.user import A1\n"})
    assert states(repo, text) == {"one": "drifted", "one-shims": "done"}
    assert repo.run(text).exit_code == 0
    (repo.top / "app/user.py").unlink()
    repo.commit({})
    assert states(repo, text) == {"one": "done", "one-shims": "done"}


def test_what_drifted_before_the_shims_leaves_all_of_them(repo: Repo) -> None:
    text = text_of()
    assert repo.session(text).run(["one"]).exit_code == 0
    repo.commit({"late.py": "from app.user import A1\n"})
    assert states(repo, text) == {"one": "drifted", "one-shims": "pending"}
    assert repo.run(text).exit_code == 0 and repo.has("app/user.py")
    assert repo.read("late.py") == "from app.accounts.user import A1\n"


@pytest.mark.parametrize("later", [False, True])
def test_each_is_undone_by_itself(repo: Repo, later: bool) -> None:
    text, base = text_of(), repo.git("rev-parse", "HEAD^{tree}")
    assert repo.run(text).exit_code == 0
    if later:
        repo.commit({"later.txt": "x\n"})
    refused = repo.session(text).undo("one")
    assert refused.exit_code == 1 and codes(refused) == ["undo-conflict"]
    assert "one-shims" in refused.phases[0].findings[0].message
    assert repo.session(text).undo("one-shims").exit_code == 0 and not repo.has("app/user.py")
    assert states(repo, text) == {"one": "done", "one-shims": "pending"}
    assert repo.session(text).undo("one").exit_code == 0
    if later:
        repo.git("rm", "-q", "later.txt")
        repo.commit({})
    assert repo.git("rev-parse", "HEAD^{tree}") == base
    assert repo.run(text).exit_code == 0 and set(states(repo, text).values()) == {"done"}


def test_a_branch_is_carried_across_both(repo: Repo) -> None:
    text = text_of()
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({"app/order.py": FILES["app/order.py"] + "# mine\n", "new.py": "from app.user import A1\n"})
    repo.git("checkout", "-q", "main")
    squashed(repo, text, "one")
    squashed(repo, text, "one-shims")
    done = repo.session(text).carry("feature")
    assert done.exit_code == 0 and done.phases == ("one", "one-shims")
    assert repo.git("show", "feature:new.py") == "from app.accounts.user import A1"
    assert repo.git("show", "feature:app/user.py") == repo.git("show", "main:app/user.py")


def test_a_branch_that_removed_a_source_gets_no_shim_for_it(repo: Repo) -> None:
    text = text_of("[{move: {app.user: app.accounts.user, app.models: app.accounts.models}}]")
    repo.git("checkout", "-q", "-b", "feature")
    (repo.top / "app/models.py").unlink()
    repo.commit({"main.py": "from app.user import A1\n\nprint(A1)\n"})
    repo.git("checkout", "-q", "main")
    assert repo.run(text).exit_code == 0
    done = repo.session(text).carry("feature")
    assert done.exit_code == 0, done
    listed = repo.git("ls-tree", "-r", "--name-only", "feature").split()
    assert "app/models.py" not in listed and "app/accounts/models.py" not in listed and "app/user.py" in listed


def test_both_squashed_into_one_are_told_apart(repo: Repo) -> None:
    text = text_of()
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({"new.py": "from app.user import A1\n"})
    repo.git("checkout", "-q", "main")
    base = repo.head
    assert repo.run(text).exit_code == 0
    said = repo.git("log", "--reverse", "--format=* %B", f"{base}..HEAD")
    repo.git("reset", "-q", "--soft", base)
    repo.git("commit", "-q", "-m", SQUASHED.format(said))
    assert states(repo, text) == {"one": "done", "one-shims": "done"}
    assert repo.session(text).carry("feature").phases == ("one", "one-shims")
    assert repo.git("show", "feature:new.py") == "from app.accounts.user import A1"
    assert repo.session(text).sweep().exit_code == 0


def test_a_budget_divides_the_phase_and_not_its_shims(repo: Repo) -> None:
    callers = {f"jobs/m{n}.py": "from app.user import A1, A2\n\nprint(A1, A2)\n" for n in range(8)}
    repo.commit(callers)
    base, text = repo.git("rev-parse", "HEAD~1"), text_of(keys="budget: {files: 4},")
    squashed(repo, text, "one")
    squashed(repo, text, "one-shims")
    assert share(repo, base, "app/user.py", "app/accounts/user.py") == 1
    assert states(repo, text) == {"one": "done", "one-shims": "done"}


def test_approval_is_asked_for_once(repo: Repo) -> None:
    text = text_of(keys="needs_ok: Platform,")
    assert repo.run(text).exit_code == 1
    assert repo.run(text, ok=frozenset({"one"})).exit_code == 0 and repo.has("app/user.py")


def test_a_tracker_has_one_line_for_both(tmp_path: Path) -> None:
    content = {**FILES, "TRACKER.md": "# Tracker\n\n## Phase 2\n\n- [ ] 2.1 Move\n"}
    trees = set()
    for history in ("auto", "squash-safe"):
        repo = Repo.make(tmp_path / history / "repo", content)
        text = (
            text_of(history=history)
            .replace("id: one", "id: 2-move")
            .replace("name: demo", "name: demo\ntracker: TRACKER.md")
        )
        assert repo.run(text).exit_code == 0
        trees.add(repo.git("rev-parse", "HEAD^{tree}"))
        assert "- [x] 2.1" in repo.read("TRACKER.md") and repo.read("TRACKER.md").count("done -->") == 1
    assert len(trees) == 1


def test_a_top_level_module_that_a_pin_keeps(tmp_path: Path) -> None:
    content = {"tasks.py": "import pickle\n\n\nclass Job:\n    pass\n\n\ndef dump():\n    return pickle.dumps(Job())\n",
               "app/__init__.py": "", "main.py": "from tasks import Job\n\nprint(Job)\n"}  # fmt: skip
    trees = set()
    for history in ("auto", "squash-safe"):
        repo = Repo.make(tmp_path / history / "repo", content)
        text = text_of("[{move: {tasks: app.tasks}}]", history=history, shims="none", keys="pin: [pickle],")
        assert repo.run(text).exit_code == 0
        trees.add(repo.git("rev-parse", "HEAD^{tree}"))
        assert set(states(repo, text).values()) == {"done"}
    assert len(trees) == 1


def test_a_shallow_clone_is_not_guessed_about(repo: Repo, tmp_path: Path) -> None:
    text = text_of()
    assert repo.session(text).run(["one"]).exit_code == 0
    repo.commit({"later.txt": "x\n"})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.top}", str(tmp_path / "shallow"))
    shallow = Repo(tmp_path / "shallow")
    assert states(shallow, text)["one-shims"] == "unknown"
    session: Session = shallow.session(text)
    with pytest.raises(RepositoryError):
        session.swept()

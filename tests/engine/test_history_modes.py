"""How a phase is laid out for git's history, and what plain `git blame` makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.blame import ROOT, leaves_shims, measured, subjects
from tests.shell.gitrepo import MOVE, Repo, plan_text


def module(letter: str, count: int = 6) -> str:
    """A module of definitions like no other's."""
    return "import os\n\n\n" + "\n\n".join(
        f"class {letter.upper()}{n}:\n    def {letter}_value(self):\n        return os.name, '{letter}', {n}\n"
        for n in range(count)
    )


FILES = {
    "app/__init__.py": "",
    "app/user.py": "from app.order import B0\n\n\n" + module("a"),
    "app/order.py": module("b"),
    "app/models.py": module("c", 9),
    "main.py": "from app.models import C0, C8\nfrom app.user import A1\n\nprint(A1, C0, C8)\n",
}
SPLIT = (
    "[{split: app.models, into: {app.models.low: [C0, C1, C2], app.models.mid: [C3, C4, C5],"
    " app.models.high: [C6, C7, C8]}}]"
)
SWAP = "[{move: {app.user: app.order, app.order: app.user}}]"
CHAIN = "[{move: {app.user: app.order, app.order: app.model_b}}]"
INTO_ITSELF = "[{move: {app.user: app.user.core}}]"
MERGE = "[{merge: {app.both: [app.user, app.order]}}]"
NAME = "[{move: {app.models.C4: app.order.}}]"
MODES = ("auto", "waypoint", "two-commit", "squash-safe")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo", FILES)


def plan_of(do: str, history: str = "auto", shims: str = "none") -> str:
    return plan_text(f"{{id: one, title: The phase, history: {history}, shims: {shims}, do: {do}}}")


def published(repo: Repo, do: str, history: str = "auto", shims: str = "none") -> list[str]:
    """The first-parent commits that publishing a phase makes, oldest first."""
    base = repo.head
    result = repo.run(plan_of(do, history, shims))
    assert result.exit_code == 0, result
    assert repo.status == "" and repo.leftovers() == []
    return repo.git("rev-list", "--first-parent", "--reverse", f"{base}..HEAD").split()


def blamed(repo: Repo, base: str, path: str) -> dict[str, str]:
    """Line -> file and line at `base` that blame traces it to; empty for what it gives to a later commit."""
    place, found = "", {}
    for line in repo.git("blame", "--line-porcelain", "HEAD", "--", path).split("\n"):
        words = line.split(" ")
        if len(words[0]) == 40 and len(words) > 2:
            place = f":{words[1]}" if words[0] == base else ""
        elif words[0] == "filename" and place:
            place = line.removeprefix("filename ") + place
        elif line.startswith("\t"):
            found[line[1:]] = place
    return found


def share(repo: Repo, base: str, source: str, path: str) -> float:
    """Of the lines that a file has from `source`, those that blame traces back to just that line there."""
    old = {text: f"{source}:{number}" for number, text in enumerate(FILES[source].split("\n"), 1) if text.strip()}
    told = blamed(repo, base, path)
    moved = [text for text in told if (text in old and "class " in text) or "return" in text]
    assert moved
    return sum(told[text] == old.get(text) for text in moved) / len(moved)


def parents(repo: Repo, commit: str) -> list[str]:
    return repo.git("show", "-s", "--format=%P", commit).split()


def test_a_move_with_shims_is_two_commits_in_a_line(repo: Repo) -> None:
    base = repo.head
    move, shim = published(repo, MOVE, shims="file")
    assert parents(repo, move) == [base] and parents(repo, shim) == [move]
    assert repo.has("app/user.py") and share(repo, base, "app/user.py", "app/accounts/user.py") == 1


@pytest.mark.parametrize("history", ["auto", "waypoint"])
def test_every_part_of_a_split_keeps_its_lines(repo: Repo, history: str) -> None:
    base = repo.head
    (commit,) = published(repo, SPLIT, history)
    assert parents(repo, commit)[0] == base and len(parents(repo, commit)) == 2
    for part in ("low", "mid", "high"):
        assert share(repo, base, "app/models.py", f"app/models/{part}.py") == 1


@pytest.mark.parametrize("history", ["auto", "waypoint"])
@pytest.mark.parametrize(
    ("do", "files"),
    [
        (SWAP, {"app/order.py": "app/user.py", "app/user.py": "app/order.py"}),
        (CHAIN, {"app/order.py": "app/user.py", "app/model_b.py": "app/order.py"}),
        (INTO_ITSELF, {"app/user/core.py": "app/user.py"}),
    ],
)
def test_files_that_change_places_keep_their_lines(
    repo: Repo, do: str, files: dict[str, str], history: str
) -> None:  # fmt: skip
    base = repo.head
    published(repo, do, history)
    for path, source in files.items():
        assert share(repo, base, source, path) == 1


def test_a_merged_module_keeps_the_lines_of_both(repo: Repo) -> None:
    base = repo.head
    published(repo, MERGE)
    told = blamed(repo, base, "app/both.py")
    assert told["class A0:"].startswith("app/user.py:") and told["class B0:"].startswith("app/order.py:")


def test_a_name_that_joins_another_module_keeps_its_lines(repo: Repo) -> None:
    base = repo.head
    published(repo, NAME)
    told = blamed(repo, base, "app/order.py")
    assert told["class C4:"].startswith("app/models.py:") and told["class B0:"].startswith("app/order.py:")


def test_a_waypoint_is_the_pure_renames_a_second_after_the_base(repo: Repo) -> None:
    base = repo.head
    (commit,) = published(repo, MOVE, "waypoint")
    first, second = parents(repo, commit)
    assert first == base and parents(repo, second) == [base]
    assert repo.git("diff", "-M", "--name-status", base, second) == "R100\tapp/user.py\tapp/accounts/user.py"
    times = [int(repo.git("show", "-s", "--format=%ct", name)) for name in (base, second, commit)]
    assert times[0] < times[1] <= times[2]
    assert repo.trailers(second)["Codemod-Kind"] == "waypoint" and repo.trailers()["Codemod-Kind"] == "move"


def test_the_base_may_be_dated_in_the_future(repo: Repo) -> None:
    repo.git("commit", "-q", "--amend", "--no-edit", env={"GIT_COMMITTER_DATE": "2000000000 +0000"})
    base = repo.head
    published(repo, SPLIT)
    assert int(repo.git("show", "-s", "--format=%ct", "HEAD")) > 2000000000
    assert share(repo, base, "app/models.py", "app/models/mid.py") == 1


@pytest.mark.parametrize("history", ["auto", "squash-safe", "two-commit"])
def test_what_git_follows_by_itself_is_a_line(repo: Repo, history: str) -> None:
    assert all(len(parents(repo, commit)) == 1 for commit in published(repo, MOVE, history))


@pytest.mark.parametrize("do", ["[{rename: {app.user.A1: First}}]", "[{barrel: [app]}]"])
def test_nothing_moves_and_nothing_is_merged(repo: Repo, do: str) -> None:
    (commit,) = published(repo, do, "waypoint")
    assert len(parents(repo, commit)) == 1


def test_pure_renames_come_first_on_demand(repo: Repo) -> None:
    renamed, rewritten, shims = published(repo, MOVE, "two-commit", "file")
    assert repo.git("diff", "-M", "--name-status", f"{renamed}^", renamed) == "R100\tapp/user.py\tapp/accounts/user.py"
    assert "M\tmain.py" in repo.git("diff", "-M", "--name-status", renamed, rewritten)
    kinds = [repo.trailers(commit)["Codemod-Kind"] for commit in (renamed, rewritten, shims)]
    assert kinds == ["move", "rewrite", "shim"]
    assert [repo.trailers(commit)["Codemod-Step"] for commit in (renamed, rewritten, shims)] == ["1/3", "2/3", "3/3"]


def test_the_commit_that_is_not_green_is_not_checked(repo: Repo) -> None:
    plan = plan_text(f"{{id: one, history: two-commit, do: {MOVE}, checks: [python3 main.py]}}")
    result = repo.run(plan, checks=True)
    assert result.exit_code == 0
    assert all(check.commit == "rewrite" for check in result.phases[0].checks)


@pytest.mark.parametrize("do", [MOVE, SPLIT, SWAP, CHAIN, INTO_ITSELF, MERGE, NAME])
@pytest.mark.parametrize("shims", ["none", "file"])
def test_the_tree_is_the_same_in_every_mode(tmp_path: Path, do: str, shims: str) -> None:
    trees = set()
    for history in MODES:
        repo = Repo.make(tmp_path / history / "repo", FILES)
        session = repo.session(plan_of(do, history, shims))
        patch = session.net_patch(session.preview())
        repo.git("apply", "--index", stdin=patch)
        trees.add(repo.git("write-tree"))
        repo.git("reset", "-q", "--hard")
        published(repo, do, history, shims)
        trees.add(repo.git("rev-parse", "HEAD^{tree}"))
        again = repo.run(plan_of(do, history, shims))
        assert {phase.state for phase in again.phases} == {"holds"}
    assert len(trees) == 1


@pytest.mark.parametrize("history", MODES)
@pytest.mark.parametrize("after", ["", "other.py"])
def test_undo_takes_every_layout_back(repo: Repo, history: str, after: str) -> None:
    tree, base = repo.git("rev-parse", "HEAD^{tree}"), repo.head
    published(repo, SPLIT, history)
    if after:
        repo.commit({after: "x = 1\n"})
    done = repo.session(plan_of(SPLIT, history)).undo("one")
    assert done.exit_code == 0
    if after:
        (repo.top / after).unlink()
        repo.git("rm", "-q", "--cached", after)
        assert repo.git("write-tree") == tree
    else:
        assert repo.head == base


def test_the_benchmark_measures_a_fixture() -> None:
    """The bars: 97 % of the lines that moved with their file (one phase with shims), 85 % through a split."""
    plan = ROOT / "plans" / "anything-agents.yaml"
    moved, _ = measured(ROOT / "fixtures" / plan.stem, plan, "auto")
    assert moved.moved > 1000 and moved.share >= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "waypoint"])
@pytest.mark.parametrize("name", [name for name, _, _ in subjects(fixtures=True, packages=True)])
def test_blame_keeps_what_is_promised(name: str, mode: str) -> None:
    source, plan = next((s, p) for n, s, p in subjects(fixtures=True, packages=True) if n == name)
    moved, divided = measured(source, plan, mode)
    assert moved.moved + divided.moved > 1000
    assert moved.share >= 0.97 and divided.share >= 0.85


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name, source, plan in subjects(fixtures=True, packages=True) if leaves_shims(source, plan)]
)
def test_blame_keeps_what_squash_safe_promises(name: str) -> None:
    source, plan = next((s, p) for n, s, p in subjects(fixtures=True, packages=True) if n == name)
    moved, _ = measured(source, plan, "squash-safe", squash=True)
    assert moved.moved > 1000 and moved.share >= 0.97

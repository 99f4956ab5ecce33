"""A phase over its budget: several commits, each green by itself, and the branch moves once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codemod.engine.budget import Budget, grouped
from tests.shell.gitrepo import Repo, plan_text

AREAS = ("api", "jobs", "web")


def module(letter: str) -> str:
    return "".join(f"def {letter}{n}(x):\n    return ('{letter}', {n}, x)\n\n\n" for n in range(12))


def files() -> dict[str, str]:
    """Three modules that move, forty-five call sites in three areas, a test that patches, a document, a program."""
    found = {
        "app/__init__.py": "",
        "app/core/__init__.py": "",
        "README.md": "See `app.core.user` and `app.core.order`.\n",
    }
    for name in ("user", "order", "item"):
        found[f"app/core/{name}.py"] = module(name[0])
    found["app/core/order.py"] = "from .user import u1\n\n\n" + found["app/core/order.py"] + "ORDER = u1(2)\n"
    for area in AREAS:
        found[f"app/{area}/__init__.py"] = ""
        for n in range(15):
            found[f"app/{area}/m{n:02}.py"] = (
                "from app.core import item\nfrom app.core.order import o1\nfrom app.core.user import u2\n\n"
                f"\ndef run():\n    return o1({n}), u2({n}), item.i3({n})\n"
            )
    calls = "".join(f"from app.{area} import m{n:02} as {area}{n}\n" for area in AREAS for n in range(15))
    found["main.py"] = calls + "\nprint([" + ", ".join(f"{a}{n}.run()" for a in AREAS for n in range(15)) + "])\n"
    found["tests/test_patch.py"] = (
        "from unittest import mock\n\nfrom app.core import user\n\n\ndef test_it():\n"
        "    with mock.patch('app.core.user.u1', return_value=1):\n        assert user.u1(3) == 1\n"
    )
    return found


MOVE = "[{move: {app.core.user: app.people.user, app.core.order: app.sales.order, app.core.item: app.sales.item}}]"


def plan(budget: str = "120", more: str = "", do: str = MOVE) -> str:
    return plan_text(f"{{id: one, title: Move the core, budget: {budget}{more}, do: {do}}}")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo", files())


def commits(repo: Repo, base: str) -> list[str]:
    return repo.git("rev-list", "--first-parent", "--reverse", f"{base}..HEAD").split()


def size(repo: Repo, commit: str) -> tuple[int, int]:
    """(lines, files) as the budget counts them."""
    rows = [row.split("\t") for row in repo.git("diff", "-M", "--numstat", f"{commit}^1", commit).splitlines()]
    return sum(int(row[0]) + int(row[1]) for row in rows), len(rows)


def runs(repo: Repo, commit: str) -> str:
    """What the program prints at a commit, warnings being errors; its tests pass."""
    repo.git("checkout", "-q", commit)
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "main.py"], cwd=repo.top, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", "tests"]
    tests = subprocess.run(command, cwd=repo.top, capture_output=True, text=True, env={"PYTHONPATH": "."})
    assert tests.returncode == 0, tests.stdout
    return done.stdout


def test_each_commit_is_small_and_green(repo: Repo) -> None:
    base = repo.head
    said = runs(repo, "main")
    result = repo.run(plan())
    assert result.exit_code == 0 and repo.status == "" and repo.leftovers() == []
    made = commits(repo, base)
    assert len(made) >= 4
    assert all(size(repo, commit)[0] <= 120 for commit in made)
    kinds = [repo.trailers(commit)["Codemod-Kind"] for commit in made]
    assert kinds == ["move", *["rewrite"] * (len(made) - 2), "unshim"]
    steps = [repo.trailers(commit)["Codemod-Step"] for commit in made]
    assert steps == [f"{n}/{len(made)}" for n in range(1, len(made) + 1)]
    assert {runs(repo, commit) for commit in made} == {said}


def test_the_branch_moves_once_and_the_tree_is_that_of_one_commit(tmp_path: Path, repo: Repo) -> None:
    whole = Repo.make(tmp_path / "whole" / "repo", files())
    whole.run(plan("0"))
    repo.run(plan())
    assert repo.git("rev-parse", "HEAD^{tree}") == whole.git("rev-parse", "HEAD^{tree}")
    assert len(repo.git("reflog", "show", "main").splitlines()) == 2
    assert "redirect" not in repo.read("app/__init__.py")


def test_no_call_site_changes_twice(repo: Repo) -> None:
    base = repo.head
    repo.run(plan())
    touched = [
        path
        for commit in commits(repo, base)
        for path in repo.git("diff", "--no-renames", "--name-only", f"{commit}^", commit).splitlines()
    ]
    twice = {path for path in touched if touched.count(path) > 1}
    stubs = {f"app/core/{name}.pyi" for name in ("user", "order", "item")}
    assert twice == {"app/__init__.py", *stubs}  # redirects come and go


def test_a_number_of_files_is_a_budget_too(repo: Repo) -> None:
    base = repo.head
    assert repo.run(plan("{files: 10}")).exit_code == 0
    assert all(size(repo, commit)[1] <= 10 for commit in commits(repo, base))


def test_within_the_budget_it_is_one_commit(repo: Repo) -> None:
    base = repo.head
    repo.run(plan("2000"))
    assert len(commits(repo, base)) == 1


def test_shims_come_behind(repo: Repo) -> None:
    base = repo.head
    repo.run(plan(more=", shims: file"))
    kinds = [repo.trailers(commit)["Codemod-Kind"] for commit in commits(repo, base)]
    assert kinds[-2:] == ["unshim", "shim"] and kinds[0] == "move"


def test_shims_that_redirect_stay(repo: Repo) -> None:
    base = repo.head
    repo.run(plan(more=", shims: redirect"))
    assert [runs(repo, commit) for commit in commits(repo, base)]
    assert "warnings.warn" in repo.read("app/__init__.py")


def test_owners_get_commits_of_their_own(repo: Repo) -> None:
    repo.commit({"CODEOWNERS": "/app/api/ @one\n/app/jobs/ @two\n"})
    base = repo.head
    repo.run(plan())
    for commit in commits(repo, base)[1:-1]:
        paths = repo.git("diff", "--name-only", f"{commit}^", commit).splitlines()
        assert len({path.split("/")[1] if path.startswith(("app/api", "app/jobs")) else "" for path in paths}) == 1


def test_a_top_level_module_is_one_commit_and_told(repo: Repo) -> None:
    base = repo.head
    repo.git("mv", "app/core/user.py", "user.py")
    everywhere = repo.git("grep", "-l", "app.core.user", "--", "*.py").splitlines()
    repo.commit({path: repo.read(path).replace("app.core.user", "user") for path in everywhere})
    repo.commit({"app/core/order.py": repo.read("app/core/order.py").replace("from .user", "from user"),
                 "tests/test_patch.py": "import user\n\n\ndef test_it():\n    assert user\n"})  # fmt: skip
    base = repo.head
    result = repo.run(plan("20", do="[{move: {user: app.people.user}}]"))
    assert result.exit_code == 0 and len(commits(repo, base)) == 1
    assert [found.code for found in result.phases[0].findings if found.code == "over-budget"] == ["over-budget"]


def test_a_killed_run_and_its_repetition_find_the_same_groups(repo: Repo) -> None:
    session = repo.session(plan())
    one, two = session.preview()[0].commits, repo.session(plan()).preview()[0].commits
    assert [(commit.about, commit.tree) for commit in one] == [(commit.about, commit.tree) for commit in two]


def test_undo_takes_all_of_them_back(repo: Repo) -> None:
    base = repo.head
    repo.run(plan())
    assert repo.session(plan()).undo("one").exit_code == 0 and repo.head == base


def test_checks_run_on_every_commit(repo: Repo) -> None:
    result = repo.run(plan(more=", checks: [python3 -B main.py]"), checks=True)
    assert result.exit_code == 0
    told = [check for check in result.phases[0].checks if check.command.startswith("python3")]
    assert len(told) == len(result.phases[0].commits) and {check.verdict for check in told} == {"passed"}


SIZES = {f"app/{area}/m{n}.py": 7 for area in AREAS for n in range(9)} | {"main.py": 3, "app/large.py": 200}


@pytest.mark.parametrize("lines", [10, 25, 60, 200])
def test_groups_are_within_the_budget_but_for_a_single_file(lines: int) -> None:
    found = list(grouped(SIZES, Budget(lines, 0), lambda path: ""))
    assert sorted(path for group in found for path in group.paths) == sorted(SIZES)
    assert all(len(g.paths) == 1 or sum(SIZES[path] for path in g.paths) <= lines for g in found)
    assert len({group.name for group in found}) == len(found)


def test_long_paths_are_named_by_their_end() -> None:
    deep = "platform/backend/application/services/billing"
    sizes = {f"{deep}/invoice.py": 5, f"{deep}/{'a' * 50}.py": 5, "app/user.py": 5}
    names = {group.paths: group.name for group in grouped(sizes, Budget(0, 1), lambda path: "@me" * ("user" in path))}
    assert names == {
        (f"{deep}/invoice.py",): "call sites in services/billing/invoice.py",
        (f"{deep}/{'a' * 50}.py",): f"call sites in {'a' * 50}.py",
        ("app/user.py",): "call sites in app/user.py (@me)",
    }


def test_other_areas_keep_their_groups_when_one_grows() -> None:
    grown = {**SIZES, **{f"app/api/n{n}.py": 7 for n in range(9)}}
    one = {group.paths for group in grouped(SIZES, Budget(63, 0), lambda path: "")}
    two = {group.paths for group in grouped(grown, Budget(63, 0), lambda path: "")}
    assert {paths for paths in one if "web" in paths[0]} <= two and {p for p in one if "jobs" in p[0]} <= two

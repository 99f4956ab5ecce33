"""A move that is over the budget by itself is divided among what it moves; what is one thing stays one commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemod.engine.dividing import titled, units_of
from codemod.engine.events import Request
from codemod.engine.prove import Wanted, prove
from codemod.engine.session import Session
from codemod.plan.load import load
from tests.engine.test_budget import commits, module, runs, size
from tests.shell.gitrepo import MOVE, Repo, plan_text

NAMES = ("user", "order", "item", "cart", "price", "stock")
SIX = ", ".join(f"app.core.{name}: app.shop.{name}" for name in NAMES)


def files() -> dict[str, str]:
    """Six modules, each of which uses the one before, a program and a test."""
    found = {"app/__init__.py": "", "app/core/__init__.py": "", "app/core/models.py": module("z") + "TOTAL = 3\n"}
    for number, name in enumerate(NAMES):
        before = f"from app.core.{NAMES[number - 1]} import {NAMES[number - 1][0]}1\n\n\n" if number else ""
        use = f"\n\nLAST = {NAMES[number - 1][0]}1(2)\n" if number else ""
        found[f"app/core/{name}.py"] = before + module(name[0]) + use
    calls = "".join(f"from app.core.{name} import {name[0]}2 as {name}\n" for name in NAMES)
    said = ", ".join(f"{name}(1)" for name in NAMES)
    found["main.py"] = f"{calls}from app.core.models import TOTAL, z3\n\nprint([{said}], TOTAL, z3(1))\n"
    found["tests/test_it.py"] = "import main\n\n\ndef test_it():\n    assert main.user(1)\n"
    return found


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo", files())


def plan(budget: str, do: str, more: str = "") -> str:
    return plan_text(f"{{id: one, title: Move it, budget: {budget}{more}, do: {do}}}")


def published(repo: Repo, budget: str, do: str, more: str = "") -> list[str]:
    """The first-parent commits that publishing the plan makes; each works, and the end is that without a budget."""
    base = repo.head
    said = runs(repo, base)
    repo.git("checkout", "-q", "main")
    assert repo.run(plan("0", do, more)).exit_code == 0
    tree = repo.git("rev-parse", "HEAD^{tree}")
    repo.git("reset", "-q", "--hard", base)
    assert repo.run(plan(budget, do, more)).exit_code == 0
    assert repo.git("rev-parse", "HEAD^{tree}") == tree
    found = commits(repo, base)
    assert {runs(repo, commit) for commit in found} == {said}
    repo.git("checkout", "-q", "main")
    assert [result.state for result in repo.run(plan(budget, do, more)).phases] == ["holds"]
    return found


@pytest.mark.parametrize("budget", ["{files: 5}", "{lines: 20}"])
def test_modules_move_one_after_the_other(repo: Repo, budget: str) -> None:
    base = repo.head
    found = published(repo, budget, f"[{{move: {{{SIX}}}}}]")
    lines, most = (20, 99) if "lines" in budget else (9999, int(budget[-2]))
    sizes = [size(repo, commit) for commit in found]
    assert len(found) > 1 and all(one <= lines and other <= most for one, other in sizes), sizes
    subjects = [repo.git("show", "-s", "--format=%s", commit) for commit in found]
    assert subjects[0].startswith("Move it: app.core.user")
    blamed = repo.git("blame", "-s", "-l", "HEAD", "--", "app/shop/cart.py").splitlines()
    assert sum(base[:39] in line for line in blamed) > 0.9 * len(blamed)


@pytest.mark.parametrize("budget", ["0", "{files: 30, lines: 400}"])
def test_what_is_within_the_budget_is_one_commit(repo: Repo, budget: str) -> None:
    assert len(published(repo, budget, f"[{{move: {{{SIX}}}}}]")) == 1


def test_a_split_is_one_commit_and_what_moves_beside_it_another(repo: Repo) -> None:
    split = "{split: app.core.models, into: {app.core.models.low: [z0, z1, z2, z3], app.core.models.rest: rest}}"
    found = published(repo, "{lines: 25}", f"[{split}, {{move: {{{SIX}}}}}]")
    over = [commit for commit in found if size(repo, commit)[0] > 25]
    assert len(over) == 1 and "app.core.models" in repo.git("show", "-s", "--format=%s", over[0])
    assert repo.git("show", "-s", "--format=%P", over[0]).count(" ") == 1  # with the renames beside, for blame


def test_files_that_change_places_go_together(repo: Repo) -> None:
    swap = "app.core.user: app.core.stock, app.core.stock: app.core.user"
    do = f"[{{move: {{{swap}, app.core.cart: app.shop.cart, app.core.item: app.shop.item}}}}]"
    found = published(repo, "{files: 5}", do)
    assert len(found) > 1
    assert "app.core.user, app.core.stock" in " ".join(repo.git("show", "-s", "--format=%s", one) for one in found)


def test_one_module_cannot_be_divided_and_is_told(repo: Repo) -> None:
    (outcome,) = repo.session(plan("{files: 2}", "[{move: {app.core.user: app.shop.user}}]")).preview()
    assert "over-budget" in [finding.code for finding in outcome.findings] and not outcome.refused


def test_each_step_is_proven_and_the_next_run_gives_the_same(tmp_path: Path) -> None:
    trees, text = [], plan("{files: 5}", f"[{{move: {{{SIX}}}}}]")
    for name in ("one", "two"):
        repo = Repo.make(tmp_path / name / "repo", {**files(), "plan.yaml": text})
        base = repo.head
        assert Session.open(Request(repo.top / "plan.yaml", repo.top, checks=False)).run(every=True).exit_code == 0
        trees.append(repo.git("log", "--first-parent", "--format=%T %s", f"{base}..HEAD"))
        assert {one.state for one in prove(Wanted(f"{base}..HEAD"), repo.top)} == {"proven"}
        assert repo.session(text).undo("one").exit_code == 0 and repo.head == base
    assert trees[0] == trees[1] and trees[0].count("\n") == 2


@pytest.mark.parametrize("history", ["waypoint", "two-commit", "squash-safe"])
def test_every_history_mode_ends_with_the_same_tree(repo: Repo, history: str) -> None:
    if history == "two-commit":  # whose first commits do not work
        base = repo.head
        trees = set()
        for budget in ("0", "{files: 5}"):
            assert repo.run(plan(budget, f"[{{move: {{{SIX}}}}}]", f", history: {history}")).exit_code == 0
            trees.add(repo.git("rev-parse", "HEAD^{tree}"))
            repo.git("reset", "-q", "--hard", base)
        assert len(trees) == 1
    else:
        assert len(published(repo, "{files: 5}", f"[{{move: {{{SIX}}}}}]", f", history: {history}")) > 2


def test_facades_shims_and_documents_come_with_it(repo: Repo) -> None:
    do = f"[{{scaffold: {{app.shop: {{about: Shop}}}}}}, {{move: {{{SIX}}}}}, {{barrel: [app.shop]}}]"
    found = published(repo, "{files: 6}", do, ", imports: facade, shims: file")
    assert len(found) > 3 and repo.trailers(found[-1])["Codemod-Kind"] == "shim"


def test_what_moves_is_named() -> None:
    phase = load(plan("0", f"[{{rename: {{app.a.B: C}}}}, {{move: {{{SIX}}}}}]").encode(), "plan.yaml").phases[0]
    assert len(list(units_of(phase))) == 7
    assert titled(phase) == "app.a.B, app.core.user, app.core.order and 4 more"
    assert titled(load(plan("0", MOVE).encode(), "plan.yaml").phases[0]) == "app.user"

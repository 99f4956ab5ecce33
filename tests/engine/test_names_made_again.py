"""Names that a later phase makes again: the history tells that the phase which took them away is done."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.shell.gitrepo import Repo, plan_text

FILES = {
    "app/__init__.py": "",
    "app/x.py": "X = 1\n\n\ndef f():\n    return X\n",
    "app/y.py": "from .x import X\n\nY = X + 1\n",
    "main.py": "from app.x import X, f\nfrom app.y import Y\n\nprint(X, f(), Y)\n",
}
THERE_AND_BACK = {
    "a renamed definition": ["{rename: {app.x.f: h}}", "{rename: {app.x.h: f}}"],
    "a definition that comes back": [
        "{move: {app.x.f: app.z.f}}",
        "{move: {app.z: app.w}}",
        "{move: {app.w.f: app.x.f}}",
    ],
    "a module that merges and comes back": ["{merge: {app.z: [app.x, app.y]}}", "{move: {app.z: app.x}}"],
    "parts that become one again": [
        "{split: app.x, into: {app.v: [X], app.w: rest}}",
        "{merge: {app.x: [app.v, app.w]}}",
    ],
    "a module and back": ["{move: {app.x: app.z}}", "{move: {app.z: app.x}}"],
    "a module there, back and there": ["{move: {app.x: app.z}}", "{move: {app.z: app.x}}", "{move: {app.x: app.z}}"],
    "another module in its place": ["{move: {app.x: app.z}}", "{move: {app.y: app.x}}"],
    "another module below it": ["{move: {app.x: app.z}}", "{move: {app.y: app.x.y}}"],
    "a definition in its place": ["{move: {app.x: app.z}}", "{move: {'app.y:Y': app.x.}}"],
    "a merge in its place": ["{move: {app.x: app.z}}", "{merge: {app.x: [app.z, app.y]}}"],
    "parts in its place": ["{move: {app.x: app.z}}", "{split: app.z, into: {app.x: [X], app.w: rest}}"],
    "room that was made, and left": ["{move: {app.x: app.x.core}}", "{move: {app.x.core: low.core}}"],
    "room that was made, and closed": ["{move: {app.x: app.x.core}}", "{move: {app.x.core: app.x}}"],
    "room that was made, and divided": [
        "{move: {app.x: app.x.core}}",
        "{split: app.x.core, into: {app.x.core.a: [X], app.x.core.b: rest}}",
    ],
    "captures that go on": [
        "{move: {'app.{name}': 'app.a.{name}_a'}}",
        "{move: {'app.a.{name}': 'app.b.{name}_b', app.a.x_a: app.b.special}}",
    ],
    "a part that comes back": ["{split: app.x, into: {app.z: [f]}}", "{move: {'app.z:f': app.x.}}"],
    "a package and back by its modules": [
        "{move: {app.x: app.sub.x}}",
        "{move: {app.sub: app.low}}",
        "{move: {app.low.x: app.sub.x}}",
    ],
    "a merge into one of its sources that moves": ["{merge: {app.x: [app.x, app.y]}}", "{move: {app.x: app.z}}"],
    "a merge that is parted again": [
        "{merge: {app.x: [app.x, app.y]}}",
        "{split: app.x, into: {app.y: [Y], app.z: [X, f]}}",
    ],
    "a barrel that more comes under": [
        "{move: {app.x: app.sub.x}}, {barrel: [app.sub]}",
        "{move: {app.y: app.sub.y}}",
    ],
    "a barrel that moves, and more comes under": [
        "{move: {app.x: app.sub.x}}, {barrel: [app.sub]}",
        "{move: {app.sub: low}}",
        "{move: {app.y: low.y}}",
    ],
    "a barrel over a module that gets more": [
        "{move: {app.x: app.sub.x}}, {barrel: [app.sub]}",
        "{move: {'app.y:Y': app.sub.x.}}",
    ],
    "every shim goes, and more come": [
        "{move: {app.x: app.z}}",
        "{unshim: all}",
        "{move: {app.z: app.sub.z}}",
    ],
    "one that becomes parts again": [
        "{merge: {app.z: [app.x, app.y]}}",
        "{split: app.z, into: {app.v: [X, f], app.w: [Y]}}",
        "{move: {app.v: app.x, app.w: app.y}}",
    ],
}  # fmt: skip


@pytest.fixture
def made(repo: Repo) -> Repo:
    repo.commit(FILES)
    return repo


@pytest.mark.parametrize("shims", ["none", "file", "redirect"])
@pytest.mark.parametrize("steps", THERE_AND_BACK.values(), ids=THERE_AND_BACK)
def test_a_second_run_changes_nothing(made: Repo, steps: list[str], shims: str) -> None:
    plan = plan_text(*(f"{{id: p{number}, shims: {shims}, do: [{step}]}}" for number, step in enumerate(steps)))
    assert made.run(plan).exit_code == 0
    head, program = made.head, [sys.executable, "-W", "error", "main.py"]
    assert subprocess.run(program, cwd=made.top, text=True, capture_output=True).stdout == "1 1 2\n"
    result = made.run(plan)
    assert [phase.state for phase in result.phases] == ["holds"] * len(steps)
    assert made.head == head


def test_a_name_that_is_made_anew_by_others_is_taken_away_once_more(made: Repo) -> None:
    plan = plan_text("{id: one, do: [{rename: {app.x.f: h}}]}", "{id: two, do: [{move: {app.y: app.sub.y}}]}")
    assert made.run(plan).exit_code == 0
    made.commit({"late.py": "from app.x import f\n\nf()\n"})
    assert made.run(plan).exit_code == 0
    assert made.read("late.py") == "from app.x import h\n\nh()\n"

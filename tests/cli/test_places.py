"""A finding about the plan says where in the plan."""

from __future__ import annotations

from pathlib import Path

from codemod.base.findings import Finding, Place
from codemod.engine.places import marks_of, placed
from codemod.plan.load import load
from tests.cli.harness import PLAN, codemod, repository, written

FOUND = load(PLAN.encode(), "plan.yaml")


def test_the_place_of_a_key() -> None:
    keys = {mark.key: mark for mark in marks_of(FOUND)}
    deep = next(key for key in keys if "app.user_service" in key)
    (finding,) = placed([Finding("x", "y", key=deep)], FOUND, "p.yaml")
    assert finding.place == Place(
        "p.yaml", PLAN.splitlines().index("      - move: {app.user_service: app.users.}") + 1, 16
    )


def test_the_nearest_key_above() -> None:
    (finding,) = placed([Finding("x", "y", key="phases[1].do[0].unheard")], FOUND, "p.yaml")
    assert finding.place is not None and finding.place.line == 10  # the phase


def test_a_place_that_is_known_stays() -> None:
    known = (Finding("x", "y", place=Place("a.py", 1), key="phases[0]"), Finding("x", "y"))
    assert placed(known, FOUND, "p.yaml") == known


def test_a_refusal_points_into_the_plan(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    plan = written(tmp_path, PLAN.replace("app.user_service:", "app.user_servic:"))
    answer = codemod("check", "../plan.yaml", cwd=repo)
    assert answer.err.startswith("../plan.yaml:13:16 phases[1].do[0].move")
    assert codemod("run", plan, "--all", "--no-checks", cwd=repo).err.count(f"{plan}:13:16 ") == 1

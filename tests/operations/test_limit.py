"""`limit`: packages and modules that are too large."""

from __future__ import annotations

import pytest

from codemod.operations.limit import run
from codemod.plan.model import Barrel, Limit, Phase, Plan, Scaffold
from tests.operations.writing import Files, apply_results, context_of, perform, tree_of

FILES = {
    "app/__init__.py": "",
    **{f"app/a/{name}.py": "x = 1\n" * 3 for name in ("__init__", "m", "n", "o")},
    "app/b/x.py": "x = 1\n",
    "other.py": "x = 1\n" * 9,
}

HOLDS = [
    Limit(modules_per_package=3, of=("app",)),
    Limit(modules_per_package=2, of=("app",), excepted=(("app.a", 3),)),
    Limit(modules_per_package=1, of=("app.b",)),
    Limit(lines_per_module=3, of=("app",)),
    Limit(lines_per_module=2, of=("app",), excepted=tuple((f"app.a{n}", 3) for n in ("", ".m", ".n", ".o"))),
    Limit(),
    Limit(modules_per_package=1),  # nothing was touched
]


@pytest.mark.parametrize("operation", HOLDS)
def test_holds(operation: Limit) -> None:
    assert not perform(run, operation, FILES).findings


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (Limit(modules_per_package=2, of=("app",)), ["package-too-full app/a"]),
        (Limit(modules_per_package=2, of=("app.a",), excepted=(("app.a", 1),)), ["package-too-full app/a"]),
        (
            Limit(lines_per_module=2, of=("app.a",)),
            [f"module-too-long app/a/{n}.py:3" for n in ("__init__", "m", "n", "o")],
        ),
        (Limit(modules_per_package=2, of=("ap",)), ["source-missing None"]),
    ],
)
def test_does_not_hold(operation: Limit, told: list[str]) -> None:
    ran = perform(run, operation, FILES)
    assert [f"{finding.code} {finding.place}" for finding in ran.findings] == told
    assert all(finding.blocks for finding in ran.findings)


def test_without_of_every_package_that_the_plan_has_shaped() -> None:
    moved = (("app.m", "app.a.m"), ("app.x", "app.b.x"))
    assert perform(run, Limit(modules_per_package=2), FILES, moved=moved).codes == ["package-too-full"]
    assert perform(run, Limit(modules_per_package=3, lines_per_module=3), FILES, moved=moved).codes == []
    plan = Plan("case", (Phase("change", (Scaffold("app.a"), Barrel("app.b"))),))
    assert perform(run, Limit(modules_per_package=2), FILES, plan=plan).codes == ["package-too-full"]


def test_shims_do_not_count() -> None:
    shim: Files = {"app/a/p.py": "# codemod: shim app.a.p -> app.b.x\n"}
    assert not perform(run, Limit(modules_per_package=3, of=("app",)), {**FILES, **shim}).findings


def test_lines_of_shims_do_not_count() -> None:
    block = "\n\n# codemod: renamed\ndef __getattr__(name: str) -> object:\n    ...\n\n\n# codemod: end\n"
    limit = Limit(lines_per_module=2, of=("app.a.p",))
    assert not perform(run, limit, {**FILES, "app/a/p.py": "A = 1\nB = 2\n" + block}).findings
    assert perform(run, limit, {**FILES, "app/a/p.py": "A = 1\nB = 2\nC = 3\n" + block}).findings


def test_without_of_every_package_that_the_phase_touches() -> None:
    after = tree_of({**FILES, "app/a/n.py": "changed = 1\n"})
    context = context_of(after, before=tree_of(FILES))
    ran = apply_results(after, run(Limit(modules_per_package=2, lines_per_module=2), context))
    assert sorted(finding.code for finding in ran.findings) == ["module-too-long"] * 3 + ["package-too-full"]

"""Packages that we did not write are restructured, and their own tests tell whether they still work."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from codemod.plan.load import load
from codemod.plan.model import Barrel, Move, Plan
from tests.real.packages import PACKAGES, SAMPLE, Package
from tests.real.workshop import Suite, Workshop


@dataclass(frozen=True, slots=True)
class Restructured:
    """A package before and after its plan ran."""

    shop: Workshop
    start: str  # the commit before
    before: Suite
    after: Suite
    broken_before: dict[str, str]
    broken_after: dict[str, str]
    patch: str
    run: subprocess.CompletedProcess[str]


def parameters() -> Iterator[object]:
    for package in PACKAGES:
        marks = () if package is SAMPLE else (pytest.mark.slow,)
        yield pytest.param(package, id=package.name, marks=marks)


@pytest.fixture(scope="module", params=parameters())
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Restructured:
    package: Package = request.param
    shop = Workshop.of(package, tmp_path_factory.mktemp(package.name))
    start = shop.git("rev-parse", "HEAD").strip()
    before = shop.run_tests()
    broken_before = shop.failing_imports(sorted(shop.modules()))
    shop.git("clean", "-qfdx")
    patch = shop.codemod("diff")
    assert patch.returncode == 0, patch.stderr
    run = shop.codemod("run", "--all", "--no-checks")
    assert run.returncode == 0, run.stdout + run.stderr
    after = shop.run_tests()
    broken_after = shop.failing_imports(sorted(shop.modules()))
    shop.git("clean", "-qfdx")
    return Restructured(shop, start, before, after, broken_before, broken_after, patch.stdout, run)


def plan_of(package: Package) -> Plan:
    return load(package.plan.read_bytes(), package.plan.name)


def moved(done: Restructured) -> dict[str, str]:
    """Old dotted name -> new, of each module that the plan moved, packages resolved to the modules in them."""
    loaded = plan_of(done.shop.package)
    before, after = done.shop.modules(done.start), done.shop.modules()
    table: dict[str, str] = {}
    for phase in loaded.phases:
        for operation in phase.do:
            for pair in operation.pairs if isinstance(operation, Move) else ():
                target = pair.target + pair.source.rpartition(".")[2] if pair.target.endswith(".") else pair.target
                for name in before:
                    if name == pair.source or name.startswith(pair.source + "."):
                        table[name] = target + name[len(pair.source) :]
    assert set(table.values()) <= set(after)
    return table


def renamed(test: str, table: dict[str, str]) -> str:
    """The id of a test after the moves: parameters may name modules."""
    names = "|".join(re.escape(name) for name in sorted(table, key=len, reverse=True))
    return re.sub(rf"(?<![\w.])(?:{names})(?!\w)", lambda match: table[match[0]], test)


def test_tests_that_passed_pass(done: Restructured) -> None:
    assert len(done.before.outcomes) >= 100, done.before.log
    table = moved(done)
    lost = sorted(test for test in done.before.passed if renamed(test, table) not in done.after.passed)
    assert not lost, f"{len(lost)} lost, first {lost[:5]}\n{done.after.log}"


def test_the_restructured_tree_was_tested(done: Restructured) -> None:
    package = done.shop.package
    tree = done.shop.repository / package.root / package.name
    assert Path(done.after.files[package.name]) == tree / "__init__.py"
    assert all(Path(file).is_relative_to(tree) for file in done.after.files.values() if file)
    old = set(moved(done)) - set(done.shop.modules())
    assert not old & set(done.after.files), "an old module name was loaded"


def test_every_module_imports(done: Restructured) -> None:
    table = moved(done)
    allowed = {table.get(name, name) for name in done.broken_before}
    assert {name: why for name, why in done.broken_after.items() if name not in allowed} == {}


def test_half_of_the_modules_moved_into_new_packages(done: Restructured) -> None:
    table = moved(done)
    before, after = done.shop.modules(done.start), done.shop.modules()
    plain = {name for name, path in before.items() if not path.endswith("/__init__.py")}
    new = {name for name, path in after.items() if path.endswith("/__init__.py")} - set(before) - set(table.values())
    inside = {name for name in plain & set(table) if any(table[name].startswith(package + ".") for package in new)}
    assert len(inside) * 2 >= len(plain), f"{len(inside)} of {len(plain)}"
    barrels = {op.package for phase in plan_of(done.shop.package).phases for op in phase.do if isinstance(op, Barrel)}
    assert barrels & new
    for barrel in barrels:
        assert "__all__" in done.shop.git("show", f"HEAD:{after[barrel]}")


def test_no_file_without_a_reference_changed(done: Restructured) -> None:
    words = {name.rpartition(".")[2] for name in moved(done)}
    word = re.compile(r"\b(" + "|".join(map(re.escape, sorted(words))) + r")\b")
    idle = []
    for line in done.shop.git(
        "diff", "--name-status", "-z", "--no-renames", "--diff-filter=M", done.start, "HEAD"
    ).split("\0")[1::2]:
        if not word.search(done.shop.git("show", f"{done.start}:{line}")):
            idle.append(line)
    assert idle == []


def test_the_work_tree_is_clean_and_a_second_run_does_nothing(done: Restructured) -> None:
    assert done.shop.git("status", "--porcelain") == ""
    head = done.shop.git("rev-parse", "HEAD")
    again = done.shop.codemod("run", "--all", "--no-checks")
    assert again.returncode == 0, again.stderr
    assert done.shop.git("rev-parse", "HEAD") == head


def test_the_preview_is_what_was_committed(done: Restructured, tmp_path: Path) -> None:
    done.shop.git("worktree", "add", "-q", "--detach", str(tmp_path / "copy"), done.start)
    file = tmp_path / "preview.patch"
    file.write_text(done.patch, encoding="utf-8", newline="")
    done.shop.git("-C", str(tmp_path / "copy"), "apply", "--index", str(file))
    tree = done.shop.git("-C", str(tmp_path / "copy"), "write-tree")
    assert tree == done.shop.git("rev-parse", "HEAD^{tree}")

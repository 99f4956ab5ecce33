"""The benchmark measures what it says: the tree is sound and the same each time, the checker sees what is broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import synthetic
from tests.benchmarks.links import Links
from tests.benchmarks.measure import run
from tests.benchmarks.pyrefly_moves import changed
from tests.cli.harness import repository


def test_the_synthetic_tree_is_the_same_each_time_and_links(tmp_path: Path) -> None:
    for name in ("one", "two"):
        synthetic.write(tmp_path / name, 130)
    one, two = ({p.relative_to(top): p.read_bytes() for p in top.rglob("*.py")} for top in tmp_path.iterdir())
    assert one == two
    assert list(Links(tmp_path / "one").broken()) == []


def test_the_synthetic_tree_imports(tmp_path: Path) -> None:
    synthetic.write(tmp_path, 130)
    names = ", ".join(unit.name for unit in synthetic.units(130))
    subprocess.run([sys.executable, "-B", "-c", f"import {names}"], cwd=tmp_path, check=True)


def test_the_catalog_is_imported_and_large(tmp_path: Path) -> None:
    synthetic.write_catalog(tmp_path, 130, importers=20)
    assert synthetic.catalog().count("\n") >= 3000
    assert sum(synthetic.CATALOG.encode() in path.read_bytes() for path in tmp_path.rglob("*.py")) == 20
    assert list(Links(tmp_path).broken()) == []
    subprocess.run([sys.executable, "-B", "-c", f"import {synthetic.CATALOG}"], cwd=tmp_path, check=True)


def test_a_run_of_imports_only_leaves_the_other_references(tmp_path: Path) -> None:
    files = {"app/__init__.py": "", "app/one.py": "", "app/two.py": "from app import one\n", "notes.md": "`app.one`\n"}
    repo = repository(tmp_path / "repo", files)
    plan = tmp_path / "plan.yaml"
    plan.write_text("version: 1\nname: x\nphases:\n  - id: a\n    do:\n      - move: {app.one: app.three}\n", "utf-8")
    script = str(Path(__file__).with_name("imports_only.py"))
    command = [sys.executable, script, "run", str(plan), "--all", "--no-checks", "--repo", str(repo)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (repo / "app/two.py").read_text("utf-8") == "from app import three\n"
    assert (repo / "notes.md").read_text("utf-8") == "`app.one`\n"


def test_the_moves_are_twenty_modules_that_are_there() -> None:
    moves = synthetic.moves(130)
    assert len(moves) == 20
    assert set(moves) <= {unit.name for unit in synthetic.units(130)}
    assert not set(moves) & set(moves.values())


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("import pkg.gone", ["import pkg.gone"]),
        ("from pkg.gone import x", ["from pkg.gone import ..."]),
        ("from pkg.here import gone", ["from pkg.here import gone"]),
        ("from . import gone", ["from pkg import gone"]),
        ("from .here import *", []),
        ("from .here import name", []),
        ("from pkg import here", []),
        ("from pkg.space import module", []),
        ("from pkg.lazy import anything", []),
        ("import json, elsewhere.gone", []),
    ],
)
def test_the_checker(tmp_path: Path, statement: str, broken: list[str]) -> None:
    files = {
        "__init__": "",
        "here": "name = 1\n",
        "space/module": "",
        "lazy": "def __getattr__(name): ...\n",
        "user": statement + "\n",
    }
    for name, text in files.items():
        path = tmp_path / "pkg" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert [what for _, _, what in Links(tmp_path).broken()] == broken


def test_language_server_edits_count_utf16_units() -> None:
    edits = [
        {"range": {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 6}}, "newText": "bb"},
        {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 1}}, "newText": ""},
    ]
    assert changed("'\U0001f40d' a\nxy\n", edits) == "'\U0001f40d' bb\ny\n"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_is_summed_over_all_processes(tmp_path: Path) -> None:
    code = "import time; kept = bytearray(60_000_000); time.sleep(0.6)"
    both = f"import subprocess, sys; a = subprocess.Popen([sys.executable, '-c', {code!r}]); {code}; a.wait()"
    alone = run([sys.executable, "-c", code], tmp_path).peak
    assert 60e6 < alone < 120e6
    assert run([sys.executable, "-c", both], tmp_path).peak > alone + 50e6


def test_publication_is_compared_with_git(tmp_path: Path) -> None:
    from tests.benchmarks.publication import once, prepared

    prepared(tmp_path, 130)
    ours, theirs, files = once(tmp_path)
    assert ours.wall > 0 < theirs.wall and files > 20

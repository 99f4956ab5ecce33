"""The replay against Python itself, on random packages."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.tree import Tree
from codemod.verify.ops import Program
from codemod.verify.replay import replay
from codemod.verify.resolve import Resolver
from codemod.verify.starts import Imports
from codemod.verify.world import World
from tests.verify.graphs import Graph, python_says, write_files

CASES = int(os.environ.get("CODEMOD_REPLAY_CASES", "60"))
TRIED = (93, 193)  # a package that tries to import the module that imports it, in vain, and goes on


def predicted(inventory: Inventory, start: str, shared: Imports) -> tuple[str, str, int]:
    failure = replay(World(inventory, Resolver(inventory)), start, bare=True)
    assert shared.failure(start) == failure
    if failure is None:
        return "ok", "", 0
    place = failure.steps[-1].place
    return failure.kind, place.path, place.line


def test_replay_agrees_with_python_on_random_packages(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    asked: list[tuple[str, str]] = []
    ours: list[tuple[str, str, int]] = []
    for seed in sorted({*range(CASES), *TRIED}):
        graph = Graph(seed)
        files = graph.files()
        write_files(tmp_path / str(seed), files)
        inventory = Inventory(Tree.of(files), ["."])
        shared = Imports(World(inventory, Resolver(inventory)), bare=True)
        for start in graph.modules:
            asked.append((str(seed), start))
            ours.append(predicted(inventory, start, shared))
    theirs = python_says(tmp_path, asked)
    wrong = [(a, o, t) for a, o, t in zip(asked, ours, theirs, strict=True) if o != t]
    failing = sum(verdict[0] != "ok" for verdict in theirs)
    record_property("agree", f"{len(asked) - len(wrong)} of {len(asked)}; {failing} fail in Python")
    assert failing > len(asked) // 20
    assert not wrong, wrong[:5]


def test_what_many_begin_with_is_imported_once() -> None:
    tests = {f"t/test_{number}.py": b"import app\nfrom . import kit\n" for number in range(50)}
    files = {
        "app/__init__.py": b"from app.a import A\n",
        "app/a.py": b"class A: ...\n",
        "t/__init__.py": b"",
        "t/kit.py": b"import app.a as a\nA = a.A\n",
        "broken/__init__.py": b"from broken.b import B\n",
        "broken/b.py": b"from broken import B\n",
        **tests,
        "t/test_broken.py": b"import broken\n",
    }
    inventory = Inventory(Tree.of(files), ["."])
    world = World(inventory, Resolver(inventory))
    read: list[str] = []

    class Counting(World):
        __slots__ = ()

        def program(self, module: Module) -> Program:
            read.append(module.name)
            return World.program(self, module)

    shared = Imports(Counting(inventory, Resolver(inventory)))
    for module in inventory.modules:
        assert shared.failure(module.name) == replay(world, module.name)
    assert shared.failure("t.test_broken") is not None
    assert read.count("app.a") < 10

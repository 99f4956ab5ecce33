"""The import graph: links, fan-in, cycles, dependencies."""

from __future__ import annotations

import graphlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.source.graph import Graph, Link, When, components, links_of
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree


def inventory(files: dict[str, str]) -> Inventory:
    return Inventory(Tree.of({path: text.encode() for path, text in files.items()}))


APP = inventory(
    {
        "app/__init__.py": "X = 1\n",
        "app/a.py": "import os\nimport app.b.c\nfrom . import X, b\nfrom app.b import c, missing\n",
        "app/b/__init__.py": "",
        "app/b/c.py": "def f():\n    from app import a\nclass K:\n    from app import a\n",
        "app/b/d.py": "import typing\nif typing.TYPE_CHECKING:\n    from app.a import q\nfrom .c import *\n",
        "tool/run.py": "import helper\nfrom app.a.inner import x\n",
        "tool/helper.py": "import app.nowhere\n",
    }
)


@pytest.mark.parametrize(
    ("module", "links"),
    [
        ("app", []),
        (
            "app.a",
            [
                Link("app.a", "app.b.c", 2),
                Link("app.a", "app", 3, "X"),
                Link("app.a", "app.b", 3),
                Link("app.a", "app.b.c", 4),
                Link("app.a", "app.b", 4, "missing"),
            ],
        ),
        ("app.b.c", [Link("app.b.c", "app.a", 2, when=When.LAZY), Link("app.b.c", "app.a", 4)]),
        ("app.b.d", [Link("app.b.d", "app.a", 3, "q", When.CHECKING), Link("app.b.d", "app.b.c", 4, "*")]),
        ("tool.run", [Link("tool.run", "tool.helper", 1)]),
        ("tool.helper", [Link("tool.helper", "app", 1)]),
    ],
)
def test_links(module: str, links: list[Link]) -> None:
    found = APP.modules.get(module)
    assert found is not None
    assert list(links_of(APP, found)) == links


def test_graph_of_a_package() -> None:
    graph = Graph.below(APP, "app")
    assert graph.modules == ("app", "app.a", "app.b", "app.b.c", "app.b.d")
    assert graph.adjacency()["app.b.d"] == ("app.a", "app.b.c")
    assert graph.adjacency(When.LOAD)["app.b.d"] == ("app.b.c",)
    assert graph.importers(When.LOAD)["app.b.c"] == ("app.a", "app.b.d")
    assert graph.cycles() == (("app.a", "app.b.c"),)
    assert Graph.below(APP, "app.b").dependencies("app.b") == ("app.a",)
    assert graph.dependencies("app") == ()
    assert Graph.below(APP, "app.nothing").modules == ()
    assert "tool.run" in Graph.below(APP, "").modules


nodes = st.integers(0, 7).map(str)


@given(st.dictionaries(nodes, st.lists(nodes, max_size=4), max_size=8))
def test_components_are_a_partition_in_dependency_order(adjacency: dict[str, list[str]]) -> None:
    found = components(adjacency)
    assert sorted(node for group in found for node in group) == sorted(adjacency)
    home = {node: number for number, group in enumerate(found) for node in group}
    assert all(home[target] <= home[node] for node in adjacency for target in adjacency[node] if target in adjacency)
    merged = {n: {home[t] for m in group for t in adjacency[m] if t in home} - {n} for n, group in enumerate(found)}
    tuple(graphlib.TopologicalSorter(merged).static_order())  # raises where two groups should be one
    for group in found:
        for start in group:
            seen, todo = {start}, [start]
            while todo:
                fresh = [t for t in adjacency[todo.pop()] if t in adjacency and t not in seen]
                seen.update(fresh)
                todo += fresh
            assert set(group) <= seen

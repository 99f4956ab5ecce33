"""Walking all nodes of a tree."""

from __future__ import annotations

import ast
import gc
import sys
from pathlib import Path

import pytest

from codemod.source.nodes import children, every_node

LEFT_OUT = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)

ODD = """
{**a, 1: b}
def f(x, *, y, z=1) -> int: global g
match v:
    case None: pass
    case {"k": 1, **rest}: pass
    case C(x, y=2) | [_, *others] as whole: pass
try: pass
except* E as e: pass
import a.b as c
from .. import d
f"{x!r:>{width}}"
async def h(): [i async for i in j if i]
"""


@pytest.mark.parametrize("text", [ODD, Path(ast.__file__).read_text(encoding="utf-8")], ids=["odd", "large"])
def test_the_same_nodes_as_the_standard_walk(text: str) -> None:
    tree = ast.parse(text)
    assert list(every_node(tree)) == [node for node in ast.walk(tree) if not isinstance(node, LEFT_OUT)]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="newer syntax")
def test_newer_syntax() -> None:
    tree = ast.parse("type A[T: int, *Ts, **P] = list[T]\nclass B[T]: ...\n")
    assert list(every_node(tree)) == [node for node in ast.walk(tree) if not isinstance(node, LEFT_OUT)]


def test_a_second_walk_gives_the_same() -> None:
    tree = ast.parse(ODD)
    broken_off = next(iter(every_node(tree)))
    first, second = list(every_node(tree)), list(every_node(tree))
    assert broken_off is tree
    assert [id(node) for node in first] == [id(node) for node in second]
    assert list(every_node(tree.body[0])) == [n for n in ast.walk(tree.body[0]) if not isinstance(n, LEFT_OUT)]


def test_a_walked_tree_is_freed() -> None:
    tree = ast.parse("x = 1")
    list(every_node(tree))
    assert not [holder for holder in gc.get_referrers(tree) if isinstance(holder, list)]


def test_what_a_node_holds_itself() -> None:
    call = ast.parse("f(a + 1, b=c)", mode="eval").body
    assert [type(node).__name__ for node in children(call)] == ["Name", "BinOp", "keyword"]
    assert children(ast.parse("x", mode="eval").body) == []

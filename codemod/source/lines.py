"""The parts of a syntax tree that stand on certain lines: a walk that leaves the rest out."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence

from .facts import Defining
from .nodes import children
from .text import Text


def stands_on(node: ast.AST, lines: Sequence[int]) -> bool:
    """True when a node, decorators included, covers one of the sorted lines; True for one that has no place."""
    first: int | None = getattr(node, "lineno", None)
    if first is None:
        return True
    if isinstance(node, Defining):
        first = min([first, *(decorator.lineno for decorator in node.decorator_list)])
    number = bisect_left(lines, first)
    return number < len(lines) and lines[number] <= (node.end_lineno or first)  # type: ignore[attr-defined]  # as `lineno`


def indent_of(text: Text, body: Sequence[ast.stmt]) -> str:
    """The white space in front of what the first block over several lines holds; four blanks where there is none."""
    for node in body:
        inner: list[ast.stmt] = getattr(node, "body", [])
        if inner and inner[0].lineno > node.lineno:
            start = text.offset(inner[0].lineno, 0)
            return text.data[start : start + inner[0].col_offset].decode()
    return "    "


def indented(block: str, newline: str, indent: str) -> str:
    """Lines with an indent in front of each."""
    return newline.join(indent + line for line in block.split(newline))


def walk_lines(tree: ast.AST, lines: Sequence[int]) -> Iterator[ast.AST]:
    """As `every_node`, without the nodes that cover none of the sorted lines and what lies in them."""
    todo = deque([tree])
    while todo:
        node = todo.popleft()
        if stands_on(node, lines):
            yield node
            todo.extend(children(node))

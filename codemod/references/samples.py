"""What a sample in a document names beside its code: chains from a package that it does not import, docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from codemod.base import names
from codemod.source.facts import Unparsable, parse
from codemod.source.nodes import every_node
from codemod.source.text import Text, Undecodable

from .crossrefs import docstrings
from .woven import opening

Span = tuple[int, int]


def _parsed(code: bytes) -> tuple[Text, ast.Module, int] | None:
    """The sample's text and tree, and how much stands in front of it there; None where it is no Python."""
    lead = opening(code)
    try:
        text = Text.of(lead + code)
        return text, parse(text), len(lead)
    except (Unparsable, Undecodable):
        return None


def docstring_lines(code: bytes) -> Iterator[Span]:
    """The part of each line that lies in a docstring."""
    parsed = _parsed(code)
    if parsed is None:
        return
    text, tree, lead = parsed
    for start, end in docstrings(text, tree):
        for line in re.finditer(rb"[^\r\n]+", text.data[start:end]):
            yield start + line.start() - lead, start + line.end() - lead


def unbound_chains(code: bytes) -> Iterator[tuple[Span, str]]:
    """(where, `a.b.c`) of each attribute chain whose first name the sample never binds; all of it is Python."""
    parsed = _parsed(code)
    if parsed is None:
        return
    text, tree, lead = parsed
    bound = set(_bound(tree))
    taken: set[int] = set()
    for node in every_node(tree):  # outer nodes come first: the longest chain counts
        dotted = _dotted(node) if isinstance(node, ast.Attribute) else ""
        if not dotted:
            continue
        start = text.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # an expression
        end = text.offset(node.end_lineno or 0, node.end_col_offset or 0)  # type: ignore[attr-defined]
        spelled = text.data[start:end].decode("utf-8", "replace")
        if start not in taken and names.top(dotted) not in bound and spelled == dotted:
            taken.add(start)
            yield (start - lead, end - lead), dotted


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in every_node(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield names.top(node.asname or node.name)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name

"""What tests patch by a dotted name: `patch("app.router.notify")`, `monkeypatch.setattr("app.router.notify", ...)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from codemod.source.text import Text

from .literals import Literals, bodies

PATCHING = frozenset({"patch", "setattr", "delattr", "multiple", "mock_patch"})
"""Calls that put another object where a dotted name leads: whoever reads the name there sees it."""

_NOTHING = re.compile(r"(?!)")
_BEFORE = re.compile(rb"(?:%s)\(\s*[rR]?[\"'](?:[\w.]*\.)?\Z" % b"|".join(sorted(word.encode() for word in PATCHING)))


@dataclass(frozen=True, slots=True)
class Target:
    """A dotted name that is patched, or the front of one, where it stands; offsets are bytes."""

    dotted: str
    start: int
    end: int
    line: int


def targets(text: Text, tree: ast.Module, wanted: Collection[str]) -> Iterator[Target]:
    """Where one of the `wanted` dotted names, or something in it, is patched by name."""
    found = {match for name in wanted for match in _lines(text, name)}
    for node, spot in Literals(_NOTHING).on(tree, sorted(found)):
        if spot.call not in PATCHING or not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        name = next((name for name in wanted if (node.value + ".").startswith(name + ".")), None)
        spans = bodies(text, node, node.value) if name else ()
        if name and len(spans) == 1:
            yield Target(name, spans[0][0], spans[0][0] + len(name.encode()), node.lineno)


def _lines(text: Text, name: str) -> Iterator[int]:
    pattern = re.compile(re.escape(name.encode()) + rb"(?![\w\x80-\xff])")
    return (text.line(match.start()) for match in pattern.finditer(text.data))


def only_patched(data: bytes, start: int, end: int) -> bool:
    """True when the dotted name whose end stands at `start:end` is the text that a patching call begins with."""
    return data[end : end + 1] in (b'"', b"'", b".") and _BEFORE.search(data[max(start - 300, 0) : start]) is not None

"""What tests patch by a dotted name: `patch("app.router.notify")`, `monkeypatch.setattr("app.router.notify", ...)`."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .literals import Literals, bodies

PATCHING = frozenset({"patch", "setattr", "delattr", "multiple", "mock_patch"})
"""Calls that put another object where a dotted name leads: whoever reads the name there sees it."""

_NOTHING = lazy(r"(?!)")
_BEFORE = lazy(rb"(?:%s)\(\s*[rR]?[\"'](?:[\w.]*\.)?\Z" % b"|".join(sorted(word.encode() for word in PATCHING)))


@dataclass(frozen=True, slots=True)
class Target:
    """A dotted name that is patched, or the front of one, where it stands; offsets are bytes."""

    dotted: str
    start: int
    end: int
    line: int
    quote: bytes = b""  # around the new text, where a module and a text become one text
    cut: tuple[int, int] | None = None  # goes along: `.object` of `patch.object(api, "send")`

    def renamed(self, new: str) -> Iterator[Edit]:
        """The edits that let it name something else."""
        yield Edit(self.start, self.end, self.quote + new.encode() + self.quote)
        if self.cut is not None:
            yield Edit(*self.cut, b"")


def targets(text: Text, tree: ast.Module, wanted: Collection[str]) -> Iterator[Target]:
    """Where one of the `wanted` dotted names, or something in it, is patched by name."""
    found = {match for name in wanted for match in _lines(text, name)}
    handed = _handed(tree) if found else frozenset()
    for node, spot in Literals(_NOTHING).on(tree, sorted(found)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if spot.call not in PATCHING and (spot.call or spot.label not in handed):
            continue
        name = next((name for name in wanted if (node.value + ".").startswith(name + ".")), None)
        spans = bodies(text, node, node.value) if name else ()
        if name and len(spans) == 1:
            yield Target(name, spans[0][0], spans[0][0] + len(name.encode()), node.lineno)


def _handed(tree: ast.Module) -> frozenset[str]:
    """Variables that are there to be patched: `PLACE = "app.router.notify"`, read by nothing but `patch(PLACE)`."""
    read, handed = Counter[str](), Counter[str]()
    for node in every_node(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            read[node.id] += 1
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
            function = node.func
            word = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            handed[node.args[0].id] += word in PATCHING
    return frozenset(name for name, times in handed.items() if times and times == read[name])


def in_objects(
    text: Text, tree: ast.Module, module_of: Callable[[ast.expr], str | None], wanted: Collection[str]
) -> Iterator[Target]:
    """Where one of the `wanted` dotted names is patched by module and name: `patch.object(api, "send")`."""
    lasts = {names.last(name) for name in wanted}
    for node in every_node(tree):
        function = node.func if isinstance(node, ast.Call) and len(node.args) > 1 else None
        if not isinstance(node, ast.Call) or not isinstance(function, ast.Attribute):
            continue
        owner, literal = node.args[:2]
        by_name = isinstance(literal, ast.Constant) and isinstance(literal.value, str) and literal.value in lasts
        module = module_of(owner) if by_name and function.attr in ("object", "setattr", "delattr") else None
        dotted = names.join(module, str(literal.value)) if module and isinstance(literal, ast.Constant) else ""
        if dotted in wanted:
            start = text.offset(owner.lineno, owner.col_offset)
            end = text.offset(literal.end_lineno or literal.lineno, literal.end_col_offset or 0)
            name = text.offset(function.end_lineno or function.lineno, function.end_col_offset or 0)
            cut = (name - len(".object"), name) if function.attr == "object" else None
            yield Target(dotted, start, end, node.lineno, text.data[end - 1 : end], cut)


def _lines(text: Text, name: str) -> Iterator[int]:
    pattern = re.compile(re.escape(name.encode()) + rb"(?![\w\x80-\xff])")
    return (text.line(match.start()) for match in pattern.finditer(text.data))


def only_patched(data: bytes, start: int, end: int) -> bool:
    """True when the dotted name whose end stands at `start:end` is the text that a patching call begins with."""
    return data[end : end + 1] in (b'"', b"'", b".") and _BEFORE.search(data[max(start - 300, 0) : start]) is not None

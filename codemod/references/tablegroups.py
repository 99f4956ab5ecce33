"""Tables that list the names of each module, `{"user": ["User", "Guest"]}`: a name that leaves gets another entry."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.rewrite.listing import cut_items
from codemod.source.text import Text, line_start

_INDENT = lazy(rb"[ \t]*")
_QUOTE = lazy(rb"[\"']")


@dataclass(slots=True)
class Group:
    """One entry of a table: a module, the display of its names, and the numbers of those that leave by new module."""

    module: ast.Constant
    value: ast.Tuple | ast.List | ast.Set
    leaving: dict[str, list[int]] = field(default_factory=dict)


def divided(text: Text, groups: Sequence[Group]) -> Iterator[Edit | ast.Constant]:
    """The edits to a table's entries; the key of an entry where they cannot be told."""
    by_key = {str(group.module.value): group for group in groups}
    for group in groups:
        if not group.leaving:
            continue
        gone = {number for numbers in group.leaving.values() for number in numbers}
        others = [by_key[target] for target in group.leaving if target in by_key]
        stays = len(group.value.elts) - len(gone)
        plain = not isinstance(group.value, ast.Tuple) or stays > 1
        if not stays or not plain or any(other.leaving or not other.value.elts for other in others):
            yield group.module
            continue
        spans = [_span(text, element) for element in group.value.elts]
        for start, end in cut_items(text.data, spans, gone):
            yield Edit(start, end, b"", "the name leaves its module", True)
        written = {t: b", ".join(text.data[slice(*spans[n])] for n in ns) for t, ns in group.leaving.items()}
        for other in others:
            at = _span(text, other.value.elts[-1])[1]
            yield Edit(at, at, b", " + written.pop(str(other.module.value)), "the name arrives at its module", True)
        if written:
            yield _entries(text, group, written)


def _entries(text: Text, group: Group, written: dict[str, bytes]) -> Edit:
    """New entries behind one, in its style."""
    (start, stop), (opening, end) = _span(text, group.module), _span(text, group.value)
    first = line_start(text.data, start)
    indent = _INDENT.match(text.data, first)
    apart = b", " if indent is None or indent.end() != start else b"," + text.newline + indent.group()
    quote = _QUOTE.search(text.data, start, stop)
    mark = quote.group() if quote else b'"'
    brackets = text.data[opening : opening + 1], text.data[end - 1 : end]
    new = b"".join(
        apart + mark + target.encode() + mark + b": " + brackets[0] + listed + _single(group, listed) + brackets[1]
        for target, listed in written.items()
    )
    return Edit(end, end, new, "the name arrives at its module", True)


def _single(group: Group, listed: bytes) -> bytes:
    """The comma that makes a tuple of one name."""
    return b"," if isinstance(group.value, ast.Tuple) and b"," not in listed else b""


def _span(text: Text, node: ast.expr) -> tuple[int, int]:
    offset = text.offset
    return offset(node.lineno, node.col_offset), offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

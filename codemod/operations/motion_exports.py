"""`__all__` of the modules between which names move."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit
from codemod.rewrite.listing import cut_items

from .motion_anatomy import Anatomy, Piece
from .motion_dissolve import within
from .motion_reads import Reads

WHY = "the export follows its definition"
_LIST_OF = lazy(rb"\.__all__\b|[\"']__all__[\"']")


Display = ast.List | ast.Tuple | ast.Set


def displays(anatomy: Anatomy) -> Iterator[Display]:
    """The literal lists and tuples that make up `__all__`."""
    for piece in anatomy.pieces:
        if piece.kind == "exports":
            for node in piece.nodes:
                yield from (inner for inner in ast.walk(node) if isinstance(inner, (ast.List, ast.Tuple, ast.Set)))


def strings_of(display: Display) -> list[ast.Constant]:
    """The strings in a display."""
    return [e for e in display.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]


def exported(anatomy: Anatomy) -> tuple[str, ...] | None:
    """The strings of `__all__` in order; None when the module has none."""
    pieces = [piece for piece in anatomy.pieces if piece.kind == "exports"]
    if not pieces:
        return None
    found: list[str] = []
    for node in (node for piece in pieces for node in piece.nodes):
        shown = [inner for inner in ast.walk(node) if isinstance(inner, (ast.List, ast.Tuple, ast.Set))]
        found += [str(element.value) for display in shown for element in strings_of(display)] or _added(node)
    return tuple(found)


def given(
    lists: Mapping[str, Sequence[str] | None], public: Mapping[str, Sequence[str]], starred: Collection[str],
    *, read: bool,
) -> dict[str, Sequence[str]]:  # fmt: skip
    """What each of several modules adds to the `__all__` of their union: its list, without one all that is public.

    Where a module with a list is imported by a star, and one without is not, that star shall not give more than before;
    nor shall a list that code may work on, here or elsewhere.
    """
    guarded = read or any(listed is not None and name in starred for name, listed in lists.items())
    open_ = {name: names if not guarded or name in starred else () for name, names in public.items()}
    return {name: listed if listed is not None else open_[name] for name, listed in lists.items()}


def public(anatomy: Anatomy) -> list[str]:
    """The public names that a module defines, in their order."""
    bound = [name for piece in anatomy.pieces if piece.kind == "definition" for name in sorted(piece.binds)]
    return [name for name in dict.fromkeys(bound) if not name.startswith("_")]


def may_read_lists(code: bytes) -> bool:
    """True when a file may read the `__all__` of another module."""
    return _LIST_OF.search(code) is not None


def readers(anatomy: Anatomy, reads: Reads) -> Iterator[Piece]:
    """The statements that read `__all__`, not those that make it up."""
    for piece in anatomy.pieces:
        if piece.kind != "exports" and any(read.name == "__all__" for read in reads.of(piece)):
            yield piece


def emptied(anatomy: Anatomy, names: Collection[str]) -> Iterator[Piece]:
    """The statements that add nothing but `names` to `__all__`."""
    stays = not set(exported(anatomy) or ()) <= set(names)  # otherwise an empty list is left to grow again
    for piece in anatomy.pieces if names else ():
        added = _added(piece.nodes[0]) if piece.kind == "exports" and len(piece.nodes) == 1 else []
        if added and set(added) <= set(names) and (stays or b"append" in anatomy.source(piece)):
            yield piece


def _added(node: ast.stmt) -> list[str]:
    """The literal names of `__all__ += [...]`, `__all__.extend([...])`, `__all__.append("x")`; none for other forms."""
    given: ast.expr | None = node.value if isinstance(node, ast.AugAssign) else None
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        how, args = node.value.func.attr, node.value.args
        given = args[0] if len(args) == 1 and how in ("append", "extend") else None
        if how == "append" and isinstance(given, ast.Constant) and isinstance(given.value, str):
            return [given.value]
    elements = given.elts if isinstance(given, (ast.List, ast.Tuple)) else []
    strings = [e.value for e in elements if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return strings if len(strings) == len(elements) else []


def without(anatomy: Anatomy, names: Collection[str]) -> Iterator[Edit]:
    """Take names out of `__all__`, but for the statements that go whole."""
    whole = [(piece.start, piece.end) for piece in emptied(anatomy, names)]
    for display in displays(anatomy):
        elements = strings_of(display) if not within(anatomy.scopes.span(display)[0], whole) else []
        leaving = {n for n, element in enumerate(elements) if element.value in names}
        spans = [anatomy.scopes.span(element) for element in elements]
        cuts = cut_items(anatomy.text.data, spans, leaving)
        yield from (Edit(start, end, b"", WHY) for start, end in cuts)
        stay = [n for n in range(len(elements)) if n not in leaving]
        if leaving and len(stay) == 1 and isinstance(display, ast.Tuple):
            end = spans[stay[0]][1]
            comma = re.compile(rb"\s*,").match(anatomy.text.data, end)
            if comma is None or any(first < comma.end() <= last for first, last in cuts):
                yield Edit(end, end, b",", WHY)  # a tuple of one


def closed(anatomy: Anatomy, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Join the brackets of a list that `edits` emptied over several lines."""
    data = anatomy.text.data
    for display in displays(anatomy):
        start, end = anatomy.scopes.span(display)
        at, inside = start + 1, sorted((e.start, e.end) for e in edits if start < e.start < end and not e.new)
        gaps: list[tuple[int, int]] = []
        for first, last in [*inside, (end - 1, end)]:
            gaps.append((at, first))
            at = last
        left = b"".join(data[first:last] for first, last in gaps)
        if inside and b"\n" in left and not left.strip():
            yield from (Edit(first, last, b"", WHY) for first, last in gaps if first < last)


def own_line(anatomy: Anatomy, start: int, end: int) -> tuple[int, int] | None:
    """The line of an element when nothing but a comma and a comment stands on it."""
    text = anatomy.text
    line = text.line(start)
    first = text.starts[line - 1]
    last = text.starts[line] if line < len(text.starts) else len(text.data)
    rest = text.data[end:last].strip()
    if text.data[first:start].strip() or not re.fullmatch(rb",?[ \t]*(#[^\r\n]*)?", rest):
        return None
    return first, last


def with_names(anatomy: Anatomy, names: Sequence[str], leaving: Collection[str] = ()) -> Iterator[Edit]:
    """Add names to the last literal list of `__all__` that keeps an element, in its style; else to the first."""
    every = [[e for e in strings_of(display) if e.value not in leaving] for display in displays(anatomy)]
    kept = [elements for elements in every if elements]
    if not kept or not names:
        yield from _into_empty(anatomy, names) if names else ()
        return
    start, end = anatomy.scopes.span(kept[-1][-1])
    data = anatomy.text.data
    quote = data[end - 1 : end]
    line = own_line(anatomy, start, end)
    if line is None:
        yield Edit(end, end, b"".join(b", " + quote + n.encode() + quote for n in names), WHY)
        return
    indent, newline = data[line[0] : start], anatomy.text.newline
    if data[end:].lstrip(b" \t").startswith(b","):
        added = b"".join(indent + quote + n.encode() + quote + b"," + newline for n in names)
        yield Edit(line[1], line[1], added, WHY)
    else:
        yield Edit(end, end, b"".join(b"," + newline + indent + quote + n.encode() + quote for n in names), WHY)


def _into_empty(anatomy: Anatomy, names: Sequence[str]) -> Iterator[Edit]:
    """Names for a literal list of which no element stays."""
    for display in displays(anatomy):
        elements = strings_of(display)
        if not elements:
            continue
        data, close = anatomy.text.data, anatomy.scopes.span(display)[1] - 1
        if data[close : close + 1] not in b")]}":
            return  # a tuple without brackets
        quote = data[anatomy.scopes.span(elements[-1])[1] - 1 :][:1]
        line = data[data.rfind(b"\n", 0, close) + 1 : close]
        if line.strip():
            text = b", ".join(quote + name.encode() + quote for name in names)
            yield Edit(close, close, text + (b"," if len(names) == 1 and isinstance(display, ast.Tuple) else b""), WHY)
        else:
            indent, newline = line + b"    ", anatomy.text.newline
            rows = b"".join(indent + quote + name.encode() + quote + b"," + newline for name in names)
            yield Edit(close - len(line), close - len(line), rows, WHY)
        return


def statement(names: Sequence[str], newline: str, width: int) -> str:
    """`__all__ = [...]`; type checkers want to be told what an empty one is a list of."""
    if not names:
        return "__all__: list[str] = []"
    quoted = [f'"{name}"' for name in names]
    line = f"__all__ = [{', '.join(quoted)}]"
    if len(line) <= width:
        return line
    return "__all__ = [" + newline + "".join(f"    {item},{newline}" for item in quoted) + "]"

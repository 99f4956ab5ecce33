"""Code that arrives in a module: pieces of another one, fitted in, and imports put into functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit, apply

from .motion_anatomy import Anatomy, Definitions, Piece, Section
from .motion_reads import Host
from .motion_text import recast


@dataclass(slots=True, eq=False)
class Arrival:
    """Pieces of one module that go to another, with the edits that make them fit there."""

    source: str
    anatomy: Anatomy
    pieces: list[Piece]
    edits: list[Edit] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    lead: bytes = b""  # comment lines above the first piece

    def slice(self, start: int, end: int, newline: bytes) -> bytes:
        """A stretch of the source as it stands in the new module."""
        inside = [
            Edit(e.start - start, e.end - start, e.new, e.reason)
            for e in self.edits
            if start <= e.start and e.end <= end
        ]
        return recast(apply(self.anatomy.text.data[start:end], inside), newline)

    def heading(self, piece: Piece, last: Piece | None) -> Iterator[Section]:
        """The sections that begin above a piece, behind the one before it."""
        floor = last.end if last is not None else 0
        return (section for section in self.sections if floor <= section.start and section.end <= piece.start)


def sequence_text(sequence: Sequence[tuple[Arrival, Piece]], newline: bytes) -> bytes:
    """Pieces in their new order, with the blank lines that they had or that PEP 8 asks for."""
    parts: list[bytes] = []
    last: tuple[Arrival, Piece] | None = None
    seen: dict[Arrival, Piece] = {}
    for arrival, piece in sequence:
        apart = newline * 2 if parts else b""
        if arrival.lead and arrival not in seen:
            parts.append(apart + arrival.lead + newline)
            last, apart = None, b""
        for section in arrival.heading(piece, seen.get(arrival)):
            parts.append(apart + arrival.slice(section.start, section.end, newline))
            gap = arrival.anatomy.text.data[section.end : piece.start]
            parts.append(newline * min(len(gap.splitlines()), 2) if not gap.strip() else newline)
            last, apart = None, newline
        if last is not None:
            parts.append(newline * _between(last, arrival, piece))
        parts.append(arrival.slice(piece.start, piece.end, newline))
        last = (arrival, piece)
        seen[arrival] = piece
    return b"".join(parts)


def _between(last: tuple[Arrival, Piece], arrival: Arrival, two: Piece) -> int:
    """Blank lines between two pieces."""
    one, data = last[1], arrival.anatomy.text.data
    if last[0] is arrival and one.number + 1 == two.number and not data[one.end : two.start].strip():
        return len(data[one.end : two.start].splitlines())
    return 2 if is_block(one) or is_block(two) else 1


def is_block(piece: Piece) -> bool:
    """True for a function or class, which PEP 8 sets off by two blank lines."""
    return any(isinstance(node, Definitions) for node in piece.nodes)


def import_inside(anatomy: Anatomy, host: Host, lines: Sequence[str]) -> Edit:
    """Put import statements at the start of a function (behind its docstring), or of the main guard."""
    text = anatomy.text
    body = host.body
    first = body[0]
    is_doc = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    if is_doc and len(body) > 1:
        first = body[1]
    line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    start = text.starts[line - 1]
    at = text.offset(first.lineno, first.col_offset)
    lead = text.data[start : text.offset(line, first.col_offset)]
    if lead.strip():  # `def f(): return x`
        return Edit(at, at, "".join(f"{line}; " for line in lines).encode(), "imported where it is used")
    newline = text.newline
    return Edit(start, start, b"".join(lead + line.encode() + newline for line in lines), "imported where it is used")

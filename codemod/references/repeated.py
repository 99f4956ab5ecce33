"""Imports that become the same statement, one below the other: what two modules gave comes from one after a merge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.rewrite.edits import Edit, apply
from codemod.source.facts import Import
from codemod.source.text import Text


def without_repeated(text: Text, statements: Sequence[Import], edits: Sequence[Edit]) -> list[Edit]:
    """The edits, with a statement taken out that says again what one above it in the same block of imports says.

    Only where an edit makes it so: what was written twice before stays.
    """
    if not _says_again(text, statements, edits):
        return list(edits)
    dropped = [pair for block in _blocks(text, statements) for pair in _repeated(text, block, edits)]
    kept = [e for e in edits if not any(s.start <= e.start and e.end <= s.end for s, _ in dropped)]
    return [*kept, *(Edit(*span, b"", "the import is there already") for _, span in dropped)]


def _says_again(text: Text, statements: Sequence[Import], edits: Sequence[Edit]) -> bool:
    """A cheap question: does an edited statement become what another one says, wherever it stands?"""
    said: set[bytes] = set()
    fresh: list[bytes] = []
    for statement in statements:
        if any(statement.start <= e.start and e.end <= statement.end for e in edits):
            fresh.append(_new(text, statement, edits))
        else:
            said.add(text.data[statement.start : statement.end])
    return len(said.union(fresh)) < len(said) + len(fresh)


def _new(text: Text, statement: Import, edits: Sequence[Edit]) -> bytes:
    """A statement as it is to be."""
    inside = [e for e in edits if statement.start <= e.start and e.end <= statement.end]
    shifted = [Edit(e.start - statement.start, e.end - statement.start, e.new, e.reason) for e in inside]
    return apply(text.data[statement.start : statement.end], shifted)


def _blocks(text: Text, statements: Sequence[Import]) -> Iterator[list[Import]]:
    """Runs of plain statements of a module with nothing but blank lines between them, each alone on its lines."""
    block: list[Import] = []
    for statement in statements:
        plain = statement.scope == "module" and not statement.guard and _lines(text, statement) is not None
        follows = block and not text.data[block[-1].end : statement.start].strip()
        if block and not (plain and follows):
            yield block
            block = []
        if plain:
            block.append(statement)
    if block:
        yield block


def _repeated(text: Text, block: Sequence[Import], edits: Sequence[Edit]) -> Iterator[tuple[Import, tuple[int, int]]]:
    """(statement, its lines) of those that repeat another one of a block."""
    known: dict[bytes, tuple[int, bool]] = {}  # statement as it is to be -> its number, whether it changes
    for number, statement in enumerate(block):
        inside = [e for e in edits if statement.start <= e.start and e.end <= statement.end]
        new, lines = _new(text, statement, edits), _lines(text, statement)
        inserted = lines is not None and any(_is_beside(statement, lines, e) for e in edits)
        above, changed = known.get(new, (number, False))
        bound = {statement.bound(alias) for alias in statement.aliases}
        between = {other.bound(alias) for other in block[above + 1 : number] for alias in other.aliases}
        if not inserted and lines is not None and above < number and (inside or changed) and not bound & between:
            yield statement, lines
        known.setdefault(new, (number, bool(inside)))


def _is_beside(statement: Import, lines: tuple[int, int], edit: Edit) -> bool:
    """True for what is written on a statement's lines, in front of it or behind it."""
    at = edit.start
    return edit.start == edit.end and lines[0] <= at < lines[1] and (at <= statement.start or at >= statement.end)


def _lines(text: Text, statement: Import) -> tuple[int, int] | None:
    """The whole lines of a statement, with the end of the last one; None where something else stands on them."""
    first, last = text.line(statement.start), text.line(max(statement.start, statement.end - 1))
    begin = text.starts[first - 1]
    end = text.starts[last] if last < len(text.starts) else len(text.data)
    alone = begin == statement.start and not text.data[statement.end : end].strip()
    return (begin, end) if alone and end > statement.end else None

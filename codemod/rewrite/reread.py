"""The facts of an edited file from those it had: only the top-level statements that an edit touches are parsed again.

A module is a sequence of statements that each begin at column 0.  Where such a statement is replaced by text that is
itself a sequence of whole statements, the rest is read as before: the tokenizer keeps nothing from one to the next.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from codemod.base.values import dataclass, replace
from codemod.source.facts import (
    Alias,
    Defining,
    Definition,
    Facts,
    Import,
    docstring_of,
    facts_of_tree,
    is_downgraded,
    parse_as_is,
)
from codemod.source.text import Text, line_starts

from .edits import Edit

_KEPT = (b"__all__", b"global")  # what these words say is known of the file as a whole, not statement by statement


@dataclass(frozen=True, slots=True)
class _Part:
    """Whole statements between two offsets of the old text, and the offset and line of them in the new one."""

    start: int
    end: int
    text: bytes | None = None  # the new text, None where it is as it was


def facts_after(text: Text, tree: ast.Module | None, facts: Facts, edits: Iterable[Edit]) -> Facts | None:
    """The facts of `text` with `edits` made; `tree` (where there is one) and `facts` are those of `text`.

    None where that takes a parse of the whole: where the new statements do not parse on their own, for instance.
    """
    if tree is not None and is_downgraded(tree):
        return None
    cuts = _cuts(text, tree) if tree is not None else _cuts_by_imports(text, facts)
    imports: list[Import] = []
    definitions: list[Definition] = []
    olds = _Items(facts)
    doc = facts.docstring
    shift, lines = 0, 0
    for part in _parts(text.data, cuts, sorted(set(edits))):
        if part.text is None:
            imports += _moved_imports(olds.imports_until(part.end), shift, lines)
            definitions += _moved_definitions(olds.definitions_until(part.end), shift, lines)
            continue
        old = text.data[part.start : part.end]
        fresh = None if any(word in old or word in part.text for word in _KEPT) else _read(part.text)
        if fresh is None or (part.end < len(text.data) and not _ends_a_line(part.text)):
            return None
        inner, found, starts = fresh
        if not inner.body and (part.start == 0 or tree is None):
            return None  # what follows may be the docstring now
        if part.start == 0:
            doc = docstring_of(inner)
        elif tree is None and docstring_of(inner):
            return None
        olds.imports_until(part.end)
        olds.definitions_until(part.end)
        first = part.start + shift
        line = text.line(part.start) - 1 + lines
        imports += _moved_imports(found.imports, first, line)
        definitions += _moved_definitions(found.definitions, first, line)
        shift += len(part.text) - len(old)
        lines += (len(starts) - 1) - (len(line_starts(old)) - 1)
    return replace(facts, imports=tuple(imports), definitions=tuple(definitions), docstring=doc)


def _cuts(text: Text, tree: ast.Module) -> list[int]:
    """Where the text can be divided: at top-level statements that begin a line; the first part begins at 0."""
    cuts = [0]
    plain = b"\\" not in text.data
    for node in tree.body[1:]:
        if node.col_offset:
            continue  # behind a `;`
        line = node.lineno
        if isinstance(node, Defining):
            line = min([line, *(decorator.lineno for decorator in node.decorator_list)])
        start = text.starts[line - 1]
        if plain or not _goes_on(text.data, cuts[-1], start):
            cuts.append(start)
    return cuts


def _goes_on(data: bytes, start: int, end: int) -> bool:
    """True when the last line between two offsets continues behind them."""
    return data[start:end].rstrip(b"\r\n").endswith(b"\\")


def _cuts_by_imports(text: Text, facts: Facts) -> list[int]:
    """As `_cuts`, without a tree: in front of and behind the import statements of the module's own block."""
    cuts = [0]
    for statement in facts.imports:
        if statement.scope != "module" or statement.guard:
            continue
        start = text.starts[text.line(statement.start) - 1]
        last = text.line(statement.end)
        end = text.starts[last] if last < len(text.starts) else len(text.data)
        rest = text.data[statement.end : end].strip()
        if start != statement.start or (rest and not rest.startswith(b"#")):
            continue  # it shares a line
        for cut in (start, end):
            if cut > cuts[-1] and not _goes_on(text.data, cuts[-1], cut):
                cuts.append(cut)
    return cuts if cuts[-1] < len(text.data) or len(cuts) == 1 else cuts[:-1]


def _parts(data: bytes, cuts: Sequence[int], edits: Sequence[Edit]) -> Iterator[_Part]:
    """The text from start to end: runs of statements that no edit touches, and runs that have a new text."""
    ends = [*cuts[1:], len(data)]
    position = 0
    number = 0
    while number < len(edits):
        first = bisect_right(cuts, edits[number].start) - 1
        last = first
        inside: list[Edit] = []
        while number < len(edits):
            edit = edits[number]
            here = bisect_right(cuts, edit.start) - 1
            if here > last + 1:
                break
            until = max(here, bisect_left(cuts, edit.end) - 1)
            last = max(last, until)
            inside.append(edit)
            number += 1
        start, end = cuts[first], ends[last]
        if start > position:
            yield _Part(position, start)
        yield _Part(start, end, _applied(data, start, end, inside))
        position = end
    if position < len(data):
        yield _Part(position, len(data))


def _applied(data: bytes, start: int, end: int, edits: Iterable[Edit]) -> bytes:
    pieces: list[bytes] = []
    position = start
    for edit in edits:
        pieces += [data[position : edit.start], edit.new]
        position = edit.end
    return b"".join([*pieces, data[position:end]])


def _read(data: bytes) -> tuple[ast.Module, Facts, tuple[int, ...]] | None:
    """The tree and the facts of some statements, and where their lines start."""
    text = Text(data, line_starts(data), "utf-8", False)
    try:
        tree = parse_as_is(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree, facts_of_tree(text, tree), text.starts


def _ends_a_line(data: bytes) -> bool:
    """False where what follows would be read together with the last line."""
    return data.endswith((b"\n", b"\r")) and not data.rstrip().endswith(b"\\")


class _Items:
    """The facts of the old text, handed out from start to end."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.imports = 0
        self.definitions = 0

    def imports_until(self, end: int) -> Sequence[Import]:
        first, found = self.imports, self.facts.imports
        while self.imports < len(found) and found[self.imports].start < end:
            self.imports += 1
        return found[first : self.imports]

    def definitions_until(self, end: int) -> Sequence[Definition]:
        first, found = self.definitions, self.facts.definitions
        while self.definitions < len(found) and found[self.definitions].start < end:
            self.definitions += 1
        return found[first : self.definitions]


def _moved_imports(found: Sequence[Import], shift: int, lines: int) -> Iterable[Import]:
    if not (shift or lines):
        return found
    return [
        Import(
            each.module,
            each.level,
            tuple(Alias(a.name, a.asname, a.start + shift, a.end + shift) for a in each.aliases),
            each.start + shift,
            each.end + shift,
            each.line + lines,
            each.scope,
            each.guard,
        )
        for each in found
    ]


def _moved_definitions(found: Sequence[Definition], shift: int, lines: int) -> Iterable[Definition]:
    if not (shift or lines):
        return found
    return [Definition(each.name, each.kind, each.start + shift, each.end + shift, each.line + lines) for each in found]

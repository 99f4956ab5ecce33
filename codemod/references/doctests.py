"""Examples in docstrings: what stands behind `>>>` is rewritten as code, its output where it names types."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, replace
from codemod.rewrite.edits import Edit
from codemod.source.facts import Unparsable
from codemod.source.text import Text

from .crossrefs import docstrings, spells
from .ownpath import may_climb
from .shown import shown
from .view import View

_LINE = lazy(rb"[^\r\n]*(?:\r\n|\r|\n)?")
_BREAK = lazy(rb"\r\n|\r|\n")
_SESSION = lazy(rb"(?s)>>>.*?(?=\n\s*\n|\r\s*\r|\Z)")  # no example goes on behind an empty line
_PROMPT = lazy(rb"(?P<indent>[ \t]*)(?P<prompt>>>>|\.\.\.)(?: (?P<code>[^\r\n]*)|(?=[\r\n]|$))")

_COMMENT = lazy(rb"#[^\r\n]*")
_WORD = lazy(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_SYNTAX = {b"from", b"import", b"as"}

CodeEdits = Callable[[Text], Sequence[Edit]]
"""The edits to a Python text as code; raises Unparsable."""

Span = tuple[int, int]


@dataclass(slots=True)
class Example:
    """One example: the spans of its lines of code, the indent of its prompts, and the spans of its lines of output."""

    indent: bytes
    code: list[Span]
    output: list[Span]

    def parses(self, data: bytes) -> bool:
        """True when the code is Python; what shows an error, or a session of another shell, is not."""
        source = b"\n".join(data[start:end] for start, end in self.code)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(source.decode("utf-8", "replace"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True


def doctest_edits(
    view: View, text: Text, tree: Callable[[], ast.Module], code_edits: CodeEdits, edits: Sequence[Edit]
) -> Iterator[Edit]:
    """The edits to the examples of one file; `edits` are those to its code, whose names examples may use.

    Each docstring's examples become a function behind the file's own text, since they see the module's names and keep
    their own; what `code_edits` finds in these functions is carried back.  An example that is no Python stays.
    """
    if b">>>" not in text.data:
        return
    respelled = {word for edit in edits for word in _WORD.findall(text.data[edit.start : edit.end])} - _SYNTAX

    def may_change(content: bytes) -> bool:
        shown = b"\n".join(_SESSION.findall(content))
        relative = view.moves and b"from" in shown
        placed = may_climb(view, shown)
        return relative or placed or not respelled.isdisjoint(_WORD.findall(shown)) or spells(view.intent, shown)

    if not may_change(text.data):
        return
    spans = (span for span in docstrings(text, tree()) if may_change(text.data[slice(*span)]))
    found = [list(examples(text.data, *span)) for span in spans]
    made = _Made(text)
    for group in found:
        made.add([example for example in group if example.parses(text.data)])
    for example in (example for group in found for example in group):
        yield from _output_edits(view, text, example)
    if made.lines:
        try:
            yield from made.carried_back(code_edits(made.text()))
        except Unparsable:
            return


def examples(data: bytes, start: int, end: int) -> Iterator[Example]:
    """The examples of the docstring at `start:end`, in order."""
    current: Example | None = None
    while start < end:
        line = _LINE.match(data, start, end)
        stop = max(start + 1, line.end() if line else end)
        found = _PROMPT.match(data, start, stop)
        first = found is not None and found["prompt"] == b">>>"
        if first:
            if current is not None:
                yield current
            current = Example(found["indent"] if found else b"", [], [])
        if current is not None:
            if found and (first or (found["indent"] == current.indent and not current.output)):
                current.code.append(found.span("code") if found["code"] is not None else (found.end(), found.end()))
            elif data[start:stop].strip():
                current.output.append((start, stop))
            else:
                yield current
                current = None
        start = stop
    if current is not None:
        yield current


def _output_edits(view: View, text: Text, example: Example) -> Iterator[Edit]:
    """Names of types in what an example shows: `<class 'a.b.C'>`, and the error at the end of a traceback."""
    lines = [(start, text.data[start:end].decode("utf-8")) for start, end in example.output]
    raised = bool(lines) and lines[0][1].lstrip().startswith("Traceback ")
    for at, line in lines:
        for edit in shown(view, line, raised=raised):
            yield replace(edit, start=at + edit.start, end=at + edit.end, reason=f"{edit.reason} in an example")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of example code: where it stands in the file, and where in the text that is made of the examples."""

    start: int
    end: int
    at: int
    indent: bytes
    group: int  # the docstring
    example: int  # counted through the file


class _Made:
    """The file with its examples as functions behind it."""

    def __init__(self, text: Text) -> None:
        self.own = text
        self.data = bytearray(text.data + b"\n")
        self.lines: list[_Line] = []
        self.groups = self.examples = 0

    def add(self, group: Sequence[Example]) -> None:
        """One docstring's examples as one more function."""
        if not group:
            return
        self.groups += 1
        self.data += b"def __doctest__():\n pass\n"  # examples may be empty
        for example in group:
            self.examples += 1
            for start, end in example.code:
                self.data += b" "
                self.lines.append(_Line(start, end, len(self.data), example.indent, self.groups, self.examples))
                self.data += self.own.data[start:end] + b"\n"

    def text(self) -> Text:
        """The whole as a text; it is UTF-8, whatever the file declares."""
        data = bytes(self.data)
        return Text(data, (0, *(found.end() for found in _BREAK.finditer(data))), "utf-8", False)

    def carried_back(self, edits: Sequence[Edit]) -> Iterator[Edit]:
        """The edits behind the file's own text at their places in it: all or none of those of a docstring."""
        starts = [line.at for line in self.lines]
        found: dict[int, list[Edit]] = {}
        lost: set[int] = set()
        for edit in edits:
            number = bisect_right(starts, edit.start) - 1
            if edit.start <= len(self.own.data) or number < 0:
                continue
            line = self.lines[number]
            start, end = self._place(number, edit.start), self._place(bisect_right(starts, edit.end) - 1, edit.end)
            if start is None or end is None or self.lines[bisect_right(starts, edit.end) - 1].example != line.example:
                lost.add(line.group)  # over several examples
                continue
            new = self._prompted(edit.new, line)
            found.setdefault(line.group, []).append(Edit(start, end, new, f"{edit.reason} in an example", edit.review))
        yield from (edit for group, inside in found.items() if group not in lost for edit in inside)

    def _place(self, number: int, offset: int) -> int | None:
        """Where in the file a place in a line is; between two lines of an example it is the second one's beginning."""
        line = self.lines[number]
        if offset - line.at <= line.end - line.start:
            return line.start + offset - line.at
        after = self.lines[number + 1] if number + 1 < len(self.lines) else line
        return after.start if after.example == line.example and after is not line else None

    def _prompted(self, new: bytes, line: _Line) -> bytes:
        """New lines get the prompt that doctest wants in front of them."""
        first, *others = _BREAK.split(new)
        found = _BREAK.search(self.own.data, line.end)
        newline = found.group() if found else b"\n"
        for other in others:
            code = other[1:]  # behind the functions' own indent
            goes_on = code[:1].isspace() or _depth(new, other) > 0
            first += newline + line.indent + (b"... " if goes_on else b">>> ") + code
        return first


def _depth(code: bytes, line: bytes) -> int:
    """How many brackets of `code` are open where its line `line` begins."""
    above = _COMMENT.sub(b"", code[: code.index(line)])
    return sum(map(above.count, (b"(", b"[", b"{"))) - sum(map(above.count, (b")", b"]", b"}")))

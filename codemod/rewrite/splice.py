"""The change between two texts, made to a third that differs from the first in ways that must stay.

A printer that loses what it does not model prints `printed` for the file `original`, and `changed` for the tree after
an edit.  The edits from `printed` to `changed` are found by lines and then by tokens, and made to `original`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from codemod.base.patterns import lazy

_TOKEN = lazy(r"\w+|[ \t]+|\r\n|\s|[^\w\s]")
_TOO_MANY = 4000  # tokens of one replaced run of lines beyond which it is replaced whole

Change = tuple[int, int, str]  # start and end in the old text, and the new text


def spliced(original: str, printed: str, changed: str) -> str:
    """`original` with what leads from `printed` to `changed`; `original` itself when the two are equal."""
    if printed == changed:
        return original
    found = list(changes(printed, changed))
    if original == printed:
        return _made(original, found)
    places = _Places(printed, original)
    moved = [(places.start(start, end), places.end(start, end), new) for start, end, new in found]
    return _made(original, moved)


def changes(old: str, new: str) -> Iterator[Change]:
    """Small replacements that turn `old` into `new`, in order."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = _starts(before)
    for kind, a, b, c, d in _opcodes(before, after):
        if kind != "equal":
            yield from _within("".join(before[a:b]), "".join(after[c:d]), starts[a])


def _opcodes(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """As SequenceMatcher's, but what begins and ends alike is matched with itself: repeated lines would shift it."""
    limit = min(len(before), len(after))
    first = next((n for n in range(limit) if before[n] != after[n]), limit)
    last = next((n for n in range(limit - first) if before[-1 - n] != after[-1 - n]), limit - first)
    if first:
        yield "equal", 0, first, 0, first
    ends = len(before) - last, len(after) - last
    matcher = SequenceMatcher(None, before[first : ends[0]], after[first : ends[1]], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        yield kind, a + first, b + first, c + first, d + first
    if last:
        yield "equal", ends[0], len(before), ends[1], len(after)


def _within(old: str, new: str, offset: int) -> Iterator[Change]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if not before or not after or len(before) + len(after) > _TOO_MANY:
        yield offset, offset + len(old), new
        return
    starts = _starts(before)
    for kind, a, b, c, d in _opcodes(before, after):
        if kind != "equal":
            yield offset + starts[a], offset + starts[b], "".join(after[c:d])


def _starts(parts: Sequence[str]) -> list[int]:
    found = [0]
    for part in parts:
        found.append(found[-1] + len(part))
    return found


def _made(text: str, found: Sequence[Change]) -> str:
    pieces, position = [], 0
    for start, end, new in found:
        pieces += [text[position:start], new]
        position = max(position, end)
    return "".join([*pieces, text[position:]])


class _Places:
    """Offsets of one text in another that is nearly the same, by the runs that both have."""

    def __init__(self, old: str, new: str) -> None:
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
        mine, theirs = _starts(before), _starts(after)
        self.runs: list[tuple[int, int, int]] = []  # start and end in the old text, start in the new one
        for kind, a, b, c, d in _opcodes(before, after):
            if kind == "equal":
                self.runs.append((mine[a], mine[b], theirs[c]))
            elif kind == "replace":
                self._tokens("".join(before[a:b]), "".join(after[c:d]), mine[a], theirs[c])
        self.firsts = [start for start, _, _ in self.runs]

    def _tokens(self, old: str, new: str, here: int, there: int) -> None:
        before, after = _TOKEN.findall(old), _TOKEN.findall(new)
        mine, theirs = _starts(before), _starts(after)
        for kind, a, b, c, _ in _opcodes(before, after):
            if kind == "equal":
                self.runs.append((here + mine[a], here + mine[b], there + theirs[c]))

    def start(self, start: int, end: int) -> int:
        """Where a change begins: at its first character, or right behind what stands before it."""
        if start < end:
            return self._at(start)
        return self._behind(start - 1) if start else 0

    def end(self, start: int, end: int) -> int:
        """Where a change ends: behind its last character."""
        return self._behind(end - 1) if start < end else self.start(start, end)

    def _at(self, offset: int) -> int:
        """A character's offset in the new text; where it is not there, the end of the run before it."""
        number = bisect_right(self.firsts, offset) - 1
        if number < 0:
            return 0
        first, last, there = self.runs[number]
        return there + min(offset, last) - first

    def _behind(self, offset: int) -> int:
        number = bisect_right(self.firsts, offset) - 1
        if number < 0:
            return 0
        first, last, there = self.runs[number]
        return there + min(offset + 1, last) - first

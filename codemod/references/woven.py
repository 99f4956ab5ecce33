"""Code that lies in pieces in a file of another kind: one text to read it, and the way back for its edits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit

BETWEEN = lazy(rb"(?:[ \t\f\r\n()+]|\\\r?\n|#[^\r\n]*)+")
"""What may stand between the literals of one text."""

_ANY = lazy(rb"(?P<prefix>[a-zA-Z]{0,2})(?P<quote>\"\"\"|'''|\"|')")
_PIECE = lazy(rb"(?P<plain>[^\\]+)|\\(?P<escape>[nt'\"\\]|\r?\n)|(?P<other>\\)", re.DOTALL)
_BREAK = lazy(rb"\r\n?")
_ESCAPES = {b"n": b"\n", b"t": b"\t"}
_INDENTED = lazy(rb"(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*[ \t]")

Written = Callable[[bytes, int], bytes]
"""(new code, the offset in the code where it goes) -> how the file spells it."""


def opening(code: bytes) -> bytes:
    """What has to stand in front of code so that it parses where all of it is indented."""
    return b"if True:\n" if _INDENTED.match(code) else b""


@dataclass(slots=True)
class Woven:
    """A text, and for each of its bytes the span in the file that stands for it; -1 where nothing does."""

    code: bytearray = field(default_factory=bytearray)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, data: bytes, start: int) -> None:
        """Bytes that the file holds as they are, at `start`; a negative `start` is for what it does not hold."""
        self.code += data
        here = range(start, start + len(data)) if start >= 0 else [-1] * len(data)
        self.starts += here
        self.ends += (offset + 1 if offset >= 0 else -1 for offset in here)

    def add_spelled(self, data: bytes, start: int, end: int) -> None:
        """Bytes of one character that the file spells at `start:end`."""
        self.code += data
        self.starts += [start] * len(data)
        self.ends += [end] * len(data)

    def blank(self, start: int, end: int, text: bytes = b"") -> None:
        """Put `text`, and spaces behind it, in place of `start:end` of the code, where nothing is edited then."""
        self.code[start:end] = text.ljust(end - start)[: end - start]

    def placed(self, edits: Iterable[Edit], written: Written) -> list[Edit] | None:
        """The edits to the code at their places in the file; None where one reaches over what the file lacks."""
        found = []
        for edit in edits:
            start, end = self._start(edit.start, edit.end), self._end(edit.start, edit.end)
            if not 0 <= start <= end or any(offset < 0 for offset in self.starts[edit.start : edit.end]):
                return None
            found.append(Edit(start, end, written(edit.new, edit.start), edit.reason, edit.review))
        return found

    def _start(self, start: int, end: int) -> int:
        if start < len(self.starts) and self.starts[start] >= 0:
            return self.starts[start]
        return self.ends[start - 1] if start == end and start else -1

    def _end(self, start: int, end: int) -> int:
        if start == end:
            return self._start(start, end)
        if self.code[end - 1 : end] == b"\n" and end < len(self.starts) and self.starts[end] >= 0:
            return self.starts[end]  # whole lines go with what divides them
        return self.ends[end - 1]


def weave(data: bytes, start: int, end: int) -> Woven | None:
    """The text of the literal, or of several in a row, at `start:end`, and where it stands in the file.

    None for f-strings, and where a character is spelled by its number.
    """
    woven = Woven()
    while start < end:
        between = BETWEEN.match(data, start, end)
        found = _ANY.match(data, between.end() if between else start, end)
        if found is None:
            break
        close = found.end()
        while close < end and not data.startswith(found["quote"], close):
            close += 2 if data[close] == 0x5C else 1
        prefix = found["prefix"].lower()
        if b"f" in prefix or not _pieces(woven, data, found.end(), close, raw=b"r" in prefix):
            return None
        start = close + len(found["quote"])
    return woven


def _pieces(woven: Woven, data: bytes, start: int, end: int, *, raw: bool) -> bool:
    if raw:
        _plain(woven, data, start, end)
        return True
    for piece in _PIECE.finditer(data, start, end):
        if piece["other"]:
            return False
        if piece["plain"]:
            _plain(woven, data, piece.start(), piece.end())
        elif piece["escape"] not in (b"\n", b"\r\n"):
            woven.add_spelled(_ESCAPES.get(piece["escape"], piece["escape"]), piece.start(), piece.end())
    return True


def _plain(woven: Woven, data: bytes, start: int, end: int) -> None:
    for found in _BREAK.finditer(data, start, end):
        woven.add(data[start : found.start()], start)
        woven.add_spelled(b"\n", found.start(), found.end())
        start = found.end()
    woven.add(data[start:end], start)

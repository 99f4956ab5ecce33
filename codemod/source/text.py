"""A source file as UTF-8 bytes without BOM, and the way back to the bytes on disk."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from itertools import accumulate

from codemod.base.values import dataclass

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:[#\r\n]|$)")
_LINE = re.compile(rb"\r\n|\r|\n")


class Undecodable(ValueError):
    """The bytes are not text in the encoding that the file declares."""


def encoding_of(data: bytes) -> str:
    """The encoding that a Python file declares (PEP 263); `utf-8` when it declares none."""
    lines = _LINE.split(data[:4096], maxsplit=2)
    for number, line in enumerate(lines[:2]):
        found = _COOKIE.match(line)
        if found:
            return found.group(1).decode("ascii", "replace")
        if number == 0 and not _BLANK.match(line):
            break
    return "utf-8"


def is_utf8(data: bytes) -> bool:
    """True when the bytes of a Python file, if they are text at all, are its text as UTF-8 without byte order mark."""
    return not data.startswith(codecs.BOM_UTF8) and encoding_of(data) == "utf-8"


def line_starts(data: bytes) -> tuple[int, ...]:
    """The offset of each line; the last one is the end of `data` where it ends with a line break."""
    lines = data.splitlines(keepends=True)  # of bytes: at LF, CR LF and CR, as in Python source
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        lines.pop()
    return (0, *accumulate(map(len, lines)))


def line_start(data: bytes, offset: int) -> int:
    """Where the line of an offset begins; a text of many lines is not searched to its beginning for a CR."""
    start = data.rfind(b"\n", 0, offset) + 1
    return max(start, data.rfind(b"\r", start, offset) + 1)


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text as UTF-8 (`data`), where each line starts in it, and how it is stored."""

    data: bytes
    starts: tuple[int, ...]
    encoding: str
    bom: bool

    @classmethod
    def of(cls, raw: bytes) -> Text:
        """Decode a Python file; raises Undecodable, also where the encoding would not give back the same bytes."""
        bom = raw.startswith(codecs.BOM_UTF8)
        body = raw[3:] if bom else raw
        encoding = encoding_of(body)
        try:
            name = codecs.lookup(encoding).name
            data = body.decode(name).encode("utf-8") if name != "utf-8" else body
            if name == "utf-8" and not body.isascii():
                body.decode("utf-8")
            elif name != "utf-8" and data.decode("utf-8").encode(name) != body:
                raise Undecodable(f"{name} has more than one way to write this")
        except (LookupError, UnicodeError) as error:
            raise Undecodable(str(error)) from None
        return cls(data, line_starts(data), name, bom)

    def raw(self, data: bytes) -> bytes:
        """Bytes for the disk of an edited `data`; raises UnicodeEncodeError where the encoding lacks a character."""
        body = data if self.encoding == "utf-8" else data.decode("utf-8").encode(self.encoding)
        return codecs.BOM_UTF8 + body if self.bom else body

    def offset(self, line: int, column: int) -> int:
        """Byte offset of ast's (line from 1, column in UTF-8 bytes)."""
        return self.starts[line - 1] + column

    def line(self, offset: int) -> int:
        """The line, from 1, that holds a byte offset."""
        return bisect_right(self.starts, offset)

    def column(self, offset: int) -> int:
        """The column, from 1 and in bytes, of a byte offset."""
        return offset - self.starts[self.line(offset) - 1] + 1

    @property
    def newline(self) -> bytes:
        """The line ending of the first line; LF when there is none."""
        found = _LINE.search(self.data)
        return found.group() if found else b"\n"

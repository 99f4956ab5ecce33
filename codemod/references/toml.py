"""TOML files: names and paths in keys and strings, by byte spans; layout, quotes and comments are not touched."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from codemod.base import tomltext
from codemod.base.errors import Bug
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit

from .keys import Key
from .places import key_holds, value_holds
from .settings import Settings
from .view import View

_SPACE = lazy(rb"(?:[ \t\r\n]|#[^\n]*)+")
_BLANK = lazy(rb"[ \t]*")
_BARE = lazy(rb"[A-Za-z0-9_-]+")
_SCALAR = lazy(rb"[^,\]}#\r\n]+")
_STRING = lazy(
    rb'"""(?P<basics>(?:[^"\\]|\\.|"(?!""))*"{0,2})"""'
    rb"|'''(?P<literals>(?:[^']|'(?!''))*'{0,2})'''"
    rb'|"(?P<basic>(?:[^"\\\r\n]|\\.)*)"'
    rb"|'(?P<literal>[^'\r\n]*)'",
    re.DOTALL,
)

_TABLES: dict[str, Key] = {
    "ruff.toml": ("tool", "ruff"),
    ".ruff.toml": ("tool", "ruff"),
    "tach.toml": ("tool", "tach"),
    "tox.toml": ("tool", "tox"),
    "hatch.toml": ("tool", "hatch"),
    ".importlinter.toml": ("tool", "importlinter"),
}
"""Files that hold what could stand in a table of pyproject.toml."""

_NOT_OURS = frozenset({"Cargo.toml"})


@dataclass(frozen=True, slots=True)
class Token:
    """A key or string: the key path that it stands under (a key's own name last) and the byte span of its inside."""

    key: Key
    start: int
    end: int
    quote: str  # "" for a bare key
    is_key: bool


_DEEPEST = 50  # parts of a key


class Toml:
    """Names and paths in TOML."""

    name = "toml"

    def claims(self, path: str) -> bool:
        """True for `*.toml`."""
        return path.endswith(".toml") and posixpath.basename(path) not in _NOT_OURS

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to a TOML file; none where it is not valid."""
        try:
            tomltext.loads(data.decode("utf-8"))
        except (UnicodeDecodeError, tomltext.TOMLDecodeError):
            return
        above = _TABLES.get(posixpath.basename(path), ())
        settings = Settings.of(view)
        for token in tokens(data):
            if len(token.key) > _DEEPEST:
                continue
            key = (*above, *token.key)
            text = data[token.start : token.end].decode("utf-8")
            if not token.is_key:
                yield from settings.edits(text, token.start, value_holds(key))
                continue
            for edit in settings.edits(text, token.start, key_holds(key)):
                bare = not token.quote and not _BARE.fullmatch(edit.new)
                yield Edit(edit.start, edit.end, b'"%s"' % edit.new, edit.reason, edit.review) if bare else edit


def tokens(data: bytes) -> Iterator[Token]:
    """Every key and string of a valid TOML document, in order."""
    return _Scanner(data).document()


class _Scanner:
    """Walks over a TOML document that is known to be valid."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def document(self) -> Iterator[Token]:
        table: Key = ()
        self.skip(_SPACE)
        while self.at < len(self.data):
            if self.data[self.at : self.at + 1] == b"[":
                self.at += 2 if self.data.startswith(b"[[", self.at) else 1
                header = list(self.key(()))
                yield from header
                table = header[-1].key
                self.at = self.data.index(b"]", self.at)
                self.at += 2 if self.data.startswith(b"]]", self.at) else 1
            else:
                yield from self.pair(table)
            self.skip(_SPACE)

    def pair(self, table: Key) -> Iterator[Token]:
        parts = list(self.key(table))
        yield from parts
        self.at += 1  # "="
        self.skip(_BLANK)
        yield from self.value(parts[-1].key)

    def key(self, table: Key) -> Iterator[Token]:
        """The parts of a dotted key; stops behind it and its blanks."""
        while True:
            self.skip(_BLANK)
            found = _BARE.match(self.data, self.at)
            token = self.bare(found, table) if found else self.string(table)
            table = (*table, self.data[token.start : token.end].decode("utf-8"))
            yield Token(table, token.start, token.end, token.quote, True)
            self.skip(_BLANK)
            if self.data[self.at : self.at + 1] != b".":
                return
            self.at += 1

    def bare(self, found: re.Match[bytes], table: Key) -> Token:
        self.at = found.end()
        return Token(table, found.start(), found.end(), "", True)

    def string(self, key: Key) -> Token:
        found = _STRING.match(self.data, self.at)
        if found is None or found.lastgroup is None:
            raise Bug(f"no TOML string at byte {self.at}")
        self.at = found.end()
        start, end = found.span(found.lastgroup)
        return Token(key, start, end, self.data[found.start() : start].decode(), False)

    def value(self, key: Key) -> Iterator[Token]:
        char = self.data[self.at : self.at + 1]
        if char in (b'"', b"'"):
            yield self.string(key)
        elif char == b"[":
            yield from self.items(b"]", key, inline=False)
        elif char == b"{":
            yield from self.items(b"}", key, inline=True)
        else:
            self.skip(_SCALAR)

    def items(self, closing: bytes, key: Key, *, inline: bool) -> Iterator[Token]:
        """The elements of an array, or the pairs of an inline table."""
        self.at += 1
        while True:
            self.skip(_SPACE)
            char = self.data[self.at : self.at + 1]
            if char == closing:
                self.at += 1
                return
            if char == b",":
                self.at += 1
            elif inline:
                yield from self.pair(key)
            else:
                yield from self.value(key)

    def skip(self, pattern: re.Pattern[bytes]) -> None:
        found = pattern.match(self.data, self.at)
        self.at = found.end() if found else self.at

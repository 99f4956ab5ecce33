"""The strings of a JSON document with the keys above them and their byte spans."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.base.values import dataclass

from .woven import Woven

_TOKEN = lazy(rb'"(?:[^"\\]+|\\.)*"|[{}\[\],]', re.DOTALL)
_PIECE = lazy(rb"(?P<plain>[^\\]+)|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class JsonString:
    """A string that is a value: where it stands in the document, and the byte span between its quotes."""

    path: Path
    start: int
    end: int


def strings_of(data: bytes) -> Iterator[JsonString]:
    """Every string of a document that is known to be valid JSON, keys left out, in order."""
    keys: list[str | int] = []  # of the containers around, and in the innermost one
    naming: list[bool] = []  # True for an object that waits for a key
    for token in _TOKEN.finditer(data):
        first = token.group()[:1]
        if first == b'"':
            if naming and naming[-1]:
                keys[-1], naming[-1] = json.loads(token.group()), False
            else:
                yield JsonString(tuple(keys), token.start() + 1, token.end() - 1)
        elif first in b"{[":
            keys.append("" if first == b"{" else 0)
            naming.append(first == b"{")
        elif first in b"}]":
            keys.pop()
            naming.pop()
        elif isinstance(keys[-1], int):
            keys[-1] += 1
        else:
            naming[-1] = True


def weave(woven: Woven, data: bytes, start: int, end: int) -> None:
    """Add the text of the string at `start:end`, its escapes resolved."""
    for piece in _PIECE.finditer(data, start, end):
        if piece["plain"]:
            woven.add(piece.group(), piece.start())
        else:
            text = str(json.loads(b'"' + piece.group() + b'"'))
            woven.add_spelled(text.encode("utf-8", "replace"), piece.start(), piece.end())


def spelled(text: bytes, *, ascii_only: bool) -> bytes:
    """Text as it stands between the quotes of a JSON string."""
    return json.dumps(text.decode("utf-8", "replace"), ensure_ascii=ascii_only)[1:-1].encode("utf-8", "replace")

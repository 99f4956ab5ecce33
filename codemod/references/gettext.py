"""Catalogues of translations: the comments that say where a message stands, `#: app/user.py:12 app/cart.py:3`."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .paths import path_after
from .stored import decoded, encoded, size
from .view import View

_PLACES = lazy(r"\n#:[^\r\n]*")
_LINE = lazy(r":\d+")
_PATH = lazy(r"(?<=[ \t\u2068])(?P<path>[^\s:\u2068\u2069]+\.\w+)(?=:\d+\b|\u2069|[ \t]|$)")


class Gettext:
    """Places in `.po` and `.pot` files; messages and their translations are never touched."""

    name = "gettext"

    def claims(self, path: str) -> bool:
        """True for catalogues and their templates."""
        return path.endswith((".po", ".pot"))

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to the file."""
        text = decoded(data)
        position = at = 0
        known: dict[str, str | None] = {}  # a catalogue names few files many times
        for line in _PLACES.finditer("\n" + text):  # so that its first line begins like the others
            for found in _PATH.finditer(line.group()):
                written = found["path"]
                if written not in known:
                    known[written] = path_after(view, written)
                new = known[written]
                if new is None:
                    continue
                start = line.start() + found.start() - 1
                at, position = at + size(text[position:start]), start
                number = _LINE.match(text, start + len(written)) if new.endswith("/") else None  # a folder has no lines
                old = written + number.group() if number else written
                yield Edit(at, at + size(old), encoded(new), f"{written} -> {new}")

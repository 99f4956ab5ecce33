"""Tables of what configuration keys hold, by patterns of key paths or of last keys; the first row that fits counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Generic, TypeVar

from codemod.base.patterns import lazy

Key = tuple[str, ...]
Said = TypeVar("Said")


def normal(key: Key) -> str:
    """A key path as one text that the tables are asked about."""
    return "".join("\n" + part.lower().replace("_", "-").replace("\n", " ") for part in key)


class Paths(Generic[Said]):
    """Rows such as `tool * b` (any one key in the middle), `a ** b` (any number of them), `a ba*` (its beginning)."""

    def __init__(self, rows: Iterable[tuple[str, Said]]) -> None:
        self._rows = tuple(rows)

    def get(self, path: str) -> Said | None:
        """What is said of a normal key path."""
        for lead, pattern, said in self._patterns:
            if path.startswith(lead) and pattern.fullmatch(path):
                return said
        return None

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str], Said]]:
        """With what each path begins with: most patterns are never asked, and so never compiled."""
        return [(_lead(row), lazy(_regex(row)), said) for row, said in self._rows]


class Leaves(Generic[Said]):
    """Rows of words for a last key; a word may hold one `*` for anything."""

    def __init__(self, rows: Iterable[tuple[str, Said]]) -> None:
        self._rows = tuple(rows)

    def get(self, leaf: str) -> Said | None:
        """What is said of a normal last key."""
        words, wild = self._words
        row, said = words.get(leaf, (len(self._rows), None))
        for other, head, tail, more in wild:
            if other >= row:
                break
            if len(leaf) >= len(head) + len(tail) and leaf.startswith(head) and leaf.endswith(tail):
                return more
        return said

    @cached_property
    def _words(self) -> tuple[dict[str, tuple[int, Said]], list[tuple[int, str, str, Said]]]:
        """The words by themselves and those with a `*`, each with its row."""
        words: dict[str, tuple[int, Said]] = {}
        wild: list[tuple[int, str, str, Said]] = []
        for row, (listed, said) in enumerate(self._rows):
            for word in listed.split():
                head, star, tail = word.partition("*")
                if star:
                    wild.append((row, head, tail, said))
                else:
                    words.setdefault(word, (row, said))
        return words, wild


def _lead(row: str) -> str:
    return "".join("\n" + part for part in row.split()).partition("*")[0].rstrip("\n")


def _regex(row: str) -> str:
    text = ""
    for part in row.split():
        text += r"(?:\n[^\n]*)*" if part == "**" else r"\n" + re.escape(part).replace(r"\*", r"[^\n]*")
    return text

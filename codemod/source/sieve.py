"""A first, cheap question to many contents: is any of a few words in it at all?"""

from __future__ import annotations

from collections.abc import Iterable

from .tree import Tree

MOST = 100  # words: with more of them, asking costs more than it saves


class Sieve:
    """Which contents hold one of some words, be it inside a longer one; each content is searched once.

    What passes may still hold nothing of interest.  With no words, or too many, everything passes.
    """

    __slots__ = ("_judged", "_words")

    def __init__(self, words: Iterable[bytes]) -> None:
        found = sorted(set(words), key=lambda word: (len(word), word))
        self._words = found if len(found) <= MOST else []
        self._judged: dict[str, bool] = {}  # by blob id

    def passes(self, tree: Tree, path: str) -> bool:
        """False when the file at `path`, which is a regular one, holds none of the words."""
        if not self._words:
            return True
        entry = tree.entry(path)
        if entry is None:
            return False
        known = self._judged.get(entry.blob)
        if known is None:
            data = tree.read(path)
            known = self._judged[entry.blob] = any(word in data for word in self._words)
        return known

    def covers(self, whole: bytes) -> bool:
        """True when no content that holds `whole` can be held back."""
        return not self._words or any(word in whole for word in self._words)

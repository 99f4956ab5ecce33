"""A kind of reference: who looks for names and paths in which files."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Callable, Iterator
from typing import Protocol

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.search import words_in

from .docker import Docker
from .gettext import Gettext
from .ini import Ini
from .jsondata import JsonData
from .markdown import Markdown
from .needles import FEW
from .notebook import Notebook
from .owners import Owners
from .shell import Shell
from .terraform import Terraform
from .toml import Toml
from .view import View
from .yaml import Yaml

_WORD = lazy(rb"\w+")  # a byte that is no ASCII may belong to a letter, or to no text at all
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class Finder(Protocol):
    """One kind of reference.  It finds, and never writes."""

    @property
    def name(self) -> str:
        """What the kind is called."""

    def claims(self, path: str) -> bool:
        """True when files of this name may hold this kind of reference."""

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to the file at the old path `path`; spans count in `data`, the file as it is stored."""


FINDERS: tuple[Finder, ...] = (
    Toml(),
    Ini(),
    Docker(),
    Yaml(),
    JsonData(),
    Shell(),
    Terraform(),
    Owners(),
    Gettext(),
    Markdown(),
    Notebook(),
)
"""Every kind beside code itself.  For Python files `data` is the text as UTF-8 without byte order mark."""


@functools.lru_cache(maxsize=1 << 16)  # who proves a pass asks again, for the same paths
def claiming(path: str) -> tuple[Finder, ...]:
    """The kinds of reference that a file of this name may hold, beside code."""
    return tuple(finder for finder in FINDERS if finder.claims(path))


def words_of(intent: Intent) -> frozenset[bytes]:
    """Of these words every file in which a finder finds something writes one: the last segment of what it names."""
    folders = {posixpath.basename(posixpath.dirname(path)) for path in intent.files} - {""}
    return frozenset(word.encode() for word in intent.words | folders)


def mentions(spelled: frozenset[bytes]) -> Callable[[bytes], bool]:
    """A cheap question: does this content write one of some words as a word of its own?"""
    if len(spelled) > FEW:
        wide = [word for word in spelled if not word.isascii()]
        return lambda data: not spelled.isdisjoint(_WORD.findall(data)) or any(word in data for word in wide)
    likely = sorted(spelled, key=lambda word: (len(word), word))  # short words are found first
    return lambda data: any(word in data and any(True for _ in words_in(data, word, _LETTERS)) for word in likely)


__all__ = ["FINDERS", "Finder", "claiming", "mentions", "words_of"]

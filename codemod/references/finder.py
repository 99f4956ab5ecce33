"""A kind of reference: who looks for names and paths in which files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Protocol

from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.search import words_in

from .docker import Docker
from .gettext import Gettext
from .ini import Ini
from .markdown import Markdown
from .needles import FEW
from .notebook import Notebook
from .owners import Owners
from .shell import Shell
from .toml import Toml
from .view import View
from .yaml import Yaml

_WORD = re.compile(rb"\w+")  # a byte that is no ASCII may belong to a letter, or to no text at all
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
    Shell(),
    Owners(),
    Gettext(),
    Markdown(),
    Notebook(),
)
"""Every kind beside code itself.  For Python files `data` is the text as UTF-8 without byte order mark."""


def mentions(intent: Intent) -> Callable[[bytes], bool]:
    """A cheap question: may this content spell a name or a path of the phase?

    True for every file in which a finder finds something: each of them writes the last segment as a word of its own.
    """
    folders = {posixpath.basename(posixpath.dirname(path)) for path in intent.files} - {""}
    spelled = frozenset(word.encode() for word in intent.words | folders)
    if len(spelled) > FEW:
        wide = [word for word in spelled if not word.isascii()]
        return lambda data: not spelled.isdisjoint(_WORD.findall(data)) or any(word in data for word in wide)
    return lambda data: any(True for word in spelled for _ in words_in(data, word, _LETTERS))


__all__ = ["FINDERS", "Finder", "mentions"]

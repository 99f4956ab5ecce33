"""Which files may hold a reference: a search of bytes, sharp enough that few are parsed in vain, never too sharp."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from codemod.base import names

from .tree import Tree

_GAP = rb"(?:[ \t\f]|\\\r?\n)*"
_LIST = rb"(?:\((?:[^)#]|#[^\n]*)*?|(?:[^\n\\;#]|\\\r?\n)*?)"


def _word(text: str) -> bytes:
    """A pattern for `text` as a whole identifier, in bytes."""
    return rb"(?<![\w\x80-\xff])" + re.escape(text.encode()) + rb"(?![\w\x80-\xff])"


def module_pattern(name: str) -> re.Pattern[bytes]:
    """Matches wherever Python can spell the module `name`: dotted, in a `from` list, relative, as a whole string.

    The last two segments meet in every spelling but two: a relative import leaves the parent out, and an alias
    (`import a.b as q`) hides it; both match on their own.
    """
    last = _word(names.last(name))
    above = names.last(names.parent(name))
    if not above:
        return re.compile(last)
    parent = _word(above)
    return re.compile(
        b"|".join(
            (
                parent + _GAP + rb"\." + _GAP + last,
                parent + _GAP + rb"import\b" + _LIST + last,
                rb"\bfrom" + _GAP + rb"\.[.\w \t\\\x80-\xff]*" + last,
                rb"\bfrom" + _GAP + rb"\.[.\w \t\\\x80-\xff]*\bimport\b" + _LIST + last,
                rb"[\"']\.+(?:[\w.\x80-\xff]+\.)?" + last,
                parent + _GAP + rb"as\b",
                parent + rb"[\"']",  # import_module(".x", package="a.b")
                parent + _GAP + rb"import" + _GAP + rb"\(?" + _GAP + rb"\*",
            )
        )
    )


class Search:
    """A compiled question: may this content name one of these modules or symbols?"""

    __slots__ = ("_modules", "_words")

    def __init__(self, modules: Iterable[str], words: Iterable[str] = ()) -> None:
        grouped: dict[bytes, list[str]] = {}
        for name in modules:
            grouped.setdefault(names.last(name).encode(), []).append(name)
        self._modules = [(last, [module_pattern(name) for name in group]) for last, group in sorted(grouped.items())]
        self._words = [(word.encode(), re.compile(_word(word))) for word in sorted(set(words))]

    def __call__(self, data: bytes) -> bool:
        """True when `data` may hold a reference."""
        for last, patterns in self._modules:
            if last in data and any(pattern.search(data) for pattern in patterns):
                return True
        return any(word in data and pattern.search(data) for word, pattern in self._words)


def candidates(tree: Tree, search: Search, suffixes: tuple[str, ...] = (".py", ".pyi")) -> Iterator[str]:
    """Paths of the regular files with one of `suffixes` whose content may hold a reference, sorted."""
    for path in tree.paths:
        if path.endswith(suffixes):
            entry = tree.entry(path)
            if entry is not None and entry.is_file and search(tree.read(path)):
                yield path

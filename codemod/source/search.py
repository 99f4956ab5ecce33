"""Which files may hold a reference: a search of bytes, sharp enough that few are parsed in vain, never too sharp."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codemod.base import names

from .tree import Tree

_GAP = rb"(?:[ \t\f]|\\\r?\n)*"
_LIST = rb"(?:\((?:[^)#]|#[^\n]*)*?|(?:[^\n\\;#]|\\\r?\n)*?)"
_RELATIVE = (b"from .", b"from\\", b"from \\", b"from.")
_END = rb"(?![\w\x80-\xff])"


@dataclass(frozen=True, slots=True)
class Spelling:
    """The ways in which Python can spell one module.

    The last two segments meet in every spelling but two: a relative import leaves the parent out, and an alias
    (`import a.b as q`) hides it.  The patterns begin with literals, which `re` finds fast; they may match a longer
    word, and then a file is parsed in vain.
    """

    last: bytes
    parent: bytes  # b"" for a top-level module
    dotted: bytes
    from_parent: re.Pattern[bytes]
    relative: re.Pattern[bytes]
    in_string: re.Pattern[bytes]
    loose: re.Pattern[bytes]  # an alias of the parent, a star import of it, the parent as a whole string

    @classmethod
    def of(cls, name: str) -> Spelling:
        """The spellings of a dotted module name."""
        last, parent = names.last(name).encode(), names.last(names.parent(name)).encode()
        e_last, e_parent = re.escape(last), re.escape(parent)
        word = rb"(?<![\w\x80-\xff])" + e_last + _END
        return cls(
            last,
            parent,
            parent + b"." + last,
            re.compile(
                e_parent
                + _GAP
                + rb"(?:\."
                + _GAP
                + rb"|import\b"
                + _GAP
                + _LIST
                + rb"(?<![\w\x80-\xff]))"
                + e_last
                + _END
            ),
            re.compile(rb"from" + _GAP + rb"\.[.\w \t\\\r\n\x80-\xff]*?(?:\bimport\b" + _GAP + _LIST + rb")?" + word),
            re.compile(rb"[\"']\.+(?:[\w.\x80-\xff]+\.)?" + e_last + _END),
            re.compile(e_parent + _GAP + rb"(?:as\b|[\"']|import" + _GAP + rb"\(?" + _GAP + rb"\*)"),
        )

    def found(self, data: bytes) -> bool:
        """True when `data`, which holds the last segment, may spell the module."""
        if not self.parent:
            return True
        if self.parent in data and (self.dotted in data or self.from_parent.search(data) or self.loose.search(data)):
            return True
        if any(start in data for start in _RELATIVE) and self.relative.search(data):
            return True
        return b"import_module" in data and self.in_string.search(data) is not None


class Search:
    """A compiled question: may this content name one of these modules or symbols?"""

    __slots__ = ("_modules", "_words")

    def __init__(self, modules: Iterable[str], words: Iterable[str] = ()) -> None:
        grouped: dict[bytes, list[str]] = {}
        for name in modules:
            grouped.setdefault(names.last(name).encode(), []).append(name)
        self._modules = [(last, [Spelling.of(name) for name in group]) for last, group in sorted(grouped.items())]
        self._words = [(word.encode(), re.compile(re.escape(word.encode()) + _END)) for word in sorted(set(words))]

    def __call__(self, data: bytes) -> bool:
        """True when `data` may hold a reference."""
        for last, spellings in self._modules:
            if last in data and any(spelling.found(data) for spelling in spellings):
                return True
        return any(word in data and pattern.search(data) for word, pattern in self._words)


def is_script(path: str, head: bytes) -> bool:
    """True for a file without suffix whose first line asks for Python."""
    return "." not in path.rpartition("/")[2] and head.startswith(b"#!") and b"python" in head.partition(b"\n")[0]


def candidates(tree: Tree, search: Search) -> Iterator[str]:
    """Paths of the Python files, scripts without suffix included, whose content may hold a reference; sorted."""
    for path in tree.paths:
        suffix = path.endswith((".py", ".pyi", ".pyw"))
        entry = tree.entry(path) if suffix or "." not in path.rpartition("/")[2] else None
        if entry is None or not entry.is_file:
            continue
        data = tree.read(path)
        if (suffix or is_script(path, data)) and search(data):
            yield path

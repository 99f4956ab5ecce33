"""What an intent reaches, as a cheap question to a file's bytes."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping

from codemod.base import names
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.origins import star_sources
from codemod.source.sieve import holds


@dataclass(frozen=True, slots=True)
class Touch:
    """What the intent reaches: for each module that something affected lies below, the next segments towards it."""

    towards: Mapping[str, frozenset[str]]
    placed: frozenset[str] = frozenset()  # modules whose file is elsewhere after the phase

    @classmethod
    def of(cls, intent: Intent, carried: Iterable[str] = (), inventory: Inventory | None = None) -> Touch:
        """`{"a": {"b"}, "a.b": {"c"}}` when `a.b.c` moves, or when it is `carried`: known by that name too.

        With the inventory, the modules that a package takes along are among those that are elsewhere.
        """
        found: dict[str, set[str]] = {}
        for name in (*intent.modules, *carried, *(names.join(*symbol) for symbol in intent.symbols)):
            for inner in names.prefixes(name):
                found.setdefault(names.parent(inner), set()).add(names.last(inner))
        elsewhere = set(intent.modules)
        if inventory is not None:
            moved = map(inventory.modules.at, intent.files)
            elsewhere.update(divided(intent, inventory), (own.name for own in moved if own is not None))
        return cls({module: frozenset(segments) for module, segments in found.items()}, frozenset(elsewhere))

    def __contains__(self, module: str) -> bool:
        return module in self.towards

    def reaches(self, inventory: Inventory, modules: Iterable[str]) -> bool:
        """True when something affected lies below one of the modules, or comes there by star imports."""
        return any(
            module in self or any(given in self for given in star_sources(inventory, module)) for module in modules
        )

    def followed(self, bound: str, module: str, data: bytes) -> bool:
        """True when `bound`, which names `module`, is followed by a segment towards something affected.

        Or when it is asked for the place of the module, and that is another one.
        """
        if module in self.placed and holds(data, _PLACES) and any(one.search(data) for one in _asked(bound)):
            return True
        if module not in self.towards:
            return False
        return bound.encode() in data and _followed(bound, self.towards[module]).search(data) is not None


def divided(intent: Intent, inventory: Inventory) -> Iterator[str]:
    """The modules whose file is divided into a folder: it may be there already."""
    paths = (*intent.folders, *(f"{folder}/__init__.py" for folder in intent.folders.values()))
    return (own.name for own in map(inventory.modules.at, paths) if own is not None)


@functools.lru_cache(maxsize=4096)
def _followed(bound: str, segments: frozenset[str]) -> re.Pattern[bytes]:
    """`bound` followed by one of the segments."""
    listed = b"|".join(re.escape(segment.encode()) for segment in sorted(segments))
    return re.compile(re.escape(bound.encode()) + _DOT + rb"(?:" + listed + rb")(?![\w\x80-\xff])")


@functools.lru_cache(maxsize=4096)
def _asked(bound: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """`bound` followed by what tells a module's place or package, or handed to what finds its file or data."""
    name = re.escape(bound.encode())
    return re.compile(name + _DOT + rb"__(?:file|name|package|spec)__"), re.compile(rb"files?\(\s*" + name)


_PLACES = (b"__file__", b"__name__", b"__package__", b"__spec__", b"files(", b"file(")
_DOT = rb"(?:[ \t\f]|\\\r?\n)*\.(?:[ \t\f]|\\\r?\n)*"

"""What an intent reaches, as a cheap question to a file's bytes."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from codemod.base import names
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.origins import star_sources


@dataclass(frozen=True, slots=True)
class Touch:
    """What the intent reaches: for each module that something affected lies below, the next segments towards it."""

    towards: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, intent: Intent, carried: Iterable[str] = ()) -> Touch:
        """`{"a": {"b"}, "a.b": {"c"}}` when `a.b.c` moves, or when it is `carried`: known by that name too."""
        found: dict[str, set[str]] = {}
        for name in (*intent.modules, *carried, *(names.join(*symbol) for symbol in intent.symbols)):
            for inner in names.prefixes(name):
                found.setdefault(names.parent(inner), set()).add(names.last(inner))
        return cls({module: frozenset(segments) for module, segments in found.items()})

    def __contains__(self, module: str) -> bool:
        return module in self.towards

    def reaches(self, inventory: Inventory, modules: Iterable[str]) -> bool:
        """True when something affected lies below one of the modules, or comes there by star imports."""
        return any(
            module in self or any(given in self for given in star_sources(inventory, module)) for module in modules
        )

    def followed(self, bound: str, module: str, data: bytes) -> bool:
        """True when `bound`, which names `module`, is followed by a segment towards something affected."""
        if module not in self.towards:
            return False
        return bound.encode() in data and _followed(bound, self.towards[module]).search(data) is not None


@functools.lru_cache(maxsize=4096)
def _followed(bound: str, segments: frozenset[str]) -> re.Pattern[bytes]:
    """`bound` followed by one of the segments."""
    listed = b"|".join(re.escape(segment.encode()) for segment in sorted(segments))
    return re.compile(re.escape(bound.encode()) + _DOT + rb"(?:" + listed + rb")(?![\w\x80-\xff])")


_DOT = rb"(?:[ \t\f]|\\\r?\n)*\.(?:[ \t\f]|\\\r?\n)*"

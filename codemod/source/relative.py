"""Relative imports, read from bytes: may one of them lead to a module that moves?  Many packages have a `models.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from codemod.base import names

_BEGIN = re.compile(rb"from(?:[ \t\f]|\\\r?\n)*\.")
_PLAIN = re.compile(
    rb"from[ \t]*(?P<dots>\.+)(?P<module>[\w.\x80-\xff]*)[ \t]*import\b[ \t]*"
    rb"(?:\((?P<inside>[^()#\\]*)\)|(?P<listed>[^()#\\;\r\n]*)(?=[#;\r\n]|\Z))"
)  # comments in brackets and continued lines are left to the parser
_NAME = re.compile(rb"\*|[\w\x80-\xff]+")


class Relatives:
    """What relative imports would have to name so that they lead to one of some modules."""

    __slots__ = ("_below", "_modules")

    def __init__(self, modules: Iterable[str]) -> None:
        self._modules = frozenset(modules)
        self._below: dict[str, set[str]] = {}  # package -> the next segments of the modules below it
        for name in self._modules:
            while above := names.parent(name):
                self._below.setdefault(above, set()).add(names.last(name))
                name = above

    def may_lead(self, package: str, data: bytes) -> bool:
        """True when a file of a package may import one of the modules relatively; what cannot be told counts."""
        return not package or any(self._leads(package, found) for found in _statements(data))

    def _leads(self, package: str, found: re.Match[bytes] | None) -> bool:
        if found is None:
            return True
        base = names.absolute(package, len(found["dots"]), found["module"].decode("utf-8", "replace"))
        if base is None:
            return False
        if any(name in self._modules for name in names.prefixes(base)):
            return True
        asked = {name.decode("utf-8", "replace") for name in _NAME.findall(found["inside"] or found["listed"] or b"")}
        return base in self._below and ("*" in asked or not asked.isdisjoint(self._below[base]))


def _statements(data: bytes) -> Iterator[re.Match[bytes] | None]:
    """The relative imports of a content, be they in a string; None for one that is written in an unusual way."""
    for begin in _BEGIN.finditer(data):
        yield _PLAIN.match(data, begin.start())

"""What the rest of the repository reaches through a module: names that must stay importable from it."""

from __future__ import annotations

import functools
import re

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.references.patched import only_patched
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.source.search import Spelling

_HEAD = lazy(rb"[\w.\x80-\xff]+(?=[ \t]*\Z)")
_FAR = 300  # bytes: no name is longer
_END = rb"(?![\w\x80-\xff])"


class Outside:
    """The files other than a module's own that mention it, read once."""

    def __init__(self, inventory: Inventory, module: str, path: str, above: frozenset[str] = frozenset()) -> None:
        self.inventory = inventory
        self.module = module
        self._above = above | {module}  # those that hand on what the others give, down to this one
        word = names.last(module).encode()
        self.files: list[tuple[str, bytes]] = []
        for other in inventory.tree.paths:
            entry = inventory.tree.entry(other)
            if other != path and other.endswith(SUFFIXES) and entry is not None and entry.is_file:
                data = inventory.tree.read(other)
                if word in data or b"import *" in data or b"from ." in data:
                    self.files.append((other, data))

    def mentions(self, name: str, *, patched: bool = True) -> bool:
        """True when another file may read `name` through the module: by any spelling, or by a star import.

        Without `patched`, what a test patches there by its dotted name does not count.
        """
        spelling, literal = Spelling.of(names.join(self.module, name)), name.encode()
        found = re.escape(literal)  # what a pattern begins with is found fast
        word = re.compile(found + rb"(?<![\w\x80-\xff]" + found + rb")" + _END)
        return any(
            (spelling.found(data) or b"*" in data) and self._reads(path, data, name, patched)
            for path, data in self.files
            if literal in data and word.search(data)
        ) or (self._is_starred(name) and any(other.mentions(name, patched=patched) for other in self._handing_on))

    @functools.cached_property
    def _handing_on(self) -> list[Outside]:
        """The modules that star-import this one: what is read of them is read of it."""
        found = {}
        for path, data in self.files:
            own = self.inventory.modules.at(path) if b"*" in data else None
            if own is not None and own.name not in self._above and self._hands_on(path):
                found[own.name] = path
        return [Outside(self.inventory, name, path, self._above) for name, path in sorted(found.items())]

    def _hands_on(self, path: str) -> bool:
        """True when a file star-imports the module as it is loaded."""
        stars = (s for s in self.inventory.facts(path).imports if s.is_star and s.scope == "module")
        return any(self.inventory.origin(statement, path) == self.module for statement in stars)

    def _reads(self, path: str, data: bytes, name: str, patched: bool) -> bool:
        """True when the file imports the name from the module, or writes it behind a name of the module."""
        if any(
            self.inventory.origin(statement, path) == self.module
            and (alias.name == name or (alias.name == "*" and self._is_starred(name)))
            for statement in self.inventory.facts(path).imports for alias in statement.aliases
        ):  # fmt: skip
            return True
        heads = {*self._heads(path), names.last(self.module).encode()}
        behind = re.finditer(rb"([\w.\x80-\xff]+)[ \t]*[.:][ \t]*" + re.escape(name.encode()) + _END, data)
        return any(
            (found[1] in heads or self.module.encode().endswith(b"." + found[1]))  # not a namesake in another package
            and (patched or not only_patched(data, found.start(), found.end()))
            for found in behind
        )

    def _is_starred(self, name: str) -> bool:
        """True when a star import of the module may give a name."""
        module = self.inventory.modules.get(self.module)
        facts = self.inventory.facts(module.path) if module is not None and module.path else None
        if facts is None or facts.exports_computed:
            return True
        return name in facts.exports if facts.exports is not None else not name.startswith("_")

    def _heads(self, path: str) -> set[bytes]:
        """What the file may call the module."""
        found = {self.module}
        for statement in self.inventory.facts(path).imports:
            origin = self.inventory.origin(statement, path)
            for alias in statement.aliases:
                if self.module in (alias.name, names.join(origin or "", alias.name)):
                    found.add(alias.asname or alias.name)
        return {text.encode() for text in found}

    def rebinds(self, name: str) -> str:
        """The file that assigns `module.name = ...` from outside, or sets it by name; "" when there is none."""
        literal = re.escape(name.encode())
        store = re.compile(rb"\.[ \t]*" + literal + rb"[ \t]*(?:[-+*/|&]|//)?=(?!=)")
        by_name = re.compile(rb"(?<![\w.])setattr\(\s*([\w.\x80-\xff]+)\s*,\s*[\"']" + literal + rb"[\"']")
        for path, data in self.files:
            if name.encode() not in data:
                continue
            stored = (_HEAD.search(data, max(0, at.start() - _FAR), at.start()) for at in store.finditer(data))
            heads = [head.group() for head in stored if head is not None]
            heads += by_name.findall(data) if b"setattr(" in data else ()
            if heads and self._heads(path).intersection(heads):
                return path
        return ""

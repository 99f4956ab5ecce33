"""The one rename table of a phase: modules, symbols and files, before any text is touched."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from codemod.base import names
from codemod.base.values import dataclass, field

Symbol = tuple[str, str]  # (module, top-level name)


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be called what.  Keys are names before, values names after; module keys cover what lies below."""

    modules: Mapping[str, str] = field(default_factory=dict)
    symbols: Mapping[Symbol, Symbol] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # every file that moves: old path -> new path
    creates: Mapping[str, bytes] = field(default_factory=dict)  # new files, such as `__init__.py`
    deletes: frozenset[str] = frozenset()
    folders: Mapping[str, str] = field(default_factory=dict)  # a module's file -> the folder that it was divided into
    covers: frozenset[Symbol] = frozenset()  # names that arrive where a submodule was meant before
    unlisted: frozenset[Symbol] = frozenset()  # names that the `__all__` of their module leaves out: no star gave them
    barrels: frozenset[str] = frozenset()  # the packages that offer what their modules define, by their new names
    told: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)  # by `module`: many ask

    def __hash__(self) -> int:
        """Of the sizes alone: what is derived from an intent is kept by it, and found again by its identity."""
        return hash((len(self.modules), len(self.symbols), len(self.files), len(self.folders)))

    def module(self, name: str) -> str:
        """The name of a module after the phase; the longest prefix wins."""
        new = self.told.get(name)
        if new is None:
            new = self.told[name] = names.renamed(name, self.modules)
        return new

    def symbol(self, module: str, name: str) -> Symbol:
        """(module, name) of a top-level name after the phase."""
        return self.symbols.get((module, name)) or (self.module(module), name)

    @property
    def words(self) -> frozenset[str]:
        """Whatever spells a name or a file that the intent renames or moves has one of these in it."""
        found = {names.last(name) for name in self.modules} | {name for _, name in self.symbols}
        for path in (*self.files, *self.folders):
            stem = posixpath.splitext(path)[0].removesuffix("/__init__")
            found.add(posixpath.basename(stem))
        return frozenset(found)

    @property
    def empty(self) -> bool:
        """True when nothing gets another name."""
        return not (self.modules or self.symbols or self.files)

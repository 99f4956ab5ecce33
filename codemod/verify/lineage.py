"""Which code of the tree before a phase is where in the tree after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES


class Lineage:
    """Files and modules after the phase, and where their code comes from."""

    __slots__ = ("_after", "_before", "_came_from", "_intent")

    def __init__(self, before: Inventory, after: Inventory, intent: Intent) -> None:
        self._before, self._after, self._intent = before, after, intent
        self._came_from: dict[str, set[str]] = {}
        for old, new in intent.files.items():
            self._came_from.setdefault(new, set()).add(old)
        self._symbols((target, module) for (module, _), (target, _) in intent.symbols.items())
        self._symbols((target, module) for module, target in intent.modules.items())

    def _symbols(self, pairs: Iterable[tuple[str, str]]) -> None:
        for target, module in set(pairs):
            old, new = self._before.modules.get(module), self._after.modules.get(target)
            if old is not None and new is not None and old.path and new.path:
                self._came_from.setdefault(new.path, set()).add(old.path)

    def fresh(self, changed: Iterable[str]) -> set[str]:
        """The Python files, after the phase, whose content or place is not what it was."""
        paths = {*changed, *self._intent.files.values()}
        return {path for path in paths if path.endswith(SUFFIXES) and path in self._after.tree}

    def sources(self, path: str) -> set[str]:
        """The files, before, whose code may be in the file that is at `path` after."""
        found = set(self._came_from.get(path, ()))
        if path in self._before.tree and path not in self._intent.files:
            found.add(path)
        return found

    def modules(self, path: str) -> Collection[str]:
        """The names, before, of the modules whose code may be in the file that is at `path` after."""
        modules = (self._before.modules.at(source) for source in self.sources(path))
        return {module.name for module in modules if module is not None}

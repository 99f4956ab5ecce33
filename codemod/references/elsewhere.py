"""Whether any other file gets at a name of a module: only then something has to stay where it is, or be told."""

from __future__ import annotations

from codemod.base import names
from codemod.rewrite.intent import Symbol
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.source.search import Spelling, may_be_anchored, may_be_relative


class Elsewhere:
    """The question about one tree; what is known is kept for the length of a pass."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._known: dict[Symbol, bool] = {}
        self._holding: dict[bytes, list[str]] = {}

    def __call__(self, module: str, name: str) -> bool:
        """True when a file other than the module's own spells `module.name`."""
        if not module:
            return False
        key = (module, name)
        if key not in self._known:
            own, spelling = self._inventory.modules.get(module), Spelling.of(names.join(module, name))
            paths = (path for path in self._files(name.encode()) if own is None or path != own.path)
            self._known[key] = any(self._spells(path, spelling, key) for path in paths)
        return self._known[key]

    def _files(self, word: bytes) -> list[str]:
        """The Python files that hold a word."""
        if word not in self._holding:
            tree = self._inventory.tree
            self._holding[word] = [path for path in tree.files(SUFFIXES) if word in tree.read(path)]
        return self._holding[word]

    def _spells(self, path: str, spelling: Spelling, key: Symbol) -> bool:
        data = self._inventory.tree.read(path)
        if spelling.parent in data:
            return spelling.found(data)
        return self._inventory.answer(_reaches, path) and spelling.found(data) and self._takes(path, key)

    def _takes(self, path: str, key: Symbol) -> bool:
        """True when a file that does not spell a module's own name reaches into it all the same, relatively."""
        if b"import_module" in self._inventory.tree.read(path):
            return True
        for statement in self._inventory.facts(path).imports:
            origin = self._inventory.origin(statement, path)
            if any((origin, alias.name) in (key, (key[0], "*")) for alias in statement.aliases):
                return True
        return False


def _reaches(data: bytes) -> bool:
    """True when a content may name a module without its parent."""
    return may_be_relative(data) or may_be_anchored(data)

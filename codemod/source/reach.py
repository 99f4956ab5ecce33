"""How files get at the names of a module: a bytes question, sharper than one for each name."""

from __future__ import annotations

import re

from codemod.base import names
from codemod.base.values import dataclass

from .inventory import Inventory
from .modules import SUFFIXES, beneath
from .origins import may_star

_ALIAS = rb"\b%s(?:[ \t]|\\\r?\n)+as(?:[ \t]|\\\r?\n)+(\w+)"


@dataclass(frozen=True, slots=True)
class Reach:
    """How a file gets at the names of a module: by one of these words, or by a relative import in these folders."""

    words: frozenset[bytes]
    folders: frozenset[str]

    @classmethod
    def of(cls, inventory: Inventory, module: str) -> Reach:
        """The module itself, what it is called elsewhere, and the modules that hand its names on by a star import."""
        words: set[bytes] = set()
        folders: set[str] = set()
        todo, seen = [module], {module}
        while todo:
            name = todo.pop()
            found = inventory.modules.get(name)
            last = names.last(name).encode()
            words.add(last)
            if found is not None and found.folder:
                folders.add(found.folder)
            alias = re.compile(_ALIAS % re.escape(last))
            named = inventory.sieve([last])
            for path in inventory.tree.files(SUFFIXES):
                near = found is not None and bool(found.folder) and beneath(path, found.folder)
                if not near and not named.passes(inventory.tree, path):
                    continue
                data = inventory.tree.read(path)
                words.update(match[1] for match in alias.finditer(data))
                own = inventory.modules.at(path)
                if own is not None and own.name not in seen and may_star(data) and _hands_on(inventory, path, name):
                    seen.add(own.name)
                    todo.append(own.name)
        return cls(frozenset(words), frozenset(folders))

    def includes(self, path: str, data: bytes) -> bool:
        """True when the file may get at the module's names."""
        return any(word in data for word in self.words) or any(beneath(path, folder) for folder in self.folders)


def _hands_on(inventory: Inventory, path: str, module: str) -> bool:
    """True when the file imports everything from the module."""
    for statement in inventory.facts(path).imports:
        origin = inventory.origin(statement, path) if statement.is_star else None
        found = inventory.modules.find(origin, path) if origin else None
        if found is not None and found.module.name == module:
            return True
    return False

"""Shims for names that left a module: set aside while its definitions change places, and put back behind that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from codemod.base.values import dataclass
from codemod.source.inventory import Inventory
from codemod.source.ours import Block, blocks

from .definitions import Restructured
from .shim_standing import has_own, is_starred, is_typed, with_block, without_block
from .shim_text import entries_of, renamed_block


@dataclass(frozen=True, slots=True)
class Aside:
    """The tree without such shims, and where they stood."""

    before: Inventory
    bare: Inventory
    shims: Mapping[str, tuple[Block, ...]]  # by path

    @classmethod
    def of(cls, before: Inventory, modules: Iterable[str]) -> Aside:
        """The shims of these modules set aside."""
        found = {path: ours for path in _paths(before, modules) if (ours := _shims(before, path))}
        writes = {}
        for path, ours in found.items():
            data = before.tree.read(path)
            for block in reversed(ours):
                data = without_block(data, block)
            writes[path] = data
        return cls(before, before.after(before.tree.changed(writes=writes)) if writes else before, found)

    def put_back(self, result: Restructured) -> Inventory:
        """The tree that came out, with the shims in it; one shim in a module that several became."""
        homes: dict[str, list[Block]] = {}
        writes: dict[str, bytes] = {}
        for path, ours in self.shims.items():
            home = self._home(path, result)
            if home == path and result.now.tree.entry(path) == self.bare.tree.entry(path):
                writes[path] = self.before.tree.read(path)
            elif home in result.now.tree:
                homes.setdefault(home, []).extend(ours)
        for home, several in homes.items():
            entries = {entry.name: entry for block in reversed(several) for entry in entries_of(block)}
            own, typed, starred = (any(map(asked, several)) for asked in (has_own, is_typed, is_starred))
            text = renamed_block(entries.values(), own, typed, starred)
            writes[home] = with_block(result.now.tree.read(home), "renamed", text)
        return result.now.after(result.now.tree.changed(writes=writes)) if writes else result.now

    def _home(self, path: str, result: Restructured) -> str:
        """Where the module of a file is now."""
        module = self.before.modules.at(path)
        target = result.now.modules.get(result.modules.get(module.name, "")) if module is not None else None
        return target.path if target is not None else result.moves.get(path, path)


def _paths(before: Inventory, modules: Iterable[str]) -> Iterator[str]:
    for name in dict.fromkeys(modules):
        module = before.modules.get(name)
        entry = before.tree.entry(module.path) if module is not None and module.path else None
        if module is not None and entry is not None and entry.is_file and module.path.endswith(".py"):
            yield module.path


def _shims(before: Inventory, path: str) -> tuple[Block, ...]:
    """The shims for names in a file."""
    return tuple(block for block in blocks(before.tree.read(path)) if block.kind == "renamed")

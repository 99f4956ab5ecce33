"""One of the two trees that are compared: its modules, what they may bring in, and what happens on import."""

from __future__ import annotations

from codemod.base import names
from codemod.base.values import dataclass, replace
from codemod.source.inventory import Inventory

from .called import Calls
from .edges import Reach, mentions
from .ops import Program, chains_called
from .replay import replay
from .resolve import Resolver
from .world import Failure, World


@dataclass(slots=True)
class Side:
    """One tree with what is known of it."""

    inventory: Inventory
    resolver: Resolver
    world: World
    reach: Reach

    @classmethod
    def of(cls, inventory: Inventory, resolver: Resolver, programs: dict[str, Program]) -> Side:
        """The side of a tree; `programs` are shared between the two."""
        return cls(inventory, resolver, World(inventory, resolver, programs), Reach(inventory, resolver))

    def follow(self, callers: set[str]) -> None:
        """Follow the calls that some modules make while they are imported."""
        calls = self.world.calls = Calls(self.inventory, self.resolver, callers)
        for name in sorted(callers):
            module = self.inventory.modules.get(name)
            chains = list(chains_called(self.world.program(module).ops)) if module is not None else []
            if found := tuple(dict.fromkeys(calls.imported_by(name, chains))):
                self.reach.called[name] = found

    def strictly(self) -> Side:
        """The same, where no handler hides what a half-imported module has not bound."""
        return replace(self, world=replace(self.world, strict=True))

    def imports(self, name: str) -> bool:
        """True when importing the module imports anything by statements of its own."""
        module = self.inventory.modules.get(name)
        entry = self.inventory.tree.entry(module.path) if module is not None and module.path else None
        if module is None or entry is None or not entry.is_file:
            return False
        return any(True for _ in mentions(self.inventory.tree.read(module.path)))

    def busy_parents(self, name: str) -> list[str]:
        """The packages above a module whose `__init__` imports something."""
        return [package for package in names.prefixes(names.parent(name)) if self.imports(package)]

    def fails(self, start: str, bare: bool) -> Failure | None:
        """Import `start` in a fresh interpreter."""
        circles = self.reach.circles([start])
        if not circles:
            return None
        members = {name for circle in circles for name in circle}
        return replay(self.world, start, self.reach.leading_to([start], members), bare=bare)

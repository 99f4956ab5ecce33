"""Who imports whom: links between the modules of an inventory, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from codemod.base import names
from codemod.base.values import dataclass

from .facts import Import
from .inventory import Inventory
from .modules import Module


class When(Enum):
    """When an import runs."""

    LOAD = "load"  # when the module is imported
    LAZY = "lazy"  # when a function is called
    CHECKING = "checking"  # never: for type checkers


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """The module `source` imports the module `target`, or `name` from it."""

    source: str
    target: str
    line: int
    name: str = ""
    when: When = When.LOAD


def links_of(inventory: Inventory, module: Module) -> Iterator[Link]:
    """Every import of a module of the inventory that `module` states, in order; others are left out."""
    facts = inventory.facts(module.path)
    for statement in facts.imports:
        when = _when(statement)
        for target, name in _targets(inventory, module, statement):
            yield Link(module.name, target, statement.line, name, when)


def _when(statement: Import) -> When:
    if statement.guard == "checking":
        return When.CHECKING
    return When.LAZY if statement.scope == "function" else When.LOAD


def _targets(inventory: Inventory, module: Module, statement: Import) -> Iterator[tuple[str, str]]:
    if not statement.is_from:
        for alias in statement.aliases:
            target = nearest(inventory, alias.name, module.path)
            if target is not None:
                yield target.name, ""
        return
    origin = inventory.origin(statement, module.path)
    found = inventory.modules.find(origin, module.path) if origin else None
    if found is None:
        return
    for alias in statement.aliases:
        if alias.name == "*":
            yield found.module.name, "*"
        else:
            meant = inventory.target(found.module, alias.name)
            yield meant.module, meant.name


def nearest(inventory: Inventory, name: str, near: str = "") -> Module | None:
    """The deepest module on the way to the dotted `name`, or None; `near` is the file that says it."""
    while name:
        found = inventory.modules.find(name, near)
        if found is not None:
            return found.module
        name = names.parent(name)
    return None


@dataclass(frozen=True, slots=True)
class Graph:
    """Modules, sorted, and the links that start in them; a link's target may lie outside the modules."""

    modules: tuple[str, ...]
    links: tuple[Link, ...]

    @classmethod
    def of(cls, inventory: Inventory, modules: Iterable[Module]) -> Graph:
        """The graph of some modules of an inventory; namespace packages have no links."""
        chosen = sorted(modules, key=lambda module: module.name)
        links = [link for module in chosen if module.path for link in links_of(inventory, module)]
        return cls(tuple(module.name for module in chosen), tuple(links))

    @classmethod
    def below(cls, inventory: Inventory, package: str) -> Graph:
        """The graph of a package and everything in it; the empty name means every module."""
        if not package:
            return cls.of(inventory, inventory.modules)
        own = inventory.modules.get(package)
        return cls.of(inventory, [*([own] if own is not None else []), *inventory.modules.below(package)])

    def adjacency(self, *when: When) -> dict[str, tuple[str, ...]]:
        """Module -> the other modules that it imports, sorted; at any time unless `when` says."""
        found: dict[str, set[str]] = {module: set() for module in self.modules}
        for link in self.links:
            if link.target != link.source and (not when or link.when in when):
                found[link.source].add(link.target)
        return {module: tuple(sorted(targets)) for module, targets in found.items()}

    def importers(self, *when: When) -> dict[str, tuple[str, ...]]:
        """Module -> the modules of this graph that import it, sorted."""
        found: dict[str, set[str]] = {}
        for source, targets in self.adjacency(*when).items():
            for target in targets:
                found.setdefault(target, set()).add(source)
        return {module: tuple(sorted(sources)) for module, sources in sorted(found.items())}

    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Groups of modules that import one another when they load, each sorted, the largest first."""
        groups = components(self.adjacency(When.LOAD))
        return tuple(sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group)))

    def dependencies(self, package: str) -> tuple[str, ...]:
        """Modules outside `package` that it imports, at any time that code runs; sorted."""
        return tuple(
            sorted(
                {
                    link.target
                    for link in self.links
                    if names.within(link.source, package)
                    and not names.within(link.target, package)
                    and not names.below(package, link.target)  # a package above is its way in, not a dependency
                    and link.when is not When.CHECKING
                }
            )
        )


def components(adjacency: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Strongly connected components, each sorted, in an order in which what is depended on comes first.

    Source: R. Tarjan, "Depth-first search and linear graph algorithms" (1972), without recursion.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    standing: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in adjacency:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        standing.add(root)
        work: list[tuple[str, Iterator[str]]] = [(root, iter(adjacency[root]))]
        while work:
            node, rest = work[-1]
            target = next(rest, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    at = stack.index(node)
                    found.append(tuple(sorted(stack[at:])))
                    standing.difference_update(stack[at:])
                    del stack[at:]
            elif target in standing:
                low[node] = min(low[node], index[target])
            elif target not in index and target in adjacency:
                index[target] = low[target] = len(index)
                stack.append(target)
                standing.add(target)
                work.append((target, iter(adjacency[target])))
    return found

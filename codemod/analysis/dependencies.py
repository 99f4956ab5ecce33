"""A package's dependencies in numbers: how many modules and imports, who is imported most, who imports most."""

from __future__ import annotations

from collections.abc import Iterable

from codemod.base import names
from codemod.base.values import dataclass
from codemod.source.graph import Graph
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.ours import shim_of

Ranking = tuple[tuple[str, int], ...]  # (module, count), the highest first


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a snapshot of a package says; shims are left out everywhere."""

    package: str
    modules: tuple[str, ...]
    packages: int
    inside: int  # imports of one module of the package by another, at any time
    outside: int  # imports of the rest of the repository
    incoming: int  # imports by the rest of the repository
    fan_in: Ranking  # by how many modules of the whole repository a module is imported
    fan_out: Ranking  # how many modules of the repository a module imports
    cycles: tuple[tuple[str, ...], ...]
    adjacency: tuple[tuple[str, tuple[str, ...]], ...]


def dependencies_of(inventory: Inventory, package: str) -> Dependencies:
    """The dependencies of a package with everything below it."""
    own = [module for module in _below(inventory, package) if not _is_shim(inventory, module)]
    graph = Graph.of(inventory, own)
    adjacency = {source: _real(inventory, targets) for source, targets in graph.adjacency().items()}
    around = Graph.of(inventory, _importers(inventory, package))
    incoming = [
        (source, target)
        for source, targets in around.adjacency().items()
        for target in _real(inventory, (name for name in targets if names.within(name, package)))
    ]
    inner = [(s, t) for s, targets in adjacency.items() for t in targets if names.within(t, package)]
    counts = dict.fromkeys(graph.modules, 0)
    for _, target in [*inner, *incoming]:
        counts[target] = counts.get(target, 0) + 1
    edges = sum(map(len, adjacency.values()))
    return Dependencies(
        package,
        graph.modules,
        sum(1 for module in own if module.is_package),
        len(inner),
        edges - len(inner),
        len(incoming),
        _ranked(counts),
        _ranked({source: len(targets) for source, targets in adjacency.items()}),
        graph.cycles(),
        tuple(adjacency.items()),
    )


def _below(inventory: Inventory, package: str) -> list[Module]:
    own = inventory.modules.get(package)
    return [*([own] if own is not None else []), *inventory.modules.below(package)]


def _importers(inventory: Inventory, package: str) -> list[Module]:
    """Modules outside that may import the package: whoever does spells its last segment."""
    last = names.last(package).encode()
    return [
        module
        for module in inventory.modules
        if module.path and not names.within(module.name, package)
        and last in inventory.tree.read(module.path) and not _is_shim(inventory, module)
    ]  # fmt: skip


def _real(inventory: Inventory, targets: Iterable[str]) -> tuple[str, ...]:
    """Without shims."""
    found = ((name, inventory.modules.get(name)) for name in targets)
    return tuple(name for name, module in found if module is None or not _is_shim(inventory, module))


def _is_shim(inventory: Inventory, module: Module) -> bool:
    entry = inventory.tree.entry(module.path)
    return entry is not None and entry.is_file and shim_of(inventory.tree.read(module.path)) is not None


def _ranked(counts: dict[str, int]) -> Ranking:
    return tuple(sorted(((name, n) for name, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0])))

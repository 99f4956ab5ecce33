"""The dependency graph as text, JSON, DOT and Mermaid."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from codemod.base import names
from codemod.source.graph import Graph, Link

from .page import BLANK, Block, Span, Table, count, line


def graph_report(graph: Graph) -> Iterator[Block]:
    """One row a module: how many it imports, how many import it, and which it imports; then cycles and totals."""
    imports, importers = graph.adjacency(), graph.importers()
    rows = tuple(
        line(
            Span(module, "strong"),
            str(len(imports[module])),
            str(len(importers.get(module, ()))),
            Span(", ".join(imports[module]), "dim"),
        )
        for module in graph.modules
    )
    if rows:
        yield Table(("MODULE", "IMPORTS", "IMPORTED BY", "WHAT IT IMPORTS"), rows, frozenset({1, 2}))
        yield BLANK
    cycles = graph.cycles()
    for cycle in cycles:
        yield line(Span("import cycle", "warn"), f": {', '.join(cycle)}")
    edges = sum(map(len, imports.values()))
    yield line(f"{count(len(graph.modules), 'module')}, {count(edges, 'import')}, {count(len(cycles), 'cycle')}")


def graph_document(graph: Graph, of: str) -> dict[str, Any]:
    """of, modules: [{name, imports, imported_by}], links: [{from, to, name, line, when}], cycles, exit."""
    imports, importers = graph.adjacency(), graph.importers()
    return {
        "of": of,
        "modules": [
            {"name": name, "imports": list(imports[name]), "imported_by": list(importers.get(name, ()))}
            for name in graph.modules
        ],
        "links": [link_document(link) for link in graph.links],
        "cycles": [list(cycle) for cycle in graph.cycles()],
        "exit": 0,
    }


def link_document(link: Link) -> dict[str, Any]:
    """from, to, name ("" for the module itself), line, when (load | lazy | checking)."""
    return {"from": link.source, "to": link.target, "name": link.name, "line": link.line, "when": link.when.value}


def dot(graph: Graph) -> Iterator[str]:
    """Graphviz: a node a module, a cluster a package, an arrow an import."""
    yield "digraph modules {"
    yield '  rankdir="LR"; node [shape=box, fontname="sans-serif", fontsize=10];'
    for package, members in _packages(graph).items():
        yield f"  subgraph {json.dumps('cluster_' + package)} {{"
        yield f"    label={json.dumps(package)};"
        yield from (f"    {json.dumps(module)};" for module in members)
        yield "  }"
    for source, targets in graph.adjacency().items():
        yield from (f"  {json.dumps(source)} -> {json.dumps(target)};" for target in targets)
    yield "}"


def mermaid(graph: Graph) -> Iterator[str]:
    """A Mermaid flowchart, as Markdown viewers draw it."""
    known = dict.fromkeys(graph.modules)
    adjacency = graph.adjacency()
    known |= dict.fromkeys(target for targets in adjacency.values() for target in targets)
    ids = {module: f"m{number}" for number, module in enumerate(known)}
    yield "flowchart LR"
    for module, name in ids.items():
        yield f'  {name}["{module}"]'
    for source, targets in adjacency.items():
        yield from (f"  {ids[source]} --> {ids[target]}" for target in targets)


def _packages(graph: Graph) -> Mapping[str, list[str]]:
    """Package -> its modules, for packages with more than one."""
    found: dict[str, list[str]] = {}
    for module in graph.modules:
        found.setdefault(names.parent(module), []).append(module)
    return {package: members for package, members in found.items() if package and len(members) > 1}

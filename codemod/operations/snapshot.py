"""`snapshot`: a package's dependencies, written to a file as Markdown, JSON, DOT or Mermaid."""

from __future__ import annotations

import json
from collections.abc import Iterator

from codemod.analysis.dependencies import Dependencies, Ranking, dependencies_of
from codemod.plan.model import Snapshot

from .context import Context, Result
from .generated import part, whole
from .later import missing, standing

_TOP = 10


def run(operation: Snapshot, context: Context) -> Result:
    """Write the snapshot, unless this phase or a later one has."""
    package = standing(operation.of, context)
    if package is None:
        yield from missing(operation.of, context, operation.mark.key)
        return
    found = dependencies_of(context.now, package.name)
    key, phase = operation.mark.key, context.phase.id
    if operation.format == "json":
        yield from whole(context, operation.to, as_json(found, phase), key)
    elif operation.format == "dot":
        yield from whole(context, operation.to, "\n".join(_dot(found, phase)) + "\n", key)
    elif operation.format == "mermaid":
        yield from whole(context, operation.to, "\n".join(_mermaid(found, phase)) + "\n", key)
    else:
        title = f"Dependencies of {operation.of}"
        yield from part(context, operation.to, title, f"snapshot {operation.of}", "\n".join(_markdown(found)))


def _markdown(found: Dependencies) -> Iterator[str]:
    yield "| | |"
    yield "| --- | ---: |"
    for what, number in _counts(found).items():
        yield f"| {what.capitalize()} | {number} |"
    yield from _ranking("Most imported", "Imported by", found.fan_in)
    yield from _ranking("Importing most", "Imports", found.fan_out)
    yield from ("", "## Import cycles", "")
    yield from (f"- {', '.join(f'`{name}`' for name in cycle)}" for cycle in found.cycles)
    if not found.cycles:
        yield "None."
    yield from ("", "## Who imports whom", "")
    for source, targets in found.adjacency:
        yield f"- `{source}`: {', '.join(f'`{target}`' for target in targets)}" if targets else f"- `{source}`"


def _counts(found: Dependencies) -> dict[str, int]:
    return {
        "modules": len(found.modules),
        "packages": found.packages,
        "imports inside": found.inside,
        "imports of the rest of the repository": found.outside,
        "imports by the rest of the repository": found.incoming,
        "import cycles": len(found.cycles),
    }


def _ranking(title: str, column: str, ranking: Ranking) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    if not ranking:
        yield "None."
        return
    yield f"| Module | {column} |"
    yield "| --- | ---: |"
    for name, count in ranking[:_TOP]:
        yield f"| `{name}` | {count} |"


def as_json(found: Dependencies, phase: str) -> str:
    """codemod (the phase), package, counts, fan_in and fan_out ([[module, count]]), cycles, adjacency."""
    document = {
        "codemod": phase,
        "package": found.package,
        "counts": {what.replace(" ", "_"): number for what, number in _counts(found).items()},
        "fan_in": found.fan_in,
        "fan_out": found.fan_out,
        "cycles": found.cycles,
        "adjacency": dict(found.adjacency),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _dot(found: Dependencies, phase: str) -> Iterator[str]:
    yield f"// codemod: {phase} snapshot"
    yield f'digraph "{found.package}" {{'
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    for source, targets in found.adjacency:
        yield f'  "{source}";'
        yield from (f'  "{source}" -> "{target}";' for target in targets)
    yield "}"


def _mermaid(found: Dependencies, phase: str) -> Iterator[str]:
    yield f"%% codemod: {phase} snapshot"
    yield "graph LR"
    known = {name: f"n{number}" for number, name in enumerate(sorted(_nodes(found)))}
    yield from (f'  {ident}["{name}"]' for name, ident in known.items())
    for source, targets in found.adjacency:
        yield from (f"  {known[source]} --> {known[target]}" for target in targets)


def _nodes(found: Dependencies) -> set[str]:
    return {name for source, targets in found.adjacency for name in (source, *targets)}

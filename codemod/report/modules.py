"""What is known of one module, or of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from codemod.base.values import dataclass
from codemod.source.facts import Unparsable
from codemod.source.graph import Graph, Link, links_of
from codemod.source.inventory import Inventory
from codemod.source.modules import Module

from .graph import link_document
from .page import BLANK, Block, Line, Span, Table, count, line


@dataclass(frozen=True, slots=True)
class Portrait:
    """A module as others see it; `problem` says why its file cannot be read."""

    module: Module
    size: int
    lines: int
    definitions: tuple[tuple[str, str, int], ...]  # (name, kind, line)
    public: tuple[str, ...]
    imports: tuple[Link, ...]
    imported_by: tuple[Link, ...]
    submodules: tuple[str, ...]
    problem: str = ""


def portrait(inventory: Inventory, module: Module) -> Portrait:
    """Everything that the engine knows of a module."""
    data = inventory.tree.read(module.path) if module.path else b""
    known = inventory.read(module.path) if module.path else None
    facts = inventory.facts(module.path)
    everyone = Graph.below(inventory, "").links
    return Portrait(
        module,
        len(data),
        len(data.splitlines()),
        tuple((definition.name, definition.kind, definition.line) for definition in facts.definitions),
        facts.public,
        tuple(link for link in links_of(inventory, module) if link.target != module.name) if module.path else (),
        tuple(link for link in everyone if link.target == module.name and link.source != module.name),
        tuple(child.name for child in inventory.modules.children(module.name)) if module.is_package else (),
        str(known) if isinstance(known, Unparsable) else "",
    )


def portrait_report(known: Portrait) -> Iterator[Block]:
    """`key: value` lines, then what it defines and who imports it."""
    module = known.module
    kind = ("package" if module.path else "namespace package") if module.is_package else "module"
    yield line(Span(module.name, "strong"), f": {kind}")
    yield line("  path: ", module.path or module.folder)
    yield line("  source root: ", module.root)
    yield line(f"  size: {count(known.lines, 'line')}, {count(known.size, 'byte')}")
    if known.problem:
        yield line("  ", Span("does not parse", "bad"), f": {known.problem}")
    if known.public:
        yield line("  public: ", ", ".join(known.public))
    if known.submodules:
        yield line("  modules: ", ", ".join(known.submodules))
    yield from _links("imports", known.imports, of_source=False)
    yield from _links("imported by", known.imported_by, of_source=True)


def _links(title: str, links: Sequence[Link], *, of_source: bool) -> Iterator[Line]:
    if not links:
        return
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link.source if of_source else link.target, []).append(link)
    yield line(f"  {title}:")
    for name, through in sorted(found.items()):
        taken = ", ".join(dict.fromkeys(link.name for link in through if link.name))
        told = f" ({taken})" if taken else ""
        lines = ", ".join(str(number) for number in dict.fromkeys(link.line for link in through))
        yield line("    ", Span(name, "code"), told, Span(f" line {lines}", "dim"))


def portrait_document(known: Portrait) -> dict[str, Any]:
    """name, path, kind, root, size, lines, problem, public, definitions, modules, imports, imported_by, exit."""
    module = known.module
    return {
        "name": module.name,
        "path": module.path or module.folder,
        "package": module.is_package,
        "root": module.root,
        "size": known.size,
        "lines": known.lines,
        "problem": known.problem,
        "public": list(known.public),
        "definitions": [{"name": name, "kind": kind, "line": number} for name, kind, number in known.definitions],
        "modules": list(known.submodules),
        "imports": [link_document(link) for link in known.imports],
        "imported_by": [link_document(link) for link in known.imported_by],
        "exit": 0,
    }


def overview_report(inventory: Inventory) -> Iterator[Block]:
    """One row a module: lines, public names, path; then the totals."""
    known = sorted(inventory.modules, key=lambda module: module.name)
    rows = []
    total = 0
    for module in known:
        lines = inventory.tree.read(module.path).count(b"\n")
        total += lines
        broken = isinstance(inventory.read(module.path), Unparsable)
        public = Span("does not parse", "bad") if broken else Span(str(len(inventory.facts(module.path).public)))
        rows.append(line(Span(module.name, "strong"), f"{lines:,}", public, Span(module.path, "dim")))
    if rows:
        yield Table(("MODULE", "LINES", "PUBLIC", "PATH"), tuple(rows), frozenset({1, 2}))
        yield BLANK
    roots = ", ".join(inventory.modules.roots)
    yield line(f"{count(len(known), 'module')}, {count(total, 'line')}; source roots: {roots}")


def overview_document(inventory: Inventory) -> dict[str, Any]:
    """roots, modules: [{name, path, package, lines, public, problem}], exit."""
    return {
        "roots": list(inventory.modules.roots),
        "modules": [
            {
                "name": module.name,
                "path": module.path,
                "package": module.is_package,
                "lines": inventory.tree.read(module.path).count(b"\n"),
                "public": list(inventory.facts(module.path).public),
                "problem": str(found) if isinstance(found := inventory.read(module.path), Unparsable) else "",
            }
            for module in sorted(inventory.modules, key=lambda module: module.name)
        ],
        "exit": 0,
    }

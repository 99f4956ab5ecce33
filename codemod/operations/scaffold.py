"""`scaffold`: a package with its `__init__` and a README that states what it is for, who owns it, what it uses."""

from __future__ import annotations

import posixpath
import textwrap
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Delete, Operation, Plan, Scaffold
from codemod.source.graph import Graph
from codemod.source.inventory import Inventory
from codemod.source.modules import at_root
from codemod.source.settings import line_length

from .context import Context, Result, Write
from .later import standing, undone_later
from .marked import renewed
from .namespace import init_files


def run(operation: Scaffold, context: Context) -> Result:
    """Make what is missing; what a hand wrote stays."""
    inventory = context.now
    known = standing(operation.package, context)
    package = known.name if known is not None else operation.package
    if known is not None and not known.is_package:
        yield Finding(
            "target-taken", f"{package} is a module, so it cannot be a package", Weight.MISMATCH, Place(known.path),
            "move the module first, or choose another name", operation.mark.key,
        )  # fmt: skip
        return
    if known is None:
        undone = undone_later(context, lambda other: _deletes(other, package), package, operation.mark.key)
        if isinstance(undone, Finding):
            yield undone
        if undone:
            return
    root = known.root if known is not None else _root(inventory, package)
    about, owner = described(context.plan, operation.package)
    about, owner = operation.about or about, operation.owner or owner
    folder = at_root(root, package.replace(".", "/"))
    own = posixpath.join(folder, "__init__.py")
    for path in _missing(inventory, package, root):
        if isinstance(path, Finding):
            yield path
            return
        text = docstring(about, line_length(inventory.tree, path)) if path == own else ""
        yield Write(path, text.encode(), f"package {package}")
    readme = posixpath.join(folder, "README.md")
    data = inventory.tree.read(readme) if readme in inventory.tree else b""
    start = data if data.strip() else f"# {package}\n".encode()
    new = renewed(context, readme, start, "scaffold", _readme(inventory, package, about, owner))
    if new != data:
        yield Write(readme, new, f"README of {package}")


def _deletes(operation: Operation, package: str) -> bool:
    return isinstance(operation, Delete) and any(names.within(package, name) for name in operation.modules)


def described(plan: Plan, package: str) -> tuple[str, str]:
    """(about, owner) of a package, from the last of the plan's scaffolds that says it."""
    about = owner = ""
    for phase in plan.phases:
        for operation in phase.do:
            if isinstance(operation, Scaffold) and operation.package == package:
                about, owner = operation.about or about, operation.owner or owner
    return about, owner


def _root(inventory: Inventory, package: str) -> str:
    """Where a package that is not there yet belongs: by its top package, else where most modules are."""
    top = inventory.modules.get(names.top(package))
    if top is not None:
        return top.root
    counts: dict[str, int] = {}
    for module in inventory.modules:
        counts[module.root] = counts.get(module.root, 0) + 1
    return max(sorted(counts), key=lambda root: counts[root], default=".")


def _missing(inventory: Inventory, package: str, root: str) -> Iterator[str | Finding]:
    """`__init__` files that must be made, the packages above included where they are not there at all."""
    needed = []
    for name in list(names.prefixes(package))[:-1]:
        above = inventory.modules.get(name)
        if above is None:
            needed.append(posixpath.join(at_root(root, name.replace(".", "/")), "__init__.py"))
        elif not above.is_package:
            yield Finding(
                "target-taken", f"{name} is a module, so {package} cannot lie below it", Weight.MISMATCH,
                Place(above.path), "move the module first, or choose another name",
            )  # fmt: skip
            return
    yield from sorted({*needed, *init_files(inventory, package, root)})


def docstring(about: str, limit: int) -> str:
    """The text of an `__init__` that says what its package is for; empty when nothing is said."""
    text = " ".join(about.split()).replace("\\", "\\\\").replace('"""', "'''")
    if not text:
        return ""
    if text[-1] not in ".!?":
        text += "."
    if len(text) + 6 <= limit and not text.endswith('"'):
        return f'"""{text}"""\n'
    return '"""' + "\n".join(textwrap.wrap(text, limit - 4, break_long_words=False)) + '\n"""\n'


def _readme(inventory: Inventory, package: str, about: str, owner: str) -> str:
    parts = []
    if about:
        parts.append(about.strip())
    if owner:
        parts.append(f"Owner: {owner}")
    uses = dependencies(inventory, package)
    parts.append("## Dependencies")
    parts.append("\n".join(f"- `{name}`" for name in uses) if uses else "None inside this repository.")
    return "\n\n".join(parts)


def dependencies(inventory: Inventory, package: str) -> list[str]:
    """What a package imports of the rest of the repository; a neighbour is named as a whole."""
    around = names.parent(package)
    found = set()
    for target in Graph.below(inventory, package).dependencies(package):
        if around and names.below(target, around):
            target = names.join(around, names.top(names.tail(target, around)))
        found.add(target)
    return sorted(found)

"""`delete`: files, folders and modules go, if they are empty or unused; never while something uses them."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.plan.model import Delete
from codemod.source.facts import Unparsable, parse
from codemod.source.globs import compiled
from codemod.source.inventory import Inventory
from codemod.source.text import Text, Undecodable

from .context import Context, Result, Write
from .uses import importers, left_behind, mentions, named_paths

_SHOWN = 20  # places that are listed one by one


@dataclass(frozen=True, slots=True)
class _Group:
    """What one name or path comes to: a file, or a folder with everything in it."""

    name: str
    files: tuple[str, ...]
    modules: tuple[str, ...]


def run(operation: Delete, context: Context) -> Result:
    """Delete what may go; what is gone already is fine."""
    groups = list(_groups(operation, context))
    doomed = {path for group in groups for path in group.files}
    for group in groups:
        if operation.when == "empty":
            reasons = list(_contents(context.now, group)) or list(_used(context.now, group, doomed, False))
        else:
            reasons = list(_used(context.now, group, doomed, operation.when == "unused"))
        if reasons:
            yield from _kept(operation, group, reasons)
            continue
        for path in group.files:
            yield Write(path, None, f"{group.name} is deleted")
        if operation.when == "empty":
            yield from left_behind(context.now, group.files)


def _groups(operation: Delete, context: Context) -> Iterator[_Group]:
    inventory = context.now
    seen: set[str] = set()
    for name in operation.modules:
        renamed = names.renamed(name, dict(context.moved)) if name not in inventory.modules else name
        module = inventory.modules.get(renamed)
        if module is None:
            continue
        if module.folder:
            files = list(inventory.tree.below(module.folder))
        else:
            stem = posixpath.splitext(module.path)[0]
            files = [path for path in (stem + ".py", stem + ".pyi") if path in inventory.tree]
        yield _group(inventory, module.name, [path for path in files if path not in seen])
        seen.update(files)
    for glob in operation.paths:
        for matched, files in _matched(inventory, glob):
            left = [path for path in files if path not in seen]
            if left:
                yield _group(inventory, matched, left)
                seen.update(left)


def _group(inventory: Inventory, name: str, files: list[str]) -> _Group:
    modules = {module.name for module in map(inventory.modules.at, files) if module is not None}
    return _Group(name, tuple(sorted(files)), tuple(sorted(modules)))


def _matched(inventory: Inventory, glob: str) -> Iterator[tuple[str, list[str]]]:
    """Each file or topmost folder that a glob matches, with the files that it holds."""
    pattern = compiled(glob)
    found: dict[str, list[str]] = {}
    for path in inventory.tree.paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            prefix = "/".join(parts[:depth])
            if prefix in found or pattern.fullmatch(prefix):
                found.setdefault(prefix, []).append(path)
                break
    yield from sorted(found.items())


def _contents(inventory: Inventory, group: _Group) -> Iterator[Place]:
    """Files that say something."""
    for path in group.files:
        entry = inventory.tree.entry(path)
        if entry is None or not entry.is_file or not says_nothing(path, inventory.tree.read(path)):
            yield Place(path)


def says_nothing(path: str, data: bytes) -> bool:
    """True for white space, and for Python that is comments, a docstring, `__future__` and an empty `__all__`."""
    if not data.strip():
        return True
    if not path.endswith((".py", ".pyi")):
        return False
    try:
        body = parse(Text.of(data)).body
    except (Unparsable, Undecodable):
        return False
    return all(_is_nothing(node) for node in body)


def _is_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        empty = isinstance(node.value, (ast.List, ast.Tuple)) and not node.value.elts
        return isinstance(target, ast.Name) and target.id == "__all__" and empty
    return False


def _used(inventory: Inventory, group: _Group, doomed: set[str], strings: bool) -> Iterator[Place]:
    if group.modules:
        yield from importers(inventory, group.modules, doomed)
        if strings:
            yield from mentions(inventory, group.modules, doomed)
    elif strings:
        yield from named_paths(inventory, group.files, doomed)


def _kept(operation: Delete, group: _Group, reasons: list[Place]) -> Iterator[Finding]:
    if operation.when == "empty":
        code, weight, what = "delete-not-empty", Weight.REVIEW, "is not empty"
        hint = "move what it holds, or delete it without `when`"
    elif operation.when == "unused":
        code, weight, what = "delete-in-use", Weight.REVIEW, "is used here"
        hint = "rewrite what uses it"
    else:
        code, weight, what = "delete-used", Weight.REFUSAL, "is used here"
        hint = "rewrite what uses it, or say `when: unused`"
    for place in reasons[:_SHOWN]:
        yield Finding(code, f"{group.name} stays: it {what}", weight, place, hint, operation.mark.key)
    if len(reasons) > _SHOWN:
        more = len(reasons) - _SHOWN
        yield Finding(code, f"{group.name} stays: {more} more places", weight, None, hint, operation.mark.key)

"""`delete`: files, folders and modules go, if they are empty or unused; never while something uses them."""

from __future__ import annotations

import posixpath
from collections.abc import Generator, Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.plan.model import Delete
from codemod.source.empty import says_nothing
from codemod.source.globs import compiled
from codemod.source.inventory import Inventory
from codemod.source.ours import shim_of

from .context import Context, Result, Write
from .later import decided_before, returned_later
from .move import moved_pairs
from .shim_left import left_by
from .shim_standing import standing
from .uses import importers, left_behind, mentions, named_paths

_SHOWN = 20  # places that are listed one by one


@dataclass(frozen=True, slots=True)
class _Group:
    """What one name or path comes to: a file, or a folder with everything in it."""

    name: str
    files: tuple[str, ...]
    modules: tuple[str, ...]


_Asked = tuple[Delete, _Group]


def run(operation: Delete, context: Context) -> Result:
    """Delete what may go; what is gone already is fine."""
    groups = yield from _standing(operation, context)
    others = [one for one in context.phase.do if isinstance(one, Delete) and one != operation]
    asked = [(operation, group) for group in groups]
    asked += [(one, group) for one in others for group in _groups(one, context)]
    kept = _kept(asked, context.now)
    for group in groups if not (operation.when and decided_before(context)) else ():
        reasons = kept.get((operation, group))
        if reasons:
            yield from _told(operation, group, reasons)
            continue
        for path in group.files:
            yield Write(path, None, f"{group.name} is deleted")
        if operation.when == "empty":
            yield from left_behind(context.now, group.files)


def _standing(operation: Delete, context: Context) -> Generator[Finding, None, list[_Group]]:
    """What there is to delete: not what a later phase has made again, nor shims."""
    found: list[_Group] = []
    shims: list[_Group] = []
    for group in _groups(operation, context):
        again = returned_later(group.modules, context, group.name, operation.mark.key)
        if isinstance(again, Finding):
            yield again
        if not again:
            (shims if _shims(context.now, group) else found).append(group)
    yield from _left(operation, shims, context)
    shown = _led_to(found, context)
    for group, old in shown:
        message = f"{group.name} stays: the shim of {old} leads to it"
        yield _of_shim(operation, message, group, f"write `unshim: [{old}]` in a phase before")
    return [group for group in found if not any(group is other for other, _ in shown)]


def _led_to(groups: Sequence[_Group], context: Context) -> list[tuple[_Group, str]]:
    """Those of the groups to which a shim leads that does not go itself, with its old name."""
    shims = standing(context.now) if any(group.modules for group in groups) else ()
    doomed = {path for group in groups for path in group.files}
    leading = {old: new for shim in shims if shim.path not in doomed or shim.block for old, new in shim.names}
    found = ((group, next((old for old, new in leading.items() if _is_in(new, group)), "")) for group in groups)
    return [(group, old) for group, old in found if old]


def _is_in(name: str, group: _Group) -> bool:
    return any(names.within(name, module) for module in group.modules)


def _of_shim(operation: Delete, message: str, group: _Group, hint: str) -> Finding:
    weight = Weight.REVIEW if operation.when else Weight.REFUSAL
    return Finding("delete-shim", message, weight, Place(group.files[0]), hint, operation.mark.key)


def _kept(asked: Sequence[_Asked], inventory: Inventory) -> dict[_Asked, list[Place]]:
    """Why what may not go stays.  What stays may use what else was to go, so that is asked until no more stays."""
    kept: dict[_Asked, list[Place]] = {}
    while True:
        going = [one for one in asked if one not in kept]
        doomed = {path for _, group in going for path in group.files}
        more = {}
        for operation, group in going:
            strings = operation.when == "unused"
            reasons = list(_contents(inventory, group)) if operation.when == "empty" else []
            reasons = reasons or list(_used(inventory, group, doomed, strings))
            if reasons:
                more[operation, group] = reasons
        if not more:
            return kept
        kept |= more


def _groups(operation: Delete, context: Context) -> Iterator[_Group]:
    inventory = context.now
    seen: set[str] = set()
    own = dict(moved_pairs([context.phase], context.phase, context.before)) if operation.modules else {}
    for name in operation.modules:
        module = inventory.modules.get(names.renamed(name, own) if name not in inventory.modules else name)
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


def _shims(inventory: Inventory, group: _Group) -> set[str]:
    """The old names of shims that are all that is left of a module or a folder."""
    shims = {path: shim_of(inventory.tree.read(path)) for path in group.files if path.endswith((".py", ".pyi"))}
    real = any(shim is None and not says_nothing(path, inventory.tree.read(path)) for path, shim in shims.items())
    return set() if real else {shim[0] for shim in shims.values() if shim is not None}


def _left(operation: Delete, groups: list[_Group], context: Context) -> Iterator[Finding]:
    """What is told of shims: they stay until `unshim` names them.  This phase's own came behind its `delete`."""
    own = left_by([context.phase], context.before) if groups else {}
    for group in groups:
        for old in sorted(_shims(context.now, group)):
            if not any(names.within(name, old) for name in own):
                message = f"{old} stays: it is a shim that an earlier phase left"
                yield _of_shim(operation, message, group, f"write `unshim: [{old}]`")


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


def _used(inventory: Inventory, group: _Group, doomed: set[str], strings: bool) -> Iterator[Place]:
    if group.modules:
        yield from importers(inventory, group.modules, doomed)
        if strings:
            yield from mentions(inventory, group.modules, doomed)
    elif strings:
        yield from named_paths(inventory, group.files, doomed)


def _told(operation: Delete, group: _Group, reasons: list[Place]) -> Iterator[Finding]:
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

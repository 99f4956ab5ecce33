"""Modules and packages that do something where they are loaded, and that nothing loads any more since a phase."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.rewrite.intent import Intent, Symbol
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.ours import blocks
from codemod.source.text import Undecodable

from .motion_anatomy import Anatomy
from .motion_changes import root_of, shallow
from .motion_effects import Effects
from .motion_reads import Reads
from .motion_registry import Registry
from .shim_standing import is_shim
from .uses import importers, mentions

_SPARE = frozenset({"warn", "addHandler"})  # calls of a package that nobody misses who does not use it
_TEST = lazy(r"(?:.*/)?(?:tests?/.*|conftest\.py|test_[^/]*\.py|[^/]*_test\.py)")


def unloaded(before: Inventory, after: Inventory, intent: Intent) -> Iterator[Finding]:
    """What registers itself in a module that names have left, where what imported the module came for these names.

    Told only where nothing but tests imports it any more, and no text outside prose names it.
    """
    for old in sorted({module for module, _ in intent.symbols}):
        home = intent.module(old)
        here = after.modules.get(home)
        leaves = any(module == old and new != home for (module, _), (new, _) in intent.symbols.items())
        if not leaves or here is None or here.is_package or not here.path.endswith(".py") or is_shim(after, here.path):
            continue
        found = _registers(after, here)
        if found is None or not _loaded(before, old) or _loaded(after, home) or any(mentions(after, [home])):
            continue
        line, key = found
        whom = names.join(*key) if key[0] else key[1]
        yield Finding(
            "registration-unloaded", f"{home} registers itself with {whom}, and nothing imports {home} since what was "
            "imported from it is elsewhere", Weight.REVIEW, Place(here.path, line),
            f"import {home} where its importers are loaded, or send what registers itself along",
        )  # fmt: skip


def unloaded_packages(before: Inventory, after: Inventory, intent: Intent) -> Iterator[Finding]:
    """Packages whose `__init__` does something, where all that anybody imported of them has gone elsewhere."""
    left = {
        package
        for old, new in intent.modules.items()
        for package in names.prefixes(names.parent(old))
        if not names.within(new, intent.module(package))
    }
    for old in sorted(left):
        home = intent.module(old)
        here = after.modules.get(home)
        if here is None or not here.is_package or not here.path.endswith(".py") or is_shim(after, here.path):
            continue
        line = _acts(after, here)
        if line and _loaded(before, old) and not _loaded(after, home) and not any(mentions(after, [home])):
            yield Finding(
                "registration-unloaded", f"the `__init__` of {home} does something when it is loaded, and nothing "
                f"imports {home} or what is in it since all that was imported of it is elsewhere", Weight.REVIEW,
                Place(here.path, line), f"import {home} where its importers are loaded, or send along what it does",
            )  # fmt: skip


def _acts(inventory: Inventory, module: Module) -> int | None:
    """The line of the first statement of a module that is there for what it does to others; None without one."""
    try:
        anatomy = Anatomy.of(inventory, module)
    except (Unparsable, Undecodable):
        return None
    ours = blocks(anatomy.text.data)
    pieces = (p for p in anatomy.pieces if p.is_effect and not any(b.start <= p.code < b.end for b in ours))
    for node in (node for piece in pieces for node in piece.nodes):
        for inner in (node, *shallow(node)):
            stored = [*getattr(inner, "targets", []), getattr(inner, "target", None)]
            called = inner.value.func if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call) else None
            sets = any(isinstance(target, (ast.Attribute, ast.Subscript)) for target in stored)
            own = root_of(called) == "__all__" if called is not None else False
            if sets or (called is not None and not own and getattr(called, "attr", "") not in _SPARE):
                return int(getattr(inner, "lineno", 0))
    return None


def _loaded(inventory: Inventory, module: str) -> bool:
    """True when something but tests and the module itself, or what is in the package, imports it."""
    known = inventory.modules.get(module)
    spare: set[str] = set()
    if known is not None:
        spare = {known.path, *(inventory.tree.below(known.folder) if known.is_package else ())}
    return any(not _TEST.fullmatch(place.path) for place in importers(inventory, [module], spare))


def _registers(inventory: Inventory, module: Module) -> tuple[int, Symbol] | None:
    """The line of the first statement that registers something with what another module holds, and with what."""
    try:
        anatomy = Anatomy.of(inventory, module)
    except (Unparsable, Undecodable):
        return None
    registry = Registry(inventory, {module.name: anatomy})
    effects = Effects.of(registry.reads(module.name) or Reads(anatomy), registry)
    for number in sorted(effects.keys):
        others = sorted(key for key in effects.keys[number] if key[0] != module.name)
        if others:
            return anatomy.text.line(anatomy.pieces[number].code), others[0]
    return None

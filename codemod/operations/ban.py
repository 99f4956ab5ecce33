"""`ban`: old names are refused by ruff's configuration and by a generated pytest guard."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from codemod.base import names, tomltext
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.plan.model import Ban
from codemod.source.inventory import Inventory
from codemod.source.settings import table
from codemod.source.tree import Tree

from .ban_guard import guard_text
from .context import Context, Result, Write
from .later import carried
from .marked import is_fresh, newline_of
from .shim_standing import is_shim, standing_names
from .toml_text import Keys, OddError, with_element, with_statements, without_leaves

_RULE = "TID251"
_SELECTS = {"ALL", "T", "TID", "TID2", "TID25", _RULE}
_OURS = lazy(r"moved to ([\w.]+)")
_REFUSED = lazy(rb'(?m)^    "([^"]+)": "(?:moved to ([^"]+)|is gone)",\r?$')
_GUARD = lazy(rb"# codemod: guard (\S+)")


def run(operation: Ban, context: Context) -> Result:
    """Write the bans that are missing, take back those of names that are in use again."""
    moved = retired(operation, context)
    config = config_of(context.now.tree, operation.config)
    if moved or config in context.now.tree:
        yield from _configured(operation, context, config, moved)
    if moved or operation.guard in context.now.tree:
        yield from _guarded(operation, context, moved)


def retired(operation: Ban, context: Context) -> dict[str, str]:
    """Old dotted name -> where it is now, "" when that is not known; by name.

    Left out are names that mean something again, that a shim keeps, and those below a banned one.
    """
    found = dict.fromkeys((name.replace(":", ".") for name in operation.names), "")
    if operation.moved:
        for number, (old, new) in enumerate(context.retired):
            found[old] = _today(context.now, new, context.retired[number + 1 :])
    kept = standing_names(context.now)
    shims_to_come = context.phase.settings.shims != "none"
    alive = {
        old: new
        for old, new in sorted(found.items())
        if old not in kept and old != new and not in_use(context.now, old)
        and not (shims_to_come and in_use(context.before, old))
    }  # fmt: skip
    return {old: new for old, new in alive.items() if names.longest_prefix(names.parent(old), alive) is None}


def _today(inventory: Inventory, name: str, moved: Sequence[tuple[str, str]]) -> str:
    """Where a name is now that was moved once: moves of its own phase do not touch it, those of later ones may."""
    for old, new in moved:
        if in_use(inventory, name):
            break
        name = names.renamed(name, {old: new})
    return name


def in_use(inventory: Inventory, name: str) -> bool:
    """True when a module, a package or a top-level name is called so; shims are none."""
    module = inventory.modules.get(name)
    if module is not None:
        below = [module, *inventory.modules.below(name)]
        return any(other.path and not is_shim(inventory, other.path) for other in below)
    home = inventory.modules.get(names.parent(name))
    return home is not None and names.last(name) in inventory.facts(home.path).bound


def config_of(tree: Tree, config: str) -> str:
    """The file that ruff reads: a ruff.toml beside pyproject.toml wins."""
    if posixpath.basename(config) == "pyproject.toml":
        for name in (".ruff.toml", "ruff.toml"):
            path = posixpath.join(posixpath.dirname(config), name)
            if path in tree:
                return path
    return config


def _configured(operation: Ban, context: Context, config: str, moved: Mapping[str, str]) -> Result:
    tree = context.now.tree
    there = tree.read(config) if config in tree else b""
    base: Keys = ("tool", "ruff") if posixpath.basename(config) == "pyproject.toml" else ()
    banned: Keys = (*base, "lint", "flake8-tidy-imports", "banned-api")
    try:
        text = there.decode("utf-8")
        known = table(tomltext.loads(text), *banned)
        stale = {old: entry for old, entry in known.items() if _is_stale(context, old, entry, moved)}
        text = without_leaves(text, {(*banned, old, "msg"): entry["msg"] for old, entry in stale.items()})
        missing = [old for old in moved if old not in known or old in stale]
        text = with_statements(text, banned, [_entry(old, moved[old]) for old in missing])
        if moved and not _selected(table(tomltext.loads(text), *base)):
            text = with_element(text, (*base, "lint", "extend-select"), _RULE)
    except (OddError, UnicodeDecodeError, tomltext.TOMLDecodeError) as error:
        yield Finding(
            "ban-unfit", f"{config} cannot be added to: {error}", Weight.MISMATCH, Place(config),
            "name another `config`, or write the bans by hand", operation.mark.key,
        )  # fmt: skip
        return
    if text.encode() != there:
        yield Write(config, text.encode(), "old names are banned")


def _entry(old: str, new: str) -> str:
    message = f"moved to {new}" if new else "is gone"
    return f'"{old}".msg = "{message}"'


def _is_stale(context: Context, old: str, entry: object, moved: Mapping[str, str]) -> bool:
    """True for a ban of ours whose name is in use again, or whose message no longer leads to the right place."""
    message = entry.get("msg") if isinstance(entry, dict) and set(entry) == {"msg"} else None
    ours = _OURS.fullmatch(message) if isinstance(message, str) else None
    if ours is None:
        return False
    if old in moved:
        return bool(moved[old]) and ours.group(1) not in set(carried(moved[old], context))
    return in_use(context.now, old)


def _selected(ruff: Mapping[str, object]) -> bool:
    """True when the rule is on."""
    lists = [part.get(key) for part in (ruff, table(ruff, "lint")) for key in ("select", "extend-select")]
    return any(isinstance(codes, list) and _SELECTS & {str(code) for code in codes} for codes in lists)


def _guarded(operation: Ban, context: Context, moved: Mapping[str, str]) -> Result:
    tree, path = context.now.tree, operation.guard
    there = tree.read(path) if path in tree else b""
    mark = _GUARD.match(there)
    if there.strip() and mark is None:
        yield Finding(
            "hand-written-file", f"{path} was not generated, so it is not written over", Weight.MISMATCH, Place(path),
            "choose another `guard`, or delete this one", operation.mark.key,
        )  # fmt: skip
        return
    phase = mark.group(1).decode() if mark else context.phase.id
    if phase != context.phase.id and is_fresh(context, phase):
        return
    roots = context.now.modules.roots
    every = dict(sorted({**_known(context, there, moved), **moved}.items()))
    text = guard_text(context.phase.id, path, roots, every).encode().replace(b"\n", newline_of(there))
    if text != there:
        yield Write(path, text, "a test refuses old names")


def _known(context: Context, guard: bytes, moved: Mapping[str, str]) -> dict[str, str]:
    """What the guard refuses already and still may: captures no longer tell what they fitted once that went on."""
    known = {found[1].decode(): (found[2] or b"").decode() for found in _REFUSED.finditer(guard)}
    alive = {*known, *moved} - standing_names(context.now).keys()
    return {
        old: _today(context.now, new, context.retired)
        for old, new in known.items()
        if old in alive and not in_use(context.now, old) and names.longest_prefix(names.parent(old), moved) is None
    }

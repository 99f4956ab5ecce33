"""What is told of a row of `move` that cannot be carried out."""

from __future__ import annotations

import difflib

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Pair
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of

from .shim_standing import standing_names


def all_names(inventory: Inventory) -> set[str]:
    """Every dotted name of a module or of a folder that modules are in."""
    return {prefix for module in inventory.modules for prefix in names.prefixes(module.name)}


def place(path: str) -> Place | None:
    """A file as a place; None when it is not known."""
    return Place(path) if path else None


def missing_source(pair: Pair, name: str, inventory: Inventory) -> Finding:
    """What the plan moves is not there; what is near is named."""
    shown = name.replace("{", "").replace("}", "")
    new = names.renamed(shown, standing_names(inventory))
    if new != shown and shown == name:
        hint = f"name what it leads to: {new}"
        return Finding("source-missing", f"of {name} only a shim is left", Weight.MISMATCH, None, hint, pair.mark.key)
    if inventory.modules.get(shown) is not None:  # a name in a module was meant: `rename`, or `a.b:c`
        new = pair.target if "." in pair.target else names.join(names.parent(shown), pair.target)
        hint = f"`move: {{{shown}: {new}}}` moves a module, or calls it otherwise"
        return Finding(
            "source-missing", f"{shown} is a module, not a name in one", Weight.MISMATCH, None, hint, pair.mark.key
        )
    below = _below_another_root(shown, inventory)
    if below is not None:
        hint = f"set `source_roots: [{below[0]}]` in the plan: without, {below[1]} has a shorter name"
        return Finding("source-missing", f"there is no {name}", Weight.MISMATCH, None, hint, pair.mark.key)
    known = all_names(inventory)
    module = inventory.modules.get(names.parent(shown))
    if module is not None:
        known |= {names.join(module.name, bound) for bound in inventory.facts(module.path).defined}
    alike = difflib.get_close_matches(shown, sorted(known), n=3, cutoff=0.6)
    elsewhere = [] if module is not None else _defined_as(shown, inventory)
    same = [*(k for k in alike if names.last(k) == names.last(shown)), *elsewhere]
    near = list(dict.fromkeys(same or alike or sorted(k for k in known if names.last(k) == names.last(shown))))[:3]
    hint = f"did you mean {' or '.join(near)}?" if near else "correct the name, or set `source_roots`"
    return Finding("source-missing", f"there is no {name}", Weight.MISMATCH, None, hint, pair.mark.key)


def _below_another_root(name: str, inventory: Inventory) -> tuple[str, str] | None:
    """(folder, file) where imports that start from the folder would find a module of that name: one, or nobody knows.

    Where a package lies in a namespace package, the folder of that is taken for a source root.
    """
    ends = [f"/{name.replace('.', '/')}{ending}" for ending in (".py", "/__init__.py")] if "." in name else []
    found = [(path[: -len(end)], path) for path in inventory.tree.paths for end in ends if path.endswith(end)]
    return found[0] if len(found) == 1 else None


def _defined_as(name: str, inventory: Inventory) -> list[str]:
    """Where a definition of that name stands; first in modules that are called like the one in which it was sought."""
    symbol, home = names.last(name), names.last(names.parent(name))
    holding = (m for m in inventory.modules if m.path and symbol.encode() in inventory.tree.read(m.path))
    found = sorted(m.name for m in holding if symbol in inventory.facts(m.path).defined)
    return [names.join(module, symbol) for module in sorted(found, key=lambda module: names.last(module) != home)]


def target_taken(pair: Pair, target: str, inventory: Inventory) -> Finding:
    """Something stands at the target."""
    module = inventory.modules.get(target) or inventory.modules.get(names.parent(target))
    hint = "choose another target, or move what stands there in the same phase"
    if names.below(pair.source, target):
        hint = f"choose another target, or let {target} become empty: all its modules go, its __init__ says nothing"
    return Finding(
        "target-taken", f"{target} exists already", Weight.MISMATCH, place(module.path if module else ""), hint,
        pair.mark.key,
    )  # fmt: skip


def unreadable(pair: Pair, old: str, path: str) -> Finding:
    """What moves does not parse."""
    return Finding(
        "source-unreadable", f"{old} cannot be read, so its own imports could not follow", Weight.MISMATCH,
        Place(path), "repair it first", pair.mark.key,
    )  # fmt: skip


def hiding(pair: Pair, target: str) -> Finding:
    """The target would hide a module of the standard library."""
    return Finding(
        "target-taken", f"{target} is a module of the standard library, which nobody would find any more",
        Weight.MISMATCH, None, "choose another target, or put it into a package", pair.mark.key,
    )  # fmt: skip


def undecided(pair: Pair, old: str, target: str) -> Finding:
    """Source and target are both there, and no commit says which."""
    return Finding(
        "state-unknown", f"both {old} and {target} are there: the tree alone cannot tell whether this was done",
        Weight.MISMATCH, None, "run with --assume done or --assume pending", pair.mark.key,
    )  # fmt: skip


def deleted_later(pair: Pair, old: str, target: str) -> Finding:
    """Neither source nor target is there, and a later phase deletes the target."""
    return Finding(
        "state-unknown", f"there is no {old}, and a later phase deletes {target}: the tree alone cannot tell whether "
        "both were done", Weight.MISMATCH, None, "run with --assume done or --assume pending", pair.mark.key,
    )  # fmt: skip


def definer(inventory: Inventory, module: str, name: str) -> str:
    """The change to the plan that names what is meant where it is defined."""
    known = inventory.modules.get(module)
    found = origin_of(inventory, known, name) if known is not None and known.path else None
    whole = names.join(found.module, found.name) if found is not None and found.name else ""
    return f"name it where it is defined: {whole}" if whole else "name the module that defines it"

"""Names that were seen to be imported at run time, in the ledger: the place of a name that is put together there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Residue
from codemod.rewrite.seen import Seen
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree


def seen_residue(
    before: Inventory, after: Tree, intent: Intent, seen: Sequence[Seen], shims: Collection[str] = ()
) -> Iterator[Residue | Finding]:
    """An entry for each line that was seen to import a module by a name which is old after the phase.

    Left out where the line's own file spells the name: it was found there.  A line that is no longer in the file is
    said to be stale.
    """
    stale: set[str] = set()
    for one in seen:
        entry = before.tree.entry(one.path)
        if entry is None or not entry.is_file or not _is_old(before, intent, one):
            continue
        data = before.tree.read(one.path)
        if _spelled(data, one.name) or (one.by and _spelled_anywhere(before.tree, one.name)):
            continue
        line = _line(data, one.text, one.line)
        if not line:
            if one.path not in stale:
                stale.add(one.path)
                yield Finding(
                    "trace-stale", f"{one.name} was seen to be imported here, by a line that is not there any more",
                    Weight.NOTE, Place(one.path), "run `codemod trace -- CMD` again",
                )  # fmt: skip
            continue
        path = intent.files.get(one.path, one.path)
        place = Place(path, _line(after.read(path) if path in after else data, one.text, line) or line, 1)
        kept = any(prefix in shims for prefix in names.prefixes(names.join(one.name, one.attribute)))
        yield Residue(place, names.join(one.name, one.attribute), "kept-by-shim" if kept else "out-of-reach", _why(one))


def _why(one: Seen) -> str:
    through = f" through {one.via}" if one.via else ""
    by = f" by {one.by}" if one.by else ""
    if one.attribute:
        return f"seen at run time: a pickle that is read here{through}{by} names it"
    return f"seen at run time: imported{through}{by} by a name that is put together"


def _is_old(before: Inventory, intent: Intent, one: Seen) -> bool:
    """True when what was imported is called differently after the phase."""
    found = before.modules.find(one.name, one.path)
    module = found.module.name if found is not None else one.name
    return intent.module(module) != module or (bool(one.attribute) and (module, one.attribute) in intent.symbols)


def _spelled(data: bytes, name: str) -> bool:
    """True when a file has a name as a whole in it, absolute or relative."""
    last = re.escape(names.last(name).encode())
    pattern = rb"(?<![\w.])" + re.escape(name.encode()) + rb"(?!\w)|[\"']\.+(?:\w+\.)*" + last + rb"[\"']"
    return re.search(pattern, data) is not None


def _spelled_anywhere(tree: Tree, name: str) -> bool:
    word = name.encode()
    for path in tree.paths:
        entry = tree.entry(path)
        if entry is not None and entry.is_file and word in tree.read(path) and _spelled(tree.read(path), name):
            return True
    return False


def _line(data: bytes, text: str, near: int) -> int:
    """The number of the line with this text that is nearest to another; 0 where there is none."""
    lines = enumerate(data.decode("utf-8", "replace").splitlines(), 1)
    found = [number for number, line in lines if line.strip() == text]
    return min(found, key=lambda number: abs(number - near), default=0)

"""`rewrite:` entries of a plan: doubtful occurrences of old names that somebody has looked at and wants rewritten."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from codemod.base import names
from codemod.plan.model import Settled
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.ours import blocks
from codemod.source.text import Text, Undecodable

from .keeping import entries_for, line_of, settling
from .old import Hit, Old


def rewritten(
    before: Inventory, after: Inventory, intent: Intent, settled: Sequence[Settled], ours: Collection[str] = ()
) -> Iterator[tuple[str, bytes]]:
    """(path, new bytes) of each file in which a `rewrite:` entry settles occurrences that are still old.

    `after` is the tree with everything rewritten that is certain; `in:` matches its paths.  What stands in `ours` or
    between our marks stays.
    """
    old = Old(before, after, intent) if any(entry.rewrite for entry in settled) else None
    for path in after.tree.paths if old is not None else ():
        entries = entries_for(settled, path, rewrite=True)
        entry = after.tree.entry(path) if entries and path not in ours else None
        if old is None or entry is None or not entry.is_file or not old.may_be_in(path):
            continue
        try:
            text = Text.of(after.tree.read(path))
        except Undecodable:
            continue
        marked = [(block.start, block.end) for block in blocks(text.data)]
        edits = [
            Edit(hit.start, hit.end, new.encode())
            for hit in old.hits(text.data, path)
            if not hit.parted
            if settling(entries, line_of(text.data, hit.start))
            and not any(start <= hit.start < end for start, end in marked)
            for new in [_successor(hit, text.data[hit.start : hit.end].decode(), after, intent)]
            if new
        ]
        if edits:
            yield path, text.raw(apply(text.data, edits))


def _successor(hit: Hit, written: str, after: Inventory, intent: Intent) -> str:
    """How an old name or path is written after the phase; "" where it leads nowhere.  A pattern's dots are escaped."""
    escape = re.search(r"\\+", written)
    if escape is not None:
        return _successor(hit, written.replace("\\", ""), after, intent).replace(".", escape.group() + ".")
    if not hit.is_path:
        home, name = names.parent(hit.name), names.last(hit.name)
        new = names.join(*intent.symbols[home, name]) if (home, name) in intent.symbols else intent.module(hit.name)
        return new if new != hit.name else ""
    root = hit.name.removesuffix(written)  # a path may be written from a source root
    target = intent.folders.get(hit.name) or intent.files.get(hit.name) or _folder(hit.name, after, intent)
    return target[len(root) :] if target.startswith(root) else ""


def _folder(path: str, after: Inventory, intent: Intent) -> str:
    """Where the folder of a package went."""
    for old, new in intent.modules.items():
        module = after.modules.get(new)
        if module is not None and module.folder and f"/{path}".endswith("/" + old.replace(".", "/")):
            return module.folder
    return ""

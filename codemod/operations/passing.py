"""Redirects that stand for a few commits only, while call sites still use the names before the phase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codemod.base import names
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.ours import blocks

from .context import Context, Write
from .shim import shims
from .shim_standing import standing_names

_WARNING = re.compile(rb"^( *)warnings\.warn\(\r?\n(?:\1 +[^\n]*\n)+\1\)", re.MULTILINE)

_PATH = re.compile(rb"""["'][^"'\n]*(?:/|\.py\b)|getLogger""")
TEXTS = (".md", ".rst", ".txt", ".adoc")  # of which nothing runs


@dataclass(frozen=True, slots=True)
class Passing:
    """A tree in which old names mean the new ones, and the words of those that cannot be had so."""

    now: Inventory
    paths: frozenset[str]  # files that hold a redirect
    bare: frozenset[bytes]  # last segments of old names without a redirect

    def serves(self, data: bytes) -> bool:
        """True when a file that still has this content, from before the phase, finds every name."""
        return not (self.bare and re.search(rb"\b(?:" + b"|".join(sorted(map(re.escape, self.bare))) + rb")\b", data))


def passing(context: Context, intent: Intent) -> Passing:
    """The tree of `context.now` with a redirect, which does not warn, for every old name that can have one."""
    writes = {
        result.path: _silent(result.data)
        for result in shims(context, intent, "redirect")
        if isinstance(result, Write) and result.data is not None
    }
    now = context.now.after(context.now.tree.changed(writes=writes))
    standing = standing_names(now)
    bare = {names.last(old).encode() for old in _old_names(intent) if names.longest_prefix(old, standing) is None}
    return Passing(now, frozenset(writes), frozenset(bare))


def _old_names(intent: Intent) -> Iterator[str]:
    yield from (old for old, new in intent.modules.items() if old != new)
    yield from (names.join(*old) for old, new in intent.symbols.items() if old != new)


def _silent(data: bytes) -> bytes:
    """A file whose redirects do not warn: nobody shall mend what the next commits rewrite."""
    for block in reversed(blocks(data)):
        data = data[: block.start] + _WARNING.sub(rb"\1pass", data[block.start : block.end]) + data[block.end :]
    return data


def string_paths(before: bytes, after: bytes) -> bool:
    """True when lines that differ hold what may be a path: a redirect answers for names, not for files."""
    kept = set(after.splitlines())
    return any(_PATH.search(line) for line in before.splitlines() if line not in kept)


def deferrable(paths: Iterable[str], before: Inventory, now: Inventory, intent: Intent) -> Iterator[str]:
    """Those of the changed files that can go on as they were for as long as a redirect stands.

    `paths` are files that nothing but the rewriting of references has changed, and any text that is no program.
    """
    moved = {*intent.files, *intent.files.values()}
    for path in paths:
        old, new = before.tree.entry(path), now.tree.entry(path)
        if path in moved or new is None or not new.is_file:
            continue
        same = old is not None and old.is_file and old.mode == new.mode
        program = path.endswith(".py") and same and not string_paths(before.tree.read(path), now.tree.read(path))
        if path.endswith(TEXTS) or program:
            yield path

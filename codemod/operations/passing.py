"""Redirects that stand for a few commits only, while call sites still use the names before the phase."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.ours import blocks

from .context import Context, Write
from .shim import shims
from .shim_standing import private_names, standing_names
from .shim_text import stub

_WARNING = lazy(rb"^( *)warnings\.warn\(\r?\n(?:\1 +[^\n]*\n)+\1\)", re.MULTILINE)

_QUOTED = lazy(rb"""\"[^\"]*\"|'[^']*'""")
_IMPORTS = lazy(rb"patch|setattr\(|import_module\(")
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
    stubs = {path: data for path, old, data in _stubs(context, intent) if names.longest_prefix(old, standing)}
    now = now.after(now.tree.changed(writes=stubs))
    return Passing(now, frozenset(writes), frozenset(bare))


def _stubs(context: Context, intent: Intent) -> Iterator[tuple[str, str, bytes]]:
    """A stub at each old path: linters that sort imports and type checkers look for files, and run no redirect."""
    for module in context.before.modules:
        new = intent.module(module.name)
        target = context.now.modules.get(new)
        if new == module.name or target is None or not target.path or not module.path.endswith(".py"):
            continue
        path = module.path + "i"
        if path in context.before.tree or module.path in context.now.tree or names.last(module.name) == "__main__":
            continue
        more = [(new, name, name) for name in private_names(context.now, new)]
        yield path, module.name, f"# ruff: noqa\n{stub(module.name, new, more)}".encode()


def _old_names(intent: Intent) -> Iterator[str]:
    yield from (old for old, new in intent.modules.items() if old != new)
    yield from (names.join(*old) for old, new in intent.symbols.items() if old != new)


def _silent(data: bytes) -> bytes:
    """A file whose redirects do not warn: nobody shall mend what the next commits rewrite."""
    for block in reversed(blocks(data)):
        data = data[: block.start] + _WARNING.sub(rb"\1pass", data[block.start : block.end]) + data[block.end :]
    return data


def texts_change(before: bytes, after: bytes) -> bool:
    """True when a text in quotes changes that is not surely imported: a redirect answers for imports alone.

    Paths, task names and loggers are compared, not imported.
    """
    old, new = before.splitlines(), after.splitlines()
    gone, come = set(old) - set(new), set(new) - set(old)
    lost = Counter(text for line in gone for text in _QUOTED.findall(line))
    lost -= Counter(text for line in come for text in _QUOTED.findall(line))
    return any(text in lost for line in gone if not _IMPORTS.search(line) for text in _QUOTED.findall(line))


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
        program = path.endswith(".py") and same and not texts_change(before.tree.read(path), now.tree.read(path))
        if path.endswith(TEXTS) or program:
            yield path

"""The shims that stand in a tree: found by their marks, made to follow what they lead to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base import names
from codemod.base.values import dataclass, replace
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.ours import Block, blocks, shim_of
from codemod.source.sieve import Sieve
from codemod.source.text import Text, Undecodable

from .context import Context, Write
from .shim_text import (
    Entry,
    entries_of,
    file_shim,
    forward_block,
    forward_of,
    package_shim,
    redirect_block,
    renamed_block,
    stub,
    stubbed,
    table_of,
)

_MARK = b"# codemod: "


@dataclass(frozen=True, slots=True)
class Shim:
    """A shim in a file: what it is, and the old dotted names that it keeps alive with what they mean now."""

    path: str
    kind: str  # file | package | stub | redirect | forward | renamed
    names: tuple[tuple[str, str], ...]
    block: Block | None = None  # None: the file as a whole


def marked(inventory: Inventory) -> Sieve:
    """The sieve that passes what may be a shim."""
    return inventory.sieve([_MARK])


def standing(inventory: Inventory) -> Iterator[Shim]:
    """Every shim in the tree, by path."""
    for path in marked(inventory).passing(inventory.tree, (".py", ".pyi")):
        yield from shims_in(path, inventory.tree.read(path))


def shims_in(path: str, data: bytes) -> Iterator[Shim]:
    """The shims in one file."""
    whole = shim_of(data)
    if whole is not None:
        if path.endswith(".pyi"):
            yield Shim(path, "stub", (whole,))
            return
        table = table_of(data.decode())
        yield Shim(path, "package" if table else "file", tuple({whole[0]: whole[1], **table}.items()))
        return
    for block in blocks(data):
        yield Shim(path, block.kind, tuple(_names(block)), block)


def _names(block: Block) -> Iterator[tuple[str, str]]:
    if block.kind == "redirect":
        yield from ((old, new) for old, new in table_of(block.inner.decode()).items() if new)
    elif block.kind == "forward":
        yield forward_of(block)
    else:
        yield from ((entry.old, names.join(entry.module, entry.new)) for entry in entries_of(block))


def standing_names(inventory: Inventory) -> dict[str, str]:
    """Old dotted name -> what it means now, of every shim in the tree."""
    return {old: new for shim in standing(inventory) for old, new in shim.names}


def is_shim(inventory: Inventory, path: str) -> bool:
    """True when the file at `path` is, as a whole, a shim of ours or its stub."""
    entry = inventory.tree.entry(path)
    return entry is not None and entry.is_file and shim_of(inventory.tree.read(path)) is not None


def follow(context: Context, intent: Intent) -> Iterator[Write]:
    """Make the shims of earlier phases lead to where their targets are now."""
    for path in sorted({shim.path for shim in standing(context.now)}):
        data = context.now.tree.read(path)
        new = followed(context.now, path, data, intent)
        if new != data:
            yield Write(path, new, "the shim follows what it leads to")


def followed(now: Inventory, path: str, data: bytes, intent: Intent) -> bytes:
    """A file with its shims led through the renames of `intent`."""
    whole = shim_of(data)
    if whole is not None and path.endswith(".pyi"):
        more = [(*intent.symbol(module, name), offered) for module, name, offered in stubbed(data.decode())]
        return in_lines(stub(whole[0], intent.module(whole[1]), more), data)
    if whole is not None:
        old, new = whole[0], intent.module(whole[1])
        table = {name: intent.module(target) for name, target in table_of(data.decode()).items() if name != old}
        changed = new != whole[1] or table != {n: t for n, t in table_of(data.decode()).items() if n != old}
        return in_lines(whole_shim(now, path, old, new, data, table), data) if changed else data
    for block in reversed(blocks(data)):
        text = _followed_block(block, intent)
        if text is not None:
            data = data[: block.start] + in_lines(text, data) + data[block.end :]
    return data


def whole_shim(now: Inventory, path: str, old: str, new: str, data: bytes, table: dict[str, str]) -> str:
    """The text of a shim file whose earlier text is `data`."""
    if table or posixpath.basename(path) == "__init__.py":
        return package_shim(old, new, table)
    runs = b"\nif __name__ == " in data
    return file_shim(old, new, way_to(now, path, new) if runs else ())


def _followed_block(block: Block, intent: Intent) -> str | None:
    if block.kind == "redirect":
        table = table_of(block.inner.decode())
        after = {old: intent.module(new) if new else "" for old, new in table.items()}
        return redirect_block(after) if after != table else None
    if block.kind == "forward":
        old, new = forward_of(block)
        return forward_block(old, intent.module(new)) if intent.module(new) != new else None
    entries = entries_of(block)
    moved = tuple(_followed_entry(entry, intent) for entry in entries)
    return None if moved == entries else renamed_block(moved, has_own(block), is_typed(block), is_starred(block))


def _followed_entry(entry: Entry, intent: Intent) -> Entry:
    whole = names.join(entry.module, entry.new)
    if whole in intent.modules:  # a module that its package gave
        return replace(entry, module=names.parent(intent.module(whole)), new=names.last(intent.module(whole)))
    module, new = intent.symbol(entry.module, entry.new)
    return replace(entry, module=module, new=new)


def has_own(block: Block) -> bool:
    """True when a `renamed` block asks the module's own `__getattr__` for the rest."""
    return b"_own_getattr" in block.inner


def is_starred(block: Block) -> bool:
    """True when a `renamed` block answers star imports."""
    return b'if name == "__all__"' in block.inner


def is_typed(block: Block) -> bool:
    """True when a `renamed` block was written for type checkers."""
    return b"_Any" in block.inner


def private_names(now: Inventory, module: str) -> tuple[str, ...]:
    """Names of a module that `import *` leaves out, for its stub."""
    known = now.modules.get(module)
    if known is None:
        return ()
    facts = now.facts(known.path)
    public = set(facts.exports) if facts.exports is not None else {n for n in facts.bound if not n.startswith("_")}
    return tuple(sorted(n for n in facts.defined - public if not (n.startswith("__") and n.endswith("__"))))


def way_to(now: Inventory, path: str, module: str) -> tuple[str, ...]:
    """The parts of the path that leads from a file's folder to the file of a module."""
    known = now.modules.get(module)
    target = known.path if known is not None else ""
    if target.endswith("__init__.py"):
        target = posixpath.join(posixpath.dirname(target), "__main__.py")
    return tuple(posixpath.relpath(target or ".", posixpath.dirname(path) or ".").split("/"))


def in_lines(text: str, data: bytes) -> bytes:
    """`text` in the line ending of `data`."""
    try:
        newline = Text.of(data).newline
    except Undecodable:
        newline = b"\n"
    return text.encode().replace(b"\n", newline)


def with_block(data: bytes, kind: str, text: str) -> bytes:
    """`data` with the block of this kind replaced by `text`, or added at the end."""
    for block in blocks(data):
        if block.kind == kind:
            return data[: block.start] + in_lines(text, data) + data[block.end :]
    if not data.strip():
        return in_lines(text, data)
    gap = "\n\n" if data.endswith((b"\n", b"\r")) else "\n\n\n"
    return data + in_lines(gap + text, data)


def without_block(data: bytes, block: Block) -> bytes:
    """`data` without a block and the blank lines that set it off."""
    before, after = data[: block.start], data[block.end :]
    bare = before.rstrip(b"\r\n")
    ending = before[len(bare) :]
    first = b"\r\n" if ending.startswith(b"\r\n") else ending[:1]
    if not bare:
        return after
    if after.strip():
        return before + after
    return bare + first

"""Blocks under `if TYPE_CHECKING:` that hold imports and definitions, while definitions leave their module.

Imports are repeated wherever code needs them, definitions are in one place.  So such a block is parted before anything
moves, in as many blocks as it has runs of the one and the other; those that still stand together become one again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit, apply
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.text import Text, Undecodable

from .motion import MotionResult
from .motion_anatomy import is_checking_block

_MARK = b"  # codemod: parted"
_MARKED = lazy(rb"  # codemod: parted (over|in) *(?=\r?\n)")  # over a blank line, or as a line more


def parted(inventory: Inventory, modules: Iterable[str]) -> Inventory:
    """The inventory with the mixed blocks of these modules parted; lines keep their numbers where one was blank."""
    writes: dict[str, bytes] = {}
    for name in dict.fromkeys(modules):
        module = inventory.modules.get(name)
        entry = inventory.tree.entry(module.path) if module is not None and module.path else None
        if module is None or entry is None or not entry.is_file or not module.path.endswith(".py"):
            continue
        data = inventory.tree.read(module.path)
        if b"TYPE_CHECKING" not in data:
            continue
        try:
            text = Text.of(data)
            edits = [edit for node in parse(text).body for edit in _headers(text, node)]
        except (Unparsable, Undecodable):
            continue
        if edits:
            writes[module.path] = text.raw(apply(text.data, edits))
    return inventory.after(inventory.tree.changed(writes=writes)) if writes else inventory


def together_again(result: MotionResult) -> MotionResult:
    """What came out, with the parts of a block that stand one below the other made one block."""

    def mended(files: Mapping[str, bytes]) -> dict[str, bytes]:
        return {path: _mended(data) if _MARK in data else data for path, data in files.items()}

    return replace(result, writes=mended(result.writes), creates=mended(result.creates))


def _headers(text: Text, node: ast.stmt) -> Iterator[Edit]:
    """The header of a mixed block again, wherever imports and definitions take turns."""
    if not is_checking_block(node) or not isinstance(node, ast.If):
        return
    lines = [node.lineno, *(inner.lineno for inner in node.body)]
    plain = [_is_import(inner) for inner in node.body]
    if len(set(plain)) < 2 or len(set(lines)) < len(lines) or node.col_offset:
        return
    start, stop = text.starts[node.lineno - 1], text.starts[node.lineno]
    head = text.data[start:stop]
    code = head.rstrip(b"\r\n")
    if not code.rstrip().endswith(b":"):
        return
    for before, inner, was, now in zip(node.body, node.body[1:], plain, plain[1:], strict=False):
        if was == now or getattr(inner, "decorator_list", []):
            continue
        at = text.starts[before.end_lineno or before.lineno]
        blank = text.data[at : text.starts[inner.lineno - 1]].split(b"\n", 1)[0] in (b"", b"\r") and at < len(text.data)
        over = blank and at < text.starts[inner.lineno - 1]
        end = text.data.index(b"\n", at) + 1 if over else at
        mark = _MARK + (b" over" if over else b" in")
        yield Edit(at, end, code.rstrip() + mark + head[len(code) :], "parted")


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _mended(data: bytes) -> bytes:
    try:
        text = Text.of(data)
        body = parse(text).body
    except (Unparsable, Undecodable):
        return _MARKED.sub(b"", data)
    edits = []
    for before, node in pairwise(body):
        start, stop = text.starts[node.lineno - 1], text.starts[min(node.lineno, len(text.starts) - 1)]
        found = _MARKED.search(text.data, start, stop + 1) if is_checking_block(node) else None
        if found is None or not is_checking_block(before):
            continue
        assert isinstance(before, ast.If)
        assert isinstance(node, ast.If)
        above = text.starts[(before.end_lineno or before.lineno)]
        if ast.dump(before.test) == ast.dump(node.test) and not text.data[above:start].strip():
            blank = text.data[found.end() : stop] if found[1] == b"over" else b""
            edits.append(Edit(above, stop, blank, "together again"))
    return _MARKED.sub(b"", text.raw(apply(text.data, edits)) if edits else data)

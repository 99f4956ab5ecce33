"""Texts in code that become the same one where each stood once: two modules became one, and a list names both."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit
from codemod.source.text import Text

from .stored import decoded

_MANY = 2000  # elements of a table that nobody wrote by hand


def twice_in_code(path: str, text: Text, edits: Sequence[Edit], tree: Callable[[], ast.Module]) -> Iterator[Finding]:
    """Texts that become the same one in a list or as keys of a dictionary; `path` is that of the file afterwards."""
    if not any(True for _ in again(text.data, edits)):
        return
    within = [edit for edit in edits if edit.start < edit.end]
    for node in ast.walk(tree()):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            elements: Sequence[ast.expr | None] = node.elts
        elif isinstance(node, ast.Dict):
            elements = node.keys
        else:
            continue
        if len(elements) < 2 or len(elements) > _MANY:
            continue
        seen: dict[str, bool] = {}  # a text as it is to be -> whether it was another one
        for element in elements:
            if not isinstance(element, ast.Constant) or not isinstance(element.value, str):
                continue
            old, new = element.value, _after(text, element, within)
            if new in seen and (seen[new] or new != old):
                yield Finding(
                    "named-twice", f"{new} stands here twice now", Weight.REVIEW, Place(path, element.lineno),
                    "take one of them out, where each is loaded, registered or set once",
                )  # fmt: skip
            seen[new] = seen.get(new, False) or new != old


def _after(text: Text, node: ast.Constant, edits: Sequence[Edit]) -> str:
    """The value of a literal after the phase."""
    start = text.offset(node.lineno, node.col_offset)
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    value = str(node.value)
    for edit in edits:
        if start <= edit.start and edit.end <= end:
            value = value.replace(decoded(text.data[edit.start : edit.end]), decoded(edit.new), 1)
    return value


def again(data: bytes, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Edits that write what an earlier one writes for something else, or what the file holds already."""
    first: dict[bytes, bytes] = {}
    for edit in sorted(edits):
        old = data[edit.start : edit.end]
        if edit.new and (first.setdefault(edit.new, old) != old or (old and edit.new in data)):
            yield edit

"""Code in strings: a literal that is Python and imports something of ours is edited as code, for review.

Generated modules, `python -c`, `exec` and the set-up of timings are written so.  What does not parse is prose.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from codemod.base import names
from codemod.rewrite.edits import Edit
from codemod.source.facts import Unparsable
from codemod.source.text import Text

from .literals import weave
from .view import View
from .woven import opening

_BREAK = re.compile(rb"\r\n|\r|\n")
_RELATIVE = re.compile(rb"\bfrom[ \t]+\.")

CodeEdits = Callable[[Text], Sequence[Edit]]
"""The edits to a Python text as code; raises Unparsable."""


def quoted_edits(
    view: View, text: Text, beside: bytes, tree: Callable[[], ast.Module], code_edits: CodeEdits
) -> Iterator[Edit]:
    """The edits to code in the string literals of one file; `beside` is its text without import statements."""
    imports = _imports(frozenset(view.intent.modules), frozenset(view.intent.symbols))
    if imports.search(beside) is None:
        return
    for node, value in _literals(tree()):
        if imports.search(value.encode("utf-8", "replace")):
            start = text.offset(node.lineno, node.col_offset)
            end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
            yield from _edits(text.data, start, end, code_edits)


@functools.lru_cache(maxsize=8)
def _imports(modules: frozenset[str], symbols: frozenset[tuple[str, str]]) -> re.Pattern[bytes]:
    """An import of one of the top-level names of what the intent renames."""
    tops = sorted({names.top(name) for name in modules} | {names.top(module) for module, _ in symbols})
    listed = b"|".join(re.escape(top.encode()) for top in tops) or rb"(?!)"
    return re.compile(rb"\b(?:from|import)[ \t]+(?:[\w., \t]*,[ \t]*)?(?:" + listed + rb")(?![\w\x80-\xff])")


def _literals(tree: ast.Module) -> Iterator[tuple[ast.Constant, str]]:
    """Strings that are values; docstrings and the parts of f-strings are others' business."""
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            passed.update(id(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node, node.value


def _edits(data: bytes, start: int, end: int, code_edits: CodeEdits) -> list[Edit]:
    """The edits at their places in the file; none where the text is no Python that stands for itself."""
    woven = weave(data, start, end)
    if woven is None:
        return []
    code = bytes(woven.code)
    if _RELATIVE.search(code):  # of a package that is not known here
        return []
    lead = opening(code)
    whole = lead + code
    text = Text(whole, (0, *(found.end() for found in _BREAK.finditer(whole))), "utf-8", False)
    try:
        found = sorted(set(code_edits(text)))
    except (Unparsable, UnicodeDecodeError):
        return []
    one = b"\n" not in code.strip()
    lines = data.count(b"\n", start, end) >= code.count(b"\n")  # a line break may be written as one

    def written(new: bytes, _offset: int) -> bytes:
        first, *others = _BREAK.split(new)
        if one:
            return b"; ".join([first, *(other.strip() for other in others)])
        return new if lines else b"\\n".join([first, *others])

    moved = [replace(edit, start=edit.start - len(lead), end=edit.end - len(lead), review=True) for edit in found]
    return woven.placed(moved, written) or []

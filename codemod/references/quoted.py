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

from .view import View
from .woven import Woven, opening

_LITERAL = re.compile(rb"(?P<prefix>[a-zA-Z]{0,2})(?P<quote>'''|\"\"\"|'|\")")
_BETWEEN = re.compile(rb"(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)+")
_PIECE = re.compile(rb"(?P<plain>[^\\]+)|\\(?P<escape>[nt'\"\\]|\r?\n)|(?P<other>\\)", re.DOTALL)
_BREAK = re.compile(rb"\r\n|\r|\n")
_RELATIVE = re.compile(rb"\bfrom[ \t]+\.")
_ESCAPES = {b"n": b"\n", b"t": b"\t"}

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
            yield from _Program(text.data, start, end).edits(code_edits)


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


class _Program:
    """The text of a literal, or of several in a row, and where it stands in the file."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data = data
        self.woven: Woven | None = Woven()
        self.lines = True  # a line break may be written as one
        at = start
        while at < end and self.woven is not None:
            blank = _BETWEEN.match(data, at, end)
            found = _LITERAL.match(data, blank.end() if blank else at, end)
            if found is None:
                break
            at = self._literal(found, end)

    def _literal(self, found: re.Match[bytes], end: int) -> int:
        """Add one literal; the offset behind it."""
        prefix, quote = found["prefix"].lower(), found["quote"]
        close = found.end()
        while close < end and not self.data.startswith(quote, close):
            close += 2 if self.data[close] == 0x5C else 1
        self.lines = self.lines and len(quote) == 3
        if self.woven is None or prefix not in (b"", b"r", b"u"):
            self.woven = None
        elif prefix == b"r":
            self.woven.add(self.data[found.end() : close], found.end())
        else:
            self._pieces(found.end(), close)
        return close + len(quote)

    def _pieces(self, start: int, end: int) -> None:
        for piece in _PIECE.finditer(self.data, start, end):
            if self.woven is None or piece["other"]:
                self.woven = None
                return
            if piece["plain"]:
                self.woven.add(piece.group(), piece.start())
            elif piece["escape"] not in (b"\n", b"\r\n"):
                plain = _ESCAPES.get(piece["escape"], piece["escape"])
                self.woven.add_spelled(plain, piece.start(), piece.end())

    def edits(self, code_edits: CodeEdits) -> list[Edit]:
        """The edits at their places in the file; none where the text is no Python that stands for itself."""
        if self.woven is None:
            return []
        code = bytes(self.woven.code)
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

        def written(new: bytes, _offset: int) -> bytes:
            first, *others = _BREAK.split(new)
            if one:
                return b"; ".join([first, *(other.strip() for other in others)])
            return new if self.lines else b"\\n".join([first, *others])

        moved = [replace(edit, start=edit.start - len(lead), end=edit.end - len(lead), review=True) for edit in found]
        return self.woven.placed(moved, written) or []

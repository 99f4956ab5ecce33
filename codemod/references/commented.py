"""Names and paths in comments and docstrings of Python files, read as the prose of documents is; all for review."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit
from codemod.source.lines import walk_lines
from codemod.source.text import Text

from .located import top
from .markdown import markdown_edits
from .needles import Needles
from .prose import STATEMENT, Line, Prose, lines_of
from .rst import Rst
from .stored import decoded, size
from .view import View

_OPENING = lazy(rb"[rRuU]?(?P<quote>\"\"\"|'''|\"|')")
_COMMENT = lazy(r"#+[ \t]?")
_PROMPT = lazy(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")

Span = tuple[int, int]


def commented_edits(view: View, text: Text, needles: Needles, tree: Callable[[], ast.Module]) -> Iterator[Edit]:
    """The edits to what one file's comments and docstrings name.

    Examples behind `>>>` are code, and not read here.  A path counts from the top of the repository or a source root.
    """
    hot = [number + 1 for number in sorted(needles.lines(decoded(text.data), _starts(text)))]
    docstrings, strings = _strings(text, tree(), hot)
    prose = Prose(top(view), needles)
    for start, end in docstrings:
        yield from _told(_docstring(prose, text.data[start:end], start), "a docstring")
    for number in hot:
        yield from _told(_comment(prose, text, number, strings), "a comment")


def _starts(text: Text) -> Sequence[int]:
    """The first character of each line."""
    if text.data.isascii():
        return text.starts
    starts = [0]
    for before, start in itertools.pairwise(text.starts):
        starts.append(starts[-1] + len(decoded(text.data[before:start])))
    return starts


def _told(edits: Iterator[Edit], where: str) -> Iterator[Edit]:
    for edit in edits:
        yield replace(edit, reason=f"{edit.reason} in {where}", review=True)


def _strings(text: Text, tree: ast.Module, lines: Sequence[int]) -> tuple[list[Span], list[Span]]:
    """The spans between the quotes of the docstrings, and those of all strings, on some lines."""
    docstrings: list[Span] = []
    strings: list[Span] = []
    for node in walk_lines(tree, lines):
        if isinstance(node, (ast.JoinedStr, ast.Constant)) or type(node).__name__ == "TemplateStr":
            strings.append(_span(text, node))  # type: ignore[arg-type]  # all of them have a place
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            start, end = _span(text, node)
            opening = _OPENING.match(text.data, start, end)
            if opening:
                docstrings.append((opening.end(), end - len(opening["quote"])))
    return docstrings, strings


def _span(text: Text, node: ast.expr | ast.stmt) -> Span:
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    return text.offset(node.lineno, node.col_offset), end


def _docstring(prose: Prose, data: bytes, at: int) -> Iterator[Edit]:
    """The edits to a docstring, which begins at byte `at`."""
    lines = [replace(line, at=line.at + at) for line in lines_of(decoded(data))]
    inner = [len(line.text) - len(line.text.lstrip()) for line in lines[1:] if line.text.strip()]
    if lines and inner:  # the first line is indented like the others, as its quotes are
        indent = min(inner)
        lines[0] = Line(" " * indent + lines[0].text, lines[0].ending, lines[0].at - indent)
    lines = [replace(line, text=" " * size(line.text)) if _PROMPT.match(line.text) else line for line in lines]
    if b"```" in data:
        yield from markdown_edits(prose, lines)
    else:
        yield from Rst(prose, lines).edits()


def _comment(prose: Prose, text: Text, number: int, strings: Sequence[Span]) -> Iterator[Edit]:
    """The edits to the comment on a line, if it has one."""
    start = text.starts[number - 1]
    end = text.starts[number] if number < len(text.starts) else len(text.data)
    at = text.data.find(b"#", start, end)
    while at != -1 and any(first <= at < last for first, last in strings):
        at = text.data.find(b"#", at + 1, end)
    if at == -1:
        return
    written = decoded(text.data[at:end]).rstrip("\r\n")
    mark = _COMMENT.match(written)
    inner = written[mark.end() :] if mark else written
    at += size(written) - size(inner)
    if STATEMENT.match(inner):
        yield from prose.span(inner, at, written)
    else:
        yield from Rst(prose, [Line(inner, "", at)]).edits()

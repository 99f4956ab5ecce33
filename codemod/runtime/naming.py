"""Edits that let code say a name itself: another argument of a call, another statement of a class."""

from __future__ import annotations

import ast

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .kind import Moved

_INDENT = lazy(rb"[ \t]*")


def with_argument(moved: Moved, decorator: ast.expr, keyword: str, value: str, reason: str) -> Edit:
    """A decorator with one more keyword argument: `@task` -> `@task(name="...")`."""
    new = keyword.encode() + b"=" + moved.quoted(value)
    _, end = moved.span(decorator)
    if not isinstance(decorator, ast.Call):
        return Edit(end, end, b"(" + new + b")", reason)
    assert moved.text is not None
    arguments = sorted([*map(moved.span, decorator.args), *map(moved.span, decorator.keywords)])
    if not arguments:
        return Edit(end - 1, end - 1, new, reason)
    start, last = arguments[-1]
    line = moved.text.starts[moved.text.line(start) - 1]
    front = moved.text.data[line:start]
    gap = b", " if front.strip() else b"," + moved.text.newline + front
    return Edit(last, last, gap + new, reason)


def with_statement(moved: Moved, after: ast.stmt, statement: bytes, reason: str) -> Edit:
    """One more statement behind another one, in lines of its own."""
    assert moved.text is not None
    start, end = moved.span(after)
    indent = _INDENT.match(moved.text.data, moved.text.starts[moved.text.line(start) - 1])
    margin = indent.group() if indent is not None else b""
    line = moved.text.line(end)
    behind = moved.text.starts[line] if line < len(moved.text.starts) else len(moved.text.data)
    newline = moved.text.newline
    body = newline.join(margin + part if part else part for part in statement.split(b"\n"))
    if moved.text.data[behind - 1 : behind] not in (b"\n", b"\r"):
        return Edit(behind, behind, newline + body, reason)
    return Edit(behind, behind, body + newline, reason)

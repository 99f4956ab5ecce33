"""Paths of files that are put together in a text: `open("app/" + "job.py")`, `exists(f"{BASE}/job.py")`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.scopes import analyse
from codemod.source.text import Text

from .flow import Fixed, Flow
from .joined import names_part
from .literals import bodies
from .paths import path_after
from .pathstrings import handed_over
from .view import View

_ENDING = lazy(rb"\.pyi?[\"']")  # which begins with a literal, and is found fast
_TOGETHER = lazy(rb"[\"']\s*[+%]|\+\s*[fF]?[\"']|[\"']\.(?:format|join)\(|\{\w+\}|[\"']\s+[\"']")


def may_piece_paths(view: View, data: bytes) -> bool:
    """True when a text that is put together may be the path of a Python file that moves; a cheap question."""
    if not view.intent.files or b".py" not in data or _ENDING.search(data) is None:
        return False
    return _TOGETHER.search(data) is not None and names_part(view.intent, data)


def pieced_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edits to the last pieces of such paths, for review; a finding where these cannot lead to the new place.

    They are seen from the top of the repository, where programs are mostly started.
    """
    flow, top = Flow(view, lambda: analyse(tree, text)), replace(view, path="-")
    seen: set[int] = set()
    for node in every_node(tree):
        for part in handed_over(node):
            if id(part) not in seen:
                seen.add(id(part))
                yield from _edits(flow, top, text, part)


def _edits(flow: Flow, top: View, text: Text, node: ast.expr) -> Iterator[Edit | Finding]:
    pieces = _pieces(flow, text, node)
    if len(pieces) < 2:
        return
    whole = "".join(piece for piece, _ in pieces)
    last, span = pieces[-1]
    front = whole[: len(whole) - len(last)]
    new = path_after(top, whole) if "/" in whole and whole.endswith((".py", ".pyi")) else None
    if new is None:
        return
    parted = front.endswith("/") or last.startswith("/")  # else the front may be a part of a file's name
    if span is None or not parted or not new.startswith(front):
        yield Finding(
            "own-path-moves", f"leads to {whole}, which is {new} after the phase", Weight.REVIEW,
            Place(flow.view.path, node.lineno), "name the new place by hand",
        )  # fmt: skip
        return
    yield Edit(*span, new[len(front) :].encode(), f"{whole} -> {new} in a path that is put together", True)


def _pieces(flow: Flow, text: Text, node: ast.expr) -> list[tuple[str, tuple[int, int] | None]]:
    """The pieces of a text that is always the same, and where each is spelled; none where it cannot be told."""
    if isinstance(node, ast.Constant):  # literals side by side
        spans = bodies(text, node, node.value) if isinstance(node.value, str) else []
        return [(text.data[start:end].decode(), (start, end)) for start, end in spans]
    parts = flow.parts(node) if isinstance(node, (ast.JoinedStr, ast.BinOp, ast.Call)) else None
    fixed = [part for part in parts or () if isinstance(part, Fixed) and part.before]
    if len(fixed) != len([part for part in parts or () if not isinstance(part, Fixed) or part.before]):
        return []
    return [(part.before, _spelled(text, part)) for part in fixed]


def _spelled(text: Text, part: Fixed) -> tuple[int, int] | None:
    """Where the code around a piece holds it, once."""
    if part.node is None:
        return None
    start = text.offset(part.node.lineno, part.node.col_offset)
    end = text.offset(part.node.end_lineno or part.node.lineno, part.node.end_col_offset or 0)
    written, piece = text.data[start:end], part.before.encode()
    at = start + written.find(piece)
    return (at, at + len(piece)) if written.count(piece) == 1 else None

"""Folders that web applications look for beside the file that makes them: `Flask(__name__, template_folder=...)`.

Flask takes the folder of the module that `__name__` names; where that is another one, the way from there is written.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator

from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .byname import called

_MADE = frozenset({"Flask", "Quart", "Blueprint"})
_FOLDERS = {"template_folder": "templates", "static_folder": "static"}
"""The arguments that name a folder, and what an application takes without them."""

Way = Callable[[str], "str | None"]
"""A folder as it is written, seen from the file's old place -> as it is to be written; None where that is the same."""


def makes_application(data: bytes) -> bool:
    """True when a file may make an application or a blueprint; a cheap question."""
    return b"__name__" in data and any(word.encode() in data for word in _MADE)


def folder_edits(text: Text, tree: ast.AST, way: Way) -> Iterator[Edit]:
    """The edits to the folders of the applications and blueprints of a file."""
    for call in (node for node in every_node(tree) if isinstance(node, ast.Call) and called(node) in _MADE):
        given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "import_name")]
        if not any(isinstance(node, ast.Name) and node.id == "__name__" for node in given):
            continue
        missing = ""
        written = {keyword.arg: keyword.value for keyword in call.keywords}
        for name, usual in _FOLDERS.items():
            node = written.get(name)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and not posixpath.isabs(node.value):
                new = way(node.value)
                if new is not None:
                    start, end = _span(text, node)
                    quote = text.data[end - 1 : end].decode()
                    yield Edit(start, end, f"{quote}{new}{quote}".encode(), "the folder is found from the file's place")
            elif node is None and called(call) != "Blueprint":
                new = way(usual)
                missing += f', {name}="{new}"' if new is not None else ""
        if missing:
            last = max((*call.args, *(keyword.value for keyword in call.keywords)), key=lambda n: _span(text, n)[1])
            at = _span(text, last)[1]
            yield Edit(at, at, missing.encode(), "the folder is found from the file's place")


def _span(text: Text, node: ast.expr) -> tuple[int, int]:
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    return text.offset(node.lineno, node.col_offset), end

"""Paths of files that code hands to what runs or opens them: `subprocess.run([sys.executable, "app/job.py"])`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .byname import called
from .literals import bodies
from .paths import path_after
from .view import View

_QUOTED = re.compile(rb"[\"'](?:[\w.-]+/)+[\w.-]+\.pyi?[\"']")
_TAKING = frozenset({
    "run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "execv", "execvp", "spawnv",
    "create_subprocess_exec", "run_path", "spec_from_file_location", "open", "Path", "exists", "isfile",
})  # fmt: skip


def may_hold_paths(data: bytes) -> bool:
    """True when a string may be the path of a Python file; a cheap question."""
    return _QUOTED.search(data) is not None


def path_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit]:
    """The edits to such paths, seen from the top of the repository, where programs are mostly started; for review."""
    top = replace(view, path="-")
    for node in every_node(tree):
        if not isinstance(node, ast.Call) or called(node) not in _TAKING:
            continue
        for argument in node.args:
            for part in argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else (argument,):
                written = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
                new = path_after(top, written) if "/" in written else None
                spans = bodies(text, part, written) if new is not None else []
                if new is not None and len(spans) == 1:
                    yield Edit(*spans[0], new.encode(), f"{written} -> {new} in a string", True)

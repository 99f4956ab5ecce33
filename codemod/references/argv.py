"""Command lines that code gives, in words or as one text: `run(["mypy", "app/x.py"])`, `system("mypy app/x.py")`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.sieve import holds
from codemod.source.text import Text

from .byname import called
from .commands import Commands
from .literals import bodies
from .located import Located
from .shellwords import Word
from .view import View

_LISTED = frozenset({
    "run", "Popen", "call", "check_call", "check_output", "execv", "execvp", "spawnv", "create_subprocess_exec",
    "run_always", "run_install",
})  # fmt: skip
_ONE_BY_ONE = frozenset({"run", "run_always", "run_install", "create_subprocess_exec"})
"""Calls that take the words as arguments: those of nox, and asyncio's."""

_SHELLS = frozenset({
    "run", "Popen", "call", "check_call", "check_output", "system", "popen", "getoutput", "getstatusoutput",
    "create_subprocess_shell", "split",
})  # fmt: skip
"""Calls that take a whole line of a shell; of those that split one, that of shlex alone."""

_CALLED = tuple(f"{name}(".encode() for name in sorted({*_LISTED, *_SHELLS - {"split"}, "main", "shlex.split"}))
_NOT_ASCII = lazy(rb"[\x80-\xff]")
_PYTHON = ("sys.executable", "python", "executable")


def may_start(data: bytes) -> bool:
    """True when a call may give a command line; a cheap question."""
    return holds(data, _CALLED)


def argv_edits(view: View, text: Text, code: bytes, tree: Callable[[], ast.Module]) -> Iterator[Edit]:
    """The edits to the words of such commands, which start at the top of the repository; for review."""
    if not may_start(code):
        return
    commands = Commands.of(Located(replace(view, path="-")))
    for node in every_node(tree()):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name, first = called(node), node.args[0]
        before: list[str] = []
        if isinstance(first, ast.Constant) and _takes_line(node, name) and " " in str(first.value):
            yield from _line(commands, text, first)
            continue
        if isinstance(first, (ast.List, ast.Tuple)) and name in _LISTED:
            given = first.elts
        elif isinstance(first, (ast.List, ast.Tuple)) and name == "main" and ast.unparse(node.func) == "pytest.main":
            given, before = first.elts, ["pytest"]
        elif name in _ONE_BY_ONE and len(node.args) > 1:
            given = node.args
        else:
            continue
        yield from _words(commands, text, node, given, before)


def _takes_line(node: ast.Call, name: str) -> bool:
    if name == "split":
        return ast.unparse(node.func) == "shlex.split"
    return name in _SHELLS and not (name in _ONE_BY_ONE and len(node.args) > 1)


def _line(commands: Commands, text: Text, node: ast.Constant) -> Iterator[Edit]:
    """The edits to a text that a shell reads."""
    value = node.value if isinstance(node.value, str) and node.value.isascii() else ""
    spans = bodies(text, node, value) if value else []
    if len(spans) == 1:
        for edit in commands.script(value, spans[0][0]):
            yield replace(edit, review=True)


def _words(commands: Commands, text: Text, node: ast.Call, given: list[ast.expr], before: list[str]) -> Iterator[Edit]:
    start = text.offset(node.lineno, node.col_offset)
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    written = _NOT_ASCII.sub(b"?", text.data[start:end]).decode()  # a character a byte
    words: list[Word] = []
    for part in given:
        value = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else None
        spans = bodies(text, part, value) if value is not None and value.isascii() else []
        if value is not None and len(spans) == 1:
            words.append(Word(spans[0][0] - start, spans[0][1] - start, value, given=True))
        elif not words and ast.unparse(part) in _PYTHON:
            before = ["python"]
        else:
            words.append(Word(0, 0, "?", given=True))  # a word that nobody knows
    if words and (before or words[0].value.replace("-", "_").isidentifier()):
        for edit in commands.words(written, start, words, before):
            if start <= edit.start and edit.end <= end:
                yield replace(edit, review=True)

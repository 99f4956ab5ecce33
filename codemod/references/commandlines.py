"""Command lines in strings that run a module by its name, also where an f-string puts the interpreter in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from codemod.base.patterns import lazy
from codemod.source.text import Text

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
COMMAND = lazy(
    r"(?:\b(?:uvicorn|gunicorn|hypercorn|daphne|arq|celery\s+-A|celery\s+--app|flask\s+--app|python[\d.]*\s+-m|pytest\s+--pyargs)"
    rf"\s+(?:-{{1,2}}[\w-]+(?:[= ]\w+)?\s+)*?)(?P<module>{_NAME})(?::(?P<attr>{_NAME}))?(?![\w/])"
)
_RUN = lazy(rf"\s+(?:-[A-Za-z]+\s+)*?-m\s+(?P<module>{_NAME})(?![\w/.-])")
"""What follows an interpreter that an f-string puts in front."""

_FILLED = lazy(
    r"(?:(?:%s|%\(\w+\)s|\{\w*\})[\"']?\s+|^\s*)(?:-[A-Za-z]+\s+)*?"
    r"-m\s+(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)+)(?![\w/.:-])"
)
"""What follows an interpreter that is put in by a format, or that stands in front of the literal."""


def commands_of(value: str, *, goes_on: bool) -> Iterator[re.Match[str]]:
    """The commands of a literal that name a module; where the literal `goes_on` elsewhere, so may a name at its end.

    `"%s -m app.worker" % sys.executable` and `python + " -m app.worker"` are such.
    """
    yield from COMMAND.finditer(value)
    for command in _FILLED.finditer(value) if "-m" in value else ():
        if not goes_on or command.end() < len(value):
            yield command


def commands_in(text: Text, node: ast.JoinedStr) -> Iterator[tuple[re.Match[str], str, int]]:
    """The commands of an f-string that name a module: the match, the text in which it is, and where that begins.

    `f"{sys.executable} -m app.worker {queue}"` is one.  The place counts in bytes of the file.
    """
    start = text.offset(node.lineno, node.col_offset)
    written = text.data[start : text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)]
    for before, part in pairwise((None, *node.values)):
        value = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
        led = _RUN.match(value) if isinstance(before, ast.FormattedValue) else None
        for command in (*COMMAND.finditer(value), *([led] if led else ())):
            said = command.group().encode()
            if written.count(said) == 1 and (command.end() < len(value) or part is node.values[-1]):
                yield command, value, start + written.index(said) - len(value[: command.start()].encode())

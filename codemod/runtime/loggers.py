"""Loggers that are called like their module: what is configured for a package above holds for its modules only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit
from codemod.rewrite.outcome import OwnName

from .kind import Moved, RuntimeName, Survey, dotted, literal

_CONFIGURED = (".py", ".ini", ".cfg", ".conf", ".yaml", ".yml", ".json", ".toml")
CONFIGURING = (b"loggers", b"qualname", b"getLogger(")
"""What every file that configures logging holds."""

_BEGINNING = lazy(rb"[fF](?P<quote>\"{3}|'{3}|[\"'])(?P<name>\{__name__\})")
_NEAR = 200
"""How far before a name the call that it is an argument of may begin, in bytes."""

_ASKED = lazy(rb"getLogger\(\s*[\"']\Z")
_QUALNAME = lazy(rb"qualname\s*=\s*\Z")
_KEYED = lazy(rb"[^\"'\n]*[\"']\s*:")
_GETTERS = ("getLogger", "get_logger", "getChild")


@dataclass(frozen=True, slots=True)
class Loggers:
    """`getLogger(__name__)` in a file that moves away from what is configured for its logger."""

    name: str = "logger"
    code: str = "runtime-logger"

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """The loggers of moved files; what is configured for a name that follows loses nothing."""
        into: dict[str, int] = {}
        for moved in survey.moved:
            into[moved.new] = into.get(moved.new, 0) + 1
        configured = dict(_configured(survey)) if survey.moved else {}
        for moved in survey.moved:
            old, new = moved.module.name, moved.new
            if old == new or not moved.holds(b"getLogger(", b"get_logger("):
                continue
            lost = next((package for package in configured if _left_behind(survey, package, old, new)), "")
            for node in _beginnings(moved):
                place = moved.place(node)
                edits: tuple[Edit, ...] = ()
                if into[new] == 1:  # merged modules have one logger
                    edits = _said(moved, node)
                why = f"what {configured[lost]} sets for {lost} does not hold for it" if lost else ""
                yield RuntimeName(place, f"the logger {old}", new, why, edits)

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """Loggers that are called by a name that is written there."""
        for node in ast.walk(moved.tree) if moved.holds(b"getLogger(", b"get_logger(") else ():
            if _gets(node) and "." in literal(node.args[0]):
                yield OwnName(moved.path, node.args[0].lineno, literal(node.args[0]), logger=True)


def _beginnings(moved: Moved) -> Iterator[ast.Name | ast.JoinedStr]:
    """What a call that gets a logger by the own name begins with: `__name__`, or `f"{__name__}.sql"`."""
    for node in ast.walk(moved.tree):
        if not _gets(node):
            continue
        first = node.args[0]
        while isinstance(first, ast.BinOp) and isinstance(first.op, ast.Add):
            first = first.left
        inner = first.values[0] if isinstance(first, ast.JoinedStr) and first.values else first
        own = inner.value if isinstance(inner, ast.FormattedValue) else inner
        if isinstance(own, ast.Name) and own.id == "__name__":
            yield first if isinstance(first, ast.JoinedStr) else own


def _said(moved: Moved, node: ast.Name | ast.JoinedStr) -> tuple[Edit, ...]:
    """What lets a logger keep its name: the old one in place of `__name__`, alone or within an f-string."""
    old, (start, end) = moved.module.name, moved.span(node)
    said = moved.quoted(old)
    if isinstance(node, ast.JoinedStr):
        assert moved.text is not None  # a node comes from a text
        bare = len([value for value in node.values if isinstance(value, ast.FormattedValue)]) == 1
        found = _BEGINNING.match(moved.text.data, start, end)
        if found is None:
            return ()
        start, end = found.span() if bare else found.span("name")
        said = found["quote"] * bare + old.encode()
    return (Edit(start, end, said, f"the logger stays {old}"),)


def _gets(node: ast.AST) -> TypeGuard[ast.Call]:
    """True for a call that gets a logger by some name."""
    return isinstance(node, ast.Call) and len(node.args) == 1 and names.last(dotted(node.func)) in _GETTERS


def _left_behind(survey: Survey, package: str, old: str, new: str) -> bool:
    """True when what is configured for `package` held for `old` and does not hold for `new`."""
    after = survey.intent.module(package) if package != old else new
    return names.within(old, package) and package != old and not names.within(new, after)


def _configured(survey: Survey) -> Iterator[tuple[str, str]]:
    """(package, `file:line`) of each package above a moved module for which some file configures logging."""
    above = {name for moved in survey.moved for name in names.prefixes(names.parent(moved.module.name))}
    wanted = {name for name in above if any(_left_behind(survey, name, m.module.name, m.new) for m in survey.moved)}
    if not wanted:
        return
    listed = b"|".join(re.escape(name.encode()) for name in sorted(wanted, key=len, reverse=True))
    named = re.compile(rb"(?:" + listed + rb")(?![\w.])")
    for path, data in survey.holding(*CONFIGURING, suffixes=_CONFIGURED):
        tables = b"loggers" in data or b"qualname" in data
        for found in named.finditer(data):  # names first: they are rare, what stands around them is not
            start, end = found.span()
            if _ASKED.search(data, max(0, start - _NEAR), start) or (tables and _is_key(data, start, end)):
                line = data.count(b"\n", 0, start) + 1
                yield found[0].decode(), f"{path}:{line}"


def _is_key(data: bytes, start: int, end: int) -> bool:
    """True when the name between `start` and `end` is the key of a table, or the value of `qualname`."""
    line = data[data.rfind(b"\n", 0, start) + 1 : start]
    if not line.strip(b" \t"):
        return data.startswith(b":", end)
    if line.endswith((b"'", b'"')):
        return _KEYED.match(data, end) is not None
    return _QUALNAME.search(line) is not None

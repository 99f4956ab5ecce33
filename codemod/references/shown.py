"""Names in what Python shows: `<class 'a.b.C'>`, `<a.b.C object at ...>`, a traceback, `WARNING:a.b:message`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .dotted import NAME, means, successor_of
from .located import top
from .paths import path_after
from .registered import logs_by_name
from .view import View

_ESCAPED = rf"{NAME}(?:\\\.{NAME})*"
_TYPE = lazy(rf"<(?:class|module|enum) '(?P<quoted>{_ESCAPED})'|<(?P<object>{_ESCAPED})(?= object\b|$)")
_FILE = lazy(r"(?<!\w)File \"(?P<path>[\w./*-]+/[\w.-]+)\", line \d")
_REPR = lazy(rf"[ \t]*(?P<quote>['\"])(?P<text>{NAME}\.{NAME})(?P=quote)[ \t]*(?:[\r\n]|$)")
_RAISED = lazy(rf"[ \t]*(?P<error>{NAME})(?=:[ ]|:?[ \t]*[\r\n]|:?[ \t]*$)")
_LEVELS = "DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL"
_LOGGED = lazy(
    rf"\b(?:{_LEVELS})(?::(?P<logger>{NAME}):|[ ]+(?P<located>{NAME}):[\w.-]+\.py:\d|[ ](?P<spaced>{NAME}\.{NAME}):[ ])"
)
"""logging's own format, which `assertLogs` has too, pytest's, and `%(levelname)s %(name)s: %(message)s`."""

_SAID = tuple(
    (level, lazy(rb"%b(?<!\w%b)(?::|[ ]+)[\w.\x80-\xff]+:" % (level, level))) for level in _LEVELS.encode().split(b"|")
)


def may_be_logged(data: bytes) -> bool:
    """True when a text may hold what logging writes of a logger; a cheap question."""
    return any(level in data and said.search(data) for level, said in _SAID)


def shown(view: View, line: str, *, raised: bool) -> Iterator[Edit]:
    """The edits to one line, in bytes from its beginning; `raised` where it may be the last one of a traceback."""
    for place in _FILE.finditer(line):
        path = path_after(top(view), place["path"])
        if path is not None:
            at = len(line[: place.start("path")].encode())
            yield Edit(at, at + len(place["path"].encode()), path.encode(), f"{place['path']} -> {path}")
    error = _RAISED.match(line) if raised else None
    whole = _REPR.fullmatch(line)
    for found in (*_TYPE.finditer(line), *([error] if error else []), *([whole] if whole else [])):
        yield from _renamed(view, found, "text" if found is whole else found.lastgroup or "")
    for found in _LOGGED.finditer(line):
        group = found.lastgroup or ""
        ref, rest = means(view, found[group])
        if ref is not None and not ref.name and not rest and logs_by_name(view, ref.module):
            yield from _renamed(view, found, group, plain=True)


def _renamed(view: View, found: re.Match[str], group: str, *, plain: bool = False) -> Iterator[Edit]:
    """The edit to one name; without a dot it is one where it stands for a module (`plain`)."""
    written = found[group].replace("\\.", ".")
    new = successor_of(view, written) if plain or "." in written else None
    if new is not None:
        at = len(found.string[: found.start(group)].encode())
        spelled = new.replace(".", "\\.") if written != found[group] else new  # in a pattern
        yield Edit(at, at + len(found[group].encode()), spelled.encode(), f"{written} -> {new}")

"""Names in what Python shows: `<class 'a.b.C'>`, `<a.b.C object at ...>`, the files and the error of a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.rewrite.edits import Edit

from .dotted import NAME, successor_of
from .located import top
from .paths import path_after
from .view import View

_ESCAPED = rf"{NAME}(?:\\\.{NAME})*"
_TYPE = re.compile(rf"<(?:class|module|enum) '(?P<quoted>{_ESCAPED})'|<(?P<object>{_ESCAPED})(?= object\b|$)")
_FILE = re.compile(r"(?<!\w)File \"(?P<path>[\w./*-]+/[\w.-]+)\", line \d")
_REPR = re.compile(rf"[ \t]*(?P<quote>['\"])(?P<text>{NAME}\.{NAME})(?P=quote)[ \t]*(?:[\r\n]|$)")
_RAISED = re.compile(rf"[ \t]*(?P<error>{NAME})(?=:[ ]|:?[ \t]*[\r\n]|:?[ \t]*$)")


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
        group = "text" if found is whole else found.lastgroup or ""
        written = found[group].replace("\\.", ".")
        new = successor_of(view, written) if "." in written else None
        if new is not None:
            at = len(line[: found.start(group)].encode())
            spelled = new.replace(".", "\\.") if written != found[group] else new  # in a pattern
            yield Edit(at, at + len(found[group].encode()), spelled.encode(), f"{written} -> {new}")

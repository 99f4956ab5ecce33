"""Names of types in what Python shows: `<class 'a.b.C'>`, `<a.b.C object at ...>`, the error that ends a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.rewrite.edits import Edit

from .dotted import NAME, successor_of
from .view import View

_TYPE = re.compile(rf"<(?:class|module|enum) '(?P<quoted>{NAME})'|<(?P<object>{NAME})(?= object\b|$)")
_RAISED = re.compile(rf"[ \t]*(?P<error>{NAME})(?=:[ ]|:?[ \t]*[\r\n]|:?[ \t]*$)")


def shown(view: View, line: str, *, raised: bool) -> Iterator[Edit]:
    """The edits to one line, in bytes from its beginning; `raised` where it may be the last one of a traceback."""
    error = _RAISED.match(line) if raised else None
    for found in (*_TYPE.finditer(line), *([error] if error else [])):
        group = found.lastgroup or ""
        new = successor_of(view, found[group]) if "." in found[group] else None
        if new is not None:
            at = len(line[: found.start(group)].encode())
            yield Edit(at, at + len(found[group].encode()), new.encode(), f"{found[group]} -> {new}")

"""Python inside files of other kinds: a command's `-c`, a cell, an example; edited as code where it parses."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit
from codemod.source.facts import Unparsable
from codemod.source.text import Text

from .handed import propagate
from .python import edits_of
from .touch import Touch
from .view import View
from .woven import opening

_BREAK = lazy(rb"\r\n|\r|\n")


def fragment_edits(view: View, code: bytes) -> Sequence[Edit] | None:
    """The edits to Python that is no file of its own, indented or not; None where it does not parse."""
    lead = opening(code)
    whole = lead + code
    text = Text(whole, (0, *(found.end() for found in _BREAK.finditer(whole))), "utf-8", False)
    touch = Touch.of(view.intent)
    followed = propagate(view, whole)  # what is imported under its own name is renamed with it
    if followed:
        view = replace(view, intent=replace(view.intent, symbols={**view.intent.symbols, **followed}))
    try:
        edits = sorted(set(edits_of(view, text, _nobody, touch)))
    except (Unparsable, UnicodeDecodeError):
        return None
    return [replace(edit, start=edit.start - len(lead), end=edit.end - len(lead)) for edit in edits]


def _nobody(_module: str, _name: str) -> bool:
    """Nobody imports from a fragment."""
    return False

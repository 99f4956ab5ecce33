"""Python inside files of other kinds: a command's `-c`, a cell, an example; edited as code where it parses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codemod.rewrite.edits import Edit
from codemod.source.facts import Unparsable
from codemod.source.text import Text

from .python import Touch, edits_of
from .view import View

_BREAK = re.compile(rb"\r\n|\r|\n")


def fragment_edits(view: View, code: bytes) -> Sequence[Edit] | None:
    """The edits to Python that is no file of its own; None where it does not parse."""
    text = Text(code, (0, *(found.end() for found in _BREAK.finditer(code))), "utf-8", False)
    try:
        return sorted(set(edits_of(view, text, _nobody, Touch.of(view.intent))))
    except (Unparsable, UnicodeDecodeError):
        return None


def _nobody(_module: str, _name: str) -> bool:
    """Nobody imports from a fragment."""
    return False

"""`setup.py`: the entry points that it writes into its strings, one a string or one a line."""

from __future__ import annotations

import posixpath
import re

from codemod.base.patterns import lazy

from .dotted import NAME
from .literals import Spot
from .view import View

_ENTRY = lazy(rf"(?P<lead>\s*[\w.\-]+\s*=\s*)(?P<module>{NAME})(?::(?P<attr>{NAME}))?(?P<rest>\s*(?:\[[^\]]*\])?\s*)")
_LINE = lazy(r"[^\n]*\S[^\n]*")
_GROUP = lazy(r"\s*(?:\[[^\]]+\]|[#;].*)\s*")
"""A group of entry points, or a comment, on a line of its own."""


def entries_in(view: View, value: str, place: Spot) -> list[re.Match[str]]:
    """`name = module:attribute` in a text, with `module` and `attr`; in `setup.py` also one a line, below `[groups]`.

    `name = module` counts where entry points stand: in `setup.py` a plain text does not say what it is.
    """
    whole = _ENTRY.fullmatch(value)
    if whole is not None:
        told = "entry" in place.label or "scripts" in place.label
        return [whole] if whole["attr"] or told or (is_setup(view.path) and place.listed) else []
    if "\n" not in value or "=" not in value or not is_setup(view.path):
        return []
    lines = list(_LINE.finditer(value))
    found = [_ENTRY.fullmatch(value, *line.span()) for line in lines]
    plain = any(_GROUP.fullmatch(line.group()) for line in lines) or "entry" in place.label
    if any(one is None and not _GROUP.fullmatch(line.group()) for one, line in zip(found, lines, strict=True)):
        return []  # another text
    return [one for one in found if one is not None and (one["attr"] or plain)]


def is_setup(path: str) -> bool:
    """True for the program that tells what a distribution holds."""
    return posixpath.basename(path) == "setup.py"

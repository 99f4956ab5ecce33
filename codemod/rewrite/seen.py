"""Imports by a name that only the running program knows: where they were made, and of what."""

from __future__ import annotations

from codemod.base.values import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A module that was imported by its name at run time, and the line of the repository that led to it.

    `via` is the module of the standard library that the line called, `by` the place in foreign code from which the
    import came, both "" where the line did it itself.  `attribute` is what a pickle took from the module.
    """

    path: str
    line: int
    name: str
    attribute: str = ""
    via: str = ""
    by: str = ""
    text: str = ""  # the line as it stood then, without the space around it

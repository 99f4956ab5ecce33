"""Lines that the plan settles: which of its `keep:` and `rewrite:` entries speak of a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from codemod.base.patterns import lazy
from codemod.plan.model import Settled
from codemod.source.globs import compiled
from codemod.source.text import line_start

Kept = Callable[[int], bool]
"""Whether the plan keeps the line of a byte offset as it is."""

_BREAK = lazy(rb"\r\n|\r|\n")


def entries_for(settled: Iterable[Settled], path: str, *, rewrite: bool) -> list[Settled]:
    """The entries of one kind that speak of the file; `path` is where it is after the phase."""
    return [entry for entry in settled if entry.rewrite is rewrite and compiled(entry.glob).fullmatch(path)]


def settling(entries: Iterable[Settled], line: bytes) -> Settled | None:
    """The first entry that matches a line."""
    text = _BREAK.sub(b"\n", line).decode("utf-8", "replace")  # before which `$` matches
    return next((entry for entry in entries if re.search(entry.match, text)), None)


def line_of(data: bytes, offset: int) -> bytes:
    """The line of a byte offset, with its ending."""
    start = line_start(data, offset)
    end = _BREAK.search(data, offset)
    return data[start : end.end() if end else None]


def keeping(settled: Iterable[Settled], path: str, data: bytes) -> Kept | None:
    """What the plan keeps of a file; None where it keeps nothing."""
    entries = entries_for(settled, path, rewrite=False)
    return (lambda offset: settling(entries, line_of(data, offset)) is not None) if entries else None

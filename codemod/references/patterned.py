r"""Names in regular expressions, their dots escaped: `app\.user\.User`, `app\.store\.(Memory|Disk)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .dotted import successor_of
from .literals import Spot
from .view import View

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_WHOLE = lazy(rf"\^?(?P<module>{_NAME}(?:\\\.{_NAME})+)(?P<rest>(?:\\\.)?(?:(?:\.\*|\(.*\)\??)?\$?|[(\[\\]\S*))")
_ESCAPED = lazy(r"(?<![\w\\.])(?P<module>[^\W\d]\w*(?:\\\.[^\W\d]\w*)+)(?!\w)")
"""A name with escaped dots somewhere in a pattern."""

_CHOICE = lazy(r"\\\.\((?:\?:)?(?P<names>[^\W\d]\w*(?:\|[^\W\d]\w*)+)\)")


def pattern_edits(view: View, value: str, place: Spot) -> Iterator[Edit] | None:
    """The edits to a text that may be a pattern; None where it may as well be something else."""
    whole = _WHOLE.fullmatch(value)
    filtering = place.call == "filterwarnings"
    if whole is not None and ((filtering and place.label == "module") or (not filtering and _is_long(whole))):
        return _edits(view, whole, review=not filtering)
    return None


def inner_pattern_edits(view: View, value: str) -> Iterator[Edit]:
    """The edits to names within a longer pattern."""
    for inner in _ESCAPED.finditer(value) if "\\." in value and _WHOLE.fullmatch(value) is None else ():
        if inner["module"].count(".") > 1 or value.startswith("\\.", inner.end()):
            yield from _edits(view, inner, review=True)


def _is_long(pattern: re.Match[str]) -> bool:
    """True for a pattern of three segments or more, or that goes on behind another dot: no word with a dot in it."""
    return pattern["module"].count(".") > 1 or pattern["rest"].startswith("\\.")


def _edits(view: View, match: re.Match[str], *, review: bool) -> Iterator[Edit]:
    """The edits to a name, or to a module and the names of it that may follow."""
    old, (start, end) = _plain(match["module"]), match.span("module")
    choice = _CHOICE.match(match.string, end)
    found = [(start, end, successor_of(view, old))] if choice is None else _chosen(view, old, match, choice)
    for first, last, new in found:
        written = match.string[first:last]
        if new is not None and _plain(written) != new:
            at, beyond = (len(match.string[:offset].encode()) for offset in (first, last))
            yield Edit(at, beyond, _escaped(new), f"{_plain(written)} -> {new} in a pattern", review)


def _chosen(
    view: View, old: str, match: re.Match[str], choice: re.Match[str]
) -> Sequence[tuple[int, int, str | None]]:  # fmt: skip
    r"""(start, end, what stands there then) of the module and of each name, by what all of their places begin with."""
    given = choice["names"].split("|")
    home = successor_of(view, old) or old
    become = [successor_of(view, names.join(old, name)) or names.join(home, name) for name in given]
    columns = zip(*(names.parent(new).split(".") for new in become), strict=False)
    shared = ".".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))
    if not shared:
        return ()
    found: list[tuple[int, int, str | None]] = [(*match.span("module"), shared)]
    at = choice.start("names")
    for name, new in zip(given, become, strict=True):
        found.append((at, at + len(name), names.tail(new, shared)))
        at += len(name) + 1
    return found


def _plain(written: str) -> str:
    return written.replace("\\.", ".")


def _escaped(name: str) -> bytes:
    return name.replace(".", "\\.").encode()

"""Newer Python grammar than the interpreter's, rewritten in place to older grammar of the same shape."""

from __future__ import annotations

from collections.abc import Mapping

from codemod.base.patterns import lazy
from codemod.base.values import dataclass

_NEWER = lazy(  # what no newer grammar can do without
    r"\btype[\s\\]+[^\W\d]"  # type X = Y
    r"|\b(?:def|class)\b[\s\\]+\w+[\s\\]*\["  # def f[T]
    r"|\b(?i:[ft]r?|r[ft])[\"']"  # f"{"a"}", t"{a}"
    r"|\bexcept\b[^:]*,"  # except A, B
)


@dataclass(frozen=True, slots=True)
class Older:
    """A text in older grammar, and for the (line, name) of each generic definition its type parameters."""

    text: str
    parameters: Mapping[tuple[int, str], tuple[str, ...]]


def may_be_newer(source: str) -> bool:
    """A cheap question: can the text hold newer grammar at all?"""
    return _NEWER.search(source) is not None


def downgrade(source: str) -> Older | None:
    """`source` with newer syntax rewritten to older of the same length and line breaks; None if it is not Python.

    Every expression keeps its line and its column in UTF-8 bytes: a replacement field `{a.b!r}` becomes ` a.b,  `
    in a tuple, `type X[T: B] = Y` becomes `def  X(T: B) : Y`, `def f[T: B](x)` becomes `def f(T: B ,x)`, and the
    comma of `except A, B` a bar.  Literal text is blanked.  The result is for reading names, not for running.
    """
    from .newer import respellings  # libcst takes a while to import and is rarely needed here

    found = respellings(source)
    if found is None:
        return None
    edits, parameters = found
    pieces, position = [], 0
    for start, end, new in sorted(edits):
        pieces += [source[position:start], new]
        position = end
    return Older("".join([*pieces, source[position:]]), parameters)

"""Taking elements out of a comma-separated list in brackets, line by line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from codemod.base.patterns import lazy
from codemod.source.text import line_start

_COMMA = lazy(rb"[ \t]*,[ \t]*")
_BLANK = lazy(rb"[ \t]*")
_LEFT = lazy(rb"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|$)")
_GAP = lazy(rb"(?:[\s\\]|#[^\r\n]*)*")
_REST = lazy(rb"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|$)")


def cut_items(data: bytes, items: Sequence[tuple[int, int]], leaving: Collection[int]) -> list[tuple[int, int]]:
    """What to delete so that items leave a bracketed list; the spans returned never overlap.

    `items` are the spans of all elements in order, `leaving` the numbers of those that go.  A line that holds nothing
    else goes with its comment; elsewhere the comma goes along and everything else stays.
    """
    commas = [_comma_behind(data, end) for _, end in items]
    if any(at is not None and data[end:at].strip(b" \t") for at, (_, end) in zip(commas, items, strict=True)):
        return _with_commas(data, items, leaving, commas)
    lines: dict[int, list[int]] = {}
    for number, (start, _) in enumerate(items):
        lines.setdefault(line_start(data, start), []).append(number)
    found: list[tuple[int, int]] = []
    for first, numbers in lines.items():
        rest = _REST.match(data, items[numbers[-1]][1])
        if all(n in leaving for n in numbers) and rest and not data[first : items[numbers[0]][0]].strip():
            found.append((first, rest.end()))
            continue
        for number in (n for n in numbers if n in leaving):
            if any(n > number and n not in leaving for n in numbers):
                found.append((items[number][0], items[number + 1][0]))
            elif any(n < number and n not in leaving for n in numbers):
                found.append((items[number - 1][1], items[number][1]))
            else:
                comma = _COMMA.match(data, items[number][1])
                found.append((items[number][0], comma.end() if comma else items[number][1]))
    return found


def _comma_behind(data: bytes, end: int) -> int | None:
    """Where the comma behind an element stands, comments passed over; None where there is none."""
    gap = _GAP.match(data, end)
    at = gap.end() if gap else end
    return at if data.startswith(b",", at) else None


def _with_commas(
    data: bytes, items: Sequence[tuple[int, int]], leaving: Collection[int], commas: Sequence[int | None]
) -> list[tuple[int, int]]:
    """The same where a comma begins a line: each element goes with one comma, a line that is left empty too."""
    staying = [n for n in range(len(items)) if n not in leaving] or [-1]
    begins = [at for (_, end), at in zip(items[:-1], commas, strict=False) if at and data[end:at].strip(b" \t")]
    cuts: list[tuple[int, int]] = []
    for number in leaving:
        comma = commas[number] if number < (staying[0] if begins else staying[-1]) else commas[number - 1]
        cuts += [items[number], *([(comma, comma + 1)] if comma is not None else [])]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(cuts):
        if joined and not data[joined[-1][1] : start].strip(b" \t"):
            start = joined.pop()[0]
        joined.append((start, end))
    return [_whole_line(data, *cut) for cut in joined]


def _whole_line(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The line of a cut when nothing but a comment would be left on it; the cut itself otherwise."""
    first, rest, blank = line_start(data, start), _LEFT.match(data, end), _BLANK.match(data, end)
    if data[first:start].strip():
        return start, end
    return (first, rest.end()) if rest is not None else (start, blank.end() if blank else end)

"""Taking elements out of a comma-separated list in brackets, line by line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from codemod.base.patterns import lazy
from codemod.source.text import line_start

_COMMA = lazy(rb"[ \t]*,[ \t]*")
_REST = lazy(rb"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|$)")


def cut_items(data: bytes, items: Sequence[tuple[int, int]], leaving: Collection[int]) -> list[tuple[int, int]]:
    """What to delete so that items leave a bracketed list; the spans returned never overlap.

    `items` are the spans of all elements in order, `leaving` the numbers of those that go.  A line that holds nothing
    else goes with its comment; elsewhere the comma goes along and everything else stays.
    """
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

"""What is to be shown, as values: spans with a role, lines and tables; and their plain form for a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text and its role: "" | good | bad | warn | dim | strong | code; a terminal gives roles a colour."""

    text: str
    role: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, one span a cell, under a head; the columns in `right` are aligned to the right."""

    head: tuple[str, ...]
    rows: tuple[Line, ...]
    right: frozenset[int] = frozenset()


Block = Line | Table
BLANK: Line = ()
ELASTIC = frozenset({"OWNER", "TITLE", "CHECKS", "MEANING", "WHAT", "WHAT IT IMPORTS", "PATH"})
NARROW = 9
"""Columns that a narrow terminal may shorten, and how far; identifiers and numbers are never among them."""
OPTIONAL = (
    "COMMITS", "MOVED", "COMMIT", "-LINES", "+LINES", "TARGET", "OWNER", "TITLE", "WHAT IT IMPORTS", "PATH", "FILES",
)  # fmt: skip
"""Columns that a narrow terminal may leave out, the first ones first."""

_ANSI = lazy(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = lazy(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def line(*parts: str | Span) -> Line:
    """A line of strings and spans."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def text_of(shown: Line) -> str:
    """A line without its roles."""
    return "".join(span.text for span in shown)


def plain(blocks: Iterable[Block]) -> Iterator[str]:
    """Lines of text without colour, never wrapped or cut, without spaces at the end."""
    for block in blocks:
        if isinstance(block, Table):
            yield from _plain_table(block)
        else:
            yield visible(text_of(block)).rstrip()


def _texts(table: Table) -> list[Sequence[str]]:
    return [table.head, *([visible(span.text) for span in row] for row in table.rows)]


def widths_of(table: Table) -> list[int]:
    """The width of each column."""
    rows = _texts(table)
    return [max(len(row[column]) for row in rows) for column in range(len(table.head))]


def fitted(table: Table, width: int) -> Table:
    """The table for a terminal: where it is too wide, cells of ELASTIC columns end in `…`, the widest ones first.

    Where that is not enough, OPTIONAL columns go.  What is too wide even then stays so.
    """
    while _least(table) > width:
        last = next((table.head.index(name) for name in OPTIONAL if name in table.head), None)
        if last is None:
            break
        table = columns(table, [number for number in range(len(table.head)) if number != last])
    widths = widths_of(table)
    elastic = [column for column, name in enumerate(table.head) if name in ELASTIC]
    while elastic and sum(widths) + 2 * (len(widths) - 1) > width:
        column = max(elastic, key=lambda column: widths[column])
        if widths[column] <= NARROW:
            break
        widths[column] -= 1
    rows = (
        tuple(Span(_short(visible(span.text), widths[n]), span.role) for n, span in enumerate(row))
        for row in table.rows
    )
    head = tuple(_short(name, widths[n]) for n, name in enumerate(table.head))
    return Table(head, tuple(rows), table.right)


def _least(table: Table) -> int:
    """The width of a table whose elastic columns are as narrow as they may be."""
    widths = zip(table.head, widths_of(table), strict=True)
    return sum(min(width, NARROW) if name in ELASTIC else width for name, width in widths) + 2 * (len(table.head) - 1)


def width_of(table: Table) -> int:
    """How wide a table is, with the spaces between its columns."""
    return sum(widths_of(table)) + 2 * (len(table.head) - 1)


def columns(table: Table, keep: Sequence[int]) -> Table:
    """The table with only these columns."""
    return Table(
        tuple(table.head[column] for column in keep),
        tuple(tuple(row[column] for column in keep) for row in table.rows),
        frozenset(position for position, column in enumerate(keep) if column in table.right),
    )


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def aligned(table: Table) -> Iterator[Line]:
    """The lines of a table, as wide as they are: its columns padded but for the last one, two spaces between them."""
    widths = widths_of(table)
    for row in (tuple(Span(name, "dim") for name in table.head), *table.rows):
        cells: list[Span] = []
        for column, (span, width) in enumerate(zip(row, widths, strict=True)):
            text = visible(span.text)
            padded = text.rjust(width) if column in table.right else text.ljust(width)
            cells += [Span("  " if column else ""), Span(padded, span.role)]
        yield (*cells[:-1], Span(cells[-1].text.rstrip(), cells[-1].role))


def _plain_table(table: Table) -> Iterator[str]:
    for row in aligned(table):
        yield text_of(row).rstrip()


def visible(text: str) -> str:
    """`text` with control characters spelled out: a file's name must not steer the terminal or break a line."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def without_colour(text: str) -> str:
    """`text` without ANSI sequences, for the output of other programs."""
    return _ANSI.sub("", text)


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`, `1,204 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"

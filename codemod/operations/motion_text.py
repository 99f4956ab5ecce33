"""The text side of motion: cutting lines, keeping blank lines in order, and placing import statements in a block."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.rewrite.statement import name_key
from codemod.source.text import Text

_BREAK = lazy(rb"\r\n|\r|\n")
STANDARD = sys.stdlib_module_names


def recast(code: bytes, newline: bytes) -> bytes:
    """`code` with another file's line ending, ending in a line break."""
    text = _BREAK.sub(newline, code)
    return text if not text or text.endswith(newline) else text + newline


def blank_lines_above(text: Text, offset: int) -> int:
    """The start of the run of blank lines that ends at a line start."""
    line = text.line(offset) - 1
    if offset == len(text.data) and text.starts[-1] != offset:
        line = len(text.starts)
    while line > 0 and not text.data[text.starts[line - 1] : offset].strip():
        line -= 1
        offset = text.starts[line]
    return offset


def blank_lines_below(text: Text, offset: int) -> int:
    """The end of the run of blank lines that begins at a line start."""
    data = text.data
    while offset < len(data):
        found = _BREAK.search(data, offset)
        stop = found.end() if found else len(data)
        if data[offset:stop].strip():
            break
        offset = stop
    return offset


def cuts(text: Text, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans (whole lines) to delete, widened so that of the blank lines around and between them one run stays."""
    groups: list[list[tuple[int, int]]] = []
    for start, end in sorted(spans):
        if groups and not text.data[groups[-1][-1][1] : start].strip():
            last = groups[-1][-1]
            if start <= last[1]:
                groups[-1][-1] = (last[0], max(end, last[1]))
            else:
                groups[-1].append((start, end))
        else:
            groups.append([(start, end)])
    return [cut for group in groups for cut in _widened(text, group)]


def _widened(text: Text, group: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One group of spans with nothing but blank lines between them: all goes but its longest run of blank lines."""
    above, below = blank_lines_above(text, group[0][0]), blank_lines_below(text, group[-1][1])
    if below == len(text.data) or above == 0:
        return [(above, below)]
    inner = [(one[1], two[0]) for one, two in pairwise(group)]
    runs = [(above, group[0][0]), *inner, (group[-1][1], below)]
    kept = max(runs, key=lambda run: _count(text.data[run[0] : run[1]]))
    return [(start, end) for start, end in ((above, kept[0]), (kept[1], below)) if start < end]


def _count(data: bytes) -> int:
    return len(_BREAK.findall(data))


@dataclass(frozen=True, slots=True)
class Line:
    """An import statement in a block: its text (or where it stands already) and how it sorts."""

    kind: int  # 0 future, 1 standard library, 2 third party, 3 first party, 4 relative
    key: tuple[int, str]
    text: str = ""
    start: int = -1  # offsets in the file, of a statement that is there
    end: int = -1


GUARDED = 5  # the kind of a whole block: behind all imports, and each one apart


@dataclass(slots=True)
class ImportBlock:
    """Runs of import statements, separated by blank lines."""

    runs: list[list[Line]] = field(default_factory=list)

    def place(self, new: Line) -> None:
        """Put a statement where its neighbours are: in the run of its kind, in order if that is in order."""
        for run in self.runs if new.kind != GUARDED else ():
            same = [line for line in run if line.kind == new.kind]
            if same:
                later = [n for n, line in enumerate(run) if line.kind == new.kind and line.key > new.key]
                ordered = [line.key for line in same] == sorted(line.key for line in same)
                last = max(n for n, line in enumerate(run) if line.kind == new.kind)
                run.insert(later[0] if later and ordered else last + 1, new)
                return
        behind = [n for n, run in enumerate(self.runs) if run[-1].kind <= new.kind]
        self.runs.insert(behind[-1] + 1 if behind else 0, [new])

    def text(self, newline: str) -> str:
        """The block as text; for a file that has none yet."""
        return (newline * 2).join(newline.join(line.text for line in run) for run in self.runs if run)


def late(statement: str, newline: str) -> str:
    """An import statement below other code, marked as wanted there."""
    first, rest = statement.partition(newline)[::2]
    return first + "  # noqa: E402" + (newline + rest if rest else "")


def sort_kind(module: str, first_party: frozenset[str]) -> int:
    """The isort section of a module as written."""
    if module.startswith("."):
        return 4
    top = names.top(module)
    if top == "__future__":
        return 0
    if top in first_party:
        return 3
    return 1 if top in STANDARD else 2


def sort_key(module: str, is_from: bool) -> tuple[int, str]:
    """isort's order within a section: plain imports first; fewer dots later."""
    dots = len(module) - len(module.lstrip("."))
    return int(is_from), f"{9 - dots if dots else 0}{module.lstrip('.').lower()}"


def sorted_names(listed: Sequence[str]) -> list[str]:
    """Names of a `from` import in isort's order: CONSTANTS, Classes, functions."""
    return sorted(dict.fromkeys(listed), key=name_key)


def at_once(edits: Sequence[Edit], text: Text) -> list[Edit]:
    """Insertions at one offset as a single edit, in the order in which they were made."""
    found: dict[int, list[Edit]] = {}
    rest: list[Edit] = []
    for edit in dict.fromkeys(edits):
        if edit.start == edit.end:
            found.setdefault(edit.start, []).append(edit)
        else:
            rest.append(edit)
    for offset, group in found.items():
        new = b"".join(e.new for e in group)
        if offset == len(text.data) and text.data and not text.data.endswith((b"\n", b"\r")):
            new = text.newline + new  # the last line has no line break
        rest.append(Edit(offset, offset, new, group[0].reason))
    return rest

"""Edits as byte spans of one file; bytes outside a span are untouched by construction."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from codemod.base.errors import Bug
from codemod.base.values import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes `start:end` by `new`, for a reason; `review` marks what a human should look at."""

    start: int
    end: int
    new: bytes
    reason: str = ""
    review: bool = False


def uncovered(edits: Iterable[Edit], larger: Iterable[Edit]) -> list[Edit]:
    """Those of the edits that none of the `larger` ones replaces together with what stands around them."""
    ends: dict[int, int] = {}
    reached = -1
    for edit in sorted(larger, key=lambda one: (one.start, -one.end)):
        if edit.end > max(edit.start, reached):
            ends[edit.start] = reached = edit.end
    starts = list(ends)

    def is_covered(edit: Edit) -> bool:
        at = bisect_right(starts, edit.start) - 1
        start, end = (starts[at], ends[starts[at]]) if at >= 0 else (0, 0)
        return start <= edit.start < edit.end <= end and (edit.start, edit.end) != (start, end)

    return [edit for edit in edits if not is_covered(edit)]


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """`data` with all `edits` made at once; edits that do the same count once, whatever their reasons.

    Raises Bug where two different edits overlap or insert at the same place.
    """
    pieces: list[bytes] = []
    position = 0
    before: Edit | None = None
    for edit in sorted({(edit.start, edit.end, edit.new): edit for edit in edits}.values()):
        if edit.start < position or edit.end < edit.start or edit.end > len(data):
            raise Bug(f"edits overlap: {before} and {edit}")
        if before is not None and edit.start == edit.end == before.start == before.end:
            raise Bug(f"two insertions at {edit.start}: {before.new!r} and {edit.new!r}")
        pieces += [data[position : edit.start], edit.new]
        position, before = edit.end, edit
    pieces.append(data[position:])
    return b"".join(pieces)

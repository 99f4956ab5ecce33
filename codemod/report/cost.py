"""What a phase would change, in numbers: files, moves, and lines added and deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.outcome import Commit, Outcome
from codemod.source.tree import Tree

from .page import count

_WINDOW = 4_000_000  # pairs of lines that we compare exactly; beyond it, lines are only counted
_LINES = lazy(rb"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Cost:
    """Files touched in any way, files that git finds renamed, and lines as `git diff -M` counts them.

    Lines that changed places within a file may be counted otherwise.
    """

    files: int = 0
    moved: int = 0
    added: int = 0
    deleted: int = 0

    def __str__(self) -> str:
        moved = f", {self.moved:,} moved" if self.moved else ""
        return f"{count(self.files, 'file')}{moved}, +{self.added:,} -{self.deleted:,} lines"


def cost_of(outcome: Outcome) -> Cost:
    """The cost of one phase."""
    renames = {old: new for commit in outcome.commits for old, new in commit.renames.items()}
    return cost_between(outcome.before, outcome.after, renames)


def cost_between(before: Tree, after: Tree, renames: Mapping[str, str]) -> Cost:
    """The cost of going from one tree to another; `renames` pairs files of other names (old path -> new path)."""
    files = added = deleted = 0
    pairs = tuple(_pairs(before, after, renames))
    for old, new in pairs:
        files += 1
        one = before.read(old) if old else b""
        two = after.read(new) if new else b""
        plus, minus = changed_lines(one, two)
        added, deleted = added + plus, deleted + minus
    return Cost(files, sum(1 for old, new in pairs if old and new and old != new), added, deleted)


def costs_between(before: Tree, commits: Iterable[Commit]) -> Iterator[Cost]:
    """The cost of each commit of a phase."""
    for commit in commits:
        yield cost_between(before, commit.tree, commit.renames)
        before = commit.tree


def _pairs(before: Tree, after: Tree, renames: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(old path, new path) of each changed file; empty where it did not exist before or does not after.

    A later commit of a phase may have put another file where one was, so the two sides are kept apart.
    """
    real = {old: new for old, new in renames.items() if old in before and new in after and old != new}
    arrived = set(real.values())
    yield from sorted(real.items())
    for path, was, now in before.delta(after):
        old = path if was is not None and was.is_file and path not in real else ""
        new = path if now is not None and now.is_file and path not in arrived else ""
        if old or new:
            yield old, new


def changed_lines(before: bytes, after: bytes) -> tuple[int, int]:
    """(added, deleted) lines; a file with a NUL byte has none, as in git."""
    if before == after or b"\0" in before or b"\0" in after:
        return 0, 0
    start, end = _shared(before, after)
    one, two = (_LINES.findall(data[start : len(data) - end]) for data in (before, after))
    same = _common(one, two)
    return len(two) - same, len(one) - same


def _shared(one: bytes, two: bytes) -> tuple[int, int]:
    """How many bytes of whole lines two contents share at their beginning, and how many at their end behind these."""
    most, ends = min(len(one), len(two)), (len(one), len(two))
    same = _longest(most, lambda low, high: one[low:high] == two[low:high])
    start = one.rfind(b"\n", 0, same) + 1
    same = _longest(
        most - start,
        lambda low, high: one[ends[0] - high : ends[0] - low] == two[ends[1] - high : ends[1] - low],
    )
    if all(at == start or data[at - 1 : at] == b"\n" for data, at in ((one, ends[0] - same), (two, ends[1] - same))):
        return start, same
    line = one.find(b"\n", ends[0] - same) + 1
    return start, ends[0] - line if line else 0


def _longest(most: int, same: Callable[[int, int], bool]) -> int:
    """How many bytes, `most` at the most, are the same; found by halving, so that each part is compared once."""
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        if same(low, middle):
            low = middle
        else:
            most = middle - 1
    return low


def _common(one: list[bytes], two: list[bytes]) -> int:
    """The length of the longest common subsequence, at once where no line is moved within the file."""
    left, right = set(one), set(two)
    one, two = [text for text in one if text in right], [text for text in two if text in left]
    if one == two or not one or not two:
        return min(len(one), len(two))
    if len(one) * len(two) > _WINDOW:
        return sum((Counter(one) & Counter(two)).values())
    return sum(block.size for block in SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks())


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of several phases' costs: a file that two phases touch counts twice."""
    known = tuple(costs)
    return Cost(
        sum(cost.files for cost in known),
        sum(cost.moved for cost in known),
        sum(cost.added for cost in known),
        sum(cost.deleted for cost in known),
    )

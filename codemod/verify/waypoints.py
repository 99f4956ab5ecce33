"""Commits beside the line: the pure renames that let `git blame` follow what it would lose between two trees.

Source: git's `blame.c`.  Blame asks each parent of a merge for a file of the same path before it looks for renames, so
what a second parent has under the new path is followed there, and that parent's renames are exact.  A file that comes
from several, or goes to several, needs one branch for each, since git follows one rename a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Waypoint
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

Pair = tuple[str, str]  # old path, new path

CLEARED = "room for a file of the same name"
RENAMED = "files renamed and left as they are, for git blame"
JOINED = "renamed files side by side, for git blame"

CARRIED = 3  # lines that a file must get from another for a branch of its own
LOST = 20  # lines of files merely moved that have to be at stake
SHARE = 0.03  # of the moved lines: what a move may lose


def waypoints(
    before: Inventory, after: Inventory, intent: Intent, renames: Mapping[str, str], *, always: bool
) -> tuple[Waypoint, ...]:
    """The commits to make beside the line between two trees, the last being the merge's second parent.

    `renames` (new path -> old path) are those that git finds between the trees by itself.  None are made for what it
    follows anyway, unless `always`.
    """
    moved = {(old, new) for old, new in intent.files.items() if old in before.tree and new in after.tree}
    carried = {pair for pair in _carried(before, after, intent) if pair not in moved}
    pairs = sorted(moved | carried)
    if not always:
        pairs = _lost(before.tree, after.tree, moved, carried, renames)
    return _branches(before.tree, after.tree, [pair for pair in pairs if pair[0] != pair[1]])


def _carried(before: Inventory, after: Inventory, intent: Intent) -> Iterator[Pair]:
    """Files between which definitions go: by symbol moves, splits and merges."""
    homes = [
        (module, target)
        for (module, name), (target, _) in intent.symbols.items()
        if (known := before.modules.get(module)) is not None and name in before.facts(known.path).defined
    ]
    found: set[Pair] = set()
    for module, target in {*homes, *intent.modules.items()}:
        old, new = before.modules.get(module), after.modules.get(target)
        if old is not None and new is not None and old.path and new.path and old.path != new.path:
            found.add((old.path, new.path))
    for old_path, new_path in found:
        if _common(before.tree, old_path, after.tree, new_path) >= CARRIED:
            yield old_path, new_path


def _lost(
    before: Tree, after: Tree, moved: Iterable[Pair], carried: Iterable[Pair], renames: Mapping[str, str]
) -> list[Pair]:
    """The pairs that git would lose: where code parts ways, where names change places, and much that changed much."""
    lost = [pair for pair in carried if renames.get(pair[1]) != pair[0]]
    parted = [(old, new) for old, new in moved if renames.get(new) != old]
    shifted = [pair for pair in parted if pair[1] in before or pair[0] in after]
    lost += shifted
    unlike = [pair for pair in parted if pair not in shifted]
    at_stake = sum(_common(before, old, after, new) for old, new in unlike)
    if at_stake >= LOST and at_stake > SHARE * sum(before.read(old).count(b"\n") for old, _ in moved):
        lost += unlike
    return sorted(lost)


def _common(before: Tree, old: str, after: Tree, new: str) -> int:
    """How many lines that say something are in both files."""
    one, two = before.entry(old), after.entry(new)
    if one is None or two is None or not one.is_file or not two.is_file:
        return 0
    return sum((_lines(before.read(old)) & _lines(after.read(new))).values())


def _lines(data: bytes) -> Counter[bytes]:
    return Counter(line for line in map(bytes.strip, data.splitlines()) if line)


@dataclass(slots=True)
class _Branch:
    """Renames that one commit can hold: each file has one source and one target, and no target is a source."""

    pairs: dict[str, str] = field(default_factory=dict)
    targets: set[str] = field(default_factory=set)

    def takes(self, old: str, new: str) -> bool:
        """Add a pair; False where it does not fit."""
        if old in self.pairs or new in self.targets or new in self.pairs or old in self.targets:
            return False
        self.pairs[old] = new
        self.targets.add(new)
        return True


def _branches(before: Tree, after: Tree, pairs: Sequence[Pair]) -> tuple[Waypoint, ...]:
    branches: list[_Branch] = []
    for old, new in pairs:
        if not any(branch.takes(old, new) for branch in branches):
            branches.append(_Branch())
            branches[-1].takes(old, new)
    made: list[Waypoint] = []
    tips = []
    for branch in branches:
        occupied = {new for new in branch.targets if new in before}
        parents: tuple[int, ...] = ()
        tree = before
        if occupied:  # a file that is there on both sides is no rename: it goes first
            tree = before.changed(deletes=occupied)
            made.append(Waypoint(tree, CLEARED))
            parents = (len(made) - 1,)
        made.append(Waypoint(tree.changed(moves=branch.pairs), RENAMED, parents))
        tips.append(len(made) - 1)
    joined = _together(before, after, pairs)
    if len(tips) > 1 or (tips and joined != made[-1].tree):
        made.append(Waypoint(joined, JOINED, tuple(tips)))
    return tuple(made)


def _together(before: Tree, after: Tree, pairs: Sequence[Pair]) -> Tree:
    """The tree that joins the branches.

    A file that has one source is that one.  One that has several, or was there before, holds what it has from each:
    compared with whole files, a few lines would be lost among blank ones.
    """
    sources: dict[str, list[str]] = {}
    for old, new in pairs:
        sources.setdefault(new, []).append(old)
    leaving = {old for old, _ in pairs}
    writes = {}
    for new, olds in sources.items():
        shared = len(olds) > 1 or (new in before and new not in leaving)
        writes[new] = b"".join(_excerpt(before, old, after, new) if shared else before.read(old) for old in olds)
    uses = Counter(old for old, _ in pairs)
    moves = {old: new for old, new in pairs if uses[old] == len(sources[new]) == 1}  # with their modes
    return before.changed(deletes=set(uses), moves=moves).changed(writes=writes)


def _excerpt(before: Tree, old: str, after: Tree, new: str) -> bytes:
    """The lines of the file `new` that are from `old` and not its own, in their order."""
    lines = after.read(new).splitlines(keepends=True)
    if new in before:
        kept = {number for number, _ in _matched(lines, before.read(new).splitlines(keepends=True))}
        lines = [line for number, line in enumerate(lines) if number not in kept]
    found = [line for _, line in _matched(lines, before.read(old).splitlines(keepends=True))]
    return b"".join(line if line.endswith((b"\n", b"\r")) else line + b"\n" for line in found)


def _matched(lines: Sequence[bytes], others: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """(place, line) of the lines that are in the other sequence too, in the same order."""
    for block in SequenceMatcher(None, others, lines, autojunk=False).get_matching_blocks():
        for number in range(block.b, block.b + block.size):
            yield number, lines[number]

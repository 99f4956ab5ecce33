"""History forecast: which moved files git will still follow, by git's own rules and without git.

Source of the rules: git 2.39, `diffcore-rename.c` and `diffcore-delta.c`, for `git diff -M50%` of two trees.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.rewrite.outcome import Forecast
from codemod.source.tree import Entry, Tree

MAX_SCORE = 60000
RENAME_LIMIT = 1000  # git's default: more than its square of pairs left are not compared
_CHUNK = lazy(rb"[^\n]{0,63}\n|[^\n]{64}")  # a line, or 64 bytes of it; a rest without newline does not count
_KEPT = 4  # candidates that git remembers for each new file
_ALTERNATIVES = 100  # files of equal content that git looks at


@dataclass(frozen=True, slots=True)
class Detected:
    """What git finds between two trees: new path -> old path of each rename.

    `alone` are more of them, of moves that were asked about, that it finds only when it looks for one file at a time,
    as `git blame` and `git log --follow` do; `limit` is the `diff.renameLimit` that would find them all, 0 where the
    default is enough.
    """

    pairs: Mapping[str, str] = field(default_factory=dict)
    alone: Mapping[str, str] = field(default_factory=dict)
    limit: int = 0

    @property
    def blamed(self) -> Mapping[str, str]:
        """The renames that blame finds."""
        return {**self.pairs, **self.alone}


def forecast(moves: Mapping[str, str], found: Detected) -> Forecast:
    """How many of `moves` (old path -> new path) are among the renames that git finds.

    A file that is still there under its old path, such as a shim, is no candidate for a rename.  A module that was
    divided is followed to whichever of its parts git takes for it.
    """
    goals = {old: new for new, old in found.pairs.items()}
    lost = tuple(old for old, new in sorted(moves.items()) if not _is_followed(goals.get(old, ""), old, new))
    alone = sum(found.alone.get(moves[old]) == old for old in lost)
    return Forecast(len(moves), len(moves) - len(lost), lost, alone, found.limit)


def _is_followed(goal: str, old: str, new: str) -> bool:
    """True when git takes `goal` for the moved file, or for the package that it became."""
    package, init = posixpath.split(new)
    divided = init == "__init__.py" and posixpath.basename(old) != init
    return goal == new or (divided and goal.startswith(f"{package}/"))


def renames(before: Tree, after: Tree, moves: Mapping[str, str] | None = None, similarity: int = 50) -> Detected:
    """Every rename that git reports between two trees; `moves` are those of which more is asked where it gives up."""
    gone = [path for path in before.paths if path not in after.entries]
    new = [path for path in after.paths if path not in before.entries]
    if not gone or not new:
        return Detected()
    detection = _Detection(before, after, gone, new, similarity * MAX_SCORE // 100)
    detection.exact()
    detection.by_basename()
    limit = detection.by_content()
    alone = detection.alone(moves or {}) if limit else {}
    return Detected(detection.found, alone, limit)


@dataclass(slots=True)
class _Detection:
    """One run of git's rename detection."""

    before: Tree
    after: Tree
    gone: list[str]
    new: list[str]
    minimum: int
    found: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    chunks: dict[str, tuple[Counter[bytes], int]] = field(default_factory=dict)

    def exact(self) -> None:
        """Files of equal content; among several, one that is not used yet and has the same name comes first."""
        sources: dict[str, list[str]] = {}
        for path in self.gone:
            sources.setdefault(self.entry(self.before, path).blob, []).append(path)
        for path in self.new:
            entry = self.entry(self.after, path)
            best, best_score, left = "", -1, _ALTERNATIVES
            for source in sources.get(entry.blob, ()):
                other = self.entry(self.before, source)
                if source in self.used or (not (entry.is_file and other.is_file) and entry.mode != other.mode):
                    continue
                score = 1 + (_base(source) == _base(path))
                if score > best_score:
                    best, best_score = source, score
                left -= 1
                if score == 2 or not left:
                    break
            if best:
                self.pair(best, path)

    def by_basename(self) -> None:
        """Files whose name is the only one of its kind on both sides, if they are similar enough."""
        needed = self.minimum + (MAX_SCORE - self.minimum) // 2
        sources, targets = _unique(self.left(self.gone)), _unique(self.left(self.new))
        for base, source in sources.items():
            target = targets.get(base)
            if target is not None and self.score(source, target) >= needed:
                self.pair(source, target)

    def by_content(self) -> int:
        """The rest: every new file with every old one, the most similar first.

        The limit that git would need where these are too many for it, and nothing is found; else 0.
        """
        sources, targets = self.left(self.gone), self.left(self.new)
        if len(sources) * len(targets) > RENAME_LIMIT**2:
            return max(len(sources), len(targets))
        index = self.index(sources)
        matrix: list[tuple[int, int, int, str, str]] = []
        for row, target in enumerate(targets):
            copied = self.copied(index, target)
            kept: list[tuple[int, int, str]] = []
            for source in sources:
                same_base = int(_base(source) == _base(target))
                _keep_if_better(kept, (self.scaled(source, target, copied.get(source, 0)), same_base, source))
            for place, (score, same_base, source) in enumerate(kept):
                matrix.append((-score, -same_base, row * _KEPT + place, source, target))
        for score, _, _, source, target in sorted(matrix):
            if -score < self.minimum:
                break
            if target not in self.found and source not in self.used:
                self.pair(source, target)
        return 0

    def alone(self, moves: Mapping[str, str]) -> dict[str, str]:
        """New path -> old path of the moves that were not compared, and are alike enough."""
        sources, targets = set(self.left(self.gone)), set(self.left(self.new))
        asked = [(old, new) for old, new in moves.items() if old in sources and new in targets]
        return {new: old for old, new in asked if self.score(old, new) >= self.minimum}

    # Small things

    def pair(self, source: str, target: str) -> None:
        self.found[target] = source
        self.used.add(source)

    def left(self, paths: list[str]) -> list[str]:
        return [path for path in paths if path not in self.used and path not in self.found]

    def entry(self, tree: Tree, path: str) -> Entry:
        return tree.entries[path]

    def index(self, sources: list[str]) -> dict[bytes, list[tuple[str, int]]]:
        """Which of the sources hold a chunk, and how often."""
        found: dict[bytes, list[tuple[str, int]]] = {}
        for source in sources:
            for chunk, count in self.spans(self.before, source)[0].items():
                found.setdefault(chunk, []).append((source, count))
        return found

    def copied(self, index: Mapping[bytes, list[tuple[str, int]]], target: str) -> dict[str, int]:
        """How many bytes of each source are in the target as well."""
        found: dict[str, int] = {}
        for chunk, count in self.spans(self.after, target)[0].items():
            for source, other in index.get(chunk, ()):
                found[source] = found.get(source, 0) + min(count, other) * len(chunk)
        return found

    def score(self, source: str, target: str) -> int:
        """git's estimate of how much of the larger file is in both, of MAX_SCORE."""
        return self.scaled(source, target, self.copied(self.index([source]), target).get(source, 0))

    def scaled(self, source: str, target: str, copied: int) -> int:
        """The score of so many copied bytes; 0 for other than regular files, or where the sizes differ too much."""
        one, two = self.entry(self.before, source), self.entry(self.after, target)
        if not one.is_file or not two.is_file:
            return 0
        size, other = self.spans(self.before, source)[1], self.spans(self.after, target)[1]
        larger, smaller = max(size, other), min(size, other)
        if larger * (MAX_SCORE - self.minimum) < (larger - smaller) * MAX_SCORE or not other:
            return 0
        return copied * MAX_SCORE // larger

    def spans(self, tree: Tree, path: str) -> tuple[Counter[bytes], int]:
        """The chunks of a file, and its size; CR before LF does not count in text."""
        blob = self.entry(tree, path).blob
        if blob not in self.chunks:
            data = tree.read(path)
            text = data if b"\0" in data[:8000] else data.replace(b"\r\n", b"\n")
            self.chunks[blob] = Counter(_CHUNK.findall(text)), len(data)
        return self.chunks[blob]


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _unique(paths: list[str]) -> dict[str, str]:
    """Base name -> path, for the base names that occur once."""
    counts = Counter(map(_base, paths))
    return {_base(path): path for path in paths if counts[_base(path)] == 1}


def _keep_if_better(kept: list[tuple[int, int, str]], new: tuple[int, int, str]) -> None:
    """git's fixed row of candidates: the first worst place is taken when the new one is better."""
    if len(kept) < _KEPT:
        kept.append(new)
        return
    worst = min(range(_KEPT), key=lambda place: kept[place][:2])
    if new[:2] > kept[worst][:2]:
        kept[worst] = new

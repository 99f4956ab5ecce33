"""A first, cheap question to many contents: is any of a few words in it at all?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from codemod.base.spread import Spread
from codemod.base.values import dataclass

from .tree import Tree

MOST = 100  # words: with more of them, asking costs more than it saves
SHARED, MEMBERS = 4, 3  # letters of a part that some words share, and how many they are: fewer gain nothing
MEAN = 500  # bytes, at the least, of a file that was not read yet


def holds(data: bytes, words: Iterable[bytes]) -> bool:
    """True when one of the words is in a content."""
    for word in words:  # noqa: SIM110  # `any` over a generator takes twice as long
        if word in data:
            return True
    return False


class Sieve:
    """Which contents hold one of some words, be it inside a longer one; each content is searched once.

    What passes may still hold nothing of interest.  With no words, or too many, everything passes.
    """

    __slots__ = ("_groups", "_words", "judged")

    def __init__(self, words: Iterable[bytes]) -> None:
        found = sorted(set(words), key=lambda word: (len(word), word))
        self._words = found if len(found) <= MOST else []
        self._groups = list(_grouped(self._words))
        self.judged: dict[str, int] = {}  # what it has said, by blob id; a closer question says more than yes or no

    def finds(self, data: bytes) -> int:
        """False when a content holds none of the words."""
        for shared, words in self._groups:
            if shared in data and holds(data, words):
                return True
        return not self._words

    def passes(self, tree: Tree, path: str) -> bool:
        """False when the file at `path`, which is a regular one, holds none of the words."""
        if not self._words:
            return True
        entry = tree.entry(path)
        if entry is None:
            return False
        known = self.judged.get(entry.blob)
        if known is None:
            known = self.judged[entry.blob] = self.finds(tree.read(path))
        return bool(known)

    def passing(self, tree: Tree, suffixes: tuple[str, ...]) -> Iterator[str]:
        """The regular files with one of some suffixes that pass, by path."""
        entries, judged = tree.entries, self.judged
        for path in tree.files(suffixes):
            blob = entries[path].blob
            known = judged.get(blob)
            if known is None:
                known = judged[blob] = self.finds(tree.read(path))
            if known:
                yield path

    def covers(self, whole: bytes) -> bool:
        """True when no content that holds `whole` can be held back."""
        return not self._words or any(word in whole for word in self._words)


class Census(Sieve):
    """A sieve that tells which of its words a content holds; of no words, nothing passes."""

    __slots__ = ("_marks",)

    def __init__(self, words: Iterable[bytes]) -> None:
        super().__init__(words)
        self._marks = [(word, 1 << number) for number, word in enumerate(self._words)]

    def finds(self, data: bytes) -> int:
        """The words that a content holds, as `held` reads them; 0 for none."""
        found = 0
        for word, mark in self._marks:
            if word in data:
                found |= mark
        return found

    def held(self, said: int) -> frozenset[bytes]:
        """The words of an answer."""
        return frozenset(word for word, mark in self._marks if said & mark)


def _grouped(words: Iterable[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    """The words by a part that some share, as names of modules often do (`user_service`, `order_service`).

    Where the part is not there, one search is enough for all of them.
    """
    left = list(words)
    while left:
        parts = Counter(part for word in left for part in {*word.split(b"_")} if len(part) >= SHARED)
        part, number = max(parts.items(), key=lambda item: (item[1], item[0]), default=(b"", 0))
        if number < MEMBERS:
            break
        yield part, [word for word in left if part in word]
        left = [word for word in left if part not in word]
    yield from ((word, [b""]) for word in left)


@dataclass(frozen=True, slots=True)
class Closer:
    """A closer question to what a sieve passes: what it says of a content, and what it has said, by blob id.

    It is told the sieve's answer, too.
    """

    sieve: Sieve
    finds: Callable[[bytes, int], int]
    judged: dict[str, int]


def sift(
    tree: Tree, suffixes: tuple[str, ...], sieves: Sequence[Sieve], spread: Spread, closers: Sequence[Closer] = ()
) -> None:  # fmt: skip
    """Ask several sieves about all files with some suffixes at once, so that each is read once.

    What they pass is asked the closer questions, too.
    """
    entries = tree.entries
    named = {entries[path].blob: path for path in tree.files(suffixes)}
    fresh = set[str]().union(*(named.keys() - sieve.judged.keys() for sieve in sieves))
    for closer in closers:
        fresh.update(blob for blob in named.keys() - closer.judged.keys() if closer.sieve.judged.get(blob, True))
    todo = {blob: path for blob, path in named.items() if blob in fresh}
    places = [sieves.index(closer.sieve) for closer in closers]

    def judge(path: str) -> list[int]:
        data = tree.read(path)
        answers = [sieve.finds(data) for sieve in sieves]
        asked = zip(closers, (answers[place] for place in places), strict=True)
        return answers + [said and closer.finds(data, said) for closer, said in asked]

    found = spread(judge, list(todo.values()), size=len(todo) * MEAN)
    answered = [*(sieve.judged for sieve in sieves), *(closer.judged for closer in closers)]
    for judged, answers in zip(answered, zip(*found, strict=True), strict=False):  # none where nothing is new
        judged.update(zip(todo, answers, strict=True))

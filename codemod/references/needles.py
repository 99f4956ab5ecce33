"""A cheap question before text is read closely: can it spell a name or a path of the phase at all?"""

from __future__ import annotations

import functools
import itertools
import posixpath
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence

from codemod.base import names
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent

from .view import View

_PAIR = re.compile(r"(?<!\w)(\w++)(?=\\{0,2}[./:](\w++))")
_IMPORT = re.compile(r"(?<!\w)(\w++)(?:[ \t]|\\\n)++import\b")
_WORD = re.compile(r"(?<!\w)\w+")
_PYTHON = re.compile(r"pyi?(?!\w)")
FEW = 100  # words that are looked for one by one


@dataclass(frozen=True, slots=True)
class Needles:
    """What a text must hold: two words with a dot, a slash or a colon between, a package imported from, or a word."""

    pairs: frozenset[tuple[str, str]]
    packages: frozenset[str]
    words: frozenset[str]
    heads: frozenset[str]  # one of them begins each of these, but for pairs that name a file of Python
    files: bool  # there are such pairs
    all: bool = False  # for a file that moves: every path in it counts

    @classmethod
    def of(cls, view: View) -> Needles:
        """The needles of the phase in one file."""
        intent, home = view.intent, posixpath.dirname(view.path)
        pairs, packages, words, folders, heads = _known(intent)
        near = {posixpath.basename(folder) for folder in folders if posixpath.dirname(folder) in ("", home)}
        if near:
            words, heads = words | near, heads | near
        return cls(pairs, packages, words, heads, bool(intent.modules or intent.files), view.path in intent.files)

    def found(self, text: str) -> bool:
        """False only where no finder finds anything in the text."""
        return self.all or any(True for _ in self._spots(text))

    def lines(self, text: str, starts: Sequence[int]) -> frozenset[int]:
        """The numbers (from 0) of the lines in which something may be found; `starts` are their first characters."""
        if self.all:
            return frozenset(range(len(starts)))
        return frozenset(bisect_right(starts, spot) - 1 for spot in self._spots(text))

    def _spots(self, text: str) -> Iterator[int]:
        """Where a needle begins."""
        imports = "import" in text
        for at in _heads(text, self.heads):
            if self._begins(text, at, imports):
                yield at
        for at in _files(text) if self.files else ():
            if self._begins(text, at, imports):
                yield at

    def _begins(self, text: str, at: int, imports: bool) -> bool:
        pair = _PAIR.match(text, at)
        if pair is not None and pair.groups() in self.pairs:
            return True
        package = _IMPORT.match(text, at) if imports else None
        if package is not None and package[1] in self.packages:
            return True
        word = _WORD.match(text, at) if self.words else None
        return word is not None and word.group() in self.words


def _heads(text: str, heads: Collection[str]) -> Iterator[int]:
    """Where a word may begin that is one of `heads`; a few are looked for one by one, which is quicker."""
    if len(heads) > FEW:
        yield from (found.start() for found in _WORD.finditer(text) if found.group() in heads)
        return
    for head in heads:
        at = text.find(head)
        while at != -1:
            yield at
            at = text.find(head, at + 1)


def _files(text: str) -> Iterator[int]:
    """Where the word in front of `.py` or `.pyi` begins: that is much rarer than the words of which it may be one."""
    for found in _PYTHON.finditer(text):
        at = found.start() - 1
        if at > 0 and text[at] in "./:":
            while at > 0 and text[at - 1] == "\\":
                at -= 1
            while at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_"):
                at -= 1
            yield at


Known = tuple[frozenset[tuple[str, str]], frozenset[str], frozenset[str], frozenset[str], frozenset[str]]


@functools.lru_cache(maxsize=4)
def _known(intent: Intent) -> Known:
    """(pairs, packages, words, folders, heads) of an intent."""
    pairs: set[tuple[str, str]] = set()
    packages: set[str] = set()
    words: set[str] = set()
    for module in intent.modules:
        last, above = names.last(module), names.last(names.parent(module))
        pairs |= {(last, "py"), (last, "pyi")}
        if above:
            pairs.add((above, last))
            packages.add(above)
        else:
            words.add(last)
    for module, name in intent.symbols:
        pairs.add((names.last(module), name))
        packages.add(names.last(module))
    lasts = {names.last(module) for module in intent.modules}
    folders = set()
    for path in (*intent.files, *intent.folders):
        folder, base = posixpath.split(path)
        if posixpath.basename(folder) in lasts:
            folders.add(folder)
        found = _WORD.findall(base)
        pairs |= set(itertools.pairwise(found)) or {(posixpath.basename(folder), base)}
    heads = words | packages | {first for first, second in pairs if second not in ("py", "pyi")}
    return frozenset(pairs), frozenset(packages), frozenset(words), frozenset(folders), frozenset(heads)

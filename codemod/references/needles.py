"""A cheap question before text is read closely: can it spell a name or a path of the phase at all?"""

from __future__ import annotations

import functools
import itertools
import posixpath
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codemod.base import names
from codemod.rewrite.intent import Intent, Symbol

from .view import View

_PAIR = re.compile(r"(?<!\w)(\w++)(?=\\{0,2}[./:](\w++))")
_IMPORT = re.compile(r"(?<!\w)(\w++)(?:[ \t]|\\\n)++import\b")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Needles:
    """What a text must hold: two words with a dot, a slash or a colon between, a package imported from, or a word."""

    pairs: frozenset[tuple[str, str]]
    packages: frozenset[str]
    words: frozenset[str]
    literals: tuple[str, ...]  # one of them stands in every text that holds a pair
    all: bool = False  # for a file that moves: every path in it counts

    @classmethod
    def of(cls, view: View) -> Needles:
        """The needles of the phase in one file."""
        intent, home = view.intent, posixpath.dirname(view.path)
        pairs, packages, words, literals, folders = _known(_Keys(intent))
        near = {posixpath.basename(folder) for folder in folders if posixpath.dirname(folder) in ("", home)}
        return cls(pairs, packages, words | near, literals, view.path in intent.files)

    def found(self, text: str) -> bool:
        """False only where no finder finds anything in the text."""
        if self.all:
            return True
        if any(literal in text for literal in self.literals) and not self.pairs.isdisjoint(_PAIR.findall(text)):
            return True
        imports = "import" in text and any(package in text for package in self.packages)
        if imports and not self.packages.isdisjoint(_IMPORT.findall(text)):
            return True
        return any(word in text for word in self.words) and not self.words.isdisjoint(_WORD.findall(text))

    def lines(self, text: str, starts: Sequence[int]) -> frozenset[int]:
        """The numbers (from 0) of the lines in which something may be found; `starts` are their first characters."""
        if self.all:
            return frozenset(range(len(starts)))
        spots = [found.start() for found in _PAIR.finditer(text) if found.groups() in self.pairs]
        spots += [found.start() for found in _IMPORT.finditer(text) if found[1] in self.packages]
        if self.words:
            spots += [found.start() for found in _WORD.finditer(text) if found.group() in self.words]
        return frozenset(bisect_right(starts, spot) - 1 for spot in spots)


class _Keys:
    """The keys of an intent, compared by what they are."""

    __slots__ = ("files", "modules", "symbols")

    def __init__(self, intent: Intent) -> None:
        self.modules: Mapping[str, str] = intent.modules
        self.symbols: Mapping[Symbol, Symbol] = intent.symbols
        self.files: Mapping[str, str] = intent.files

    def __hash__(self) -> int:
        return hash((len(self.modules), len(self.symbols), len(self.files)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keys) and (self.modules, self.symbols, self.files) == (
            other.modules, other.symbols, other.files
        )  # fmt: skip


Known = tuple[frozenset[tuple[str, str]], frozenset[str], frozenset[str], tuple[str, ...], frozenset[str]]


@functools.lru_cache(maxsize=4)
def _known(keys: _Keys) -> Known:
    """(pairs, packages, words, literals, folders) of an intent."""
    pairs: set[tuple[str, str]] = set()
    packages: set[str] = set()
    words: set[str] = set()
    for module in keys.modules:
        last, above = names.last(module), names.last(names.parent(module))
        pairs |= {(last, "py"), (last, "pyi")}
        if above:
            pairs.add((above, last))
            packages.add(above)
        else:
            words.add(last)
    for module, name in keys.symbols:
        pairs.add((names.last(module), name))
        packages.add(names.last(module))
    lasts = {names.last(module) for module in keys.modules}
    folders = set()
    for path in keys.files:
        folder, base = posixpath.split(path)
        if posixpath.basename(folder) in lasts:
            folders.add(folder)
        found = _WORD.findall(base)
        pairs |= set(itertools.pairwise(found)) or {(posixpath.basename(folder), base)}
    files = {(first, second) for first, second in pairs if second in ("py", "pyi")}
    literals = {first + mark for first, _ in pairs - files for mark in "./:\\"}
    literals |= {first + mark for first, _ in files for mark in (".py", "\\.py", "\\\\.py")}
    return frozenset(pairs), frozenset(packages), frozenset(words), tuple(sorted(literals)), frozenset(folders)

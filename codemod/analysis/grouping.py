"""A draft of how the definitions of a module could be grouped: by what their author said, their words, their use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from codemod.base.findings import Finding
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field, replace
from codemod.source.graph import components

_WORD = lazy(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_COMMON = frozenset({
    "a", "add", "all", "and", "api", "as", "async", "base", "build", "by", "call", "check", "config", "create",
    "data", "db", "default", "delete", "disable", "do", "enable", "ensure", "error", "errors", "exception",
    "find", "for", "format", "from", "full", "func", "get", "handle", "handler", "has", "helper", "info",
    "init", "internal", "is", "item", "items", "key", "list", "load", "make", "mark", "max", "min", "mixin",
    "model", "my", "name", "new", "no", "not", "of", "on", "one", "only", "open", "or", "out", "own", "parse",
    "public", "put", "raw", "read", "record", "remove", "request", "response", "result", "run", "save",
    "schema", "send", "set", "store", "task", "test", "that", "the", "to", "type", "up", "update", "util",
    "utils", "validate", "value", "view", "with", "write",
})  # fmt: skip
"""Words that say what a definition does or is, not what it is about."""

SMALL = 15  # lines that are no module of their own


@dataclass(frozen=True, slots=True)
class Atom:
    """Definitions that cannot part, in the order of the module."""

    names: tuple[str, ...]
    lines: int
    topic: str = ""  # what the author says that they are about: a section, a tag, a kind


@dataclass(frozen=True, slots=True)
class Group:
    """Definitions that would go to one new module."""

    topic: str
    names: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """Names that one group reads of another; the topic "" is what stays."""

    source: str
    target: str
    names: tuple[str, ...]
    on_import: bool  # some of them while the module is imported


@dataclass(frozen=True, slots=True)
class Hints:
    """A proposal for a module: groups, what stays, what would cross, and the operation to paste into a plan."""

    module: str
    path: str
    lines: int
    groups: tuple[Group, ...] = ()
    stays: tuple[str, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    plan: str = ""
    refused: Finding | None = field(default=None)  # why the engine would not carry the proposal out as it is


def slug(text: str, most: int = 3) -> str:
    """A title as the name of a module: `Coach dashboard (v2)` -> `coach_dashboard`; "" where nothing is left."""
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", text)
    found = [word.lower() for word in re.findall(r"[^\W\d_]+", plain)]
    found = [word for word in found if word not in ("the", "and", "of", "for", "endpoints", "section")] or found
    return "_".join(found[:most])


def words_of(name: str) -> list[str]:
    """What a name is about, in singular: `list_my_enrollments` -> `enrollment`."""
    found = [_singular(word.lower()) for word in _WORD.findall(name)]
    return [word for word in found if word not in _COMMON and len(word) > 2]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


def group(atoms: Sequence[Atom], reads: Mapping[int, Mapping[int, int]]) -> dict[int, str]:
    """Number of an atom -> its topic; an atom without one stays.

    `reads` tells how often one atom reads another.  Atoms with a topic keep it; others get one from a word that several
    names share, then from the only group that uses them or that they use.
    """
    found = {number: atom.topic for number, atom in enumerate(atoms) if atom.topic}
    _by_words(atoms, found)
    _by_use(atoms, reads, found)
    said = Counter(atom.topic for atom in atoms)
    lines: Counter[str] = Counter()
    for number, topic in found.items():
        lines[topic] += atoms[number].lines
    return {number: topic for number, topic in found.items() if said[topic] > 1 or lines[topic] > SMALL}


def _by_words(atoms: Sequence[Atom], found: dict[int, str]) -> None:
    """Again and again the word that most lines without a topic share, unless nearly all do."""
    everything = sum(atom.lines for atom in atoms) or 1
    words = {n: {w for name in atom.names for w in words_of(name)} for n, atom in enumerate(atoms)}
    known = {_singular(topic): topic for topic in found.values()}
    for number in (n for n in range(len(atoms)) if n not in found):
        fitting = {known[word] for word in words[number] if word in known}
        if len(fitting) == 1:
            found[number] = fitting.pop()
    while True:
        covered: Counter[str] = Counter()
        members: Counter[str] = Counter()
        for number, atom in enumerate(atoms):
            if number not in found:
                covered.update(dict.fromkeys(words[number], atom.lines))
                members.update(words[number])
        usual = {word for word in covered if members[word] > 1 and covered[word] < 0.7 * everything}
        if not usual:
            return
        best = max(usual, key=lambda word: (covered[word], word))
        found.update({n: best for n in range(len(atoms)) if n not in found and best in words[n]})


def _by_use(atoms: Sequence[Atom], reads: Mapping[int, Mapping[int, int]], found: dict[int, str]) -> None:
    """An atom that one group alone uses belongs to it."""
    changed = True
    while changed:
        changed = False
        for number in (n for n in range(len(atoms)) if n not in found):
            users = {found.get(reader, "") for reader, read in reads.items() if number in read and reader != number}
            if len(users) == 1 and "" not in users:
                found[number] = users.pop()
                changed = True


STAYS = -1
"""In place of the number of an atom: code that stays whatever is proposed."""


def untangled(found: Mapping[int, str], needs: Iterable[tuple[int, int]]) -> dict[int, str]:
    """The topics with groups that need each other on import made one, under the name of the largest.

    What stays is a group too.  What others need of it, where it needs them, goes along with those that need it; where
    that cannot be, they stay themselves.
    """
    result, pairs, fixed = dict(found), list(needs), {STAYS}
    while True:
        edges: dict[str, set[str]] = {topic: set() for topic in ("", *result.values())}
        for reader, read in pairs:
            one, two = result.get(reader, ""), result.get(read, "")
            if one != two:
                edges[one].add(two)
        cycles = [set(cycle) for cycle in components(edges) if len(cycle) > 1]
        if not cycles:
            return result
        sizes = Counter(result.values())
        for cycle in cycles:
            if "" not in cycle:
                largest = max(cycle, key=lambda topic: (sizes[topic], topic))
                result.update({number: largest for number, topic in result.items() if topic in cycle})
                continue
            asked = {
                read: result[reader] for reader, read in pairs if result.get(reader) in cycle and read not in result
            }
            if asked.keys() <= fixed:
                kept = min(cycle & edges[""], key=lambda topic: (sizes[topic], topic))
                fixed |= {number for number, topic in result.items() if topic == kept}
                result = {number: topic for number, topic in result.items() if topic != kept}
            result.update({read: topic for read, topic in asked.items() if read not in fixed})


def with_topics(atoms: Sequence[Atom], topics: Mapping[int, str]) -> list[Atom]:
    """The atoms, each with its topic if it has one."""
    return [replace(atom, topic=topics.get(number, atom.topic)) for number, atom in enumerate(atoms)]

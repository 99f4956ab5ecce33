"""Which names and paths are old when a phase is done, and how to find them in text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES, at_root, below_root, beneath
from codemod.source.ours import shim_of

_DOTS = (".", "\\.", "\\\\.")  # as it is, and as a pattern spells it
_LEAD = rb"(?:(?<![\w\x80-\xff.])|(?<=[`~!<]\.))(?<!\w-)"  # a dot in front in a cross-reference: wherever it is
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-").union(range(0x80, 0x100))
_NAME = lazy(rb"(?<![\w.])(?<!\bas )(?P<name>[^\W\d]\w*)")
_TAIL = rb"(?![\w\x80-\xff]|-\w)"
_TEXT_LEAD = _LEAD.replace(rb"\x80-\xff", b"")  # in texts, what is no letter of ours divides: quotes, other scripts
_TEXT_TAIL = _TAIL.replace(rb"\x80-\xff", b"")
_FEW = 6  # beginnings of names and paths that are asked for one by one rather than through a sieve
FAR = 300  # bytes in front of a hit that are looked at: more is no path, and no sentence
_PATH = lazy(rb"[\w\x80-\xff./~$@%{}-]*\Z")


@dataclass(frozen=True, slots=True)
class Hit:
    """An old name in a text: its span, and the name or path that it is."""

    start: int
    end: int
    name: str
    is_path: bool
    sure: bool = True  # False: a path whose front part we cannot follow
    parted: bool = False  # the last segment of a name that is spelled in two: `from a import b`


class Old:
    """The old dotted names and paths of a phase, compiled for search.

    A name that is a real module (or top-level name) again is not old.  Where a package or module stands again under
    an old name, what it no longer has is old: the submodules and top-level names that went elsewhere.
    """

    __slots__ = (
        "_dotted",
        "_escaped",
        "_imports",
        "_in_text",
        "_needles",
        "_parents",
        "_paths",
        "_sieve",
        "_written",
        "after",
        "before",
        "names",
        "paths",
    )

    def __init__(self, before: Inventory, after: Inventory, intent: Intent) -> None:
        self.before, self.after = before, after
        self.names = frozenset(_old_names(before, after, intent))
        self.paths = frozenset(_old_paths(before, after, intent))
        self._written: dict[bytes, str] = {}  # how an old path may be written -> the path
        for path in self.paths:
            for root in after.modules.roots:
                written = below_root(path, root) if beneath(path, root) else path
                if "/" in written or written == path:
                    self._written.setdefault(written.encode(), path)
        needles: dict[bytes, list[bytes]] = {}
        for name in self.names:
            for dot in _DOTS:
                shared = names.parent(name).replace(".", dot) + dot
                needles.setdefault(shared.encode(), []).append(name.replace(".", dot).encode())
        for text in self._written:
            for dot in _DOTS:
                whole = text.replace(b".", dot.encode())
                needles.setdefault(whole.rpartition(b"/")[0] + b"/" if b"/" in whole else whole, []).append(whole)
        self._parents = _parted(self.names, after)
        self._imports = _from(self._parents)
        self._needles = [(shared, tuple(wholes)) for shared, wholes in needles.items() if b"\\" not in shared]
        self._escaped = [(shared, tuple(wholes)) for shared, wholes in needles.items() if b"\\" in shared]
        sieve = after.sieve(word.encode() for word in intent.words)
        self._sieve = sieve if all(sieve.covers(whole) for found in needles.values() for whole in found) else None
        listed = [name.encode() for name in self.names]
        self._dotted = _Spelled(listed, _LEAD, _TAIL)
        self._in_text = _Spelled(listed, _TEXT_LEAD, _TEXT_TAIL)
        self._paths = _Spelled(self._written, rb"(?<![\w\x80-\xff.-])", _TAIL)

    def may_be_in(self, path: str) -> bool:
        """A cheap question: can the file hold an old name or path at all?"""
        few = len(self._needles) < _FEW and not path.endswith(SUFFIXES)  # code was put through the sieve before
        if self._sieve is not None and not few and not self._sieve.passes(self.after.tree, path):
            return False
        data = self.after.tree.read(path)
        if _spells_one(data, self._needles) or (b"\\" in data and _spells_one(data, self._escaped)):
            return True
        return next(self._from_hits(data), None) is not None

    def hits(self, data: bytes, path: str) -> Iterator[Hit]:
        """Every old name and path in the text of the file at `path`, in order."""
        found: list[Hit] = []
        dotted = self._dotted if path.endswith(SUFFIXES) else self._in_text
        for match in dotted.finditer(data):
            name = match.group().replace(b"\\", b"").decode()
            found.append(Hit(match.start(), match.end(), name, is_path=False))
        for match in self._paths.finditer(data):
            sure = self._is_ours(data, match.start(), match.end(), path)
            if sure is not None:
                old = self._written[match.group().replace(b"\\", b"")]
                found.append(Hit(match.start(), match.end(), old, is_path=True, sure=sure))
        yield from sorted([*found, *self._from_hits(data)], key=lambda hit: hit.start)

    def _from_hits(self, data: bytes) -> Iterator[Hit]:
        """`b` in `from a import b`."""
        for statement in self._imports.finditer(data) if self._imports and b" import " in data else ():
            if statement.start() and data[statement.start() - 1] in _LETTERS:
                continue
            parent = statement["parent"].decode()
            for name in _NAME.finditer(data, *statement.span("names")):
                if name["name"].decode("utf-8", "replace") in self._parents[parent]:
                    whole = names.join(parent, name["name"].decode())
                    yield Hit(*name.span("name"), whole, is_path=False, parted=True)

    def _is_ours(self, data: bytes, start: int, end: int, path: str) -> bool | None:
        """True for the old path, None for another path that ends alike, False where that cannot be told."""
        line = data.rfind(b"\n", 0, start) + 1
        front = _PATH.search(data, max(line, start - FAR), start)
        head = front.group().decode("utf-8", "replace") if front else ""
        if not head:
            return True
        written = data[start:end].replace(b"\\", b"")
        whole, old = head + written.decode(), self._written[written]
        if old in (posixpath.normpath(whole), posixpath.normpath(posixpath.join(posixpath.dirname(path), whole))):
            return True
        if head.startswith(("/", "~", "$", "%", "{", "@")) or "}" in head or "://" in head:
            return False
        return None


def _parted(old: Collection[str], after: Inventory) -> dict[str, frozenset[str]]:
    """Package -> the old names below it that are spelled apart from it; what it binds itself is no old name."""
    found: dict[str, set[str]] = {}
    for name in old:
        package = after.modules.get(names.parent(name))
        if package is None or not package.path or names.last(name) not in after.facts(package.path).bound:
            found.setdefault(names.parent(name), set()).add(names.last(name))
    return {parent: frozenset(lasts) for parent, lasts in found.items()}


def _from(parents: Collection[str]) -> re.Pattern[bytes] | None:
    listed = b"|".join(re.escape(parent.encode()) for parent in sorted(parents, key=len, reverse=True))
    names_of = rb"(?P<names>\([^()\"'`]*\)|[\w, \t]*)"
    return re.compile(rb"from (?P<parent>" + listed + rb") import " + names_of) if parents else None


def _spells_one(data: bytes, needles: Iterable[tuple[bytes, tuple[bytes, ...]]]) -> bool:
    """True when a text holds one of the needles, which are listed by what they begin with."""
    for shared, wholes in needles:
        at = data.find(shared)
        while at != -1:
            if data.startswith(wholes, at):
                return True
            at = data.find(shared, at + 1)
    return False


class _Spelled:
    """Some names or paths, and what must stand in front of them and behind.

    What stands in front is asked where a name was found: a pattern that begins with the names is searched for fast.
    """

    __slots__ = ("_lead", "_pattern")

    def __init__(self, written: Collection[bytes], lead: bytes, tail: bytes) -> None:
        ordered = sorted(written, key=lambda text: (-len(text), text))
        listed = b"|".join(map(re.escape, ordered)).replace(rb"\.", rb"\\{0,2}\.") or rb"(?!)"
        self._pattern, self._lead = re.compile(rb"(?:" + listed + rb")" + tail), re.compile(lead)

    def finditer(self, data: bytes) -> Iterator[re.Match[bytes]]:
        """Where one stands, from left to right."""
        found = self._pattern.search(data)
        while found is not None:
            stands = self._lead.match(data, found.start()) is not None
            if stands:
                yield found
            found = self._pattern.search(data, found.end() if stands else found.start() + 1)


def _old_names(before: Inventory, after: Inventory, intent: Intent) -> Iterator[str]:
    moved = {old for old, new in intent.modules.items() if old != new}
    again = {old for old in moved if _is_real(after, old) or _real_below(after, old)}
    for name in moved - again:
        if "." in name:
            yield name
    for module in before.modules if again else ():
        key = names.longest_prefix(module.name, intent.modules)
        if key not in again or intent.module(module.name) == module.name:
            continue
        if not _is_real(after, module.name):
            if "." in module.name:
                yield module.name
            continue
        now = after.modules.get(module.name)
        kept = after.facts(now.path).bound if now is not None else frozenset()
        for name in before.facts(module.path).defined - kept:
            if names.join(module.name, name) not in after.modules and not name.startswith("__"):
                yield names.join(module.name, name)
    for (home, name), target in intent.symbols.items():
        now = after.modules.get(home)
        there = now is not None and name in after.facts(now.path).bound
        there = there or _is_real(after, names.join(home, name))  # the new module is called like what it holds
        if target != (home, name) and not there and names.longest_prefix(home, intent.modules) is None:
            yield names.join(home, name)


def _is_real(inventory: Inventory, name: str) -> bool:
    """True when a module stands under the name that is no shim of ours."""
    module = inventory.modules.get(name)
    if module is None or not module.path:
        return False
    entry = inventory.tree.entry(module.path)
    return entry is None or not entry.is_file or shim_of(inventory.tree.read(module.path)) is None


def _real_below(inventory: Inventory, name: str) -> bool:
    module = inventory.modules.get(name)
    return module is not None and module.is_package and not module.path


def _old_paths(before: Inventory, after: Inventory, intent: Intent) -> Iterator[str]:
    for old in intent.files:
        entry = after.tree.entry(old)
        if entry is None or (entry.is_file and shim_of(after.tree.read(old)) is not None):
            yield old
    for name, new in intent.modules.items():
        module, there = before.modules.get(name), after.modules.get(new)
        if module is not None and module.folder and module.folder != "." and not after.tree.below(module.folder):
            yield module.folder
        if module is None and there is not None and there.path:  # it has moved before: where it must have been
            path = at_root(there.root, name.replace(".", "/"))
            if f"{path}.py" not in after.tree and not after.tree.below(path):
                yield path if there.is_package else f"{path}.py"

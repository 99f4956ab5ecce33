"""Whether a written name leads anywhere in a tree: modules, what they offer, and what star imports give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.source.facts import Alias, Import, Unparsable
from codemod.source.inventory import Inventory, Target
from codemod.source.modules import Module
from codemod.source.ours import blocks, table_in, without_blocks

GIVEN = frozenset(
    {
        "__name__", "__doc__", "__file__", "__path__", "__package__", "__spec__", "__loader__", "__dict__",
        "__builtins__", "__annotations__", "__cached__",
    }
)  # fmt: skip
# A module that does one of these may offer, or stand for, more than its statements say.
_TRICKS = {
    word: lazy(rb"\b" + re.escape(word) + (rb"" if word[-1:] in b"()" else rb"\b"))
    for word in (
        b"globals()", b"vars()", b"locals()", b"exec(", b"sys.modules", b"meta_path", b"__path__", b"setattr(",
        b"__dict__",
    )
}  # fmt: skip


class Offer(IntEnum):
    """How sure it is that a name leads somewhere."""

    NO = 0
    MAYBE = 1  # a module `__getattr__`, an external star import, code that writes to namespaces
    YES = 2


@dataclass(frozen=True, slots=True)
class Stars:
    """What a star import of a module gives; `open` when it may give more."""

    names: frozenset[str]
    open: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """One clause of an import in a file.

    `module` is the canonical name where there is such a module (`found`), else the absolute name as written;
    empty where the dots climb out of the top package.
    """

    module: str
    name: str  # empty for the module itself, "*" for a star import
    found: Module | None
    statement: Import
    alias: Alias

    @property
    def spelling(self) -> tuple[int, str, str]:
        """The clause as written."""
        return self.statement.level, self.statement.module or self.module, self.name

    @property
    def runs(self) -> bool:
        """True when the clause runs as the file is imported."""
        return self.statement.scope != "function" and self.statement.guard != "checking"


class Resolver:
    """Answers for one inventory, each found once."""

    __slots__ = (
        "_bound", "_checked", "_found", "_meant", "_offers", "_plain", "_references", "_starred", "_stars", "_targets",
        "_tricks", "inventory",
    )  # fmt: skip

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._found: dict[tuple[str, str], Module | None] = {}
        self._bound: dict[str, frozenset[str]] = {}
        self._checked: dict[str, frozenset[str]] = {}
        self._meant: dict[tuple[str, str], Module | None] = {}
        self._offers: dict[tuple[str, str, str, bool], Offer] = {}
        self._plain: dict[tuple[str, str], bool] = {}
        self._references: dict[str, tuple[Reference, ...]] = {}
        self._starred: dict[str, Stars] = {}
        self._stars: dict[str, Stars] = {}
        self._targets: dict[tuple[str, str, str], Target] = {}
        self._tricks: dict[str, bool] = {}

    def module(self, name: str, near: str) -> Module | None:
        """The module that `name` means in the file `near`; None when it is not ours."""
        key = (name, near.rpartition("/")[0])
        if key not in self._found:
            reached = self.inventory.modules.find(name, near)
            self._found[key] = reached.module if reached else None
        return self._found[key]

    def ours(self, name: str, near: str) -> bool:
        """True when the top package of `name` is a module of this tree."""
        return bool(name) and self.module(names.top(name), near) is not None

    def bound(self, path: str) -> frozenset[str]:
        """What the file at `path` binds at module level, star imports left out."""
        if path not in self._bound:
            self._bound[path] = self.inventory.facts(path).bound
        return self._bound[path]

    def checked(self, path: str) -> frozenset[str]:
        """What a type checker sees besides: imports under TYPE_CHECKING, and the stub beside the file."""
        if path not in self._checked:
            seen = {
                statement.bound(alias)
                for statement in self.inventory.facts(path).imports
                if statement.scope == "module" and statement.guard == "checking" and not statement.is_star
                for alias in statement.aliases
            }
            stub = path + "i"
            if path.endswith(".py") and stub in self.inventory.tree:
                seen |= self.inventory.facts(stub).bound
            self._checked[path] = frozenset(seen)
        return self._checked[path]

    def tricky(self, path: str) -> bool:
        """True when the file may offer more than its statements say."""
        if path not in self._tricks:
            entry = self.inventory.tree.entry(path)
            readable = entry is not None and entry.is_file
            self._tricks[path] = not readable or _plays_tricks(self.inventory.tree.read(path))
        return self._tricks[path]

    def plainly(self, path: str, name: str) -> bool:
        """True when a line of the file starts by defining the name: found without a parse."""
        key = (path, name)
        known = self._plain.get(key)
        if known is None:
            known = self._plain[key] = self._defines(path, name)
        return known

    def _defines(self, path: str, name: str) -> bool:
        entry = self.inventory.tree.entry(path)
        if entry is None or not entry.is_file or path in self._bound:
            return False
        data, word = self.inventory.tree.read(path), name.encode()
        for head in (b"\nclass ", b"\ndef ", b"\nasync def "):
            at = data.find(head + word)
            if at != -1 and data[at + len(head) + len(word) :][:1] in (b"(", b":", b" ", b"["):
                return True
        return data.find(b"\n" + word + b" = ") != -1

    def stands_for(self, module: Module, name: str) -> Module | None:
        """The module that a name of a module is bound to by an import there."""
        key = (module.path, name)
        if not module.path or self.plainly(*key):
            return None
        if key not in self._meant:
            self._meant[key] = self.inventory.stands_for(module, name)
        return self._meant[key]

    def offers(self, module: Module, name: str, checking: bool = False) -> Offer:
        """Whether `module` has an attribute or a submodule `name`; `checking` adds what only type checkers see."""
        key = (module.name, module.path, name, checking)
        known = self._offers.get(key)
        if known is None:
            known = self._offers[key] = self._offered(module, name, checking)
        return known

    def _offered(self, module: Module, name: str, checking: bool) -> Offer:
        if name in GIVEN or (module.is_package and names.join(module.name, name) in self.inventory.modules):
            return Offer.YES
        if not module.path:
            return Offer.NO
        if self.plainly(module.path, name):
            return Offer.YES
        if isinstance(self.inventory.read(module.path), Unparsable):
            return Offer.MAYBE
        if name in self.bound(module.path) or (checking and name in self.checked(module.path)):
            return Offer.YES
        given = self.starred(module.path)
        if name in given.names:
            return Offer.YES
        return Offer.MAYBE if given.open or self.may_give(module.path, name) else Offer.NO

    def may_give(self, path: str, name: str) -> bool:
        """True when what runs in a file may give the name: its `__getattr__`, code that writes to namespaces.

        A block of ours for names that left gives those in its table, and no others.
        """
        data = self.inventory.tree.read(path)
        found = blocks(data)
        if not found or any(block.kind != "renamed" for block in found):
            return "__getattr__" in self.bound(path) or self.tricky(path)
        rest = without_blocks(data)
        listed = any(name in (table_in(block.kind, block.inner) or ()) for block in found)
        return listed or b"__getattr__" in rest or _plays_tricks(rest)

    def target(self, module: Module, name: str) -> Target:
        """What `from module import name` gives."""
        key = (module.name, module.path, name)
        known = self._targets.get(key)
        if known is None:
            known = self._targets[key] = self.inventory.target(module, name)
        return known

    def starred(self, path: str) -> Stars:
        """What the star imports of a file bring into it."""
        known = self._starred.get(path)
        if known is None:
            known = self._starred[path] = self._brought(path, frozenset())
        return known

    def _brought(self, path: str, seen: frozenset[str]) -> Stars:
        """What they bring where those of the files in `seen` are being asked already."""
        collected: set[str] = set()
        open_ = False
        for statement in self.inventory.facts(path).imports:
            if not statement.is_star or statement.scope != "module":
                continue
            origin = self.inventory.origin(statement, path)
            module = self.module(origin, path) if origin else None
            given = self.stars(module, seen | {path}) if module else Stars(frozenset(), True)
            collected |= given.names
            open_ = open_ or given.open
        return Stars(frozenset(collected), open_)

    def stars(self, module: Module, seen: frozenset[str] = frozenset()) -> Stars:
        """What `from module import *` gives."""
        path = module.path
        if not path or path in seen:
            return Stars(frozenset(), False)
        if path in self._stars:
            return self._stars[path]
        if isinstance(self.inventory.read(path), Unparsable):
            return Stars(frozenset(), True)
        facts = self.inventory.facts(path)
        if facts.exports is not None:
            given = Stars(frozenset(facts.exports), facts.exports_computed)
        else:
            inner = self._brought(path, seen) if seen else self.starred(path)
            public = frozenset(name for name in self.bound(path) | inner.names if not name.startswith("_"))
            given = Stars(public, inner.open or facts.exports_computed or self.tricky(path))
        if not seen:  # inside a circle of stars the answer is partial
            self._stars[path] = given
        return given

    def missing(self, name: str, near: str) -> Offer | None:
        """What to think of a module that is not there: not ours at all, or perhaps made by a package above it."""
        if not self.ours(name, near):
            return None
        for prefix in names.prefixes(names.parent(name)):
            above = self.module(prefix, near)
            if above is not None and above.path:
                unclear = isinstance(self.inventory.read(above.path), Unparsable)
                if unclear or self.tricky(above.path):
                    return Offer.MAYBE
        return Offer.NO

    def references(self, path: str) -> tuple[Reference, ...]:
        """Every clause of every import in a file, in all scopes."""
        known = self._references.get(path)
        if known is None:
            known = self._references[path] = tuple(self._clauses(path))
        return known

    def _clauses(self, path: str) -> Iterator[Reference]:
        package = self.inventory.package_at(path)
        for statement in self.inventory.facts(path).imports:
            if not statement.is_from:
                for alias in statement.aliases:
                    module = self.module(alias.name, path)
                    yield Reference(module.name if module else alias.name, "", module, statement, alias)
                continue
            origin = names.absolute(package, statement.level, statement.module or "")
            source = self.module(origin, path) if origin else None
            for alias in statement.aliases:
                yield Reference(source.name if source else origin or "", alias.name, source, statement, alias)

    def leads(self, reference: Reference, path: str) -> Offer | None:
        """Where a clause in the file at `path` leads; None when it is not ours at all."""
        if reference.found is None:
            return self.missing(reference.module, path) if reference.module else Offer.NO
        if not reference.name or reference.name == "*":
            return Offer.YES
        checking = path.endswith(".pyi") or reference.statement.guard == "checking"
        return self.offers(reference.found, reference.name, checking)


Resolvers = tuple[Resolver, Resolver]
"""Those of the trees before and after."""


def _plays_tricks(data: bytes) -> bool:
    """True when code writes to namespaces; what begins with a word's end would be searched for byte by byte."""
    return any(word in data and pattern.search(data) for word, pattern in _TRICKS.items())

"""What a replay runs on: the modules of a tree with their programs, the objects that stand for them, how it fails."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Place
from codemod.base.values import dataclass, field, replace
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.search import Search, candidates

from .called import Calls
from .ops import OPEN, From, Op, Plain, Program
from .program import program_of
from .resolve import Resolver

LACKING = "Lacking"  # the kind of a failure that raises nothing: a star import did not bring a name that is asked for
Edge = tuple[str, str]  # a package, and a module below it that its `__init__` imports


@dataclass(frozen=True, slots=True)
class Step:
    """A module that is being imported, and the line it has come to."""

    module: str
    place: Place


@dataclass(frozen=True, slots=True)
class Failure:
    """An import that fails: which exception, which name of which module was not there, and what was being imported."""

    kind: str
    module: str
    name: str
    steps: tuple[Step, ...]
    handler: str = ""  # the module that hides it, where it was let pass

    @property
    def hidden(self) -> str:
        """How it can go unseen, in words."""
        return ", which a star import hides" if self.kind == LACKING else ", which a handler hides"


class State:
    """A module object of the replay; a value of None in `ns` is anything that is not a module."""

    __slots__ = ("computed", "done", "exports", "lacking", "line", "module", "ns", "open", "program", "runs", "whole")

    def __init__(self, module: Module, program: Program, runs: bool) -> None:
        self.module = module
        self.program = program
        self.runs = runs  # False: taken as imported whole, it cannot come back to us
        self.ns: dict[str, State | None] = {}
        self.done = False
        self.line = 0
        self.exports: list[str] | None = None  # `__all__` as bound so far
        self.computed = False  # `__all__` holds more than we can tell
        self.open = False  # star imports and `__all__` may have brought more names than we know of
        self.lacking: dict[str, str] = {}  # names that star imports of half-imported modules did not bring, and whose
        self.whole: list[Module] = []  # star imports of modules that are taken as imported

    @property
    def opened(self) -> bool:
        """True when its own code may have brought names by now that nobody can tell."""
        return self.program.open and (self.done or self.line >= self.program.opens)

    def step(self) -> Step:
        """Where this module has come to."""
        return Step(self.module.name, Place(self.module.path, self.line))


@dataclass(slots=True)
class World:
    """A tree's modules with their programs; programs are kept by blob id and shared between worlds."""

    inventory: Inventory
    resolver: Resolver
    programs: dict[str, Program] = field(default_factory=dict)
    optional: bool = False  # a replay met an import that need not succeed: what is not ours, below a handler
    unsure: bool = False  # a replay met statements of which nobody can tell whether they run
    hidden: bool = False  # a replay met a handler for what a half-imported module has not bound
    strict: bool = False  # such handlers let it pass
    calls: Calls | None = None  # what functions import that are called meanwhile; None where nobody asked
    asked: dict[str, frozenset[str]] = field(default_factory=dict)  # what files import from a module, by its name
    left: tuple[Edge, ...] = ()  # imports that are taken out of the programs of packages
    shortened: dict[str, Program] = field(default_factory=dict)  # the programs of those packages, by name

    @property
    def twofold(self) -> bool:
        """True when there is another way that imports may go: without what need not be there, or need not run."""
        return self.optional or self.unsure

    @property
    def lacking(self) -> str:
        """Where imports fail that go another way, in words."""
        return " where what may be left out is" if self.unsure else " where an optional package is not installed"

    def asked_of(self, module: Module) -> frozenset[str]:
        """The names that some file imports from a module, at any time."""
        if module.name not in self.asked:
            found: set[str] = set()
            for path in candidates(self.inventory.tree, Search([module.name])):
                for statement in self.inventory.facts(path).imports if path != module.path else ():
                    if statement.is_from and self.inventory.origin(statement, path) == module.name:
                        found.update(alias.name for alias in statement.aliases)
            self.asked[module.name] = frozenset(found)
        return self.asked[module.name]

    def without(self, left: tuple[Edge, ...]) -> World:
        """The same tree with some imports left out of packages."""
        return replace(self, left=left, shortened={})

    def program(self, module: Module) -> Program:
        """The program of a module; an empty one for a namespace package."""
        if module.name in self.shortened:
            return self.shortened[module.name]
        entry = self.inventory.tree.entry(module.path) if module.path else None
        if entry is None:
            return Program()
        if not entry.is_file or not module.path.endswith(".py"):
            return OPEN
        known = self.programs.get(entry.blob)
        if known is None:
            known = self.programs[entry.blob] = program_of(self.inventory.tree.read(module.path))
        if self.left and (inner := {inner for package, inner in self.left if package == module.name}):
            known = replace(known, ops=tuple(_leaving_out(known.ops, module, inner)))
            self.shortened[module.name] = known
        return known


def _leaving_out(ops: tuple[Op, ...], package: Module, left: set[str]) -> Iterator[Op]:
    """The operations of a package without its own imports of some modules below it."""
    for op in ops:
        if isinstance(op, Plain) and op.name in left:
            continue
        if isinstance(op, From):
            name = names.absolute(package.package, op.level, op.module) or ""
            if name in left:
                continue
            kept = tuple(pair for pair in op.names if names.join(name, pair[0]) not in left)
            if kept:
                yield replace(op, names=kept)
            continue
        yield op

"""The operations of a module's import-time program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from codemod.base.values import dataclass

Chain = tuple[str, ...]  # a.b.C as ("a", "b", "C")


@dataclass(frozen=True, slots=True)
class Plain:
    """`import a.b as c`, one for each clause; `deep` when `bound` is the module itself and not its top package."""

    name: str
    bound: str  # empty where nothing is bound
    deep: bool
    line: int


@dataclass(frozen=True, slots=True)
class From:
    """`from m import n as k`: all clauses of the statement, (name, bound name)."""

    module: str
    level: int
    names: tuple[tuple[str, str], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Bind:
    """Names get values that are not modules."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Same:
    """`name = a.b`: the name is whatever the chain gives, perhaps a module."""

    name: str
    chain: Chain


@dataclass(frozen=True, slots=True)
class Use:
    """A name or an attribute chain is evaluated."""

    chain: Chain
    line: int


@dataclass(frozen=True, slots=True)
class Call:
    """What a name or an attribute chain gives is called."""

    chain: Chain
    line: int


@dataclass(frozen=True, slots=True)
class Put:
    """`a.b.C = value`: the last part is bound on what the rest gives."""

    chain: Chain
    line: int


@dataclass(frozen=True, slots=True)
class Export:
    """`__all__` gets these names (None: computed); `more` when they are added."""

    names: tuple[str, ...] | None
    more: bool


@dataclass(frozen=True, slots=True)
class Reraise:
    """A handler gives the failure on."""


@dataclass(frozen=True, slots=True)
class Try:
    """`try` with its handlers: (exception names, None for all of them; body)."""

    body: tuple[Op, ...]
    handlers: tuple[tuple[frozenset[str] | None, tuple[Op, ...]], ...]
    orelse: tuple[Op, ...]
    final: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of two blocks runs, and nobody can tell which."""

    body: tuple[Op, ...]
    orelse: tuple[Op, ...]


Op = Plain | From | Bind | Same | Use | Call | Put | Export | Reraise | Try | Either


@dataclass(frozen=True, slots=True)
class Program:
    """The import-time statements of one module.

    `open`: it writes to its own namespace in ways that cannot be followed, so any name may be there at any time from
    the line on where it `opens`: a function that writes can be called by nobody before it is defined.
    """

    ops: tuple[Op, ...] = ()
    binds: frozenset[str] = frozenset()
    open: bool = False
    opens: int = 0


OPEN = Program(open=True)
INNER = ":"  # before names that a class body imports: they live beside the module's names, never among them


def chains_called(ops: Iterable[Op]) -> Iterator[Chain]:
    """What some operations call, inner blocks included."""
    for op in ops:
        if isinstance(op, Call):
            yield op.chain
        elif isinstance(op, Try):
            for block in (op.body, *(body for _, body in op.handlers), op.orelse, op.final):
                yield from chains_called(block)
        elif isinstance(op, Either):
            yield from chains_called((*op.body, *op.orelse))


def bound_by(ops: tuple[Op, ...]) -> list[str]:
    """The names that a block binds, whatever their values."""
    bound: list[str] = []
    for op in ops:
        if isinstance(op, Bind):
            bound += op.names
        elif isinstance(op, Same):
            bound.append(op.name)
        elif isinstance(op, Plain) and op.bound:
            bound.append(op.bound)
        elif isinstance(op, From):
            bound += [name for _, name in op.names if name != "*"]
        elif isinstance(op, Try):
            for block in (op.body, *(body for _, body in op.handlers), op.orelse):
                bound += bound_by(block)
        elif isinstance(op, Either):
            bound += bound_by(op.body + op.orelse)
    return bound

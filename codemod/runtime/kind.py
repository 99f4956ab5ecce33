"""What a runtime name is, and what a kind of them gets to see: the files whose names a phase changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

from codemod.base import names
from codemod.base.findings import Place
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import OwnName
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.ours import shim_of
from codemod.source.text import Text, Undecodable

QUEUES = (b"rq", b"WorkerSettings")
"""What every file with jobs of rq or arq holds: few words, since all files are searched for them."""


@dataclass(frozen=True, slots=True)
class RuntimeName:
    """A name that somebody outside the code knows, and how it can stay what it is; places are those before the phase.

    `edits` change the text of the file so that it says the old name itself, `creates` are new files that do, and
    `importable` is what has to stay importable: (module, name in it or "").  With none of them it cannot be pinned.
    """

    place: Place
    what: str  # "the task app.tasks.send"
    new: str  # what it is called after the phase
    lost: str  # what goes wrong for whoever knows the old name
    edits: tuple[Edit, ...] = ()
    creates: tuple[tuple[str, bytes], ...] = ()
    importable: tuple[str, str] | None = None
    hint: str = ""  # what helps where it cannot be pinned

    @property
    def can_stay(self) -> bool:
        """True when a pin keeps it."""
        return bool(self.edits or self.creates or self.importable)


@dataclass(eq=False)
class Moved:
    """A file of code whose module, or something in it, is called differently after the phase."""

    module: Module
    path: str
    data: bytes
    intent: Intent

    @cached_property
    def text(self) -> Text | None:
        """The file as text; None where it is none."""
        try:
            return Text.of(self.data)
        except Undecodable:
            return None

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree, an empty one where it cannot be read."""
        try:
            return parse(self.text) if self.text is not None else ast.Module([], [])
        except Unparsable:
            return ast.Module([], [])

    @property
    def new(self) -> str:
        """The module's name after the phase."""
        return self.intent.module(self.module.name)

    def holds(self, *words: bytes) -> bool:
        """True when the file has one of the words; a cheap question."""
        return any(word in self.data for word in words)

    def home(self, name: str) -> tuple[str, str]:
        """(module, name) of a top-level name after the phase."""
        return self.intent.symbol(self.module.name, name)

    def place(self, node: ast.expr | ast.stmt) -> Place:
        """Where a node stands."""
        return Place(self.path, node.lineno)

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """The bytes of a node in `text.data`."""
        assert self.text is not None  # a node comes from a text
        start = self.text.offset(node.lineno, node.col_offset)
        return start, self.text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def quoted(self, value: str) -> bytes:
        """A string literal in the quotes that the file prefers."""
        mark = b"'" if self.data.count(b"'") > self.data.count(b'"') else b'"'
        return mark + value.encode() + mark


@dataclass(slots=True)
class Survey:
    """A tree before a phase, and what the phase calls differently."""

    before: Inventory
    intent: Intent
    _moved: list[Moved] | None = field(default=None)

    @property
    def moved(self) -> list[Moved]:
        """Every file of code whose names change; shims and stubs are none."""
        if self._moved is None:
            self._moved = list(self._found())
        return self._moved

    def _found(self) -> Iterator[Moved]:
        homes = {module for (module, name), new in self.intent.symbols.items() if new != (module, name)}
        for module in self.before.modules:
            if not module.path.endswith(".py"):
                continue
            if self.intent.module(module.name) == module.name and module.name not in homes:
                continue
            entry = self.before.tree.entry(module.path)
            data = self.before.tree.read(module.path) if entry is not None and entry.is_file else b""
            if data and shim_of(data) is None:
                yield Moved(module, module.path, data, self.intent)

    def holding(self, *words: bytes, suffixes: tuple[str, ...] = (".py",)) -> Iterator[tuple[str, bytes]]:
        """(path, bytes) of the files of some suffixes that hold one of the words."""
        tree, sieve = self.before.tree, self.before.sieve(words)
        for path in sieve.passing(tree, suffixes):
            yield path, tree.read(path)

    def source(self, path: str, name: str) -> tuple[str, str] | None:
        """(module, name) of what an import binds to a name in a file, where that is called differently afterwards."""
        inventory = self.before
        for statement in inventory.facts(path).imports:
            origin = inventory.origin(statement, path) if statement.is_from else None
            home = inventory.modules.find(origin, path) if origin else None
            for alias in statement.aliases:
                if home is None or statement.bound(alias) != name:
                    continue
                found = (home.module.name, alias.name)
                return found if self.intent.symbol(*found) != found else None
        return None


class Kind(Protocol):
    """One kind of runtime names.  It finds, and never writes."""

    @property
    def name(self) -> str:
        """What `pin:` calls it."""

    @property
    def code(self) -> str:
        """The reason code of its findings."""

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """The names of this kind that the phase changes."""

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """Where a file says such a name itself, so that it does not follow the code."""


def literal(node: ast.expr | None) -> str:
    """The text of a string literal; "" for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of attributes; "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return names.join(node.id, *reversed(parts)) if isinstance(node, ast.Name) else ""

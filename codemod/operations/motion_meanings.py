"""What an expression means in the repository while a module is imported: where names come from, what binds them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base import names
from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of, origins_of
from codemod.source.text import Undecodable

from .motion_anatomy import Anatomy
from .motion_reads import Reads


@dataclass(slots=True)
class Meanings:
    """Follows names through the modules of a repository; keys are (module, name), "" another package's module."""

    inventory: Inventory
    anatomies: dict[str, Anatomy]
    known: dict[str, Reads | None] = field(default_factory=dict)
    symbols: dict[Symbol, tuple[Symbol, ...]] = field(default_factory=dict)

    def reads(self, module: str) -> Reads | None:
        """The reads of a module of the repository that can be read."""
        if module not in self.known:
            found = self.inventory.modules.get(module)
            anatomy = self.anatomies.get(module)
            try:
                if anatomy is None and found is not None and found.path:
                    anatomy = Anatomy.of(self.inventory, found)
            except (Unparsable, Undecodable):
                anatomy = None
            self.known[module] = Reads(anatomy) if anatomy is not None else None
        return self.known[module]

    def symbol(self, anatomy: Anatomy, name: str) -> Symbol:
        """Where a name of a module was defined; the module is "" where nobody can tell."""
        return self.meanings(anatomy, name)[0]

    def meanings(self, anatomy: Anatomy, name: str) -> tuple[Symbol, ...]:
        """The same for all that it may mean, one at the least: what stands beside an import that may fail counts."""
        key = (anatomy.module.name, name)
        if key not in self.symbols:
            home = self.inventory.modules.get(anatomy.module.name)
            every = origins_of(self.inventory, anatomy.module, name) if home is not None else ()
            sure = origin_of(self.inventory, anatomy.module, name) if len(every) > 1 else None
            found = dict.fromkeys((one.module, one.name) for one in ((sure,) if sure is not None else ()) + every)
            own = (key,) if anatomy.defines(name) else ()
            self.symbols[key] = tuple(dict.fromkeys((*own, *found))) or (("", name),)
        return self.symbols[key]

    def values(self, anatomy: Anatomy, node: ast.expr, depth: int) -> Iterator[tuple[Symbol, Anatomy, ast.stmt]]:
        """(name, its module, a statement that binds it) for what an expression may mean, whatever it is called since.

        `Base[int]` means `Base`; so does `Parent` behind `Parent = base.Base`.
        """
        bare = node.value if isinstance(node, ast.Subscript) else node
        for symbol in self.named(anatomy, bare) if depth else ():
            reads = self.reads(symbol[0])
            if reads is None:
                continue
            for bound in (n for p in reads.anatomy.definers(symbol[1]) for n in p.nodes):
                yield symbol, reads.anatomy, bound
                if isinstance(bound, ast.Assign) and not isinstance(bound.value, ast.Call):
                    yield from self.values(reads.anatomy, bound.value, depth - 1)

    def named(self, anatomy: Anatomy, base: ast.expr) -> list[Symbol]:
        """What an expression may mean in the repository, as it is: no attribute of an object."""
        return [
            symbol for symbol, rest in self.through(anatomy, base) if not rest and symbol[0] in self.inventory.modules
        ]

    def through(self, anatomy: Anatomy, called: ast.expr) -> Iterator[tuple[Symbol, list[str]]]:
        """What the object behind a call may be, and the attributes that are taken of it; modules are passed through."""
        parts = dotted(called)
        for symbol in self.meanings(anatomy, parts[0]) if parts else ():
            rest = parts[1:]
            while symbol[0] and not symbol[1] and rest:
                inner = names.join(symbol[0], rest[0])
                symbol, rest = ((inner, "") if inner in self.inventory.modules else (symbol[0], rest[0])), rest[1:]
            yield symbol, rest


def dotted(node: ast.expr) -> list[str]:
    """The segments of a chain of names; none for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [*([node.id] if isinstance(node, ast.Name) else []), *reversed(parts)] if isinstance(node, ast.Name) else []

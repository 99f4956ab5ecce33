"""The imports that a piece of code needs in its new module, taken from those of the module that it leaves."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence

from codemod.base import names
from codemod.base.values import dataclass, replace
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.statement import clauses, module_edit
from codemod.source.facts import Alias, Import
from codemod.source.inventory import Inventory
from codemod.source.origins import star_names

from .motion_anatomy import Anatomy, Piece, is_checking_block
from .motion_reads import Read

LAST = 1 << 40  # the order of imports that no statement of the source stands for


Same = tuple[str, str, str, bool, bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One import clause for a module: what it binds, from where, and how the source wrote it."""

    bound: str
    module: str  # absolute; of a plain import the dotted module itself
    name: str = ""  # "" for a plain import
    plain: bool = False
    relative: bool = False  # written with dots
    checking: bool = False  # under TYPE_CHECKING
    order: int = LAST
    group: int = LAST
    comment: str = ""
    block: bytes = b""  # a whole guarded block, copied as it is
    series: tuple[Same, ...] = ()  # it and the others that bind the name one after the other, the last one for good

    @property
    def same(self) -> Same:
        """Equal for clauses that bind the same name to the same thing."""
        return self.bound, self.module, self.name, self.plain, self.block

    def module_text(self, package: str) -> str:
        """The module as written in a file of `package`."""
        if self.relative:
            near = names.relative(package, self.module)
            if near is not None:
                return near
        return self.module

    @property
    def clause(self) -> str:
        """`name as bound`."""
        shown = self.module if self.plain else self.name
        default = names.top(self.module) if self.plain else self.name
        return shown if self.bound == default else f"{shown} as {self.bound}"


@dataclass(frozen=True, slots=True)
class Bound:
    """A module-level import clause of a module."""

    statement: Import
    alias: Alias
    piece: Piece
    comment: str = ""


class Imports:
    """The module-level imports of one module by the name that they bind."""

    def __init__(self, anatomy: Anatomy, inventory: Inventory) -> None:
        self.anatomy = anatomy
        self.inventory = inventory
        self.package = anatomy.module.package
        self.by_name: dict[str, list[Bound]] = {}
        self.stars: list[Import] = []
        self.groups = _groups(anatomy)
        for statement in anatomy.imports:
            if statement.scope != "module" or statement.module == "__future__":
                continue
            if statement.is_star:
                self.stars.append(statement)
                continue
            piece = anatomy.piece_at(statement.start)
            notes = [clause.comment for clause in clauses(anatomy.text.data, statement)]
            for alias, note in zip(statement.aliases, notes, strict=True):
                note = note or _line_comment(anatomy, statement)
                self.by_name.setdefault(statement.bound(alias), []).append(Bound(statement, alias, piece, note))
        self._flags()

    def _flags(self) -> None:
        """`HAVE = True` in a guarded block comes with the block, as its imports do."""
        given = {bound.piece.number: bound for bounds in self.by_name.values() for bound in bounds}
        for piece in self.anatomy.pieces:
            bound = given.get(piece.number)
            if bound is not None and piece.kind == "guarded" and not is_checking_block(piece.nodes[0]):
                for name in sorted(piece.binds - self.by_name.keys()):
                    self.by_name[name] = [Bound(bound.statement, bound.alias, piece)]

    @property
    def relative(self) -> bool:
        """True when the module imports its neighbours with dots."""
        return any(statement.level for statement in self.anatomy.imports)

    def origin(self, statement: Import) -> str | None:
        """The absolute module of a `from` import."""
        return names.absolute(self.package, statement.level, statement.module or "")

    def imported(self, name: str) -> bool:
        """True when imports alone bind the name, so that another module can import it likewise."""
        found = self.by_name.get(name, [])
        return bool(found) and all(bound.piece.is_import for bound in found) and not self.anatomy.definers(name)

    def lent(self, name: str) -> tuple[str | None, str] | None:
        """(module, name there) of what a block for type checkers imports that defines something else, too; else None.

        The block stays in one piece, though what it imports is what the same import means elsewhere.
        """
        found = self.by_name.get(name, [])
        if not self.anatomy.definers(name) or self.anatomy.defines(name):
            return None
        meant = {(self.origin(b.statement), b.alias.name) for b in found if b.statement.is_from}
        return meant.pop() if len(meant) == 1 and all(b.statement.guard == "checking" for b in found) else None

    def wanted(self, name: str, reads: Sequence[Read], package: str) -> list[Wanted]:
        """The clauses that bind `name` in a file of `package` the way this module does; `reads` are those to serve."""
        found = self.by_name[name]
        plain = [bound for bound in found if not bound.statement.is_from and not bound.alias.asname]
        if len(plain) > 1:
            found = [bound for bound in found if bound not in plain] + _reached(plain, reads)
        return in_series([self.as_wanted(name, bound, package) for bound in found])

    def every(self, gone: Collection[tuple[int, int]], package: str) -> list[Wanted]:
        """All module-level clauses but those in `gone` (start of statement, number), star imports included."""
        found: list[Wanted] = []
        for name, bounds in self.by_name.items():
            found += in_series([
                self.as_wanted(name, bound, package) for bound in bounds if bound.piece.is_import
                and (bound.statement.start, bound.statement.aliases.index(bound.alias)) not in gone
            ])  # fmt: skip
        for statement in self.stars:
            if (statement.start, 0) not in gone:
                found.append(replace(self._star(statement, "*"), bound="*"))
        return found

    def as_wanted(self, name: str, bound: Bound, package: str) -> Wanted:
        """The clause as it would be written in a file of `package`."""
        statement, piece = bound.statement, bound.piece
        order, group = statement.start, self.groups.get(piece.number, LAST)
        if piece.kind == "guarded" and not is_checking_block(piece.nodes[0]):
            edits = [Edit(e.start - piece.code, e.end - piece.code, e.new, e.reason)
                     for e in reanchored(self.anatomy, piece.code, piece.end, package)]  # fmt: skip
            block = apply(self.anatomy.text.data[piece.code : piece.end], edits)
            return Wanted(name, "", order=piece.start, group=group, block=block)
        checking = piece.kind == "guarded"
        if not statement.is_from:
            return Wanted(name, bound.alias.name, "", True, False, checking, order, group, bound.comment)
        module = self.origin(statement)
        relative = statement.level > 0 and module is not None
        written = module if module is not None else "." * statement.level + (statement.module or "")
        place = bound.alias.start  # its names keep their order
        return Wanted(name, written, bound.alias.name, False, relative, checking, place, group, bound.comment)

    def from_star(self, name: str) -> Wanted | None:
        """The clause that gives a name which only a star import can; None when the star is not of this repository."""
        for statement in self.stars:
            origin = self.origin(statement)
            found = self.inventory.modules.find(origin, self.anatomy.path) if origin else None
            if found is not None and name in star_names(self.inventory, found.module):
                return self._star(statement, name)
        return None

    def _star(self, statement: Import, name: str) -> Wanted:
        piece = self.anatomy.piece_at(statement.start)
        group = self.groups.get(piece.number, LAST)
        return Wanted(
            name, self.origin(statement) or "", name, relative=statement.level > 0, order=statement.start, group=group
        )


def in_series(found: list[Wanted]) -> list[Wanted]:
    """`import json`, then a block that tries another one: what binds one name in turn stays together, in this order."""
    turns = list(dict.fromkeys(item.same for item in found if not item.checking))
    blocks = [bool(block) for *_, block in turns]
    if not any(blocks) or blocks != sorted(blocks) or any(item.checking for item in found):
        return found  # plain imports are written above the blocks
    return [replace(item, series=tuple(turns)) for item in found]


def _reached(plain: Sequence[Bound], reads: Sequence[Read]) -> list[Bound]:
    """Of `import a`, `import a.b`, `import a.c`: those that the chains in `reads` run through."""
    needed: list[Bound] = []
    for read in reads:
        chain = ".".join([read.name, *(node.attr for node in read.use.attributes)])
        through = [bound for bound in plain if names.within(chain, bound.alias.name)]
        longest = max((len(bound.alias.name) for bound in through), default=0)
        needed += [bound for bound in through if len(bound.alias.name) == longest] or list(plain)
    return [bound for bound in plain if bound in needed]


def _groups(anatomy: Anatomy) -> dict[int, int]:
    """Import pieces by the run that they stand in: a blank line or other code ends a run."""
    found: dict[int, int] = {}
    group, last = 0, None
    for piece in anatomy.pieces:
        if not piece.is_import:
            continue
        between = anatomy.text.data[last.end : piece.start] if last is not None else b""
        if last is not None and (last.number + 1 != piece.number or between):
            group += 1
        found[piece.number] = group
        last = piece
    return found


def _line_comment(anatomy: Anatomy, statement: Import) -> str:
    """The comment behind a statement."""
    data = anatomy.text.data
    line = anatomy.text.line(statement.end)
    stop = anatomy.text.starts[line] if line < len(anatomy.text.starts) else len(data)
    rest = data[statement.end : stop].strip()
    return rest.decode("utf-8", "replace") if rest.startswith(b"#") else ""


def guarded_names(piece: Piece) -> frozenset[str]:
    """The names that the imports of a guarded block bind."""
    found: set[str] = set()
    for node in piece.nodes:
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                found.update(a.asname or names.top(a.name) for a in inner.names)
    return frozenset(found)


def reanchored(anatomy: Anatomy, start: int, end: int, package: str) -> Iterator[Edit]:
    """The edits that let the relative imports within `start:end` mean the same in a file of `package`."""
    old = anatomy.module.package
    for statement in anatomy.imports:
        if not statement.level or old == package or not start <= statement.start < end:
            continue
        absolute = names.absolute(old, statement.level, statement.module or "")
        if absolute:
            new = names.relative(package, absolute) or absolute
            yield from module_edit(anatomy.text.data, statement, new, "relative imports keep their meaning")


def joined(wanted: Iterable[Wanted]) -> list[Wanted]:
    """Each clause once; a clause that is also needed at run time is not guarded."""
    found: dict[tuple[Same, tuple[Same, ...]], Wanted] = {}
    for item in wanted:
        known = found.get((item.same, item.series))
        if known is None or (known.checking and not item.checking):
            found[item.same, item.series] = item
    return list(found.values())

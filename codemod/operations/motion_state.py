"""The state of one motion, shared by its steps."""

from __future__ import annotations

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Symbol
from codemod.source.inventory import Inventory

from .motion_anatomy import Anatomy, Piece
from .motion_build import Build
from .motion_clashes import Clashes
from .motion_dissolve import Dissolved
from .motion_imports import Imports
from .motion_order import Need
from .motion_reads import Host, Read
from .motion_share import Motion, Replica, Share
from .registrars import alike, parts_of


@dataclass(slots=True)
class Moving:
    """What the steps of a motion find out and pass on."""

    inventory: Inventory
    motions: list[Motion]
    packages: frozenset[str]
    anatomies: dict[str, Anatomy] = field(default_factory=dict)
    imports: dict[str, Imports] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    moved: dict[Symbol, Symbol] = field(default_factory=dict)
    builds: dict[str, Build] = field(default_factory=dict)
    needs: dict[tuple[str, str, str], Need] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)  # old path -> new path
    reads: dict[Symbol, set[str]] = field(default_factory=dict)
    dissolved: dict[tuple[str, str], Dissolved] = field(default_factory=dict)  # (from, to)
    gone: dict[str, set[tuple[int, int]]] = field(default_factory=dict)  # import clauses that leave a module
    hosts: dict[tuple[str, str, int], tuple[Host, dict[str, set[str]]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    replicas: tuple[Replica, ...] = ()
    offering: frozenset[str] = frozenset()  # sources that offer what leaves for their inside, by barrels of the phase
    apart: bool = False  # what leaves imports what it needs of its source in functions, wherever that is possible

    @property
    def blocked(self) -> bool:
        """True when something is in the way."""
        return any(finding.blocks for finding in self.findings)

    def lives(self, home: str, module: str, name: str) -> str | None:
        """What (module, name) is called inside `home`; None when it lives elsewhere."""
        moved = self.moved.get((module, name))
        if moved is not None:
            return moved[1] if moved[0] == home else None
        if module != home or module not in self.anatomies:
            return None
        anatomy = self.anatomies[module]
        return name if anatomy.definers(name) else None

    def clashes(self, build: Build) -> Clashes:
        """What a module binds after the motion."""
        return Clashes(
            build, self.imports.get(build.name), self.gone.get(build.name, set()), self.shares.get(build.name)
        )

    def need(self, importer: str, home: str, source: str, read: Read, beside_copy: bool = False) -> None:
        """Note that `importer` reads a name of `source` that will live in `home`, perhaps beside a copy of its own."""
        if importer == home:
            return
        key = (importer, source, read.name)
        if key not in self.needs:
            self.needs[key] = Need(importer, home, read.name, self.anatomies[source], copied=beside_copy)
        self.needs[key].reads.append(read)

    def copied(self, share: Share, target: str) -> dict[str, Piece]:
        """The names of which a target gets a copy; a part that an earlier run made has its own already."""
        part = self.anatomies.get(target)
        copied = share.copied(target)
        if part is None:
            return copied
        there = set(parts_of(self.inventory, share.anatomy))
        there.update((n, target) for n, p in copied.items() if not share.replicas[n].kind and alike(part, n, p))
        return {name: piece for name, piece in copied.items() if (name, target) not in there}

    def covered(self, package: str, name: str, what: str = "a name of the package") -> None:
        """Refuse a name of a package that is one of its modules too."""
        self.findings.append(
            Finding(
                "name-clash", f"{package}.{name} would be both a module and {what}", Weight.REFUSAL,
                Place(self.builds[package].path), f"choose another name for the module {package}.{name}",
            )
        )  # fmt: skip

"""How one module is divided: what leaves it for where, what is copied, and what stays."""

from __future__ import annotations

from collections.abc import Iterable

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field

from .motion_anatomy import Anatomy, Piece
from .motion_effects import Effects
from .motion_reads import Read, Reads
from .registrars import Kind


@dataclass(frozen=True, slots=True)
class Motion:
    """A top-level name goes to another module (which may not exist yet), perhaps under another name."""

    source: str
    name: str
    target: str
    new_name: str = ""
    key: str = ""  # key path in the plan

    @property
    def final(self) -> str:
        """The name after the motion."""
        return self.new_name or self.name


@dataclass(frozen=True, slots=True)
class Replica:
    """A top-level name that stays, and of which every module that needs it gets a copy."""

    source: str
    name: str
    kind: Kind | None = None  # of a registrar, whose declarations come together again in the source
    key: str = ""


@dataclass(slots=True)
class Share:
    """How one module is divided: piece number -> target, and what becomes of each name that leaves."""

    anatomy: Anatomy
    reads: Reads
    effects: Effects = field(default_factory=Effects)
    targets: dict[int, str] = field(default_factory=dict)
    names: dict[str, Motion] = field(default_factory=dict)
    replicas: dict[str, Replica] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    offered: bool = False  # a barrel of the phase gives the module the public names that leave for modules inside it

    def leaving(self, target: str) -> list[Piece]:
        """The pieces that go to `target`, in order."""
        return [p for p in self.anatomy.pieces if self.targets.get(p.number) == target]

    def copied(self, target: str) -> dict[str, Piece]:
        """The names of which `target` gets a copy, with the pieces that bind them."""
        waiting, found = self.leaving(target), dict[str, Piece]()
        while waiting and self.replicas:
            for read in self.reads.of(waiting.pop()):
                if self.copies(read) and read.name not in found:
                    found[read.name] = self.anatomy.definers(read.name)[0]
                    waiting.append(found[read.name])
        return found

    def copies(self, read: Read) -> bool:
        """True for a read that a copy serves; what runs later means the registrar as a whole."""
        replica = self.replicas.get(read.name)
        return replica is not None and (replica.kind is None or read.when == "now")

    def staying(self) -> list[Piece]:
        """The pieces that stay."""
        return [p for p in self.anatomy.pieces if p.number not in self.targets]

    def place(self, piece: Piece) -> Place:
        """Where a piece stands."""
        return Place(self.anatomy.path, self.anatomy.text.line(piece.code))

    def refuse(self, code: str, message: str, piece: Piece, hint: str, key: str = "") -> None:
        """Note why this division cannot be."""
        self.findings.append(Finding(code, message, Weight.REFUSAL, self.place(piece), hint, key))


def sent(bound: Iterable[str], home: str, source: str) -> str:
    """The change to a plan that sends names somewhere."""
    listed = ", ".join(sorted(bound))
    return f"leave {listed} in {home}" if home == source else f"send {listed} to {home}"


def listed(names: Iterable[str]) -> str:
    """Names as a message has them."""
    return ", ".join(sorted(names)) or "this"

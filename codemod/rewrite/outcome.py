"""What a phase comes to: the trees of its commits, what was found, and what still holds an old name."""

from __future__ import annotations

from collections.abc import Mapping

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.plan.model import Phase
from codemod.source.tree import Tree


@dataclass(frozen=True, slots=True)
class Residue:
    """An occurrence of an old name or path that is still there, and why."""

    place: Place
    name: str  # the old dotted name or path
    verdict: str  # kept-by-shim | kept | ours | ambiguous | out-of-reach | unexplained
    why: str = ""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A commit beside the line, for the history alone."""

    tree: Tree
    about: str
    parents: tuple[int, ...] = ()  # places of earlier waypoints; none: the commit before


@dataclass(frozen=True, slots=True)
class OwnName:
    """A line on which code says what it is known by outside; with a `name`, that counts wherever it stands.

    A logger's name is also a module's: it counts where the line tells that a logger is meant.
    """

    path: str
    line: int
    name: str = ""
    logger: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a phase: its kind (a `Codemod-Kind`) and the tree that it makes."""

    kind: str  # move | rewrite | write | unshim | shim
    tree: Tree
    waypoints: tuple[Waypoint, ...] = ()  # the last is the commit's second parent
    green: bool = True  # False: not meant to pass its checks
    about: str = ""  # what it adds to the phase's title
    renames: Mapping[str, str] = field(default_factory=dict)  # old path -> new path, as git finds them


@dataclass(frozen=True, slots=True)
class Change:
    """Why a file changed: one line for people (`diff --explain`)."""

    place: Place
    reason: str
    review: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many moved files git will still follow at 50 % similarity."""

    moved: int = 0
    followed: int = 0
    lost: tuple[str, ...] = ()
    alone: int = 0  # of the lost: those that blame, which asks for one file at a time, follows all the same
    limit: int = 0  # the diff.renameLimit that finds these, too; 0: git's default


@dataclass(frozen=True, slots=True)
class Outcome:
    """A phase computed on a tree.  `commits` is empty when the phase holds already or is refused."""

    phase: Phase
    before: Tree
    commits: tuple[Commit, ...] = ()
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    moves: Mapping[str, str] = field(default_factory=dict)  # old path -> new path
    residue: tuple[Residue, ...] = ()
    forecast: Forecast = Forecast()
    state: str = "pending"  # pending | done | drifted | unknown; as `status` prints it
    moving: bool = False  # something gets another name or place here, rather than what refers to it

    @property
    def after(self) -> Tree:
        """The tree when the phase is complete."""
        return self.commits[-1].tree if self.commits else self.before

    @property
    def refused(self) -> bool:
        """True when a finding blocks the phase."""
        return any(finding.blocks for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """3 when the repository is not as assumed, 1 when unsafe, else 0."""
        weights = {finding.weight for finding in self.findings}
        return 3 if Weight.MISMATCH in weights else 1 if Weight.REFUSAL in weights else 0

"""The runnable plan: frozen values, every name kept exactly as written."""

from __future__ import annotations

from codemod.base.values import dataclass, field


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands in the plan file (counting from 1) and its key path."""

    line: int = 0
    column: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of a table: `source: target`, as written (`{captures}`, trailing dots, `module:name`)."""

    source: str
    target: str
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Move:
    """Modules, packages and top-level names go to new dotted names."""

    pairs: tuple[Pair, ...]
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Rename:
    """A top-level name gets another last segment, in place (`target` is that segment)."""

    pairs: tuple[Pair, ...]
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Selector:
    """What a split sends to one target."""

    target: str
    names: tuple[str, ...] = ()  # names and globs
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    rest: bool = False
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Split:
    """The definitions of one module are divided among several."""

    source: str
    into: tuple[Selector, ...]
    replicate: tuple[str, ...] = ()
    assemble: tuple[str, ...] = ()
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Merge:
    """Several modules become one; the target may be among its own sources."""

    target: str
    sources: tuple[str, ...]
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Gather:
    """The router `name` of a package takes in those of its modules that applications include beside each other."""

    package: str
    name: str
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Barrel:
    """A package's `__init__` exports what its modules define.

    `force` names exports that would be left out, `excepted` modules that it does not import.
    """

    package: str
    force: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Delete:
    """Paths (globs) or modules go, `when` they are empty or unused; without `when`, refused while used."""

    paths: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    when: str = ""  # "", "empty", "unused"
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Scaffold:
    """A package with `__init__` and a README that states its responsibilities."""

    package: str
    about: str = ""
    owner: str = ""
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dependency snapshot of a package is written to a file."""

    of: str
    to: str
    format: str = "markdown"  # markdown | json | dot | mermaid
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns which module, from the plan's scaffolds and CODEOWNERS, is written to a file."""

    of: str
    to: str
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Document:
    """A text stands in a named section of a file (Markdown heading or TOML table); `remove` takes it out again."""

    file: str
    section: str
    text: str
    remove: bool = False
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Ban:
    """Old names are banned in ruff's configuration and by a generated pytest guard."""

    moved: bool = True
    names: tuple[str, ...] = ()
    config: str = "pyproject.toml"
    guard: str = "tests/test_import_boundaries.py"
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Limit:
    """Sizes that must hold after the phase."""

    modules_per_package: int = 0  # 0: no limit
    lines_per_module: int = 0
    of: tuple[str, ...] = ()
    excepted: tuple[tuple[str, int], ...] = ()
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Mirror:
    """Folders of two layers share names."""

    of: str
    others: tuple[str, ...]
    excepted: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Unshim:
    """Shims that earlier phases left behind go; empty `names` means all."""

    names: tuple[str, ...] = ()
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Transform:
    """A user's own libcst codemod, `package.module:Class`, over the files that `paths` match."""

    codemod: str
    paths: tuple[str, ...] = ("**/*.py",)
    options: tuple[tuple[str, str], ...] = ()
    mark: Mark = Mark()


Operation = (
    Move | Rename | Split | Merge | Gather | Barrel | Delete | Scaffold | Snapshot | Ownership
    | Document | Ban | Limit | Mirror | Unshim | Transform
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """A shell line that must not start to fail."""

    run: str
    timeout: float = 0.0  # seconds; 0: none
    junit: str = ""
    affected: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Occurrences of an old name that a human settled: lines that `match` in files that `glob` matches."""

    glob: str
    match: str
    why: str = ""
    rewrite: bool = False  # True: rewrite, False: keep
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Settings:
    """The plan's defaults merged with the phase's own."""

    imports: str = "direct"  # direct | facade
    shims: str = "none"  # none | redirect | file
    history: str = "auto"  # auto | waypoint | two-commit | squash-safe
    budget_lines: int = 0  # 0: no limit
    budget_files: int = 0
    checks: tuple[Check, ...] = ()
    python: str = ""
    link: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the migration, published as a whole."""

    id: str
    do: tuple[Operation, ...]
    title: str = ""
    owner: str = ""
    target: str = ""  # a date, as written
    depends_on: tuple[str, ...] = ()
    needs_ok: str = ""
    settings: Settings = Settings()
    settled: tuple[Settled, ...] = ()
    pin: tuple[str, ...] = ()
    shims_of: str = ""  # the phase whose shims this one leaves, and nothing else (`history: squash-safe`)
    shims_in: str = ""  # the phase that leaves this one's shims
    digest: str = ""  # sha256 of the normalised phase with its defaults
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Plan:
    """A migration: phases over one repository."""

    name: str
    phases: tuple[Phase, ...]
    description: str = ""
    repository: str = ""
    source_roots: tuple[str, ...] = ()  # empty: detect
    tracker: str = ""
    path: str = ""  # the plan file as the user named it
    mark: Mark = field(default_factory=Mark)

    @property
    def written(self) -> tuple[Phase, ...]:
        """The phases that the file lists, without those that only leave the shims of another."""
        return tuple(phase for phase in self.phases if not phase.shims_of)

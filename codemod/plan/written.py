"""What the user writes, as pydantic models; the JSON Schema is made from them."""

# Annotations are evaluated here, once: as texts, pydantic would compile each of them again at start-up.

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from codemod.base.values import dataclass

from . import spelling
from .nodes import Null

TEXT, LIST, TABLE = "<text>", "<list>", "<table>"  # no key of a plan can be spelled like these
_SHAPES = {str: TEXT, list: LIST, dict: TABLE}

# For editors, whose regular expressions know no Unicode letters: what a name may not hold.
_NAME = r"[^\s\d.:{}()/\\*-][^\s.:{}()/\\*-]*"
_SEGMENT = rf"(?:{_NAME}|\{{{_NAME}\}})"
_DOTTED = rf"{_NAME}(?:\.{_NAME})*"
_INSIDE = r"(?![-/~:\\])(?!.*(?:^|/)\.\.(?:/|$))[^\\]+"


def _shape(value: object) -> str | None:
    return next((tag for kind, tag in _SHAPES.items() if isinstance(value, kind)), None)


def _either(expected: str) -> Discriminator:
    """Choose by shape alone, so that an error speaks of the shape that was written."""
    return Discriminator(_shape, custom_error_type="shape", custom_error_message=f"expected {expected}")


@dataclass(frozen=True, slots=True)
class Spelled:
    """Marks a text that `check` accepts; `pattern` and `example` are what editors get to see of it."""

    check: Callable[[str], str]
    pattern: str = ""
    example: str = ""
    kinds: tuple[str, ...] = ("string",)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The text, then the check."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What editors check."""
        out: dict[str, Any] = {"type": self.kinds[0] if len(self.kinds) == 1 else list(self.kinds)}
        if self.pattern:
            out["pattern"] = f"^{self.pattern}$"
        if self.example:
            out["examples"] = [self.example]
        return out


def _no_null(value: object) -> object:
    return None if isinstance(value, Null) else value


Line = Annotated[str, Spelled(spelling.line, r"[^\r\n]*")]
Word = Annotated[str, Spelled(spelling.word, r"(?!-)[^\r\n]*\S[^\r\n]*")]
PhaseId = Annotated[str, Spelled(spelling.phase_id, "[A-Za-z0-9][A-Za-z0-9._-]*", "low-risk", ("string", "number"))]
Option = Annotated[str, Spelled(str, kinds=("string", "number", "boolean"))]
Identifier = Annotated[str, Spelled(spelling.identifier, _NAME)]
Dotted = Annotated[str, Spelled(spelling.dotted, _DOTTED, "app.services.billing")]
Destination = Annotated[str, Spelled(spelling.destination, _DOTTED, "app.services.billing")]
Named = Annotated[str, Spelled(spelling.named, rf"{_DOTTED}(?::{_NAME})?", "app.services.billing.BillingError")]
Source = Annotated[
    str, Spelled(spelling.source, rf"{_SEGMENT}(?:\.{_SEGMENT})*(?::{_SEGMENT})?", "app.services.status_service")
]
Target = Annotated[
    str, Spelled(spelling.target, rf"{_SEGMENT}(?:\.{_SEGMENT})*(?:\.|:{_SEGMENT})?", "app.services.status.")
]
NameOrGlob = Annotated[str, Spelled(spelling.name_or_glob, r"[^\s.:{}()/\\]+", "Cohort*")]
Path = Annotated[str, Spelled(spelling.path, _INSIDE, "docs/architecture")]
File = Annotated[str, Spelled(spelling.file, _INSIDE, "docs/architecture/services.md")]
Glob = Annotated[str, Spelled(spelling.glob, _INSIDE, "services/*/app")]
Repository = Annotated[str, Spelled(spelling.repository, r"(?!-)(?!.*://)[^\\]+", "../fixtures/anything-agents")]
Pattern = Annotated[str, Spelled(spelling.pattern, "", r"^# moved from")]
Moved = Annotated[str, Spelled(spelling.moved), WithJsonSchema({"const": "moved"})]
Every = Annotated[str, Spelled(spelling.every), WithJsonSchema({"const": "all"})]
Class = Annotated[str, Spelled(spelling.codemod, rf"{_DOTTED}:{_NAME}", "tools.codemods:AddTimeout")]


S = TypeVar("S")
T = TypeVar("T")
Many = Annotated[Annotated[T, Tag(TEXT)] | Annotated[list[T], Tag(LIST)], _either("a text or a list of texts")]
Some = Annotated[list[T], Field(min_length=1)]
Table = Annotated[dict[S, T], Field(min_length=1)]
Whole = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


class Written(BaseModel):
    """Any mapping of the plan: no unknown keys, and a key without a value counts as left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)
    keeps_null: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _left_out(cls, data: Any) -> Any:
        if cls.keeps_null or not isinstance(data, dict):
            return data
        required = {field.alias or name for name, field in cls.model_fields.items() if field.is_required()}
        return {k: v for k, v in data.items() if k in required or not (v is None or isinstance(v, Null))}


class Budget(Written):
    """How large a commit may be."""

    lines: Whole | None = Field(None, description="Added plus deleted lines; 0: no limit.")
    files: Whole | None = Field(None, description="Changed files; 0: no limit.")


class Check(Written):
    """A shell line with what is known about it."""

    run: Word = Field(description="The shell line; it runs in a detached worktree.")
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(None, description="Seconds.")
    junit: File | None = Field(None, description="The JUnit XML file that it writes: failures are compared by test.")
    affected: bool = Field(False, description="Give it the test files that the phase can reach, as parameters.")


CheckList = list[
    Annotated[
        Annotated[Word, Tag(TEXT)] | Annotated[Check, Tag(TABLE)], _either("a shell line or a mapping with 'run'")
    ]
]


class Replace(Written):
    """Checks in place of the defaults."""

    replace: CheckList = Field(description="The checks.")


class Worktree(Written):
    """What the worktree of the checks needs from yours."""

    link: list[Path] = Field([], description="Files and folders to link into it: .env, node_modules.")


Budgets = Annotated[
    Annotated[Whole, Tag(TEXT)] | Annotated[Budget, Tag(TABLE)],
    _either("a number of lines, or a mapping with 'lines' and 'files'"),
]
Checks = Annotated[
    Annotated[Word, Tag(TEXT)] | Annotated[CheckList, Tag(LIST)] | Annotated[Replace, Tag(TABLE)],
    _either("a list of checks, or {replace: [...]}"),
]


class Settings(Written):
    """What may stand under `defaults` and in a phase."""

    imports: Literal["direct", "facade"] | None = Field(
        None,
        description="facade: call sites import from the package's barrel.",
        json_schema_extra={"default": "direct"},
    )
    shims: Literal["none", "file", "redirect"] | None = Field(
        None, description="What stays at the old paths.", json_schema_extra={"default": "none"}
    )
    history: Literal["auto", "waypoint", "two-commit", "squash-safe"] | None = Field(
        None,
        description="How the commits are laid so that git follows the moved lines.",
        json_schema_extra={"default": "auto"},
    )
    budget: Budgets | None = Field(
        None, description="How large a commit may be; a number counts lines. Default: no limit."
    )
    checks: Checks | None = Field(
        None, description="Commands that must not start to fail. A phase's add to the defaults."
    )
    python: Word | None = Field(None, description="The interpreter for checks. Default: the one that runs codemod.")
    worktree: Worktree | None = Field(None, description="What the worktree of the checks needs from yours.")


class Settled(Written):
    """Occurrences of an old name that you have looked at."""

    glob: Glob = Field(alias="in", description="Files.")
    match: Pattern = Field(description="A regular expression for the line.")
    why: Line = Field("", description="For whoever reads the plan.")


class Receives(Written):
    """What one target of a split receives; several keys add up."""

    names: Many[NameOrGlob] | None = Field(None, description="Top-level names, and globs over them.")
    bases: Many[Word] | None = Field(None, description="Classes that have one of these bases.")
    decorators: Many[Word] | None = Field(None, description="Definitions with one of these decorators.")
    routes: Many[Word] | None = Field(None, description="Route handlers with such a path (/orders/*) or tag.")
    section: Many[Word] | None = Field(None, description="What stands under one of these section comments.")


class About(Written):
    """What a scaffolded package is for."""

    about: str = Field("", description="Its responsibilities, for the README and the docstring.")
    owner: Line = Field("", description="Who answers for it.")


class Delete(Written):
    """What goes."""

    paths: Many[Glob] | None = Field(None, description="Globs over files and folders.")
    modules: Many[Dotted] | None = Field(None, description="Modules and packages.")
    when: Literal["empty", "unused"] | None = Field(
        None, description="Only what is empty, or what nothing uses. Without it, refused while anything is used."
    )


class Snapshot(Written):
    """A dependency snapshot."""

    of: Dotted = Field(description="The package.")
    to: File = Field(description="The file to write.")
    format: Literal["markdown", "json", "dot", "mermaid"] | None = Field(
        None, description="Default by the file's ending: .json, .dot or .gv, .mmd or .mermaid, else Markdown."
    )


class Ownership(Written):
    """Who owns which module."""

    of: Dotted = Field(description="The package.")
    to: File = Field(description="The file to write.")


class Document(Written):
    """A text in a named section of a file."""

    file: File = Field(description="The file; made when it is not there.")
    section: Word = Field(description="A Markdown heading, or a TOML table such as tool.ruff.lint.per-file-ignores.")
    text: str | None = Field(None, description="What stands there, or with remove, what goes.")
    remove: bool = Field(False, description="Take the text out again; the whole section when no text is named.")


Banned = Annotated[
    Annotated[Moved, Tag(TEXT)] | Annotated[Some[Named], Tag(LIST)],
    _either("'moved' or a list of names"),
]


class Ban(Written):
    """Old names that may not come back."""

    names: Banned = Field("moved", description="moved: the old names of this and all earlier phases; or a list.")
    guard: File | None = Field(None, description="The pytest file. Default tests/test_import_boundaries.py.")
    config: File | None = Field(None, description="Ruff's configuration. Default pyproject.toml.")


class Offers(Written):
    """What a barrel offers beyond the rule, and what it does not."""

    force: list[Named] = Field([], description="Names to export that would be left out.")
    excepted: list[Named] = Field([], alias="except", description="Modules of the package that it does not import.")


class Limit(Written):
    """Sizes that must hold after the phase."""

    modules_per_package: Positive | None = Field(None, description="Modules directly in a package, without __init__.")
    lines_per_module: Positive | None = Field(None, description="Lines of a module.")
    of: Many[Dotted] | None = Field(
        None, description="Packages, with what is below them. Default: those that the plan shapes."
    )
    excepted: dict[Dotted, Positive] = Field({}, alias="except", description="Larger limits by name.")


class Mirror(Written):
    """Folders of several layers that share names."""

    of: Word = Field(description="The layer that leads: a package, or a folder.")
    others: Many[Word] = Field(alias="in", description="The layers that follow.")
    excepted: Many[Word] | None = Field(None, alias="except", description="Names that need no counterpart.")
    names: dict[Word, Word] = Field({}, description="Names that are called otherwise there.")


class Transform(Written):
    """A libcst codemod of yours."""

    codemod: Class = Field(description="package.module:Class, a subclass of libcst.codemod.Codemod.")
    paths: Many[Glob] | None = Field(None, description="Files. Default **/*.py.")
    options: dict[Identifier, Option] = Field({}, description="Keyword arguments of the class, as texts.")


Received = Annotated[
    Annotated[NameOrGlob, Tag(TEXT)] | Annotated[Some[NameOrGlob], Tag(LIST)] | Annotated[Receives, Tag(TABLE)],
    _either("a name, a list of names, a mapping, or rest"),
]
OneOf = Annotated[Annotated[T, Tag(TABLE)] | Annotated[Some[T], Tag(LIST)], _either("a mapping or a list of them")]
Merged = Annotated[
    Annotated[Dotted, Tag(TEXT)] | Annotated[Some[Dotted], Tag(LIST)], _either("a module or a list of modules")
]
Offered = Annotated[
    Annotated[list[Named], Tag(LIST)] | Annotated[Offers, Tag(TABLE)],
    _either("a list of names to force, or a mapping with 'force' and 'except'"),
]
Barrels = Annotated[
    Annotated[Destination, Tag(TEXT)]
    | Annotated[Some[Destination], Tag(LIST)]
    | Annotated[Table[Destination, Annotated[Offered | None, BeforeValidator(_no_null)]], Tag(TABLE)],
    _either("a list of packages, or packages with the names to force"),
]
Bans = Annotated[Annotated[Moved, Tag(TEXT)] | Annotated[Ban, Tag(TABLE)], _either("'moved' or a mapping")]
Unshims = Annotated[
    Annotated[Every, Tag(TEXT)] | Annotated[Some[Named], Tag(LIST)], _either("'all' or a list of old names")
]


class Step(Written):
    """An operation: one verb, and for split what belongs to it."""

    keeps_null: ClassVar[bool] = True

    move: Table[Source, Target] = Field(
        {}, description="Modules, packages and top-level names: old dotted name to new. A trailing dot: into it."
    )
    rename: Table[Named, Identifier] = Field({}, description="Top-level names: old dotted name to the new last part.")
    split: Dotted = Field("", description="A module whose definitions are divided; needs into.")
    into: Table[Destination, Received] = Field(
        {}, description="Of split: each target with its names, globs, a mapping of what it receives, or rest."
    )
    replicate: Many[NameOrGlob] = Field([], description="Of split: names of which each target gets its own copy.")
    assemble: Many[Identifier] = Field(
        [], description="Of split: the registrars that the divided module puts together again."
    )
    merge: Table[Destination, Merged] = Field({}, description="One module from several: target to sources, in order.")
    gather: Table[Destination, Identifier] = Field(
        {}, description="Packages whose router takes in those of their modules: package to the router's name."
    )
    barrel: Barrels = Field([], description="Packages whose __init__ exports what their modules define.")
    delete: Delete | None = Field(None, description="Files, modules and packages that go.")
    scaffold: Table[Destination, Annotated[About | None, BeforeValidator(_no_null)]] = Field(
        {}, description="Packages with __init__ and README."
    )
    snapshot: OneOf[Snapshot] = Field([], description="Dependency snapshots: counts, fan-in, fan-out, adjacency.")
    ownership: OneOf[Ownership] = Field([], description="Who owns which module, from the plan and CODEOWNERS.")
    document: OneOf[Document] = Field([], description="A text written once into a named section of a file.")
    ban: Bans | None = Field(None, description="Old names banned in ruff's configuration and by a pytest guard.")
    limit: Limit | None = Field(None, description="Sizes that must hold after the phase.")
    mirror: Mirror | None = Field(None, description="Folders of several layers share names.")
    unshim: Unshims | None = Field(None, description="Shims of earlier phases that go.")
    transform: Transform | None = Field(None, description="A libcst codemod of yours; runs only with --allow-code.")


SIBLINGS = ("into", "replicate", "assemble")
VERBS = tuple(name for name in Step.model_fields if name not in SIBLINGS)
TABLES = ("move", "rename", "merge", "scaffold", "gather", "barrel", "into")  # rows that stand each by itself
LATER = ("contracts",)  # in the design of the format, not in this version


Pin = Literal["celery", "huey", "dramatiq", "rq", "pickle", "django", "logger", "sqlalchemy", "entry-points"]


class PhaseKeys(Settings):
    """A phase without its operations."""

    id: PhaseId = Field(description="Unique; it is in the commits' trailers. Kept exactly as written.")
    title: Line = Field("", description="What the phase does, in a line.")
    owner: Line = Field("", description="Who answers for it.")
    target: Line = Field("", description="When it shall be done, such as 2025-11-26.")
    depends_on: Many[PhaseId] | None = Field(None, description="Ids of earlier phases.")
    needs_ok: Line = Field("", description="Whose word is needed: run stops until --ok ID.")
    keep: list[Settled] = Field([], description="Occurrences of old names that stay.")
    rewrite: list[Settled] = Field([], description="Doubtful occurrences of old names that are rewritten.")
    pin: Many[Pin] | None = Field(None, description="Kinds of names outside the code that stay what they are.")


Version = Annotated[str, Spelled(spelling.version), WithJsonSchema({"enum": [1, "1"]})]


class PlanKeys(Written):
    """A plan without its phases."""

    version: Version = Field(description="The format's version.")
    name: Word = Field(description="The plan's name.")
    description: str = Field("", description="What the migration is for.")
    repository: Repository | None = Field(
        None, description="Seen from the plan file. Default: the repository you stand in; --repo wins."
    )
    source_roots: Many[Path] | None = Field(None, description="Folders that imports start from. Default: detected.")
    tracker: File | None = Field(None, description="A file where each phase adds its dated line and ticks its boxes.")
    defaults: Settings | None = Field(None, description="Settings of every phase.")

"""Options that commands share, and the one way to register a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codemod.base.values import dataclass

from .terminal import Output

if TYPE_CHECKING:
    from codemod.engine.events import Listener
    from codemod.engine.reading import Reading
    from codemod.engine.session import Session

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.", show_default=False)]
Repo = Annotated[
    Path | None,
    typer.Option("--repo", metavar="DIR", help="The repository; wins over the plan's own.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
NoChecks = Annotated[bool, typer.Option("--no-checks", help="Do not execute the plan's checks.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Results and errors only.")]
AllowCode = Annotated[bool, typer.Option("--allow-code", help="Let transform load the codemods that the plan names.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show everything, nothing summarised.")]


def complete_phase(context: typer.Context, incomplete: str) -> list[str]:
    """Phase ids of the plan that is on the command line, for the shell."""
    from codemod.base.errors import CodemodError

    plan = context.params.get("plan")
    if not plan:
        return []
    from codemod.engine.reading import read_plan

    try:
        phases = read_plan(Path(plan)).phases
    except CodemodError:
        return []
    return [phase.id for phase in phases if phase.id.startswith(incomplete)]


Phases = Annotated[
    list[str] | None,
    typer.Option(
        "--phase", metavar="ID...", help="Only these phases.", show_default=False, autocompletion=complete_phase
    ),
]


@dataclass(frozen=True, slots=True)
class Given:
    """The common options of a command line, and where to answer."""

    repo: Path | None
    checks: bool
    output: Output
    reading: Reading | None

    def session(self, plan: Path, listener: Listener | None = None, **wanted: Any) -> Session:
        """Open the engine on a plan; the further arguments are those of its Request."""
        from codemod.engine.events import Request, Silent
        from codemod.engine.session import Session

        request = Request(plan=plan, repo=self.repo, checks=self.checks, **wanted)
        return Session.open(request, listener or Silent(), self.reading)


_COMMON: tuple[tuple[str, Any, Any], ...] = (
    ("repo", Repo, None),
    ("json", Json, False),
    ("no_checks", NoChecks, False),
    ("quiet", Quiet, False),
    ("verbose", Verbose, False),
)


def command(app: typer.Typer, name: str = "", *, examples: str = "", spread: str = "") -> Callable[[Any], Any]:
    """Register `function(given, ...) -> exit code` as a command that also takes the common options.

    `spread` names the option whose values may stand one after another (`--phase a b`); `examples` are lines
    shown below the options.
    """

    def register(function: Callable[..., int]) -> Callable[..., int]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        keyword = inspect.Parameter.KEYWORD_ONLY
        common = [inspect.Parameter(n, keyword, annotation=kind, default=value) for n, kind, value in _COMMON]
        context = inspect.Parameter("context", keyword, annotation=typer.Context)

        def call(**values: Any) -> int:
            found: typer.Context = values.pop("context")
            given = Given(values.pop("repo"), not values.pop("no_checks"), *found.obj)
            for taken in ("json", "quiet", "verbose"):  # the output knows them from the command line already
                values.pop(taken)
            if found.args:
                if not spread or not values[spread]:
                    found.fail(f"Got unexpected extra argument{'s' * (len(found.args) > 1)} ({' '.join(found.args)})")
                values[spread] = [*values[spread], *found.args]
            return function(given, **values)

        parameters = [p.replace(kind=keyword) for p in own] + common
        call.__signature__ = inspect.Signature([context, *parameters])  # type: ignore[attr-defined]  # read by inspect
        call.__annotations__ = {p.name: p.annotation for p in [context, *parameters]}
        call.__doc__ = function.__doc__
        call.__name__ = function.__name__
        app.command(
            name or function.__name__,
            epilog="\b\nExamples:\n" + indent(inspect.cleandoc(examples), "  ") if examples else None,
            context_settings={"allow_extra_args": True},
        )(call)
        return function

    return register

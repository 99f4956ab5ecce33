"""`codemod run PLAN`: carry phases out, verify them, commit them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from .listen import Narrator
from .options import AllowCode, Given, Phases, PlanFile, command

EXAMPLES = """
codemod run plans/services.yaml --next
codemod run plans/services.yaml --phase scaffolding low-risk
codemod run plans/services.yaml --all --ok high-risk
codemod run plans/services.yaml --all --branch-per-phase
codemod run plans/services.yaml --all --no-checks --json
"""

All = Annotated[bool, typer.Option("--all", help="Every phase that does not hold yet.")]
Next = Annotated[bool, typer.Option("--next", help="The first phase that does not hold yet.")]
Ok = Annotated[
    list[str] | None,
    typer.Option("--ok", metavar="ID", help="Go on past a phase's needs_ok; may be repeated.", show_default=False),
]
Assume = Annotated[
    Literal["done", "pending"] | None,
    typer.Option("--assume", help="What a phase in state unknown is taken for.", show_default=False),
]
Untracked = Annotated[
    Literal["refuse", "rewrite", "leave"],
    typer.Option("--untracked", help="Untracked files that hold references or stand in the way."),
]

Summary = Annotated[
    Path | None,
    typer.Option("--pr-summary", metavar="FILE", help="Write what was done as Markdown.", show_default=False),
]
Stacked = Annotated[
    bool,
    typer.Option(
        "--branch-per-phase",
        help="A branch for each phase, codemod/PLAN/ID, one on top of the other; your branch and files stay.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES, spread="phase")(run)


def run(
    given: Given,
    plan: PlanFile,
    every: All = False,
    next: Next = False,
    phase: Phases = None,
    ok: Ok = None,
    assume: Assume = None,
    untracked: Untracked = "refuse",
    allow_code: AllowCode = False,
    pr_summary: Summary = None,
    branch_per_phase: Stacked = False,
) -> int:
    """Carry phases out: verify, check, commit, publish.

    Exactly one of --all, --next and --phase. A phase that holds is skipped; a phase is published when it is complete,
    so that a later failure leaves the earlier ones in place.
    """
    from .running import answer, one_of, to_be_written

    one_of(every, next, bool(phase))
    if pr_summary is not None:
        with to_be_written(pr_summary):  # before anything else is done, and what moves may take the folder away
            pr_summary = pr_summary.absolute()
            pr_summary.open("a").close()
    with Narrator(given.output, steps=True) as narrator:
        session = given.session(
            plan,
            narrator,
            ok=frozenset(ok or ()),
            assume=assume or "",
            untracked=untracked,
            allow_code=allow_code,
        )
        done = session.run(tuple(phase) if phase else None, every=every, next_only=next, stacked=branch_per_phase)
    if pr_summary is not None:
        from codemod.report.summary import markdown

        pr_summary.write_text(markdown(session.plan, done), encoding="utf-8")
    reached = {result.phase.id for result in done.phases}
    wanted = [one for one in session.plan.phases if every or one.id in (phase or ())]
    beyond = [one for one in wanted if one.id not in reached]
    return answer(given.output, session.plan, done, narrator.costs, beyond=beyond)

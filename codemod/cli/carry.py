"""`codemod carry PLAN BRANCH`: let an open branch follow the published phases."""

from __future__ import annotations

from typing import Annotated

import typer

from .listen import Narrator
from .options import AllowCode, Given, PlanFile, command

EXAMPLES = """
codemod carry plans/services.yaml feature/login
codemod carry plans/services.yaml feature/login --rebase
"""

OneBranch = Annotated[str, typer.Argument(metavar="BRANCH", help="The local branch.", show_default=False)]
Rebase = Annotated[bool, typer.Option("--rebase", help="Its commits again on top of HEAD, instead of a merge.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(carry)


def carry(
    given: Given, plan: PlanFile, branch: OneBranch, rebase: Rebase = False, allow_code: AllowCode = False
) -> int:
    """Let an open branch follow the phases that it lacks.

    HEAD is the branch that the phases are on. What it did before a phase is merged first, then the phase is run on
    the result, new files of the branch included. Real conflicts are told, and leave the branch as it was.
    """
    from codemod.report.branches import carry_document, carry_findings, carry_report

    with Narrator(given.output) as narrator:
        session = given.session(plan, narrator, allow_code=allow_code)
        done = session.carry(branch, rebase=rebase)
    if given.output.json:
        given.output.document(carry_document(session.plan, done, done.exit_code))
        return done.exit_code
    given.output.error(list(carry_findings(done)))
    given.output.result(carry_report(done))
    return done.exit_code

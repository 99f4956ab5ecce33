"""`codemod forecast PLAN [BRANCH...]`: which open branches would conflict, and which would not when carried?"""

from __future__ import annotations

from typing import Annotated

import typer

from .listen import Narrator
from .options import AllowCode, Given, PlanFile, command

EXAMPLES = """
codemod forecast plans/services.yaml
codemod forecast plans/services.yaml feature/login --json | jq '.branches[].carried'
"""

Branches = Annotated[
    list[str] | None, typer.Argument(metavar="[BRANCH]...", help="Local branches; all of them when none is named.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(forecast)


def forecast(given: Given, plan: PlanFile, branches: Branches = None, allow_code: AllowCode = False) -> int:
    """Tell which branches would conflict: now, after it, when carried.

    Phases that are not published yet are computed in memory. Branches without commits of their own are left out.
    """
    from codemod.report.branches import forecast_document, forecast_report

    with Narrator(given.output) as narrator:
        session = given.session(plan, narrator, allow_code=allow_code)
        found = session.forecast(branches or ())
    if given.output.json:
        given.output.document(forecast_document(session.plan, found))
    else:
        given.output.result(forecast_report(found, verbose=given.output.verbose))
    return 0

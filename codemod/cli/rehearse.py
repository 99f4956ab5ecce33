"""`codemod rehearse PLAN`: the whole plan on a throwaway copy."""

from __future__ import annotations

import typer

from .listen import Narrator
from .options import AllowCode, Given, PlanFile, command

EXAMPLES = """
codemod rehearse plans/services.yaml
codemod rehearse plans/services.yaml --no-checks --json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(rehearse)


def rehearse(given: Given, plan: PlanFile, allow_code: AllowCode = False) -> int:
    """Run the whole plan on a throwaway copy, checks included.

    Tells which phases would pass. Your repository is not touched.
    """
    from codemod.report.page import Span, line
    from codemod.report.phases import REHEARSED

    from .running import answer

    with Narrator(given.output, steps=True) as narrator:
        session = given.session(plan, narrator, allow_code=allow_code)
        done = session.rehearse()
    code = answer(given.output, session.plan, done, narrator.costs, REHEARSED)
    given.output.message([line(Span("a rehearsal: your repository was not touched", "dim"))])
    return code

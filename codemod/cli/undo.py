"""`codemod undo PLAN --phase ID`: take a published phase back."""

from __future__ import annotations

from typing import Annotated

import typer

from .listen import Narrator
from .options import Given, PlanFile, command, complete_phase

EXAMPLES = """
codemod undo plans/services.yaml --phase low-risk
"""

OnePhase = Annotated[
    str,
    typer.Option(
        "--phase", metavar="ID", help="The phase to take back.", show_default=False, autocompletion=complete_phase
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(undo)


def undo(given: Given, plan: PlanFile, phase: OnePhase) -> int:
    """Take a published phase back; everything else stays."""
    from codemod.report.phases import UNDONE

    from .running import answer

    with Narrator(given.output, steps=True) as narrator:
        session = given.session(plan, narrator)
        done = session.undo(phase)
    return answer(given.output, session.plan, done, narrator.costs, UNDONE)

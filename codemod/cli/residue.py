"""`codemod residue PLAN`: what still holds an old name when the plan has run, and why."""

from __future__ import annotations

import typer

from .listen import Narrator
from .options import AllowCode, Given, PlanFile, command

EXAMPLES = """
codemod residue plans/services.yaml
codemod residue plans/services.yaml --json | jq '.residue[] | select(.verdict == "ambiguous")'
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(residue)


def residue(given: Given, plan: PlanFile, allow_code: AllowCode = False) -> int:
    """List what still holds an old name or path, and why.

    Every phase is computed in memory. The verdicts: kept-by-shim, kept (settled in the plan), ours, ambiguous,
    out-of-reach.
    """
    from codemod.report.residue import residue_report

    with Narrator(given.output) as narrator:
        session = given.session(plan, narrator, allow_code=allow_code)
        outcomes = session.preview()
    if given.output.json:
        from codemod.report.documents import plan_document, residue_document

        items = [found for outcome in outcomes for found in residue_document(outcome.phase.id, outcome.residue)]
        given.output.document({"plan": plan_document(session.plan), "residue": items, "exit": 0})
    else:
        given.output.result(residue_report(outcomes))
    return 0

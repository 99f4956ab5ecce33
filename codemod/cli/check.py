"""`codemod check PLAN`: is the plan valid, and true of this repository?"""

from __future__ import annotations

import typer

from .listen import Narrator
from .options import AllowCode, Given, PlanFile, command

EXAMPLES = """
codemod check plans/services.yaml
codemod check plans/services.yaml --repo ../checkout --json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(check)


def check(given: Given, plan: PlanFile, allow_code: AllowCode = False) -> int:
    """Tell whether the plan is valid, and true of the repository.

    Computes every phase in memory and tells what would stop it and what to look at. Writes nothing.
    """
    from codemod.report.findings import findings_block
    from codemod.report.outcomes import check_report, findings_in

    with Narrator(given.output) as narrator:
        session = given.session(plan, narrator, allow_code=allow_code)
        outcomes = session.preview()
    findings = findings_in(outcomes)
    code = max((outcome.exit_code for outcome in outcomes), default=0)
    if given.output.json:
        from codemod.report.documents import check_document

        given.output.document(check_document(session.plan, outcomes, code))
        return code
    given.output.result(findings_block([found for found in findings if not found.blocks], given.output.limit))
    given.output.error(findings_block([found for found in findings if found.blocks]))
    given.output.result(check_report(session.plan, outcomes))
    return code

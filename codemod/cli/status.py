"""`codemod status PLAN`: where does each phase stand?"""

from __future__ import annotations

import typer

from .listen import Narrator
from .options import AllowCode, Given, PlanFile, command

EXAMPLES = """
codemod status plans/services.yaml
codemod status plans/services.yaml --json | jq -r '.phases[] | select(.state != "done") | .id'
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(status)


def status(given: Given, plan: PlanFile, allow_code: AllowCode = False) -> int:
    """Tell where each phase stands.

    done: it holds. pending: something is left to do. drifted: it was published, and an old name has come back since:
    run it again. unknown: the tree alone cannot tell, run wants --assume done or --assume pending.
    """
    from codemod.report.findings import findings_block, ordered
    from codemod.report.outcomes import commits_report
    from codemod.report.page import BLANK
    from codemod.report.phases import status_report

    with Narrator(given.output) as narrator:
        session = given.session(plan, narrator, allow_code=allow_code)
        phases = session.status()
    if given.output.json:
        from codemod.report.documents import status_document

        given.output.document(status_document(session.plan, phases))
        return 0
    findings = ordered(finding for phase in phases for finding in phase.findings)
    given.output.result(status_report(phases))
    planned = list(commits_report([phase.outcome for phase in phases if phase.outcome]))
    given.output.result([BLANK, *planned[:-1]] if planned else [])
    given.output.result(findings_block(findings, given.output.limit))
    return 0

"""What run, rehearse and undo have in common: the answer that they give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from codemod.base.errors import PlanError
from codemod.base.findings import Finding, Weight

from .terminal import Output

if TYPE_CHECKING:
    from codemod.plan.model import Plan
    from codemod.report.cost import Cost
    from codemod.report.records import RunRecord


def one_of(every: bool, next_only: bool, phases: bool) -> None:
    """Exactly one of --all, --next and --phase; PlanError otherwise."""
    if every + next_only + phases != 1:
        raise PlanError(
            Finding("usage", "exactly one of --all, --next and --phase", Weight.REFUSAL, hint="codemod run --help")
        )


def answer(
    output: Output, plan: Plan, run: RunRecord, costs: Mapping[str, Cost], words: Mapping[str, str] | None = None
) -> int:
    """Show what became of the phases (the findings are told while they run) and return the exit code."""
    if output.json:
        from codemod.report.documents import run_document

        output.document(run_document(plan, run, costs))
        return run.exit_code
    from codemod.report.findings import findings_block
    from codemod.report.phases import findings_of, run_report

    for phase in run.phases:
        findings = findings_of(phase)
        output.error(findings_block([found for found in findings if found.blocks]))
        output.message(findings_block([found for found in findings if not found.blocks], output.limit))
    output.result(run_report(run, costs, words or {}))
    return run.exit_code

"""What run, rehearse and undo have in common: the answer that they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from codemod.base.errors import PlanError
from codemod.base.findings import Finding, Weight
from codemod.report.page import BLANK, Span, line

from .terminal import Output

if TYPE_CHECKING:
    from codemod.plan.model import Phase, Plan
    from codemod.report.cost import Cost
    from codemod.report.records import PhaseRecord, RunRecord


def one_of(every: bool, next_only: bool, phases: bool) -> None:
    """Exactly one of --all, --next and --phase; PlanError otherwise."""
    if every + next_only + phases != 1:
        raise PlanError(
            Finding("usage", "exactly one of --all, --next and --phase", Weight.REFUSAL, hint="codemod run --help")
        )


def answer(
    output: Output,
    plan: Plan,
    run: RunRecord,
    costs: Mapping[str, Cost],
    words: Mapping[str, str] | None = None,
    beyond: Sequence[Phase] = (),
) -> int:
    """Show what was found and what became of the phases, and return the exit code.

    `words` are a command's own names for states, `beyond` phases that were asked for and not reached.
    """
    if output.json:
        from codemod.report.documents import run_document

        output.document(run_document(plan, run, costs, beyond))
        return run.exit_code
    from codemod.report.phases import findings_of, run_report

    if output.stderr.live and any(findings_of(phase) for phase in run.phases):
        output.message([BLANK])
    for phase in run.phases:
        tell(output, phase, named=len(run.phases) > 1)
    if output.stderr.live and output.stdout.live:
        output.message([BLANK])
    output.result(run_report(run, costs, words or {}, beyond))
    return run.exit_code


def tell(output: Output, phase: PhaseRecord, *, named: bool) -> None:
    """The findings of a phase, to stderr: what blocks always, the rest unless --quiet."""
    from codemod.report.findings import findings_block
    from codemod.report.phases import findings_of

    findings = findings_of(phase)
    blocking = [found for found in findings if found.blocks]
    if named and (blocking or (findings and not output.quiet)):
        output.error([line(Span(phase.phase.id, "strong"), ":")])
    output.error(findings_block(blocking))
    output.message(findings_block([found for found in findings if not found.blocks], output.limit))

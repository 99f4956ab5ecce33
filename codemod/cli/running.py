"""What run, rehearse and undo have in common: the answer that they give."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from codemod.base.errors import PlanError
from codemod.base.findings import Finding, Weight
from codemod.report.page import BLANK, Line, Span, line

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


@contextmanager
def to_be_written(path: Path) -> Iterator[None]:
    """Within the block a file or folder of the command line's is written; PlanError where that cannot be."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):  # nothing is wrong with the path
            raise
        message = f"{error.filename or path}: {error.strerror or error}"
        raise PlanError(Finding("usage", message, Weight.REFUSAL)) from None


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
    from codemod.report.phases import run_report

    told = [(phase, blocks) for phase in run.phases if (blocks := list(tell(output, phase)))]
    if output.stderr.live and told:
        output.error([BLANK])
    for phase, blocks in told:
        heading = [line(Span(phase.phase.id, "strong"), ":")] if len(run.phases) > 1 else []
        output.error([*heading, *blocks])
    if output.stderr.live and output.stdout.live:
        output.message([BLANK])
    output.result(run_report(run, costs, words or {}, beyond))
    return run.exit_code


def tell(output: Output, phase: PhaseRecord) -> Iterator[Line]:
    """What was found in a phase: what blocks always, what merely wants a look where something was to be done."""
    from codemod.report.findings import findings_block
    from codemod.report.phases import findings_of
    from codemod.report.residue import open_residue

    quiet = output.quiet or (phase.state == "holds" and not output.verbose)
    yield from findings_block([found for found in findings_of(phase) if found.blocks or not quiet], output.limit)
    if phase.outcome and not output.quiet:
        yield from open_residue(phase.outcome, output.limit)

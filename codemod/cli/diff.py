"""`codemod diff PLAN`: what would change, as a patch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .listen import Narrator
from .options import AllowCode, Given, Phases, PlanFile, command

if TYPE_CHECKING:
    from codemod.engine.session import Session
    from codemod.rewrite.outcome import Outcome

EXAMPLES = """
codemod diff plans/services.yaml | git apply --index
codemod diff plans/services.yaml --phase low-risk --stat
codemod diff plans/services.yaml --explain --phase low-risk | less
codemod diff plans/services.yaml --per-phase review/
codemod diff plans/services.yaml --exit-code > /dev/null
"""

Stat = Annotated[bool, typer.Option("--stat", help="Files and numbers of lines in place of the patch.")]
Explain = Annotated[bool, typer.Option("--explain", help="Say before each file why it changes.")]
PerPhase = Annotated[
    Path | None,
    typer.Option("--per-phase", metavar="DIR", help="Write one patch a phase into DIR.", show_default=False),
]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit 1 when changes are pending.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES, spread="phase")(diff)


def diff(
    given: Given,
    plan: PlanFile,
    phase: Phases = None,
    stat: Stat = False,
    explain: Explain = False,
    per_phase: PerPhase = None,
    exit_code: ExitCode = False,
    allow_code: AllowCode = False,
) -> int:
    """Show what would change, as one patch from HEAD to the end.

    `git apply --index` turns the patch into exactly the tree that `run --all` ends with. With --phase, the patch of
    each phase named. Executes nothing that the plan names (but a transform's codemod with --allow-code), and writes
    nothing but the files of --per-phase.
    """
    from codemod.report.findings import findings_block
    from codemod.report.outcomes import findings_in, layout_report

    with Narrator(given.output) as narrator:
        session = given.session(plan, narrator, allow_code=allow_code)
        outcomes = session.preview(tuple(phase or ()))
        patches = _patches(session, outcomes, apart=bool(phase) or per_phase is not None)
    findings = findings_in(outcomes)
    given.output.message(findings_block([found for found in findings if not found.blocks], given.output.limit))
    given.output.message(layout_report(outcomes))
    given.output.error(findings_block([found for found in findings if found.blocks]))
    code = max((outcome.exit_code for outcome in outcomes), default=0)
    if explain:
        patches = {name: _explained(patch, outcomes) for name, patch in patches.items()}
    if per_phase is not None:
        names = _write(per_phase, patches)
    pending = any(patches.values())
    code = code or (1 if exit_code and pending else 0)
    whole = b"".join(patches.values())
    if given.output.json:
        from codemod.report.documents import diff_document

        given.output.document(diff_document(session.plan, outcomes, whole, code))
    elif per_phase is not None:
        from codemod.report.page import line

        given.output.result(line(name) for name in names)
    elif stat:
        from codemod.report.patch import stat_report

        given.output.result(stat_report(whole))
    elif given.output.stdout.colour:
        from codemod.report.patch import coloured

        given.output.stdout.show(coloured(whole))
    else:
        given.output.stdout.raw(whole)
    return code


def _patches(session: Session, outcomes: Sequence[Outcome], *, apart: bool) -> dict[str, bytes]:
    """The net patch, or one patch a phase, keyed by the phase's id."""
    if not apart:
        return {"": session.net_patch(tuple(outcomes))}
    return {outcome.phase.id: session.net_patch((outcome,)) for outcome in outcomes}


def _explained(patch: bytes, outcomes: Sequence[Outcome]) -> bytes:
    from codemod.report.outcomes import reasons
    from codemod.report.patch import explained

    return explained(patch, reasons(outcomes))


def _write(folder: Path, patches: dict[str, bytes]) -> list[str]:
    """Write `01-ID.patch` and so on; phases without changes get no file.  Returns the paths."""
    from codemod.report.patch import file_name

    from .running import to_be_written

    written = []
    with to_be_written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for number, (phase, patch) in enumerate(patches.items(), 1):
            if patch:
                path = folder / file_name(number, phase)
                path.write_bytes(patch)
                written.append(str(path))
    return written

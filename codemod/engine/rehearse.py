"""The whole plan on a throwaway copy of what is committed, so that everybody can see which phases would pass."""

from __future__ import annotations

from codemod.base.findings import Finding, Weight
from codemod.base.values import replace
from codemod.plan.model import Phase
from codemod.shell import lock
from codemod.shell.throwaway import throwaway

from .events import PhaseResult, RunResult
from .run import Runner, attempt, finished, running
from .session import Session

PASSED = ("published", "holds")


def rehearse(session: Session) -> RunResult:
    """Run every phase on a copy; one that does not pass is left out, and the later ones are tried without it."""
    head = session.repository.head()
    with lock.interruptible(), throwaway(session.repository, head) as copy:
        request = replace(session.request, ok=frozenset(phase.id for phase in session.plan.phases), untracked="leave")
        inner = Session(request, session.plan, copy, session.listener)
        inner.remembered = session.remembered  # the copy will soon be gone
        with running(inner, links_from=session.repository.folder) as runner:
            for number, phase in enumerate(session.plan.phases, 1):
                session.listener.phase(phase, number, len(session.plan.phases))
                runner.results.append(_tried(runner, phase, session.request.ok))
            return replace(finished(runner), head=head.commit)


def _tried(runner: Runner, phase: Phase, ok: frozenset[str]) -> PhaseResult:
    failed = {result.phase.id for result in runner.results if result.state not in PASSED}
    lacking = [name for name in phase.depends_on if name in failed]
    if lacking:
        message = f"phase {phase.id} depends on {', '.join(lacking)}, which did not pass"
        return PhaseResult(phase, None, "skipped", findings=(Finding("depends-on", message, Weight.MISMATCH),))
    result = attempt(runner, phase)
    if phase.needs_ok and phase.id not in ok and result.state == "published":
        message = f"phase {phase.id} waits for the approval of {phase.needs_ok} when it is run"
        note = Finding("needs-ok", message, Weight.NOTE, hint=f"run it with --ok {phase.id} once you have it")
        return replace(result, findings=(*result.findings, note))
    return result

"""How far a migration is: each phase's state on the committed tree, and the commit that made it so."""

from __future__ import annotations

from codemod.rewrite.outcome import Outcome

from .events import PhaseStatus
from .past import Origin
from .session import Session


def status(session: Session) -> tuple[PhaseStatus, ...]:
    """The state of every phase; what an earlier phase still has to do counts as done for the later ones."""
    start, date = session.start(), session.date()
    now, rows, origins = start.inventory, [], dict[str, Origin]()
    for number, phase in enumerate(session.plan.phases, 1):
        session.listener.phase(phase, number, len(session.plan.phases))
        outcome = session.compute(phase, now, start.head.commit, date, origins)
        if outcome.moving:
            origins[phase.id] = Origin(phase, now)
        known = session.landed(phase, start.head.commit)
        commit = known.commit if known else ""
        state = _state(outcome, commit)
        rows.append(
            PhaseStatus(phase.id, phase.title, state, phase.owner, phase.target, commit, outcome.findings, outcome)
        )
        if not outcome.refused:
            now = now.after(outcome.after)
    return tuple(rows)


def _state(outcome: Outcome, commit: str) -> str:
    """The core's word, sharpened by the history: a phase that has been published and is not done has drifted."""
    return "drifted" if commit and outcome.state == "pending" and outcome.commits else outcome.state

"""Which commits are proven to be what their plan makes, and which files are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from .page import BLANK, Block, Span, count, line
from .records import ProvenRecord

_ROLES = {"proven": "good", "differs": "bad", "by-hand": "dim"}


def proof_report(verdicts: Sequence[ProvenRecord]) -> Iterator[Block]:
    """A line a commit, the files of those that differ below it, and the totals of a range."""
    for one in verdicts:
        why = f" ({one.why})" if one.why else ""
        place = f" [{one.phase} {one.step}]" if one.phase else ""
        yield line(
            Span(one.commit[:10], "code"), " ", Span(one.state, _ROLES[one.state]), f": {one.subject}{place}{why}"
        )
        for path in one.files:
            yield line("  ", path)
    if len(verdicts) > 1:
        counted = Counter(one.state for one in verdicts)
        yield BLANK
        yield line(f"{count(len(verdicts), 'commit')}: " + ", ".join(f"{counted[s]} {s}" for s in _ROLES if counted[s]))


def proof_document(verdicts: Sequence[ProvenRecord], code: int) -> dict[str, Any]:
    """commits: [{commit, subject, phase, step, kind, state, why, files}], exit."""
    return {
        "commits": [
            {
                "commit": one.commit,
                "subject": one.subject,
                "phase": one.phase,
                "step": one.step,
                "kind": one.kind,
                "state": one.state,
                "why": one.why,
                "files": list(one.files),
            }
            for one in verdicts
        ],
        "exit": code,
    }

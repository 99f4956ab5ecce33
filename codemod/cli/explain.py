"""`codemod explain CODE`: what a reason code means and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Given, command

if TYPE_CHECKING:
    from codemod.base.codes import Reason

EXAMPLES = """
codemod explain import-cycle
codemod explain
"""


def _complete(incomplete: str) -> list[str]:
    from codemod.base.codes import REASONS

    return [code for code in REASONS if code.startswith(incomplete)]


Code = Annotated[
    str | None,
    typer.Argument(metavar="[CODE]", help="A reason code; all of them without one.", autocompletion=_complete),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(explain)


def explain(given: Given, code: Code = None) -> int:
    """Explain a reason code and what to do about it.

    Without CODE: the list of all codes.
    """
    from codemod.base.codes import REASONS
    from codemod.base.errors import PlanError
    from codemod.base.findings import Finding, Weight
    from codemod.report.page import BLANK, Span, Table, line

    if code is not None and code not in REASONS:
        near = get_close_matches(code, REASONS, 3)
        hint = f"did you mean {', '.join(near)}?" if near else "codemod explain lists every code"
        raise PlanError(Finding("unknown-code", f"there is no reason code {code!r}", Weight.REFUSAL, hint=hint))
    if given.output.json:
        shown = REASONS if code is None else {code: REASONS[code]}
        given.output.document({"codes": _documents(shown), "exit": 0})
    elif code is None:
        rows = tuple(line(Span(name, "code"), reason.title) for name, reason in sorted(REASONS.items()))
        given.output.result([Table(("CODE", "MEANING"), rows)])
    else:
        reason = REASONS[code]
        title = line(Span(code, "code"), ": ", Span(reason.title, "strong"))
        given.output.result([title, BLANK, line(reason.text), BLANK, line(reason.remedy)])
    return 0


def _documents(reasons: Mapping[str, Reason]) -> list[dict[str, str]]:
    return [
        {"code": code, "title": reason.title, "text": reason.text, "remedy": reason.remedy}
        for code, reason in sorted(reasons.items())
    ]

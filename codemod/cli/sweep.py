"""`codemod sweep PLAN`: what merges brought back of the old layout, told or mended."""

from __future__ import annotations

from typing import Annotated

import typer

from .listen import Narrator
from .options import AllowCode, Given, PlanFile, command

EXAMPLES = """
codemod sweep plans/services.yaml
codemod sweep plans/services.yaml --check
codemod sweep plans/services.yaml --ignore-revs
"""

Check = Annotated[bool, typer.Option("--check", help="Only tell; exit 1 when there is something to sweep.")]
IgnoreRevs = Annotated[
    bool,
    typer.Option("--ignore-revs", help="List commits that only rewrite call sites in .git-blame-ignore-revs, too."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(sweep)


def sweep(
    given: Given, plan: PlanFile, check: Check = False, ignore_revs: IgnoreRevs = False, allow_code: AllowCode = False
) -> int:
    """Mend what merges brought back of the old layout.

    That is imports of names that published phases have retired, and files in packages that they have emptied. Without
    --check the mended tree is committed as a sweep; what only a hand can decide is told, and makes the exit code 1.
    """
    from .running import answer

    with Narrator(given.output) as narrator:
        session = given.session(plan, narrator, allow_code=allow_code)
        if not check:
            done = session.sweep(ignore_revs=ignore_revs)
            return answer(given.output, session.plan, done, narrator.costs, SWEPT)
        outcome = session.swept(ignore_revs=ignore_revs)
    found = bool(outcome.commits or outcome.refused)
    if given.output.json:
        from codemod.report.documents import sweep_document

        given.output.document(sweep_document(session.plan, outcome, int(found)))
        return int(found)
    from codemod.report.findings import findings_block
    from codemod.report.outcomes import sweep_report

    given.output.error(list(findings_block(outcome.findings)))
    given.output.result(sweep_report(outcome))
    return int(found)


SWEPT = {"published": "swept", "holds": "clean"}
"""States of a run in the words of a sweep."""

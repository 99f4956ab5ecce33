"""`codemod prove COMMIT|A..B`: is a commit just what the plan makes of the commit before it?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .listen import Narrator
from .options import AllowCode, Given, command

EXAMPLES = """
codemod prove HEAD
codemod prove main..migration --json | jq '.commits[] | select(.state == "differs") | .files'
codemod prove 9f3c2ab --plan plans/services.yaml
"""

Revision = Annotated[str, typer.Argument(metavar="COMMIT|A..B", help="A commit, or those of a range.")]
OutsidePlan = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="The plan, where the repository does not hold it.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(prove)


def prove(given: Given, revision: Revision, plan: OutsidePlan = None, allow_code: AllowCode = False) -> int:
    """Make a commit again from its plan and compare.

    Equal, or the list of files that a hand or a hook has changed (exit 1). Of a range, the commits on the first-parent
    line; those that no phase makes are told and count for nothing. Runs nothing that the plan names.
    """
    from codemod.engine.prove import Wanted, exit_code_of
    from codemod.engine.prove import prove as proven
    from codemod.report.proof import proof_document, proof_report

    with Narrator(given.output) as narrator:
        verdicts = proven(Wanted(revision, plan, allow_code), given.repo, narrator)
    code = exit_code_of(verdicts)
    if given.output.json:
        given.output.document(proof_document(verdicts, code))
    else:
        given.output.result(proof_report(verdicts))
    return code

"""`codemod inspect [PATH|MODULE]`: what the engine knows of a module."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Given, command

EXAMPLES = """
codemod inspect
codemod inspect app.services.billing_service
codemod inspect app/services/billing_service.py --json
codemod inspect app.services.billing_service --split-hints
"""

Named = Annotated[
    str, typer.Argument(metavar="[PATH|MODULE]", help="A module; all of them without one.", show_default=False)
]
Hinted = Annotated[bool, typer.Option("--split-hints", help="Propose how to divide the module.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(inspect)


def inspect(given: Given, named: Named = "", split_hints: Hinted = False) -> int:
    """Show what is known of a module, or of all of them.

    Name, path, size, public names, what it imports and who imports it, as committed in the repository you stand in.
    With --split-hints: groups of its definitions, what would cross between them, and a split to paste into a plan.
    """
    if split_hints:
        from .hinting import propose

        return propose(given, named)
    from codemod.engine.look import open_tree
    from codemod.report.modules import (
        overview_document,
        overview_report,
        portrait,
        portrait_document,
        portrait_report,
    )

    from .finding import module_of

    inventory = open_tree(given.repo)
    if not named:
        if given.output.json:
            given.output.document(overview_document(inventory))
        else:
            given.output.result(overview_report(inventory))
        return 0
    known = portrait(inventory, module_of(inventory, named))
    if given.output.json:
        given.output.document(portrait_document(known))
    else:
        given.output.result(portrait_report(known))
    return 0

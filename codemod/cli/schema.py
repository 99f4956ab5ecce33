"""`codemod schema`: the JSON Schema of a plan."""

from __future__ import annotations

import typer

from .options import Given, command

EXAMPLES = """
codemod schema > plan.schema.json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(schema)


def schema(given: Given) -> int:
    """Print the JSON Schema of a plan, for editors and CI.

    A first line `# yaml-language-server: $schema=plan.schema.json` in a plan makes editors complete and check it.
    """
    from codemod.plan.schema import schema as plan_schema

    given.output.document(plan_schema())
    return 0

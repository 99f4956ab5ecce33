"""`codemod trace -- CMD`: what a command imports by names that only it knows."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Given, command

EXAMPLES = """
codemod trace -- pytest -q
codemod trace -- python manage.py check
codemod trace --json -- pytest -n 4 | jq '.seen[] | select(.new) | .name'
"""

Command = Annotated[list[str], typer.Argument(metavar="-- CMD [ARGUMENTS]", help="The command.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(trace)


def trace(given: Given, cmd: Command) -> int:
    """Run a command and keep what it imports by computed names.

    Every Python that the command starts notes which modules of the repository were imported by name (import_module,
    entry points, pkgutil, pickles) and on which line. check, diff, run and residue add to the ledger those that the
    plan moves. Kept in the git directory. Exit code and output are the command's own; with --json its output goes to
    stderr. Not seen: python -I, -E and -S, and programs that are started without the environment.
    """
    from codemod.engine.trace import trace as run

    try:
        done = run(cmd, given.repo, apart=given.output.json)
    except (FileNotFoundError, PermissionError) as error:
        from codemod.report.page import line

        given.output.error([line(f"{cmd[0]}: {error.strerror}")])
        return 127 if isinstance(error, FileNotFoundError) else 126
    from codemod.report.trace import trace_document, trace_report

    if given.output.json:
        given.output.document(trace_document(cmd, done))
    else:
        given.output.message(trace_report(done))
    return done.status

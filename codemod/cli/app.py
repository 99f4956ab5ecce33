"""The application: every command, in the order in which people meet them."""

from __future__ import annotations

from typing import Annotated

import typer

from codemod import __version__

from . import (
    carry,
    check,
    diff,
    explain,
    forecast,
    graph,
    inspect,
    prove,
    rehearse,
    residue,
    run,
    schema,
    status,
    sweep,
    trace,
    undo,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"codemod {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A plan of phases restructures a Python repository, in small provable git commits.

    Write a plan, check it, look at the diff, rehearse it, run it phase by phase.
    Nothing ever prompts; only run and rehearse execute anything that a plan names.
    """


def build() -> typer.Typer:
    """The typer application with all commands registered."""
    app = typer.Typer(name="codemod", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(_root)
    commands = (
        check, status, diff, rehearse, run, undo, prove, carry, forecast, sweep, residue, trace, graph, inspect,
            explain,
        schema,
    )  # fmt: skip
    for module in commands:
        module.register(app)
    return app

"""The application: every command, in the order in which people meet them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from codemod import __version__

COMMANDS = (
    "check", "status", "diff", "rehearse", "run", "undo", "prove", "carry", "forecast", "sweep", "residue", "trace",
    "graph", "inspect", "explain", "schema",
)  # fmt: skip
"""In the order in which people meet them; each is a module beside this one."""


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


def build(asked: Sequence[str] = ()) -> typer.Typer:
    """The typer application: with the command alone that is asked for first, else (help, completion) with them all."""
    app = typer.Typer(name="codemod", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(_root)
    for name in asked[:1] if asked and asked[0] in COMMANDS else COMMANDS:
        import_module(f".{name}", __package__).register(app)
    return app

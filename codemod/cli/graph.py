"""`codemod graph`: who imports whom."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from .options import Given, command

EXAMPLES = """
codemod graph --of app.services
codemod graph --of app.services --format dot | dot -Tsvg > services.svg
codemod graph --json | jq '.cycles'
"""

Format = Annotated[Literal["text", "json", "dot", "mermaid"], typer.Option("--format", help="How to write the graph.")]
Of = Annotated[
    str, typer.Option("--of", metavar="PACKAGE", help="Only this package and what lies in it.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, examples=EXAMPLES)(graph)


def graph(given: Given, of: Of = "", format: Format = "text") -> int:
    """Show who imports whom in the repository you stand in.

    Reads the committed files. Counts imports inside functions and for type checkers; cycles are those of import time.
    """
    from codemod.engine.look import open_tree
    from codemod.report.graph import dot, graph_document, graph_report, mermaid
    from codemod.report.page import line
    from codemod.source.graph import Graph

    from .finding import module_of

    inventory = open_tree(given.repo)
    found = Graph.below(inventory, module_of(inventory, of).name if of else "")
    if given.output.json or format == "json":
        given.output.document(graph_document(found, of))
    elif format == "text":
        given.output.result(graph_report(found))
    else:
        given.output.result(line(text) for text in (dot(found) if format == "dot" else mermaid(found)))
    return 0

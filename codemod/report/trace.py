"""What a traced command imported by name, as a line and as a document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol

from codemod.rewrite.seen import Seen

from .page import Block, count, line


class TraceRecord(Protocol):
    """What is told of a trace."""

    @property
    def status(self) -> int:
        """The command's exit code."""

    @property
    def interpreters(self) -> int:
        """How many Pythons told of themselves."""

    @property
    def seen(self) -> Sequence[Seen]:
        """What was imported by name."""

    @property
    def new(self) -> Collection[Seen]:
        """What of it no earlier trace has seen."""


def trace_report(done: TraceRecord) -> Iterator[Block]:
    """`trace: 12 imports by name in 3 Python processes, 2 of them new`."""
    if not done.interpreters:
        yield line("trace: no Python process was seen (python -I, -E and -S do not look at the environment)")
        return
    processes = count(done.interpreters, "Python process", "Python processes")
    yield line(f"trace: {count(len(done.seen), 'import')} by name in {processes}, {len(done.new):,} of them new")


def trace_document(command: Sequence[str], done: TraceRecord) -> dict[str, Any]:
    """command, processes, seen (path, line, name, attribute, via, by, new), exit."""
    seen = [
        {
            "path": one.path, "line": one.line, "name": one.name, "attribute": one.attribute, "via": one.via,
            "by": one.by, "new": one in done.new,
        }
        for one in done.seen
    ]  # fmt: skip
    return {"command": list(command), "processes": done.interpreters, "seen": seen, "exit": done.status}

"""The operations that write on the tree when the moves are done: one line a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from codemod.plan.model import (
    Ban,
    Barrel,
    Delete,
    Document,
    Gather,
    Limit,
    Mirror,
    Ownership,
    Scaffold,
    Snapshot,
    Transform,
    Unshim,
)

from .context import Context, Result
from .guarded import guarded

_HOMES: Mapping[type, str] = {
    Ban: "ban",
    Barrel: "barrel",
    Delete: "delete",
    Document: "document",
    Gather: "gather",
    Limit: "limit",
    Mirror: "mirror",
    Ownership: "ownership",
    Scaffold: "scaffold",
    Snapshot: "snapshot",
    Transform: "transform",
    Unshim: "unshim",
}
"""The module beside this one whose `run` carries the operation out; imported when a plan asks for it."""


def written(operation: Any, context: Context) -> Result:
    """What an operation writes and finds, its writes kept to regular files."""
    home = import_module(f".{_HOMES[type(operation)]}", __package__)
    yield from guarded(home.run(operation, context), context)


WRITERS: Mapping[type, Callable[[Any, Context], Result]] = dict.fromkeys(_HOMES, written)

"""The operations that write on the tree when the moves are done: one line a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from codemod.plan.model import (
    Ban,
    Barrel,
    Delete,
    Document,
    Limit,
    Mirror,
    Ownership,
    Scaffold,
    Snapshot,
    Transform,
    Unshim,
)

from . import ban, barrel, delete, document, limit, mirror, ownership, scaffold, snapshot, transform, unshim
from .context import Context, Result
from .guarded import guarded

_RUNS: Mapping[type, Callable[[Any, Context], Result]] = {
    Ban: ban.run,
    Barrel: barrel.run,
    Delete: delete.run,
    Document: document.run,
    Limit: limit.run,
    Mirror: mirror.run,
    Ownership: ownership.run,
    Scaffold: scaffold.run,
    Snapshot: snapshot.run,
    Transform: transform.run,
    Unshim: unshim.run,
}


def written(operation: Any, context: Context) -> Result:
    """What an operation writes and finds, its writes kept to regular files."""
    yield from guarded(_RUNS[type(operation)](operation, context), context)


WRITERS: Mapping[type, Callable[[Any, Context], Result]] = dict.fromkeys(_RUNS, written)

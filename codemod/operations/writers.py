"""The operations that write on the tree when the moves are done: one line a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from codemod.plan.model import Barrel, Delete, Document, Limit, Mirror, Scaffold, Unshim

from . import barrel, delete, document, limit, mirror, scaffold, unshim
from .context import Context, Result

WRITERS: Mapping[type, Callable[[Any, Context], Result]] = {
    Barrel: barrel.run,
    Delete: delete.run,
    Document: document.run,
    Limit: limit.run,
    Mirror: mirror.run,
    Scaffold: scaffold.run,
    Unshim: unshim.run,
}

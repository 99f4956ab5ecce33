"""The operations that write on the tree when the moves are done: one line a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from codemod.plan.model import Barrel, Delete, Scaffold, Unshim

from . import barrel, delete, scaffold, unshim
from .context import Context, Result

WRITERS: Mapping[type, Callable[[Any, Context], Result]] = {
    Barrel: barrel.run,
    Delete: delete.run,
    Scaffold: scaffold.run,
    Unshim: unshim.run,
}

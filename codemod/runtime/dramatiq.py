"""Dramatiq actors, which are named by their function."""

from __future__ import annotations

from codemod.base.patterns import lazy

from .tasks import Tasks, by_function

DRAMATIQ = Tasks(
    name="dramatiq",
    code="runtime-dramatiq",
    words=(b"actor",),
    decorators=lazy(r"dramatiq\.(?:\w+\.)*actor"),
    written=lazy(r"dramatiq\.actor"),
    naming=by_function,
    own_name="actor_name",
    keyword="actor_name",
    kept=by_function,
    lost="workers do not know messages that were stored under the old name",
)

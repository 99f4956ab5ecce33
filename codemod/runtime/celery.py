"""Celery tasks, which are named by their module unless they have a name of their own."""

from __future__ import annotations

from codemod.base.patterns import lazy

from .tasks import Tasks, by_module

CELERY = Tasks(
    name="celery",
    code="runtime-celery",
    words=(b"task",),
    decorators=lazy(
        r"celery\.(?:\w+\.)*(?:shared_task|task|periodic_task)|celery\.(?:\w+\.)*(?:Celery\(\)|current_app)\.task"
    ),
    written=lazy(r"(?:\w+\.)*\w*celery\w*\.task"),
    naming=by_module,
    own_name="name",
    keyword="name",
    kept=by_module,
    lost="workers do not know messages and schedules that were stored under the old name",
)

"""Huey tasks, which are named by their module even where they have a name of their own."""

from __future__ import annotations

from codemod.base.patterns import lazy

from .tasks import Tasks, by_module, module_alone

HUEY = Tasks(
    name="huey",
    code="runtime-huey",
    words=(b"task",),
    decorators=lazy(r"huey\.(?:\w+\.)*\w*Huey\(\)\.(?:task|periodic_task)|huey\.contrib\.djhuey\.\w*task"),
    written=lazy(r"(?:\w+\.)*\w*huey\w*\.(?:task|periodic_task)"),
    naming=by_module,
    own_name="__module__",
    keyword="__module__",  # what the class that huey makes of the function says of itself
    kept=module_alone,
    lost="consumers do not know messages that were stored under the old name",
)

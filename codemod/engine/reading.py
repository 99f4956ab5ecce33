"""The plan, read from its file: here, or by a process beside this one that begins before anybody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from codemod.base.errors import PlanError
from codemod.base.findings import Finding, Weight
from codemod.plan.model import Plan
from codemod.shell.forks import Fork, processes
from codemod.shell.plugins import no_plugins


class Reading:
    """A plan that is being read.  pydantic and YAML take as long to load as all the rest: 0.1 s of each command."""

    __slots__ = ("_fork", "path")

    def __init__(self, path: str, fork: Fork) -> None:
        self.path = path
        self._fork: Fork | None = fork

    @classmethod
    def ahead(cls, arguments: Sequence[str]) -> Reading | None:
        """The plan that a command line seems to name; None where it names none, or there is one processor alone."""
        path = next((one for one in arguments[1:] if one.endswith((".yaml", ".yml"))), None)
        if path is None or processes() < 2:
            return None
        fork = Fork.doing(lambda: read_plan(Path(path)))
        return cls(path, fork) if fork is not None else None

    def plan(self, path: Path) -> Plan:
        """The plan at `path`, whatever was read ahead; raises PlanError."""
        found = self._fork.received() if self._fork is not None and path == Path(self.path) else None
        self.end()
        return found if isinstance(found, Plan) else read_plan(path)

    def end(self) -> None:
        """Nobody asks any more."""
        if self._fork is not None:
            self._fork.end()
            self._fork = None


def read_plan(path: Path) -> Plan:
    """The plan in a file; raises PlanError."""
    from codemod.plan.load import load

    try:
        data = path.read_bytes()
    except OSError as error:
        raise PlanError(
            Finding("plan-unreadable", f"{path}: {error.strerror or error}", Weight.REFUSAL, hint="name the plan file")
        ) from None
    with no_plugins():
        return load(data, str(path))

"""The plan as it was when a commit was made: in the tree before the phase, under the path that the commit names."""

from __future__ import annotations

from codemod.base.values import replace
from codemod.plan.load import load
from codemod.plan.model import Phase, Plan
from codemod.shell.repository import Repository


def plan_at(repository: Repository, commit: str, path: str) -> Plan | None:
    """The plan at a path in a commit's tree, None where no file is there; raises PlanError where it cannot be read."""
    status, data, _ = repository.git.answer("cat-file", "blob", f"{commit}:{path}") if path else (1, b"", "")
    return None if status else replace(load(data, path), path=path)


def phase_of(plan: Plan, id: str, digest: str) -> Phase | None:
    """The phase with an id as a commit knew it; None where the plan has none, or says something else in it."""
    return next((phase for phase in plan.phases if (phase.id, phase.digest) == (id, digest)), None)

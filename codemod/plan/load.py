"""Read a plan file: YAML to what was written to what runs, every error at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from codemod.base.errors import PlanError
from codemod.base.findings import Finding, Place, Weight

from . import build, conflicts, model, written
from .digest import digest
from .nodes import Location, Mapping, Node, Scalar, Sequence, Unreadable, absent, compose, key_path, kind, plain
from .problems import Problems, render

__all__ = ["load", "render"]

M = TypeVar("M", bound=BaseModel)


def load(text: bytes, path: str) -> model.Plan:
    """The plan that a file's bytes say; `path` is the file as the user named it.

    Raises PlanError with one finding for each error, in the order of the file.
    """
    try:
        top, broken = compose(text)
    except Unreadable as error:
        problem = error.problem
        place = Place(path, problem.spot.line, problem.spot.column)
        raise PlanError(
            Finding("plan-syntax", problem.message, Weight.REFUSAL, place, problem.hint, key_path(problem.path))
        ) from None
    problems = Problems(path, top)
    for item in broken:
        problems.syntax(item)
    plan = _Reader(problems).plan(top)
    if problems.found or plan is None:
        raise PlanError(*problems.sorted())
    return plan


class _Reader:
    """Validates part by part, so that one bad part does not hide what is wrong with the others."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def plan(self, top: Mapping) -> model.Plan | None:
        keys = self.valid(written.PlanKeys, top, (), "plan", without="phases")
        defaults = model.Settings()
        if keys is not None and keys.defaults is not None:
            defaults = build.settings(defaults, keys.defaults)
        phases: dict[Location, model.Phase] = {}
        unread: set[str] = set()
        for item, at in self.items(top, (), "phases"):
            phase = self.phase(item, at, defaults)
            if phase is not None:
                phases[at] = phase
            elif isinstance(item, Mapping) and "id" in item.entries and isinstance(item.entries["id"][1], Scalar):
                unread.add(item.entries["id"][1].text)
        places = {id(phase): at for at, phase in phases.items()}
        for phase, where, message in conflicts.of_phases(list(phases.values()), unread):
            self.problems.add("plan-conflict", message, places[id(phase)] + where, of_key=False)
        if keys is None:
            return None
        return build.plan(keys, list(phases.values()), self.problems.path, self.problems.mark(()))

    def phase(self, node: Node, location: Location, defaults: model.Settings) -> model.Phase | None:
        if not isinstance(node, Mapping):
            self.problems.add("plan-value", f"expected a phase, which is a mapping, found {kind(node)}", location)
            return None
        keys = self.valid(written.PhaseKeys, node, location, "phase", without="do")
        do: list[model.Operation] = []
        for item, at in self.items(node, location, "do", empty=True):
            do += self.step(item, at)
        for mark, message in conflicts.of_operations(do):
            self.problems.at(mark, message)
        if keys is None:
            return None
        phase = build.phase(keys, do, defaults, lambda *steps: self.problems.mark(location + steps))
        return dataclasses.replace(phase, digest=digest(phase))

    def step(self, node: Node, location: Location) -> tuple[model.Operation, ...]:
        if not isinstance(node, Mapping):
            self.problems.add("plan-value", f"expected a mapping of one verb, found {kind(node)}", location)
            return ()
        verb = self.verb(node, location)
        step = self.valid(written.Step, node, location, "operation")
        if step is None:
            step = _sound_rows(node, verb)
        if step is None or not verb:
            return ()
        return build.operations(step, verb, lambda *steps: self.problems.mark(location + steps))

    def verb(self, node: Mapping, location: Location) -> str:
        """The one verb of an operation; "" when there is none, or more than one."""
        verbs = [key for key in node.entries if key in written.VERBS]
        for key, (_, value) in node.entries.items():
            if key in KEYS["operation"] and absent(value):
                self.problems.add("plan-value", "needs a value", (*location, key))
        for key in verbs[1:]:
            hint = "begin a new list item"
            message = f"an operation is one verb; {verbs[0]!r} stands here already"
            self.problems.add("plan-key", message, (*location, key), hint=hint)
        siblings = [key for key in node.entries if key in written.SIBLINGS]
        if verbs and "split" not in verbs:
            for key in siblings:
                self.problems.add("plan-key", f"{key!r} belongs to split, not to {verbs[0]!r}", (*location, key))
        if "split" in verbs and "into" not in siblings:
            self.problems.add("plan-key", "missing key 'into'", location)
        known = {*written.VERBS, *written.SIBLINGS}
        if not verbs and (siblings or not node.entries.keys() - known):
            self.problems.add("plan-key", "no verb: " + ", ".join(written.VERBS), location)
        return verbs[0] if len(verbs) == 1 else ""

    def items(
        self, owner: Mapping, location: Location, key: str, *, empty: bool = False
    ) -> Iterator[tuple[Node, Location]]:
        """The items of a list that must be there, each with its location."""
        if key not in owner.entries:
            self.problems.add("plan-key", f"missing key {key!r}", location)
            return
        node = owner.entries[key][1]
        if isinstance(node, Sequence) and (node.items or empty):
            yield from ((item, (*location, key, number)) for number, item in enumerate(node.items))
        elif isinstance(node, Sequence):
            self.problems.add("plan-value", "is empty", (*location, key))
        elif absent(node):
            self.problems.add("plan-value", "needs a value", (*location, key))
        else:
            self.problems.add("plan-value", f"expected a list, found {kind(node)}", (*location, key))

    def valid(self, kind_of: type[M], node: Mapping, location: Location, name: str, *, without: str = "") -> M | None:
        """The mapping as its model, or None when it is not valid by itself."""
        later = [key for key in node.entries if kind_of is written.Step and key in written.LATER]
        for key in later:
            self.problems.add("plan-key", f"{key!r} is not available in this version of codemod", (*location, key))
        raw = {k: plain(v) for k, (_, v) in node.entries.items() if k != without and k not in later}
        try:
            return kind_of.model_validate(raw)
        except ValidationError as error:
            self.problems.invalid(location, error.errors(include_url=False, include_input=False), KEYS, name)
            return None


def _sound_rows(node: Mapping, verb: str) -> written.Step | None:
    """The operation without the rows of its tables that are wrong, so that the others are still compared."""
    raw: dict[str, Any] = {key: plain(value) for key, (_, value) in node.entries.items() if key in written.TABLES}
    if "split" in node.entries:
        raw["split"] = plain(node.entries["split"][1])
    for _ in range(2):
        try:
            return written.Step.model_validate(raw) if verb in raw else None
        except ValidationError as error:
            for wrong in error.errors(include_url=False):
                key, *row = wrong["loc"]
                table = raw.get(str(key))
                if row and isinstance(table, dict):
                    table.pop(next((step for step in row if step in table), ""), None)
                else:
                    raw.pop(str(key), None)
    return None


def _keys(kind_of: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in kind_of.model_fields.items())


KEYS = {
    "plan": (*_keys(written.PlanKeys), "phases"),
    "phase": (*_keys(written.PhaseKeys), "do"),
    "operation": _keys(written.Step),
    "defaults": _keys(written.Settings),
    "budget": _keys(written.Budget),
    "check": _keys(written.Check),
    "checks": _keys(written.Replace),
    "worktree": _keys(written.Worktree),
    "keep": _keys(written.Settled),
    "rewrite": _keys(written.Settled),
    "into": _keys(written.Receives),
    "scaffold": _keys(written.About),
    "delete": _keys(written.Delete),
    "snapshot": _keys(written.Snapshot),
    "ownership": _keys(written.Ownership),
    "document": _keys(written.Document),
    "ban": _keys(written.Ban),
    "limit": _keys(written.Limit),
    "mirror": _keys(written.Mirror),
    "transform": _keys(written.Transform),
}
"""The keys that each kind of mapping knows, for suggestions."""

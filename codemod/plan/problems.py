"""What is wrong with a plan, as findings that carry the place and the key path."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field

from .model import Mark
from .nodes import Location, Mapping, Node, Problem, Scalar, Spot, absent, existing, key_path, kind, locate


def render(finding: Finding) -> str:
    """`plan.yaml:12:9 phases[1].do[0].move: message`; the hint, where there is one, in parentheses behind it."""
    where = " ".join(part for part in (str(finding.place or ""), finding.key) if part)
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{where}: {finding.message}{hint}" if where else finding.message + hint


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """`, did you mean 'move'?`, or nothing when no known word is near."""
    words = sorted(known)
    near = difflib.get_close_matches(written, words, 1, 0.65) or [
        w for w in words if w.casefold() == written.casefold()
    ]
    return f", did you mean {near[0]!r}?" if near else ""


@dataclass(slots=True)
class Problems:
    """Everything that is wrong with one plan file, gathered while it is read."""

    path: str
    top: Node
    found: list[Finding] = field(default_factory=list)

    def add(self, code: str, message: str, location: Location, *, of_key: bool = True, hint: str = "") -> None:
        """Something wrong at a location; `of_key` points at the key rather than at its value."""
        self.put(code, message, locate(self.top, location, of_key=of_key), existing(self.top, location)[1], hint)

    def put(self, code: str, message: str, spot: Spot, location: Location = (), hint: str = "") -> None:
        """Something wrong at a spot."""
        place = Place(self.path, spot.line, spot.column)
        self.found.append(Finding(code, message, Weight.REFUSAL, place, hint, key_path(location)))

    def at(self, mark: Mark, message: str, hint: str = "") -> None:
        """A contradiction at something that was read well by itself."""
        place = Place(self.path, mark.line, mark.column)
        self.found.append(Finding("plan-conflict", message, Weight.REFUSAL, place, hint, mark.key))

    def syntax(self, problem: Problem) -> None:
        """A problem of the file itself."""
        self.put("plan-syntax", problem.message, problem.spot, problem.path, problem.hint)

    def mark(self, location: Location) -> Mark:
        """The mark of what stands at a location."""
        spot = locate(self.top, location)
        return Mark(spot.line, spot.column, key_path(existing(self.top, location)[1]))

    def sorted(self) -> tuple[Finding, ...]:
        """Each finding once, in the order of the file."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda finding: finding.place or Place("")))

    def invalid(self, base: Location, errors: Iterable[Any], known: dict[str, tuple[str, ...]], default: str) -> None:
        """Pydantic's errors on the value at `base`; `known` gives the keys of each kind of mapping by its own key."""
        for error in errors:
            location = tuple(error["loc"])
            if error["type"] == "extra_forbidden":
                self.unknown(base, location, known, default)
            elif error["type"] == "missing":
                self.add("plan-key", f"missing key {location[-1]!r}", base + location[:-1])
            elif location and location[-1] == "[key]":
                self.add("plan-value", _message(error, None), base + location[:-1])
            else:
                self.value(base + location, error)

    def unknown(self, base: Location, location: Location, known: dict[str, tuple[str, ...]], default: str) -> None:
        """A key that nothing knows."""
        # The verb decides in an operation, the nearest key elsewhere: other keys on the way are the user's own.
        steps = location[:-1] if default == "operation" else location[-2::-1]
        owner = next((step for step in steps if step in known), default)
        if owner == "checks" and any(isinstance(step, int) for step in location):
            owner = "check"
        keys, key = known[str(owner)], str(location[-1])
        elsewhere = [place for place in ("plan", "phase", "operation") if key in known[place] and place != owner]
        hint = f"{key!r} is a key of the {elsewhere[0]}" if elsewhere else "known here: " + ", ".join(sorted(keys))
        meant = "" if elsewhere else did_you_mean(key, keys)
        self.add("plan-key", f"unknown key {key!r}{meant}", base + location, hint="" if meant else hint)

    def value(self, location: Location, error: Any) -> None:
        """A value that is not what it should be."""
        node = existing(self.top, location)[0]
        if absent(node) and error["type"] != "value_error":
            self.add("plan-value", "needs a value", location)
        else:
            # A mapping's own place is its first key; its key's place tells more.
            self.add("plan-value", _message(error, node), location, of_key=isinstance(node, Mapping))


_NUMBERS = {"int": "a whole number", "float": "a number", "bool": "true or false"}
_SHAPES = {"list": "a list", "dict": "a mapping", "model": "a mapping", "string": "a text"}
_BOUNDS = {"greater_than": ("gt", "more than"), "greater_than_equal": ("ge", "at least")}


def _message(error: Any, node: Node | None) -> str:
    """Our words for one of pydantic's errors."""
    kind_of_error: str = error["type"]
    context: dict[str, Any] = error.get("ctx") or {}
    found = ", found " + (repr(node.text) if isinstance(node, Scalar) else kind(node)) if node is not None else ""
    first = kind_of_error.partition("_")[0]
    if kind_of_error == "value_error":
        return str(context["error"])
    if kind_of_error == "shape":
        return f"{error['msg']}{found}"
    if kind_of_error == "literal_error":
        expected = str(context["expected"])
        meant = did_you_mean(node.text, expected.split("'")[1::2]) if isinstance(node, Scalar) else ""
        return f"expected {expected}{found}{meant}"
    if kind_of_error in _BOUNDS:
        name, words = _BOUNDS[kind_of_error]
        return f"must be {words} {context[name]:g}"
    if kind_of_error == "too_short":
        return "is empty"
    if kind_of_error.endswith("_type") and first in _SHAPES:
        return f"expected {_SHAPES[first]}{found}"
    if first in _NUMBERS or kind_of_error == "finite_number":
        return f"expected {_NUMBERS.get(first, 'a number')}{found}"
    return str(error["msg"])

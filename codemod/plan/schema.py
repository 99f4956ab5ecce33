"""The JSON Schema of a plan, made from what the loader reads, for editors and CI."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from . import written

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Phase(written.PhaseKeys):
    """One step of the migration, published as a whole."""

    do: list[written.Step] = Field(description="The operations, in order.")


class Plan(written.PlanKeys):
    """A plan of phases that restructure a Python repository."""

    phases: Annotated[list[Phase], Field(min_length=1)] = Field(description="In the order in which they run.")


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a plan, version 1."""
    raw = Plan.model_json_schema()
    step = raw["$defs"]["Step"]
    step["oneOf"] = [{"required": [verb]} for verb in written.VERBS]
    step["dependentRequired"] = {"split": ["into"], **{key: ["split"] for key in written.SIBLINGS}}
    for definition in (raw, *raw["$defs"].values()):
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
    tidied = _tidy(raw)
    return {"$schema": DIALECT, **tidied, "title": "A codemod plan"}


def _tidy(node: Any) -> Any:
    """Without what pydantic says for Python's sake: defaults that mean "left out", and the null that goes with them."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: _tidy(value) for key, value in node.items() if not (key == "default" and value in (None, "", [], {}))}
    rows = out.pop("patternProperties", None)
    if rows is not None and len(rows) == 1:  # a pattern on the keys of a table: other keys are wrong, not free
        [(pattern, value)] = rows.items()
        out |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
    choices = [choice for choice in out.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1 and len(out["anyOf"]) == 2:
        del out["anyOf"]
        out = {**choices[0], **out}
    return out

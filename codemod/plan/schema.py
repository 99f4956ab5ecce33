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
        properties = definition.get("properties", {})
        for key, field in properties.items():
            field.pop("title", None)
            properties[key] = _given(field)
    tidied = _tidy(raw)
    return {"$schema": DIALECT, **tidied, "title": "A codemod plan"}


def _given(field: dict[str, Any]) -> dict[str, Any]:
    """A key as it is written when it is there: without the null that stands for "left out"."""
    choices = [choice for choice in field.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return field
    return {**choices[0], **{key: value for key, value in field.items() if key != "anyOf"}}


def _tidy(node: Any) -> Any:
    """Without defaults that mean "left out", and with tables that take no other keys than theirs."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: _tidy(value) for key, value in node.items() if not (key == "default" and value in (None, "", [], {}))}
    rows = out.pop("patternProperties", None)
    if rows is not None and len(rows) == 1:  # a pattern on the keys of a table: other keys are wrong, not free
        [(pattern, value)] = rows.items()
        out |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
    return out

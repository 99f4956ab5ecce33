import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import codemod.plan
from codemod.plan.nodes import compose, plain
from codemod.plan.schema import schema
from codemod.plan.written import VERBS
from tests.plan.texts import Case, cases, errors_of

SHIPPED = Path(codemod.plan.__file__).parent / "schema.json"
ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(schema())


class Core(yaml.SafeLoader):
    """YAML 1.2's core types, as editors read them: no dates, no `yes`, keys are texts."""


Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag.rpartition(":")[2] in ("int", "float", "null")]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("true|false"), list("tf"))
Core.add_constructor("tag:yaml.org,2002:null", lambda loader, node: None)


def as_editors_read(text: str) -> Any:
    return json.loads(json.dumps(yaml.load(text, Loader=Core)))


def complaints(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(as_editors_read(text))]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_shipped_schema_is_the_models(update: bool) -> None:
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if update:
        SHIPPED.write_text(text, "utf-8")
    assert SHIPPED.read_text("utf-8") == text


def test_every_verb_is_offered_with_its_description() -> None:
    properties = schema()["$defs"]["Step"]["properties"]
    assert all(properties[verb].get("description") for verb in VERBS)


def test_every_key_has_a_description() -> None:
    document = schema()
    for definition in (document, *document["$defs"].values()):
        for key, field in definition["properties"].items():
            assert field.get("description"), key


@pytest.mark.parametrize("path", sorted(ROOT.glob("plans/*.yaml")), ids=lambda path: path.name)
def test_our_own_plans_are_valid_and_load(path: Path) -> None:
    text = path.read_text("utf-8")
    assert complaints(text) == []
    assert errors_of(text) == ""


# We read `yes`, `null` as a key and numbers in quotes as written; an editor takes them for other types.
LOOSER = {"numbers that are fine", "sources and targets that are", "a version written as a number with a point"}


@pytest.mark.parametrize(
    "case", [c for c in cases() if not c.errors and c.title not in LOOSER], ids=lambda case: case.id
)
def test_what_loads_is_valid(case: Case) -> None:
    if case.file.stem == "yaml":
        assert list(VALIDATOR.iter_errors(plain(compose(case.plan.encode())[0]))) == []
    else:
        assert complaints(case.plan) == []


@pytest.mark.parametrize(
    "case",
    [c for c in cases() if c.errors and c.file.stem in ("keys", "names", "paths", "values") and c.title not in LOOSER],
    ids=lambda case: case.id,
)
def test_what_does_not_load_is_not_valid(case: Case) -> None:
    assert complaints(case.plan)

import re
from pathlib import Path

import pytest

from codemod.plan.load import KEYS
from codemod.plan.written import VERBS
from tests.plan.test_schema import complaints
from tests.plan.texts import errors_of

PAGE = (Path(__file__).parents[2] / "docs" / "plan.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


def whole(block: str) -> str:
    """A plan around an example: of operations, of phases, of plan keys, or none when it is a plan."""
    head = "version: 1\nname: x\n"
    if re.search(r"^version:", block, flags=re.MULTILINE):
        return block
    if block.startswith("- id:"):
        earlier = "phases:\n- {id: low-risk, do: []}\n"
        return head + earlier + block
    if block.startswith("- "):
        return head + "phases:\n- id: a\n  do:\n" + re.sub("^", "  ", block, flags=re.MULTILINE)
    return head + block


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_each_example_loads(block: str) -> None:
    assert errors_of(whole(block)) == ""
    assert complaints(whole(block)) == []


def test_every_key_is_on_the_page() -> None:
    keys = {key for keys in KEYS.values() for key in keys} - {"replace"}
    missing = sorted(key for key in keys if f"`{key}`" not in PAGE)
    assert missing == []


def test_every_verb_has_an_example() -> None:
    examples = "\n".join(BLOCKS)
    assert [verb for verb in VERBS if not re.search(rf"^ *- {verb}:", examples, flags=re.MULTILINE)] == []

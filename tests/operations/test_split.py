"""`split`: which names a selector means, and what a second run finds."""

from __future__ import annotations

import pytest

from codemod.operations.motion import carry_out
from codemod.operations.split import Selected, select
from codemod.plan.model import Selector, Split
from codemod.source.inventory import Inventory
from tests.operations.moving import Files, move, same_behaviour, tree_of

SOURCE = '''"""Models."""

from enum import Enum, IntEnum

from pydantic import BaseModel

from .web import router

LIMIT = 3
_cache = {}


# --- Enums ---


class Colour(Enum):
    RED = 1


class Level(IntEnum):
    LOW = 1


# --- Cohorts ---


class Cohort(BaseModel):
    colour: Colour


class CohortPage(Cohort):
    pass


@router.get("/cohorts")
def list_cohorts():
    return [Cohort]


def helper():
    return LIMIT
'''
FILES: Files = {"app/__init__.py": "", "app/models.py": SOURCE}


def chosen(*into: Selector, files: Files = FILES) -> Selected:
    return select(Split("app.models", into), Inventory(tree_of(files)))


def sent(found: Selected) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for motion in found.motions:
        result.setdefault(motion.target, []).append(motion.name)
    return result


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        pytest.param(Selector("app.x", names=("Cohort",)), ["Cohort"], id="name"),
        pytest.param(Selector("app.x", names=("Cohort*",)), ["Cohort", "CohortPage"], id="glob"),
        pytest.param(Selector("app.x", names=("*_cohorts", "LIMIT")), ["LIMIT", "list_cohorts"], id="glob and name"),
        pytest.param(Selector("app.x", bases=("Enum",)), ["Colour"], id="base"),
        pytest.param(Selector("app.x", bases=("BaseModel",)), ["Cohort", "CohortPage"], id="base through a base"),
        pytest.param(Selector("app.x", bases=("enum.IntEnum",)), ["Level"], id="base by its full name"),
        pytest.param(Selector("app.x", decorators=("router.get",)), ["list_cohorts"], id="decorator"),
        pytest.param(Selector("app.x", decorators=("router.*",)), ["list_cohorts"], id="decorator glob"),
        pytest.param(Selector("app.x", decorators=("app.web.router.get",)), ["list_cohorts"], id="decorator in full"),
        pytest.param(Selector("app.x", section=("Enums",)), ["Colour", "Level"], id="section"),
        pytest.param(Selector("app.x", section=("enum*",)), ["Colour", "Level"], id="section glob"),
        pytest.param(
            Selector("app.x", rest=True),
            ["LIMIT", "_cache", "Colour", "Level", "Cohort", "CohortPage", "list_cohorts", "helper"],
            id="rest alone",
        ),
    ],
)
def test_selectors(selector: Selector, names: list[str]) -> None:
    found = chosen(selector)
    assert not found.findings
    assert sent(found) == {"app.x": names}


def test_names_win_over_patterns_and_patterns_over_the_rest() -> None:
    found = chosen(
        Selector("app.a", names=("Cohort*",)),
        Selector("app.b", names=("CohortPage",)),
        Selector("app.c", rest=True),
        Selector("app.models", names=("helper",)),
    )
    assert sent(found) == {
        "app.a": ["Cohort"],
        "app.b": ["CohortPage"],
        "app.c": ["LIMIT", "_cache", "Colour", "Level", "list_cohorts"],
    }


@pytest.mark.parametrize(
    ("into", "code"),
    [
        pytest.param((Selector("app.x", names=("Cohrt",)),), "source-missing", id="misspelt"),
        pytest.param((Selector("app.x", bases=("Nothing",)),), "split-empty", id="matches nothing"),
        pytest.param(
            (Selector("app.x", names=("C*",)), Selector("app.y", names=("Co*",))), "split-ambiguous", id="two targets"
        ),
        pytest.param((Selector("app.x", routes=("/chorts*",)),), "split-empty", id="no such route"),
    ],
)
def test_refused(into: tuple[Selector, ...], code: str) -> None:
    found = chosen(*into)
    assert {finding.code for finding in found.findings} == {code}
    assert all(finding.hint for finding in found.findings)


def test_did_you_mean() -> None:
    (finding,) = chosen(Selector("app.x", names=("Cohrt",))).findings
    assert finding.hint == "did you mean Cohort or CohortPage?"


def test_source_missing() -> None:
    found = select(Split("app.modles", (Selector("app.x", names=("A",)),)), Inventory(tree_of(FILES)))
    assert [(f.code, f.hint) for f in found.findings] == [("source-missing", "did you mean app.models?")]


def test_second_run_holds() -> None:
    files = {"app/__init__.py": "", "app/models.py": "class A: ...\n\n\nclass B: ...\n\n\nC = 1\n"}
    operation = Split("app.models", (Selector("app.models.a", names=("A",)), Selector("app.models.rest", rest=True)))
    inventory = Inventory(tree_of(files))
    first = select(operation, inventory)
    assert first.packages == ["app.models"]
    done = carry_out(inventory, first.motions, packages=first.packages)
    now = inventory.after(inventory.tree.changed(moves=done.moves, writes={**done.creates, **done.writes}))
    again = select(operation, now)
    assert not again.motions and not again.findings
    assert [(m.name, m.target) for m in again.held] == [("A", "app.models.a")]


def test_split_into_a_package_keeps_behaviour() -> None:
    files = {
        "app/__init__.py": "",
        "app/web.py": "class Router:\n    def __init__(self):\n        self.paths = []\n\n"
        "    def get(self, path):\n        return lambda f: self.paths.append(path) or f\n\n\nrouter = Router()\n",
        "app/models.py": SOURCE.replace("from pydantic import BaseModel\n", "BaseModel = object\n"),
        "main.py": "from app.models import Cohort, Level, list_cohorts\nimport app.models as m\n"
        "print(list_cohorts()[0] is Cohort, Level.LOW, m.helper())\n",
    }
    into = (
        Selector("app.models.enums", section=("Enums",)),
        Selector("app.models.cohort", names=("Cohort*",)),
        Selector("app.models.core", rest=True),
    )
    found = chosen(*into, files=files)
    result, motion = move(files, *((m.source, m.name, m.target) for m in found.motions))
    assert not motion.blocked
    assert result["app/models/__init__.py"] == '"""Models."""\n\nfrom . import core  # noqa: F401\n'
    assert result["app/models/enums.py"].startswith(
        "from enum import Enum, IntEnum\n\n\n# --- Enums ---\n\n\nclass Colour"
    )
    assert (
        result["app/models/cohort.py"].startswith("from app.models.") or "from .enums" in result["app/models/cohort.py"]
    )
    same_behaviour(files, result)

"""Proposals to divide a module: what they group by, and that they can be carried out as they stand."""

from __future__ import annotations

import pytest

from codemod.analysis.grouping import Hints, slug, words_of
from codemod.operations.hints import hints
from codemod.plan.load import load
from codemod.source.inventory import Inventory
from tests.kit import run
from tests.operations.moving import Files, tree_of


def proposed(source: str, name: str = "app.big", more: Files | None = None) -> Hints:
    """The proposal for a module, tried where there is one."""
    files = {"app/__init__.py": "", "app/big.py": source, **(more or {})}
    inventory = Inventory(tree_of(files))
    module = inventory.modules.get(name)
    assert module is not None
    found = hints(inventory, module)
    if found.plan and found.refused is None:
        lines = "".join(f"      {line}\n" for line in found.plan.splitlines())
        plan = load(f"version: 1\nname: x\nphases:\n  - id: a\n    do:\n{lines}".encode(), "plan.yaml")
        result = run(plan, tree_of(files))
        assert not result.outcomes[0].refused
        for group in found.groups:
            assert f"app/big/{group.topic}.py" in result.after
    return found


def grouped(found: Hints) -> dict[str, list[str]]:
    return {group.topic: list(group.names) for group in found.groups}


BODY = "    total = 0\n" * 16
SECTIONS = f"""import enum

# --- Orders ---


class Order:
{BODY}

def place(order):
    return Order

# --- Goods and prices ---


def price():
{BODY}

class Good(Order):
    pass
"""


def test_sections() -> None:
    found = proposed(SECTIONS)
    assert grouped(found) == {"orders": ["Order", "place"], "goods_prices": ["price", "Good"]}
    assert [(c.source, c.target, c.names, c.on_import) for c in found.crossings] == [
        ("goods_prices", "orders", ("Order",), True)
    ]


def test_routes_are_grouped_by_tag_and_their_router_is_replicated() -> None:
    routes = "".join(
        f'@router.get("/{topic}s/{n}", tags=["{topic}s"])\ndef {verb}_{topic}():\n    return _page({n})\n{BODY}\n\n'
        for topic in ("order", "good")
        for n, verb in enumerate(("list", "read"))
    )
    page = "def _page(n):\n    return n\n"
    found = proposed(f"from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n{routes}\n{page}")
    assert grouped(found) == {"orders": ["list_order", "read_order"], "goods": ["list_good", "read_good"]}
    assert found.stays == ("router", "_page")
    assert found.plan.endswith("  replicate: [router]\n  assemble: [router]\n")


def test_words_kinds_and_users() -> None:
    source = f"""from enum import Enum


class Colour(Enum):
    RED = 1
    BLUE = 2
    GREEN = 3
    GREY = 4


class Size(Enum):
    S = 1
    M = 2
    L = 3
    XL = 4
    XXL = 5


def list_orders():
{BODY}    return _open()


def _open():
    return Colour


class OrderLine:
{BODY}

class GoodPrice:
{BODY}

def find_goods():
    return GoodPrice
"""
    assert grouped(proposed(source)) == {
        "enums": ["Colour", "Size"],
        "order": ["list_orders", "_open", "OrderLine"],
        "good": ["GoodPrice", "find_goods"],
    }


def test_what_cannot_part_stays_together() -> None:
    source = f"""# --- Orders ---


def count_orders():
    global total
    total += 1
{BODY}

class Order:
{BODY}

# --- Goods ---

total = 0


class Good(Order):
{BODY}

class Gone:
    kind = Good


# --- Rest ---


class Late(Gone):
{BODY}
"""
    found = proposed(source)
    homes = {name: group.topic for group in found.groups for name in group.names}
    assert found.refused is None
    assert homes.get("count_orders") == homes.get("total")


def test_another_name_stays_with_what_it_names() -> None:
    source = (
        f"class Order:\n{BODY}\n\nclass OrderLine:\n{BODY}\n\nclass Url:\n{BODY}\n\nclass UrlPath(Url):\n{BODY}\n\n"
    )
    found = proposed(source + "URL = Url\nOTHER = [Url]\n")
    homes = {name: group.topic for group in found.groups for name in group.names}
    assert homes["URL"] == homes["Url"]
    assert "OTHER" not in homes or homes["OTHER"] == homes["Url"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("", id="empty"),
        pytest.param("import os\n", id="imports"),
        pytest.param("def one():\n    return 1\n", id="one function"),
        pytest.param("class A:\n    pass\n\n\nclass B(A):\n    pass\n", id="small"),
    ],
)
def test_nothing_to_propose(source: str) -> None:
    found = proposed(source)
    assert not found.groups
    assert not found.plan


def test_a_name_that_is_taken() -> None:
    found = proposed(SECTIONS.replace("import enum", "import enum as orders\n\nprint(orders)"))
    assert [group.topic for group in found.groups] == ["orders_part", "goods_prices"]


@pytest.mark.parametrize(
    ("title", "name"),
    [("--- Coach dashboard (v2)", "coach_dashboard"), ("The orders", "orders"), ("1. Set up!", "set_up"), ("===", "")],
)
def test_slug(title: str, name: str) -> None:
    assert slug(title) == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("list_my_enrollments", ["enrollment"]),
        ("CohortResource", ["cohort", "resource"]),
        ("HTTPError", ["http"]),
        ("_policies_of", ["policy"]),
        ("status", ["status"]),
    ],
)
def test_words(name: str, words: list[str]) -> None:
    assert words_of(name) == words

"""How files get at the names of a module, and that no file is held back which does."""

from __future__ import annotations

import pytest

from codemod.source.inventory import Inventory
from codemod.source.reach import Reach
from codemod.source.tree import Tree

FILES = {
    "app/__init__.py": b"",
    "app/catalog.py": b"ITEM = 1\n",
    "app/shop/__init__.py": b"ITEM = 2\n",
    "app/shop/deep/__init__.py": b"",
    "app/direct.py": b"from app.catalog import ITEM\n",
    "app/alias.py": b"import app.catalog as c\nfrom app import catalog as \\\n    k\n",
    "app/star.py": b"from .catalog import *\n",
    "app/further.py": b"from app.star import *\n",
}


@pytest.fixture
def inventory() -> Inventory:
    return Inventory(Tree.of(FILES))


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("x.py", b"from app.catalog import ITEM"),
        ("app/x.py", b"from . import catalog"),
        ("x.py", b"from app.alias import c\nc.ITEM"),
        ("x.py", b"from app.alias import k\nk.ITEM"),
        ("x.py", b"from app.star import ITEM"),
        ("x.py", b"import app.further\napp.further.ITEM"),
    ],
)
def test_files_that_get_at_a_name(inventory: Inventory, path: str, data: bytes) -> None:
    assert Reach.of(inventory, "app.catalog").includes(path, data)


@pytest.mark.parametrize("data", [b"from app.other import ITEM", b"ITEM = app.ITEM", b"import json"])
def test_files_that_do_not(inventory: Inventory, data: bytes) -> None:
    assert not Reach.of(inventory, "app.catalog").includes("x.py", data)


def test_a_packages_own_files_need_no_word(inventory: Inventory) -> None:
    reach = Reach.of(inventory, "app.shop")
    assert reach.includes("app/shop/deep/x.py", b"from .. import ITEM")
    assert not reach.includes("app/x.py", b"from . import ITEM")

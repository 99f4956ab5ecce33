"""Where a name was defined, through re-exports."""

from __future__ import annotations

import pytest

from codemod.source.inventory import Inventory, Target
from codemod.source.origins import origin_of, star_names
from codemod.source.tree import Tree

FILES = {
    "p/__init__.py": "from .a import A as B, missing\nfrom .c import *\nimport os.path\n"
    "import p.a as q\nfrom re import X\n",
    "p/a.py": "A = 1\n_h = 2\ndef f():\n    global G\n    G = 1\n",
    "p/c.py": "from .d import *\nfrom . import B as Again\n__all__ = ['D', 'Again', 'lost']\n",
    "p/d.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import A\nD = 1\n",
    "p/loop.py": "from .pool import x\n",
    "p/pool.py": "from .loop import x\n",
}
INVENTORY = Inventory(Tree.of({path: text.encode() for path, text in FILES.items()}))


@pytest.mark.parametrize(
    ("module", "name", "origin"),
    [
        ("p", "B", Target("p.a", "A")),
        ("p", "missing", Target("p.a", "missing")),
        ("p", "D", Target("p.d", "D")),
        ("p", "Again", Target("p.a", "A")),
        ("p", "lost", Target("p.c", "lost")),
        ("p", "os", Target("os")),
        ("p", "q", Target("p.a")),
        ("p", "X", Target("re", "X")),
        ("p", "a", Target("p.a")),
        ("p", "nothing", None),
        ("p.a", "G", Target("p.a", "G")),
        ("p.d", "A", None),
        ("p.loop", "x", Target("p.loop", "x")),
    ],
)
def test_origin(module: str, name: str, origin: Target | None) -> None:
    found = INVENTORY.modules.get(module)
    assert found is not None
    assert origin_of(INVENTORY, found, name) == origin


@pytest.mark.parametrize(
    ("module", "names"),
    [("p.a", "A G f"), ("p.c", "D Again lost"), ("p", "B missing D Again lost os q X"), ("p.d", "D TYPE_CHECKING")],
)
def test_star_names(module: str, names: str) -> None:
    found = INVENTORY.modules.get(module)
    assert found is not None
    assert star_names(INVENTORY, found) == set(names.split())

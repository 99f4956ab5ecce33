"""What is near a name that is not there."""

from __future__ import annotations

import pytest

from codemod.operations.move_refusals import missing_source
from codemod.operations.shim_text import file_shim
from codemod.plan.model import Pair
from codemod.source.inventory import Inventory
from tests.operations.moving import tree_of

FILES = {
    "lang/__init__.py": "",
    "lang/tree/__init__.py": "",
    "lang/tree/nodes.py": "class Num: ...\n",
    "lang/other.py": "class Num: ...\nprice = Num\n",
    "lang/using.py": "from lang.other import Num\n",
    "lang/broken.py": "class Num(:\n",
    "src/space/core/__init__.py": "",
    "src/space/core/low.py": "",
    "one/space/twin/__init__.py": "",
    "two/space/twin/__init__.py": "",
    "lang/old.py": file_shim("lang.old", "lang.other"),
}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("lang.nodes", "did you mean lang.tree.nodes?"),
        ("lang.nodes.Num", "did you mean lang.tree.nodes.Num or lang.other.Num?"),
        ("lang.others.price", "did you mean lang.other.price?"),
        ("lang.other.Nom", "did you mean lang.other.Num or lang.other or lang.other.price?"),
        ("lang.old", "name what it leads to: lang.other"),
        ("lang.old.Num", "name what it leads to: lang.other.Num"),
        (
            "space.core.low",
            "set `source_roots: [src]` in the plan: without, src/space/core/low.py has a shorter name",
        ),
        (
            "space.core",
            "set `source_roots: [src]` in the plan: without, src/space/core/__init__.py has a shorter name",
        ),
        ("space.twin", "did you mean twin?"),
        ("entirely.else", "correct the name, or set `source_roots`"),
    ],
)
def test_what_is_meant(name: str, hint: str) -> None:
    assert missing_source(Pair(name, "lang.x"), name, Inventory(tree_of(FILES))).hint == hint

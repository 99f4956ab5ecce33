"""Sorted imports stay sorted, but where their order decides whether a module can be loaded."""

from __future__ import annotations

import textwrap

from codemod.engine.phase import compute
from codemod.plan.load import load
from codemod.rewrite.outcome import Outcome
from codemod.shell.sorting import RuffSorter
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

PLAN = """
version: 1
name: p
phases:
  - {id: one, do: [{move: {app.base: app.zone.base}}]}
"""

FILES = {
    "pyproject.toml": '[tool.ruff.lint]\nselect = ["I"]\n',
    "app/__init__.py": "from app.base import A\nfrom app.user import B\n\n__all__ = ['A', 'B']\n",
    "app/base.py": "A = 1\n",
    "app/other.py": "from app.base import A\nfrom app.user import B\n\nC = A, B\n",
}


def computed(user: str, **others: str) -> tuple[Outcome, dict[str, bytes]]:
    """The outcome of the plan with this text as `app.user`, and the contents of the files after it."""
    plan = load(textwrap.dedent(PLAN).encode(), "plan.yaml")
    given = {**FILES, "app/user.py": user, **{f"app/{name}.py": text for name, text in others.items()}}
    files = {path: text.encode() for path, text in given.items()}
    outcome = compute(plan, plan.phases[0], Inventory(Tree.of(files), ()), landed=False, sort=RuffSorter())
    return outcome, {path: outcome.after.read(path) for path in outcome.after}


def test_imports_that_would_open_a_circle_keep_their_order() -> None:
    outcome, files = computed("from app import A\n\nB = A\n")
    assert not outcome.refused
    assert files["app/__init__.py"].startswith(b"from app.zone.base import A\nfrom app.user import B\n")
    assert files["app/other.py"].startswith(b"from app.user import B\nfrom app.zone.base import A\n")
    assert [(f.code, f.place and f.place.path) for f in outcome.findings] == [("imports-unsorted", "app/__init__.py")]


LEFT = "import app.right\n\nL = 1\n"
RIGHT = "from app.left import L\n\nR = L\n"
BASE = "import app.right\n\nA = app.right\n"


def test_imports_above_a_circle_keep_their_order_where_it_decides_how_the_circle_is_entered() -> None:
    first = "from app.base import A\nfrom app.left import L\n\n__all__ = ['A', 'L']\n"
    outcome, files = computed("U = 1\n", __init__=first, left=LEFT, right=RIGHT, base=BASE)
    assert not outcome.refused
    assert files["app/__init__.py"].startswith(b"from app.zone.base import A\nfrom app.left import L\n")
    assert files["app/other.py"].startswith(b"from app.user import B\nfrom app.zone.base import A\n")
    assert [(f.code, f.place and f.place.path) for f in outcome.findings] == [("imports-unsorted", "app/__init__.py")]


def test_imports_of_a_module_outside_a_circle_keep_their_order_too() -> None:
    entering = "from app.base import A\nfrom app.left import L\n\nE = A, L\n"
    outcome, files = computed("U = 1\n", __init__="", other="", entering=entering, left=LEFT, right=RIGHT, base=BASE)
    assert not outcome.refused
    assert files["app/entering.py"].startswith(b"from app.zone.base import A\nfrom app.left import L\n")
    told = [(f.code, f.place and f.place.path) for f in outcome.findings]
    assert told == [("imports-unsorted", "app/entering.py")]


def test_others_are_sorted() -> None:
    outcome, files = computed("from app.base import A\n\nB = A\n")
    assert files["app/__init__.py"].startswith(b"from app.user import B\nfrom app.zone.base import A\n")
    assert files["app/other.py"].startswith(b"from app.user import B\nfrom app.zone.base import A\n")
    assert outcome.findings == ()


def test_a_circle_of_another_kind_is_still_refused() -> None:
    plan = load(PLAN.replace("]}\n", ", {barrel: [app.zone]}]}\n").encode(), "plan.yaml")
    files = {
        "pyproject.toml": FILES["pyproject.toml"],
        "app/__init__.py": "",
        "app/base.py": "import os\n\nfrom app.user import B\n\nA = os, B\n",
        "app/user.py": "import app.zone.late\n\nB = app.zone.late\n",
        "app/zone/__init__.py": "",
        "app/zone/late.py": "L = 1\n",
    }
    tree = Tree.of({path: text.encode() for path, text in files.items()})
    outcome = compute(plan, plan.phases[0], Inventory(tree, ()), landed=False, sort=RuffSorter())
    assert outcome.refused
    assert "imports-unsorted" not in {finding.code for finding in outcome.findings}

"""Shims in whole phases: the phase holds on its second run, old names work, and the repository does not use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codemod.engine.phase import compute
from codemod.plan.load import load
from codemod.source.inventory import Inventory
from tests.operations.writing import python, tree_of, write_to

CASES: dict[str, tuple[dict[str, str], list[Any], str]] = {
    "package": (
        {
            "app/users/__init__.py": "from .model import User\n",
            "app/users/model.py": "class User: ...\n",
            "app/users/sub/__init__.py": "",
            "app/users/sub/x.py": "from ..model import User\n",
            "main.py": "import app.users.sub.x\nfrom app.users import User\nassert app.users.sub.x.User is User\n",
        },
        [{"move": {"app.users": "app.accounts"}}],
        "import app.users.sub.x as o, app.accounts.sub.x as n\nassert o is n",
    ),
    "into itself": (
        {
            "app/user.py": "class User: ...\nN = 1\n",
            "main.py": "import app.user\nfrom app.user import N\nassert app.user.N == N\n",
        },
        [{"move": {"app.user": "app.user.models"}}],
        "from app.user import User, N\nimport app.user.models as m\nassert m.User is User",
    ),
    "names": (
        {"app/m.py": "class A: ...\nclass B(A): ...\ndef f(): ...\n", "main.py": "from app.m import A, B, f\n"},
        [{"move": {"app.m.A": "app.a.A"}}, {"rename": {"app.m.f": "g"}}],
        "from app.m import A, B, f, g\nfrom app.a import A as X\nassert A is X and f is g",
    ),
    "split": (
        {"app/m.py": "class A: ...\nclass B(A): ...\n", "main.py": "from app.m import A, B\n"},
        [{"split": "app.m", "into": {"app.m.a": ["A"], "app.b": ["B"]}}],
        "from app.m import A, B\nimport app.m.a, app.b\nassert A is app.m.a.A and B is app.b.B",
    ),
    "merge": (
        {
            "app/a.py": "class A: ...\n",
            "app/b.py": "class B: ...\n",
            "main.py": "from app.a import A\nfrom app.b import B\n",
        },
        [{"merge": {"app.c": ["app.a", "app.b"]}}],
        "from app.a import A\nfrom app.b import B\nimport app.c\nassert A is app.c.A and B is app.c.B",
    ),
    "barrels": (
        {"app/billing_service.py": "class S: ...\n", "main.py": "from app.billing_service import S\n"},
        [{"move": {"app.billing_service": "app.billing."}}, {"barrel": ["app.billing", "app"]}],
        "from app.billing_service import S\nfrom app.billing import S as T\nfrom app import S as U\nassert S is T is U",
    ),
}


@pytest.mark.parametrize("kind", ["file", "redirect"])
@pytest.mark.parametrize("name", CASES)
def test_phase_with_shims(tmp_path: Path, name: str, kind: str) -> None:
    files, do, old_names = CASES[name]
    text = json.dumps({"version": 1, "name": "case", "defaults": {"shims": kind}, "phases": [{"id": "x", "do": do}]})
    plan = load(text.encode(), "plan.yaml")
    tree = tree_of({"app/__init__.py": "", **files})
    outcome = compute(plan, plan.phases[0], Inventory(tree))
    assert not outcome.refused, outcome.findings
    assert [commit.kind for commit in outcome.commits] == ["move", "shim"]
    again = compute(plan, plan.phases[0], Inventory(outcome.after), landed=True)
    assert (again.commits, again.refused) == ((), False)
    write_to(outcome.after, tmp_path)
    python(tmp_path, "-W", "error", "main.py")
    python(tmp_path, "-c", old_names)

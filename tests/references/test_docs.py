"""What `docs/references.md` shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

from codemod.engine.phase import compute
from codemod.plan.load import load
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

PAGE = (Path(__file__).parents[2] / "docs" / "references.md").read_text("utf-8")
PLAN = b"version: 1\nname: one\nphases:\n  - id: one\n    do:\n      - move: {app.user: app.accounts.user}\n"
USER = b"SEP = ' '\n\n\nclass User: ...\n\n\ndef greeting(one): ...\n\n\ndef main(): ...\n\n\napi = None\n"


def shown() -> dict[str, tuple[str, str]]:
    """Path -> the file before and after."""
    found = {}
    for path, block in re.findall(r"^```diff\n--- (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        lines = [line or " " for line in block.splitlines()]
        before = "".join(line[1:] + "\n" for line in lines if line[0] in " -")
        found[path] = before, "".join(line[1:] + "\n" for line in lines if line[0] in " +")
    return found


def test_every_example_is_true() -> None:
    files = shown()
    assert len(files) > 10
    before = {path: old.encode() for path, (old, _) in files.items()}
    tree = Tree.of({"app/__init__.py": b"", "app/user.py": USER, **before})
    plan = load(PLAN, "plan.yaml")
    outcome = compute(plan, plan.phases[0], Inventory(tree, ()), landed=False)
    assert not outcome.refused
    for path, (_, new) in files.items():
        assert outcome.after.read(path).decode() == new, path
    assert not [item for item in outcome.residue if item.verdict == "unexplained"]

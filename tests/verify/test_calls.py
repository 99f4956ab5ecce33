"""Calls that import by a literal: a file is parsed only where one of them may name what is gone."""

from __future__ import annotations

import pytest

from codemod.source.inventory import Inventory
from codemod.source.tree import Tree
from codemod.verify.inside import calls


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param('import_module("app.gone")', ["app.gone"], id="plain"),
        pytest.param("import_module('app.gone', package)", ["app.gone"], id="with a package"),
        pytest.param('import_module(r"app.gone")', ["app.gone"], id="raw"),
        pytest.param('import_module("app." "gone")', ["app.gone"], id="in two parts"),
        pytest.param('import_module(  # why\n    "app.gone")', ["app.gone"], id="behind a comment"),
        pytest.param('__import__ (("app.gone"))', ["app.gone"], id="in brackets"),
        pytest.param('import_module("app.here")', [], id="is there"),
        pytest.param('import_module(name)\nx = "app.gone"', [], id="a variable"),
        pytest.param('# import_module("app.gone")', [], id="a comment"),
        pytest.param('import_modules("app.gone")', [], id="another function"),
    ],
)
def test_calls(text: str, found: list[str]) -> None:
    inventory = Inventory(Tree.of({"app/x.py": text.encode()}))
    assert [name for name, _ in calls(inventory, "app/x.py", lambda name: name == "app.gone")] == found

"""TOML that is nested too deep is TOML that is not valid."""

from __future__ import annotations

import pytest

from codemod.base.tomltext import TOMLDecodeError, loads
from codemod.references.toml import Toml
from codemod.source.settings import line_length
from codemod.source.tree import Tree
from tests.references.finding import edits_of

DEEP = b"[tool.isort]\nknown_first_party = " + b"[" * 5000 + b"]" * 5000 + b"\nsrc = ['app/user.py']\n"


def test_nested_too_deep() -> None:
    assert loads("a = [[[1]]]") == {"a": [[[1]]]}
    for text in (DEEP.decode(), "a = {b = " * 5000, "a = "):
        with pytest.raises(TOMLDecodeError):
            loads(text)


def test_such_a_file_stays_as_it_is() -> None:
    assert edits_of(Toml(), "pyproject.toml", DEEP.replace(b"[" * 5000, b"[").replace(b"]" * 5000, b"]"))
    assert not edits_of(Toml(), "pyproject.toml", DEEP)
    assert line_length(Tree.of({"pyproject.toml": DEEP}), "app/user.py") == 88

"""Imports as the bytes of a file show them."""

from __future__ import annotations

import pytest

from codemod.verify.edges import Mention, mentions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "from app.user import load, save as keep\n", [Mention("app.user", 0, ("load", "save", "as", "keep"))]
        ),
        pytest.param("from .. import user", [Mention("", 2, ("user",))]),
        pytest.param("from app import *\r\n", [Mention("app", 0, ("*",))]),
        pytest.param("from app import user  # why\n", [Mention("app", 0, ("user",))], id="a comment"),
        pytest.param("from app import (\n    user,\n)\n", [Mention("app", 0, ("user",))], id="in brackets"),
        pytest.param("from app import user; import cart\n", [Mention("app", 0, ("user",)), Mention("cart", 0, ())]),
        pytest.param("from a import b\rfrom c import d\r", [Mention("a", 0, ("b",)), Mention("c", 0, ("d",))], id="CR"),
        pytest.param("if X:\n    from app import user\n", [Mention("app", 0, ("user",))], id="below a condition"),
        pytest.param("def f():\n    from app import user\n", [], id="in a function"),
        pytest.param("important = 1\n", [], id="a longer word"),
    ],
)
def test_mentions(text: str, found: list[Mention]) -> None:
    assert list(mentions(text.encode())) == found

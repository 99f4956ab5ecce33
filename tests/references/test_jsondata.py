"""JSON of any name: what it says is loaded follows, and nothing else does."""

from __future__ import annotations

import pytest

from codemod.references.jsondata import JsonData

from .finding import by, cases, check


@pytest.mark.parametrize(("file", "path", "text"), cases("jsondata.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(JsonData()), file, path, text, update)


@pytest.mark.parametrize(
    ("path", "ours"),
    [("a/b.json", True), ("package-lock.json", False), ("logging.json", False), ("package.json", False), ("a", False)],
)
def test_claims(path: str, ours: bool) -> None:
    assert JsonData().claims(path) is ours

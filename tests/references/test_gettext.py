"""Catalogues of translations: places follow, messages never do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.gettext import Gettext
from codemod.rewrite.edits import apply

from .finding import by, cases, check, edits_of


@pytest.mark.parametrize(("file", "path", "text"), cases("gettext.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Gettext()), file, path, text, update)


@pytest.mark.parametrize(("path", "ours"), [("a/de.po", True), ("a.pot", True), ("a.mo", False), ("po", False)])
def test_claims(path: str, ours: bool) -> None:
    assert Gettext().claims(path) is ours


_PARTS = st.sampled_from([
    "#: ", "app/user.py", ":12", " ", "\n", "\r\n", "msgid ", '"app/user.py:3"', "#", "#. ", "\u2068", "\udcff", "../",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PARTS, max_size=14))
def test_only_lines_of_places_change(parts: list[str]) -> None:
    data = "".join(parts).encode("utf-8", "surrogateescape")
    after = apply(data, edits_of(Gettext(), "a/de.po", data))
    assert after.count(b"\n") == data.count(b"\n")
    for old, new in zip(data.split(b"\n"), after.split(b"\n"), strict=True):
        assert old == new or b"#:" in old

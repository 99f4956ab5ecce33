"""Edits that others replace together with what stands around them."""

from __future__ import annotations

from codemod.rewrite.edits import Edit, uncovered


def test_what_a_larger_edit_replaces_is_left_out() -> None:
    inner, apart, same = Edit(4, 6, b"x"), Edit(12, 14, b"y"), Edit(4, 10, b"z")
    larger = Edit(4, 10, b"w")
    assert uncovered([inner, apart, same, larger], [larger, inner]) == [apart, same, larger]


def test_insertions_and_neighbours_stay() -> None:
    before, at, behind = Edit(4, 4, b"("), Edit(10, 10, b")"), Edit(10, 12, b"z")
    larger = Edit(4, 10, b"w")
    assert uncovered([before, at, behind], [larger]) == [before, at, behind]
    assert uncovered([before, behind], []) == [before, behind]

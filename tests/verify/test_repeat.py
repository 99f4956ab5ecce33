"""Idempotence."""

from __future__ import annotations

from codemod.source.tree import Tree
from codemod.verify.repeat import check


def test_equal_trees_are_at_rest() -> None:
    assert list(check(Tree.of({"a.py": b"x"}), Tree.of({"a.py": b"x"}))) == []


def test_each_path_that_differs_is_named() -> None:
    found = list(check(Tree.of({"a": b"1", "b": b"1"}), Tree.of({"a": b"2", "c": b"1"})))
    assert [(f.code, f.message) for f in found] == [
        ("not-idempotent", "on a second run a changes again"),
        ("not-idempotent", "on a second run b goes"),
        ("not-idempotent", "on a second run c appears"),
    ]

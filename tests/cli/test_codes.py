"""Every reason code that the program can say is one that `codemod explain` knows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import codemod
from codemod.base.codes import REASONS

SOURCES = sorted(Path(codemod.__file__).parent.rglob("*.py"))
SAYING = {"Finding", "mismatch", "refusal", "review", "note"}


def said(tree: ast.AST) -> Iterator[str]:
    """The literal first argument (or `code=`) of each call that makes a finding."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in SAYING:
                given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "code")]
                for value in given:
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield value.value


def test_codes_are_explained() -> None:
    codes = {code for path in SOURCES for code in said(ast.parse(path.read_bytes()))}
    assert len(codes) > 20
    assert codes <= set(REASONS), sorted(codes - set(REASONS))


def test_explanations_are_sorted_sentences() -> None:
    assert list(REASONS) == sorted(REASONS)
    for code, reason in REASONS.items():
        assert code == code.lower() and " " not in code
        assert not reason.title.endswith(".") and reason.text.endswith(".") and reason.remedy.endswith(".")

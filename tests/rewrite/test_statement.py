"""The layout of an import statement."""

from __future__ import annotations

import pytest

from codemod.rewrite.statement import module_span
from codemod.source.facts import facts_of


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("from a.b import c", "a.b"),
        ("from  a\timport (c)", "a"),
        ("from ..a import (  # why\n c, d)", "..a"),
        ("from . import c", "."),
        ("from.a import c", ".a"),
        ("from .import c", "."),
        ("from a . b import c", "a . b"),
        ("from a.\\\n b import c", "a.\\\n b"),
        ("from a import*", "a"),
        ("from a import\\\n c", "a"),
        ("from imports.imported import importer", "imports.imported"),
        ("from größe.maß import c", "größe.maß"),
    ],
)
def test_the_module_of_a_from_import(text: str, module: str) -> None:
    data = text.encode()
    (statement,) = facts_of(data).imports
    start, end = module_span(data, statement)
    assert data[start:end].decode() == module

"""Docstrings: examples and cross-references follow, prose and what is not meant stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.doctests import examples
from codemod.references.python import Touch, rewrite
from codemod.references.view import View

from .finding import cases, check, view_of


def code(path: str, data: bytes, view: View) -> bytes:
    return rewrite(view, data, lambda module, name: False, Touch.of(view.intent)).data


@pytest.mark.parametrize(("file", "path", "text"), cases("doctests.txt"))
def test_example(file: str, path: str, text: str, update: bool) -> None:
    check(code, file, path, text, update)


@pytest.mark.parametrize(("file", "path", "text"), cases("crossrefs.txt"))
def test_cross_reference(file: str, path: str, text: str, update: bool) -> None:
    check(code, file, path, text, update)


def test_line_endings_and_encodings_survive() -> None:
    lines = ["# coding: latin-1", '"""\u00e9', ">>> from app.user import User, W", "", ":mod:`app.user`", '"""', ""]
    data = "\r\n".join(lines).encode("latin-1")
    assert code("a.py", data, view_of("a.py", data)) == data.replace(b"app.user", b"app.accounts.user")
    new = "\r\n".join(lines).replace("W", "load").encode("latin-1")
    assert b"import User, fetch\r\n\r\n" in code("a.py", new, view_of("a.py", new))


def test_examples_of_a_docstring() -> None:
    data = b"x\n  >>> a = (\n  ... 1)\n  >>> a\n  1\n  2\n\n  ... no\n>>>\n >>> b"
    found = [
        ([data[s:e] for s, e in example.code], [data[s:e].strip() for s, e in example.output])
        for example in examples(data, 0, len(data))
    ]
    assert found == [([b"a = (", b"1)"], []), ([b"a"], [b"1", b"2"]), ([b""], []), ([b"b"], [])]


LINES = [
    ">>> import app.user", ">>> app.user.load(", "... )", "...", ">>> f'{app.user.User}'", "app.user", "", "    x",
    ">>> from app.user import (User,", "...     load)", ":mod:`app.user`", "\t>>> from app import user, users",
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=7))
def test_any_docstring_keeps_its_lines(lines: list[str]) -> None:
    data = ('def f():\n    """\n    ' + "\n    ".join(lines) + '\n    """\n').encode()
    after = code("a.py", data, view_of("a.py", data))
    assert after.replace(b"app.accounts.user", b"app.user").count(b">>>") >= data.count(b">>>")
    assert compile(after, "a.py", "exec")
    assert code("a.py", after, view_of("a.py", after)) == after

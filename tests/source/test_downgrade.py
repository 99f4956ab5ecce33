"""Newer grammar is read in place: same bytes a line, every expression where it stood."""

from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.source.downgrade import downgrade, may_be_newer
from codemod.source.facts import parse
from codemod.source.scopes import analyse
from codemod.source.text import Text


def older(source: str) -> str:
    result = downgrade(source)
    assert result is not None
    found = result.text
    ast.parse(found)
    shape = [len(line.encode()) for line in source.splitlines(keepends=True)]
    assert [len(line.encode()) for line in found.splitlines(keepends=True)] == shape
    return found


@pytest.mark.parametrize(
    "source",
    ["type X = A\n", "type \\\n X = A\n", "def f \\\n [T](): ...\n", 'x = 1, Rf"{"a"}"\n', "x = t'{a}'\n"]
    + ["try: 1\nexcept* A, B: 2\n", "if 1: type X[T] = T\n"],
)
def test_newer_grammar_is_suspected(source: str) -> None:
    assert may_be_newer(source)
    if sys.version_info < (3, 12) or '{"a"}' not in source:  # later on the interpreter reads that itself
        assert older(source) != source


@pytest.mark.parametrize("source", ["print 'x'\n", "def f(x: list[int]) -> T: ...\n", "type = buf'x'\n", "a, b\n"])
def test_older_grammar_is_not_suspected(source: str) -> None:
    assert not may_be_newer(source)


def chains(source: str) -> dict[str, list[str]]:
    """Dotted chain -> its segments as they stand in the original bytes."""
    text = Text.of(source.encode())
    found = analyse(parse(text), text)
    return {c.dotted: [text.data[start:end].decode() for _, start, end in c.segments] for c in found.chains()}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f[T: a.b](x): ...\n", "def f(T: a.b ,x): ...\n", id="function"),
        pytest.param("def f[T]() -> T: ...\n", "def f(T ,) -> T: ...\n", id="no parameters"),
        pytest.param("def f[*A, **B](*, k): ...\n", "def f( A,   B ,*, k): ...\n", id="stars"),
        pytest.param("def f[T: a = b](x): ...\n", "def f(T: a | b ,x): ...\n", id="default and bound"),
        pytest.param("def f[T = b](x): ...\n", "def f(T : b ,x): ...\n", id="default"),
        pytest.param("def f[\n T,\n](\n x): ...\n", "def f(\n T \n ,\n x): ...\n", id="over lines"),
        pytest.param("class A[T: a.b](B): ...\n", "class A(   a.b, B): ...\n", id="class"),
        pytest.param("class A[T]: ...\n", "class A( ): ...\n", id="class without bases"),
        pytest.param("class A[T, U: b]: ...\n", "class A(      b): ...\n", id="class, second bound"),
        pytest.param("type X = a.b\n", "...; X = a.b\n", id="alias"),
        pytest.param("type X[T: a.b] = T\n", "def  X(T: a.b) : T\n", id="generic alias"),
        pytest.param("if 1: type X[T: b] = c\n", "if 1: ...; X:(  b) = c\n", id="generic alias on the same line"),
        pytest.param("try: 1\nexcept a.b, c: 2\n", "try: 1\nexcept a.b| c: 2\n", id="except"),
        pytest.param("try: 1\nexcept* a.b, c: 2\n", "try: 1\nexcept* a.b| c: 2\n", id="except star"),
        pytest.param('f"{f"{a.b}" + "!"}"\n', '(  (  a.b,) + "!",)\n', id="nested f-string"),
        pytest.param('f"é{a["k"]:>{w}}"\n', '(    a["k"],  w, )\n', id="same quotes, nested spec"),
        pytest.param('f"{a["k"]!r}" "x"\n', '(  a["k"],      )\n', id="concatenation"),
        pytest.param('f"{a["k"]=}"\n', '(  a["k"], )\n', id="self documenting"),
        pytest.param('f"{\n a  # {b\n}{"k"}"\n', '(  \n a, # {b\n  "k",)\n', id="comment inside"),
        pytest.param('t"{a.b!r:>5}"\n', "(  a.b,     )\n", id="template"),
    ],
)
def test_respelled(source: str, expected: str) -> None:
    if source.startswith('f"') and sys.version_info >= (3, 12):
        pytest.skip("this Python reads it as it is")
    assert older(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('x = f"{a.b} {c!r:>{d}}" "e"\n', id="older f-string"),
        pytest.param("class A(B): ...\n", id="class"),
        pytest.param("type = a.b\n", id="type as a name"),
        pytest.param("try: 1\nexcept (a, b): 2\n", id="parenthesised except"),
    ],
)
def test_older_syntax_stays(source: str) -> None:
    assert older(source) == source


@pytest.mark.parametrize("source", ["print 'a'\n", "def f(:\n", "f'{'\n"])
def test_not_python(source: str) -> None:
    assert downgrade(source) is None


def test_positions_are_those_of_the_original() -> None:
    source = (
        'import app\nprint(f"é{f"{app.user.NAME}" + "!"} {"\\n".join([app.x, "y"])} {\n    app.z  # inside\n}")\n'
        "type Pair[T: app.t] = tuple[T, app.p]\nclass S[T: app.s](app.base): ...\n"
    )
    found = chains(source)
    for dotted in ("app.user.NAME", "app.x", "app.z", "app.t", "app.p", "app.s", "app.base"):
        assert found[dotted] == dotted.split(".")


FIELD = st.sampled_from(
    ["{a.b}", '{a["k"]}', '{f"{c.d}"}', "{a:>{w}}", "{'\\n'}", "{{", "}}", "é", "{(lambda: a)()!r}"]
)


@given(st.lists(st.lists(FIELD, max_size=4), min_size=1, max_size=3), st.sampled_from(["f", "rf", "t", "F"]))
def test_any_mix_of_fields_keeps_its_shape(parts: list[list[str]], prefix: str) -> None:
    parts = parts[:1] if prefix == "t" else parts  # libcst cannot concatenate these
    source = "x = (" + "\n  ".join(f'{prefix}"{"".join(part)}"' for part in parts) + ")\n"
    found = older(source)
    for name in ("a.b", "c.d"):
        places = [i for i in range(len(source)) if source.startswith(name, i)]
        data, new = source.encode(), found.encode()
        for place in places:
            offset = len(source[:place].encode())
            assert new[offset : offset + 3] == data[offset : offset + 3]

"""The facts of an edited file are those that a parse of the whole gives, or there are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.reread import facts_after
from codemod.source.facts import Facts, Unparsable, facts_of, facts_of_tree, parse
from codemod.source.text import Text

SOURCE = b'''"""Doc."""

from __future__ import annotations
import os, sys; import a.b as c

# a comment
from . import (
    one,  # first
    two as deux,
)
if sys.argv:
    from x import *
    y = 1
elif os: import z
@decorate(
    one
)
class K(one.Base):
    """K."""
    import inner
    def f(self): from m import n; return n
    x: int = 3
while (walrus := next(c)): pass
try:
    import fast
except ImportError:
    fast = None
z = [
    1
]; t = """
import not_one
"""
\x0cq = 1
continued = \\
    2
async def g():
    import late
match t:
    case [captured, *rest]: pass
end = "\xc3\xa9"'''


def edited(data: bytes, edits: list[Edit], *, parsed: bool = True) -> Facts | None:
    text = Text.of(data)
    tree = parse(text)
    return facts_after(text, tree if parsed else None, facts_of_tree(text, tree), edits)


def agrees(data: bytes, edits: list[Edit]) -> None:
    for parsed in (True, False):
        told = edited(data, edits, parsed=parsed)
        if told is not None:
            assert told == facts_of(apply(data, edits))


def replaced(data: bytes, old: bytes, new: bytes) -> Edit:
    start = data.index(old)
    return Edit(start, start + len(old), new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"a.b as c", b"pack.a.long.b as c", id="a clause on a shared line"),
        pytest.param(b"from . import (", b"from ..up import three\nfrom . import (", id="a statement more"),
        pytest.param(b"    one,  # first\n", b"", id="a line less"),
        pytest.param(b"import fast\n", b"import slow\n    import slower\n", id="inside a block"),
        pytest.param(b"one.Base", b"four.five.Base", id="an expression"),
        pytest.param(b'"""Doc."""', b'"""Other."""', id="the docstring"),
        pytest.param(b"# a comment\n", b"", id="between statements"),
        pytest.param(b'\nend = "\xc3\xa9"', b"", id="the end"),
        pytest.param(b"import late", b"import late\r    import later", id="another line break"),
    ],
)
def test_as_a_parse_of_the_whole(old: bytes, new: bytes) -> None:
    edit = replaced(SOURCE, old, new)
    assert edited(SOURCE, [edit]) == facts_of(apply(SOURCE, [edit]))
    agrees(SOURCE, [edit])


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        pytest.param(b"import a\nimport b\n", b"import a\n", b"import a", id="lines joined"),
        pytest.param(b"import a\nimport b\n", b"import a\n", b"import a \\\n", id="lines joined by a backslash"),
        pytest.param(b"import a\nimport b\n", b"import a\n", b"import a \\\r\n", id="joined in another style"),
        pytest.param(b"import a\nimport b\n", b"import a\n", b"import (a\n", id="an open bracket"),
        pytest.param(b"import a\nimport b\n", b"import a", b'"""', id="an open string"),
        pytest.param(b"if a:\n    b\nc\n", b"c", b"else: c", id="a branch"),
        pytest.param(b"if a:\n    b\nc\n", b"c", b"    c", id="an indent"),
        pytest.param(b"a = 1\n__all__ = ['a']\n", b"['a']", b"['b']", id="`__all__` counts as a whole"),
        pytest.param(b"'''doc'''\n'''no doc'''\n", b"'''doc'''\n", b"", id="the docstring may be another now"),
        pytest.param(b"def f():\n    pass\n", b"pass", b"global g", id="`global` counts as a whole"),
    ],
)
def test_left_to_a_parse_of_the_whole(source: bytes, old: bytes, new: bytes) -> None:
    assert edited(source, [replaced(source, old, new)]) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"import later\n", b"import last\nimport still\n", id="a statement more"),
        pytest.param(b"import later", b"import last  #", id="beside a comment"),
        pytest.param(b"from . import (\n    one,\n    two,\n)", b"from .a import one", id="over several lines"),
    ],
)
def test_imports_of_a_file_that_was_not_parsed(old: bytes, new: bytes) -> None:
    source = b'"""Doc."""\nimport first\ndef f():\n    import inner\nimport later\n'
    source += b"# comment\nfrom . import (\n    one,\n    two,\n)  # one and two\n"
    edit = replaced(source, old, new)
    assert edited(source, [edit], parsed=False) == facts_of(apply(source, [edit]))


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        pytest.param(b"# c\nimport a\n'not the docstring'\n", b"import a", b"", id="it becomes the docstring"),
        pytest.param(b"# c\nimport a\n", b"import a", b"'doc'", id="a docstring appears"),
        pytest.param(b"import a\nx = 1\n", b"\nx", b"x", id="lines joined"),
    ],
)
def test_more_than_imports_of_a_file_that_was_not_parsed(source: bytes, old: bytes, new: bytes) -> None:
    assert edited(source, [replaced(source, old, new)], parsed=False) is None


def test_nothing_edited() -> None:
    assert edited(SOURCE, []) == facts_of(SOURCE)


PIECES = st.sampled_from([
    b"import a", b"from a import b", b"\n", b"\r\n", b"\r", b";", b" ", b"    ", b"\\\n", b"(", b")", b'"', b'"""',
    b"#", b"x = 1", b"if x:", b"else:", b"def f():", b"class K:", b"@d", b"pass", b"\x0c", b"", b"\xc3\xa9", b"y := 2",
    b",",
])  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.lists(PIECES, max_size=4)), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_never_other_than_a_parse_of_the_whole(wanted: list[tuple[float, int, list[bytes]]]) -> None:
    edits: list[Edit] = []
    position = 0
    for where, length, pieces in sorted(wanted):
        start = max(position, int(where * len(SOURCE)))
        end = min(len(SOURCE), start + length)
        edits.append(Edit(start, end, b"".join(pieces)))
        position = end + 1
        if position > len(SOURCE):
            break
    agrees(SOURCE, edits)


LINES = st.sampled_from([
    b"import a", b"from .b import c, d as e", b"from f import (\n  g,\n  h,\n)", b"i = 1; import j", b"# comment",
    b"if k:\n  import l\nelse:\n  m = 2", b"def n():\n    import o", b"@p\n@ q\nclass R:\n    from s import t", b"",
    b"'''text\nimport u\n'''", b"v = \\\n  1", b"\\", b"try: import w\nexcept ImportError: w = 0", b"\x0cimport x",
])  # fmt: skip


@given(st.lists(LINES, min_size=1, max_size=8), st.data())
@settings(max_examples=200, deadline=None)
def test_any_statements_in_any_order(lines: list[bytes], data: st.DataObject) -> None:
    source = b"\n".join(lines) + data.draw(st.sampled_from([b"", b"\n", b"\n\n"]))
    try:
        facts_of(source)
    except Unparsable:
        return
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 15)))
    edit = Edit(start, end, b"".join(data.draw(st.lists(st.one_of(PIECES, LINES), max_size=3))))
    agrees(source, [edit])

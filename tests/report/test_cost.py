from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.report.cost import Cost, changed_lines, cost_between, cost_of, total
from codemod.source.tree import Tree
from tests.report.recorded import AFTER, BEFORE, HOLDS, OUTCOME


def test_files_moves_and_lines() -> None:
    assert cost_of(OUTCOME) == Cost(files=3, moved=1, added=1, deleted=1)
    assert str(cost_of(OUTCOME)) == "3 files, 1 moved, +1 -1 lines"


def test_a_phase_that_holds_costs_nothing() -> None:
    assert cost_of(HOLDS) == Cost()


def test_a_move_that_nobody_told_of_is_a_deletion_and_an_addition() -> None:
    assert cost_between(BEFORE, AFTER, {}) == Cost(files=4, moved=0, added=5, deleted=5)


def test_a_shim_where_the_file_was_is_a_file_of_its_own() -> None:
    before = Tree.of({"a.py": b"A\n"})
    after = before.changed(moves={"a.py": "p/a.py"}, writes={"a.py": b"shim\n"})
    assert cost_between(before, after, {"a.py": "p/a.py"}) == Cost(files=2, moved=1, added=1)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param(b"", b"", (0, 0), id="empty"),
        pytest.param(b"a\n", b"a\n", (0, 0), id="same"),
        pytest.param(b"a\nb", b"a\nb\n", (1, 1), id="final newline"),
        pytest.param(b"a\nb\nc\n", b"a\nx\nc\n", (1, 1), id="one line"),
        pytest.param(b"a\nb\n", b"b\na\n", (1, 1), id="reordered"),
        pytest.param(b"a\r\nb\r\n", b"a\r\nc\r\n", (1, 1), id="CRLF"),
        pytest.param(b"\0a\n", b"\0b\n", (0, 0), id="binary"),
        pytest.param(b"", b"a\nb", (2, 0), id="new"),
        pytest.param(b"a\ny\n", b"a\nNEWy\n", (1, 1), id="the end of a line is shared"),
        pytest.param(b"a\nb", b"a\nb\nb", (1, 0), id="a last line without an end"),
        pytest.param(b"x\n", b"x\nx\n", (1, 0), id="once more"),
    ],
)
def test_changed_lines(before: bytes, after: bytes, lines: tuple[int, int]) -> None:
    assert changed_lines(before, after) == lines


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_lines_add_up(one: list[str], two: list[str]) -> None:
    before, after = ("\n".join(one) + "\n").encode(), ("\n".join(two) + "\n").encode()
    added, deleted = changed_lines(before, after)
    assert added - deleted == after.count(b"\n") - before.count(b"\n")
    most = difflib.SequenceMatcher(None, before.split(b"\n"), after.split(b"\n"), autojunk=False)
    assert (added == deleted == 0) == (most.ratio() == 1)


def test_total() -> None:
    assert total([Cost(1, 1, 2, 3), Cost(2, 0, 5, 5)]) == Cost(3, 1, 7, 8)
    assert total([]) == Cost()

"""The change between two texts, made to a third."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.rewrite.splice import changes, spliced

text = st.text(alphabet="ab \n\tx=()\f", max_size=30)


@settings(max_examples=150, deadline=None)
@given(text, text)
def test_changes_lead_from_one_to_the_other(old: str, new: str) -> None:
    made, position = [], 0
    for start, end, put in changes(old, new):
        assert position <= start <= end
        made += [old[position:start], put]
        position = end
    assert "".join(made) + old[position:] == new
    assert spliced(old, old, new) == new
    assert spliced(new, old, old) == new


@pytest.mark.parametrize(
    ("original", "printed", "changed", "expected"),
    [
        ("\x0cdef f(): pass\n", "def f(): pass\n", "def g(): pass\n", "\x0cdef g(): pass\n"),
        ("a = 1\n   \n", "a = 1\n", "a = 2\n", "a = 2\n   \n"),
        ("except (A) :\n    x\n", "except (A):\n    x\n", "except (B):\n    x\n", "except (B) :\n    x\n"),
        ("except (A) :\n    x\n", "except (A):\n    x\n", "except (A):\n    y\n", "except (A) :\n    y\n"),
        ("x\n\x0c\ny\n", "x\n\ny\n", "x\nz\n\ny\n", "x\nz\n\x0c\ny\n"),
        ("x\n\x0c\ny\n", "x\n\ny\n", "x\n\n", "x\n\x0c\n"),
        ("x = 1\r", "x = 1", "x = 2", "x = 2\r"),
        ("x\n", "x\n", "", ""),
        ("", "", "x\n", "x\n"),
    ],
)
def test_what_the_printer_loses_stays(original: str, printed: str, changed: str, expected: str) -> None:
    assert spliced(original, printed, changed) == expected


def test_edits_are_small() -> None:
    old = "def f(a, b):\n    return a + b\n" * 50
    new = old.replace("a + b", "a - b", 1)
    assert list(changes(old, new)) == [(old.index("+"), old.index("+") + 1, "-")]


def test_a_long_replaced_run_is_replaced_whole() -> None:
    old, new = "a b " * 2000 + "\n", "c d " * 2000 + "\n"
    assert list(changes(old, new)) == [(0, len(old), new)]

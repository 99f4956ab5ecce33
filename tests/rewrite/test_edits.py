import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.base.errors import Bug
from codemod.rewrite.edits import Edit, apply

DATA = st.binary(max_size=30)
NEW = st.binary(max_size=5)


@st.composite
def disjoint(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    """Bytes and edits that leave at least one byte between each other."""
    data = draw(DATA)
    edits, position = [], 0
    while position <= len(data) and draw(st.booleans()):
        start = draw(st.integers(position, len(data)))
        end = draw(st.integers(start, min(len(data), start + 4)))
        edits.append(Edit(start, end, draw(NEW)))
        position = end + 1
    return data, edits


@settings(max_examples=60)
@given(disjoint(), st.randoms())
def test_edits_are_made_at_once_in_any_order(case: tuple[bytes, list[Edit]], random: object) -> None:
    data, edits = case
    one_by_one = data
    for edit in reversed(edits):
        one_by_one = one_by_one[: edit.start] + edit.new + one_by_one[edit.end :]
    shuffled = list(edits)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert apply(data, shuffled) == one_by_one
    assert apply(data, [*edits, *edits]) == one_by_one


@settings(max_examples=60)
@given(disjoint())
def test_bytes_outside_the_spans_survive(case: tuple[bytes, list[Edit]]) -> None:
    data, edits = case
    spans = [(edit.start, edit.end) for edit in edits]
    kept = bytes(byte for at, byte in enumerate(data) if not any(start <= at < end for start, end in spans))
    assert apply(data, [Edit(edit.start, edit.end, b"") for edit in edits]) == kept
    assert len(apply(data, edits)) == len(kept) + sum(len(edit.new) for edit in edits)


@given(DATA)
def test_no_edits_change_nothing(data: bytes) -> None:
    assert apply(data, []) == data


@given(DATA.filter(bool), st.data())
def test_overlaps_are_a_bug(data: bytes, draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, len(data) - 1))
    end = draw.draw(st.integers(start + 1, len(data)))
    inner = draw.draw(st.integers(start, end - 1))
    with pytest.raises(Bug):
        apply(data, [Edit(start, end, b"x"), Edit(inner, end, b"y")])


WRONG = [
    ("two insertions at one place", [Edit(1, 1, b"x"), Edit(1, 1, b"y")]),
    ("one span, two texts", [Edit(0, 2, b"x"), Edit(0, 2, b"y")]),
    ("past the end", [Edit(0, 4, b"")]),
    ("backwards", [Edit(2, 1, b"")]),
    ("before the start", [Edit(-1, 1, b"")]),
]


@pytest.mark.parametrize("edits", [row[1] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_cannot_be_meant_is_a_bug(edits: list[Edit]) -> None:
    with pytest.raises(Bug):
        apply(b"abc", edits)


RIGHT = [
    ("neighbours", [Edit(0, 1, b"x"), Edit(1, 2, b"y")], b"xyc"),
    ("an insertion before a replacement", [Edit(1, 1, b"+"), Edit(1, 2, b"y")], b"a+yc"),
    ("an insertion behind a replacement", [Edit(0, 1, b"x"), Edit(1, 1, b"+")], b"x+bc"),
    ("at the end", [Edit(3, 3, b"!")], b"abc!"),
    ("everything", [Edit(0, 3, b"")], b""),
    ("the same twice", [Edit(0, 1, b"x"), Edit(0, 1, b"x")], b"xbc"),
]


@pytest.mark.parametrize(("edits", "expected"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT])
def test_apply(edits: list[Edit], expected: bytes) -> None:
    assert apply(b"abc", edits) == expected


def test_edits_that_do_the_same_for_different_reasons_count_once() -> None:
    assert apply(b"ab", [Edit(0, 1, b"x", "one"), Edit(0, 1, b"x", "two", review=True)]) == b"xb"

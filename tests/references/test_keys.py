"""The tables of keys answer as one regular expression a row would."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references import places, yaml_places
from codemod.references.keys import Leaves, Paths, normal

PART = st.text("ab-.", max_size=3)
WORD = st.one_of(PART, st.tuples(PART, PART).map("*".join)).filter(bool)
STEP = st.one_of(PART.filter(bool), st.just("*"), st.just("**"), PART.map(lambda part: part + "*"))


def by_regex(rows: list[tuple[str, int]], text: str) -> int | None:
    for row, said in rows:
        if any(re.fullmatch(re.escape(word).replace(r"\*", ".*"), text) for word in row.split()):
            return said
    return None


@settings(max_examples=200)
@given(st.lists(st.lists(WORD, max_size=3).map(" ".join), max_size=4), PART)
def test_the_first_row_with_a_word_that_fits_the_last_key_counts(rows: list[str], leaf: str) -> None:
    numbered = [(row, number) for number, row in enumerate(rows)]
    assert Leaves(numbered).get(leaf) == by_regex(numbered, leaf)


@settings(max_examples=200)
@given(st.lists(st.lists(STEP, min_size=1, max_size=3), max_size=4), st.lists(PART.filter(bool), max_size=4))
def test_the_first_row_that_fits_the_whole_path_counts(rows: list[list[str]], key: list[str]) -> None:
    def fits(row: list[str], rest: list[str]) -> bool:
        if not row:
            return not rest
        if row[0] == "**":
            return any(fits(row[1:], rest[number:]) for number in range(len(rest) + 1))
        if not rest:
            return False
        front, star, _ = row[0].partition("*")
        return (rest[0].startswith(front) if star else rest[0] == front) and fits(row[1:], rest[1:])

    table = Paths((" ".join(row), number) for number, row in enumerate(rows))
    expected = next((number for number, row in enumerate(rows) if fits(row, key)), None)
    assert table.get(normal(tuple(key))) == expected


def test_a_key_is_told_whatever_its_spelling() -> None:
    assert places.value_holds(("Tool", "setuptools", "py_modules")) == places.value_holds(
        ("tool", "setuptools", "py-modules")
    )
    assert places.value_holds(("tool", "nobody", "knows")) == places.UNKNOWN
    assert yaml_places.role_of(("jobs", "test", "steps", "0", "run")) == yaml_places.Role.SCRIPT


def test_no_word_of_the_real_tables_has_two_stars() -> None:
    for table in (places._LEAVES, yaml_places._LEAVES):
        assert all(word.count("*") < 2 for row, _ in table._rows for word in row.split())

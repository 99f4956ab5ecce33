"""Elements that leave a list, however its commas, line breaks and comments stand."""

from __future__ import annotations

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.rewrite.listing import cut_items

GAPS = st.sampled_from(["", " ", "\n", "\n    ", "  # note, with a comma\n", " \\\n", "\n    # about it\n    "])


def _cut(text: str, names: list[str], gone: set[int]) -> str:
    data = text.encode()
    spans = [(at, at + len(name)) for name in names for at in [data.index(name.encode())]]
    for start, end in sorted(cut_items(data, spans, gone), reverse=True):
        data = data[:start] + data[end:]
    return data.decode()


def test_a_comma_that_begins_a_line_goes_with_its_name() -> None:
    text = "from m import (n0\n    , n1  # one\n    , n2\n)\n"
    assert _cut(text, ["n0", "n1", "n2"], {1}) == "from m import (n0\n    , n2\n)\n"
    assert _cut(text, ["n0", "n1", "n2"], {2}) == "from m import (n0\n    , n1  # one\n)\n"
    assert _cut(text, ["n0", "n1", "n2"], {0}) == "from m import (\n    n1  # one\n    , n2\n)\n"


def test_a_last_comma_on_its_own_line_stays() -> None:
    assert _cut("from m import (n0, n1\n    ,)\n", ["n0", "n1"], {1}) == "from m import (n0\n    ,)\n"


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(2, 5), st.booleans())
def test_what_stays_is_what_is_imported(data: st.DataObject, count: int, trailing: bool) -> None:
    names = [f"n{number}" for number in range(count)]
    gone = data.draw(st.sets(st.integers(0, count - 1), max_size=count - 1))
    text = "from m import ("
    for number, name in enumerate(names):
        last = number == count - 1
        text += data.draw(GAPS) + name + data.draw(GAPS) + ("," if not last or trailing else "")
    text += data.draw(GAPS) + ")\n"
    (statement,) = ast.parse(_cut(text, names, gone)).body
    assert isinstance(statement, ast.ImportFrom)
    assert [alias.name for alias in statement.names] == [n for number, n in enumerate(names) if number not in gone]

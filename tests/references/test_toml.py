"""TOML: names and paths follow, everything else stays to the byte."""

from __future__ import annotations

import itertools
import tomllib

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.toml import Toml, tokens

from .finding import by, cases, check, edits_of


@pytest.mark.parametrize(("file", "path", "text"), cases("toml.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Toml()), file, path, text, update)


def test_what_nobody_told_us_about_is_for_review() -> None:
    edits = edits_of(Toml(), "x.toml", b'thing = "app.user"\nmodule = "app.user"\n')
    assert [edit.review for edit in edits] == [True, False]


def test_a_file_that_moves_with_its_package_keeps_its_relative_paths() -> None:
    data = b'path = "cart.py"\nup = "../users.py"\n'
    files = {"app/shop/x.toml": "app/store/shop/x.toml", "app/shop/cart.py": "app/store/shop/cart.py"}
    edits = edits_of(Toml(), "app/shop/x.toml", data, files=files)
    assert [(data[e.start : e.end], e.new) for e in edits] == [(b"../users.py", b"../../users.py")]


def test_lock_files_and_cargo_are_not_claimed() -> None:
    assert not any(Toml().claims(path) for path in ("uv.lock", "rust/Cargo.toml", "toml", "a.toml.j2"))


def test_tokens_of_every_form() -> None:
    text = (
        'a."b.c".\'d\' = "x" # "no"\r\n'
        "[t . u] # c\n"
        "k = ['1', \"\"\"\n2\"\"\"\", '''3'''] \n"
        "n = [ # c ]\n  1, {z = \"4\", y.x = 1979-05-27 07:32:00}, ]\n"
        '[["q#"]]\nlast = "\\"5\\""'
    )  # fmt: skip
    tomllib.loads(text)
    found = list(tokens(text.encode()))
    assert [(t.key, text.encode()[t.start : t.end].decode()) for t in found if not t.is_key] == [
        (("a", "b.c", "d"), "x"), (("t", "u", "k"), "1"), (("t", "u", "k"), '\n2"'), (("t", "u", "k"), "3"),
        (("t", "u", "n", "z"), "4"), (("q#", "last"), '\\"5\\"'),
    ]  # fmt: skip


_keys = st.text("ab.-\"'é \\", min_size=1, max_size=4)
_values = st.recursive(
    st.text("ab'\"\n\\#[{é=, ", max_size=8) | st.integers(-9, 9) | st.booleans() | st.floats(0, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_keys, _values, max_size=4))
def test_every_string_of_a_document_is_found_in_order(document: dict[str, object]) -> None:
    text = tomlkit.dumps(document)
    data = text.encode()
    spans = [(token.start, token.end) for token in tokens(data)]
    assert spans == sorted(spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    values = [data[t.start - len(t.quote) : t.end + len(t.quote)].decode() for t in tokens(data) if not t.is_key]
    read = [tomllib.loads(f"v = {value}")["v"] for value in values]
    assert sorted(read) == sorted(_strings(tomllib.loads(text)))


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings(inner)]
    return [text for inner in value for text in _strings(inner)] if isinstance(value, list) else []

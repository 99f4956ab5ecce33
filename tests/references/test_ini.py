"""INI files: names and paths follow, everything else stays to the byte."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.ini import Ini
from codemod.rewrite.edits import apply

from .finding import by, cases, check, edits_of


@pytest.mark.parametrize(("file", "path", "text"), cases("ini.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Ini()), file, path, text, update)


def test_loggers_are_for_review() -> None:
    edits = edits_of(Ini(), "logging.ini", b"[logger_a]\nqualname = app.user\n")
    assert [(edit.new, edit.review) for edit in edits] == [(b"app.accounts.user", True)]


def test_line_endings_and_foreign_bytes_survive() -> None:
    data = b"\xef\xbb\xbf[run]\r\nnote = \xe9\xff\r\nomit =\r\n\tapp/user.py\r\n\r\n\tapp/users.py\r\n"
    assert apply(data, edits_of(Ini(), ".coveragerc", data)) == data.replace(b"user.py", b"accounts/user.py", 1)


def test_other_files_are_not_claimed() -> None:
    assert not any(Ini().claims(path) for path in ("a.ini.j2", "coveragerc", "x.inifile"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["[mypy-app.user]", "[x]", "a = app.user", "    app/user.py", "  tool", "", "# c", "b: x # y", "["]
        )
    )
)
def test_what_parses_before_parses_after(lines: list[str]) -> None:
    text = "\n".join(lines)
    after = apply(text.encode(), edits_of(Ini(), "a.ini", text.encode())).decode()
    assert after.count("\n") == text.count("\n")
    assert _shape(after) == _shape(text)


def _shape(text: str) -> object:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        return type(error)
    return [(len(parser.options(section))) for section in parser.sections()]

"""Shell, Makefiles, Procfiles, environments: commands follow, everything else stays to the byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.shell import Shell
from codemod.references.shellwords import script_of
from codemod.rewrite.edits import apply

from .finding import by, cases, check, edits_of


@pytest.mark.parametrize(("file", "path", "text"), cases("shell.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Shell()), file, path, text, update)


def test_comments_and_plain_heredocs_are_for_review() -> None:
    edits = edits_of(Shell(), "x.sh", b"# app.user\npython -m app.user\ncat <<E\napp.user\nE\n")
    assert [(edit.start, edit.review) for edit in sorted(edits)] == [(2, True), (21, False), (38, True)]


def test_line_endings_and_foreign_bytes_survive() -> None:
    for path, data in {
        "x.sh": b"echo \xe9\xff\r\npython \\\r\n  -m app.user \xff\r\npython app/user.py\r\n",
        "Makefile": b"X = \xe9\xff\r\nall: app/user.py\r\n\tpython \\\r\n\t  -m app.user\r\n",
        "Procfile": b"a: echo \xe9\r\nweb: python -m app.user app/user.py",
        ".env": b"A=\xe9\xff\r\nMODULE=app.user\r\nB=app/user.py",
    }.items():
        after = data.replace(b"app.user", b"app.accounts.user").replace(b"app/user.py", b"app/accounts/user.py")
        assert apply(data, edits_of(Shell(), path, data)) == after


@pytest.mark.parametrize(
    "path", ["a.sh", "x.bash", "Makefile", "a/b.mk", "GNUmakefile", "Procfile", ".env", ".env.local", "prod.env",
             "justfile", ".justfile", ".envrc", "bin/run", ".husky/pre-commit", "Procfile.dev"],
)  # fmt: skip
def test_claims(path: str) -> None:
    assert Shell().claims(path)


@pytest.mark.parametrize(
    "path", ["Dockerfile", "LICENSE", "CHANGELOG", "a.py", "Pipfile.lock", "x.shx", ".gitignore", "CODEOWNERS", "a.md"]
)
def test_other_files_are_not_claimed(path: str) -> None:
    assert not Shell().claims(path)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("a b; c|d && e & f", ["a b", "c", "d", "e", "f"]),
        ("a 'b c' \"d $(e f) g\" h", ["e f", "a 'b c' \"d $(e f) g\" h"]),
        ("a \\\n b # c\nd", ["a b", "d"]),
        ("a#b `c d`", ["c d", "a#b `c d`"]),
        ("a >b 2>&1 <c", ["a b c"]),
        ("(a; b) && { c; }", ["a", "b", "{ c", "}"]),
        ("a ${b:-c d} e", ["a ${b:-c d} e"]),
        ('a "b', ['a "b']),
        ("a 'b", ["a 'b"]),
        ("a $(b", ["b", "a $(b"]),
    ],
)
def test_words(text: str, commands: list[str]) -> None:
    found = script_of(text).commands
    assert [" ".join(word.written for word in command.words) for command in found] == commands


def test_words_lie_where_they_say() -> None:
    text = "x=1 a 'b c' \\\n  $(d \"e f\") <<E\ng\nE\n# h\n"
    script = script_of(text)
    assert all(text[w.start : w.end] == w.written for command in script.commands for w in command.words)
    assert [text[start:end] for start, end in script.comments] == ["# h"]
    assert [text[start:end] for _, start, end in script.heredocs] == ["g\n"]


_PARTS = st.sampled_from([
    "python -m ", "app.user", "tool", "app/user.py", "X=", "$(", ")", "(", "`", "'", '"', "\\", "\n", "\r\n", "\t", " ",
    "<<E\n", "E\n", "#", "${", "}", "cd app", ";", "|", "&&", "-c ", "import app.user", "sh -c ", "é", "\udcff", "$X/",
    ":", ":=", "define A\n", "endef\n", "all: ", "$$", "{{", "[", "=", ">", "echo ", "./", "../",
])  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.lists(_PARTS, max_size=14), st.sampled_from(["x.sh", "Makefile", "Procfile", ".env", "justfile", "bin/x"]))
def test_whatever_the_file_holds_only_names_and_paths_change(parts: list[str], path: str) -> None:
    data = "".join(["#!/bin/sh\n" if path == "bin/x" else "", *parts]).encode("utf-8", "surrogateescape")
    after = apply(data, edits_of(Shell(), path, data))
    assert after.count(b"\n") == data.count(b"\n")
    assert script_shape(after) == script_shape(data)


def script_shape(data: bytes) -> list[int]:
    script = script_of(data.decode("utf-8", "surrogateescape"))
    return [len(script.comments), len(script.heredocs), *(len(command.words) for command in script.commands)]

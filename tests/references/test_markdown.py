"""Markdown and reStructuredText: names and paths follow where they are beyond doubt; histories and prose stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.markdown import Markdown
from codemod.rewrite.edits import apply

from .finding import FILES, by, cases, check, edits_of


@pytest.mark.parametrize(("file", "path", "text"), cases("markdown.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Markdown()), file, path, text, update)


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "docs/a.rst",
        "x.markdown",
        "README",
        "INSTALL.txt",
        "renewals.md",
        "docs/release.md",
        "docs/ref/x.txt",
        "docs/changing.md",
    ],
)
def test_claims(path: str) -> None:
    assert Markdown().claims(path)


@pytest.mark.parametrize(
    "path",
    ["CHANGELOG.md", "docs/changelog.rst", "HISTORY.rst", "NEWS.md", "RELEASES.md", "release_notes.md", "CHANGES.rst",
     "docs/releases/1.2.md", "newsfragments/12.md", "a.txt", "docs/requirements.txt", "README.html", "whatsnew.rst"],
)  # fmt: skip
def test_histories_and_other_files_are_not_claimed(path: str) -> None:
    assert not Markdown().claims(path)


def test_a_text_that_moves_with_its_package_keeps_its_links() -> None:
    data = b"[cart](cart.py) [users](../users.py) [up](../../README.md) [user](../user.py) `app.users`\n"
    files = FILES | {"app/shop/README.md": "app/store/shop/README.md"}
    after = apply(data, edits_of(Markdown(), "app/shop/README.md", data, files=files))
    assert after == (
        b"[cart](cart.py) [users](../../users.py) [up](../../README.md) [user](../../accounts/user.py) `app.users`\n"
    )


def test_line_endings_and_foreign_bytes_survive() -> None:
    data = (
        "\ufeffé app.user é `app.user`\r\n\r\n```sh\r\necho é; python -m app.user\r\n```\r\n".encode()
        + b"\xff app.user"
    )
    after = data.replace(b"app.user", b"app.accounts.user")
    assert apply(data, edits_of(Markdown(), "a.md", data)) == after
    assert apply(data, edits_of(Markdown(), "a.rst", data)).count(b"accounts") == 4


_PARTS = st.sampled_from([
    "app.user", "app/user.py", "`", "```", "```python\n", "~~~\n", "\n", "\r\n", "    ", "> ", "- ", "](", ")", "[",
    "<!-- codemod: a -->", "<!-- codemod: a b -->\n", "<!-- codemod: end -->\n", "::", ".. automodule:: app.user\n",
    ".. code:: python\n", ">>> import app.user\n", "... ", "---\n", "=====\n", "import app.user",
    "from app.user import (", ":mod:`app.user`", "$ python -m tool\n", "é", "\udcff", "**",
    "::: tool\n", "|", "\t", "_", ".", "# ", "{", "}",
])  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.lists(_PARTS, max_size=14), st.sampled_from(["a.md", "docs/a.rst", "README"]))
def test_whatever_the_file_holds_lines_stay_lines(parts: list[str], path: str) -> None:
    data = "".join(parts).encode("utf-8", "surrogateescape")
    edits = edits_of(Markdown(), path, data)
    after = apply(data, edits)
    assert len(after.splitlines()) >= len(data.splitlines())
    assert b"\xff" not in b"".join(data[edit.start : edit.end] for edit in edits)

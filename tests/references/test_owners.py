"""Lists of paths follow: CODEOWNERS, ignores, attributes, MANIFEST.in; everything else stays to the byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.owners import Owners
from codemod.rewrite.edits import apply

from .finding import FILES, SOURCE, by, cases, check, edits_of


@pytest.mark.parametrize(("file", "path", "text"), cases("owners.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Owners()), file, path, text, update)


@pytest.mark.parametrize(
    ("more", "after"),
    [
        (
            {"app/bill_a.py": "app/bills/bill_a.py", "app/bill_b.py": "app/bills/bill_b.py"},
            b"/app/bills/bill_*.py @x\n",
        ),
        ({"app/bill_a.py": "app/bills/bill_a.py", "app/bill_b.py": "app/b/bill_b.py"}, b"/app/bill_*.py @x\n"),
        ({"app/bill_a.py": "app/bills/a.py", "app/bill_b.py": "app/bills/b.py"}, b"/app/bill_*.py @x\n"),
        ({"app/bill_a.py": "lib/bill_a.py", "app/bill_b.py": "lib/bill_b.py"}, b"/app/bill_*.py @x\n"),
    ],
    ids=["all to one folder", "apart", "under other names", "where another matches already"],
)
def test_a_pattern_follows_when_all_that_it_matches_does(more: dict[str, str], after: bytes) -> None:
    source = SOURCE | dict.fromkeys(more, "") | {"lib/bill_c.py": ""}
    data = b"/app/bill_*.py @x\n"
    edits = edits_of_glob(data, source, FILES | more)
    assert apply(data, edits) == after


def edits_of_glob(data: bytes, source: dict[str, str], files: dict[str, str]) -> list[object]:
    """A pattern spells no whole name, so the cheap question of the other finders does not apply."""
    from .finding import view_of

    return list(Owners().find("CODEOWNERS", data, view_of("CODEOWNERS", data, source, files=files)))


@pytest.mark.parametrize(
    "path", ["CODEOWNERS", ".github/CODEOWNERS", ".gitignore", "a/.dockerignore", "Dockerfile.dockerignore",
             ".gitattributes", "MANIFEST.in", ".prettierignore", ".npmignore"],
)  # fmt: skip
def test_claims(path: str) -> None:
    assert Owners().claims(path)


@pytest.mark.parametrize("path", ["CODEOWNERS.md", "owners.py", "ignore.txt", "MANIFEST", ".gitmodules"])
def test_other_files_are_not_claimed(path: str) -> None:
    assert not Owners().claims(path)


def test_line_endings_and_foreign_bytes_survive() -> None:
    data = b"\xe9\xff @x\r\n/app/user.py\t@ann \xff\r\n\r\n/app/user.py"
    assert apply(data, edits_of(Owners(), "CODEOWNERS", data)) == data.replace(b"/user", b"/accounts/user")


_PARTS = st.sampled_from([
    "/app/user.py", "app/shop/", "tool.py", " ", "  ", "\t", "\n", "\r\n", "@ann", "#", "!", "\\", "*", "**", "[", "?",
    "é", "\udcff", "../", "./", "/", "include ", "graft ",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PARTS, max_size=12), st.sampled_from(["CODEOWNERS", ".gitignore", "app/.dockerignore", "MANIFEST.in"]))
def test_whatever_the_file_holds_only_patterns_change(parts: list[str], path: str) -> None:
    data = "".join(parts).encode("utf-8", "surrogateescape")
    after = apply(data, edits_of(Owners(), path, data))
    assert [line.split()[1:] for line in after.split(b"\n")] == [line.split()[1:] for line in data.split(b"\n")] or (
        path == "MANIFEST.in"
    )

"""CODEOWNERS: patterns, and the last match."""

from __future__ import annotations

import pytest

from codemod.analysis.ownership import codeowners, compiled, owners_of
from codemod.source.tree import Tree


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*", "a/b.py", True),
        ("*.py", "a/b.py", True),
        ("*.py", "a/b.pyi", False),
        ("/a/", "a/b/c.py", True),
        ("/a/", "b/a/c.py", False),
        ("a/", "b/a/c.py", True),
        ("/a", "a/b.py", True),
        ("docs/*", "docs/x.md", True),
        ("docs/*", "docs/x/y.md", False),
        ("docs/**", "docs/x/y.md", True),
        ("**/logs", "a/b/logs/x", True),
        ("a/**/z.py", "a/z.py", True),
        ("a/b_*.py", "a/b_c.py", True),
        ("a/b_*.py", "x/a/b_c.py", False),
        ("a.py", "aXpy", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert bool(compiled(pattern).fullmatch(path)) is expected


def test_last_match_wins() -> None:
    text = b"# all\n*  @a\n\n[Section]\n/x/ @b @c # why\n/x/free/\nmy\\ file @d\n"
    path, rules = codeowners(Tree.of({".github/CODEOWNERS": text, "CODEOWNERS": b"* @z\n"}))
    assert path == ".github/CODEOWNERS"
    assert [owners_of(p, rules) for p in ("y.py", "x/y.py", "x/free/y.py", "my file")] == [
        ("@a",), ("@b", "@c"), (), ("@d",),
    ]  # fmt: skip
    assert codeowners(Tree.of({})) == ("", ())

"""A search for many modules answers as the spellings of each of them do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.base import names
from codemod.source.search import Search, Spelling

MODULES = ("app", "app.user", "app.mail.user", "app.mail.box", "app.mail", "lib.other.box", "top")


def spells(name: str, data: bytes) -> bool:
    """As `Spelling.found`, which takes `a.bc` for `a.b`."""
    spelling = Spelling.of(name)
    parent = spelling.parent in data and (spelling.from_parent.search(data) or spelling.loose.search(data))
    return bool(parent) or replace(spelling, parent=b"\0").found(data) if spelling.parent else True


def one_by_one(modules: list[str], data: bytes) -> bool:
    return any(names.last(name).encode() in data and spells(name, data) for name in modules)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"import app.user", True),
        (b"from app import user", True),
        (b"from app import (\n    a,  # user\n    user,\n)", True),
        (b"from app import a\nuser = 1", False),
        (b"from app \\\n    import user", True),
        (b"import app as a\na.user", True),
        (b"from app import *\nuser", True),
        (b'import_module(".user", "app")', True),
        (b'open(".user")', False),
        (b"from . import user", True),
        (b"from .. import a, user as u", True),
        (b"from .mail import a\nuser = 1", True),
        (b"from .user import a", True),
        (b"app = users.app", False),
        (b"import app.user_", False),
    ],
)
def test_spellings(data: bytes, found: bool) -> None:
    assert bool(Search(["app.user"])(data)) is found
    assert one_by_one(["app.user"], data) is found


PIECES = st.sampled_from([
    "from ", "import ", "app", "user", "mail", "box", ".", "..", " ", ", ", "(", ")", "\n", "\\\n", "#", "as ", "*",
    '"', "x",
    "import_module", "lib", "other", "top", "_", "é",
])  # fmt: skip


@given(st.lists(st.sampled_from(MODULES), min_size=1, max_size=5), st.lists(PIECES, max_size=14))
@settings(max_examples=400, deadline=None)
def test_together_as_one_by_one(modules: list[str], pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    assert bool(Search(modules)(data)) == one_by_one(modules, data)


def test_comments_in_a_list_of_imports_are_read_once() -> None:
    """Each could be read from any `#` on; a line of several took minutes."""
    data = b"from app.models import (" + b"  # noqa: F401" * 30 + b"\n    A,\n)\n"
    assert not Spelling.of("app.models.b").from_parent.search(data)
    assert Spelling.of("app.models.A").from_parent.search(data)

"""After ten moves in packages that we did not write, an independent search finds no old name that is unexplained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.ledger import MIGRATIONS, MOST_OPEN, Entry, Migration, explains, kind_of_change, settle
from tests.real.searching import Found, query

MOVES = {"app.user": "app.accounts.user", "app.shop": "app.store.shop"}
BEFORE = {
    "app": "app/__init__.py",
    "app.user": "app/user.py",
    "app.users": "app/users.py",
    "app.shop": "app/shop/__init__.py",
    "app.shop.cart": "app/shop/cart.py",
}


@pytest.mark.slow
@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda migration: migration.package.name)
def test_every_old_name_is_explained(migration: Migration, tmp_path: Path) -> None:
    balance = settle(migration, tmp_path)
    print(*balance.report(), sep="\n")  # the lists to review: `pytest -m slow -rP tests/real/test_ledger.py`
    assert len(migration.moves) == 10
    assert len(balance.before) > 50
    assert balance.unexplained == []
    assert balance.share <= MOST_OPEN


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.md", "app.user and app.shop.cart", ["app.user", "app.shop.cart"]),
        ("a.md", "app.users, my.app.user, xapp.user, app.user2", []),
        ("a.py", "X = r'app\\.user\\.X'", ["app\\.user"]),
        ("a.toml", 'omit = ["app/user.py", "app/shop/*", "app\\\\shop"]', ["app/user", "app/shop", "app\\\\shop"]),
        ("tests/a.md", "tests/app/user.py ../app/user.py", ["app/user"]),
        ("b/a.py", "from app.shop import (\n  cart,  # x\n  other\n)", ["app.shop", "app.shop.cart"]),
        ("a.txt", "from app import user as u, shop", ["app.user", "app.shop"]),
        ("app/a.py", "from . import user\nfrom .shop import x\nfrom .users import user", ["app.user", "app.shop"]),
        ("app/sub/a.py", "from .. import shop\nfrom ... import user", ["app.shop"]),
    ],
)
def test_the_search(tmp_path: Path, path: str, text: str, found: list[str]) -> None:
    asked = query(MOVES, BEFORE, {"app": "app/__init__.py", "app.users": "app/users.py"}, ())
    hits = asked.search_text(path, text)
    assert [hit.name.removesuffix(".py") for hit in sorted(hits, key=lambda hit: (hit.line, hit.start))] == found


def test_an_entry_explains_what_stands_at_its_place() -> None:
    entry = Entry("a.md", 3, 6, "app.user", "kept", "history")
    hit = Found("a.md", 3, 5, 13, "app.user", "dotted", "see: app.user.")
    assert explains(entry, hit)
    for other in ({"path": "b.md"}, {"line": 4}, {"start": 14, "end": 22}):
        values = {name: getattr(hit, name) for name in Found.__slots__}
        assert not explains(entry, Found(**{**values, **other}))


@pytest.mark.parametrize(
    ("removed", "added", "kind"),
    [
        ("see app.user.X", "see app.accounts.user.X", "renamed"),
        ("omit = app/user.py", "omit = app/accounts/user.py", "renamed"),
        ("from .user import X", "from .accounts.user import X", "import"),
        ("x = user.load()", "x = other.load()", "name"),
        ("=====", "========", "underline"),
        ("x = 1", "x = 2", "other"),
    ],
)
def test_what_a_change_is(removed: str, added: str, kind: str) -> None:
    assert kind_of_change([removed], [added], MOVES) == kind

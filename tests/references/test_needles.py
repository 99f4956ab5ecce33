"""The cheap question is never sharper than the finders."""

from __future__ import annotations

import pytest

from codemod.references.needles import FEW, Needles

from .finding import FILES, MODULES, view_of


@pytest.mark.parametrize(
    "text",
    ["app.user", "x/app/user.py", "app:user", "from app import user", "from app \\\n import user",
     "from app.user import load",
     "user.py", "numpy, user.pyi",
     r"app/user\.py", r"app/user\\.py", "python -m tool", "app.user:load", "cart.py", "app.shop.cart.Cart",
     "data.json", "../app/shop/x"],
)  # fmt: skip
def test_found(text: str) -> None:
    assert Needles.of(view_of("a.md", b"")).found(text)


@pytest.mark.parametrize(
    "text",
    ["", "the user of a shop", "app.users", "myapp/user_x.py", "from app_x import user", "tools", "users.py",
     "a" * 99999, "user, app", "user-py", "user.pyc", "happy user", "load()"],
)  # fmt: skip
def test_not_found(text: str) -> None:
    assert not Needles.of(view_of("a.md", b"")).found(text)


def test_a_folder_is_known_by_its_name_beside_it() -> None:
    assert Needles.of(view_of("app/x.md", b"")).found("[x](shop)")
    assert not Needles.of(view_of("x.md", b"")).found("[x](shop)")


def test_in_a_file_that_moves_anything_may_be_a_path() -> None:
    files = FILES | {"app/shop/README.md": "app/store/shop/README.md"}
    assert Needles.of(view_of("app/shop/README.md", b"", files=files)).found("../x")


@pytest.mark.parametrize("text", ["see app.user", "a user of app", "other1.x", "from app import user"])
def test_many_names_are_looked_for_as_few_are(text: str) -> None:
    many = {**MODULES, **{f"app.other{number}": f"app.more.other{number}" for number in range(FEW)}}
    few = Needles.of(view_of("a.md", b""))
    assert Needles.of(view_of("a.md", b"", modules=many)).found(text) == few.found(text)

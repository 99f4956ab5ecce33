"""What is mutated: files of every kind of reference, as the cases of the finders have them, and a few richer ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from codemod.references.finder import FINDERS
from tests.references.test_notebook import notebook

CASES = Path(__file__).parents[1] / "references" / "cases"
_HEAD = re.compile(r"^=== (?P<path>[^:\n]+): .*\n", re.MULTILINE)

PYTHON = '''"""Orders of :class:`app.user.User`, see app/user.py and ``app.shop.cart``.

>>> from app.user import load
>>> load()
<app.user.User object at 0x7f>
"""
from __future__ import annotations

import importlib
import app.user, app.users
import app.shop.cart as cart  # app.shop.cart is the cart
from app import user, users
from app.user import (
    User,  # the user
    load as read,
)
from unittest import mock

try:
    from app.shop.cart import Cart
except ImportError:
    Cart = None

NAMES = {"app.user": ["User"], "app.shop.cart": cart}
PATH = "app/shop/data.json"


@mock.patch("app.user.load")
def order(user: app.user.User, *, name: "app.user.User" = None) -> app.shop.cart.Cart:
    """Order from `app.user`."""
    module = importlib.import_module("app.shop." + name)
    text = f"{app.user.main()} of app.user {user!r:>{10}}"
    return app.user.load(user) if user else read()
'''

RICH: tuple[tuple[str, str], ...] = (
    ("order.py", PYTHON),
    ("app/order.pyi", "from .user import User as User\nfrom app.shop import cart\ndef f(x: cart.Cart) -> User: ...\n"),
    (
        "app/user.py",
        "from . import users\nfrom .shop.cart import Cart\nclass User: pass\ndef main(): pass\ndef load(): pass\n",
    ),
    (
        "nb/a.ipynb",
        notebook([("code", "%run app/user.py\nfrom app.user import load\nload()"), ("markdown", "See `app.user`")]),
    ),
    ("nb/b.ipynb", notebook([("code", "import app.shop.cart\n!python -m app.user\n")], indent=None, lists=False)),
    (
        "compose.yaml",
        "x-web: &web\n  command: [uvicorn, 'app.user:main']\n  volumes:\n    - ./app/shop:/srv/app/shop\nservices:\n"
        "  web:\n    <<: *web\n    command: >-\n      python -m app.user\n      --path app/user.py\n  worker: *web\n",
    ),
    (
        "pyproject.toml",
        "[project.scripts]\nrun = 'app.user:main'\n[tool.coverage.run]\nomit = ['app/user.py', \"app/shop/*\",]\n"
        "[[tool.mypy.overrides]]\nmodule = [\"app.user\", \"app.shop.*\"]\n",
    ),
)  # fmt: skip


def seeds() -> dict[str, list[tuple[str, bytes]]]:
    """Kind of reference -> (path, content) of its seeds."""
    found: dict[str, list[tuple[str, bytes]]] = {"python": [], **{finder.name: [] for finder in FINDERS}}
    for path, text in (*RICH, *_cases()):
        for kind in kinds_of(path):
            found[kind].append((path, text.encode()))
    return found


def kinds_of(path: str) -> list[str]:
    """The kinds of reference that a file of this name may hold."""
    if path.endswith((".py", ".pyi")):
        return ["python"]
    return [finder.name for finder in FINDERS if finder.claims(path)]


def _cases() -> Iterator[tuple[str, str]]:
    for file in sorted(CASES.glob("*.txt")):
        parts = _HEAD.split(file.read_text("utf-8"))[1:]
        for path, text in zip(parts[::2], parts[1::2], strict=True):
            yield path, text.partition("--->\n")[0].removesuffix("\n")

"""`barrel`: what a package's `__init__` offers, and what is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.operations.barrel import run
from codemod.plan.model import Barrel
from tests.operations.writing import Files, perform, python, tree_of, write_to

CART = "class Cart:\n    n = 1\n\n\ndef _secret(): ...\n"
PRICE = "RATE = 2\n\n\ndef price():\n    return 3\n"


def barrel(files: Files, package: str = "shop", *force: str):  # type: ignore[no-untyped-def]
    """Run a barrel over a package."""
    return perform(run, Barrel(package, force), files)


WRITES = [
    pytest.param(
        {"shop/__init__.py": "", "shop/cart.py": CART, "shop/price.py": "RATE = 2\nunit = 1\n"},
        'from .cart import Cart\nfrom .price import RATE, unit\n\n__all__ = ["Cart", "RATE", "unit"]\n',
        id="empty init",
    ),
    pytest.param(
        {"shop/__init__.py": '"""A shop."""\n', "shop/cart.py": CART},
        '"""A shop."""\n\nfrom .cart import Cart\n\n__all__ = ["Cart"]\n',
        id="behind the docstring",
    ),
    pytest.param(
        {"shop/__init__.py": '"""A shop."""', "shop/cart.py": CART},
        '"""A shop."""\n\nfrom .cart import Cart\n\n__all__ = ["Cart"]\n',
        id="no final newline",
    ),
    pytest.param(
        {"shop/__init__.py": '"""A shop."""\r\nX = 1\r\n', "shop/cart.py": CART},
        '"""A shop."""\r\n\r\nfrom .cart import Cart\r\n\r\n__all__ = ["Cart", "X"]\r\n\r\nX = 1\r\n',
        id="CRLF stays CRLF",
    ),
    pytest.param(
        {"shop/__init__.py": "# (c) us\n\nVERSION = 1\n", "shop/cart.py": CART},
        '# (c) us\n\nfrom .cart import Cart\n\n__all__ = ["Cart", "VERSION"]\n\nVERSION = 1\n',
        id="behind the heading comments",
    ),
    pytest.param(
        {"shop/__init__.py": "# (c) us\n", "shop/cart.py": CART},
        '# (c) us\n\nfrom .cart import Cart\n\n__all__ = ["Cart"]\n',
        id="comments alone",
    ),
    pytest.param(
        {"shop/__init__.py": "from __future__ import annotations\nimport os\nHERE = os.getcwd\n", "shop/cart.py": CART},
        "from __future__ import annotations\nimport os\n\nfrom .cart import Cart\n\n"
        '__all__ = ["Cart", "HERE"]\n\nHERE = os.getcwd\n',
        id="behind the imports, code follows at once",
    ),
    pytest.param(
        {
            "shop/__init__.py": '"""Shop."""\n\nfrom shop.a import A\nfrom shop.z import Z\n\n__all__ = ["A", "Z"]\n',
            "shop/a.py": "class A: ...\n",
            "shop/m.py": "class M: ...\n",
            "shop/z.py": "class Z: ...\n",
        },
        '"""Shop."""\n\nfrom shop.a import A\nfrom shop.m import M\nfrom shop.z import Z\n\n'
        '__all__ = ["A", "M", "Z"]\n',
        id="absolute where the package is absolute, in its sorted place",
    ),
    pytest.param(
        {
            "shop/__init__.py": "from .cart import Cart\n",
            "shop/cart.py": CART + "class Basket: ...\n",
        },
        'from .cart import Cart\nfrom .cart import Basket\n\n__all__ = ["Basket", "Cart"]\n',
        id="a hand's statement stays, its names are not imported again",
    ),
    pytest.param(
        {
            "shop/__init__.py": 'from .cart import Cart\n\n__all__ = ["Cart"]\n',
            "shop/cart.py": CART + "class Basket: ...\n",
        },
        'from .cart import Basket, Cart\n\n__all__ = ["Basket", "Cart"]\n',
        id="a barrel of ours grows",
    ),
    pytest.param(
        {
            "shop/__init__.py": "from .cart import *\nfrom .money import price as cost\n"
            "__all__ = (\n    'Cart',  # ours\n    'cost'\n)\n",
            "shop/cart.py": CART,
            "shop/money.py": PRICE,
        },
        "from .cart import *\nfrom .money import price as cost\nfrom .money import RATE, price\n\n"
        "__all__ = (\n    'Cart',  # ours\n    'RATE',\n    'cost',\n"
        "    'price'\n)\n",
        id="an own __all__ is extended in its own style",
    ),
    pytest.param(
        {
            "shop/__init__.py": "from . import cart\n__all__ = cart.__all__ + ['x']\nx = 1\n",
            "shop/cart.py": "__all__ = ['Cart']\nclass Cart: ...\n",
        },
        "from . import cart\nfrom .cart import Cart\n\n__all__ = cart.__all__ + ['x']\n__all__ += [\"Cart\"]\nx = 1\n",
        id="a computed __all__ is added to",
    ),
    pytest.param(
        {"shop/__init__.py": "import sys\nsys.path.insert(0, '.')\n", "shop/cart.py": CART},
        "import sys\nsys.path.insert(0, '.')\n\nfrom .cart import Cart  # noqa: E402\n\n__all__ = [\"Cart\"]\n",
        id="behind code that does something",
    ),
    pytest.param(
        {"shop/__init__.py": "RATE = 2\n", "shop/cart.py": "from . import RATE\nclass Cart: ...\n"},
        'RATE = 2\n\nfrom .cart import Cart  # noqa: E402\n\n__all__ = ["Cart", "RATE"]\n',
        id="behind what its modules need of it",
    ),
    pytest.param(
        {
            "shop/__init__.py": "",
            "shop/a.py": "from . import Base\nclass A(Base): ...\n",
            "shop/b.py": "class Base: ...\n",
        },
        '# isort: off\nfrom .b import Base\nfrom .a import A\n# isort: on\n\n__all__ = ["A", "Base"]\n',
        id="what others need comes first",
    ),
    pytest.param(
        {"shop/__init__.py": "", "shop/a.py": "__all__ = ['_x', 'B']\n_x = 1\nfrom os import path as B\nC = 3\n"},
        'from .a import B, _x\n\n__all__ = ["B", "_x"]\n',
        id="a module's own __all__ decides",
    ),
    pytest.param(
        {
            "shop/__init__.py": "",
            "shop/a.py": "class A: ...\n",
            "shop/b.py": "from .a import A\n__all__ = ['A', 'B']\nclass B: ...\n",
        },
        'from .a import A\nfrom .b import B\n\n__all__ = ["A", "B"]\n',
        id="one object under two modules is no clash; its definer gives it",
    ),
    pytest.param(
        {
            "shop/__init__.py": "",
            "shop/cart/__init__.py": "from .x import Cart\n__all__ = ['Cart']\n",
            "shop/cart/x.py": CART,
        },
        'from .cart import Cart\n\n__all__ = ["Cart"]\n',
        id="a child's barrel is passed on",
    ),
    pytest.param(
        {"shop/cart.py": CART},
        'from .cart import Cart\n\n__all__ = ["Cart"]\n',
        id="a namespace package gets an init",
    ),
    pytest.param(
        {
            "shop/__init__.py": "",
            "pyproject.toml": "[tool.ruff]\nline-length = 30\n",
            "shop/cart.py": "class First: ...\nclass Second: ...\n",
        },
        'from .cart import (\n    First,\n    Second,\n)\n\n__all__ = ["First", "Second"]\n',
        id="the repository's line length",
    ),
    pytest.param({"shop/__init__.py": ""}, "__all__: list[str] = []\n", id="nothing to export"),
    pytest.param(
        {"shop/__init__.py": '"""S."""\n\n__all__: list[str] = []\n', "shop/cart.py": CART},
        '"""S."""\n\nfrom .cart import Cart\n\n__all__ = ["Cart"]\n',
        id="an empty barrel of ours is filled",
    ),
    pytest.param(
        {"shop/__init__.py": "__all__: List[str] = []\n", "shop/cart.py": CART},
        'from .cart import Cart\n\n__all__: List[str] = ["Cart"]\n',
        id="an empty __all__ of a hand is filled in its own way",
    ),
]


@pytest.mark.parametrize(("files", "expected"), WRITES)
def test_writes(files: Files, expected: str) -> None:
    ran = barrel(files)
    assert ran.text("shop/__init__.py") == expected
    assert not ran.findings


KEEPS = [
    pytest.param(
        {"shop/__init__.py": "__all__ = []\n", "shop/a.py": "import logging\nlog = logging.getLogger(__name__)\n"},
        id="a module's own logger",
    ),
    pytest.param(
        {"shop/__init__.py": 'from .cart import Cart\n\n__all__ = ["Cart"]\n', "shop/cart.py": CART}, id="ours"
    ),
    pytest.param(
        {"shop/__init__.py": 'from .cart import (Cart)\n__all__=("Cart",)\n', "shop/cart.py": CART}, id="a hand's"
    ),
    pytest.param({"shop/__init__.py": '"""Doc."""\n__all__ = []\n', "shop/_x.py": "_a = 1\n"}, id="nothing public"),
    pytest.param({"shop/__init__.py": "__all__ = []\n", "shop/test_x.py": CART, "shop/conftest.py": CART}, id="tests"),
    pytest.param({"shop/__init__.py": "__all__ = []\n", "shop/__main__.py": CART}, id="__main__"),
    pytest.param(
        {"shop/__init__.py": "__all__ = []\n", "shop/a.py": "import os\nfrom re import compile\n"}, id="imports"
    ),
    pytest.param(
        {"shop/__init__.py": "__all__ = []\n", "shop/a.py": "for x in ():\n    pass\nwith open as f:\n    pass\n"},
        id="loop names",
    ),
    pytest.param({"shop/__init__.py": "__all__ = []\n", "shop/sub/x.py": CART}, id="a plain folder below"),
    pytest.param({"shop/__init__.py": "__all__ = []\n", "shop/fast.pyi": CART}, id="stub of a compiled module"),
    pytest.param(
        {"shop/__init__.py": "__all__ = []\n", "shop/old.py": "# codemod: shim shop.old -> b\nX = 1\n"}, id="shim"
    ),
    pytest.param({"shop/__init__.py": "__all__ = []\n", "shop/two.words.py": CART}, id="not a module name"),
]


@pytest.mark.parametrize("files", KEEPS)
def test_keeps(files: Files) -> None:
    ran = barrel(files)
    assert not ran.writes
    assert not ran.findings


LEAVES_OUT = [
    pytest.param(
        {
            "shop/__init__.py": "",
            "shop/a.py": "class Item: ...\nclass A: ...\n",
            "shop/b.py": "class Item: ...\nclass B: ...\n",
        },
        "barrel-name-clash",
        'from .a import A\nfrom .b import B\n\n__all__ = ["A", "B"]\n',
        id="two definitions",
    ),
    pytest.param(
        {"shop/__init__.py": "", "shop/price.py": PRICE},
        "barrel-name-is-submodule",
        'from .price import RATE\n\n__all__ = ["RATE"]\n',
        id="a submodule's name",
    ),
    pytest.param(
        {"shop/__init__.py": "", "shop/a.py": "import sys\nif sys.platform == 'x':\n    def f(): ...\ng = 1\n"},
        "barrel-name-conditional",
        'from .a import g\n\n__all__ = ["g"]\n',
        id="perhaps not there",
    ),
    pytest.param(
        {"shop/__init__.py": "from typing import Any\n", "shop/a.py": "class Any: ...\ng = 1\n"},
        "barrel-name-taken",
        'from typing import Any\n\nfrom .a import g\n\n__all__ = ["g"]\n',
        id="bound by hand",
    ),
    pytest.param(
        {"shop/__init__.py": "", "shop/a.py": "X = 1\ng = 1\n", "main.py": "from shop import *\nX = 3\n"},
        "barrel-name-taken",
        'from .a import g\n\n__all__ = ["g"]\n',
        id="a star importer's own",
    ),
    pytest.param(
        {
            "shop/__init__.py": "",
            "shop/a.py": "g = 1\n",
            "shop/tool.py": "X = 1\nif __name__ == '__main__':\n    print(X)\n",
        },
        "barrel-module-is-script",
        'from .a import g\n\n__all__ = ["g"]\n',
        id="a program",
    ),
    pytest.param(
        {"shop/__init__.py": "", "shop/a.py": "g = 1\n", "shop/broken.py": "def (:\n"},
        "syntax-left-alone",
        'from .a import g\n\n__all__ = ["g"]\n',
        id="a module that does not parse",
    ),
]


@pytest.mark.parametrize(("files", "code", "expected"), LEAVES_OUT)
def test_leaves_out_and_says_so(files: Files, code: str, expected: str) -> None:
    ran = barrel(files)
    assert ran.codes == [code]
    assert not ran.findings[0].blocks
    assert ran.findings[0].place is not None
    assert ran.text("shop/__init__.py") == expected


def test_builtin_used_by_hand() -> None:
    ran = barrel({"shop/__init__.py": "HERE = open(__file__)\n", "shop/a.py": "def open(): ...\ndef g(): ...\n"})
    assert ran.codes == ["barrel-name-taken"]
    assert "import g\n" in ran.text("shop/__init__.py")


def test_force_takes_a_submodules_name_and_chooses_among_two() -> None:
    files = {"shop/__init__.py": "", "shop/price.py": PRICE, "shop/other.py": "RATE = 9\n"}
    ran = barrel(files, "shop", "price", "other.RATE")
    assert ran.text("shop/__init__.py") == (
        'from .other import RATE\nfrom .price import price\n\n__all__ = ["RATE", "price"]\n'
    )
    assert not ran.findings


def test_force_of_a_bare_ambiguous_name_is_refused() -> None:
    files = {"shop/__init__.py": "", "shop/a.py": "X = 1\n", "shop/b.py": "X = 2\n"}
    ran = barrel(files, "shop", "X")
    assert [(f.code, f.blocks, f.hint) for f in ran.findings] == [
        ("barrel-name-clash", True, "name a.X in the plan to choose one")
    ]
    assert not ran.writes


@pytest.mark.parametrize(
    ("package", "force", "code"),
    [
        ("shap", (), "source-missing"),
        ("shop.cart", (), "barrel-not-a-package"),
        ("shop", ("Kart",), "barrel-name-missing"),
    ],
)
def test_mismatch(package: str, force: tuple[str, ...], code: str) -> None:
    ran = barrel({"shop/__init__.py": "", "shop/cart.py": CART}, package, *force)
    assert [(f.code, f.blocks) for f in ran.findings] == [(code, True)]
    assert not ran.writes


def test_stub_is_extended_too() -> None:
    files = {"shop/__init__.py": "", "shop/__init__.pyi": "from .cart import Cart as Cart\n", "shop/cart.py": CART}
    ran = barrel(files)
    assert ran.text("shop/__init__.pyi") == 'from .cart import Cart as Cart\n\n__all__ = ["Cart"]\n'


def test_star_importers_keep_what_they_get() -> None:
    files = {"shop/__init__.py": "import os\n", "shop/cart.py": CART, "main.py": "from shop import *\nprint(os)\n"}
    assert '__all__ = ["Cart", "os"]' in barrel(files).text("shop/__init__.py")


def test_own_code_is_not_disturbed_by_a_shim_block() -> None:
    block = "# codemod: renamed\ndef __getattr__(name: str) -> object: ...\n# codemod: end\n"
    ran = barrel({"shop/__init__.py": "A = 1\n\n\n" + block, "shop/cart.py": CART})
    assert ran.text("shop/__init__.py") == 'from .cart import Cart\n\n__all__ = ["A", "Cart"]\n\nA = 1\n\n\n' + block


def test_parents_barrel_counts_the_childs_as_written() -> None:
    files = {"shop/__init__.py": "", "shop/cart/__init__.py": "", "shop/cart/x.py": CART}
    tree = tree_of(files)
    parent, child = Barrel("shop"), Barrel("shop.cart")
    from tests.operations.writing import apply_results, context_of

    once = apply_results(tree, run(parent, context_of(tree, parent, child)))
    assert once.text("shop/__init__.py") == 'from .cart import Cart\n\n__all__ = ["Cart"]\n'
    twice = apply_results(once.tree, run(child, context_of(once.tree, parent, child)))
    assert not apply_results(twice.tree, run(parent, context_of(twice.tree, parent, child))).writes


def test_a_namespace_tree_keeps_its_names(tmp_path: Path) -> None:
    """A lone `__init__` in a plain folder would make that folder a source root."""
    ran = perform(run, Barrel("app.shop"), {"app/shop/cart.py": CART, "app/x.py": "from app.shop.cart import Cart\n"})
    assert sorted(write.path for write in ran.writes) == ["app/__init__.py", "app/shop/__init__.py"]
    write_to(ran.tree, tmp_path)
    assert python(tmp_path, "-c", "import app.x, app.shop; print(app.shop.Cart is app.x.Cart)")[0] == "True\n"


def test_barrel_runs_and_is_formatted(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": '"""Shop."""\n',
        "shop/cart.py": CART,
        "shop/price.py": PRICE,
        "shop/more.py": "".join(f"class Thing{n}: ...\n" for n in range(30)),
    }
    ran = barrel(files)
    write_to(ran.tree, tmp_path)
    out, _ = python(
        tmp_path, "-W", "error", "-c", "from shop import *; import shop; print(Cart.n, RATE, shop.price.RATE)"
    )
    assert out == "1 2 2\n"
    init = str(tmp_path / "shop/__init__.py")
    for command in (["format", "--check"], ["check", "--select", "E,F,I"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", init], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


name = st.sampled_from(["a", "B", "CC", "d_e", "F1", "_g", "open", "os"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "import os\n",
                "from .m import a\n",
                "X = 1\n",
                '"""d"""\n',
                "# c\n",
                "\n",
                "__all__ = ['B']\n",
                "from .n import *\n",
                "print()\n",
                "def f(): ...\n",
            ]
        ),
        max_size=6,
    ),
    st.lists(name, unique=True, max_size=5),
    st.lists(name, unique=True, max_size=5),
)
def test_any_init_keeps_its_lines(lines: list[str], first: list[str], second: list[str]) -> None:
    files = {
        "shop/__init__.py": "".join(lines),
        "shop/m.py": "".join(f"{n} = 1\n" for n in ["a", *first]),
        "shop/n.py": "".join(f"{n} = 2\n" for n in second),
    }
    ran = barrel(files)
    kept = iter(ran.text("shop/__init__.py").splitlines())
    for line in files["shop/__init__.py"].splitlines():
        if line.strip() and not line.startswith("__all__"):
            assert line in kept

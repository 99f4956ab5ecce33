"""Which test files a change reaches: through imports, conftests and names in quotes; in doubt it does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codemod.analysis.affected import Affected, affected, collected_by
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

FILES = {
    "app/__init__.py": "",
    "app/user.py": "NAME = 'ann'\n",
    "app/order.py": "from app.user import NAME\n",
    "app/stock.py": "STOCK = 1\n",
    "tests/test_user.py": "from app.user import NAME\n",
    "tests/test_order.py": "import app.order\n",
    "tests/test_stock.py": "from app import stock\n",
}


def inventory(files: Mapping[str, str]) -> Inventory:
    return Inventory(Tree.of({path: text.encode() for path, text in files.items()}))


def of(files: Mapping[str, str], change: Mapping[str, str | None]) -> Affected:
    before = inventory(files)
    tree = before.tree.changed(
        writes={path: text.encode() for path, text in change.items() if text is not None},
        deletes={path for path, text in change.items() if text is None},
    )
    return affected(before, before.after(tree))


def names(found: Affected) -> list[str]:
    return [path.removeprefix("tests/test_").removesuffix(".py") for path in found.tests]


def test_what_imports_what_changed_at_any_distance() -> None:
    found = of(FILES, {"app/user.py": "NAME = 'bob'\n"})
    assert names(found) == ["order", "user"] and found.known == 3 and not found.everything


def test_what_it_imports_does_not_count() -> None:
    assert names(of(FILES, {"app/order.py": "ORDER = 1\n"})) == ["order"]
    assert names(of(FILES, {"app/new.py": "NEW = 1\n"})) == []


def test_a_package_is_loaded_before_what_is_in_it() -> None:
    assert of(FILES, {"app/__init__.py": "X = 1\n"}).everything


def test_a_test_that_changes_or_moves_is_reached() -> None:
    change = {"tests/test_stock.py": None, "tests/unit/test_stock.py": FILES["tests/test_stock.py"]}
    assert of(FILES, change).tests == ("tests/unit/test_stock.py",)


@pytest.mark.parametrize("path", ["README.md", "pyproject.toml", "tests/conftest.py", "data.json", "conftest.py"])
def test_what_is_no_module_and_conftests_reach_everything(path: str) -> None:
    found = of(FILES, {path: ""})
    assert found.everything and found.why == f"{path} changes" + (", which is no module" if path[-3:] != ".py" else "")
    assert len(found.tests) == 3


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\nfrom app import stock\n",
        "import subprocess\nfrom app import stock\n",
        "from app import stock\ndef test(pytester): ...\n",
        "from app import stock\n__import__(stock.NAME)\n",
        "from app import stock\nexec(stock.CODE)\n",
        "from app import stock\nTEXT = open('app/user.py').read()\n",
        "from app import stock\nTEXT = open(f'{ROOT}/user.py').read()\n",
        "import json\n",
        "from tests import helper\n",
        "def broken(:\n",
    ],
)
def test_what_cannot_be_told_is_reached(text: str) -> None:
    files = {**FILES, "tests/test_x.py": text, "tests/helper.py": "X = 1\n", "tests/__init__.py": ""}
    assert names(of(files, {"app/user.py": "NAME = 'bob'\n"})) == ["order", "user", "x"]


@pytest.mark.parametrize(
    "text",
    [
        "import importlib.metadata\nfrom app import stock\n",
        "from app import stock\nsession.exec(select())\n",
        "from app import stock\nTEXT = 'user'\n",
        "from app import stock\nsubprocesses = 1\n",
    ],
)
def test_what_looks_like_it_is_not(text: str) -> None:
    assert names(of({**FILES, "tests/test_x.py": text}, {"app/user.py": "NAME = 'bob'\n"})) == ["order", "user"]


def test_a_module_that_loads_others_reaches_whoever_imports_it() -> None:
    files = {**FILES, "app/stock.py": "import importlib\n"}
    assert names(of(files, {"app/user.py": "NAME = 'bob'\n"})) == ["order", "stock", "user"]


def test_names_in_quotes_are_imports() -> None:
    files = {**FILES, "tests/test_x.py": "from app import stock\nmock.patch('app.user.NAME')\n"}
    assert "x" in names(of(files, {"app/user.py": "NAME = 'bob'\n"}))


def test_names_that_are_gone() -> None:
    files = {**FILES, "tests/test_x.py": "from app import stock\nmock.patch('app.user.NAME')\n"}
    change = {"app/user.py": None, "app/people.py": FILES["app/user.py"], "app/order.py": "import app.people\n"}
    assert "x" in names(of(files, change)) and "stock" not in names(of(files, change))


def test_conftests_load_for_the_tests_below_them() -> None:
    files = {
        **{path.replace("tests/", "tests/unit/"): text for path, text in FILES.items()},
        "tests/conftest.py": "import app.stock\n",
        "tests/unit/deep/conftest.py": "import app.user\n",
        "tests/unit/deep/test_x.py": "from app import stock\n",
    }
    assert of(files, {"app/user.py": "NAME = 'bob'\n"}).tests == (
        "tests/unit/deep/test_x.py", "tests/unit/test_order.py", "tests/unit/test_user.py",
    )  # fmt: skip
    assert of(files, {"app/stock.py": "STOCK = 2\n"}).everything


def test_plugins_and_settings_that_pytest_loads_for_all() -> None:
    for text in (
        'addopts = "-p app.stock"',
        'DJANGO_SETTINGS_MODULE = "app.stock"',
        'addopts = ["-q", "-p", "app.stock"]',
    ):
        files = {**FILES, "pyproject.toml": f"[tool.pytest.ini_options]\n{text}\n"}
        assert of(files, {"app/stock.py": "STOCK = 2\n"}).everything, text
        assert names(of(files, {"app/order.py": "ORDER = 2\n"})) == ["order"]


@pytest.mark.parametrize(
    ("path", "text", "tests"),
    [
        ("pytest.ini", "[pytest]\ntestpaths = checks other\npython_files = check_*.py\n", ["checks/check_a.py"]),
        ("setup.cfg", "[tool:pytest]\npython_files = check_*.py test_*.py\n", ["app/test_b.py", "checks/check_a.py"]),
        ("tox.ini", "[pytest]\ntestpaths = ./app\n", ["app/test_b.py"]),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['checks']\n", []),
        ("pyproject.toml", "[tool.pytest", ["app/test_b.py"]),
        ("pytest.ini", "not an ini", ["app/test_b.py"]),
        ("setup.cfg", "[metadata]\nname = x\n", ["app/test_b.py"]),
    ],
)
def test_where_tests_are(path: str, text: str, tests: list[str]) -> None:
    files = ("app/test_b.py", "checks/check_a.py", ".hidden/test_c.py", "node_modules/x/test_d.py")
    tree = Tree.of({path: text.encode(), **dict.fromkeys(files, b"")})
    collected = collected_by(tree)
    assert [file for file in tree.paths if collected.holds(file)] == tests


def test_doctests_may_be_anywhere() -> None:
    files = {**FILES, "pytest.ini": "[pytest]\naddopts = --doctest-modules\n"}
    assert of(files, {"app/stock.py": "STOCK = 2\n"}).why.startswith("doctests")

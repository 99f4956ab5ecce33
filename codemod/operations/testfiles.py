"""What pytest makes of where test files lie: their names without packages, and which fixtures reach them."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.rewrite.intent import Intent
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.search import words_in
from codemod.source.text import Text, Undecodable
from codemod.verify.lineage import Lineage

_TEST = lazy(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py")
_SETTINGS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini")
_FUNCTION = lazy(rb"(?m)^(?:async )?def test_")  # no other runner takes functions
_BY_PATH = lazy(rb"--import-mode[= ]+importlib")


def test_files(before: Inventory, after: Inventory, intent: Intent) -> Iterator[Finding]:
    """`test-name-twice` and `fixture-out-of-reach`, for test files with a new place."""
    fresh = [path for path in after.tree.files((".py",)) if path not in before.tree and _TEST.fullmatch(path)]
    if not fresh:
        return
    settings = [after.tree.read(path) for path in _SETTINGS if path in after.tree]
    if not any(_BY_PATH.search(data) for data in settings) and _has_pytest(after, fresh, settings):
        yield from _twice(after, fresh)
    lineage = Lineage(before, after, intent)
    for path in fresh:
        for source in sorted(lineage.sources(path)):
            yield from _out_of_reach(before, after, intent, source, path)


def _has_pytest(after: Inventory, fresh: list[str], settings: list[bytes]) -> bool:
    conftests = (path for path in after.tree.files((".py",)) if posixpath.basename(path) == "conftest.py")
    tests = [after.tree.read(path) for path in fresh]
    said = any(b"pytest" in data for data in (*settings, *tests)) or any(_FUNCTION.search(data) for data in tests)
    return said or any(True for _ in conftests)


def _twice(after: Inventory, fresh: list[str]) -> Iterator[Finding]:
    """Test files of one name in folders that are no packages: pytest takes the second for the first, and stops."""
    bare: dict[str, list[str]] = {}
    for path in after.tree.files((".py",)):
        if _TEST.fullmatch(path) and posixpath.join(posixpath.dirname(path), "__init__.py") not in after.tree:
            bare.setdefault(posixpath.basename(path), []).append(path)
    for path in fresh:
        name = posixpath.basename(path)
        others = [other for other in bare.get(name, ()) if other != path] if path in bare.get(name, ()) else []
        if others:
            yield Finding(
                "test-name-twice", f"{others[0]} is called {name}, too, and neither folder is a package: pytest "
                "imports both by that name, and stops", Weight.REFUSAL, Place(path),
                "choose another name, or give the folders an `__init__.py`, or set `--import-mode=importlib`",
            )  # fmt: skip


def _out_of_reach(before: Inventory, after: Inventory, intent: Intent, source: str, path: str) -> Iterator[Finding]:
    """Fixtures of the `conftest.py` files above a test file that are not above it any more."""
    reached = {name: conftest for conftest in _conftests(after, path)[::-1] for name in _fixtures(after, conftest)}
    own = _fixtures(after, path).keys()
    data = after.tree.read(path)
    for conftest in _conftests(before, source):
        now = intent.files.get(conftest, conftest)
        if now in _conftests(after, path):
            continue
        for name, (line, everywhere) in sorted(_fixtures(before, conftest).items()):
            at = next(words_in(data, name.encode()), -1)
            if name in own or not (everywhere or at >= 0):
                continue
            what = "applies to every test there" if at < 0 else "is asked for here"
            what += f", where that of {reached[name]} comes in its place" if name in reached else ""
            yield Finding(
                "fixture-out-of-reach", f"the fixture {name} ({now}:{line}) {what}; the file is not above this one "
                "any more", Weight.REVIEW, Place(path, data.count(b"\n", 0, at) + 1 if at >= 0 else 0),
                f"move {name} to a `conftest.py` above both, or leave the tests below that one",
            )  # fmt: skip


def _conftests(inventory: Inventory, path: str) -> list[str]:
    """The `conftest.py` files in the folders that a file lies in."""
    found = []
    while path:
        path = posixpath.dirname(path)
        conftest = posixpath.join(path, "conftest.py")
        if conftest in inventory.tree:
            found.append(conftest)
    return found


def _fixtures(inventory: Inventory, path: str) -> dict[str, tuple[int, bool]]:
    """The fixtures that a file defines: name -> (line, whether each test gets it unasked)."""
    entry = inventory.tree.entry(path)
    data = inventory.tree.read(path) if entry is not None and entry.is_file else b""
    if b"fixture" not in data:
        return {}
    try:
        body = parse(Text.of(data)).body
    except (Unparsable, Undecodable):
        return {}
    found: dict[str, tuple[int, bool]] = {}
    for node in body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if getattr(called, "attr", getattr(called, "id", "")) == "fixture":
                given = {k.arg: k.value for k in decorator.keywords} if isinstance(decorator, ast.Call) else {}
                said, always = given.get("name"), given.get("autouse")
                name = said.value if isinstance(said, ast.Constant) and isinstance(said.value, str) else node.name
                found[name] = (node.lineno, isinstance(always, ast.Constant) and always.value is True)
    return found

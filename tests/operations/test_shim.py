"""Shims, imported for real: one module object under both names, one warning at the importer's line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from codemod.operations.shim import shims
from codemod.operations.shim_standing import follow, standing, standing_names
from codemod.rewrite.intent import Intent, Symbol
from tests.operations.writing import Files, Ran, apply_results, context_of, python, tree_of, write_to

USER = "__all__ = ['User']\ncurrent = None\n\n\nclass User:\n    n = 'u'\n\n\ndef login(n):\n    global current\n" \
       "    current = n\n\n\ndef _hash(x):\n    return x * 2\n"  # fmt: skip


def shimmed(
    before: Files,
    after: Files,
    modules: Mapping[str, str] | None = None,
    symbols: Mapping[Symbol, Symbol] | None = None,
    kind: str = "file",
) -> Ran:
    """The shims of a move from `before` to `after`; written once, a second run writes nothing."""
    intent = Intent(modules or {}, symbols or {})
    tree = tree_of(after)
    first = apply_results(tree, shims(context_of(tree, before=tree_of(before)), intent, kind))
    again = apply_results(first.tree, shims(context_of(first.tree, before=tree_of(before)), intent, kind))
    assert not again.writes
    return first


def moved(kind: str) -> Ran:
    return shimmed(
        {"app/__init__.py": "", "app/user.py": USER},
        {"app/__init__.py": "", "app/accounts/__init__.py": "", "app/accounts/user.py": USER},
        {"app.user": "app.accounts.user"},
        kind=kind,
    )


MODULE = """
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    from app.user import User, _hash, login  # line 5
    import app.user
    from app import user
import app.accounts.user as new
assert app.user is new is user and User is new.User and _hash(2) == 4
assert [(str(w.message), w.category.__name__, w.lineno, w.filename) for w in seen] == [
    ("app.user has moved to app.accounts.user", "DeprecationWarning", 5, __file__)], [str(w) for w in seen]
login("ann")
assert app.user.current == new.current == "ann"
from unittest import mock
with mock.patch("app.user.login") as fake:
    new.login("x")
    assert fake.called
import importlib, pickle
assert importlib.reload(app.user) is new
assert pickle.loads({old!r}) is new.User
assert pickle.loads(pickle.dumps(new.User)) is new.User
assert new.__spec__.name == "app.accounts.user" == new.__name__
from app.user import *
"""


@pytest.mark.parametrize("kind", ["file", "redirect"])
def test_module(tmp_path: Path, kind: str) -> None:
    ran = moved(kind)
    assert ("app/user.py" in ran.tree) == (kind == "file")
    write_to(ran.tree, tmp_path)
    old = b"capp.user\nUser\n."
    (tmp_path / "main.py").write_text(MODULE.format(old=old))
    python(tmp_path, "main.py")
    python(tmp_path, "-W", "error", "-c", "import app.accounts.user, app")
    _, err = python(tmp_path, "-W", "error", "-c", "import app.user", code=1)
    assert "DeprecationWarning: app.user has moved" in err


@pytest.mark.parametrize("kind", ["file", "redirect"])
@pytest.mark.parametrize("guard", ["", "if __name__ == '__main__':\n    print(User)\n"])
def test_a_circle_that_comes_back_by_the_old_name(tmp_path: Path, kind: str, guard: str) -> None:
    init = "from importlib import import_module\n\n\ndef get(name):\n    return import_module('app.' + name)\n"
    user = f"from app import get\n\n\nclass User: ...\n\n\nmade = get('order')\n{guard}"
    order = "from app import get\n\nmaker = get('user')\n\n\nclass Order(maker.User): ...\n"
    new = {"app/__init__.py": init, "app/new/__init__.py": "", "app/new/user.py": user, "app/new/order.py": order}
    before = {"app/__init__.py": init, "app/user.py": user, "app/order.py": order}
    names = {"app.user": "app.new.user", "app.order": "app.new.order"}
    write_to(shimmed(before, new, names, kind=kind).tree, tmp_path)
    same = "import app, sys; u = app.get('user'); new = sys.modules['app.new.user']\nassert u is new is u.made.maker"
    python(tmp_path, "-c", f"{same} is app.user is sys.modules['app.user'] and app.order is u.made")
    if guard:
        assert python(tmp_path, "-m", "app.user")[0].startswith("<class")


def test_a_circle_that_comes_back_by_the_old_package(tmp_path: Path) -> None:
    order = "import sys, importlib\n\nold = importlib.import_module('app.users' + '.model')\nM = old.M\n"
    init = "class U: ...\n\n\nfrom . import order\n"
    new = {"app/accounts/__init__.py": init, "app/accounts/model.py": "class M: ...\n", "app/accounts/order.py": order}
    before = {path.replace("accounts", "users"): text for path, text in new.items()}
    ran = shimmed({"app/__init__.py": "", **before}, {"app/__init__.py": "", **new}, {"app.users": "app.accounts"})
    write_to(ran.tree, tmp_path)
    same = "import app.users, sys, app.accounts as new\nassert sys.modules['app.users'] is app.users is new"
    python(tmp_path, "-c", f"{same} and new.order.old is new.model is sys.modules['app.users.model']")


PACKAGE_BEFORE = {
    "app/__init__.py": "",
    "app/users/__init__.py": "from .model import User\n",
    "app/users/model.py": "class User:\n    n = 1\n",
    "app/users/deep/__init__.py": "",
    "app/users/deep/tool.py": "from ..model import User\nif __name__ == '__main__':\n    print('ran', User.n)\n",
    "app/users/__main__.py": "from .model import User\nprint('main', User.n)\n",
    "app/users/apart.py": "X = 1\n",
}
PACKAGE_AFTER = {
    **{path.replace("app/users", "app/accounts"): text for path, text in PACKAGE_BEFORE.items() if "apart" not in path},
    "app/core/apart.py": "X = 1\n",
}
PACKAGE = """
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    import app.users.deep.tool  # line 5
    from app.users.model import User
    import app.users.model
    from app.users import model
import app.accounts.model as new, app.accounts.deep.tool, app.accounts, sys
assert User is new.User is app.accounts.User and model is new is app.users.model
assert app.users is app.accounts and app.users.deep.tool is app.accounts.deep.tool
assert app.users.deep.tool.User is User
assert [(str(w.message), w.lineno, w.filename) for w in seen] == [
    ("app.users has moved to app.accounts", 5, __file__)], [str(w) for w in seen]
import app.users.apart, app.core.apart
assert app.users.apart is app.core.apart
from unittest import mock
with mock.patch("app.users.model.User") as fake:
    assert new.User is fake
import importlib, pickle
assert pickle.loads({old!r}) is new.User
importlib.reload(app.users.model)
assert app.users.model is new
assert len([m for m in sys.modules.values() if getattr(m, "__file__", "") == new.__file__]) == 2
try:
    import app.users.nothing
except ModuleNotFoundError as error:
    assert error.name == "app.users.nothing", error
"""


@pytest.mark.parametrize("kind", ["file", "redirect"])
def test_package(tmp_path: Path, kind: str) -> None:
    modules = {"app.users": "app.accounts", "app.users.apart": "app.core.apart"}
    ran = shimmed(PACKAGE_BEFORE, PACKAGE_AFTER, modules, kind=kind)
    there = [path for path in ran.tree.paths if path.startswith("app/users")]
    assert there == (["app/users/__init__.py"] if kind == "file" else [])
    write_to(ran.tree, tmp_path)
    (tmp_path / "main.py").write_text(PACKAGE.format(old=b"capp.users.model\nUser\n."))
    python(tmp_path, "main.py")
    assert python(tmp_path, "-m", "app.users.deep.tool")[0] == "ran 1\n"
    assert python(tmp_path, "-m", "app.users")[0] == "main 1\n"
    python(tmp_path, "-W", "error", "-c", "import app.accounts.deep.tool")


INTO_ITSELF = """
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    from app.user import User, login  # line 5
import app.user, app.user.models as new
assert User is new.User
found = [(str(w.message), w.lineno) for w in seen]
assert found == [("app.user has moved to app.user.models", 5)], found
login("ann")
assert app.user.current == "ann" == new.current
app.user.current = "bob"
assert new.current == "bob"
from unittest import mock
with mock.patch("app.user.login") as fake:
    new.login("x")
    assert fake.called
assert new.login is login and "login" not in vars(app.user)
from app.user import *
from app.user import _hash, models
assert models is new
import pickle
assert pickle.loads({old!r}) is new.User
try:
    from app.user import nothing
except ImportError:
    pass
else:
    raise AssertionError
assert not hasattr(app.user, "__wrapped__")
"""


@pytest.mark.parametrize("kind", ["file", "redirect"])
@pytest.mark.parametrize("init", ["", "from . import models\n", None])
def test_module_into_a_package_of_its_name(tmp_path: Path, kind: str, init: str | None) -> None:
    after = {"app/__init__.py": "", "app/user/models.py": USER}
    if init is not None:
        after["app/user/__init__.py"] = init
    before = {"app/__init__.py": "", "app/user.py": USER}
    ran = shimmed(before, after, {"app.user": "app.user.models"}, kind=kind)
    write_to(ran.tree, tmp_path)
    (tmp_path / "main.py").write_text(INTO_ITSELF.format(old=b"capp.user\nUser\n."))
    python(tmp_path, "main.py")


@pytest.mark.parametrize("kind", ["file", "redirect"])
def test_package_into_itself(tmp_path: Path, kind: str) -> None:
    before = {"pkg/__init__.py": "from .a import A\n", "pkg/a.py": "class A: ...\n", "pkg/sub/__init__.py": "",
              "pkg/sub/b.py": "B = 1\n"}  # fmt: skip
    after = {path.replace("pkg/", "pkg/core/"): text for path, text in before.items()} | {"pkg/__init__.py": ""}
    ran = shimmed(before, after, {"pkg": "pkg.core"}, kind=kind)
    write_to(ran.tree, tmp_path)
    python(
        tmp_path, "-c",
        "from pkg import A; import pkg.a, pkg.core.a, pkg.sub.b, pkg.core.sub.b\n"
        "assert pkg.a is pkg.core.a and A is pkg.a.A and pkg.sub.b is pkg.core.sub.b",
    )  # fmt: skip


SYMBOLS = """
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    from app.user import Usr, User  # line 5
    import app.user
    from app import Late
    from app.user import tool
import app.tools
assert Usr is User is app.user.Usr and tool is app.tools.helper and Late is app.tools.Late
found = [(str(w.message), w.lineno) for w in seen]
assert found == [("app.user.Usr has moved to app.user.User", 5), ("app.Late has moved to app.tools.Late", 7),
    ("app.user.tool has moved to app.tools.helper", 8)], found
assert not hasattr(app.user, "nothing")
{more}
"""


@pytest.mark.parametrize("kind", ["file", "redirect"])
@pytest.mark.parametrize(
    "own", ["", "def __getattr__(name):\n    if name == 'lazy':\n        return 7\n    raise AttributeError(name)\n"]
)
def test_symbols(tmp_path: Path, kind: str, own: str) -> None:
    before = {"app/__init__.py": "class Late: ...\n", "app/user.py": own + "class Usr: ...\ndef tool(): ...\n"}
    after = {
        "app/__init__.py": "",
        "app/user.py": own + "class User: ...\n",
        "app/tools.py": "def helper(): ...\nclass Late: ...\n",
    }
    symbols = {
        ("app.user", "Usr"): ("app.user", "User"),
        ("app.user", "tool"): ("app.tools", "helper"),
        ("app", "Late"): ("app.tools", "Late"),
    }
    ran = shimmed(before, after, None, symbols, kind)
    write_to(ran.tree, tmp_path)
    (tmp_path / "main.py").write_text(SYMBOLS.format(more="assert app.user.lazy == 7" if own else ""))
    python(tmp_path, "main.py")


def test_symbol_of_a_module_that_moved_too(tmp_path: Path) -> None:
    before = {"app/__init__.py": "", "app/user.py": "class Usr: ...\nclass Stays: ...\n"}
    after = {"app/__init__.py": "", "app/new.py": "class User: ...\nclass Stays: ...\n"}
    ran = shimmed(before, after, {"app.user": "app.new"}, {("app.user", "Usr"): ("app.new", "User")})
    write_to(ran.tree, tmp_path)
    python(tmp_path, "-c", "from app.user import Usr, Stays\nfrom app.new import User\nassert Usr is User")


def test_module_that_was_divided_and_is_gone(tmp_path: Path) -> None:
    before = {"app/__init__.py": "", "app/old/__init__.py": "", "app/old/all.py": "class A: ...\nclass B: ...\n"}
    after = {"app/__init__.py": "", "app/a.py": "class A: ...\n", "app/b.py": "class B: ...\n"}
    symbols = {("app.old.all", "A"): ("app.a", "A"), ("app.old.all", "B"): ("app.b", "B")}
    ran = shimmed(before, after, None, symbols)
    assert sorted(write.path for write in ran.writes) == ["app/old/__init__.py", "app/old/all.py"]
    write_to(ran.tree, tmp_path)
    python(tmp_path, "-c", "from app.old.all import A, B\nimport app.a, app.b\nassert A is app.a.A and B is app.b.B")


def test_main_guard_runs_by_name_and_by_path(tmp_path: Path) -> None:
    code = "import sys\nfrom helper import H\nif __name__ == '__main__':\n    print('ran', sys.argv[1:], H)\n"
    before = {"app/__init__.py": "", "app/tool.py": code}
    after = {"app/__init__.py": "", "app/cli/__init__.py": "", "app/cli/tool.py": code, "app/cli/helper.py": "H = 1\n",
             "helper.py": "H = 2\n"}  # fmt: skip
    ran = shimmed(before, after, {"app.tool": "app.cli.tool"})
    write_to(ran.tree, tmp_path)
    assert python(tmp_path, "-m", "app.tool", "x")[0] == "ran ['x'] 2\n"
    assert python(tmp_path, "app/tool.py", "y")[0] == "ran ['y'] 1\n"
    assert python(tmp_path, "-c", "import app.tool")[0] == ""


def test_redirect_through_packages_that_are_gone(tmp_path: Path) -> None:
    before = {
        "app/__init__.py": "",
        "app/old/__init__.py": "",
        "app/old/deep/__init__.py": "",
        "app/old/deep/x.py": "X = 1\n",
    }
    after = {"app/__init__.py": "", "app/x.py": "X = 1\n"}
    ran = shimmed(before, after, {"app.old.deep.x": "app.x"}, kind="redirect")
    assert [write.path for write in ran.writes] == ["app/__init__.py"]
    write_to(ran.tree, tmp_path)
    python(
        tmp_path, "-c", "from app.old.deep import x\nimport app.old.deep.x, app.x\nassert app.old.deep.x is app.x is x"
    )


def test_redirect_without_a_package_is_refused() -> None:
    ran = shimmed({"user.py": "X = 1\n"}, {"core/user.py": "X = 1\n"}, {"user": "core.user"}, kind="redirect")
    assert [(f.code, f.blocks) for f in ran.findings] == [("redirect-no-package", True)]


def test_stub_twin_where_the_package_is_typed() -> None:
    before = {"app/__init__.py": "", "app/py.typed": "", "app/user.py": USER}
    after = {"app/__init__.py": "", "app/py.typed": "", "app/core.py": USER}
    ran = shimmed(before, after, {"app.user": "app.core"})
    assert ran.text("app/user.pyi") == (
        "# codemod: stub of app.user -> app.core\nfrom app.core import *\nfrom app.core import _hash as _hash\n"
        "from app.core import current as current\nfrom app.core import login as login\n"
    )


def test_types_survive(tmp_path: Path) -> None:
    before = {"app/__init__.py": "", "app/py.typed": "", "app/user.py": "def f() -> int:\n    return 1\nclass A: ...\n"}
    after = {
        "app/__init__.py": "",
        "app/py.typed": "",
        "app/core.py": "def f() -> int:\n    return 1\n",
        "app/a.py": "class B: ...\n",
    }
    ran = shimmed(before, after, {"app.user": "app.core"}, {("app.user", "A"): ("app.a", "B")})
    write_to(ran.tree, tmp_path)
    (tmp_path / "main.py").write_text("from app.user import A, f\nx: str = f()\nreveal_type(A)\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "main.py", "app"], cwd=tmp_path, text=True, capture_output=True
    )
    assert 'main.py:2: error: Incompatible types in assignment (expression has type "int"' in done.stdout
    assert done.stdout.count("error:") == 1, done.stdout
    assert 'main.py:3: note: Revealed type is "def () -> app.a.B"' in done.stdout


KEEPS = [
    pytest.param({"t/test_a.py": "x = 1\n"}, {"t/unit/test_a.py": "x = 1\n"}, {"t.test_a": "t.unit.test_a"}, id="test"),
    pytest.param({"a/conftest.py": ""}, {"b/conftest.py": ""}, {"a": "b"}, id="conftest"),
    pytest.param({"a.py": "", "b.py": "y = 1\n"}, {"b.py": "", "a.py": "y = 1\n"}, {"a": "b", "b": "a"}, id="swap"),
    pytest.param({"a.py": ""}, {}, {"a": "b"}, id="target is gone"),
    pytest.param({"p/x.pyi": ""}, {"q/x.pyi": ""}, {"p.x": "q.x"}, id="compiled"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "modules"), KEEPS)
@pytest.mark.parametrize("kind", ["file", "redirect", "none"])
def test_writes_nothing(before: Files, after: Files, modules: dict[str, str], kind: str) -> None:
    ran = shimmed(before, after, modules, kind=kind)
    assert not ran.writes
    assert not any(finding.blocks for finding in ran.findings)


def test_names_that_the_old_module_gives_are_not_told() -> None:
    for gives in ("from b import x\n", "from c import x\n"):
        after = {"a.py": gives, "b.py": "x = 1\n", "c.py": "from b import x\n"}
        ran = shimmed({"a.py": "x = 1\n"}, after, None, {("a", "x"): ("b", "x")})
        assert not ran.codes, gives
    ran = shimmed(
        {"a.py": "x = 1\n"}, {"a.py": "from b import y as x\n", "b.py": "y = 1\n"}, None, {("a", "x"): ("b", "y")}
    )
    assert not ran.codes
    ran = shimmed(
        {"a.py": "x = 1\n"}, {"a.py": "from b import y as x\n", "b.py": "x = y = 1\n"}, None, {("a", "x"): ("b", "x")}
    )
    assert ran.codes == ["shim-name-in-use"]


def test_names_in_use_again_are_told() -> None:
    ran = shimmed({"a.py": "x = 1\n"}, {"a.py": "z = 1\n", "b.py": "x = 1\n"}, {"a": "b"})
    assert ran.codes == ["shim-name-in-use"]
    ran = shimmed({"a.py": "x = 1\n"}, {"a.py": "x = 2\n", "b.py": "x = 1\n"}, None, {("a", "x"): ("b", "x")})
    assert ran.codes == ["shim-name-in-use"]


def test_getattr_on_some_ways_only_is_refused() -> None:
    own = "import sys\nif sys.platform == 'x':\n    def __getattr__(name): ...\n"
    ran = shimmed({"a.py": own + "x = 1\n"}, {"a.py": own, "b.py": "x = 1\n"}, None, {("a", "x"): ("b", "x")})
    assert [(f.code, f.blocks) for f in ran.findings] == [("shim-getattr-unclear", True)]


def test_crlf_stays_crlf() -> None:
    before = {"app/__init__.py": "A = 1\r\n", "app/user.py": "X = 1\r\n"}
    after = {"app/__init__.py": "A = 1\r\n", "app/core.py": "X = 1\r\n"}
    for kind in ("file", "redirect"):
        for write in shimmed(before, after, {"app.user": "app.core"}, kind=kind).writes:
            assert write.data is not None
            assert write.data.count(b"\n") == write.data.count(b"\r\n") > 5


def test_shims_of_earlier_phases_follow(tmp_path: Path) -> None:
    tree = moved("file").tree
    tree = shims_on(
        tree,
        {"app.accounts.user": "app.people.person"},
        {("app.accounts.user", "User"): ("app.people.person", "Person")},
    )
    assert standing_names(context_of(tree).now) == {"app.user": "app.people.person"}
    files = {"app/people/__init__.py": b"", "app/people/person.py": USER.encode()}
    write_to(tree.changed(moves={"app/accounts/user.py": "gone"}, writes=files), tmp_path)
    python(tmp_path, "-c", "import app.user, app.people.person\nassert app.user is app.people.person")


def shims_on(tree, modules, symbols):  # type: ignore[no-untyped-def]
    """The tree after `follow`."""
    return apply_results(tree, follow(context_of(tree), Intent(modules, symbols))).tree


def test_blocks_follow_and_grow() -> None:
    one = shimmed({"a/__init__.py": "", "a/x.py": "", "a/y.py": ""}, {"a/__init__.py": "", "a/n.py": "", "a/y.py": ""},
                  {"a.x": "a.n"}, kind="redirect").tree  # fmt: skip
    two = one.changed(moves={"a/y.py": "a/m.py"})
    intent = Intent({"a.y": "a.m"})
    both = apply_results(two, shims(context_of(two, before=one), intent, "redirect")).tree
    assert standing_names(context_of(both).now) == {"a.x": "a.n", "a.y": "a.m"}
    after = shims_on(both, {"a.n": "b.n"}, {})
    assert standing_names(context_of(after).now) == {"a.x": "b.n", "a.y": "a.m"}
    assert [shim.kind for shim in standing(context_of(after).now)] == ["redirect"]
    assert shims_on(after, {"c": "d"}, {}) == after


def test_symbol_blocks_follow() -> None:
    ran = shimmed({"a.py": "x = 1\n"}, {"a.py": "", "b.py": "x = 1\n"}, None, {("a", "x"): ("b", "x")})
    after = shims_on(ran.tree, {"b": "c"}, {("b", "x"): ("c", "y")})
    assert standing_names(context_of(after).now) == {"a.x": "c.y"}


@pytest.mark.parametrize("width", [79, 88, 120])
def test_shims_are_formatted_and_clean(tmp_path: Path, width: int) -> None:
    for kind in ("file", "redirect"):
        write_to(moved(kind).tree, tmp_path / kind)
        after = {"app/__init__.py": "", "app/user/models.py": USER}
        write_to(
            shimmed({"app/__init__.py": "", "app/user.py": USER}, after, {"app.user": "app.user.models"}).tree,
            tmp_path / "f",
        )
        write_to(shimmed(PACKAGE_BEFORE, PACKAGE_AFTER, {"app.users": "app.accounts"}, kind=kind).tree, tmp_path / kind)
    write_to(
        shimmed({"a.py": "x = 1\n"}, {"a.py": "", "b.py": "x = 1\n"}, None, {("a", "x"): ("b", "x")}).tree, tmp_path
    )
    ruff = [sys.executable, "-m", "ruff"]
    shimmed_files = [str(p) for p in tmp_path.rglob("*.py") if "# codemod: " in p.read_text()]
    assert len(shimmed_files) == 5
    for command in (["format", "--diff"], ["check", "--select", "E4,E7,E9,F,I,UP,B,N,W", "--target-version", "py38"]):
        options = ["--isolated", *([f"--line-length={width}"] if command[0] == "format" else [])]
        done = subprocess.run([*ruff, *command, *options, *shimmed_files], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

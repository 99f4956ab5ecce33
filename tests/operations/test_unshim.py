"""`unshim`: shims go when nothing uses them, and are refused with every place while something does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codemod.operations.shim import shims
from codemod.operations.unshim import run
from codemod.plan.model import Unshim
from codemod.rewrite.intent import Intent, Symbol
from codemod.source.tree import Tree
from tests.operations.writing import Files, apply_results, context_of, perform, tree_of


def shimmed(
    before: Files, after: Files, modules: Mapping[str, str], symbols: Mapping[Symbol, Symbol], kind: str
) -> Tree:
    tree = tree_of(after)
    context = context_of(tree, before=tree_of(before))
    return apply_results(tree, shims(context, Intent(modules, symbols), kind)).tree


BEFORE = {
    "app/__init__.py": "V = 1\n",
    "app/user.py": "class User: ...\nclass Late: ...\n",
    "app/old/__init__.py": "",
    "app/old/deep.py": "X = 1\n",
    "app/box.py": "B = 1\n",
    "app/stay.py": "S = 1\n",
}
AFTER = {
    "app/__init__.py": "V = 1\n",
    "app/core/__init__.py": "",
    "app/core/user.py": "class User: ...\n",
    "app/core/deep.py": "X = 1\n",
    "app/box/__init__.py": "",
    "app/box/inner.py": "B = 1\n",
    "app/stay.py": "T = 1\n",
    "app/late.py": "class Late: ...\n",
}
MODULES = {"app.user": "app.core.user", "app.old.deep": "app.core.deep", "app.box": "app.box.inner"}
SYMBOLS = {("app.user", "Late"): ("app.late", "Late"), ("app.stay", "S"): ("app.stay", "T")}


@pytest.mark.parametrize("kind", ["file", "redirect"])
def test_all_shims_go_and_nothing_else_does(kind: str) -> None:
    tree = shimmed(BEFORE, AFTER, MODULES, SYMBOLS, kind)
    assert tree != tree_of(AFTER)
    ran = perform(run, Unshim(), tree)
    assert {p: ran.tree.read(p) for p in ran.tree.paths} == {p: t.encode() for p, t in AFTER.items()}
    assert not ran.findings


@pytest.mark.parametrize("kind", ["file", "redirect"])
def test_some_go(kind: str) -> None:
    tree = shimmed(BEFORE, AFTER, MODULES, SYMBOLS, kind)
    ran = perform(run, Unshim(("app.user", "app.stay:S")), tree)
    left = perform(run, Unshim(("app.old", "app.box")), ran.tree)
    assert left.tree == tree_of(AFTER)
    assert ran.writes and left.writes


def test_package_shims_go() -> None:
    before = {"a/__init__.py": "", "a/p/__init__.py": "", "a/p/x.py": "", "a/py.typed": ""}
    after = {"a/__init__.py": "", "a/q/__init__.py": "", "a/q/x.py": "", "a/py.typed": ""}
    tree = shimmed(before, after, {"a.p": "a.q"}, {}, "file")
    assert {"a/p/__init__.py", "a/p/__init__.pyi", "a/p/x.pyi"} <= set(tree.paths)
    assert perform(run, Unshim(), tree).tree == tree_of(after)


USES = [
    pytest.param({"x.py": "from app.user import User\n"}, "x.py:1 app.user", id="import"),
    pytest.param({"x.py": "def f():\n    from app import user\n"}, "x.py:2 app.user", id="lazy import of the module"),
    pytest.param({"app/x.py": "from .old import deep\n"}, "app/x.py:1 app.old.deep", id="relative"),
    pytest.param({"x.py": "a = 'app.user.User'\n"}, "x.py:1:5 app.user", id="string"),
    pytest.param({"x.toml": 'run = "app.user:User"\n'}, "x.toml:1 app.user", id="configuration"),
    pytest.param({"x.py": "from app.stay import S\n"}, "x.py:1 app.stay.S", id="name"),
    pytest.param({"x.py": "import app.stay as q\nq.S\n"}, "x.py:1 app.stay.S", id="name through the module"),
    pytest.param(
        {"x.py": "import app.stay as q\n\n\ndef f() -> None:\n    '''>>> q.S'''\n"}, "x.py:1 app.stay.S", id="doctest"
    ),
    pytest.param({"x.py": "import app.stay as q\nx = 1  # type: q.S\n"}, "x.py:1 app.stay.S", id="type comment"),
    pytest.param({"x.py": "from app.core.user import Late\n"}, "x.py:1 app.user.Late", id="name of a moved module"),
    pytest.param({"x.py": "from app.box import B\n"}, "x.py:1 app.box", id="forwarded"),
    pytest.param({"x.py": "import app.box\nprint(app.box.B)\n"}, "x.py:1 app.box", id="forwarded attribute"),
]


@pytest.mark.parametrize("kind", ["file", "redirect"])
@pytest.mark.parametrize(("more", "told"), USES)
def test_refused_while_used(more: Files, told: str, kind: str) -> None:
    tree = shimmed(BEFORE, {**AFTER, **more}, MODULES, SYMBOLS, kind)
    ran = perform(run, Unshim(), tree)
    assert not ran.writes
    assert all(finding.code == "shim-in-use" and finding.blocks for finding in ran.findings)
    place, name = told.split()
    assert [(str(f.place), f.message) for f in ran.findings] == [(place, f"the shim of {name} is used here")]


def test_what_does_not_count_as_use() -> None:
    more = {
        "x.py": "import app.stay\nimport app.box.inner\nfrom app.core.user import User\n# app.user\nu = app.stay.T\n",
        "y.py": "from other.app import user\nfrom app.box import inner\nx = app.box.inner.B\n",
        "z.py": 'import app.stay as q\n\n\ndef f():\n    """Not q.S, nor stay.S."""\n    return q.T  # q.S\n',
        "docs/a.md": "`app.user`\n",
        "pyproject.toml": '[a.banned-api]\n"app.user".msg = "moved to app.core.user"\n',
        "plan.json": '{"version": 1, "phases": [{"do": [{"move": {"app.user": "app.core.user"}}]}]}',
    }
    tree = shimmed(BEFORE, {**AFTER, **more}, MODULES, SYMBOLS, "file")
    ran = perform(run, Unshim(), tree)
    assert not ran.findings
    assert ran.tree == tree_of({**AFTER, **more})


def test_nothing_to_remove() -> None:
    ran = perform(run, Unshim(), AFTER)
    assert not ran.writes and not ran.findings

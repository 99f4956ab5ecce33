"""`delete`: what goes, and what stays with a reason."""

from __future__ import annotations

import pytest

from codemod.operations.delete import run
from codemod.plan.model import Delete
from tests.operations.writing import Files, perform

DOC = '"""Nothing here."""\n\n# to come\n\n__all__: list[str] = []\n'

GOES = [
    pytest.param(
        Delete(modules=("a.b",)), {"a/__init__.py": "", "a/b.py": "x = 1\n", "a/b.pyi": "x: int\n"}, id="module"
    ),
    pytest.param(
        Delete(modules=("a",)), {"a/__init__.py": "from . import b\n", "a/b.py": "", "a/t.csv": ""}, id="package"
    ),
    pytest.param(Delete(paths=("a/*.csv",)), {"a/x.csv": "1", "a/y.csv": "2"}, id="files"),
    pytest.param(
        Delete(paths=("services/*/app",), when="empty"),
        {"services/x/app/__init__.py": DOC, "services/y/app/.gitkeep": "", "services/y/app/v1/__init__.py": ""},
        id="empty folders",
    ),
    pytest.param(Delete(modules=("a.b",), when="empty"), {"a/__init__.py": "", "a/b.py": DOC}, id="empty module"),
    pytest.param(Delete(modules=("a.b",), when="unused"), {"a/__init__.py": "", "a/b.py": "x = 1\n"}, id="unused"),
    pytest.param(
        Delete(modules=("a.b",), when="unused"),
        {
            "a/__init__.py": "",
            "a/b.py": "",
            "README.md": "see a.b\n",
            "CHANGELOG": "a.b\n",
            "c.py": "# a.b\nb = 'a.bc'\n",
        },
        id="prose, comments and longer names do not count",
    ),
    pytest.param(
        Delete(modules=("a.b",), when="unused"),
        {"a/__init__.py": "", "a/b.py": "", "plan.yaml": "version: 1\nphases:\n  - do: [{delete: {modules: [a.b]}}]\n"},
        id="the plan does not count",
    ),
    pytest.param(
        Delete(modules=("a.b", "a.c")), {"a/__init__.py": "", "a/b.py": "from . import c\n", "a/c.py": ""}, id="both"
    ),
]


@pytest.mark.parametrize(("operation", "files"), GOES)
def test_goes(operation: Delete, files: Files) -> None:
    ran = perform(run, operation, files)
    kept = {"a/__init__.py", "README.md", "CHANGELOG", "c.py", "plan.yaml"}
    if operation.modules == ("a",):
        kept = set()
    assert set(ran.tree.paths) == kept & set(files)
    assert not ran.findings


STAYS = [
    pytest.param(
        Delete(modules=("a.b",)), {"c.py": "def f():\n    from a import b\n"}, "delete-used c.py:2", id="lazy import"
    ),
    pytest.param(
        Delete(modules=("a.b",)), {"a/c.py": "from .b import x\n"}, "delete-used a/c.py:1", id="relative import"
    ),
    pytest.param(
        Delete(modules=("a.b",), when="unused"),
        {"c.py": "import a.b as q\n"},
        "delete-in-use c.py:1",
        id="unused, but imported",
    ),
    pytest.param(
        Delete(modules=("a.b",), when="unused"),
        {"c.py": "x = 'a.b:main'\n"},
        "delete-in-use c.py:1:5",
        id="named in a string",
    ),
    pytest.param(
        Delete(modules=("a.b",), when="unused"),
        {"app.toml": 'x = 1\nrun = "a.b:main"\n'},
        "delete-in-use app.toml:2",
        id="TOML",
    ),
    pytest.param(
        Delete(modules=("a.b",), when="unused"),
        {"Dockerfile": "COPY a/b.py .\n"},
        "delete-in-use Dockerfile:1",
        id="path",
    ),
    pytest.param(Delete(modules=("a.b",), when="empty"), {}, "delete-not-empty a/b.py", id="not empty"),
    pytest.param(Delete(paths=("a",), when="empty"), {}, "delete-not-empty a/b.py", id="folder not empty"),
    pytest.param(
        Delete(paths=("a/x.csv",), when="unused"),
        {"a/x.csv": "", "c.py": "open('a/x.csv')\n"},
        "delete-in-use c.py:1",
        id="data",
    ),
]


@pytest.mark.parametrize(("operation", "more", "told"), STAYS)
def test_stays(operation: Delete, more: Files, told: str) -> None:
    ran = perform(run, operation, {"a/__init__.py": "", "a/b.py": "x = 1\n", **more})
    assert not ran.writes
    assert [f"{finding.code} {finding.place}" for finding in ran.findings] == [told]
    assert ran.findings[0].blocks == (not operation.when)


def test_what_stays_keeps_what_it_uses() -> None:
    files = {
        "a/__init__.py": "",
        "a/b.py": "",
        "a/c.py": "import a.b\n",
        "a/d.py": "import a.c\n",
        "e.py": "import a.d\n",
    }
    ran = perform(run, Delete(modules=("a.b", "a.c", "a.d"), when="unused"), files)
    assert not ran.writes
    assert sorted(str(finding.place) for finding in ran.findings) == ["a/c.py:1", "a/d.py:1", "e.py:1"]


def test_what_goes_together_keeps_nothing() -> None:
    files = {"a/__init__.py": "", "a/b.py": "", "a/c.py": "import a.b\n", "a/d.py": "import a.c\n"}
    ran = perform(run, Delete(modules=("a.b", "a.c", "a.d"), when="unused"), files)
    assert sorted(write.path for write in ran.writes) == ["a/b.py", "a/c.py", "a/d.py"]
    assert not ran.findings


@pytest.mark.parametrize(
    "operation", [Delete(modules=("a.gone",)), Delete(paths=("b/**",)), Delete(paths=("a",), when="empty"), Delete()]
)
def test_gone_already(operation: Delete) -> None:
    ran = perform(run, operation, {"c.py": "import a.gone\n"})
    assert not ran.writes
    assert not ran.findings


def test_many_places_are_counted() -> None:
    files = {"a/__init__.py": "", "a/b.py": "", **{f"c{n}.py": "import a.b\n" for n in range(30)}}
    ran = perform(run, Delete(modules=("a.b",)), files)
    assert len(ran.findings) == 21
    assert ran.findings[-1].message == "a.b stays: 10 more places"

"""`merge`: several modules become one, and what stands in the way."""

from __future__ import annotations

import pytest

from tests.operations.moving import Files, codes, same_behaviour, unite

APP = {"app/__init__.py": "", "app/k.py": "K = 1\n"}


def merged(one: str, two: str, **others: str) -> str:
    files = {**APP, "app/a.py": one, "app/b.py": two, **{f"app/{name}.py": text for name, text in others.items()}}
    result, done = unite(files, "app.both", "app.a", "app.b")
    assert not codes(done), done.findings
    assert "app/a.py" not in result and "app/b.py" not in result
    return result["app/both.py"]


TEXTS = [
    pytest.param("def a(): ...\n", "def b(): ...\n", "def a(): ...\n\n\ndef b(): ...\n", id="two functions"),
    pytest.param("A = 1\n", "B = 2\n", "A = 1\n\n\nB = 2\n", id="two values"),
    pytest.param(
        "import os\n\nA = os\n",
        "import os\nimport re\n\nB = re\n",
        "import os\nimport re\n\nA = os\n\n\nB = re\n",
        id="imports",
    ),
    pytest.param(
        "from os import sep\n\nA = sep\n",
        "from os import path as p\n\nB = p\n",
        "from os import path as p, sep\n\nA = sep\n\n\nB = p\n",
        id="clauses of one module",
    ),
    pytest.param(
        '"""A."""\n\nA = 1\n',
        '"""B.\n\nMore.\n"""\nB = 2\n',
        '"""A."""\n\nA = 1\n\n\n# B.\n#\n# More.\n\nB = 2\n',
        id="docstrings",
    ),
    pytest.param(
        "A = 1\n",
        "from __future__ import annotations\nB = 2\n",
        "from __future__ import annotations\n\nA = 1\n\n\nB = 2\n",
        id="future first",
    ),
    pytest.param(
        "from app.b import B\n\nA = B\n", "B = 2\n", "B = 2\n\n\nA = B\n", id="in the order of need"
    ),
    pytest.param(
        "from app import b\n\n\ndef a(): return b.B\n",
        "B = 2\n",
        "def a(): return B\n\n\nB = 2\n",
        id="through the module",
    ),
    pytest.param(
        "def a():\n    from .b import B\n    return B\n",
        "B = 2\n",
        "def a():\n    return B\n\n\nB = 2\n",
        id="in a function",
    ),
    pytest.param("from app.b import *\n\nA = B\n", "B = 2\n", "B = 2\n\n\nA = B\n", id="star import between them"),
    pytest.param(
        "__all__ = ['a']\ndef a(): ...\n", "def b(): ...\ndef _c(): ...\n",
        "__all__ = ['a', 'b']\ndef a(): ...\n\n\ndef b(): ...\ndef _c(): ...\n", id="__all__ of one",
    ),
    pytest.param(
        "A = 1\n",
        "__all__ = ['B']\nB = C = 2\n",
        '__all__ = ["A", "B"]\n\nA = 1\n\n\nB = C = 2\n',
        id="__all__ of the other",
    ),
    pytest.param(
        "def same(x):\n    return x\n\n\nA = same\n", "def same(x):\n    return x\n\n\nB = same\n",
        "def same(x):\n    return x\n\n\nA = same\n\n\nB = same\n", id="equal definitions",
    ),
    pytest.param(
        "import logging\nlog = logging.getLogger(__name__)\n\n\ndef a(): log\n",
        "import logging\nlog = logging.getLogger(__name__)\n\n\ndef b(): log\n",
        "import logging\nlog = logging.getLogger(__name__)\n\n\ndef a(): log\n\n\ndef b(): log\n", id="loggers",
    ),
    pytest.param(
        "A = 1\n", "B = 2\n\n\nif __name__ == '__main__':\n    print(B)\n",
        "A = 1\n\n\nB = 2\n\n\nif __name__ == '__main__':\n    print(B)\n", id="one main guard",
    ),
    pytest.param(
        "A = 1\n\n\nif __name__ == '__main__':\n    print(A)\n", "B = 2\n",
        "A = 1\n\n\nB = 2\n\n\nif __name__ == '__main__':\n    print(A)\n", id="main guard stays last",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two", "expected"), TEXTS)
def test_text(one: str, two: str, expected: str) -> None:
    assert merged(one, two) == expected


REFUSED = [
    pytest.param("def f(): return 1\n", "def f(): return 2\n", "name-clash", id="two meanings"),
    pytest.param(
        "import os\ndef f(): os\n", "import re as os\ndef f(): os\n", "name-clash", id="same text, other meaning"
    ),
    pytest.param("cache = {}\n", "cache = {}\n", "name-clash", id="equal, but two objects"),
    pytest.param("import os as x\n", "import re as x\n", "name-clash", id="imports"),
    pytest.param("import os as f\n", "def f(): ...\n", "name-clash", id="import and definition"),
    pytest.param(
        "if __name__ == '__main__':\n    1\n", "if __name__ == '__main__':\n    2\n", "merge-main", id="two main guards"
    ),
    pytest.param("def f(:\n", "B = 1\n", "source-unreadable", id="does not parse"),
    pytest.param("A = len\n", "def len(x): ...\n", "name-clash", id="builtin covered"),
]


@pytest.mark.parametrize(("one", "two", "code"), REFUSED)
def test_refused(one: str, two: str, code: str) -> None:
    files = {**APP, "app/a.py": one, "app/b.py": two}
    result, done = unite(files, "app.both", "app.a", "app.b")
    assert code in codes(done)
    assert result == files


def test_into_one_of_its_sources() -> None:
    files: Files = {
        **APP,
        "app/core.py": "# Copyright\n\n'''Core.'''\n\nfrom .k import K\n\n\ndef base():\n    return K\n",
        "app/sub/__init__.py": "",
        "app/sub/extra.py": "from ..core import base\nfrom ..k import K\n\n\ndef more():\n    return base() + K\n",
        "main.py": "from app.core import base\nfrom app.sub.extra import more\nimport app.sub.extra\n"
        "print(base(), more(), app.sub.extra.more is more)\n",
    }
    result, done = unite(files, "app.core", "app.core", "app.sub.extra")
    assert not codes(done)
    assert result["app/core.py"] == (
        "# Copyright\n\n'''Core.'''\n\nfrom .k import K\n\n\ndef base():\n    return K\n\n\n"
        "def more():\n    return base() + K\n"
    )
    same_behaviour(files, result)


def test_relative_imports_follow_to_another_package() -> None:
    files: Files = {
        **APP,
        "app/sub/__init__.py": "",
        "app/sub/a.py": "from ..k import K\n\n\ndef a():\n    from .. import k\n    return k.K + K\n",
        "app/sub/b.py": "from . import a\n\n\ndef b():\n    return a.a() + a.K\n",
        "main.py": "from app.sub.a import a\nfrom app.sub.b import b\nprint(a(), b())\n",
    }
    result, done = unite(files, "app.both", "app.sub.a", "app.sub.b")
    assert not codes(done)
    assert result["app/both.py"].startswith("from .k import K\n")
    assert "    from . import k\n" in result["app/both.py"]
    same_behaviour(files, result)


def test_second_run_holds() -> None:
    files = {**APP, "app/both.py": "A = 1\n"}
    result, done = unite(files, "app.both", "app.a", "app.b")
    assert done.held and not done.findings
    assert done.modules == {"app.a": "app.both", "app.b": "app.both"}
    assert result == files


def test_missing_source() -> None:
    _, done = unite({**APP, "app/a.py": "A = 1\n"}, "app.both", "app.a", "app.b")
    assert codes(done) == ["source-missing"]


def test_a_package_is_refused() -> None:
    files = {**APP, "app/a.py": "A = 1\n", "app/b/__init__.py": "", "app/b/c.py": "C = 1\n"}
    _, done = unite(files, "app.both", "app.a", "app.b")
    assert codes(done) == ["merge-package"]

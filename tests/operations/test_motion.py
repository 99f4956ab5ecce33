"""Top-level names move: what the files look like behind it, and what is refused."""

from __future__ import annotations

import pytest

from codemod.operations.motion import Motion, carry_out
from codemod.source.inventory import Inventory
from tests.operations.moving import Files, codes, move, same_behaviour, tree_of

APP = {"app/__init__.py": ""}


def after(source: str, target: str, *names: str, **others: str) -> dict[str, str]:
    """`app.big` with `source`, some of its names sent to a module; the tree behind it."""
    files: Files = {**APP, "app/big.py": source, **{f"app/{name}.py": text for name, text in others.items()}}
    result, motion = move(files, *(("app.big", name, target) for name in names))
    assert not codes(motion), motion.findings
    return result


CREATED = [
    pytest.param("def a(): ...\n", "def a(): ...\n", id="alone"),
    pytest.param("# about a\ndef a(): ...\n", "# about a\ndef a(): ...\n", id="comment above"),
    pytest.param("@x\n# inner\n@y\ndef a(): ...\n", "@x\n# inner\n@y\ndef a(): ...\n", id="decorators"),
    pytest.param(
        "def a():\n    return 1\n    # tail\n\n    # more\n\n\nB = 1\n",
        "def a():\n    return 1\n    # tail\n\n    # more\n",
        id="indented comments behind",
    ),
    pytest.param("import os\nimport re\n\ndef a(): os.x\n", "import os\n\n\ndef a(): os.x\n", id="used imports only"),
    pytest.param(
        "import os.path\nimport os as o\n\ndef a(): o.x, os.path\n",
        "import os.path\nimport os as o\n\n\ndef a(): o.x, os.path\n",
        id="aliases",
    ),
    pytest.param(
        "import x.a\nimport x.b\n\ndef a(): return x.b.c\n",
        "import x.b\n\n\ndef a(): return x.b.c\n",
        id="the submodule that is used",
    ),
    pytest.param(
        "from y import (\n    b as c,  # why\n    d,\n)\n\ndef a(): c\n",
        "from y import b as c  # why\n\n\ndef a(): c\n",
        id="one clause with its comment",
    ),
    pytest.param(
        "from .z import q\n\ndef a():\n    from . import z\n    return q\n",
        "from .z import q\n\n\ndef a():\n    from . import z\n    return q\n",
        id="relative, same package",
    ),
    pytest.param(
        "# Copyright me\n# ruff: noqa\n\n'''Doc.'''\nfrom __future__ import annotations\nX = 1\ndef a(): ...\n",
        "# Copyright me\n# ruff: noqa\n\nfrom __future__ import annotations\n\n\ndef a(): ...\n",
        id="licence and future",
    ),
    pytest.param(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from q import Q, R\n\ndef a(x: 'Q'): ...\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from q import Q\n\n\ndef a(x: 'Q'): ...\n",
        id="for type checkers",
    ),
    pytest.param(
        "try:\n    import fast as f\nexcept ImportError:\n    f = None\n\ndef a(): return f\n",
        "try:\n    import fast as f\nexcept ImportError:\n    f = None\n\n\ndef a(): return f\n",
        id="import with a fallback",
    ),
    pytest.param(
        "import sys\nif sys.version_info > (3,):\n    import x\nelse:\n    x = None\n\ndef a(): return x\n",
        "import sys\nif sys.version_info > (3,):\n    import x\nelse:\n    x = None\n\n\ndef a(): return x\n",
        id="conditional import",
    ),
    pytest.param(
        "FAST = True\nif FAST:\n    import x\nelse:\n    x = None\n\ndef a(): return x\n",
        "from app.big import x\n\n\ndef a(): return x\n",
        id="conditional import that depends on the module",
    ),
    pytest.param(
        "LIMIT = 1\n\ndef a(): return LIMIT\n",
        "from app.big import LIMIT\n\n\ndef a(): return LIMIT\n",
        id="what stays is imported",
    ),
    pytest.param(
        "from .z import q\nLIMIT = q\n\ndef a(): return LIMIT\n",
        "from .big import LIMIT\n\n\ndef a(): return LIMIT\n",
        id="relative where the source is",
    ),
    pytest.param(
        "__all__ = ['b', 'a']\n\ndef a(): ...\ndef b(): ...\n",
        '__all__ = ["a"]\n\n\ndef a(): ...\n',
        id="its share of __all__",
    ),
    pytest.param("def a():\r\n    return 1\r\n", "def a():\r\n    return 1\r\n", id="CRLF"),
    pytest.param("def a(): ...", "def a(): ...\n", id="no final newline"),
    pytest.param(
        "# ---\n# Part\n# ---\n\ndef a(): ...\n\n\n# ---\n# Other\n# ---\n\ndef b(): ...\n",
        "# ---\n# Part\n# ---\n\ndef a(): ...\n",
        id="section header of a whole section",
    ),
    pytest.param("a = 1\n\n\na += 1\n", "a = 1\n\n\na += 1\n", id="augmented"),
    pytest.param("a = []\na.append(1)\nb = 2\n", "a = []\na.append(1)\n", id="statements about it"),
    pytest.param(
        "from functools import singledispatch\n@singledispatch\ndef a(x): ...\n@a.register(int)\ndef _(x): ...\n",
        "from functools import singledispatch\n\n\n@singledispatch\ndef a(x): ...\n@a.register(int)\ndef _(x): ...\n",
        id="single dispatch",
    ),
    pytest.param(
        "from typing import overload\n@overload\ndef a(x: int): ...\n@overload\ndef a(x): ...\ndef a(x): ...\n",
        "from typing import overload\n\n\n@overload\ndef a(x: int): ...\n@overload\ndef a(x): ...\ndef a(x): ...\n",
        id="overloads",
    ),
    pytest.param(
        "try:\n    from fast import a\nexcept ImportError:\n    def a(): ...\n",
        "try:\n    from fast import a\nexcept ImportError:\n    def a(): ...\n",
        id="definition with a fallback",
    ),
    pytest.param(
        "def a(): ...\n\ntry:\n    from fast import a\nexcept ImportError:\n    pass\n",
        "def a(): ...\n\ntry:\n    from fast import a\nexcept ImportError:\n    pass\n",
        id="accelerator",
    ),
    pytest.param(
        "import os\n\ndef a(): return f'{os.sep!r:>{width}}'\n\nwidth = 3\n",
        "import os\n\nfrom app.big import width\n\n\ndef a(): return f'{os.sep!r:>{width}}'\n",
        id="names in f-strings",
    ),
    pytest.param(
        "import os\n\ndef a(x):\n    # type: (os.PathLike) -> None\n    pass\n",
        "import os\n\n\ndef a(x):\n    # type: (os.PathLike) -> None\n    pass\n",
        id="names in type comments",
    ),
]


@pytest.mark.parametrize(("source", "expected"), CREATED)
def test_new_module(source: str, expected: str) -> None:
    assert after(source, "app.one", "a")["app/one.py"] == expected


LEFT = [
    pytest.param("def a(): ...\n\n\ndef b(): ...\n", "def b(): ...\n", id="first of two"),
    pytest.param("def b(): ...\n\n\ndef a(): ...\n", "def b(): ...\n", id="last of two"),
    pytest.param("X = 1\n\n\ndef a(): ...\n\n\nY = 2\n", "X = 1\n\n\nY = 2\n", id="in the middle"),
    pytest.param("X = 1\na = 2\nY = 3\n", "X = 1\nY = 3\n", id="between lines"),
    pytest.param("'''Doc.'''\n\ndef a(): ...\n", "'''Doc.'''\n", id="docstring stays"),
    pytest.param("import os\n\n\ndef a(): os\n\n\ndef b(): ...\n", "def b(): ...\n", id="import goes"),
    pytest.param(
        "import os\nimport re\n\n\ndef a(): os\n\n\ndef b(): re\n", "import re\n\n\ndef b(): re\n", id="one import goes"
    ),
    pytest.param(
        "import os\n\n\ndef a(): os\n\n\ndef b(): os\n", "import os\n\n\ndef b(): os\n", id="import still used"
    ),
    pytest.param(
        "import os  # noqa: F401\n\n\ndef a(): os\n\n\ndef b(): ...\n",
        "import os  # noqa: F401\n\n\ndef b(): ...\n",
        id="import marked as wanted",
    ),
    pytest.param(
        "from os import sep as sep\n\n\ndef a(): sep\n\n\ndef b(): ...\n",
        "from os import sep as sep\n\n\ndef b(): ...\n",
        id="redundant alias",
    ),
    pytest.param(
        "import re\n\n\ndef a(): ...\n\n\ndef b(): ...\n", "import re\n\n\ndef b(): ...\n", id="unused before as well"
    ),
    pytest.param(
        "from os import (\n    path,\n    sep,\n)\n\n\ndef a(): sep\n\n\ndef b(): path\n",
        "from os import (\n    path,\n)\n\n\ndef b(): path\n",
        id="one clause of several",
    ),
    pytest.param(
        "__all__ = [\n    'a',\n    'b',  # kept\n]\n\n\ndef a(): ...\n\n\ndef b(): ...\n",
        "__all__ = [\n    'b',  # kept\n]\n\n\ndef b(): ...\n",
        id="__all__ by lines",
    ),
    pytest.param(
        "__all__ = ('b', 'a')\n\n\ndef a(): ...\n\n\ndef b(): ...\n",
        "__all__ = ('b',)\n\n\ndef b(): ...\n",
        id="__all__ as a tuple",
    ),
    pytest.param(
        "__all__ = ('a', 'b')\n\n\ndef a(): ...\n\n\ndef b(): ...\n",
        "__all__ = ('b',)\n\n\ndef b(): ...\n",
        id="__all__ as a tuple, the other",
    ),
    pytest.param(
        "def b(): return a()\n\n\ndef a(): ...\n",
        "from app.one import a\n\n\ndef b(): return a()\n",
        id="imported back",
    ),
    pytest.param(
        "import os\n\nfrom app import z\n\n\ndef b(): return a(), os, z\n\n\ndef a(): ...\n",
        "import os\n\nfrom app import z\nfrom app.one import a\n\n\ndef b(): return a(), os, z\n",
        id="imported back, in the run of its kind",
    ),
    pytest.param(
        "'''Doc.'''\n\n\ndef b(): return a()\n\n\ndef a(): ...\n",
        "'''Doc.'''\n\nfrom app.one import a\n\n\ndef b(): return a()\n",
        id="imported back below the docstring",
    ),
    pytest.param(
        "def a(): ...\n\n\nif __name__ == '__main__':\n    a()\n",
        "from app.one import a\n\n\nif __name__ == '__main__':\n    a()\n",
        id="main guard stays",
    ),
    pytest.param(
        "def b():\n    '''Doc.'''\n    return a()\n\n\ndef a(x=b): ...\n",
        "def b():\n    '''Doc.'''\n    from app.one import a\n    return a()\n",
        id="imported where it is used, against a cycle",
    ),
    pytest.param(
        "def b(): return a()\n\n\ndef a(x=b): ...\n",
        "def b(): from app.one import a; return a()\n",
        id="the same on one line",
    ),
]


@pytest.mark.parametrize(("source", "expected"), LEFT)
def test_what_stays(source: str, expected: str) -> None:
    assert after(source, "app.one", "a")["app/big.py"] == expected


JOINED = [
    pytest.param("def a(): ...\n", "Z = 1\n", "Z = 1\n\n\ndef a(): ...\n", id="at the end"),
    pytest.param("def a(): ...\n", "Z = 1", "Z = 1\n\n\ndef a(): ...\n", id="no final newline"),
    pytest.param("def a(): ...\n", "", "def a(): ...\n", id="empty"),
    pytest.param(
        "import os\n\ndef a(): os\n",
        "import os\n\nZ = 1\n",
        "import os\n\nZ = 1\n\n\ndef a(): os\n",
        id="import is there",
    ),
    pytest.param(
        "import os\n\ndef a(): os\n",
        "import abc\nimport re\n\nZ = 1\n",
        "import abc\nimport os\nimport re\n\nZ = 1\n\n\ndef a(): os\n",
        id="import in order",
    ),
    pytest.param(
        "from os import sep\n\ndef a(): sep\n",
        "from os import path\n\nZ = 1\n",
        "from os import path, sep\n\nZ = 1\n\n\ndef a(): sep\n",
        id="clause joins",
    ),
    pytest.param(
        "from os import sep\n\ndef a(): sep\n",
        "from os import (\n    altsep,\n    uname,\n)\n\nZ = 1\n",
        "from os import (\n    altsep,\n    sep,\n    uname,\n)\n\nZ = 1\n\n\ndef a(): sep\n",
        id="clause joins a list of lines",
    ),
    pytest.param(
        "def a(): ...\n",
        "Z = 1\n\nif __name__ == '__main__':\n    Z\n",
        "Z = 1\n\ndef a(): ...\n\n\nif __name__ == '__main__':\n    Z\n",
        id="above the main guard",
    ),
    pytest.param(
        "def a(): ...\n",
        "from app.big import a\n\n\ndef z(): return a()\n",
        "def z(): return a()\n\n\ndef a(): ...\n",
        id="the import of it goes",
    ),
    pytest.param(
        "class a: ...\n",
        "from app.big import a as base\n\n\nclass Z(base): ...\n",
        "class a: ...\n\n\nclass Z(a): ...\n",
        id="needed above, under another name",
    ),
    pytest.param(
        "def a(): ...\n",
        "from app import big\n\n\ndef z(): return big.a()\n",
        "def z(): return a()\n\n\ndef a(): ...\n",
        id="reached through the module",
    ),
    pytest.param(
        "def a(): ...\n",
        "def z():\n    from app.big import a\n    return a()\n",
        "def z():\n    return a()\n\n\ndef a(): ...\n",
        id="imported in a function",
    ),
    pytest.param(
        "from app.z import Z\n\ndef a(): return Z\n",
        "Z = 1\n",
        "Z = 1\n\n\ndef a(): return Z\n",
        id="it used the target",
    ),
    pytest.param(
        "import app.z\n\ndef a(): return app.z.Z\n", "Z = 1\n", "Z = 1\n\n\ndef a(): return Z\n", id="through a chain"
    ),
    pytest.param(
        "def a(): ...\n",
        "__all__ = ['Z']\nZ = 1\n",
        "__all__ = ['Z', 'a']\nZ = 1\n\n\ndef a(): ...\n",
        id="__all__ grows",
    ),
    pytest.param(
        "def a():\n    1\n", "Z = 1\r\n", "Z = 1\r\n\r\n\r\ndef a():\r\n    1\r\n", id="line ending of the target"
    ),
]


@pytest.mark.parametrize(("source", "target", "expected"), JOINED)
def test_existing_module(source: str, target: str, expected: str) -> None:
    assert after(source, "app.z", "a", z=target)["app/z.py"] == expected


REFUSED = [
    pytest.param("a, b = 1, 2\n", ["a"], "split-shares-statement", id="one statement"),
    pytest.param("if x:\n    a = 1\n    b = 2\n", ["a"], "split-conditional", id="one condition"),
    pytest.param("import a\na = a.b\n", ["a"], "split-conditional", id="imported and defined"),
    pytest.param("class a: ...\nclass b(a): ...\nclass c(b): ...\n", ["b"], "split-cycle", id="both ways"),
    pytest.param("n = 0\ndef a():\n    global n\n    n = 1\ndef b(): n\n", ["a"], "split-shares-global", id="state"),
    pytest.param("a = {}\nb = {}\na[0] = b[0] = 1\n", ["a"], "split-mutated-elsewhere", id="statement about two"),
    pytest.param(
        "from functools import singledispatch\n@singledispatch\ndef a(x): ...\n@a.register(int)\ndef b(x): ...\n",
        ["b"], "split-overload", id="half of a single dispatch",
    ),
    pytest.param("def a(): return globals()\n", ["a"], "split-dynamic", id="looks at its module"),
    pytest.param("def b(): ...\n", ["a"], "source-missing", id="not there"),
    pytest.param("from q import a\n", ["a"], "symbol-not-defined", id="imported"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "names", "code"), REFUSED)
def test_refused(source: str, names: list[str], code: str) -> None:
    files = {**APP, "app/big.py": source}
    result, motion = move(files, *(("app.big", name, "app.one") for name in names))
    assert codes(motion) == [code]
    assert result == files
    assert all(finding.hint for finding in motion.findings)


BESIDE = [
    pytest.param("a, b = 1, 2\n", ["a", "b"], id="both of one statement"),
    pytest.param("class a: ...\nclass b(a): ...\nclass c(b): ...\n", ["b", "c"], id="the whole end of a chain"),
    pytest.param(
        "def a():\n    global n\n    n = 1\nn = 0\ndef b(): return n\n", ["a", "b"], id="all users of a global"
    ),
    pytest.param("b = 1\na = []\na.append(b)\n", ["a", "b"], id="both of a statement"),
    pytest.param("def a():\n    ns = {}\n    exec('x = 1', ns)\n    return ns\n", ["a"], id="exec in a namespace"),
    pytest.param("def a(x): return vars(x), locals()\n", ["a"], id="vars of an object"),
]


@pytest.mark.parametrize(("source", "names"), BESIDE)
def test_just_beside_not_refused(source: str, names: list[str]) -> None:
    _, motion = move({**APP, "app/big.py": source}, *(("app.big", name, "app.one") for name in names))
    assert not codes(motion)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        pytest.param("def a(): ...\n", "target-taken", id="defined there"),
        pytest.param("from q import a\n", "target-taken", id="imported there"),
        pytest.param("import re as os\n", "name-clash", id="its import means something else"),
        pytest.param("def len(x): ...\n", "name-clash", id="a builtin that it uses is covered"),
    ],
)
def test_clashes(target: str, code: str) -> None:
    files = {**APP, "app/big.py": "import os\n\ndef a(): return len(os.sep)\n", "app/z.py": target}
    result, motion = move(files, ("app.big", "a", "app.z"))
    assert codes(motion) == [code]
    assert result == files


def test_renamed_on_the_way() -> None:
    files = {
        **APP,
        "app/big.py": "def a(n):\n    return n and a(n - 1)\n\n\ndef b():\n    return a(2)\n",
        "main.py": "from app.big import a, b\nprint(a(1), b())\n",
    }
    result, motion = move(files, ("app.big", "a", "app.one", "again"))
    assert not codes(motion)
    assert result["app/one.py"] == "def again(n):\n    return n and again(n - 1)\n"
    same_behaviour(files, result)


def test_to_a_package_of_the_same_name() -> None:
    files = {
        **APP,
        "app/cfg.py": "V = 1\n",
        "app/big.py": "'''Doc.'''\nfrom . import cfg\nfrom .cfg import V\n\n\ndef a(): return cfg.V\n\n\nKEPT = V\n",
        "main.py": "from app.big import KEPT, a\nimport app.big\nprint(a(), KEPT, app.big.__doc__)\n",
    }
    result, motion = move(files, ("app.big", "a", "app.big.one"))
    assert motion.moves == {"app/big.py": "app/big/__init__.py"}
    assert result["app/big/__init__.py"] == "'''Doc.'''\nfrom ..cfg import V\n\n\nKEPT = V\n"
    assert result["app/big/one.py"] == "from .. import cfg\n\n\ndef a(): return cfg.V\n"
    same_behaviour(files, result)


def test_import_that_somebody_takes_from_the_source_stays() -> None:
    files = {
        **APP,
        "app/big.py": "import json\nimport os\n\n\ndef a(): return json, os\n",
        "main.py": "from app import big\nfrom app.big import json\nprint(json.dumps(1), big.os.sep)\n",
    }
    result, _ = move(files, ("app.big", "a", "app.one"))
    assert result["app/big.py"] == "import json\nimport os\n"
    same_behaviour(files, result)


def test_star_importer_keeps_its_imports() -> None:
    files = {
        **APP,
        "app/big.py": "import json\n\n\ndef a(): return json\n\n\ndef b(): ...\n",
        "main.py": "from app.big import *\nprint(json.dumps(1), a(), b())\n",
    }
    result, _ = move(files, ("app.big", "a", "app.one"))
    assert "import json" in result["app/big.py"]


def test_names_of_star_imports() -> None:
    files = {
        **APP,
        "app/base.py": "class Base: ...\n",
        "app/big.py": "from .base import *\nfrom math import *\n\n\nclass a(Base):\n    r = pi\n",
        "main.py": "from app.big import a\nprint(a.r, a.__mro__[1].__name__)\n",
    }
    result, motion = move(files, ("app.big", "a", "app.one"))
    assert result["app/one.py"] == "from .base import Base\nfrom .big import pi\n\n\nclass a(Base):\n    r = pi\n"
    assert not codes(motion)
    same_behaviour(files, result)


def test_encoding_and_bom_survive() -> None:
    source = "# -*- coding: latin-1 -*-\ndef a():\n    return 'é'\n".encode("latin-1")
    done = carry_out(Inventory(tree_of({**APP, "app/big.py": source})), [Motion("app.big", "a", "app.one")])
    assert done.creates["app/one.py"] == source.replace(b"\ndef", b"\n\n\ndef")
    bom = b"\xef\xbb\xbfdef a(): ...\n"
    done = carry_out(Inventory(tree_of({**APP, "app/big.py": bom})), [Motion("app.big", "a", "app.one")])
    assert done.creates["app/one.py"] == bom


def test_target_that_cannot_hold_a_character() -> None:
    files = {**APP, "app/big.py": "def a(): return '☃'\n", "app/z.py": b"# coding: latin-1\nZ = 1\n"}
    done = carry_out(Inventory(tree_of(files)), [Motion("app.big", "a", "app.z")])
    assert codes(done) == ["encoding-cannot-hold"]


def test_source_that_does_not_parse() -> None:
    done = carry_out(Inventory(tree_of({**APP, "app/big.py": "def a(:\n"})), [Motion("app.big", "a", "app.one")])
    assert codes(done) == ["source-unreadable"]


def test_reads_tell_who_reads_what_now() -> None:
    files = {**APP, "app/big.py": "import os\nimport re\n\n\ndef a(): return os, re\n\n\ndef b(): return re\n"}
    done = carry_out(Inventory(tree_of(files)), [Motion("app.big", "a", "app.one")])
    assert done.reads == {("app.big", "os"): ("app.one",), ("app.big", "re"): ("app.big", "app.one")}


def test_own_names_are_reported() -> None:
    files = {**APP, "app/big.py": "def a(): return __file__\n\n\ndef b(): return __file__\n"}
    done = carry_out(Inventory(tree_of(files)), [Motion("app.big", "a", "app.one")])
    assert [(f.code, f.place.line) for f in done.findings if f.place] == [("own-name-moves", 1)]


def test_value_that_another_file_assigns() -> None:
    files = {
        **APP,
        "app/big.py": "LIMIT = 1\n\n\ndef a(): return LIMIT\n",
        "main.py": "from app import big\nbig.LIMIT = 2\nprint(big.a())\n",
    }
    _, motion = move(files, ("app.big", "LIMIT", "app.one"))
    assert codes(motion) == ["split-shares-global"]
    result, motion = move(files, ("app.big", "LIMIT", "app.one"), ("app.big", "a", "app.one"))
    assert not codes(motion)
    same_behaviour(files, result)


def test_existing_target_with_a_cycle_of_imports() -> None:
    files = {
        **APP,
        "app/c.py": "from app.z import Z\n\n\nclass C:\n    z = Z\n",
        "app/big.py": "from app.c import C\n\n\ndef a(): return C.z\n",
        "app/z.py": "Z = 1\n",
        "main.py": "from app.big import a\nimport app.c\nprint(a(), app.c.C.z)\n",
    }
    result, motion = move(files, ("app.big", "a", "app.z"))
    assert not codes(motion)
    assert "    from app.c import C\n" in result["app/z.py"] or "def a(): from app.c import C; " in result["app/z.py"]
    same_behaviour(files, result)


def test_stub_follows() -> None:
    files = {
        **APP,
        "app/big.py": "import os\n\n\ndef a(): return os\n\n\ndef b(): ...\n",
        "app/big.pyi": "from typing import Any\n\ndef a() -> Any: ...\ndef b() -> int: ...\n",
    }
    result, motion = move(files, ("app.big", "a", "app.big.one"))
    assert not motion.findings
    assert "app/big.pyi" not in result
    assert result["app/big/__init__.pyi"] == "def b() -> int: ...\n"
    assert result["app/big/one.pyi"] == "from typing import Any\n\n\ndef a() -> Any: ...\n"


def test_stub_that_cannot_follow_is_reported() -> None:
    files = {
        **APP,
        "app/big.py": "def a(): ...\n",
        "app/big.pyi": "def a() -> None: ...\n",
        "app/z.py": "Z = 1\n",
    }
    result, motion = move(files, ("app.big", "a", "app.z"))
    assert [finding.code for finding in motion.findings] == ["stub-left"]
    assert result["app/big.pyi"] == files["app/big.pyi"]


REGISTRY = "ALL = []\n\n\ndef register(f):\n    ALL.append(f.__name__)\n    return f\n\n\n"
REGISTERED = "".join(f"@register\ndef {name}(): ...\n\n\n" for name in "abc")


@pytest.mark.parametrize("target", ["app.one", "app.big.one"])
@pytest.mark.parametrize("names", ["a", "c", "ab", "bc"])
def test_what_registers_stays_loaded_in_order(target: str, names: str) -> None:
    files = {**APP, "app/big.py": REGISTRY + REGISTERED, "main.py": "from app.big import ALL\nprint(ALL)\n"}
    result, motion = move(files, *(("app.big", name, target) for name in names))
    assert not codes(motion)
    assert "import one  # noqa: E402, F401\n" in result[motion.moves.get("app/big.py", "app/big.py")]
    same_behaviour(files, result)


def test_another_order_of_a_registry_is_refused() -> None:
    files = {**APP, "app/big.py": REGISTRY + REGISTERED}
    _, motion = move(files, ("app.big", "a", "app.one"), ("app.big", "c", "app.one"))
    assert codes(motion) == ["split-registry-order"]


@pytest.mark.parametrize(
    "decorator", [pytest.param("@property", id="builtin"), pytest.param("@wraps", id="harmless function of the module")]
)
def test_decorators_that_register_nothing(decorator: str) -> None:
    source = f"def wraps(f):\n    found = []\n    found.append(f)\n    return f\n\n\n{decorator}\ndef a(x): ...\n"
    assert "noqa" not in after(source, "app.one", "a")["app/big.py"]


def test_name_of_a_module_of_the_package() -> None:
    files = {**APP, "app/big.py": "def one(): return 1\n\n\ndef b(): return one()\n"}
    result, motion = move(files, ("app.big", "one", "app.big.one"))
    assert not codes(motion)
    assert result["app/big/__init__.py"] == "def b(): from app.big.one import one; return one()\n"
    _, motion = move({**APP, "app/big.py": "one = 1\n\n\ndef b(): ...\n"}, ("app.big", "b", "app.big.one"))
    assert codes(motion) == ["name-clash"]

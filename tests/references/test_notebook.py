"""Notebooks: code, magics and Markdown follow; outputs, ids, layout and everything else stay to the byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.notebook import Notebook
from codemod.rewrite.edits import apply

from .finding import by, edits_of, rewritten

Cells = list[tuple[str, str]]


def notebook(cells: Cells, indent: int | None = 1, language: str = "python", *, lists: bool = True) -> str:
    """A notebook as Jupyter writes it; outputs repeat the source, so that they are seen to stay."""
    written = []
    for number, (kind, text) in enumerate(cells):
        source = text.splitlines(keepends=True) if lists else text
        cell: dict[str, object] = {"cell_type": kind, "id": f"id{number}", "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": source}]}
        written.append(cell)
    document = {
        "cells": written,
        "metadata": {"kernelspec": {"language": language}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=indent, ensure_ascii=False) + "\n"


def after(cells: Cells, **form: object) -> Cells:
    """The cells after the moves; outputs and the rest are as they were."""
    text = notebook(cells, **form)  # type: ignore[arg-type]  # passed on as it is
    before, found = json.loads(text), json.loads(rewritten(by(Notebook()), "nb/a.ipynb", text))
    sources = [cell.pop("source") for cell in found["cells"]]
    for cell in before["cells"]:
        del cell["source"]
    assert found == before
    return [(cell["cell_type"], "".join(source)) for cell, source in zip(found["cells"], sources, strict=True)]


CHANGES: list[tuple[str, Cells, Cells]] = [
    ("an import", [("code", "import app.user")], [("code", "import app.accounts.user")]),
    (
        "cells share a namespace",
        [("code", "from app.user import load\nimport app.shop.cart"), ("code", "load()\napp.shop.cart.Cart()\n")],
        [("code", "from app.accounts.user import fetch\nimport app.store.shop.cart"),
         ("code", "fetch()\napp.store.shop.cart.Cart()\n")],
    ),
    (
        "an import whose names part ways",
        [("code", "from app import user, users\nuser.main()")],
        [("code", "from app import users\nfrom app.accounts import user\nuser.main()")],
    ),
    (
        "an import that another one becomes",
        [("code", "from app.user import User\nfrom app.accounts.user import User"), ("code", "User()")],
        [("code", "from app.accounts.user import User"), ("code", "User()")],
    ),
    (
        "the same import in two cells, a blank behind it",
        [("code", "from app import user, users "), ("code", "from app import user, users ")],
        [("code", "from app import users \nfrom app.accounts import user")] * 2,
    ),
    (
        "over several lines",
        [("code", "from app.user import (\n    load,  # it\n    User,\n)\nload(User)")],
        [("code", "from app.accounts.user import (\n    fetch,  # it\n    User,\n)\nfetch(User)")],
    ),
    (
        "magics and shell lines",
        [("code", "%load_ext tool\n%run app/user.py --x\n%run -m tool\n!python -m app.user\nx = !python -m tool\n"
                  "%cd app/shop\n%time import app.user\nimport app.user\napp.user?")],
        [("code", "%load_ext app.tools.tool\n%run app/accounts/user.py --x\n%run -m app.tools.tool\n"
                  "!python -m app.accounts.user\nx = !python -m app.tools.tool\n"
                  "%cd app/store/shop\n%time import app.accounts.user\nimport app.accounts.user\napp.user?")],
    ),
    (
        "a percent sign that is none",
        [("code", "import app.user\nx = ('%s'\n  % app.user.load())")],
        [("code", "import app.accounts.user\nx = ('%s'\n  % app.accounts.user.fetch())")],
    ),
    (
        "cells of magics",
        [("code", "%%time\nimport app.user"), ("code", "%%bash -e\npython -m tool"),
         ("code", "%%writefile x.py\nimport app.user")],
        [("code", "%%time\nimport app.accounts.user"), ("code", "%%bash -e\npython -m app.tools.tool"),
         ("code", "%%writefile x.py\nimport app.accounts.user")],
    ),
    (
        "Markdown",
        [("markdown", "# app.user\n\nUses `app.user.load`, see [it](../app/user.py).\n\n"
                      "```python\nimport app.user\n```")],
        [("markdown", "# app.accounts.user\n\nUses `app.accounts.user.fetch`, see [it](../app/accounts/user.py).\n\n"
                      "```python\nimport app.accounts.user\n```")],
    ),
    (
        "quotes, escapes and letters",
        [("code", "é = \"\\n\\\"\"; import app.user\nprint('😀', app.user.load(), \"\\u00e9\\t\")")],
        [("code", "é = \"\\n\\\"\"; import app.accounts.user\nprint('😀', app.accounts.user.fetch(), \"\\u00e9\\t\")")],
    ),
    (
        "a cell that is no Python among others",
        [("code", "import app.user"), ("code", "this is app.user not python"), ("code", "app.user.load()")],
        [("code", "import app.accounts.user"), ("code", "this is app.user not python"),
         ("code", "app.accounts.user.fetch()")],
    ),
]  # fmt: skip

STAYS: list[tuple[str, Cells]] = [
    (
        "twins",
        [("code", "import app.users\nfrom app import users\napp.users.W"), ("markdown", "app.users, user, tool")],
    ),
    ("raw cells", [("raw", "import app.user")]),
    ("other languages", [("code", "%%sql\nselect * from app.user"), ("code", "%%html\n<a href='app/user.py'>")]),
    ("other names", [("code", "user = 1\ntool = user\napp = object()\napp.user = 2")]),
    ("addresses", [("markdown", "ann@app.user https://app.user/app/user.py"), ("code", "x = 'http://app.user'")]),
]


@pytest.mark.parametrize("lists", [True, False], ids=["lines", "one string"])
@pytest.mark.parametrize("indent", [1, None], ids=["indented", "compact"])
@pytest.mark.parametrize(("cells", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_changes(cells: Cells, expected: Cells, indent: int | None, lists: bool) -> None:
    assert after(cells, indent=indent, lists=lists) == expected


@pytest.mark.parametrize("cells", [case[1] for case in STAYS], ids=[case[0] for case in STAYS])
def test_stays(cells: Cells) -> None:
    assert after(cells) == cells


def test_another_kernel_stays_but_for_its_markdown() -> None:
    cells = [("code", "import app.user"), ("markdown", "`app.user`")]
    assert after(cells, language="julia") == [cells[0], ("markdown", "`app.accounts.user`")]


def test_new_lines_are_lines_of_their_own() -> None:
    text = notebook([("code", "x = 1\nfrom app import user, users\ny = 2"), ("code", "from app import users, user")])
    found = json.loads(rewritten(by(Notebook()), "a.ipynb", text))
    assert [cell["source"] for cell in found["cells"]] == [
        ["x = 1\n", "from app import users\n", "from app.accounts import user\n", "y = 2"],
        ["from app import users\n", "from app.accounts import user"],
    ]
    assert rewritten(by(Notebook()), "a.ipynb", text) == json.dumps(found, indent=1) + "\n"


def test_layout_survives() -> None:
    data = (
        b'{"nbformat":4,  "cells" : [ {"source":\t["import app.user\\n" ,"app.user.\\u006coad( )"],'
        b'"cell_type":"code"}\r\n], "metadata":{} }'
    )
    expected = data.replace(b"import app.user", b"import app.accounts.user").replace(
        b"app.user.\\u006coad", b"app.accounts.user.fetch"
    )
    assert apply(data, edits_of(Notebook(), "x.ipynb", data)) == expected


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [3, {"source": 4}]}', b"\xff",
     b'{"cells": [{"source": []}]}', b'{"cells": [{"cell_type": "code", "source": ["import app.user", 3]}]}',
     b'{"cells": [{"cell_type": "code", "source": {"a": "tool"}}]}',
     b'\xef\xbb\xbf{"cells": [{"cell_type": "code", "source": "import app.user"}]}', b"[" * 5000,
     b'{"worksheets": [{"cells": [{"cell_type": "code", "input": "import app.user"}]}]}'],
)  # fmt: skip
def test_what_is_no_notebook_is_no_trouble(data: bytes) -> None:
    found = apply(data, edits_of(Notebook(), "x.ipynb", data))
    assert found in (data, data.replace(b"app.user", b"app.accounts.user"))


_PARTS = st.sampled_from([
    "import app.user\n", "from app.user import (", "load", "app.user.load()", "\n", " ", "%run app/user.py\n", "!",
    "%%bash\n", "%time ", "?", "\\\n", "'", '"', "\\", "é", "😀", "x = ", ")", "`app.user`", "#", "\t",
    "    ", "%", "if x:\n",
    "from app import user, users", "\r\n", "```python\n", "\ud800",
])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["code", "markdown"]), st.lists(_PARTS, max_size=8).map("".join)), max_size=4),
    st.sampled_from([1, None]),
    st.booleans(),
    st.booleans(),
)
def test_the_result_is_json_and_only_sources_change(cells: Cells, indent: int | None, lists: bool, plain: bool) -> None:
    text = notebook(cells, indent, lists=lists)
    data = json.dumps(json.loads(text), indent=indent).encode() if plain else text.encode("utf-8", "replace")
    found, before = json.loads(apply(data, edits_of(Notebook(), "a.ipynb", data))), json.loads(data)
    for old, new in zip(before["cells"], found["cells"], strict=True):
        assert type(old.pop("source")) is type(new.pop("source"))
    assert found == before

"""What the tests of the finders share: a small repository, a rename table, and cases as text.

A file of cases holds, one behind the other,

    === path of the file: what the case shows
    the file
    --->
    the file after the moves; left out, with its arrow, where nothing may change
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from codemod.references.finder import Finder, mentions, words_of
from codemod.references.view import View
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.intent import Intent, Symbol
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

SOURCE = {
    "app/__init__.py": "__version__ = '1'\n",
    "app/user.py": "class User: pass\n\ndef main(): pass\n\ndef load(): pass\n",
    "app/users.py": "W = 1\n",
    "app/shop/__init__.py": "",
    "app/shop/cart.py": "class Cart: pass\n",
    "app/shop/data.json": "{}\n",
    "tool.py": "def main(): pass\n",
}
"""`app.user` moves into `app.accounts`, the package `app.shop` becomes `app.store.shop`, `tool` goes to `app.tools`."""

MODULES = {"app.user": "app.accounts.user", "app.shop": "app.store.shop", "tool": "app.tools.tool"}
SYMBOLS = {("app.user", "load"): ("app.accounts.user", "fetch")}
FILES = {
    "app/user.py": "app/accounts/user.py",
    "app/shop/__init__.py": "app/store/shop/__init__.py",
    "app/shop/cart.py": "app/store/shop/cart.py",
    "app/shop/data.json": "app/store/shop/data.json",
    "tool.py": "app/tools/tool.py",
}


Rewrite = Callable[[str, bytes, View], bytes]
"""A file's bytes after a phase."""


def view_of(
    path: str,
    data: bytes,
    source: Mapping[str, str] = SOURCE,
    modules: Mapping[str, str] = MODULES,
    symbols: Mapping[Symbol, Symbol] = SYMBOLS,
    files: Mapping[str, str] = FILES,
) -> View:
    """The view of one more file in the repository."""
    tree = Tree.of({**{name: text.encode() for name, text in source.items()}, path: data})
    return View.of(path, Inventory(tree), Intent(modules, symbols, files))


def edits_of(finder: Finder, path: str, data: bytes, **repository: Mapping[str, str]) -> list[Edit]:
    """The edits of a finder to one file of the repository."""
    return _found(finder, path, data, view_of(path, data, **repository))  # type: ignore[arg-type]  # any of its parts


def by(finder: Finder) -> Rewrite:
    """What a finder makes of a file."""
    return lambda path, data, view: apply(data, _found(finder, path, data, view))


def _found(finder: Finder, path: str, data: bytes, view: View) -> list[Edit]:
    assert finder.claims(path)
    found = list(finder.find(path, data, view))
    assert mentions(words_of(view.intent))(data) or not found
    assert all(edit.new != data[edit.start : edit.end] for edit in found)
    return found


def rewritten(rewrite: Rewrite, path: str, text: str) -> str:
    """A file after the moves; a second run changes nothing more, and a file that comes in late changes alike."""
    data = text.encode()
    after = rewrite(path, data, view_of(path, data))
    moved = {FILES.get(name, name): content for name, content in SOURCE.items()}
    moved |= {"app/accounts/__init__.py": "", "app/store/__init__.py": "", "app/tools/__init__.py": ""}
    moved["app/accounts/user.py"] = moved["app/accounts/user.py"].replace("load", "fetch")
    again = rewrite(path, after, view_of(path, after, moved, files={}))
    assert again == after
    late = rewrite(path, data, view_of(path, data, moved, files={}))
    assert late == after
    return after.decode()


_CASES = Path(__file__).parent / "cases"
_HEAD = re.compile(r"^=== (?P<path>[^:\n]+): (?P<title>.*)\n", re.MULTILINE)
_ARROW = "--->\n"


def cases(file: str) -> list[object]:
    """The cases of a file as parameters: its name, the path and the text of each; ids say whether it changes."""
    parts = _HEAD.split((_CASES / file).read_text("utf-8"))[1:]
    return [
        pytest.param(file, path, text, id=f"{title} [{'changes' if _ARROW in text else 'stays'}]".replace(" ", "-"))
        for path, title, text in zip(*[iter(parts)] * 3, strict=True)
    ]


def check(rewrite: Rewrite, file: str, path: str, text: str, update: bool) -> str:
    """Compare one case with what comes out, or write that down; the file after the moves."""
    before, _, after = text.removesuffix("\n").partition(_ARROW)
    found = rewritten(rewrite, path, before)
    if update and found != (after or before):
        whole = (_CASES / file).read_text("utf-8")
        new = before + (_ARROW + found if found != before else "") + "\n"
        (_CASES / file).write_text(whole.replace(text, new), "utf-8")
    else:
        assert found == (after or before)
    return found

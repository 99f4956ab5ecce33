"""Import sorting as the repository configures it: whether it does, and what a sorter needs to see of the tree."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from codemod.base.patterns import lazy

from . import settings
from .modules import SUFFIXES
from .tree import Tree

RULE = "I001"
"""Ruff's rule for an import block that is unsorted or unformatted."""

CONFIGURATIONS = ("pyproject.toml", "ruff.toml", ".ruff.toml")

_LAYOUT = (
    "src",
    "line-length",
    "indent-width",
    "target-version",
    "namespace-packages",
    "preview",
    "per-file-target-version",
)
_REACH = ("include", "exclude", "extend-exclude")
_CHOICE = ("select", "extend-select", "ignore", "extend-ignore")
_IGNORES = ("per-file-ignores", "extend-per-file-ignores")
_IMPORTS = lazy(rb"(?:^|[;:\r\n])[ \t\f]*(?:from|import)\b(?:\\(?:\r\n|\r|\n)|[^\r\n])*")
_WORD = lazy(rb"[^\W\d]\w*|[\w\x80-\xff]+")


def configured(tree: Tree) -> bool:
    """True when a configuration file of the tree selects ruff's import sorting.

    isort's own settings do not count: they say what another program would do, and we carry ruff alone.
    """
    return any(
        _covering(part.get(key))
        for _, ruff in _ruff_files(tree)
        for part in (ruff, settings.table(ruff, "lint"))
        for key in ("select", "extend-select")
    )


class Reach(Enum):
    """For which files settings are asked to sort."""

    ANYWHERE = "anywhere"  # all: how to sort counts, not where
    SELECTED = "selected"  # where sorting is selected and not excluded, ignored for the file or not
    WANTED = "wanted"  # as written


def configurations(tree: Tree, reach: Reach = Reach.WANTED) -> dict[str, bytes]:
    """The tree's configuration files, reduced to what bears on import sorting: path -> content.

    Everything else is left out, since a version pin or a retired rule would keep another version of ruff from starting.
    """
    found = {}
    for path, ruff in _ruff_files(tree):
        content = _reduced(tree, path, ruff, reach)
        if posixpath.basename(path) == "pyproject.toml":
            content = {"tool": {"ruff": content}}
        found[path] = content
    for path in _paths(tree, ("pyproject.toml",)):
        python = settings.table(settings.toml(tree, path), "project").get("requires-python")
        if isinstance(python, str):
            project = {"name": "stand-in", "version": "0", "requires-python": python}
            found[path] = {**found.get(path, {}), "project": project}
    if not any(
        posixpath.dirname(path) == "" and ("tool" in content or "lint" in content) for path, content in found.items()
    ):
        found["ruff.toml"] = {
            "lint": {"select": [RULE] if reach is Reach.ANYWHERE else []}
        }  # nothing above the tree has a say
    return {path: _toml_lines(content) for path, content in found.items()}


def stand_ins(tree: Tree, sources: Mapping[str, bytes]) -> Iterator[str]:
    """Paths of Python files whose presence may decide which imports of `sources` are the repository's own.

    A module is looked for by its path, so only files and folders that an import names can matter, and the `__init__`
    above each source.
    """
    words = {word.decode("utf-8", "replace") for data in sources.values() for word in import_words(data)}
    above = {folder for path in sources for folder in settings.above(path)}
    shown: set[str] = set()
    for path in tree.paths:
        if not path.endswith(SUFFIXES):
            continue
        folder, _, name = path.rpartition("/")
        stem = name.rpartition(".")[0]
        named = (stem == "__init__" or folder not in shown) and folder.rpartition("/")[2] in words
        if (named or stem in words or (stem == "__init__" and folder in above)) and path not in sources:
            shown.add(folder)
            yield path


def import_words(data: bytes) -> Iterator[bytes]:
    """The words on the lines of import statements."""
    for statement in _IMPORTS.finditer(data):
        yield from _WORD.findall(statement.group())


def _paths(tree: Tree, names: Iterable[str]) -> Iterator[str]:
    wanted = tuple(names)
    for path in tree.paths:
        if path.endswith(wanted) and posixpath.basename(path) in wanted:
            yield path


def _ruff_files(tree: Tree) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each file that configures ruff with its settings: those with ruff's names, and those that one of them extends."""
    todo, seen = list(_paths(tree, CONFIGURATIONS)), set()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        ruff = settings.toml(tree, path)
        if posixpath.basename(path) == "pyproject.toml":
            tool = settings.table(ruff, "tool")
            if "ruff" not in tool:
                continue
            ruff = settings.table(tool, "ruff")
        base = _extended(tree, path, ruff)
        if base:
            todo.append(base)
        yield path, ruff


def _extended(tree: Tree, path: str, ruff: Mapping[str, Any]) -> str:
    """The file that a configuration extends; "" where there is none inside the tree."""
    written = ruff.get("extend")
    if not isinstance(written, str):
        return ""
    base = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    return base if base in tree else ""


def _reduced(tree: Tree, path: str, ruff: Mapping[str, Any], reach: Reach) -> dict[str, Any]:
    lint = {**{key: ruff[key] for key in (*_CHOICE, *_IGNORES, "isort") if key in ruff}, **settings.table(ruff, "lint")}
    content = {key: ruff[key] for key in _LAYOUT if key in ruff}
    kept: dict[str, Any] = {key: lint[key] for key in ("preview",) if key in lint}
    isort = settings.table(lint, "isort")
    if isort:
        kept["isort"] = {key: value for key, value in isort.items() if key != "required-imports"}
    base = _extended(tree, path, ruff)
    if base:
        content["extend"] = ruff["extend"]
    if reach is Reach.ANYWHERE:
        return {**content, "exclude": [], "lint": {**kept, "select": [RULE]}}
    content |= {key: ruff[key] for key in _REACH if key in ruff}
    kept |= {key: lint[key] for key in ("exclude",) if key in lint}
    kept |= {key: _covering(lint[key]) for key in _CHOICE if key in lint}
    for key in _IGNORES:
        if reach is Reach.WANTED and settings.table(lint, key):
            kept[key] = {pattern: _covering(codes) for pattern, codes in settings.table(lint, key).items()}
    if not base:
        kept.setdefault("select", [])  # what ruff selects by default differs between its versions
    return {**content, "lint": kept}


def _covering(codes: object) -> list[str]:
    """Those of a list of rule selectors that cover import sorting; `ALL` as the prefix of just the import rules."""
    if not isinstance(codes, list):
        return []
    return [
        "I" if code == "ALL" else code
        for code in codes
        if code == "ALL" or (isinstance(code, str) and code and RULE.startswith(code))
    ]


def _toml_lines(content: Mapping[str, Any]) -> bytes:
    return "".join(f"{_quoted(key)} = {_toml(value)}\n" for key, value in content.items()).encode()


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(key))} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(inner) for inner in value) + "]"
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    return _quoted(str(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a TOML basic string

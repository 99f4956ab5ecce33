"""What a distribution needs, always or with an extra, as far as its files say so."""

from __future__ import annotations

import configparser
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from codemod.base.patterns import lazy

from .settings import above, table, toml
from .tree import Tree

_PROJECT = lazy(r"\s*(?P<name>[A-Za-z0-9][\w.-]*)")


def needed(tree: Tree, path: str) -> tuple[frozenset[str], frozenset[str]]:
    """Top-level names that the distribution of the file `path` always needs; with an extra or for development only.

    They are taken from the nearest `pyproject.toml` or `setup.cfg` that names dependencies.  A project's name stands
    for the module of that name; one that is called differently is not known.
    """
    for folder in above(path):
        for read in (_pyproject, _setup_cfg):
            always, extra = read(tree, folder)
            if always or extra:
                required = frozenset(map(_top, always))
                return required, frozenset(map(_top, extra)) - required
    return frozenset(), frozenset()


def _top(requirement: str) -> str:
    found = _PROJECT.match(requirement)
    return found["name"].lower().replace("-", "_") if found else ""


def _pyproject(tree: Tree, folder: str) -> tuple[set[str], set[str]]:
    content = toml(tree, posixpath.join(folder, "pyproject.toml"))
    project, poetry = table(content, "project"), table(content, "tool", "poetry")
    always = set(_texts(project.get("dependencies")))
    groups = [table(project, "optional-dependencies"), table(content, "dependency-groups")]
    extra = {text for group in groups for listed in group.values() for text in _texts(listed)}
    for name, wanted in table(poetry, "dependencies").items():
        (extra if isinstance(wanted, Mapping) and wanted.get("optional") is True else always).add(name)
    for group in (poetry, *table(poetry, "group").values()):
        if isinstance(group, Mapping):
            extra |= table(group, "dev-dependencies" if group is poetry else "dependencies").keys()
    return always, extra


def _setup_cfg(tree: Tree, folder: str) -> tuple[set[str], set[str]]:
    path = posixpath.join(folder, "setup.cfg")
    entry = tree.entry(path)
    reader = configparser.RawConfigParser(strict=False)
    if entry is None or not entry.is_file:
        return set(), set()
    try:
        reader.read_string(tree.read(path).decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError):
        return set(), set()
    always = reader.get("options", "install_requires", fallback="").splitlines()
    extras = reader["options.extras_require"].values() if reader.has_section("options.extras_require") else ()
    return set(always) - {""}, {line for text in extras for line in text.splitlines() if line}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Iterable) and not isinstance(value, (str, Mapping)):
        yield from (text for text in value if isinstance(text, str))

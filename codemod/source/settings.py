"""What the repository's own tool configuration says about layout."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from codemod.base import tomltext

from .tree import Tree

DEFAULT_LINE_LENGTH = 88


def above(path: str) -> Iterator[str]:
    """The folders that hold `path`, the nearest first, the top ("") last."""
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def toml(tree: Tree, path: str) -> Mapping[str, Any]:
    """The content of a TOML file; empty where there is none or it cannot be read."""
    entry = tree.entry(path)
    if entry is None or not entry.is_file:
        return {}
    try:
        return tomltext.loads(tree.read(path).decode("utf-8"))
    except (tomltext.TOMLDecodeError, UnicodeDecodeError):
        return {}


def table(content: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table at a key path; empty where there is none."""
    for key in keys:
        inner = content.get(key)
        if not isinstance(inner, Mapping):
            return {}
        content = inner
    return content


def ruff_settings(tree: Tree, path: str) -> tuple[str, Mapping[str, Any]]:
    """The file that configures ruff for `path` and its settings: the nearest one wins; ("", {}) when none does."""
    for folder in above(path):
        for name in (".ruff.toml", "ruff.toml"):
            at = posixpath.join(folder, name)
            if at in tree:
                return at, toml(tree, at)
        at = posixpath.join(folder, "pyproject.toml")
        own = table(toml(tree, at), "tool", "ruff")
        if own:
            return at, own
    return "", {}


def line_length(tree: Tree, path: str) -> int:
    """The line length that ruff or black is configured to for `path`."""
    _, ruff = ruff_settings(tree, path)
    length = ruff.get("line-length")
    if isinstance(length, int) and length > 0:
        return length
    for folder in above(path):
        length = table(toml(tree, posixpath.join(folder, "pyproject.toml")), "tool", "black").get("line-length")
        if isinstance(length, int) and length > 0:
            return length
    return DEFAULT_LINE_LENGTH

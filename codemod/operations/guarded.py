"""Writes that stay on regular files: never through a symbolic link, into a submodule, or over a folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.source.tree import Tree

from .context import Context, Result


def guarded(results: Result, context: Context) -> Result:
    """The results of an operation, a finding in the place of each write that has no regular file to go to."""
    for result in results:
        if isinstance(result, Finding) or result.data is None:
            yield result
            continue
        blocker = _blocker(context.now.tree, result.path)
        if not blocker:
            yield result
            continue
        yield Finding(
            "not-a-regular-file", f"{result.path} cannot be written: {blocker} is not a regular file", Weight.MISMATCH,
            Place(blocker), "name another path in the plan, or put a regular file there",
        )  # fmt: skip


def _blocker(tree: Tree, path: str) -> str:
    """What stands in the way of writing a path: the entry itself, one above it that is no folder, or a folder."""
    entry = tree.entry(path)
    if entry is not None:
        return "" if entry.is_file else path
    for above in _above(path):
        if tree.entry(above) is not None:
            return above
    return path if any(other.startswith(path + "/") for other in tree.paths) else ""


def _above(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)

"""Files that are generated as a whole or in part, and never over a hand's text."""

from __future__ import annotations

from codemod.base.findings import Finding, Place, Weight
from codemod.source.ours import phase_marks

from .context import Context, Result, Write
from .marked import is_fresh, newline_of, renewed


def whole(context: Context, path: str, text: str, key: str) -> Result:
    """A file that is generated as a whole: `text` carries the phase in a mark."""
    tree = context.now.tree
    there = tree.read(path) if path in tree else b""
    marks = phase_marks(there)
    if there.strip() and not marks:
        yield Finding(
            "hand-written-file", f"{path} was not generated, so it is not written over", Weight.MISMATCH, Place(path),
            "choose another file, or delete this one", key,
        )  # fmt: skip
    elif not any(is_fresh(context, phase) for phase in marks):
        yield Write(path, text.encode().replace(b"\n", newline_of(there)), f"{path} is generated")


def part(context: Context, path: str, title: str, what: str, inner: str) -> Result:
    """A generated part of a text file; a new file gets a title."""
    tree = context.now.tree
    there = tree.read(path) if path in tree else b""
    start = there if there.strip() else f"# {title}\n".encode()
    new = renewed(context, path, start, what, inner)
    if new != there:
        yield Write(path, new, title)

"""Folders whose files code lists: `Path(__file__).parent.glob("*.py")`, `os.listdir(FOLDER)`.

Where a file leaves such a folder it is not found there any more, and one that joins it is found, both without a word.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Container, Iterator, Sequence
from fnmatch import fnmatchcase

from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.modules import beneath
from codemod.source.nodes import every_node
from codemod.source.sieve import holds
from codemod.source.text import Text

from .byname import called
from .joined import Joined, Start, joined_edits, names_part
from .pathstrings import path_edits
from .view import View
from .whereabouts import strings

LISTING = (b"glob(", b"dir(", b"os.walk(")
"""Parts of words of which every file that lists a folder holds one: few, since every file is searched for them."""

_CALLS = (b"glob(", b"iterdir(", b"listdir(", b"scandir(", b"walk(")
_METHODS, _FUNCTIONS = frozenset({"glob", "rglob", "iterdir"}), frozenset({"listdir", "scandir", "walk"})


def may_list_folders(view: View, data: bytes) -> bool:
    """True when the file may list a folder that files leave or join; a cheap question."""
    return may_list(view.intent, data, view.held)


def may_list(intent: Intent, data: bytes, held: Container[bytes] | None = None) -> bool:
    """The same, asked of a content alone; what it is known to have `held` of the words is not searched for again."""
    listing = held is None or any(word in held for word in LISTING)
    if not intent.files or not listing or not holds(data, _CALLS):
        return False
    return b"__file__" in (data if held is None else held) or names_part(intent, data)


def listing_findings(view: View, text: Text, tree: ast.Module) -> Iterator[Finding]:
    """A finding for each place that lists a folder, where it finds less or more after the phase.

    One whose path or pattern follows finds what it found.
    """
    joined = Joined(view, text, tree)
    following: list[int] | None = None
    calls = (node for node in every_node(tree) if isinstance(node, ast.Call))
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        folder, pattern = _listed(joined, node)
        if folder is None:
            continue
        deep = called(node) in ("rglob", "walk") or "/" in pattern
        told = _told(view.intent, folder, pattern.rpartition("/")[2] or "*", deep=deep)
        if told and following is None:
            found = (*joined_edits(view, text, tree), *path_edits(view, text, tree))
            following = [edit.start for edit in found if isinstance(edit, Edit)]
        start = text.offset(node.lineno, node.col_offset)
        end = text.offset(node.end_lineno or 1, node.end_col_offset or 0)
        if told and not any(start <= at < end for at in following or ()):
            yield Finding(
                "found-at-run-time", f"files of {folder.old or 'the top'} are listed here; {told}", Weight.REVIEW,
                Place(view.path, node.lineno), "look whether it is missed, or may be found",
            )  # fmt: skip


def _listed(joined: Joined, node: ast.Call) -> tuple[Start | None, str]:
    """The folder that a call lists, and the pattern by which it does; None for any other call."""
    name = called(node)
    if name not in _METHODS and name not in _FUNCTIONS and name != "iglob":
        return None, ""
    of_module = not isinstance(node.func, ast.Attribute) or ast.unparse(node.func.value) in ("os", "glob")
    if name in _METHODS and isinstance(node.func, ast.Attribute) and not of_module:
        return joined.meant(node.func.value), "".join(strings(node.args[:1]))
    if name in _FUNCTIONS and of_module and node.args:
        return joined.meant(node.args[0]), ""
    if name in ("glob", "iglob") and node.args:
        root, parts = joined.taken_apart(node.args[0])
        if not parts:
            folder, _, pattern = "".join(strings([root])).rpartition("/")
            return (Start(folder, joined.where.image(folder) or folder), pattern) if pattern else (None, "")
        written = strings(parts[-1:])
        start = joined.meant(root)
        return joined.inside(start, parts[:-1]) if len(parts) > 1 else start, "".join(written)
    return None, ""


def _told(intent: Intent, folder: Start, pattern: str, *, deep: bool) -> str:
    """What leaves a folder and what joins it, in words; "" for nothing."""

    def listed(path: str, where: str) -> bool:
        inside = beneath(path, where or ".") if deep else posixpath.dirname(path) == where
        return inside and fnmatchcase(posixpath.basename(path), pattern)

    leaving = [old for old, new in intent.files.items() if listed(old, folder.old) and not listed(new, folder.new)]
    joining = [new for old, new in intent.files.items() if listed(new, folder.new) and not listed(old, folder.old)]
    told = [_words(leaving, "leaves it", "leave it"), _words(joining, "joins them", "join them")]
    return ", ".join(part for part in told if part)


def _words(paths: Sequence[str], one: str, several: str) -> str:
    if not paths:
        return ""
    return f"{min(paths)} {one}" if len(paths) == 1 else f"{min(paths)} and {len(paths) - 1} more {several}"

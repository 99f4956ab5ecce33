"""Folders that come beside those whose code they take: what names the one may have to name the other as well."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.verify.lineage import Lineage

from .uses import is_ours, is_prose

_CONFIGURES = (
    ".toml", ".cfg", ".ini", ".yml", ".yaml", ".json", ".sh", ".mk", ".in", ".conf", ".env", ".tf", ".hcl",
    ".dockerfile",
)  # fmt: skip
_COPIED = lazy(rb"[ \t]*(?:COPY|ADD)[ \t]+(?:\S+[ \t]+)*\Z")  # what stands before a path of an instruction
_SET = lazy(  # `source = `, `packages: `, `--cov=`: what is set to folders
    rb"(?:^|\n)[ \t]*-?[ \t]*(?:source|packages?|testpaths|files|src|paths?|known[_-]first[_-]party|include|where)"
    rb"[ \t]*[=:][^\n]*\Z|--(?:cov|source|package|include)[= \t]\Z"
)


def beside(before: Inventory, after: Inventory, intent: Intent) -> Iterator[Finding]:
    """`folder-not-named`: a file names a folder, and not the one beside it that takes some of its modules.

    Files of Python and prose are left out: imports follow by themselves.
    """
    lineage = Lineage(before, after, intent)
    folders = _folders(before.tree.paths)
    pairs: dict[tuple[str, str], int] = {}
    for path in after.tree.files((".py",)):
        added = [above for above in _above(path) if above not in folders] if path not in before.tree else []
        if added:
            fresh, parent = added[-1], posixpath.dirname(added[-1])
            for source in lineage.sources(path):
                sibling = _child(source, parent)
                if sibling and sibling in folders:
                    pairs[sibling, fresh] = pairs.get((sibling, fresh), 0) + 1
    files = [path for path in after.tree.paths if _configures(after, path)] if pairs else []
    for (old, new), number in sorted(pairs.items()):
        yield from _named(after, files, old, new, number)


def _folders(paths: Iterable[str]) -> set[str]:
    """The folders that files lie in."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _configures(after: Inventory, path: str) -> bool:
    """True for files that set something up, and those that say who owns what."""
    base, entry = path.rpartition("/")[2], after.tree.entry(path)
    named = path.endswith(_CONFIGURES) or base.startswith(("Dockerfile", "Containerfile")) or "." not in base
    return named and entry is not None and entry.is_file and (base == "CODEOWNERS" or not is_prose(path))


def _named(after: Inventory, files: Iterable[str], old: str, new: str, number: int) -> Iterator[Finding]:
    words = {old.encode(), old.replace("/", ".").encode()}
    for path in files:
        data = after.tree.read(path)
        named = any(word in data for word in words) and not is_ours(path, data)
        both = [_places(path, data, folder) for folder in (old, new)] if named else []
        start = next((at for at in both[0] if not any(_near(data, at, other) for other in both[1])), -1) if both else -1
        if start >= 0:
            modules = f"{number} of its modules go" if number > 1 else "one of its modules goes"
            yield Finding(
                "folder-not-named", f"{old} is named here, and {new}, where {modules}, is not", Weight.REVIEW,
                Place(path, data.count(b"\n", 0, start) + 1), f"name {new} as well, where it is meant, too",
            )  # fmt: skip


def _places(path: str, data: bytes, folder: str) -> list[int]:
    """Where a file names a folder as such."""
    spelled = rb"(?<![\w./-])(\./|/)?" + re.escape(folder.encode())
    spelled += rb"(?:(/)(?=[*\s\"':,|)]|\Z)|(?=[*\s\"',:;\])]|\Z))"
    whole = rb"(?<![\w.])" + re.escape(folder.replace("/", ".").encode()) + rb"\.\*"  # all modules of a package
    found = [found.start() for found in re.finditer(spelled, data) if _is_folder(path, data, found)]
    return found + [found.start() for found in re.finditer(whole, data)]


def _near(data: bytes, one: int, other: int) -> bool:
    """True for two places with no blank line and no heading of a section between them."""
    between = data[min(one, other) : max(one, other)]
    return b"\n\n" not in between and b"\n[" not in between


def _is_folder(path: str, data: bytes, found: re.Match[bytes]) -> bool:
    """True where a folder is meant: by a slash, as what is copied, in a list of TOML, as what a setting names."""
    start, end = found.span()
    if found[1] or found[2] or b"/" in found[0]:
        return True
    line = data[data.rfind(b"\n", 0, start) + 1 : start]
    if path.endswith(".toml") and data[start - 1 : start] in (b"'", b'"'):
        return data[end : end + 1] in (data[start - 1 : start], b"*")
    return bool(_COPIED.match(line)) or bool(_SET.search(data[max(0, start - 300) : start]))


def _above(path: str) -> list[str]:
    """The folders that a path lies in, the innermost first."""
    found: list[str] = []
    while path := posixpath.dirname(path):
        found.append(path)
    return found


def _child(path: str, parent: str) -> str:
    """The folder directly in `parent` that a path lies in; "" where it lies elsewhere, or in `parent` itself."""
    return next((above for above in _above(path) if posixpath.dirname(above) == parent), "")

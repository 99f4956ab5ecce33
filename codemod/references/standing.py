"""Why an old name may stand where it stands: what was drawn from the sources, names of documents, what is told."""

from __future__ import annotations

import posixpath

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.text import line_start
from codemod.source.tree import Tree

from .old import FAR, Hit
from .prose import is_table, was_once

_METADATA = lazy(r"(?:.*/)?(?:[^/]+\.(?:egg|dist)-info/.*|PKG-INFO)")
_CATALOG = (".po", ".pot")
_BUILT = ("searchindex.js", "objects.inv")  # what documentation generators leave in the folder of their output
_LOCKS = frozenset({"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "package-lock.json", "yarn.lock"})
_DOCUMENTS = ("", ".rst", ".md", ".txt", ".ipynb")
_FRONT = lazy(rb"[\w\x80-\xff./-]*\Z")
_BACK = lazy(rb"[\w\x80-\xff./-]*")
_NEXT = lazy(rb"[.:](?P<name>[^\W\d]\w*)")


def derived(tree: Tree, path: str) -> str:
    """What made the file, where no hand did; "" where it is a source."""
    if _METADATA.fullmatch(path):
        return "metadata that a build writes"
    if path.endswith(_CATALOG):
        return "a catalog of texts that is drawn from the sources"
    if posixpath.basename(path) in _LOCKS:
        return "a lock file"
    if path.endswith((".html", ".js", ".css", ".json", ".txt")):
        folder = posixpath.dirname(path)
        while True:
            if any(posixpath.join(folder, mark) in tree for mark in _BUILT):
                return "built documentation"
            if not folder:
                break
            folder = posixpath.dirname(folder)
    return ""


def standing(before: Inventory, after: Inventory, path: str, data: bytes, hit: Hit) -> str:
    """Why an occurrence outside code is no reference to what moved; "" where it may be one."""
    return _document(after.tree, path, data, hit) or _missing(before, data, hit) or _told(data, hit)


def _document(tree: Tree, path: str, data: bytes, hit: Hit) -> str:
    """`docs/app.user.rst`, or `app.user` in a table of contents beside it."""
    front, back = _FRONT.search(data, max(0, hit.start - FAR), hit.start), _BACK.match(data, hit.end, hit.end + FAR)
    written = data[front.start() if front else hit.start : back.end() if back else hit.end].decode("utf-8", "replace")
    for folder in dict.fromkeys([posixpath.dirname(path), ""]):
        for suffix in _DOCUMENTS:
            found = posixpath.normpath(posixpath.join(folder, written.lstrip("/") + suffix))
            if found in tree:
                return f"the name of {found}"
    return ""


def _missing(before: Inventory, data: bytes, hit: Hit) -> str:
    """`app.user.Gone`, which named nothing before either."""
    module = before.modules.get(hit.name)
    found = _NEXT.match(data, hit.end)
    if hit.is_path or module is None or not module.path or found is None:
        return ""
    name, facts = found["name"].decode(), before.read(module.path)
    if isinstance(facts, Unparsable) or facts.lazy or any(statement.is_star for statement in facts.imports):
        return ""
    if name.startswith("__") or name in facts.bound or names.join(hit.name, name) in before.modules:
        return ""
    return f"there was no {name} in {hit.name} before either"


def _told(data: bytes, hit: Hit) -> str:
    start = max(line_start(data, hit.start), hit.start - FAR)
    front = data[start : hit.start].decode("utf-8", "replace")
    return "tells what was once" if was_once(front) else "a table of a query" if is_table(front) else ""

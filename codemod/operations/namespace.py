"""`__init__` files for a package that has none."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base import names
from codemod.source.inventory import Inventory
from codemod.source.modules import at_root, detect_roots


def init_files(inventory: Inventory, package: str, root: str) -> Iterator[str]:
    """The `__init__.py` files that must be made so that `package` is a regular package of that name.

    The packages above it get one too where source roots are detected rather than given: a regular package in a
    plain folder would otherwise make that folder a source root, and the package's name another one.
    """
    own = posixpath.join(at_root(root, package.replace(".", "/")), "__init__.py")
    missing = []
    for name in names.prefixes(package):
        path = posixpath.join(at_root(root, name.replace(".", "/")), "__init__.py")
        if path not in inventory.tree:
            missing.append(path)
    if own not in missing:
        return
    known = set(detect_roots(inventory.tree.paths))
    detected = known == set(inventory.modules.roots)
    astray = detected and not set(detect_roots([*inventory.tree.paths, own])) <= known
    yield from missing if astray else [own]

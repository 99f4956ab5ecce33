"""Packages that a build names one by one: `packages=["app", "app.core"]` in `setup.py`, `setup.cfg`, `pyproject.toml`.

A new package that such a list lacks is missing from what is built, and one that is gone stops the build.
"""

from __future__ import annotations

import ast
import configparser
import posixpath
import tomllib
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.source.facts import parse_as_is
from codemod.source.inventory import Inventory
from codemod.source.nodes import every_node

_FILES = ("setup.py", "setup.cfg", "pyproject.toml")


def unlisted(before: Inventory, after: Inventory) -> Iterator[Finding]:
    """A finding for each list that the phase makes wrong."""
    changed = [(path, entry) for path, _, entry in before.tree.delta(after.tree) if path.endswith("/__init__.py")]
    made = [after.modules.at(path) for path, entry in changed if entry is not None]
    fresh = sorted({module.name for module in made if module is not None and before.modules.get(module.name) is None})
    left = [before.modules.at(path) for path, entry in changed if entry is None]
    gone = {module.name for module in left if module is not None and after.modules.get(module.name) is None}
    for path in after.tree.files(_FILES) if fresh or gone else ():
        listed = _listed(path, after.tree.read(path)) if posixpath.basename(path) in _FILES else {}
        lacking = [name for name in fresh if name not in listed and _above(before, name) in listed]
        stale = sorted(gone & listed.keys())
        for found, what, advice in (
            (lacking, "is a new package that this list does not name", "add it, or it is missing from what is built"),
            (stale, "is named in this list, and is no package any more", "take it out, or the build stops there"),
        ):
            if found:
                first = found[0]
                line = listed[first if first in listed else _above(before, first)]
                more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
                yield Finding("package-not-listed", f"{first}{more} {what}", Weight.REVIEW, Place(path, line), advice)


def _above(before: Inventory, name: str) -> str:
    """The nearest package above a new one that was there before."""
    name = names.parent(name)
    while name and before.modules.get(name) is None:
        name = names.parent(name)
    return name


def _listed(path: str, data: bytes) -> dict[str, int]:
    """The packages that a file lists, with their lines; none where they are found by a search."""
    try:
        text = data.decode("utf-8")
        if path.endswith(".py"):
            return _in_script(parse_as_is(data))
        if path.endswith(".cfg"):
            parser = configparser.RawConfigParser()
            parser.read_string(text)
            said: object = parser.get("options", "packages", fallback="").replace(",", "\n").split()
        else:
            said = tomllib.loads(text).get("tool", {}).get("setuptools", {}).get("packages")
    except (SyntaxError, ValueError, AttributeError, RecursionError, configparser.Error):
        return {}
    found = [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
    lines = text.splitlines()
    return {name: next((n for n, line in enumerate(lines, 1) if name in line), 1) for name in found}


def _in_script(tree: ast.Module) -> dict[str, int]:
    """The literals in the list behind `packages`, be it an argument, a key or a name."""
    values: list[ast.expr] = []
    for node in every_node(tree):
        if isinstance(node, ast.keyword) and node.arg == "packages":
            values.append(node.value)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            values += [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "packages"]
        elif isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["packages"]:
            values.append(node.value)
    inside = [node for value in values for node in ast.walk(value)]
    if any(isinstance(node, ast.Call) for node in inside):
        return {}
    lists = [node for node in inside if isinstance(node, (ast.List, ast.Tuple))]
    literals = [one for node in lists for one in node.elts if isinstance(one, ast.Constant)]
    return {one.value: one.lineno for one in reversed(literals) if isinstance(one.value, str)}

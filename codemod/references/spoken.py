"""Calls whose argument is a dotted name: what they are called in a file, and with which names such arguments begin."""

from __future__ import annotations

import ast

from codemod.base.patterns import lazy
from codemod.source.nodes import every_node
from codemod.source.sieve import holds

from .byname import called

IMPORTING = frozenset({
    "import_module", "__import__", "find_spec", "resolve_name", "import_string", "import_object", "run_module",
    "import_from_string", "load_object", "reload", "importorskip",
})  # fmt: skip
"""Calls whose argument is a module name: the import system's, and the names frameworks give to the same thing."""

LOADING = frozenset({"import_module", "__import__", "find_spec", "run_module", "importorskip", "reload"})
"""Those that take a module and nothing in it."""

ANCHORED = frozenset({"import_module", "find_spec", "resolve_name"})
"""Those that take a relative name and the package that it starts from."""

PACKAGED = frozenset({
    "read_text", "read_binary", "open_text", "open_binary", "is_resource", "contents", "path", "get_data",
    "resource_filename", "resource_string", "resource_stream", "resource_exists", "resource_listdir", "resource_isdir",
})  # fmt: skip
"""Those that take a package and the names of files in it."""

READING = PACKAGED | {"files", "as_file"}
"""Those that read data of packages; other code calls something else so."""

RESOURCES = frozenset({"resources", "importlib_resources", "pkg_resources", "pkgutil"})
"""What they are called on."""

_RESOURCE_WORDS = (b"resources", b"pkgutil")
_RESOURCES = lazy(rb"\b(?:importlib(?:[._]|\s+import\b[^\n]*\b)resources|pkg_resources|pkgutil)\b")

TARGETED = IMPORTING | PACKAGED | frozenset({
    "patch", "patch.object", "setattr", "delattr", "files", "as_file", "run", "Celery", "autodiscover_tasks",
    "PackageLoader", "cast", "TypeVar", "ForwardRef", "NewType", "include", "mock_patch", "multiple",
    "loadTestsFromName", "loadTestsFromNames", "DocTestSuite", "set_forkserver_preload", "get_source", "get_code",
    "get_filename", "is_package", "load_module", "find_module", "find_loader", "get_loader",
})  # fmt: skip
"""Calls whose string argument is a dotted name when it resolves to something of ours."""

NAMED = frozenset({
    "locate", "EntryPoint", "ModuleType", "ModuleSpec", "spec_from_file_location", "spec_from_loader",
    "SourceFileLoader", "Flask", "Blueprint",
})  # fmt: skip
"""Calls one of whose arguments may be a module name among other texts."""

_ALIASED = IMPORTING | {"patch"}


def may_read_resources(data: bytes) -> bool:
    """True when a file imports what reads data of packages; a cheap question."""
    return holds(data, _RESOURCE_WORDS) and _RESOURCES.search(data) is not None


def spoken(tree: ast.Module) -> dict[str, str]:
    """The names under which a file calls what imports: `from importlib import import_module as im`, `im = ...`."""
    found: dict[str, str] = {}
    for node in every_node(tree):
        if isinstance(node, ast.ImportFrom):
            found.update({a.asname: a.name for a in node.names if a.asname and a.name in _ALIASED})
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute)):
            name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if name in IMPORTING:
                found.update({target.id: name for target in node.targets if isinstance(target, ast.Name)})
    return found


def compared_by(tree: ast.Module, data: bytes) -> frozenset[str]:
    """Names whose values are compared with the name of a module: `x.__module__ in ALLOWED`."""
    if b"__module__" not in data and b"__name__" not in data:
        return frozenset()
    found: set[str] = set()
    for node in every_node(tree):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        if any(gives_module(side) for side in sides):
            found.update(side.id for side in sides if isinstance(side, ast.Name))
    return frozenset(found)


def gives_module(node: ast.AST) -> bool:
    """`x.__module__`, `getattr(x, "__module__")`, `frame.f_globals["__name__"]`, `namespace.get("__name__", "")`."""
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        key = node.slice
    elif isinstance(node, ast.Call) and len(node.args) > 1 and called(node) == "getattr":
        return isinstance(node.args[1], ast.Constant) and node.args[1].value == "__module__"
    elif isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        key = node.args[0]
    if key is not None:
        return isinstance(key, ast.Constant) and key.value in ("__module__", "__name__")
    return isinstance(node, ast.Attribute) and node.attr == "__module__"


def headed_by(tree: ast.Module) -> frozenset[str]:
    """Names with which the name that a call takes begins: `patch(f"{M}.load")`, `patch(M + ".load")`, `patch(M)`."""
    found = set()
    for node in every_node(tree):
        if not isinstance(node, ast.Call) or not node.args or called(node) not in TARGETED:
            continue
        first = node.args[0]
        while isinstance(first, ast.BinOp):
            percent = isinstance(first.op, ast.Mod) and isinstance(first.left, ast.Constant)
            first = first.right if percent else first.left
        if isinstance(first, ast.JoinedStr) and first.values and isinstance(first.values[0], ast.FormattedValue):
            first = first.values[0].value
        if isinstance(first, ast.Name):
            found.add(first.id)
    return frozenset(found)


def level_of(node: ast.Call) -> int:
    """How many dots stand for the front of the name, -1 where that is not written as a number."""
    level = argument_of(node, 4, "level")
    if level is None:
        return 0
    return level.value if isinstance(level, ast.Constant) and isinstance(level.value, int) else -1


def argument_of(node: ast.Call, place: int, name: str) -> ast.expr | None:
    """The argument of a call that has this place or this keyword; five at most."""
    return next((k.value for k in node.keywords if k.arg == name), [*node.args, *[None] * 5][place])

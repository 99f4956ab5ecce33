"""Data that code finds by the name of its own package: `files(__package__) / "data"`, `get_data(__name__, "x.txt")`.

A module that moves to another package goes on reading what it read: the package is named where it would be another.
"""

from __future__ import annotations

import ast
import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit
from codemod.source.modules import below_root
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .byname import called
from .view import View
from .webfolders import folder_edits
from .whereabouts import Whereabouts, binds, parents, strings, tail_of

_READERS = frozenset({
    "open_text", "open_binary", "read_text", "read_binary", "path", "is_resource", "contents", "get_data",
    "resource_filename", "resource_string", "resource_stream", "resource_exists", "resource_listdir", "resource_isdir",
})  # fmt: skip
"""Of importlib.resources, pkgutil and pkg_resources: a package, or a module beside the data, and what to read of it."""

_LOADERS = {"PackageLoader": ("templates",)}
"""What takes a package for the folder of what it loads: Jinja's loader, with where it looks first."""

READING = _READERS | _LOADERS.keys() | {"files"}
"""Calls that take a package, or a module in it, and read beside it."""

_WORDS = (b"__package__", b"__name__", b"__spec__")


def may_read_own(view: View, data: bytes) -> bool:
    """True when the file comes to another package and may read data by its name; a cheap question."""
    return view.moves and any(word in data for word in _WORDS)


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of a module before and after the phase, the source root above them, and what moves in words.

    `along` where its package moves as a whole, so that the package's name means what it meant.
    """

    old: str
    new: str
    root: str
    moves: str
    along: bool = False


def own_package_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edits to what names the file's own package to read from it; findings where nobody can tell."""
    where = Whereabouts(view)
    old, new = (posixpath.dirname(path) for path in (view.path, view.intent.files.get(view.path, view.path)))

    def way(value: str) -> str | None:
        named = posixpath.normpath(posixpath.join(old, value))
        image = where.image(named) if where.exists(named) else None
        found = posixpath.relpath(image, new or ".") if image is not None else value
        return found if found != value else None

    yield from folder_edits(text, tree, way)
    own = view.inventory.modules.at(view.path)
    moves = f"the file moves from {view.package or 'the top'} to {view.new_package or 'the top'}"
    home = Home(old, new, own.root if own is not None else "", moves)
    yield from reading_edits(view, text, tree, home, _own)


def reading_edits(
    view: View, text: Text, tree: ast.Module, home: Home, kind: Callable[[ast.AST], str]
) -> Iterator[Edit | Finding]:
    """The edits to what names the package of the module at `home` to read from it.

    `kind` tells what an expression gives: "package" for the package's name, "module" for the module or its name.
    """
    above, where = parents(tree), Whereabouts(view)
    for node in every_node(tree):
        call = above.get(node)
        if not isinstance(node, ast.expr) or not kind(node):
            continue
        if isinstance(call, ast.Call) and call.args and call.args[0] is node:
            yield from _read(view, text, where, call, node, home, _behind(above, call))
        elif kind(node) == "package" and _handed_on(above, node):
            reading = _readers(tree, above, node)
            if not reading and not home.along:
                yield _told(view, node, home, "is another package's")
            for call in reading[:1]:
                yield from _read(view, text, where, call, node, home, _behind(above, call))


def _own(node: ast.AST) -> str:
    """ "package" for what gives the name of the file's package, "module" for its own name."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return {"__package__": "package", "__name__": "module"}.get(node.id, "")
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "__spec__":
        return {"parent": "package", "name": "module"}.get(node.attr, "")
    return ""


def _behind(above: Mapping[ast.AST, ast.AST], call: ast.Call) -> tuple[str, ...] | None:
    """What may be read below the package's folder, "" for anything; None for a call that reads nothing."""
    function = called(call)
    if function == "files":
        return (tail_of(above, call),)
    if function in _READERS:
        return tuple(strings(call.args[1:2])) or ("",)
    if function in _LOADERS:
        return tuple(strings(call.args[1:2])) or _LOADERS[function]
    return None


def _read(
    view: View, text: Text, where: Whereabouts, call: ast.Call, node: ast.expr, home: Home,
    behind: tuple[str, ...] | None,
) -> Iterator[Edit | Finding]:  # fmt: skip
    if called(call) in _LOADERS:
        behind = tuple(tail for tail in behind or () if where.exists(posixpath.join(home.old, tail)))
    for tail in behind or ():
        goal = where.goal(home.old, tail)
        if goal.folder == home.new:
            continue
        package = _package(goal.folder, home.root)
        if package is None:
            yield _told(
                view, node, home, goal.lost or f"led to {goal.named or 'the top'}, which is not beside it any more"
            )
            return
        start = text.offset(node.lineno, node.col_offset)
        end = text.offset(node.end_lineno or 1, node.end_col_offset or 0)
        yield Edit(start, end, f'"{package}"'.encode(), f"{goal.named} is read from {package}", not goal.sure)
        return


def _package(folder: str | None, root: str) -> str | None:
    """The dotted name of a folder below a source root; None where it has none."""
    inner = below_root(folder, root) if folder and root else None
    return inner.replace("/", ".") if inner and all(part.isidentifier() for part in inner.split("/")) else None


def _handed_on(above: Mapping[ast.AST, ast.AST], node: ast.AST) -> bool:
    """True when the value is kept, or made into something else: nobody knows what it is used for."""
    outer = above.get(node)
    while isinstance(outer, (ast.BoolOp, ast.IfExp, ast.NamedExpr)):
        node, outer = outer, above.get(outer)
    if isinstance(outer, (ast.Assign, ast.AnnAssign, ast.Return, ast.FormattedValue)):
        return True
    return isinstance(outer, ast.BinOp) and isinstance(outer.op, (ast.Add, ast.Mod))


def _readers(tree: ast.Module, above: Mapping[ast.AST, ast.AST], node: ast.AST) -> list[ast.Call]:
    """The calls that read by a name which is bound once in the file, to this; none where it is used for more."""
    outer = above.get(node)
    while isinstance(outer, (ast.BoolOp, ast.IfExp)):
        outer = above.get(outer)
    target = outer.targets[0] if isinstance(outer, ast.Assign) else None
    if not isinstance(target, ast.Name) or Counter(binds(tree))[target.id] != 1:
        return []
    found: list[ast.Call] = []
    for use in every_node(tree):
        if isinstance(use, ast.Name) and use.id == target.id and use is not target:
            call = above.get(use)
            if isinstance(call, ast.Call) and call.args[:1] == [use] and _behind(above, call) is not None:
                found.append(call)
            elif not isinstance(call, (ast.UnaryOp, ast.Compare, ast.If, ast.BoolOp)):
                return []
    return found


def _told(view: View, node: ast.expr, home: Home, what: str) -> Finding:
    message = f"{ast.unparse(node)} {what}; {home.moves}"
    return Finding(
        "own-name-moves", message, Weight.REVIEW, Place(view.path, node.lineno), "name the package that is meant"
    )

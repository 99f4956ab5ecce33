"""Where files and folders that code names by its own place are after the phase."""

from __future__ import annotations

import ast
import posixpath
from bisect import bisect_left
from collections.abc import Iterator, Mapping

from codemod.base.values import dataclass
from codemod.source.nodes import children, every_node

from .byname import called
from .view import View


@dataclass(frozen=True, slots=True)
class Goal:
    """A folder that code leads to: where it is after the phase, or in words why that cannot be said."""

    named: str  # the file or folder that is named, before
    folder: str | None
    sure: bool = False  # what is named behind the folder is there
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The repository's files before and after, as one file sees them."""

    view: View

    def goal(self, folder: str, tail: str) -> Goal:
        """Where `folder` has to be for `tail` behind it to name what it named before."""
        named = posixpath.normpath(posixpath.join(folder, tail)) if tail else folder
        named = "" if named == "." else named
        wanted, sure = self.image(folder), bool(tail) and self.exists(named)
        if sure:
            image = self.image(named)
            if image is not None and ".." not in tail and f"/{image}".endswith(f"/{tail}"):
                wanted = image[: -len(tail)].rstrip("/")
            elif image != named:
                why = f"leads to {named}, which is elsewhere or under another name after the phase"
                return Goal(named, None, sure, why)
        if wanted is None:
            return Goal(named, None, sure, f"leads to {folder or 'the top'}, whose files go several ways")
        return Goal(named, wanted, sure)

    def image(self, path: str) -> str | None:
        """Where a file or folder is after the phase; None where what was in the folder has gone several ways."""
        files, paths = self.view.intent.files, self.view.inventory.tree.paths
        if path in self.view.inventory.tree:
            return files.get(path, path)
        prefix = path + "/" if path else ""
        found: set[str] = set()
        for number in range(bisect_left(paths, prefix), len(paths)):
            inner = paths[number]
            if not inner.startswith(prefix):
                break
            tail, new = inner[len(prefix) :], files.get(inner, inner)
            if new == inner:
                return path
            found.add(new[: -len(tail)].rstrip("/") if new.endswith("/" + tail) else "\n")
        return found.pop() if len(found) == 1 and "\n" not in found else None

    def exists(self, path: str) -> bool:
        """True for a file or folder of the tree before."""
        tree = self.view.inventory.tree
        if path in tree or not path:
            return True
        at = bisect_left(tree.paths, path + "/")
        return at < len(tree.paths) and tree.paths[at].startswith(path + "/")


def up(folder: str, steps: int) -> str | None:
    """The folder that many steps above a file in `folder`; None above the top."""
    for _ in range(steps - 1):
        if not folder:
            return None
        folder = posixpath.dirname(folder)
    return folder


def binds(tree: ast.AST) -> Iterator[str]:
    """The names that a file binds, as often as it does so; a name that is declared global counts twice."""
    for node in every_node(tree):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names * 2  # written elsewhere too


def parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """What each node stands in."""
    return {child: node for node in every_node(tree) for child in children(node)}


def tail_of(above: Mapping[ast.AST, ast.AST], folder: ast.expr) -> str:
    """What is written behind a folder: `a/b` of `folder / "a" / "b"`; "" where nothing is known of it."""
    parts: list[str] = []
    node: ast.AST = folder
    while True:
        outer = above.get(node)
        written: list[ast.expr] = []
        if isinstance(outer, ast.BinOp) and outer.left is node and isinstance(outer.op, (ast.Div, ast.Add)):
            written = [outer.right]
        elif isinstance(outer, ast.Attribute) and outer.attr == "joinpath":
            call = above.get(outer)
            written, outer = (list(call.args), call) if isinstance(call, ast.Call) else ([], outer)
        elif isinstance(outer, ast.Call) and called(outer) == "join" and outer.args and outer.args[0] is node:
            written = outer.args[1:]
        known = strings(written)
        parts += known
        if not written or len(known) < len(written) or outer is None:
            return "/".join(part.strip("/") for part in parts)
        node = outer


def strings(expressions: list[ast.expr]) -> list[str]:
    """The values of those that are string literals, or `os.pardir`."""
    found = []
    for one in expressions:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            found.append(one.value)
        elif isinstance(one, (ast.Name, ast.Attribute)) and ast.unparse(one).rpartition(".")[2] == "pardir":
            found.append("..")
    return found

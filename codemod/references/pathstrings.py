"""Paths of files that code hands to what runs or opens them: `subprocess.run([sys.executable, "app/job.py"])`."""

from __future__ import annotations

import ast
import functools
import posixpath
from collections.abc import Container, Iterator

from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .byname import called
from .literals import bodies
from .paths import path_after
from .setupfile import is_setup
from .view import View

_ENDING = lazy(rb"\.pyi?[\"']")  # which begins with a literal, and is found fast
_QUOTED = lazy(rb"[\"'](?:[\w.-]+/)+[\w.*?-]+\.pyi?[\"']")
_MATCHING = lazy(rb"\bi?glob\(\s*[\"'][^\"'\r\n]*[*?][^\"'\r\n]*\.pyi?[\"']")
_PATH = lazy(rb"[\"'](?:\./)?((?:[\w.-]+/)+[\w.-]+)/?[\"']")
_SAYING = lazy(
    r"(?i)(?!.*(?:ur[li]|route|link))(?:.*_)?(?:cwd|dirs?|directory|directories|paths?|folders?|files?|filename)$"
)
_ROUTED = frozenset({"path", "paths", "sources"})  # keywords of addresses too, or looked at elsewhere
_TAKING = frozenset({
    "run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "execv", "execvp", "spawnv",
    "create_subprocess_exec", "run_path", "spec_from_file_location", "SourceFileLoader", "open", "Path", "exists",
    "isfile", "glob", "iglob", "isdir", "listdir", "scandir", "Extension",
})  # fmt: skip


def may_hold_paths(view: View, data: bytes) -> bool:
    """True when a string may be the path of a Python file, or of another one that moves; a cheap question."""
    intent = view.intent
    other = _data(intent)
    if other and any(found[1] in other for found in _PATH.finditer(data)):
        return True
    if b".py" not in data or _ENDING.search(data) is None:
        return False
    if any(name in data for name in _flat(intent)):
        return True
    return _QUOTED.search(data) is not None or _MATCHING.search(data) is not None


@functools.lru_cache(maxsize=4)
def _data(intent: Intent) -> frozenset[bytes]:
    """The files that move and are not Python's, and their folders."""
    found: set[str] = set()
    for old in intent.files:
        while old and not old.endswith((".py", ".pyi")) and old not in found:
            found.add(old)
            old = posixpath.dirname(old)
    return frozenset(path.encode() for path in found)


@functools.lru_cache(maxsize=4)
def _flat(intent: Intent) -> tuple[bytes, ...]:
    """The Python files at the top that move, in quotes."""
    flat = [old for old in intent.files if "/" not in old and old.endswith(".py")]
    return tuple(f"{quote}{old}{quote}".encode() for old in flat for quote in "\"'")


def may_match(intent: Intent, data: bytes, held: Container[bytes]) -> bool:
    """True when code may look for files that move by a pattern, which spells none of them; a cheap question.

    `held` tells whether it holds the word for it.
    """
    return bool(intent.files) and b"glob(" in held and _MATCHING.search(data) is not None


def path_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit]:
    """The edits to such paths, seen from the top of the repository, where programs are mostly started; for review."""
    top = replace(view, path="-")
    seen: set[int] = set()  # elements of a list that a call is given
    for node in every_node(tree):
        if isinstance(node, (ast.List, ast.Tuple)) and id(node) not in seen and _starts_python(node, tree):
            for part in node.elts[1:]:
                yield from _edit(top, text, part) if _value(part).endswith(".py") else ()
        for value in _said(node):
            for part in value.elts if isinstance(value, (ast.List, ast.Tuple)) else (value,):
                yield from _edit(top, text, part)
        if isinstance(node, ast.Call) and called(node) == "setup" and is_setup(view.path):
            for given in (keyword.value for keyword in node.keywords if keyword.arg == "scripts"):
                for part in given.elts if isinstance(given, (ast.List, ast.Tuple)) else ():
                    yield from _edit(top, text, part)
        if not isinstance(node, ast.Call) or called(node) not in _TAKING:
            continue
        seen.update(id(argument) for argument in node.args)
        folder = _folder(node)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "sources")):
            for part in argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else (argument,):
                if folder is None:
                    yield from _edit(top, text, part)
                else:
                    yield from _edit(top, text, folder, part)


def handed_over(node: ast.AST) -> Iterator[ast.expr]:
    """What a piece of code says or gives away as a path: arguments of `open` and its kin, values of `FIXTURE_DIRS`."""
    values = list(_said(node))
    if isinstance(node, ast.Call) and called(node) in _TAKING:
        values += node.args
    for value in values:
        yield from value.elts if isinstance(value, (ast.List, ast.Tuple)) else (value,)


def _said(node: ast.AST) -> Iterator[ast.expr]:
    """The values of names and keywords that say that they are paths: `FIXTURE_DIRS = ["app/fixtures"]`."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and _SAYING.match(target.id):
            yield node.value
    elif isinstance(node, ast.keyword) and node.arg and node.arg not in _ROUTED and _SAYING.match(node.arg):
        yield node.value


def _starts_python(node: ast.List | ast.Tuple, tree: ast.Module) -> bool:
    """True for the words of a command that begins with this very interpreter, whoever is given them."""
    first = node.elts[0] if len(node.elts) > 1 else None
    if isinstance(first, ast.Name):
        values = [
            one.value for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == first.id
        ]
        first = values[0] if len(values) == 1 else None
    return first is not None and ast.unparse(first) == "sys.executable"


def _folder(node: ast.Call) -> ast.expr | None:
    """`Path("app/services")` in `Path("app/services").glob("x_*.py")`."""
    home = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "glob" else None
    return home.args[0] if isinstance(home, ast.Call) and called(home) == "Path" and len(home.args) == 1 else None


def _edit(top: View, text: Text, node: ast.expr, inner: ast.expr | None = None) -> Iterator[Edit]:
    """The edit to a path; with `inner` to the folder in which a pattern looks."""
    written, pattern = _value(node), _value(inner)
    whole = f"{written}/{pattern}" if pattern else written
    flat = whole.encode() in {name[1:-1] for name in _flat(top.intent)}
    if not written or not ("/" in whole or flat) or (inner is not None and (not pattern or "/" in pattern)):
        return
    if inner is not None and "/" in written and path_after(top, written) is not None:
        return  # a folder that moves as a whole follows by itself
    new = path_after(top, whole)
    spans = bodies(text, node, written) if new is not None else []
    if new is not None and len(spans) == 1:
        new = new.removesuffix(f"/{pattern}") if pattern else new
        yield Edit(*spans[0], new.encode(), f"{written} -> {new} in a string", True)


def _value(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""

"""Which names a module has surely bound when it has run, whatever branch it took."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from .facts import is_type_checking

_LEAVING = {"exit", "_exit", "quit", "abort"}  # sys.exit(), os._exit(), quit()


def surely_bound(tree: ast.Module) -> frozenset[str]:
    """Names that are bound at the end of the module on every way through its statements.

    Loops may not run, handlers may take over, `del` takes away; where that cannot be told the name is left out.
    """
    return frozenset(_block(tree.body)[0])


def introduced(tree: ast.Module) -> frozenset[str]:
    """Names that module-level code gives on purpose: definitions, assignments, not loop or `with` names."""
    found: set[str] = set()
    todo: list[ast.stmt] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(_names(node.targets))
        elif isinstance(node, ast.AnnAssign) or type(node).__name__ == "TypeAlias":
            target = node.target if isinstance(node, ast.AnnAssign) else node.name  # type: ignore[attr-defined]  # 3.12
            found.update(_names([target]) if getattr(node, "value", None) is not None else ())
        elif isinstance(node, ast.If) and is_type_checking(node.test):
            todo += node.orelse
        else:
            todo += _inner(node)
    return frozenset(found)


def loggers(tree: ast.Module) -> frozenset[str]:
    """Names of loggers that a module makes for itself: `logger = logging.getLogger(__name__)`, whatever the library."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = node.value.func
            name = (
                called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            )
            named = any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.value))
            if named and name.lower().replace("_", "") == "getlogger":
                found |= _names(node.targets)
    return frozenset(found)


def main_guard(tree: ast.Module) -> int:
    """The line of `if __name__ == "__main__":` at module level, or 0."""
    for node in tree.body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
            sides = [node.test.left, *node.test.comparators]
            named = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
            if named and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides):
                return node.lineno
    return 0


def _inner(node: ast.stmt) -> list[ast.stmt]:
    inner = [child for field in ("body", "orelse", "finalbody") for child in getattr(node, field, [])]
    for part in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
        inner += part.body
    return inner


def _names(targets: Iterable[ast.expr]) -> set[str]:
    """Plain names in assignment targets, those in tuples included; not `a.b` or `a[0]`."""
    found: set[str] = set()
    for target in targets:
        if isinstance(target, ast.Name):
            found.add(target.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            found |= _names(target.elts)
        elif isinstance(target, ast.Starred):
            found |= _names([target.value])
    return found


_Bound = tuple[set[str], bool]  # names bound where the block ends, and True when it never ends (raise, exit)


def _block(body: Sequence[ast.stmt]) -> _Bound:
    bound: set[str] = set()
    for node in body:
        if isinstance(node, ast.Delete):
            bound -= _names(node.targets)
            continue
        if isinstance(node, (ast.Raise, ast.Return, ast.Continue, ast.Break)) or _leaves(node):
            return bound, True
        more, ends = _statement(node)
        bound |= more
        bound -= _deleted(node)
        if ends:
            return bound, True
    return bound, False


def _leaves(node: ast.stmt) -> bool:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    called = node.value.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in _LEAVING


def _deleted(node: ast.stmt) -> set[str]:
    """Names that a compound statement may take away again."""
    found: set[str] = set()
    todo = _inner(node) if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else []
    while todo:
        inner = todo.pop()
        if isinstance(inner, ast.Delete):
            found |= _names(inner.targets)
        elif not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            todo += _inner(inner)
    return found


def _statement(node: ast.stmt) -> _Bound:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}, False
    if isinstance(node, ast.Assign):
        return _names(node.targets), False
    if isinstance(node, ast.AnnAssign):
        return (_names([node.target]) if node.value is not None else set()), False
    if type(node).__name__ == "TypeAlias":
        return _names([node.name]), False  # type: ignore[attr-defined]  # ast.TypeAlias is new in 3.12
    if isinstance(node, ast.Import):
        return {a.asname or a.name.partition(".")[0] for a in node.names}, False
    if isinstance(node, ast.ImportFrom):
        return {a.asname or a.name for a in node.names if a.name != "*"}, False
    if isinstance(node, ast.If):
        ways = [_block(node.orelse)] if is_type_checking(node.test) else [_block(node.body), _block(node.orelse)]
        return _joined(ways)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return _with(node)
    if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
        return _try(node)
    if isinstance(node, ast.Match):
        last = node.cases[-1].pattern
        if isinstance(last, ast.MatchAs) and last.pattern is None and node.cases[-1].guard is None:
            return _joined([_block(case.body) for case in node.cases])
    return set(), False


def _joined(ways: Sequence[_Bound]) -> _Bound:
    """What holds after branches, whichever was taken; branches that never end do not count."""
    ending = [bound for bound, ends in ways if not ends]
    return (set.intersection(*ending), False) if ending else (set(), True)


def _with(node: ast.With | ast.AsyncWith) -> _Bound:
    targets = _names(item.optional_vars for item in node.items if item.optional_vars is not None)
    if any("suppress" in ast.unparse(item.context_expr) for item in node.items):
        return targets, False
    bound, ends = _block(node.body)
    return targets | bound, ends


def _try(node: ast.stmt) -> _Bound:
    body, handlers, orelse, final = (getattr(node, field) for field in ("body", "handlers", "orelse", "finalbody"))
    straight, ends = _block(body)
    if not ends:
        more, ends = _block(orelse)
        straight |= more
    ways = [(straight, ends), *(_block(handler.body) for handler in handlers)]
    joined, all_end = _joined(ways)
    always, final_ends = _block(final)
    return joined | always, all_end or final_ends

"""In which order a barrel imports its modules, and whether it may stand before the code that a hand wrote."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence

from codemod.base import names
from codemod.source.facts import Unparsable, is_type_checking, parse
from codemod.source.graph import Link, When, links_of
from codemod.source.inventory import Inventory
from codemod.source.ours import without_blocks
from codemod.source.text import Text, Undecodable

Imports = tuple[str, tuple[str, ...]]  # (module, names)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that counts digits as numbers and ignores case at first, as import sorters do."""
    parts = re.split(r"(\d+)", text)
    return (*((1, int(p), "") if p.isdigit() else (2, 0, p.lower()) for p in parts if p), (0, 0, text))


def member_key(name: str) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """CONSTANTS, then Classes, then the rest: ruff's and isort's `order-by-type`."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return kind, natural(name)


def import_order(
    inventory: Inventory, package: str, exports: Iterable[tuple[str, str]]
) -> tuple[tuple[Imports, ...], bool]:
    """The (module, names) to import, in order, and True when that is the sorted order.

    A module that takes a name from the package itself when it loads comes behind the module that defines it.
    """
    grouped: dict[str, list[str]] = {}
    home: dict[str, str] = {}
    for name, module in exports:
        grouped.setdefault(module, []).append(name)
        home[name] = module
    plain = sorted(grouped, key=natural)
    needs = _closed_needs(inventory, package)
    first = {m: {home[n] for n in needs.get(m, ()) if n in home} - {m} for m in plain}
    order: list[str] = []
    left = list(plain)
    while left:
        ready = next((module for module in left if first[module] <= set(order)), left[0])
        order.append(ready)
        left.remove(ready)
    return tuple((module, tuple(sorted(grouped[module], key=member_key))) for module in order), order == plain


def _loading(inventory: Inventory, package: str) -> dict[str, list[Link]]:
    """For each module below the package, what it imports from within the package when it loads."""
    return {
        module.name: [
            link
            for link in links_of(inventory, module)
            if link.when is When.LOAD and names.within(link.target, package)
        ]
        for module in inventory.modules.below(package)
        if module.path
    }


def needs_of(inventory: Inventory, package: str) -> frozenset[str]:
    """Names that modules below the package take from the package itself when they load."""
    loading = _loading(inventory, package)
    return frozenset(link.name for links in loading.values() for link in links if link.target == package and link.name)


def _closed_needs(inventory: Inventory, package: str) -> dict[str, set[str]]:
    """Module -> names that loading it takes from the package, through the modules below it that it imports."""
    loading = _loading(inventory, package)
    found: dict[str, set[str]] = {}
    for start in loading:
        seen, todo, wanted = {start}, [start], set()
        while todo:
            for link in loading.get(todo.pop(), ()):
                if link.target == package:
                    wanted.add(link.name)
                elif link.target not in seen:
                    seen.add(link.target)
                    todo.append(link.target)
        found[start] = wanted - {""}
    return found


def leading(body: Sequence[ast.stmt]) -> int:
    """How many of a module's first statements are its docstring and its imports (`__version__ = ...` between them)."""
    count = end = 0
    for number, node in enumerate(body):
        if number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            count = end = 1
        elif _is_import(node):
            count += 1
            end = count
        elif isinstance(node, ast.Assign) and all(_is_dunder(target) for target in node.targets):
            count += 1
        else:
            break
    return end


def _is_dunder(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id.startswith("__") and target.id.endswith("__")


def _is_import(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.If):
        return is_type_checking(node.test) and all(_is_import(inner) for inner in [*node.body, *node.orelse])
    if isinstance(node, ast.Try):
        inner = [*node.body, *node.orelse, *node.finalbody, *(s for h in node.handlers for s in h.body)]
        return any(_is_import(s) for s in inner) and all(_is_import(s) or isinstance(s, ast.Pass) for s in inner)
    return False


def settled_first(raw: bytes, needs: frozenset[str], behind: Collection[str] = ()) -> bool:
    """True when imports may be put before the code behind the leading imports of `raw`.

    Not so when that code does something other than to define names, or defines a name in `needs`; what `behind` says
    comes behind what is imported.
    """
    try:
        body = parse(Text.of(without_blocks(raw))).body
    except (Unparsable, Undecodable):
        return True
    return all(
        (is_inert(node) or ast.unparse(node) in behind) and not (_defines(node) & needs)
        for node in body[leading(body) :]
    )


def ran_behind(before: bytes, raw: bytes, needs: frozenset[str]) -> frozenset[str]:
    """What a module's code does that stood behind all definitions which have left it since: it may ask for them.

    `before` is the module with them, `raw` what is left; `needs` are names that have to be there before the rest is
    imported.  Nothing where something that is done, or such a name, stands in between.
    """
    try:
        old, new = parse(Text.of(before)).body, parse(Text.of(without_blocks(raw))).body
    except (Unparsable, Undecodable):
        return frozenset()
    kept = {name for node in new for name in _defines(node)}
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
    left = [number for number, node in enumerate(old) if isinstance(node, defining) and _defines(node) - kept]
    if not left:
        return frozenset()
    said = {ast.unparse(node) for node in old[left[-1] + 1 :] if not is_inert(node)}
    found: set[str] = set()
    for node in reversed(new):
        if _defines(node) & needs or not (is_inert(node) or ast.unparse(node) in said):
            break
        found |= {ast.unparse(node)} if not is_inert(node) else set()
    return frozenset(found)


def is_inert(node: ast.stmt) -> bool:
    """True for a statement that does nothing but to define names, as far as anybody else can tell."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(node, ast.Assign):
        return all(isinstance(target, (ast.Name, ast.Tuple, ast.List)) for target in node.targets)
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        return isinstance(node.target, ast.Name)
    if isinstance(node, ast.Expr):
        value = node.value
        return isinstance(value, ast.Constant) or (
            isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
            and (value.func.attr == "addHandler" or ast.unparse(value.func).startswith("__all__."))
        )  # fmt: skip
    if isinstance(node, ast.If) and is_type_checking(node.test):
        return True
    return _is_import(node) or type(node).__name__ == "TypeAlias"


def _defines(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or names.top(alias.name) for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)}

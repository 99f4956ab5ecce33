"""Modules that a barrel should not load: programs, one platform's, those loaded on demand; what others need anew."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.source.certain import main_guard
from codemod.source.extras import needed
from codemod.source.facts import Facts, Import, Unparsable, parse
from codemod.source.graph import When, links_of, nearest
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.text import Text, Undecodable

_PROGRAMS = frozenset({
    "anyio.run", "asyncio.run", "curio.run", "exit", "input", "os._exit", "os.abort", "quit", "sys.exit", "trio.run",
    "unittest.main", "uvicorn.run", "uvloop.run",
})  # fmt: skip
"""Calls that nothing but a program makes while it is loaded."""

_IMPORTING = lazy(rb"\n(?:\xef\xbb\xbf)?(?:from|import)[ \t]+([\w\x80-\xff]+)")


@dataclass(frozen=True, slots=True)
class Apart:
    """Why a module stays out of the barrel: the reason code, the reason, and the line that tells."""

    code: str
    why: str
    line: int = 0


def apart(child: Module, tree: ast.Module, on_demand: Mapping[str, Apart]) -> Apart | None:
    """Why the barrel should not import a child module; None where it may."""
    script = main_guard(tree)
    if script:
        return Apart("barrel-module-is-script", "runs as a program", script)
    runs = _runs(tree)
    if runs:
        return Apart("barrel-module-is-script", "runs a program when it is imported", runs)
    platform = _platform_bound(tree)
    if platform:
        return Apart("barrel-module-is-bound", "imports on one platform only", platform)
    warns = _warns(tree)
    if warns:
        return Apart("barrel-module-warns", "warns when it is imported", warns)
    return on_demand.get(child.name)


def loaded_on_demand(inventory: Inventory, package: Module) -> dict[str, Apart]:
    """The children that `__init__` takes pains not to load: behind its `__getattr__`, or for type checkers only."""
    facts = inventory.facts(package.path)
    found: dict[str, Apart] = {}
    for child in inventory.modules.children(package.name):
        guards = {_guard(statement) for statement in facts.imports if _names(inventory, package, statement, child)}
        if "" in guards:
            continue
        if "checking" in guards:
            found[child.name] = Apart("barrel-module-is-lazy", "is imported for type checkers only")
        elif facts.lazy and ("function" in guards or _spelled(inventory, package, child)):
            found[child.name] = Apart("barrel-module-is-lazy", f"is loaded on demand by {package.name}.__getattr__")
    return found


def _guard(statement: Import) -> str:
    if statement.scope == "function":
        return "function"
    return "checking" if statement.guard == "checking" else ""


def _names(inventory: Inventory, package: Module, statement: Import, child: Module) -> bool:
    """True when a statement of the package's own file imports the child or something from it."""
    origin = inventory.origin(statement, package.path)
    if origin is None:
        return any(names.within(alias.name, child.name) for alias in statement.aliases)
    if names.within(origin, child.name):
        return True
    return origin == package.name and any(alias.name == names.last(child.name) for alias in statement.aliases)


def _spelled(inventory: Inventory, package: Module, child: Module) -> bool:
    """True when a string in the package's own file names the child."""
    try:
        tree = parse(Text.of(inventory.tree.read(package.path)))
    except (Unparsable, Undecodable):
        return False
    last = names.last(child.name)
    spellings = {last, f".{last}", child.name}
    return any(isinstance(node, ast.Constant) and node.value in spellings for node in ast.walk(tree))


def _platform_bound(tree: ast.Module) -> int:
    """The line of a top-level `assert sys.platform == ...` or `if os.name ...: raise`; 0 when there is none."""
    for node in tree.body:
        test = node.test if isinstance(node, (ast.Assert, ast.If)) else None
        asks = test is not None and any(
            isinstance(part, ast.Attribute)
            and (part.attr == "platform" or (part.attr == "name" and _is_os(part.value)))
            for part in ast.walk(test)
        )
        if asks and (
            isinstance(node, ast.Assert) or any(isinstance(inner, ast.Raise) for inner in getattr(node, "body", []))
        ):
            return node.lineno
    return 0


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


def _warns(tree: ast.Module) -> int:
    """The line of a top-level `warnings.warn(...)`, which tells who imports the module not to; 0 without one."""
    for node in tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func)
            if called == "warnings.warn" or (called == "warn" and _takes_warn(tree)):
                return node.lineno
    return 0


def _runs(tree: ast.Module) -> int:
    """The line of a top-level statement that runs a program, such as `asyncio.run(main())`; 0 without one."""
    calls = [node.value for node in tree.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    if not calls:
        return 0
    given = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body if isinstance(node, ast.ImportFrom) and not node.level
        for alias in node.names
    }  # fmt: skip
    named = ((call, ast.unparse(call.func)) for call in calls if isinstance(call.func, (ast.Name, ast.Attribute)))
    return next((call.lineno for call, name in named if given.get(name, name) in _PROGRAMS), 0)


def _takes_warn(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "warnings" and any(a.name == "warn" for a in node.names)
        for node in tree.body
    )


def needed_anew(inventory: Inventory, package: Module, children: Iterator[str]) -> Iterator[tuple[Module, str, int]]:
    """(child, distribution's top name, line): what importing the package needs only since its barrel loads the child.

    Only packages that are imported nowhere else count: what the whole program needs is there anyway.
    """
    declared, _ = needed(inventory.tree, f"{package.folder}/__init__.py")
    had = _reach(inventory, package.name)
    for name in sorted(set(children)):
        child = inventory.modules.get(name)
        if child is None or name in had:
            continue
        for top, line in foreign(inventory, inventory.facts(child.path), child.path):
            if top.lower() not in declared and not imported_beside(inventory, top, child.path):
                yield child, top, line


def imported_beside(inventory: Inventory, top: str, path: str) -> bool:
    """True when a file other than the one at `path` imports the package `top` without a condition."""
    others = (other for other in inventory.tree.files((".py",)) if other != path)
    return any(top.encode() in inventory.answer(_imported, other) for other in others)


def _imported(data: bytes) -> frozenset[bytes]:
    """The first parts of what a content imports at the beginning of a line."""
    return frozenset(_IMPORTING.findall(b"\n" + data))


def foreign(inventory: Inventory, facts: Facts, path: str) -> Iterator[tuple[str, int]]:
    """(top name, line) of the unconditional imports of packages that are neither ours nor the standard library's."""
    for statement in facts.imports:
        if statement.guard or statement.scope != "module" or statement.level:
            continue
        for dotted in [statement.module or ""] if statement.is_from else [alias.name for alias in statement.aliases]:
            top = names.top(dotted)
            if top and top not in sys.stdlib_module_names and nearest(inventory, dotted, path) is None:
                yield top, statement.line


def _reach(inventory: Inventory, start: str) -> set[str]:
    """The modules that importing `start` loads."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        for name in names.prefixes(todo.pop()):
            module = inventory.modules.get(name)
            if module is None or name in seen:
                continue
            seen.add(name)
            todo += [link.target for link in links_of(inventory, module) if link.when is When.LOAD]
            todo += [names.join(link.target, link.name) for link in links_of(inventory, module)
                     if link.when is When.LOAD and link.name]  # fmt: skip
    return seen

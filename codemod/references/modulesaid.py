"""`load.__module__ == "app.user"`, where `load` leaves `app.user`: the text follows what is asked, not the module.

What cannot be followed to a name that leaves may be one all the same, and is told.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Target
from codemod.source.nodes import every_node
from codemod.source.origins import origin_of
from codemod.source.text import Text

from .literals import bodies
from .spoken import gives_module
from .view import View


def may_say_modules(view: View, code: bytes) -> bool:
    """True when a module that names leave may be compared with what something says of its own; a cheap question."""
    return b"__module__" in code and any(module.encode() in code for module in _left(view.intent))


def said_modules(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edit to a module's name that is compared with what a leaving name says; a finding where that is open."""
    left = _left(view.intent)
    nodes = list(every_node(tree))
    rebound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    rebound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        asked = next((side for side in sides if gives_module(side)), None)
        if asked is None:
            continue
        meant = _meant(view, asked, rebound)
        for literal in (one for side in sides for one in _literals(side) if one.value in left):
            module = str(literal.value)
            if meant is None:
                yield _told(view, literal.lineno, module, left[module])
            elif meant.module == module and meant.name in left[module]:
                new = left[module][meant.name]
                spans = bodies(text, literal, module) if literal in sides else []
                if len(spans) == 1:
                    yield Edit(*spans[0], new.encode(), f"{names.join(module, meant.name)} is in {new}")
                else:
                    yield _told(view, literal.lineno, module, {meant.name: new})


@functools.lru_cache(maxsize=4)
def _left(intent: Intent) -> Mapping[str, Mapping[str, str]]:
    """Module -> names that leave it, and the modules that they go to."""
    found: dict[str, dict[str, str]] = {}
    for (module, name), (home, _) in intent.symbols.items():
        if home != intent.module(module):
            found.setdefault(module, {})[name] = home
    return found


def _literals(side: ast.expr) -> Iterator[ast.Constant]:
    """A text, or the texts of a display."""
    for one in side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else (side,):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one


def _meant(view: View, asked: ast.expr, rebound: set[str]) -> Target | None:
    """Whose module is asked for, where an import of the file says it: `load.__module__`, `user.load.__module__`."""
    value, rest = asked.value if isinstance(asked, ast.Attribute) else None, ""
    if isinstance(value, ast.Attribute):
        rest, value = value.attr, value.value
    if not isinstance(value, ast.Name) or value.id in rebound:
        return None
    imports = view.inventory.facts(view.path).imports
    said = [(one, alias) for one in imports for alias in one.aliases if one.is_from and one.bound(alias) == value.id]
    origin = view.origin(said[0][0]) if len(said) == 1 else None
    if origin is None:
        return None
    ref = view.member(origin, said[0][1].name)
    if not ref.name:
        return Target(ref.module, rest) if rest else None
    if (ref.module, ref.name) in view.intent.symbols:
        return Target(ref.module, ref.name) if not rest else None
    home = view.inventory.modules.get(ref.module)
    return origin_of(view.inventory, home, ref.name) if home is not None and home.path and not rest else None


def _told(view: View, line: int, module: str, left: Mapping[str, str]) -> Finding:
    shown = ", ".join(f"{name}, now in {home}" for name, home in list(left.items())[:3])
    return Finding(
        "name-of-itself", f"{module} is compared with the module that something says to be its own; it is left by "
        f"{shown}", Weight.REVIEW, Place(view.path, line), "write the new module, if one of them comes by here",
    )  # fmt: skip

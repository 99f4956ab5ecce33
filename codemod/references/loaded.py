"""Modules that a literal name loads or finds: `import_module("a.b").c`, `sys.modules["a.b"].c`; what is read there."""

from __future__ import annotations

import ast
import functools

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent, Symbol
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes
from codemod.source.sieve import holds

from .byname import BY_NAME, called
from .kept import read_of
from .literals import bodies
from .ownname import own_name
from .spoken import argument_of, level_of
from .view import Ref, View

Span = tuple[int, int]

_LOADING = (b"import_module", b"importorskip")
_GIVING = (*_LOADING, b"sys.modules[", b"fromlist")


def may_load(view: View, data: bytes) -> bool:
    """True when the file may read something moved of a module that it loads by a literal; a cheap question."""
    if not holds(data, _GIVING):
        return False
    if any(name.encode() in data for _, name in view.intent.symbols):
        return True
    return any(package in data and any(last in data for last in lasts) for package, lasts in _below(view.intent))


@functools.lru_cache(maxsize=4)
def _below(intent: Intent) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
    """The packages that modules leave, as a literal ends with them, and what those modules are called in them."""
    found: dict[bytes, list[bytes]] = {}
    for old, new in intent.modules.items():
        above = names.parent(old)
        if above and new != names.join(intent.module(above), names.last(old)):
            for mark in "\"'":
                found.setdefault((above + mark).encode(), []).append(names.last(old).encode())
    return tuple((package, tuple(lasts)) for package, lasts in found.items())


@dataclass(slots=True)
class Loaded:
    """The pass over one file's loading calls."""

    view: View
    scopes: Scopes
    edits: list[Edit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def run(self) -> None:
        """Fill `edits` and `findings`."""
        asked = self._asked()
        for node in every_node(self.scopes.tree):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], (ast.Call, ast.Subscript)):
                said = asked.get(self.scopes.span(node.args[0]))
                if said is not None:
                    self._follow(node.args[0], [said])
            elif isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Call, ast.Subscript)):
                self._follow(node.value, [(node.attr, self._attribute(node))])
            elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Call, ast.Subscript)):
                target = node.targets[0] if len(node.targets) == 1 else None
                if isinstance(target, ast.Name):
                    read = read_of(self.scopes, target)
                    self._follow(
                        node.value, [asked.get(span, (name, span)) if not name else (name, span) for name, span in read]
                    )

    def _asked(self) -> dict[Span, tuple[str, Span]]:
        """The attributes that calls name: the place of the object -> the name, and where it stands between quotes."""
        found: dict[Span, tuple[str, Span]] = {}
        for node in every_node(self.scopes.tree):
            if isinstance(node, ast.Call) and len(node.args) > 1 and called(node) in BY_NAME:
                literal = node.args[1]
                name = literal.value if isinstance(literal, ast.Constant) and isinstance(literal.value, str) else ""
                spans = bodies(self.scopes.text, literal, name) if name else []
                if len(spans) == 1:
                    found[self.scopes.span(node.args[0])] = (name, spans[0])
        return found

    def _attribute(self, node: ast.Attribute) -> tuple[int, int]:
        end = self.scopes.span(node)[1]
        return end - len(node.attr.encode()), end

    def _follow(self, call: ast.Call | ast.Subscript, read: list[tuple[str, tuple[int, int]]]) -> None:
        literal = _named(call)
        if not isinstance(literal, ast.Constant):
            return
        module = self._module(call, literal.value) if isinstance(literal.value, str) else None
        if module is not None and not (isinstance(call, ast.Call) and called(call) == "__import__"):
            self._inner(module, [one for one in read if one[0]], call.lineno)
        moved = [(name, self._moved(module.module, name), span) for name, span in read] if module else []
        if module is None or not any(new for _, new, _ in moved):
            return
        here = self.view.intent.module(module.module)
        homes = {new[0] if new else here for _, new, _ in moved}
        # else relative, or it may not be loaded yet
        alone = isinstance(call, ast.Call) and (len(call.args) == 1 or called(call) == "__import__")
        if homes != {here} and (len(homes) > 1 or not alone):
            line = call.lineno
            away = ", ".join(sorted({name for name, new, _ in moved if new and new[0] != here}))
            self.findings.append(
                Finding(
                    "loaded-name-moved", f"{module.module} is loaded by its name here, and {away} is read of it, which"
                    " lives elsewhere after the phase", Weight.REVIEW, Place(self.view.path, line),
                )
            )  # fmt: skip
            moved = [(name, new, span) for name, new, span in moved if new and new[0] == here]
        elif homes != {here}:
            spans = bodies(self.scopes.text, literal, str(literal.value))
            if len(spans) != 1:
                return
            new_module = self.view.spell(homes.pop(), module.root)
            self.edits.append(Edit(*spans[0], new_module.encode(), f"{module.module} -> {new_module} in a string"))
        for name, new, span in moved:
            if new and new[1] != name:
                old = names.join(module.module, name)
                self.edits.append(Edit(*span, new[1].encode(), f"{old} -> {names.join(*new)} behind a string"))

    def _module(self, call: ast.Call | ast.Subscript, said: str) -> Ref | None:
        """The module that a literal names; of a package that is named beside it where it is relative."""
        rest = said.lstrip(".")
        anchor = argument_of(call, 1, "package") if isinstance(call, ast.Call) and rest != said else None
        if anchor is None:
            return self.view.find(said)
        if isinstance(anchor, ast.Constant) and isinstance(anchor.value, str):
            package = anchor.value
        else:
            package = (own_name(self.view, anchor) or ("", ""))[0]
        whole = names.absolute(package, len(said) - len(rest), rest) if package else None
        return self.view.find(whole) if whole else None

    def _inner(self, package: Ref, read: list[tuple[str, Span]], line: int) -> None:
        """What is read of a package and is a module of it: one that comes below it is read further down."""
        owner = self.view.intent.module(package.module)
        for name, (start, end) in read:
            old = self.view.member(package, name)
            new = self.view.successor(old).module
            if old.name or old.module == package.module or new == names.join(owner, name):
                continue
            near = names.tail(new, owner) if names.below(new, owner) else ""
            quoted = self.scopes.text.data[start - 1 : start] in (b'"', b"'")
            if near and not (quoted and "." in near):
                self.edits.append(Edit(start, end, near.encode(), f"{old.module} -> {new} behind a string", True))
                continue
            self.findings.append(
                Finding(
                    "loaded-name-moved", f"{package.module} is loaded by its name here, and its module {name} is read,"
                    f" which is {new} after the phase", Weight.REVIEW, Place(self.view.path, line),
                )
            )  # fmt: skip

    def _moved(self, module: str, name: str) -> Symbol | None:
        """Where a name of a module goes; None where it stays."""
        new = self.view.intent.symbols.get((module, name))
        return new if new != (module, name) else None


def _named(node: ast.Call | ast.Subscript) -> ast.expr | None:
    """What names the module that an expression gives; None for anything else."""
    if isinstance(node, ast.Subscript):
        return node.slice if ast.unparse(node.value) == "sys.modules" else None
    whole = called(node) == "__import__" and argument_of(node, 3, "fromlist") is not None and not level_of(node)
    return node.args[0] if node.args and (whole or called(node).encode() in _LOADING) else None

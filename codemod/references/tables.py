"""Tables by which a package loads names on demand: `{"f": "app.a"}`, `{"f": (".a", "f")}` beside a `__getattr__`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .literals import bodies
from .tablegroups import Group, divided
from .view import Ref, View


def may_list(view: View, data: bytes, *, lazy: bool) -> bool:
    """True when a file may say in a table where a name is that leaves its module; a cheap question.

    `lazy` tells that the module answers for names by itself; one that puts another object into its place may, too.
    """
    asks = b"__getattr__" in data if lazy else b"sys.modules[__name__] = " in data
    return asks and any(name.encode() in data for _, name in view.intent.symbols)


@dataclass(slots=True)
class Tables:
    """The pass over the tables of one file whose module has a `__getattr__`."""

    view: View
    text: Text
    edits: list[Edit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def run(self, tree: ast.Module) -> None:
        """Fill `edits` and `findings`."""
        for node in every_node(tree):
            groups: list[Group] = []
            for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
                listed = [e for e in value.elts if _is_text(e)] if isinstance(value, (ast.Tuple, ast.List)) else []
                if not _is_text(key):
                    continue
                if _is_text(value):
                    self._entry(value, key, None)
                elif isinstance(value, ast.Tuple) and len(listed) == len(value.elts) == 2:
                    self._entry(listed[0], listed[1], listed[1])
                elif isinstance(value, (ast.Tuple, ast.List, ast.Set)):
                    groups.append(self._group(key, value))
            for told in divided(self.text, groups):
                if isinstance(told, Edit):
                    self.edits.append(told)
                else:
                    self._find(told, _text(told))

    def _entry(self, module: ast.Constant, name: ast.Constant, written: ast.Constant | None) -> None:
        """One name and its module; `written` is the name where the table spells it beside the key."""
        for style, ref in self._meant(_text(module)):
            old = self.view.member(ref, _text(name))
            new = self.view.successor(old)
            if not old.name or not self.view.affected(old):
                continue
            spelled = self._spelled(style, new.module, ref.root)
            if not spelled or (written is None and new.name != old.name):
                self._find(module, f"{ref.module}.{old.name}")
                return
            why = f"{ref.module}.{old.name} -> {new.module}.{new.name} in a table"
            if spelled != module.value:
                self._put(module, spelled, why)
            if written is not None and new.name != old.name:
                self._put(written, new.name, why)
            return

    def _group(self, module: ast.Constant, value: ast.Tuple | ast.List | ast.Set) -> Group:
        """A module and its names, with those that leave it for others."""
        group = Group(module, value)
        listed = [(number, element) for number, element in enumerate(value.elts) if _is_text(element)]
        for style, ref in self._meant(_text(module)):
            here = self.view.intent.module(ref.module)
            for number, name in listed:
                old = self.view.member(ref, _text(name))
                new = self.view.successor(old)
                if not old.name or (new.module, new.name) == (here, name.value):
                    continue
                target = self._spelled(style, new.module, ref.root) if new.name == name.value else ""
                if target and len(listed) == len(value.elts):
                    group.leaving.setdefault(target, []).append(number)
                else:
                    self._find(name, f"{ref.module}.{old.name}")
        return group

    def _meant(self, text: str) -> Iterator[tuple[str, Ref]]:
        """How a module is written, and which one is meant: with dots, as one of the package's own, or absolute."""
        rest = text.lstrip(".")
        if rest != text:
            absolute = names.absolute(self.view.package, len(text) - len(rest), rest)
            found = self.view.find(absolute) if absolute else None
            yield from [("relative", found)] if found is not None else []
            return
        inner = self.view.find(names.join(self.view.package, text)) if self.view.package and text else None
        outer = self.view.find(text) if text else None
        if inner is not None:
            yield "inside", inner
        elif outer is not None:
            yield "absolute", outer

    def _spelled(self, style: str, module: str, root: str) -> str:
        """A module in the style of the table; "" where that cannot say it."""
        package = self.view.new_package
        if style == "inside":
            return module.removeprefix(package + ".") if names.below(module, package) else ""
        near = names.relative(package, module) if style == "relative" else None
        return near or self.view.spell(module, root)

    def _put(self, literal: ast.Constant, new: str, why: str) -> None:
        spans = bodies(self.text, literal, _text(literal))
        if len(spans) == 1:
            self.edits.append(Edit(*spans[0], new.encode(), why))
        else:
            self._find(literal, _text(literal))

    def _find(self, literal: ast.Constant, what: str) -> None:
        self.findings.append(Finding(
            "loaded-name-moved", f"a table says where {what} is, which lives elsewhere after the phase", Weight.REVIEW,
            Place(self.view.path, literal.lineno),
        ))  # fmt: skip


def _is_text(node: ast.expr | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _text(node: ast.Constant) -> str:
    return str(node.value)

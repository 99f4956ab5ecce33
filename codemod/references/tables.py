"""Tables by which a package loads names on demand: `{"f": "app.a"}`, `{"f": (".a", "f")}` beside a `__getattr__`.

In other files those count whose entries prove that they say where names are.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from typing import TypeGuard

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .literals import bodies
from .proven import proven
from .tablegroups import Group, divided
from .view import Ref, View


def may_list(view: View, data: bytes) -> bool:
    """True when a file may say in a table where a name is that leaves its module; a cheap question."""
    symbols = view.intent.symbols
    if not symbols or not _homes(view.intent).search(data):
        return False
    return any(name.encode() in data for _, name in symbols)


@functools.lru_cache(maxsize=4)
def _homes(intent: Intent) -> re.Pattern[bytes]:
    """The last segment of a module that has moved names, at the end of a literal."""
    words = sorted({names.last(module).encode() for module, _ in intent.symbols})
    return re.compile(rb"(?<![\w\x80-\xff])(?:" + b"|".join(map(re.escape, words)) + rb")[\"']")


def answers(data: bytes, *, lazy: bool) -> bool:
    """True where a module gives names by tables: with a `__getattr__`, or by another object that it puts in its place.

    `lazy` tells that the module answers for names by itself.
    """
    return b"__getattr__" in data if lazy else b"sys.modules[__name__] = " in data


@dataclass(slots=True)
class Tables:
    """The pass over the tables of one file; all of them where its module `answers` for names by itself."""

    view: View
    text: Text
    answers: bool
    edits: list[Edit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def run(self, tree: ast.Module) -> None:
        """Fill `edits` and `findings`."""
        for node in every_node(tree):
            if isinstance(node, ast.Dict):
                self._table(node, [] if self.answers else list(proven(self.view, node)))
            elif isinstance(node, (ast.Tuple, ast.List)) and len(node.elts) == 2:
                for module in proven(self.view, node):
                    self._beside(module, node.elts[1] if module is node.elts[0] else node.elts[0])

    def _table(self, node: ast.Dict, sure: list[ast.Constant]) -> None:
        """One table; `sure` are its texts that are modules where nothing else tells that some are."""
        groups: list[Group] = []
        for key, value in zip(node.keys, node.values, strict=True):
            listed = [e for e in value.elts if _is_text(e)] if isinstance(value, (ast.Tuple, ast.List)) else []
            if not _is_text(key) or not (self.answers or key in sure or value in sure):
                continue
            if _is_text(value) and key not in sure:
                self._entry(value, key, None)
            elif isinstance(value, ast.Tuple) and len(listed) == len(value.elts) == 2 and key not in sure:
                self._entry(listed[0], listed[1], listed[1])
            elif isinstance(value, (ast.Tuple, ast.List, ast.Set)):
                groups.append(self._group(key, value))
            elif key in sure:
                self._beside(key, value)
        for told in divided(self.text, groups):
            if isinstance(told, Edit):
                self.edits.append(told)
            else:
                self._find(told, _text(told))

    def _beside(self, module: ast.Constant, value: ast.expr) -> None:
        """What stands beside a text that is surely a module: one name, or a mapping with names as its keys."""
        if _is_text(value):
            self._entry(module, value, value)
        for key in value.keys if isinstance(value, ast.Dict) else ():
            if _is_text(key):
                for _, ref in self._meant(_text(module)):
                    old = self.view.member(ref, _text(key))
                    if old.name and self.view.successor(old).module != self.view.intent.module(ref.module):
                        self._find(key, f"{ref.module}.{old.name}")

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

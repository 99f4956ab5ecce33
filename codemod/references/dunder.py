"""`__import__("a.b")`: it gives the top package, and the attributes behind it lead down to the module.

With names to take from it, `fromlist=["x"]`, it gives the module itself; with a level, the name is relative.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .literals import bodies
from .spoken import argument_of, level_of
from .view import Ref, View


def dunder_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edits beside the literals, which are strings like others; a finding where a variable takes the package."""
    behind: dict[ast.AST, list[ast.Attribute]] = {}
    alone: set[ast.AST] = set()  # calls of which nothing is used
    calls: list[ast.Call] = []
    for node in every_node(tree):
        if isinstance(node, ast.Attribute):
            chain, inner = [node], node.value
            while isinstance(inner, ast.Attribute):
                chain.append(inner)
                inner = inner.value
            if len(chain) > len(behind.get(inner, ())):
                behind[inner] = chain[::-1]
        elif isinstance(node, ast.Expr):
            alone.add(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
            calls.append(node)
    for call in calls:
        yield from _Import(view, text, call, behind.get(call, []), call not in alone).edits()


@dataclass(frozen=True, slots=True)
class _Import:
    """One call."""

    view: View
    text: Text
    node: ast.Call
    behind: list[ast.Attribute]  # what is read of it, nearest first
    used: bool

    def edits(self) -> Iterator[Edit | Finding]:
        """What the call needs beside its literal; all that it needs where its name is relative."""
        literal, level = self.node.args[0] if self.node.args else None, level_of(self.node)
        if not isinstance(literal, ast.Constant) or not isinstance(literal.value, str) or level < 0:
            return
        written = names.absolute(self.view.package, level, literal.value) if level else literal.value
        loaded = self.view.find(written) if written else None
        if loaded is None:
            return
        listed = argument_of(self.node, 3, "fromlist")
        taken = (
            [listed] if isinstance(listed, ast.Name) else [] if listed is None else getattr(listed, "elts", [listed])
        )
        if taken:
            followed = list(self.followed(loaded, taken, literal, level))
            yield from followed or self.missed(loaded, taken)
            new = self.view.successor(loaded).module
            if level and not any(isinstance(one, Edit) for one in followed):
                yield from self.renamed(literal, level, loaded, new)
        elif level:
            yield from self.downward(literal, level, loaded)
        else:
            yield from self.from_top(literal, loaded)

    # -- with a list of names

    def followed(
        self, package: Ref, taken: list[ast.expr], literal: ast.Constant, level: int
    ) -> Iterator[Edit | Finding]:
        """`__import__("app", fromlist=["user"]).user`: the one module that is taken, where it is read at once."""
        one = taken[0] if len(taken) == 1 and isinstance(taken[0], ast.Constant) else None
        first = self.behind[0] if self.behind else None
        if one is None or first is None or first.attr != one.value:
            return
        old = self.view.member(package, first.attr)
        new = self.view.successor(old)
        spans = bodies(self.text, one, first.attr)
        home = names.parent(new.module)
        if old.name or not self.view.affected(old) or not home or len(spans) != 1:
            return
        renamed = list(self.renamed(literal, level, package, home))
        yield from renamed
        if not all(isinstance(edit, Edit) for edit in renamed):
            return
        name, why = names.last(new.module), f"{old.module} -> {new.module} by __import__"
        if name != first.attr:
            end = self.text.offset(first.end_lineno or 1, first.end_col_offset or 0)
            yield Edit(*spans[0], name.encode(), why)
            yield Edit(end - len(first.attr.encode()), end, name.encode(), why)

    def renamed(self, literal: ast.Constant, level: int, old: Ref, new: str) -> Iterator[Edit | Finding]:
        """Another module in the literal, and as many dots as lead there now."""
        spans = bodies(self.text, literal, str(literal.value))
        near = names.relative(self.view.new_package, new) if level else self.view.spell(new, old.root)
        if near is None or (not spans and literal.value):
            yield _told(self.view, self.node, old, f"is relative, and {new} is not below the same package")
            return
        dots = len(near) - len(near.lstrip("."))
        why = f"{old.module} -> {new} by __import__"
        if near.lstrip(".") != literal.value:
            start = self.text.offset(literal.lineno, literal.col_offset)
            span = spans[0] if spans else (start + 1, start + 1)
            yield Edit(*span, near.lstrip(".").encode(), why)
        if dots != level:
            number = argument_of(self.node, 4, "level")
            assert number is not None
            start = self.text.offset(number.lineno, number.col_offset)
            end = self.text.offset(number.end_lineno or 1, number.end_col_offset or 0)
            yield Edit(start, end, str(dots).encode(), why)

    def missed(self, package: Ref, taken: list[ast.expr]) -> Iterator[Finding]:
        """`__import__("app", fromlist=["user"])`: what is listed is read of the package."""
        for element in (inner for one in taken for inner in every_node(one)):
            if isinstance(element, ast.Constant) and isinstance(element.value, str) and element.value:
                member = self.view.member(package, element.value)
                if member.name and self.behind and self.behind[0].attr == element.value:
                    continue  # what is read at once follows with the literal
                after = self.view.successor(member)
                there = names.join(self.view.intent.module(package.module), element.value)
                if self.view.affected(member) and names.join(after.module, after.name) != there:
                    what = f"asks for {element.value}, which lives elsewhere after the phase"
                    yield _told(self.view, self.node, package, what)

    # -- without one

    def downward(self, literal: ast.Constant, level: int, loaded: Ref) -> Iterator[Edit | Finding]:
        """A relative name without names to take gives what its first segment means."""
        renamed = list(self.renamed(literal, level, loaded, self.view.successor(loaded).module))
        kept = [edit.new.decode() for edit in renamed if isinstance(edit, Edit)]
        written = str(literal.value)
        same = len(kept) == 1 and (names.top(kept[0]) == names.top(written) or "." not in kept[0] + written)
        if self.used and renamed and not (same and len(renamed) == 1):
            yield _told(self.view, self.node, loaded, "gives a package that the code behind it goes down from")
        else:
            yield from renamed

    def from_top(self, literal: ast.Constant, loaded: Ref) -> Iterator[Edit | Finding]:
        """An absolute name: the attributes behind the call lead down from the top package."""
        view, written = self.view, str(literal.value)
        new = view.spell(view.successor(loaded).module, loaded.root)
        if "." not in written:
            if "." in new:
                at = self.text.offset(literal.end_lineno or 1, literal.end_col_offset or 0)
                quote = self.text.data[at - 1 : at].decode()
                asked = f", fromlist=[{quote}{names.last(new)}{quote}]"
                yield Edit(at, at, asked.encode(), f"{written} -> {new} by __import__")
            return
        current = view.find(names.top(written))
        if current is None:
            return
        old: list[ast.Attribute] = []
        for attribute in self.behind:
            member = view.member(current, attribute.attr)
            if member.name:
                break
            current = member
            old.append(attribute)
        reached = view.successor(current)
        if not self.used or (not view.affected(current) and not view.affected(loaded)):
            return
        if not old or not names.within(reached.module, names.top(new)):
            yield _told(view, self.node, loaded, "gives the top package, which the code behind it goes down from")
            return
        spelled = names.tail(view.spell(reached.module, loaded.root), names.top(new))
        start = self.text.offset(self.node.end_lineno or 1, self.node.end_col_offset or 0)
        end = self.text.offset(old[-1].end_lineno or 1, old[-1].end_col_offset or 0)
        if self.text.data[start:end] != f".{spelled}".encode():
            new_end = f".{spelled}".encode() if spelled else b""
            yield Edit(start, end, new_end, f"{loaded.module} -> {new} by __import__")


def _told(view: View, node: ast.Call, loaded: Ref, what: str) -> Finding:
    return Finding(
        "loaded-name-moved", f"__import__ of {loaded.module} {what}", Weight.REVIEW, Place(view.path, node.lineno),
        "use importlib.import_module",
    )  # fmt: skip

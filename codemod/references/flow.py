"""What a text that code puts together may be: its fixed parts, and the literals of which one stands in a gap.

Only what a file shows by itself is followed: names that are bound once, tables and loops over literals.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.source.nodes import every_node
from codemod.source.scopes import Scope, Scopes, Use

from .byname import called
from .ownname import own_name
from .view import View

_DEEP = 6  # steps from name to name
_PLACED = lazy(rb"sys\.modules\[__name__\](?:\.__class__[ \t]*=[ \t]*|[ \t]*=[ \t]*(?=\w+\(__name__\b))(?P<name>\w+)")
_GAPS = {"Mod": lazy(r"%s"), "format": lazy(r"\{\}")}


@dataclass(frozen=True, slots=True)
class Fixed:
    """A part that is always the same; `node` is the literal that spells it, where one does."""

    before: str
    after: str
    node: ast.expr | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A part that is one of several literals; they serve nothing else."""

    literals: tuple[ast.Constant, ...]


Part = Fixed | Choice


class Flow:
    """One file's texts."""

    def __init__(self, view: View, analysed: Callable[[], Scopes]) -> None:
        self.view, self.analysed = view, analysed

    @functools.cached_property
    def scopes(self) -> Scopes:
        """The scopes of the file, which many texts do without."""
        return self.analysed()

    @functools.cached_property
    def uses(self) -> dict[ast.Name, Use]:
        """What each name in the file is."""
        return {use.node: use for name in self.scopes.names for use in self.scopes.named(name)}

    @functools.cached_property
    def bound(self) -> dict[ast.Name, tuple[str, ast.expr, int | None]]:
        """How each stored name gets its value."""
        return dict(self._binders())

    def _binders(self) -> Iterator[tuple[ast.Name, tuple[str, ast.expr, int | None]]]:
        """How each stored name gets its value: (loop or value, the expression, the place in what it gives)."""
        for node in every_node(self.scopes.tree):
            if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
                kind, target, value = "loop", node.target, node.iter
            elif isinstance(node, ast.Assign) and len(node.targets) == 1:
                kind, target, value = "value", node.targets[0], node.value
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                kind, target, value = "value", node.target, node.value
            else:
                continue
            if isinstance(target, ast.Name):
                yield target, (kind, value, None)
            elif isinstance(target, (ast.Tuple, ast.List)):
                for place, element in enumerate(target.elts):
                    if isinstance(element, ast.Name):
                        yield element, (kind, value, place)

    def parts(self, node: ast.expr, deep: int = 0) -> list[Part] | None:
        """The parts of a text; None where one of them cannot be told."""
        if deep > _DEEP:
            return None
        if isinstance(node, ast.Constant):
            return [Fixed(node.value, node.value, node)] if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return self._joined([self._value(value, node, deep) for value in node.values])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._joined([self.parts(node.left, deep + 1), self.parts(node.right, deep + 1)])
        own = self._own(node)
        if own is not None:
            return [own]
        filled = self.filled(node)
        if filled is not None:
            return self._joined([
                [Fixed(one, one, node)] if isinstance(one, str) else self.parts(one, deep + 1) for one in filled
            ])  # fmt: skip
        if isinstance(node, ast.Name):
            return self._named(node, deep)
        found = self._looked_up(node, None, deep)
        return [Choice(found)] if found is not None else None

    def _joined(self, pieces: Sequence[list[Part] | None]) -> list[Part] | None:
        found: list[Part] = []
        for piece in pieces:
            if piece is None:
                return None
            found += piece
        return found

    def _value(self, value: ast.expr, whole: ast.JoinedStr, deep: int) -> list[Part] | None:
        if isinstance(value, ast.FormattedValue):
            plain = value.conversion == -1 and value.format_spec is None
            self._placed_in(whole, value.value)
            return self.parts(value.value, deep + 1) if plain else None
        text = str(value.value) if isinstance(value, ast.Constant) else ""
        return [Fixed(text, text, whole)]

    def _placed_in(self, whole: ast.JoinedStr, value: ast.expr) -> None:
        """The uses of names inside an f-string: scopes know them by nodes with exact places, which these lack."""
        start, end = self.scopes.span(whole)
        for node in every_node(value):
            if isinstance(node, ast.Name) and node not in self.uses:
                for use in self.scopes.named(node.id):
                    if use.where == "fstring" and start <= self.scopes.span(use.node)[0] < end:
                        self.uses[node] = use

    def filled(self, node: ast.expr) -> list[str | ast.expr] | None:
        """`"%s.x" % a`, `"{}.x".format(a)`, `".".join([a, b])` as texts and expressions in turn."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            given = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return _interleaved(node.left.value, _GAPS["Mod"], given)
        function = node.func if isinstance(node, ast.Call) else None
        if not isinstance(node, ast.Call) or not isinstance(function, ast.Attribute) or node.keywords:
            return None
        if not isinstance(function.value, ast.Constant) or not isinstance(function.value.value, str):
            return None
        if function.attr == "format":
            return _interleaved(function.value.value, _GAPS["format"], node.args)
        joined = node.args[0] if function.attr == "join" and len(node.args) == 1 else None
        elements = _elements_of(joined, function.value) if joined is not None else None
        found: list[str | ast.expr] = []
        for element in elements or ():
            found += [function.value.value, element] if found else [element]
        return found if elements is not None else None

    def _own(self, node: ast.expr) -> Fixed | None:
        """`__name__`, `__package__`, `__spec__.parent`, `__name__.rpartition(".")[0]`, `package.__name__`."""
        own = own_name(self.view, node)
        if own is not None:
            return Fixed(*own)
        if isinstance(node, ast.Attribute) and node.attr in ("__name__", "__package__"):
            module = self.module(node.value) or (self.view.module if self._is_itself(node.value) else "")
            return Fixed(module, self.view.intent.module(module)) if module else None
        return None

    def _is_itself(self, node: ast.expr) -> bool:
        """True for `self` in a class that the file puts in its own place: `sys.modules[__name__].__class__ = Lazy`."""
        use = self.uses.get(node) if isinstance(node, ast.Name) else None
        method = use.home.node if use is not None and use.home is not None else None
        if use is None or use.home is None or not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        owner = use.home.parent.node if use.home.parent is not None else None
        first = [*method.args.posonlyargs, *method.args.args][:1]
        if not isinstance(owner, ast.ClassDef) or [one.arg for one in first] != [use.name] or method.decorator_list:
            return False
        placed = {found["name"].decode() for found in _PLACED.finditer(self.scopes.text.data)}
        return len(use.bindings) == 1 and owner.name in placed

    def module(self, node: ast.expr) -> str:
        """The module that a chain from an import of the file means; "" for anything else."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.insert(0, node.attr)
            node = node.value
        use = self.uses.get(node) if isinstance(node, ast.Name) else None
        if use is None or use.home is not self.scopes.module:
            return ""
        for statement in self.view.inventory.facts(self.view.path).imports:
            origin = self.view.origin(statement) if statement.is_from else None
            for alias in statement.aliases:
                if statement.bound(alias) != use.name or (statement.is_from and origin is None):
                    continue
                found = (
                    self.view.member(origin, alias.name)
                    if origin is not None
                    else self.view.find(alias.name if alias.asname else use.name)
                )
                for attribute in attributes:
                    found = self.view.member(found, attribute) if found is not None and not found.name else None
                return found.module if found is not None and not found.name else ""
        return ""

    # -- names

    def _binding(self, node: ast.Name) -> tuple[str, ast.expr, int | None] | None:
        """How a name got its value, where that happened once."""
        use = self.uses.get(node)
        bindings = use.bindings if use is not None else []
        store = bindings[0].node if len(bindings) == 1 else None
        return self.bound.get(store) if isinstance(store, ast.Name) else None

    def value(self, node: ast.expr) -> ast.expr:
        """What a name was bound to, where that happened once; any other expression as it is."""
        binding = self._binding(node) if isinstance(node, ast.Name) else None
        return binding[1] if binding is not None and binding[0] == "value" and binding[2] is None else node

    def _named(self, node: ast.Name, deep: int) -> list[Part] | None:
        binding = self._binding(node)
        if binding is None:
            found = self._given(node)
            return [Choice(found)] if found else None
        kind, value, place = binding
        if kind == "value" and place is None:
            inner = self.parts(value, deep + 1)
            if inner is None or not any(isinstance(part, Choice) for part in inner):
                # what is named may be read elsewhere, too
                return [Fixed(p.before, p.after) for p in inner if isinstance(p, Fixed)] if inner is not None else None
            return inner if self._loads(node) == 1 else None
        if self._loads(node) != 1:
            return None
        literals = self._looked_up(value, place, deep) if kind == "value" else self._elements(value, place, deep)
        return [Choice(literals)] if literals is not None else None

    def _loads(self, node: ast.Name) -> int:
        use = self.uses[node]
        return sum(one.home is use.home and one.context == "load" for one in self.scopes.named(use.name))

    def _given(self, node: ast.Name) -> tuple[ast.Constant, ...]:
        """What a parameter is given: by `parametrize`, or by the calls in the file."""
        use = self.uses.get(node)
        home = use.home if use is not None else None
        if home is None or not isinstance(home.node, (ast.FunctionDef, ast.AsyncFunctionDef)) or self._loads(node) != 1:
            return ()
        if [binding.kind for binding in home.bindings[node.id]] != ["param"]:
            return ()
        for decorator in home.node.decorator_list:
            if isinstance(decorator, ast.Call) and called(decorator) == "parametrize" and len(decorator.args) > 1:
                named, values = decorator.args[:2]
                if isinstance(named, ast.Constant) and named.value == node.id:
                    return _literals(values.elts if isinstance(values, (ast.List, ast.Tuple)) else [])
        return self._called(home, node.id)

    def _called(self, home: Scope, parameter: str) -> tuple[ast.Constant, ...]:
        assert isinstance(home.node, (ast.FunctionDef, ast.AsyncFunctionDef))
        positional = [argument.arg for argument in (*home.node.args.posonlyargs, *home.node.args.args)]
        if home.parent is not self.scopes.module or parameter not in positional:
            return ()
        found = []
        for node in every_node(self.scopes.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == home.node.name:
                at = positional.index(parameter)
                found += [k.value for k in node.keywords if k.arg == parameter] or node.args[at : at + 1]
        return tuple(one for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str))

    # -- tables

    def _elements(self, node: ast.expr, place: int | None, deep: int) -> tuple[ast.Constant, ...] | None:
        """The literals that a loop over an expression gives, or the `place`-th of each."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
            whole = node.func.attr == "values" or (node.func.attr == "items" and place == 1)
            table = self._table(node.func.value, deep, "values" if whole else "all")
            if not isinstance(table, ast.Dict) or node.func.attr not in ("items", "values", "keys"):
                return None
            if node.func.attr == "items":
                chosen = table.values if place == 1 else table.keys if place == 0 else []
                return _placed(chosen, None)
            return _placed(table.values if node.func.attr == "values" else table.keys, place)
        if isinstance(node, ast.Call) and called(node) in ("sorted", "list", "tuple", "set", "reversed") and node.args:
            return self._elements(node.args[0], place, deep + 1)
        table = self._table(node, deep, "all")
        if isinstance(table, (ast.List, ast.Tuple, ast.Set)):
            return _placed(table.elts, place)
        return None

    def _looked_up(self, node: ast.expr, place: int | None, deep: int) -> tuple[ast.Constant, ...] | None:
        """The values of which `TABLE[key]` or `TABLE.get(key)` gives one, or the `place`-th of each."""
        if isinstance(node, ast.Subscript):
            inner = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(inner, int) and place is None:
                return self._looked_up(node.value, inner, deep + 1)
            table = self._table(node.value, deep, "values")
        elif isinstance(node, ast.Call) and called(node) in ("get", "pop") and isinstance(node.func, ast.Attribute):
            table = self._table(node.func.value, deep, "values")
        elif isinstance(node, ast.Name) and deep <= _DEEP:
            binding = self._binding(node)
            looked_up = binding is not None and binding[0] == "value" and binding[2] is None and binding[1]
            return self._looked_up(looked_up, place, deep + 1) if looked_up else None
        else:
            return None
        if isinstance(table, ast.DictComp) and isinstance(table.value, ast.Name) and place is None:
            inner_parts = self._named(table.value, deep + 1)
            choice = inner_parts[0] if inner_parts and len(inner_parts) == 1 else None
            return choice.literals if isinstance(choice, Choice) else None
        return _placed(table.values, place) if isinstance(table, ast.Dict) else None

    def _table(self, node: ast.expr, deep: int, side: str) -> ast.expr | None:
        """The table that an expression is, where what is read on that side of it is read once."""
        if not isinstance(node, ast.Name):
            return node
        binding = self._binding(node)
        if binding is None or binding[0] != "value" or binding[2] is not None or deep > _DEEP:
            return None
        table, use = binding[1], self.uses[node]
        others = [one for one in self.scopes.named(use.name) if one.home is use.home and one.context == "load"]
        if side == "all" or not isinstance(table, (ast.Dict, ast.DictComp)):
            return table if len(others) == 1 else None
        whole = [one for one in others if one.attributes and one.attributes[0].attr in ("values", "items")]
        return table if not [one for one in whole if one.node is not node] else None


def _elements_of(joined: ast.expr, separator: ast.expr) -> list[ast.expr] | None:
    """What is joined: `[a, b]`; what a slice of a name gives counts as one, `[*x[:-1], b]` and `x[:-1] + [b]`."""
    ends: list[ast.expr] = [joined]
    if isinstance(joined, ast.BinOp) and isinstance(joined.op, ast.Add) and isinstance(joined.left, ast.Subscript):
        ends = [ast.Starred(joined.left), joined.right]
    found: list[ast.expr] = []
    for end in ends:
        if not isinstance(end, (ast.List, ast.Tuple, ast.Starred)):
            return None
        found += [end] if isinstance(end, ast.Starred) else end.elts
    return [_rejoined(one.value, separator) if isinstance(one, ast.Starred) else one for one in found]


def _rejoined(part: ast.expr, separator: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(separator, "join", ast.Load()), [part], [])


def _interleaved(text: object, gap: re.Pattern[str], given: Sequence[ast.expr]) -> list[str | ast.expr] | None:
    pieces = gap.split(text) if isinstance(text, str) else []
    if len(pieces) != len(given) + 1 or any("%" in piece or "{" in piece for piece in pieces):
        return None
    found: list[str | ast.expr] = [pieces[0]]
    for expression, piece in zip(given, pieces[1:], strict=True):
        found += [expression, piece]
    return [one for one in found if one != ""]


def _literals(nodes: Sequence[ast.expr]) -> tuple[ast.Constant, ...]:
    """The texts among some expressions; none unless all of them are texts."""
    found = tuple(node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return found if len(found) == len(nodes) else ()


def _placed(nodes: Sequence[ast.expr | None], place: int | None) -> tuple[ast.Constant, ...] | None:
    """The texts, or the `place`-th text of each row."""
    if place is None:
        return _literals([node for node in nodes if node is not None]) or None
    rows = [node.elts for node in nodes if isinstance(node, (ast.Tuple, ast.List))]
    if len(rows) != len(nodes) or any(place >= len(row) for row in rows):
        return None
    return _literals([row[place] for row in rows]) or None


def absolute(anchor: str, text: str) -> str | None:
    """The absolute name that a text means from a package, a dot at its end kept; None where it climbs out."""
    level = len(text) - len(text.lstrip("."))
    rest = text[level:]
    if not level:
        return text
    if not anchor:
        return None
    found = names.absolute(anchor, level, rest.rstrip("."))
    return None if not found else found + ("." if not rest or rest.endswith(".") else "")

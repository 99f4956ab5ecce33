"""Names that are put together for the import system: `import_module(f"app.{name}")` over the names of a table.

Where the file itself shows every name, the literals follow their modules; what it does not show is reported.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Container, Iterator, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes
from codemod.source.text import Text

from .byname import called
from .dotted import home_of_names, successor_of
from .flow import Choice, Fixed, Flow, absolute
from .literals import bodies, is_registry
from .ownname import own_name
from .spoken import argument_of, spoken
from .view import View

LOADING = frozenset({"import_module", "__import__", "import_string", "load_object"})
"""Calls that import what is named by a text."""

DYNAMIC = (
    b"attach(", b"autodiscover_tasks(", b"import_", b"load_object", b"pkgutil", b"glob(", b"sys.modules",
    b".__module__", b"find_modules(",
)  # fmt: skip
"""Parts of their names, and of words of files that look for modules: few, since every file is searched for them."""

_TAKING = rb"(?:\(\s*(?![rRuU]?(?P<quote>[\"'])[^\"'\n]*(?P=quote)\s*[,)])| as )"
_CALLS = (  # each begins with a word that is found fast
    (b"import_", lazy(rb"import_(?:module|string|(?<=__import_)_)" + _TAKING)),
    (b"load_object", lazy(rb"load_object" + _TAKING)),
    (
        b"sys.modules",
        lazy(rb"sys\.modules(?:\[(?!__name__\]|[\"'][^\"'\n]*[\"']\])|\.(?:pop|get|setdefault)\(\w|, \w)"),
    ),
    (b"sys.modules", lazy(rb"(?<=\w) in sys\.modules(?<!__name__ in sys\.modules)")),
    (b"attach(", lazy(rb"attach\((?:(?<=\.attach\()|(?<!\wattach\()\s*__)")),
)


def may_compute(intent: Intent, data: bytes, held: Container[bytes] | None = None) -> bool:
    """True when the file may put together the name of something that moves; a cheap question.

    What it is known to have `held` of `DYNAMIC` is not searched for again.
    """
    return puts_together(data, held) and _quoted(intent).search(data) is not None


def puts_together(data: bytes, held: Container[bytes] | None = None) -> bool:
    """True when the file may import by a name that is not written as one literal; a cheap question."""
    return any(word in (data if held is None else held) and call.search(data) for word, call in _CALLS)


@functools.lru_cache(maxsize=4)
def _quoted(intent: Intent) -> re.Pattern[bytes]:
    """The last segment of one of the modules at the end of a literal."""
    words = sorted({names.last(name).encode() for name in intent.modules})
    return re.compile(rb"(?<![\w\x80-\xff])(?:" + (b"|".join(map(re.escape, words)) or rb"(?!)") + rb")[\"']")


@dataclass(frozen=True, slots=True)
class Computed:
    """A call's edits; `settled` when they are all that it needs."""

    edits: tuple[Edit, ...] = ()
    settled: bool = False
    lost: tuple[str, ...] = ()  # modules whose new names cannot be spelled there


def computed_edits(view: View, text: Text, tree: ast.Module, analysed: Callable[[], Scopes]) -> Iterator[Edit]:
    """The edits to the literals of which names are put together; `analysed` gives the scopes of the file."""
    flow = Flow(view, analysed)
    calls = spoken(tree)
    for node in every_node(tree):
        if isinstance(node, ast.Call) and node.args:
            name = calls.get(node.func.id, node.func.id) if isinstance(node.func, ast.Name) else called(node)
            if name in LOADING:
                yield from computed(flow, text, node).edits
            elif name == "attach":
                yield from _attached(flow, text, node)
        for key in looked_for_in(node):
            yield from _looked_for(flow, text, key, None).edits
            yield from _whole(flow, text, key)


def looked_for_in(node: ast.AST) -> Sequence[ast.expr]:
    """What is looked for among the loaded modules: `sys.modules[m]`, `m in sys.modules`, `sys.modules.pop(m)`."""
    if isinstance(node, ast.Subscript):
        return (node.slice,) if isinstance(node.value, ast.Attribute) and is_registry(node.value) else ()
    if isinstance(node, ast.Compare):
        among = node.comparators[0]
        looks = isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(among, ast.Attribute) and is_registry(among)
        return (node.left,) if looks else ()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr in ("pop", "get", "setdefault") and isinstance(node.func.value, ast.Attribute):
            return node.args[:1] if is_registry(node.func.value) else ()
        if node.func.attr in ("delitem", "setitem") and is_registry(node.args[0]):
            return node.args[1:2]
    return ()


def _whole(flow: Flow, text: Text, key: ast.expr) -> Iterator[Edit]:
    """The edits to whole names of modules of which a variable is given one after another."""
    parts = flow.parts(key) if isinstance(key, ast.Name) else None
    choice = parts[0] if parts and len(parts) == 1 else None
    for literal in choice.literals if isinstance(choice, Choice) else ():
        found = flow.view.inventory.modules.find(_said(literal), flow.view.path)
        old = found.module.name if found is not None else _said(literal)
        new, spans = flow.view.intent.module(old), bodies(text, literal, _said(literal))
        if new != old and len(spans) == 1 and _said(literal) == old:
            yield Edit(*spans[0], new.encode(), f"{old} -> {new} among the loaded modules", review=True)


def _attached(flow: Flow, text: Text, node: ast.Call) -> Iterator[Edit]:
    """`lazy_loader.attach(__name__, submod_attrs={"user": ["User"]})`: the keys are names below the package."""
    table = next(
        (k.value for k in node.keywords if k.arg == "submod_attrs"), node.args[2] if len(node.args) > 2 else None
    )
    front = flow.parts(node.args[0]) if isinstance(table, ast.Dict) else None
    if isinstance(table, ast.Dict) and front is not None and len(front) == 1 and isinstance(front[0], Fixed):
        keys = tuple(key for key in table.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))
        call = _Call(flow.view, text, ("", ""))
        yield from call.chosen([front[0], Fixed(".", "."), Choice(keys)], 2).edits


def computed(flow: Flow, text: Text, node: ast.Call) -> Computed:
    """What a call that imports by a text needs."""
    return _looked_for(flow, text, node.args[0], argument_of(node, 1, "package"))


def _looked_for(flow: Flow, text: Text, first: ast.expr, package: ast.expr | None) -> Computed:
    """What the text that names a module needs, `package` being what a relative one starts from."""
    near = package is None or isinstance(package, ast.Constant) or own_name(flow.view, package) is not None
    parts = None if isinstance(first, ast.Constant) and near else flow.parts(first)
    if parts is None:
        return Computed(tuple(_front(flow, text, first)))
    if not parts or (len(parts) == 1 and isinstance(parts[0], Choice)):
        return Computed()  # nothing that is known, or whole names, which are looked at one by one
    anchors = flow.parts(package) if package is not None else []
    fixed = [part for part in anchors or () if isinstance(part, Fixed)]
    if anchors is None or len(fixed) != len(anchors):
        return Computed()
    own = ("".join(part.before for part in fixed), "".join(part.after for part in fixed))
    gaps = [n for n, part in enumerate(parts) if isinstance(part, Choice)]
    if len(gaps) > 1:
        return Computed()
    call = _Call(flow.view, text, own)
    return call.chosen(parts, gaps[0]) if gaps else call.spelled([p for p in parts if isinstance(p, Fixed)], first)


def _front(flow: Flow, text: Text, node: ast.expr) -> Iterator[Edit]:
    """`".".join(["a", "b", name])`: the literals in front of what is not known name the package after the phase."""
    dotted = isinstance(node, ast.Call) and ast.unparse(node.func) == "'.'.join"
    filled = flow.filled(node) if dotted else None
    known: list[ast.Constant] = []
    for number, one in enumerate(filled or ()):
        if number % 2 == 0 and isinstance(one, ast.Constant) and isinstance(one.value, str):
            known.append(one)
        elif one != ".":
            break
    package = ".".join(map(_said, known))
    if not known or package not in flow.view.inventory.modules:
        return
    new = home_of_names(flow.view, package)
    *before, _ = map(_said, known)
    lead = ".".join([*before, ""])
    became = (
        [*before, names.tail(new, lead[:-1])] if before and new.startswith(lead) else new.split(".", len(known) - 1)
    )
    spans = [bodies(text, one, _said(one)) for one in known]
    if new == package or len(became) != len(known) or any(len(span) != 1 for span in spans):
        return
    for one, span, said in zip(known, spans, became, strict=True):
        if said != _said(one):
            yield Edit(*span[0], said.encode(), f"{package} -> {new} in a name that is put together", review=True)


@dataclass(frozen=True, slots=True)
class _Call:
    view: View
    text: Text
    own: tuple[str, str]  # the package that relative names start from, before and after

    def chosen(self, parts: list[Fixed | Choice], gap: int) -> Computed:
        """The edits to the literals of a choice."""
        choice = parts[gap]
        assert isinstance(choice, Choice)
        around = self._around(parts, gap)
        if around is None:
            return Computed()
        known = [_said(literal) for literal in choice.literals]
        became = [self._between(value, *around) for value in known]
        first, edits, settled, lost = parts[0], list[Edit](), True, list[str]()
        risen = None in became and gap == 1 and isinstance(first, Fixed) and not first.before.startswith(".")
        if risen and isinstance(first, Fixed):
            became, edits = self._from_above(first, known, around[2])
        for literal, new in zip(choice.literals, became, strict=True):
            spans = bodies(self.text, literal, _said(literal))
            if new is None or len(spans) != 1:
                settled = False  # the others go where they can be spelled
                lost.append(absolute(self.own[0], around[0] + _said(literal) + around[2]) or "")
            elif new != _said(literal):
                reason = f"{_said(literal)} -> {new} in a name that is put together"
                edits.append(Edit(*spans[0], new.encode(), reason, review=True))
        return Computed(tuple(edits) if settled or not risen else (), settled, tuple(lost))

    def _from_above(self, front: Fixed, known: list[str], behind: str) -> tuple[list[str | None], list[Edit]]:
        """The names from the package that holds them all after the phase, and the edit that names it."""
        whole = [
            successor_of(self.view, front.before + value + behind) or front.before + value + behind for value in known
        ]
        shared = names.parent(whole[0])
        while shared and not all(
            names.below(name, shared) and len(names.tail(name, shared)) > len(behind) for name in whole
        ):
            shared = names.parent(shared)
        edit = self._rewritten(front, shared + ".", "", review=True) if shared and front.before.endswith(".") else None
        if edit is None or not all(name.endswith(behind) for name in whole):
            return [None] * len(known), []
        return [names.tail(name, shared)[: -len(behind) or None] for name in whole], [edit]

    def _rewritten(self, part: Fixed, new: str, lead: str, *, review: bool = False) -> Edit | None:
        """The edit to a fixed part, where its literal spells it once; `lead` stays."""
        if part.node is None:
            return None
        start = self.text.offset(part.node.lineno, part.node.col_offset)
        end = self.text.offset(part.node.end_lineno or part.node.lineno, part.node.end_col_offset or 0)
        written, old = self.text.data[start:end], part.before.encode()
        if written.count(old) != 1:
            return None
        at = start + written.index(old)
        reason = f"{part.before} -> {new} in a name that is put together"
        return Edit(at + len(lead), at + len(old), new[len(lead) :].encode(), reason, review)

    def spelled(self, parts: list[Fixed], node: ast.expr) -> Computed:
        """The edit to the last literal of a text that is always the same; else the new name in its place."""
        last = max((n for n, part in enumerate(parts) if part.node is not None), default=None)
        if last is None:
            return Computed()
        around, part = self._around(list(parts), last), parts[last]
        new = self._between(part.before, *around) if around is not None else None
        if new is not None and new == part.before:
            return Computed((), True)
        edit = self._rewritten(part, new, _dots(part.before)) if new is not None else self._instead(parts, node)
        return Computed((edit,), True) if edit is not None else Computed()

    def _instead(self, parts: list[Fixed], node: ast.expr) -> Edit | None:
        """The edit that puts the new name in the place of an expression that cannot lead to it any more."""
        old = absolute(self.own[0], "".join(part.before for part in parts))
        start = self.text.offset(node.lineno, node.col_offset)
        end = self.text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        if not old or old not in self.view.inventory.modules or b"#" in self.text.data[start:end]:
            return None
        new = f'"{self.view.intent.module(old)}"'
        return Edit(start, end, new.encode(), f"{old} -> {new} for a name that is put together", review=True)

    def _around(self, parts: list[Fixed | Choice], gap: int) -> tuple[str, str, str] | None:
        """What stands before the gap, before and after the phase, and what stands behind it."""
        fixed = [part if isinstance(part, Fixed) else Fixed("", "") for part in parts]
        front = "".join(part.before for part in fixed[:gap])
        after = "".join(part.after for part in fixed[:gap])
        behind = "".join(part.before for part in fixed[gap + 1 :])
        if any(part.before != part.after for part in fixed[gap + 1 :]):
            return None
        if fixed[0].node is not None and front:  # other finders rewrite such a beginning
            head = names.parent(front + "x")
            if front.startswith("."):
                package = absolute(self.own[0], front)
                home = home_of_names(self.view, names.parent(package + "x")) if package else ""
                after = (names.relative(self.own[1], home) or home) if home else after
                after += "" if after.endswith(".") or not home else "."
            elif head:
                after = self.view.intent.module(head) + front[len(head) :]
        return front, after, behind

    def _between(self, value: str, front: str, after: str, behind: str) -> str | None:
        """What stands in the gap after the phase; None where the new name cannot be spelled there."""
        old = absolute(self.own[0], front + value + behind)
        new = successor_of(self.view, old) if old else None
        lead = absolute(self.own[1], after) if after else ""
        if not old or lead is None:
            return value
        new = new or old
        dots = _dots(value)
        if not front:  # the literal holds the beginning, too
            lead = absolute(self.own[1], dots) if dots else None
            return dots + new[len(lead) :] if lead and new.startswith(lead) and not behind else None
        if not new.startswith(lead + dots) or not new.endswith(behind) or len(new) <= len(lead + dots + behind):
            return None
        return new[len(lead) : len(new) - len(behind)]


def _dots(text: str) -> str:
    return text[: len(text) - len(text.lstrip("."))]


def _said(literal: ast.Constant) -> str:
    assert isinstance(literal.value, str)
    return literal.value

"""Where a string literal stands: the calls, tables and concatenations around it, and its bytes."""

from __future__ import annotations

import ast
import itertools
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field, replace
from codemod.rewrite.edits import Edit
from codemod.source.lines import stands_on
from codemod.source.nodes import children
from codemod.source.text import Text

from .spoken import ANCHORED, IMPORTING, PACKAGED, READING, RESOURCES, argument_of, gives_module, level_of
from .woven import BETWEEN

_LITERAL = lazy(rb"(?P<prefix>[rRuU]?)(?P<quote>\"\"\"|'''|\"|')")
_LOG = lazy(r"(?i)_*(?:log|logger|log_?record|record)")  # `x.log.name == "a.b"`
COMPARING = frozenset({"startswith", "endswith", "replace", "removeprefix", "removesuffix", "partition", "rpartition"})
"""String methods that take a name apart; with three segments or more the argument is one."""

_KEYED = frozenset({"get", "getenv", "setdefault", "setenv", "putenv"})
"""Calls that take the key of a value and the value."""

_OTHERS = frozenset({"git", "hg", "jj", "svn", "pytest", "py.test"})
"""Programs with a `-m` that takes no module: a message, a marker."""

String = ast.Constant | ast.JoinedStr


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a literal stands: the calls, keywords and names around it."""

    call: str = ""  # the called function's last name
    owner: str = ""  # what it is called on
    key: bool = False  # a dict key or a subscript
    label: str = ""  # the assigned name, keyword or dict key that the value belongs to
    after: str = ""  # the literal in front of it in the same list
    modules: bool = False  # a key of `sys.modules`
    part: str = ""  # of a concatenation: whole "", left end before `.x` "dotted", before what we do not know "open";
    #                 further right "behind", and before what we do not know "between"
    proven: bool = False  # beside names which the module that it names binds
    number: int = 0  # which argument of the call it is
    listed: bool = False  # an element of a list


Proving = Callable[[ast.Dict | ast.Tuple | ast.List | ast.Call], Iterable[ast.Constant]]
"""The literals of one display, or of one call, that are surely names of modules."""


@dataclass(frozen=True, slots=True)
class Literals:
    """The strings of a file.  `spoken` says what function a local name stands for: `{"im": "import_module"}`."""

    telling: re.Pattern[str]  # labels whose values are names
    spoken: Mapping[str, str] = field(default_factory=dict)
    proving: Proving = lambda _: ()
    compared: frozenset[str] = frozenset()  # names whose values are compared with the names of modules
    resources: bool = True  # the file reads data of packages; in any other `path("shop", view)` is a path

    def on(self, tree: ast.Module, lines: Sequence[int]) -> Iterator[tuple[String, Spot]]:
        """Every string on one of the lines with its surroundings, bytes too.

        Docstrings and the insides of f-strings are left out; a concatenation of nothing but literals is one string.
        """
        todo: list[tuple[ast.AST, Spot]] = [(tree, Spot())]
        while todo:
            node, spot = todo.pop()
            if not stands_on(node, lines):
                continue
            if isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
            ):
                yield node, spot
                continue
            todo += self._inside(node, spot)

    def _inside(self, node: ast.AST, spot: Spot) -> Iterator[tuple[ast.AST, Spot]]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, ast.Call):
            yield from self._call(node, spot)
        elif isinstance(node, ast.Dict):
            yield from self._dict(node, spot)
        elif isinstance(node, ast.Subscript):
            yield node.value, spot
            registry = isinstance(node.value, ast.Attribute) and node.value.attr == "modules"
            yield node.slice, Spot(key=True, modules=registry)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            modules = isinstance(target, ast.Name) and target.id in self.compared
            for child in children(node):
                yield child, Spot(label=self._keyed(target) or _last(target), modules=modules)
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            before, record, other = "", _is_record(node), False
            sure = [] if isinstance(node, ast.Set) or spot.key else list(self.proving(node))
            for element in node.elts:
                around = replace(spot, after=before, part="", proven=element in sure, listed=True)
                within = Spot(label="logger") if record else around
                yield element, within
                before = element.value if isinstance(element, ast.Constant) and isinstance(element.value, str) else ""
                other = other or posixpath.basename(before) in _OTHERS
                before = "" if other and before == "-m" else before
        elif isinstance(node, ast.Compare):
            yield from _compared(node)
        elif isinstance(node, ast.BinOp):
            yield from _joined(node, spot)
        elif isinstance(node, (ast.Starred, ast.IfExp, ast.BoolOp)):
            for child in children(node):
                yield child, spot
        elif isinstance(node, ast.keyword):
            yield node.value, Spot() if node.arg == "fromlist" else Spot(spot.call, spot.owner, False, node.arg or "")
        else:
            for child in children(node):
                yield child, Spot()

    def _dict(self, node: ast.Dict, spot: Spot) -> Iterator[tuple[ast.AST, Spot]]:
        sure = list(self.proving(node))
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield key, Spot(key=True, label=spot.label, modules=spot.modules, proven=key in sure)
            label = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
            yield value, Spot(label=label if self._labels(label) else spot.label, proven=value in sure)

    def _keyed(self, target: ast.expr) -> str:
        """The key of `environ["SETTINGS_MODULE"]`, where it tells what is put there."""
        key = target.slice if isinstance(target, ast.Subscript) else None
        said = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
        return said if said and self._labels(said) else ""

    def _labels(self, key: str) -> bool:
        """True when a key tells more of its value than the name of the table."""
        return key in ("loggers", "polymorphic_identity") or self.telling.search(key) is not None

    def _call(self, node: ast.Call, outer: Spot) -> Iterator[tuple[ast.AST, Spot]]:
        name, owner = "", ""
        if isinstance(node.func, ast.Name):
            name = self.spoken.get(node.func.id, node.func.id)
        elif isinstance(node.func, ast.Attribute):
            name, owner = node.func.attr, _last(node.func.value)
        if name in READING and not self.resources and owner not in RESOURCES:
            name = ""
        package = argument_of(node, 1, "package")
        anchor = ""
        if name in ANCHORED and package is not None:
            anchor = ast.unparse(package)
        if name == "setattr" and owner == "" and len(node.args) >= 2:
            name = ""  # the builtin
        if name == "format" and isinstance(node.func, ast.Attribute):
            yield node.func.value, outer
        else:
            yield node.func, Spot()
        if (owner == "modules" and name in ("get", "pop", "setdefault", "update")) or _tells_module(node.func):
            yield from ((argument, Spot(modules=True)) for argument in node.args)
            return
        if node.args and name in ("dict", "setitem", "delitem"):  # `patch.dict(sys.modules, {"a.b": fake})`
            registry = is_registry(node.args[0])
            yield node.args[0], Spot("patch" if name == "dict" and owner == "patch" else name, owner)
            yield from ((argument, Spot(modules=registry and n == 0)) for n, argument in enumerate(node.args[1:]))
            for keyword in node.keywords:
                yield (keyword, Spot(name, owner)) if keyword.arg else (keyword.value, Spot(modules=registry))
            return
        label = _key_of(node) if name in _KEYED else ""
        label = label if self._labels(label) else ""
        if outer.call in IMPORTING and name in _KEYED:  # `import_module(environ.get("X", "a.b"))`
            yield from ((argument, outer) for argument in node.args[1:])
            return
        sure = list(self.proving(node))
        started = _started(node)
        for number, argument in enumerate(node.args):
            if number == started:  # `run_python("-m", "app.user")`
                yield argument, Spot(name, owner, after="-m", number=number)
                continue
            if argument in sure:
                yield argument, Spot(name, owner, proven=True)
                continue
            if (number and name in PACKAGED) or (number == 3 and name == "filterwarnings"):
                yield argument, Spot(name if number == 3 else "", owner, label="module" if number == 3 else "")
                continue
            first = number == 0 or name in ("patch", "run")
            if name == "__import__" and not first:
                yield argument, Spot()
            elif name == "__import__" and level_of(node):
                yield argument, Spot(part="behind")  # a relative name
            else:
                yield (
                    argument,
                    Spot(name, anchor or owner, number=number)
                    if first
                    else Spot("" if label else name, owner, label=label, number=number),
                )
        for keyword in node.keywords:
            if keyword.value in sure:
                yield keyword.value, Spot(name, owner, label=keyword.arg or "", proven=True)
            else:
                yield keyword, Spot(name, anchor or owner if keyword.arg == "name" else owner)


def _started(node: ast.Call) -> int:
    """Which argument is the module behind `-m`, where the words of a command are the arguments; -1 for none."""
    words = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
    if "-m" not in words or any(isinstance(word, str) and posixpath.basename(word) in _OTHERS for word in words):
        return -1
    return words.index("-m") + 1


def _key_of(node: ast.Call) -> str:
    """The key in `environ.setdefault("KEY", value)`."""
    key = node.args[0] if len(node.args) > 1 else None
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _last(node: ast.expr) -> str:
    """The last segment of a name or attribute."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def is_registry(node: ast.expr) -> bool:
    """`sys.modules`, or the text that names it."""
    if isinstance(node, ast.Attribute):
        return node.attr == "modules" and isinstance(node.value, ast.Name) and node.value.id == "sys"
    return isinstance(node, ast.Constant) and node.value == "sys.modules"


def _compared(node: ast.Compare) -> Iterator[tuple[ast.AST, Spot]]:
    sides = [node.left, *node.comparators]
    attributes = {side.attr for side in sides if isinstance(side, ast.Attribute)}
    registry = bool(attributes & {"modules", "__name__"}) or any(gives_module(side) for side in sides)
    within = [inner for side in sides if isinstance(side, ast.Tuple) for inner in side.elts]
    own = any(gives_module(one) for one in within)
    logger = any(isinstance(side, ast.Attribute) and side.attr == "name" and _LOG.fullmatch(_last(side.value))
                 for side in sides)  # fmt: skip
    for child in children(node):
        yield child, Spot("getLogger") if logger else Spot(key=not (registry or own), modules=registry)


def _is_record(node: ast.List | ast.Tuple | ast.Set) -> bool:
    """True for `("a.b", logging.INFO, "said")`, as pytest's `caplog.record_tuples` holds them."""
    second = node.elts[1] if isinstance(node, ast.Tuple) and len(node.elts) == 3 else None
    return isinstance(second, ast.Attribute) and _last(second.value) == "logging"


def _joined(node: ast.BinOp, spot: Spot) -> Iterator[tuple[ast.AST, Spot]]:
    """The operands of an operator.  Of a concatenation of strings only the left end can begin a name."""
    whole = _folded(node)
    if whole is not None:
        yield ast.copy_location(ast.Constant(whole), node), spot
        return
    operands = _operands(node) if isinstance(node.op, ast.Add) else [node.left, node.right]
    if not (isinstance(node.op, ast.Add) and any(_is_text(operand) for operand in operands)):
        yield from ((operand, spot) for operand in operands)
        return
    beyond = _front(operands[1])
    if beyond is None or beyond == "." or not isinstance(operands[0], ast.Constant):
        part = "open" if beyond is None else "dotted"
        yield operands[0], Spot(spot.call, spot.owner, spot.key, spot.label, spot.after, spot.modules, part)
    for operand, behind in itertools.pairwise((*operands[1:], None)):
        if isinstance(operand, ast.Constant) and _is_text(operand):
            yield operand, Spot(part="between" if behind is not None and _front(behind) is None else "behind")
        elif operand is not None and not _is_text(operand):
            yield operand, Spot()


def _operands(node: ast.expr) -> list[ast.expr]:
    """`a + b + c` -> a, b, c; literals beside each other at the left end are one."""
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _folded(node) is None:
        found.append(node.right)
        node = node.left
    whole = _folded(node)
    if whole is not None and isinstance(node, ast.BinOp):
        node = ast.copy_location(ast.Constant(whole), node)
    return [node, *reversed(found)]


def _folded(node: ast.expr) -> str | None:
    """The text of a literal, or of a concatenation of nothing but literals."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _folded(node.left), _folded(node.right)
        return None if left is None or right is None else left + right
    return None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _front(node: ast.expr) -> str | None:
    """The first character of a text, None where it is not known."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    return first.value[:1] if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _tells_module(function: ast.expr) -> bool:
    """`x.__module__.startswith`: a string method on a module's name, or on a text that begins with one."""
    value = function.value if isinstance(function, ast.Attribute) and function.attr in COMPARING else None
    if isinstance(value, ast.JoinedStr) and value.values and isinstance(value.values[0], ast.FormattedValue):
        value = value.values[0].value
    return value is not None and gives_module(value)


def bodies(text: Text, node: ast.expr, value: str) -> list[tuple[int, int]]:
    """The byte spans between the quotes of the literals that make up `value`, in order.

    Empty where they hold escapes, so that an offset in the value is none in the file.
    """
    position = text.offset(node.lineno, node.col_offset)
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    spans: list[tuple[int, int]] = []
    while position < end:
        between = BETWEEN.match(text.data, position, end)
        if between:
            position = between.end()
            continue
        found = _LITERAL.match(text.data, position, end)
        close = text.data.find(found["quote"], found.end(), end) if found else -1
        if found is None or close == -1:
            return []
        spans += _parted(text.data, found.end(), close)
        position = close + len(found["quote"])
    spelled = b"".join(text.data[start:stop] for start, stop in spans)
    return spans if spelled == value.encode() else []


def _parted(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A span without the CR of each CR LF: Python reads a line break of either kind as one LF."""
    while (at := data.find(b"\r\n", start, end)) != -1:
        yield start, at
        start = at + 1
    yield start, end


def laid(edit: Edit, spans: Sequence[tuple[int, int]], data: bytes) -> Iterator[Edit]:
    """An edit to a string's value as an edit to the literals that spell it; none where they cannot be joined."""
    value = b"".join(data[start:end] for start, end in spans)
    start, new = edit.start, edit.new
    if len(spans) > 1:  # what is the same in front stays as it is
        same = len(posixpath.commonprefix([value[start : edit.end], new]))
        same = value.rfind(b".", start, start + same) + 1 - start if b"." in value[start : start + same] else 0
        start, new = start + same, new[same:]
    first = next(n for n, (_, size) in enumerate(_sizes(spans)) if start < size or n == len(spans) - 1)
    last = next(n for n, (_, size) in enumerate(_sizes(spans)) if edit.end <= size)
    gap = data[spans[first][1] : spans[last][0]].split()
    if first != last and (len(gap) < 2 or gap[0] != gap[-1] or set(gap[1:-1]) - {b"+"}):
        return  # the quotes differ, or a comment would be lost
    begin, end = _sizes(spans)[first][0], _sizes(spans)[last][0]
    yield Edit(spans[first][0] + start - begin, spans[last][0] + edit.end - end, new, edit.reason, edit.review)


def _sizes(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where each literal's text starts and ends in the value."""
    found, position = [], 0
    for start, end in spans:
        found.append((position, position + end - start))
        position += end - start
    return found

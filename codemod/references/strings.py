"""Strings in Python that are whole dotted names, where a dotted name is meant; prose, URLs and keys stay."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from codemod.base import names
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent, Symbol
from codemod.source.lines import stands_on
from codemod.source.text import Text

from .view import Ref, View

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_WHOLE = re.compile(rf"(?P<module>{_NAME})(?::(?P<attr>{_NAME}))?")
_ENTRY = re.compile(
    rf"(?P<lead>\s*[\w.\-]+\s*=\s*)(?P<module>{_NAME})(?::(?P<attr>{_NAME}))?(?P<rest>\s*(?:\[[^\]]*\])?\s*)"
)
_COMMAND = re.compile(
    r"(?:\b(?:uvicorn|gunicorn|hypercorn|daphne|arq|celery\s+-A|celery\s+--app|flask\s+--app|python[\d.]*\s+-m|pytest\s+--pyargs)"
    rf"\s+(?:-{{1,2}}[\w-]+(?:[= ]\w+)?\s+)*?)(?P<module>{_NAME})(?::(?P<attr>{_NAME}))?(?![\w/])"
)
_HEAD = re.compile(rf"(?P<module>{_NAME})\.(?=$|\{{|%)")
_RELATIVE = re.compile(rf"(?P<dots>\.+)(?P<module>{_NAME})")
_END = re.compile(rb"(?![\w\x80-\xff])")
_DOTS = re.compile(rb"[\"']\.")
_LITERAL = re.compile(rb"(?P<prefix>[rRuU]?)(?P<quote>\"\"\"|'''|\"|')")

IMPORTING = frozenset({
    "import_module", "__import__", "find_spec", "resolve_name", "import_string", "import_object", "run_module",
    "import_from_string", "load_object", "reload", "importorskip",
})  # fmt: skip
"""Calls whose argument is a module name: the import system's, and the names frameworks give to the same thing."""

TARGETED = IMPORTING | frozenset({
    "patch", "patch.object", "setattr", "delattr", "files", "read_text", "read_binary", "open_text", "open_binary",
    "is_resource", "contents", "path", "as_file", "get_data", "run", "Celery", "autodiscover_tasks", "PackageLoader",
    "cast", "TypeVar", "ForwardRef", "NewType", "include", "mock_patch", "multiple",
})  # fmt: skip
"""Calls whose string argument is a dotted name when it resolves to something of ours."""

_PATCHING = frozenset({"patch", "setattr", "delattr", "multiple", "mock_patch"})

_NOT_NAMES = frozenset({
    "_", "gettext", "ngettext", "gettext_lazy", "translate", "t", "getLogger", "get", "pop", "execute", "print", "info",
    "debug", "warning", "error", "exception", "critical", "log", "getenv", "emit", "publish",
})  # fmt: skip

_TELLING = re.compile(
    r"(?:^|_)(?:apps|modules?|plugins?|middlewares?|backends?|handlers?|includes?|imports?|packages?|tasks?|urlconf|wsgi"
    r"|asgi|routers?|lazy|entrypoints?|entry_points?|loaders?|hooks?|processors?|callables?|factory|dotted|qualname)(?:$|_)",
    re.IGNORECASE,
)
"""Names of settings and tables whose values are dotted names."""

_COMPARING = frozenset({"startswith", "endswith", "replace", "removeprefix", "removesuffix", "partition", "rpartition"})
"""String methods that take a name apart; with three segments or more the argument is one."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a literal stands: the calls, keywords and names around it."""

    call: str = ""  # the called function's last name
    owner: str = ""  # what it is called on
    key: bool = False  # a dict key or a subscript
    label: str = ""  # the assigned name, keyword or dict key that the value belongs to
    after: str = ""  # the literal in front of it in the same list
    modules: bool = False  # a key of `sys.modules`


def string_edits(view: View, text: Text, tree: Callable[[], ast.Module]) -> Iterator[Edit]:
    """The edits to string literals of one file."""
    relative = view.moves and b"import_module" in text.data
    if not relative and not may_hold_strings(view.intent, text.data):
        return
    importing = any(word.encode() in text.data for word in IMPORTING)
    lines = _telling_lines(view.intent, text, importing)
    for node, place in _literals(tree(), lines):
        if isinstance(node, ast.JoinedStr):
            yield from _fstring(view, text, node, place)
        elif isinstance(node.value, str) and 1 < len(node.value) < 2000:
            yield from _literal(view, text, node, node.value, place, importing)


def may_hold_strings(intent: Intent, data: bytes) -> bool:
    """True when some quoted text may spell an old name; a cheap question before a walk over every literal."""
    if any(_quoted(word, data) for word in _spellings(frozenset(intent.modules), frozenset(intent.symbols))):
        return True
    if b"import_module" not in data:
        return False
    return any(
        re.search(rb"[\"']\.+[\w.\x80-\xff]*" + re.escape(names.last(name).encode()), data) for name in intent.modules
    )


def _quoted(word: bytes, data: bytes) -> bool:
    """True when the word stands behind a quote on its line."""
    position = data.find(word)
    while position != -1:
        if _END.match(data, position + len(word)) is None:
            position = data.find(word, position + 1)
            continue
        line = max(data.rfind(b"\n", 0, position), data.rfind(b"\r", 0, position)) + 1
        if data.find(b'"', line, position) != -1 or data.find(b"'", line, position) != -1:
            return True
        position = data.find(word, position + 1)
    return False


@functools.lru_cache(maxsize=8)
def _spellings(modules: frozenset[str], symbols: frozenset[Symbol]) -> tuple[bytes, ...]:
    """The words of which one must be there where a string spells one of the names."""
    dotted = {_spelled(name) for name in modules}
    dotted |= {f"{names.last(module)}{mark}{name}" for module, name in symbols for mark in ".:"}
    return tuple(sorted(word.encode() for word in dotted))


def _spelled(name: str) -> str:
    """The last two segments of a dotted name, or the only one."""
    above = names.last(names.parent(name))
    return names.join(above, names.last(name))


def _telling_lines(intent: Intent, text: Text, importing: bool) -> list[int]:
    """The lines on which a string may name something old: those with a last segment, and with relative names."""
    segments = _segments(frozenset(intent.modules), frozenset(intent.symbols))
    found = {match.start() for match in segments.finditer(text.data)}
    if importing:
        found |= {match.start() for match in _DOTS.finditer(text.data)}
    return sorted({text.line(offset) for offset in found})


@functools.lru_cache(maxsize=8)
def _segments(modules: frozenset[str], symbols: frozenset[Symbol]) -> re.Pattern[bytes]:
    """A pattern for the last segment of any of the names."""
    words = {names.last(name) for name in modules} | {name for _, name in symbols}
    listed = b"|".join(re.escape(word.encode()) for word in sorted(words)) or rb"(?!)"
    return re.compile(rb"(?<![\w\x80-\xff])(?:" + listed + rb")(?![\w\x80-\xff])")


def _literals(tree: ast.Module, lines: Sequence[int]) -> Iterator[tuple[ast.Constant | ast.JoinedStr, _Place]]:
    """Every string on one of the lines with its surroundings; docstrings and the insides of f-strings are left out."""
    todo: list[tuple[ast.AST, _Place]] = [(tree, _Place())]
    while todo:
        node, place = todo.pop()
        if not stands_on(node, lines):
            continue
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            yield node, place
            continue
        todo += _inside(node, place)


def _inside(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Call):
        yield from _call(node, place)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield key, _Place(key=True, label=place.label)
            label = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
            yield value, _Place(label=label if label == "loggers" or _TELLING.search(label) else place.label)
    elif isinstance(node, ast.Subscript):
        yield node.value, place
        registry = isinstance(node.value, ast.Attribute) and node.value.attr == "modules"
        yield node.slice, _Place(key=True, modules=registry)
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        label = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
        for child in ast.iter_child_nodes(node):
            yield child, _Place(label=label)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        before = ""
        for element in node.elts:
            yield element, _Place(place.call, place.owner, place.key, place.label, before)
            before = element.value if isinstance(element, ast.Constant) and isinstance(element.value, str) else ""
    elif isinstance(node, ast.Compare):
        for child in ast.iter_child_nodes(node):
            sides = [node.left, *node.comparators]
            registry = any(
                isinstance(c, ast.Attribute) and c.attr in ("modules", "__module__", "__name__") for c in sides
            )
            yield child, _Place(key=not registry, modules=registry)
    elif isinstance(node, (ast.BinOp, ast.Starred, ast.IfExp, ast.BoolOp)):
        for child in ast.iter_child_nodes(node):
            yield child, place
    elif isinstance(node, ast.keyword):
        yield node.value, _Place(place.call, place.owner, False, node.arg or "")
    else:
        for child in ast.iter_child_nodes(node):
            yield child, _Place()


def _call(node: ast.Call, outer: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    name, owner = "", ""
    if isinstance(node.func, ast.Name):
        name = node.func.id
    elif isinstance(node.func, ast.Attribute):
        name = node.func.attr
        inner = node.func.value
        owner = inner.id if isinstance(inner, ast.Name) else inner.attr if isinstance(inner, ast.Attribute) else ""
    package = next((k.value for k in node.keywords if k.arg == "package"), node.args[1] if len(node.args) > 1 else None)
    anchor = ""
    if name == "import_module" and package is not None:
        anchor = ast.unparse(package)
    if name == "setattr" and owner == "" and len(node.args) >= 2:
        name = ""  # the builtin
    if name == "format" and isinstance(node.func, ast.Attribute):
        yield node.func.value, outer
    else:
        yield node.func, _Place()
    if (owner == "modules" and name in ("get", "pop", "setdefault")) or _tells_module(node.func):
        yield from ((argument, _Place(modules=True)) for argument in node.args)
        return
    for number, argument in enumerate(node.args):
        first = number == 0 or name in ("patch", "run")
        yield argument, _Place(name, anchor or owner) if first else _Place(name, owner)
    for keyword in node.keywords:
        yield keyword, _Place(name, owner)


def _tells_module(function: ast.expr) -> bool:
    """`x.__module__.startswith`: a string method on a module's name."""
    value = function.value if isinstance(function, ast.Attribute) and function.attr in _COMPARING else None
    return isinstance(value, ast.Attribute) and value.attr == "__module__"


def _literal(view: View, text: Text, node: ast.Constant, value: str, place: _Place, importing: bool) -> Iterator[Edit]:
    span = _body(text, node, value)
    if span is None:
        return
    relative = _RELATIVE.fullmatch(value)
    if relative:
        yield from _relative(view, span, relative, place, importing)
        return
    match = _WHOLE.fullmatch(value)
    if match:
        sure, likely = _judge(view, match, place, importing)
        if (sure or likely) and not _looked_up_here(view, match["module"], place):
            yield from _replace(view, match, span[0], value, review=not sure)
        return
    entry = _ENTRY.fullmatch(value)
    if entry and (entry["attr"] or "entry" in place.label or "scripts" in place.label):
        yield from _replace(view, entry, span[0], value)
        return
    for command in _COMMAND.finditer(value):
        yield from _replace(view, command, span[0], value)
    head = _HEAD.match(value)
    if head and (place.call in IMPORTING or place.modules):
        yield from _replace(view, head, span[0], value)


def _judge(view: View, match: re.Match[str], place: _Place, importing: bool) -> tuple[bool, bool]:
    """(surely a name, likely a name)."""
    if place.modules or place.call in TARGETED or place.after in ("-m", "uvicorn", "gunicorn", "arq", "-A", "--app"):
        return True, True
    if place.call in _NOT_NAMES or "." not in match["module"] or place.label.startswith("__table"):
        return False, False
    ref, rest = _means(view, match["module"])
    if ref is None:
        return False, False
    if place.key and place.label == "loggers":
        return False, not ref.name and not rest and _logs_by_name(view, ref.module)
    if place.key:  # a table of routes or handlers by task, not of texts by key
        registered = bool(ref.name) and _is_bound(view, ref) and not _names_itself(view, ref)
        return False, registered and bool(_TELLING.search(place.label))
    if ref.name and _names_itself(view, ref):
        return False, False
    if match["attr"] or (ref.name and _is_bound(view, ref)):
        return bool(match["attr"]), True
    if place.label == "name" and view.path.endswith("apps.py"):  # a Django AppConfig
        return False, not rest and not ref.name
    compared = place.call in _COMPARING and match["module"].count(".") > 1
    telling = importing or compared or bool(_TELLING.search(place.label))
    return False, telling and not rest and not ref.name


def _is_bound(view: View, ref: Ref) -> bool:
    if (ref.module, ref.name) in view.intent.symbols:
        return True
    module = view.inventory.modules.get(ref.module)
    return module is not None and ref.name in view.inventory.facts(module.path).bound


def _logs_by_name(view: View, module: str) -> bool:
    """True when the module's logger is called like the module, so that its configuration has to follow."""
    found = view.inventory.modules.get(module)
    return found is not None and bool(found.path) and b"getLogger(__name__)" in view.inventory.tree.read(found.path)


def _looked_up_here(view: View, dotted: str, place: _Place) -> bool:
    """True when a patched name has moved, but the module that is named goes on reading it under its own name."""
    if place.call not in _PATCHING:
        return False
    ref, _ = _means(view, dotted)
    if ref is None or not ref.name or view.successor(ref).module == view.intent.module(ref.module):
        return False
    module = view.inventory.modules.get(ref.module)
    return module is not None and ref.name in view.inventory.facts(module.path).bound


def _names_itself(view: View, ref: Ref) -> bool:
    """True when the definition is registered under a name of its own: `@app.task(name="...")`."""
    module = view.inventory.modules.get(ref.module)
    if module is None or not module.path:
        return False
    for definition in view.inventory.facts(module.path).definitions:
        if definition.name == ref.name and definition.kind == "function":
            head = view.inventory.tree.read(module.path)[definition.start : definition.end].partition(b"def ")[0]
            return b"name=" in head
    return False


def _means(view: View, dotted: str) -> tuple[Ref | None, str]:
    """What an absolute dotted name means, and what is left of it behind the first name that is no module."""
    parts = dotted.split(".")
    current = view.find(parts[0])
    if current is None:
        return None, ""
    for number, part in enumerate(parts[1:], 1):
        member = view.member(current, part)
        if member.name:
            return member, ".".join(parts[number + 1 :])
        current = member
    return current, ""


def _replace(view: View, match: re.Match[str], base: int, value: str, review: bool = False) -> Iterator[Edit]:
    """The edit for the `module[:attr]` groups of a match inside a literal whose body starts at byte `base`."""
    groups = match.groupdict()
    ref, rest = _means(view, groups["module"])
    attribute = groups.get("attr") or ""
    if ref is None or (attribute and ref.name):
        return
    if attribute:
        whole = Ref(ref.module, names.top(attribute), ref.root)
        new = view.successor(whole)
        text = view.spell(new.module, ref.root) + ":" + names.join(new.name, attribute[len(names.top(attribute)) + 1 :])
    else:
        whole = ref
        new = view.successor(ref)
        text = names.join(view.spell(new.module, ref.root), new.name, rest)
    start = match.start("module")
    end = match.end("attr") if attribute else match.end("module")
    old = value[start:end]
    if text != old and view.affected(whole):
        at = base + len(value[:start].encode())
        yield Edit(at, at + len(old.encode()), text.encode(), f"{old} -> {text} in a string", review)


def _relative(
    view: View, span: tuple[int, int], match: re.Match[str], place: _Place, importing: bool
) -> Iterator[Edit]:
    """`import_module(".x", package="a")`, and tables of such names in files that import dynamically."""
    anchor = new_anchor = ""
    if place.call == "import_module":
        written = place.owner
        if written.startswith(("'", '"')):
            anchor = written.strip("'\"")
            new_anchor = view.intent.module(anchor)
        elif written in ("__name__", "__package__", "__spec__.parent") or written:
            anchor, new_anchor = view.package, view.new_package
    elif importing and not place.key:
        anchor, new_anchor = view.package, view.new_package
    absolute = names.absolute(anchor, len(match["dots"]), match["module"]) if anchor else None
    if not absolute:
        return
    ref, rest = _means(view, absolute)
    if ref is None or (ref.name and not view.affected(ref)):
        return
    new = view.successor(ref)
    target = names.join(new.module, new.name, rest)
    near = names.relative(new_anchor, target) if new_anchor else None
    text = near or target
    if text != match.group() and (view.affected(ref) or view.moves or anchor != new_anchor):
        yield Edit(*span, text.encode(), f"{match.group()} -> {text} in a string", place.call != "import_module")


def _fstring(view: View, text: Text, node: ast.JoinedStr, place: _Place) -> Iterator[Edit]:
    """The constant head of an f-string that is handed to the import system."""
    if place.call not in IMPORTING or not node.values or not isinstance(node.values[0], ast.Constant):
        return
    start = text.offset(node.lineno, node.col_offset)
    opened = re.compile(rb"[fFrR]{1,2}(?:\"\"\"|'''|\"|')").match(text.data, start)
    head = _HEAD.match(str(node.values[0].value))
    if opened and head:
        body = text.data[opened.end() : opened.end() + len(head.group().encode())]
        if body == head.group().encode():
            yield from _replace(view, head, opened.end(), head.group())


def _body(text: Text, node: ast.Constant, value: str) -> tuple[int, int] | None:
    """The byte span between the quotes; None where the literal is joined of several or holds escapes."""
    start = text.offset(node.lineno, node.col_offset)
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    match = _LITERAL.match(text.data, start)
    if match is None:
        return None
    inner = (match.end(), end - len(match["quote"]))
    return inner if text.data[inner[0] : inner[1]] == value.encode() else None

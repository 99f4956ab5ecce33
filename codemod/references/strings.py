"""Strings in Python that are whole dotted names, where a dotted name is meant; prose, URLs and keys stay."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterable, Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, replace
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.search import may_be_anchored, words_in
from codemod.source.sieve import holds
from codemod.source.text import Text, line_start

from .beginnings import DYNAMIC, HEAD, anchors, goes_on, headed, relative_beginning
from .commandlines import commands_in, commands_of
from .dotted import EXTERNAL, behind_colon, external, is_bound, is_class, means, meant, successor_of, through_modules
from .fed import fed
from .literals import Literals, Spot, bodies, laid
from .patched import PATCHING
from .paths import path_after
from .patterned import inner_pattern_edits, pattern_edits
from .phrases import filtered
from .proven import proven
from .registered import is_logger, is_own_app, is_packaged, is_stored, logs_below, logs_by_name, names_itself
from .setupfile import entries_in, is_setup
from .shown import may_be_logged, shown
from .spoken import ANCHORED, IMPORTING, NAMED, compared_by, headed_by, may_read_resources, spoken
from .targeted import is_key, is_loaded, is_targeted
from .view import Ref, View
from .woven import weave

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_WHOLE = lazy(rf"(?P<module>{_NAME})(?::(?P<attr>{_NAME})(?:\([^()]*\))?)?")  # `app.web:create()` is a factory
_ERROR = lazy(rf"{_NAME}\.[A-Z]\w*: ")
"""How a traceback ends; the same behind a module's name is prose."""

_RELATIVE = lazy(rf"(?P<dots>\.+)(?P<module>{_NAME})")
_TAIL = lazy(rb"[\w\x80-\xff]*")
_DOTS = lazy(rb"[\"']\.")

_NOT_NAMES = frozenset({
    "_", "gettext", "ngettext", "gettext_lazy", "translate", "t", "getLogger", "get", "pop", "execute", "print", "info",
    "debug", "warning", "error", "exception", "critical", "log", "getenv", "emit", "publish",
})  # fmt: skip

_TEXTS = frozenset({
    "caption", "description", "doc", "epilog", "help", "label", "message", "metavar", "msg", "prog", "summary", "text",
    "title", "topic", "usage", "verbose_name",
})  # fmt: skip
"""Keywords whose values are for people."""

_TELLING = lazy(
    r"(?:^|_)(?:apps|modules?|plugins?|middlewares?|backends?|handlers?|includes?|imports?|packages?|tasks?|urlconf|wsgi"
    r"|asgi|routers?|extensions?|lazy|entrypoints?|entry_points?|loaders?|hooks?|flask_app|processors?|callables?|factory|dotted|qualname)(?:$|_)",
    re.IGNORECASE,
)
"""Names of settings and tables whose values are dotted names."""

_COMPUTED = lazy(rb"\b(?:import_module|__import__|import_string|load_object)\(\s*[^\W\d][\w.\[\]]*\s*[,)]")
"""A module that is imported by a name which is not written there: the file's keys may be such names."""

_IMPORTING = lazy(rb"(?<![A-Za-z])(?:" + "|".join(sorted(IMPORTING)).encode() + rb")")  # `preload` is another word


def string_edits(view: View, text: Text, code: bytes, tree: Callable[[], ast.Module]) -> Iterator[Edit]:
    """The edits to string literals of one file; `code` is its text without import statements."""
    anchored = may_be_anchored(text.data)
    if not (view.moves and anchored) and not may_hold_strings(view.intent, code, anchored):
        return
    importing = any(word.encode() in text.data for word in IMPORTING) and _IMPORTING.search(text.data) is not None
    computed = importing and _COMPUTED.search(text.data) is not None
    lines = _telling_lines(view.intent, text, importing)
    parsed = tree()
    patched = b"patch(" in text.data or b"setattr(" in text.data
    headed = functools.cache(lambda: headed_by(parsed))
    called = spoken(parsed) if importing else {}
    written = Literals(
        _TELLING, called, functools.partial(proven, view), compared_by(parsed, text.data), may_read_resources(text.data)
    ).on(parsed, lines)
    for node, place in fed(written, parsed, called) if computed or b"sys.modules" in text.data else written:
        if isinstance(node, ast.JoinedStr):
            yield from _fstring(view, text, node, place)
        elif isinstance(node.value, bytes):
            yield from _shown(view, text, node, node.value.decode("ascii", "replace"), place)
        elif isinstance(node.value, str) and 0 < len(node.value) < 2000:
            spans = bodies(text, node, node.value)
            told = _shown(view, text, node, node.value, place) if place.part not in ("behind", "between") else []
            yield from told
            named = importing or bool(patched and place.label and "." in node.value and place.label in headed())
            if not spans and is_setup(view.path):
                entries = entries_in(view, node.value, place)
                yield from _woven(text, node, node.value, [e for m in entries for e in _replace(view, m, node.value)])
            for edit in _literal(view, node.value, place, named, computed) if spans else ():
                found = list(laid(edit, spans, text.data))
                if not any(one.start < other.end and other.start < one.end for one in found for other in told):
                    yield from found


def may_hold_strings(intent: Intent, data: bytes, anchored: bool) -> bool:
    """True when some quoted text may spell an old name; a cheap question before a walk over every literal.

    Where the file is `anchored`, names may be relative, or divided among literals.
    """
    spelled = _spellings(intent)
    heads = [(head, tails) for head, tails in spelled.plain if head in data]
    if any(_quoted(head, tails, data) for head, tails in heads):
        return True
    if (b"\\." in data and holds(data, spelled.escaped)) or (heads and may_be_logged(data)):  # that without quotes
        return True
    if heads and b"entry_points" in data:  # one a line, in a text of many
        return True
    return anchored and _ending(intent).search(data) is not None


@functools.lru_cache(maxsize=4)
def _ending(intent: Intent) -> re.Pattern[bytes]:
    """The last segment of one of the modules somewhere in the first word of a literal."""
    listed = b"|".join(re.escape(names.last(name).encode()) for name in intent.modules) or rb"(?!)"
    return re.compile(rb"[\"'][\w.\x80-\xff]*(?:" + listed + rb")")


def _quoted(head: bytes, tails: frozenset[bytes], data: bytes) -> bool:
    """True when `head` with one of the tails stands behind a quote on its line."""
    position = data.find(head)
    while position != -1:
        tail = _TAIL.match(data, position + len(head))
        if tail is not None and tail.group() in tails:
            line = line_start(data, position)
            if data.find(b'"', line, position) != -1 or data.find(b"'", line, position) != -1:
                return True
        position = data.find(head, position + 1)
    return False


@dataclass(frozen=True, slots=True)
class _Spelled:
    """The words of which one must be there where a string spells one of the names."""

    plain: tuple[tuple[bytes, frozenset[bytes]], ...]  # what they begin with (`mod.`, `mod:`) and end with
    escaped: tuple[bytes, ...]  # as a pattern spells them: dots are escaped nowhere else


@functools.lru_cache(maxsize=4)
def _spellings(intent: Intent) -> _Spelled:
    dotted = {_spelled(name) for name in intent.modules}
    dotted |= {f"{names.last(module)}{mark}{name}" for module, name in intent.symbols for mark in ".:"}
    plain: dict[bytes, set[bytes]] = {}
    for word in dotted:
        head, mark, tail = re.split(r"([.:])", word, maxsplit=1) if re.search(r"[.:]", word) else (word, "", "")
        plain.setdefault((head + mark).encode(), set()).add(tail.encode())
    escaped = sorted(word.replace(".", "\\.").encode() for word in dotted if "." in word)
    return _Spelled(tuple((head, frozenset(tails)) for head, tails in sorted(plain.items())), tuple(escaped))


def _spelled(name: str) -> str:
    """The last two segments of a dotted name, or the only one."""
    return names.join(names.last(names.parent(name)), names.last(name))


def _telling_lines(intent: Intent, text: Text, importing: bool) -> list[int]:
    """The lines on which a string may name something old: those with a last segment, and with relative names."""
    found = {at for word in _segments(intent) for at in words_in(text.data, word)}
    if importing:
        found |= {match.start() for match in _DOTS.finditer(text.data)}
    return sorted({text.line(offset) for offset in found})


@functools.lru_cache(maxsize=4)
def _segments(intent: Intent) -> tuple[bytes, ...]:
    """The last segments of all names."""
    words = {names.last(name) for name in intent.modules} | {name for _, name in intent.symbols}
    return tuple(word.encode() for word in words)


def _literal(view: View, value: str, place: Spot, importing: bool, computed: bool) -> Iterator[Edit]:
    """The edits to a string's value, in bytes from its beginning."""
    if place.part in ("behind", "between"):
        yield from _commands(view, value, place)
        return
    if is_packaged(view.path, place):
        folder = place.label == "package_dir" and not place.key
        new = path_after(view, value, alone=True) if folder else successor_of(view, value, certain=True)
        if new is not None:
            yield Edit(0, len(value.encode()), new.encode(), f"{value} -> {new} in the distribution")
        return
    if value.startswith(EXTERNAL):
        yield from external(view, value)
        return
    dynamic = DYNAMIC.match(value)
    if dynamic and place.call == "import_module" and goes_on(dynamic, place):
        yield from relative_beginning(view, dynamic, place)
        return
    relative = _RELATIVE.fullmatch(value)
    if relative:
        if place.part != "open":
            yield from _relative(view, relative, place, importing)
        return
    match = _WHOLE.fullmatch(value)
    if match:
        sure, likely = _judge(view, match, place, importing, computed)
        if (sure or likely) and not _looked_up_here(view, match["module"], place):
            review = not sure or place.part == "open"
            yield from _replace(view, match, value, review=review, loaded=is_loaded(place))
        return
    pattern = pattern_edits(view, value, place)
    if pattern is not None:
        yield from pattern
        return
    if place.call != "filterwarnings":
        yield from inner_pattern_edits(view, value)
    if entries := entries_in(view, value, place):
        for entry in entries:
            yield from _replace(view, entry, value)
        return
    if place.call == "filterwarnings" or place.after == "-W" or place.label == "PYTHONWARNINGS":
        for start, end, new in filtered(view, value):
            reason = f"{value[start:end]} -> {new} in a filter of warnings"
            yield Edit(len(value[:start].encode()), len(value[:end].encode()), new.encode(), reason)
        return
    yield from _commands(view, value, place)
    head = HEAD.match(value)
    if head and (place.call in IMPORTING or place.modules):
        beginning = headed(view, head)
        yield from beginning if beginning is not None else _replace(view, head, value)


def _commands(view: View, value: str, place: Spot) -> Iterator[Edit]:
    """The edits to command lines that run a module by its name."""
    for command in commands_of(value, goes_on=place.part in ("open", "between")):
        yield from _replace(view, command, value)


def _shown(view: View, text: Text, node: ast.Constant, value: str, place: Spot) -> list[Edit]:
    """The edits to a literal that holds what Python shows of types."""
    return _woven(text, node, value, _types(view, value, place))


def _woven(text: Text, node: ast.Constant, value: str, edits: list[Edit]) -> list[Edit]:
    """Edits to the value of a literal at their places in the file, whatever escapes are in it."""
    start = text.offset(node.lineno, node.col_offset)
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    woven = weave(text.data, start, end) if edits else None
    if woven is None or bytes(woven.code) != value.encode():
        return []
    return woven.placed(edits, lambda new, _: new) or []


def _types(view: View, value: str, place: Spot) -> list[Edit]:
    """The edits to what Python shows of types: a test compares it with a repr or a traceback."""
    if place.call in _NOT_NAMES:
        return []
    found = shown(view, value, raised=_ERROR.match(value) is not None)
    return [replace(edit, reason=f"{edit.reason} in a string", review=True) for edit in found]


def _judge(view: View, match: re.Match[str], place: Spot, importing: bool, computed: bool) -> tuple[bool, bool]:
    """(surely a name, likely a name)."""
    if is_stored(place.call, place.label, key=place.key):
        return False, False
    if is_own_app(view, place.label, match["module"]):
        return True, True
    if place.modules or is_targeted(place, match) or place.after in ("-m", "uvicorn", "gunicorn", "arq", "-A", "--app"):
        return True, True
    if place.label in _TEXTS and place.call and place.call not in IMPORTING:
        return False, False
    single = "." not in match["module"]
    logger = is_logger(place.call, place.label, key=place.key, single=single)
    if (single and not logger) or (place.call in _NOT_NAMES and not logger) or is_key(place):
        return False, False
    ref, rest = means(view, match["module"])
    if ref is None:
        return False, False
    exact, long = not ref.name and not rest, match["module"].count(".") > 1
    if place.proven and not match["attr"]:
        return True, True
    if logger:
        follows = logs_by_name(view, ref.module) if exact else logs_below(view, ref.module)
        return False, follows and (ref.module != view.module or view.is_init)
    if place.key:  # a table of routes or handlers by task, not of texts by key
        registered = bool(ref.name) and is_bound(view, ref) and not names_itself(view, ref)
        telling = bool(_TELLING.search(place.label)) or (long and is_class(view, ref))
        return False, (exact and (computed or long)) or (registered and telling)
    if ref.name and names_itself(view, ref):
        return False, False
    if match["attr"] or (ref.name and is_bound(view, ref)):
        return bool(match["attr"]), True
    if place.label == "name" and view.path.endswith("apps.py"):  # a Django AppConfig
        return False, exact
    return False, exact and (importing or long or place.call in NAMED or bool(_TELLING.search(place.label)))


def _looked_up_here(view: View, dotted: str, place: Spot) -> bool:
    """True when a patched name has moved, but the module that is named goes on reading it under its own name."""
    if place.call not in PATCHING:
        return False
    ref, _ = means(view, dotted)
    if ref is None or not ref.name or view.successor(ref).module == view.intent.module(ref.module):
        return False
    module = view.inventory.modules.get(ref.module)
    return module is not None and ref.name in view.inventory.facts(module.path).bound


def _replace(
    view: View, match: re.Match[str], value: str, review: bool = False, loaded: bool = False
) -> Iterator[Edit]:
    """The edit for the `module[:attr]` groups of a match inside a string's value."""
    groups = match.groupdict()
    ref, rest = meant(view, groups["module"], loaded=loaded)
    attribute = groups.get("attr") or ""
    if ref is None or (attribute and ref.name):
        return
    behind = bool(attribute)
    if behind:
        ref, attribute = through_modules(view, groups["module"], ref, attribute)
    if attribute:
        whole = Ref(ref.module, names.top(attribute), ref.root)
        new = view.successor(whole)
        text = view.spell(new.module, ref.root) + ":" + names.join(new.name, attribute[len(names.top(attribute)) + 1 :])
    else:
        whole = ref
        new = view.successor(ref)
        text = names.join(view.spell(new.module, ref.root), new.name, rest)
        text = behind_colon(text) if behind else text
    start = match.start("module")
    end = match.end("attr") if behind else match.end("module")
    old = value[start:end]
    if text != old and view.affected(whole):
        at = len(value[:start].encode())
        yield Edit(at, at + len(old.encode()), text.encode(), f"{old} -> {text} in a string", review)


def _relative(view: View, match: re.Match[str], place: Spot, importing: bool) -> Iterator[Edit]:
    """`import_module(".x", package="a")`, and tables of such names in files that import dynamically."""
    anchor = new_anchor = ""
    if place.call in ANCHORED:
        anchor, new_anchor = anchors(view, place)
    elif importing and not place.key:
        anchor, new_anchor = view.package, view.new_package
    absolute = names.absolute(anchor, len(match["dots"]), match["module"]) if anchor else None
    if not absolute:
        return
    ref, rest = meant(view, absolute, loaded=place.call in ANCHORED)
    if ref is None or (ref.name and not view.affected(ref)):
        return
    new = view.successor(ref)
    target = names.join(new.module, new.name, rest)
    near = names.relative(new_anchor, target) if new_anchor else None
    text = near or target
    if text != match.group() and (view.affected(ref) or view.moves or anchor != new_anchor):
        size = len(match.group().encode())
        yield Edit(0, size, text.encode(), f"{match.group()} -> {text} in a string", place.call not in ANCHORED)


def _fstring(view: View, text: Text, node: ast.JoinedStr, place: Spot) -> Iterator[Edit]:
    """The constant head of an f-string that is handed to the import system, or shows a type; commands in it."""
    for command, value, shift in commands_in(text, node):
        for edit in _replace(view, command, value, loaded=True):
            yield replace(edit, start=edit.start + shift, end=edit.end + shift)
    if not node.values or not isinstance(node.values[0], ast.Constant):
        return
    start = text.offset(node.lineno, node.col_offset)
    opened = re.compile(rb"[fFrR]{1,2}(?:\"\"\"|'''|\"|')").match(text.data, start)
    head = str(node.values[0].value)
    if opened is None or not text.data.startswith(head.encode(), opened.end()):
        return
    dynamic, absolute = (DYNAMIC.match(head), HEAD.match(head)) if len(node.values) > 1 else (None, None)
    edits: Iterable[Edit] = ()
    if place.call not in IMPORTING:
        edits = _types(view, head, place)
    elif dynamic and place.call == "import_module":
        edits = relative_beginning(view, dynamic, place)
    elif absolute:
        beginning = headed(view, absolute)
        edits = beginning if beginning is not None else _replace(view, absolute, head)
    for edit in edits:
        yield replace(edit, start=edit.start + opened.end(), end=edit.end + opened.end())

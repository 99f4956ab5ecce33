"""Cross-references in docstrings and comments: Sphinx roles and directives, and the Markdown form of the same."""

from __future__ import annotations

import ast
import functools
import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .dotted import NAME, successor_of
from .view import View

_OPENING = lazy(rb"[rRuU]?(?P<quote>\"\"\"|'''|\"|')")
_OBJECTS = "mod|class|func|meth|attr|exc|data|obj|const|type|any|deco|property"
_REFERENCE = lazy(
    rf"(?<![\w`:]):(?:[a-z]+:)?(?P<role>{_OBJECTS}):`(?:[^`<>]*<)?[!~]?\.?(?P<target>{NAME})(?:\(\))?>?`"
    rf"|^[ \t]*\.\. (?:py:)?(?:auto\w+|module|currentmodule)::[ \t]+(?P<directive>{NAME})(?=[ \t\r\n]|$)"
    rf"|\]\[(?P<reference>{NAME})\]"
    rf"|\[`?(?P<collapsed>{NAME})`?\]\[\]"
    rf"|(?<![\w`:])(?P<marks>``?)~?\.?(?P<span>{NAME})(?:\(\))?(?P=marks)(?![\w`])"
    rf"|^[ \t]*:(?:raises?|except|exception)[ \t]+(?P<field>{NAME}):",
    re.MULTILINE,
)
_ROLE = lazy(rb":(?:`|: )")  # these marks begin with a literal, and are found fast
_TARGET = lazy(rb"\]\[(?:\]|[A-Za-z_\x80-\xff][\w\x80-\xff]*\.)")
FAR = 2000  # characters from the opening of a role to the name in it
_GROUPS = ("target", "directive", "reference", "collapsed", "span", "field")
_BY_BARE_NAME = ("span", "field")
"""Those that call what the file defines or imports by its name there."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

Span = tuple[int, int]


def crossref_edits(view: View, text: Text, tree: Callable[[], ast.Module]) -> Iterator[Edit]:
    """The edits to `` :class:`a.b.C` ``, `.. automodule:: a.b`, `[C][a.b.C]` in docstrings and comments of a file."""
    marked = _ROLE.search(text.data) or _TARGET.search(text.data) or (_renames(view.intent) and _marks(text.data))
    if not marked or not spells(view.intent, text.data):
        return
    content = text.data.decode("utf-8")
    sphinx = posixpath.basename(view.path) == "conf.py"  # `rst_epilog` holds what every page begins or ends with
    spans: tuple[list[Span], list[Span]] | None = None  # of docstrings, and of all literals
    for found in _references(content, {word.decode() for word, _ in _words(view.intent)}):
        group = next(name for name in _GROUPS if found[name])
        written = found[group]
        new = None
        bare = group in _BY_BARE_NAME
        if not bare and ("." in written or found["role"] == "mod" or group == "directive"):
            new = successor_of(view, written, certain=True)
        if new is None and (found["role"] or bare):
            new = _own(view, written)
        if new is None:
            continue
        start = len(content[: found.start(group)].encode())
        if spans is None:
            spans = list(docstrings(text, tree())), list(_literals(text, tree()))
        if bare and (_is_a_word(found, group) or _is_bound_inside(tree(), names.top(written))):
            continue
        shared = sphinx and group == "target" and "." in written and _inside(start, spans[1])
        if shared or _inside(start, spans[0]) or _in_comment(text, start, spans[1]):
            reason = f"{written} -> {new} in a {'docstring or comment' if bare else 'cross-reference'}"
            yield Edit(start, start + len(written.encode()), new.encode(), reason, review=bare)


def _marks(data: bytes) -> bool:
    """True when a text may hold a code span or a field of a docstring; a cheap question."""
    return b"`" in data or b":raise" in data or b":except" in data


@functools.lru_cache(maxsize=4)
def _renames(intent: Intent) -> bool:
    """True when a name in a module becomes another."""
    return any(new != name for (_, name), (_, new) in intent.symbols.items())


def _is_a_word(found: re.Match[str], group: str) -> bool:
    """True for a code span that is a word of small letters with no mark of a name, as commands and keys are."""
    marked = found.string[found.start(group) - 1] in ".~" or found.string[found.end(group)] == "("
    return group == "span" and not marked and found[group].isalpha() and found[group].islower()


def _is_bound_inside(tree: ast.Module, name: str) -> bool:
    """True when a parameter, a method, an attribute or a local has the name, which a text may mean as well."""
    return any(
        node.arg == name if isinstance(node, (ast.arg, ast.keyword))
        else node.attr == name if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        else node.col_offset > 0 and node.name == name if isinstance(node, _DEFINITIONS)
        else isinstance(node, ast.Name) and node.id == name and node.col_offset > 0 and isinstance(node.ctx, ast.Store)
        for node in every_node(tree)
    )  # fmt: skip


def _own(view: View, written: str) -> str | None:
    """The new name of what the module itself defines, which a role may call by its bare name; None where it leaves."""
    first, rest = names.top(written), names.tail(written, names.top(written))
    module, name = view.intent.symbols.get((view.module, first), ("", ""))
    return names.join(name, rest) if name != first and module == view.intent.module(view.module) else None


def _references(content: str, words: Collection[str]) -> Iterator[re.Match[str]]:
    """The references on lines that hold one of some words; a role may begin on a line above."""
    seen = done = 0  # the ends of the lines looked at, and of the last reference found
    for at in sorted(spot for word in words for spot in _spots(content, word)):
        if at < seen:
            continue
        opening = content.rfind("`", max(at - FAR, 0), at)
        start = content.rfind("\n", 0, at if opening == -1 else opening) + 1
        end = content.find("\n", at)
        seen = len(content) if end == -1 else end
        for found in _REFERENCE.finditer(content, start, seen):
            if found.start() >= done:
                done = found.end()
                yield found


def _spots(content: str, word: str) -> Iterator[int]:
    at = content.find(word)
    while at != -1:
        yield at
        at = content.find(word, at + 1)


def spells(intent: Intent, data: bytes) -> bool:
    """True when the last segment of something that the intent renames is a word of `data`."""
    return any(word in data and whole.search(data) for word, whole in _words(intent))


@functools.lru_cache(maxsize=4)
def _words(intent: Intent) -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    """Each last segment, and the pattern of it as a word of its own."""
    words = {names.last(name).encode() for name in intent.modules} | {name.encode() for _, name in intent.symbols}
    return tuple(
        (word, lazy(rb"(?<![\w\x80-\xff])" + re.escape(word) + rb"(?![\w\x80-\xff])")) for word in sorted(words)
    )


def docstrings(text: Text, tree: ast.Module) -> Iterator[Span]:
    """The spans between the quotes of every string that stands as a statement."""
    for node in every_node(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            start, end = _span(text, node)
            opening = _OPENING.match(text.data, start, end)
            if opening:
                yield opening.end(), end - len(opening["quote"])


def _literals(text: Text, tree: ast.Module) -> Iterator[Span]:
    for node in every_node(tree):
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            yield _span(text, node)


def _span(text: Text, node: ast.Expr | ast.expr) -> Span:
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    return text.offset(node.lineno, node.col_offset), end


def _inside(offset: int, spans: Sequence[Span]) -> bool:
    return any(start <= offset < end for start, end in spans)


def _in_comment(text: Text, offset: int, strings: Sequence[Span]) -> bool:
    """True when a `#` that is in no string stands in front of `offset` on its line."""
    if _inside(offset, strings):
        return False
    position = text.starts[text.line(offset) - 1]
    while True:
        position = text.data.find(b"#", position, offset)
        if position == -1:
            return False
        if not _inside(position, strings):
            return True
        position += 1

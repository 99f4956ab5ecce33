"""Exact scope analysis of one file: each use of a name, the scope it resolves to, and its byte spans."""

from __future__ import annotations

import ast
from collections.abc import Iterator, KeysView

from codemod.base.values import dataclass

from .binding import Binding, Scope, resolve
from .scopewalk import Raw, Walk, walk
from .text import Text

__all__ = ["Binding", "Chain", "Scope", "Scopes", "Use", "analyse"]


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A name where it is read, stored or deleted; `attributes` are the `.x.y` that follow it, outermost last."""

    name: str  # as the interpreter sees it: `__x` in a class is mangled
    node: ast.Name
    scope: Scope  # where it stands
    home: Scope | None  # the scope whose binding it means; None for builtins and what only a star import can give
    context: str  # load | store | del
    where: str  # code | fstring | annotation-string | type-comment
    attributes: tuple[ast.Attribute, ...] = ()

    @property
    def bindings(self) -> list[Binding]:
        """Everything that gives the name its value in its home scope."""
        return self.home.bindings.get(self.name, []) if self.home is not None else []


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A maximal attribute chain `root.a.b`: the root's use and every segment with its byte span in `Text.data`."""

    use: Use
    start: int
    end: int  # end of the root name
    attributes: tuple[tuple[str, int, int], ...]

    @property
    def segments(self) -> tuple[tuple[str, int, int], ...]:
        """The root and its attributes."""
        return ((self.use.name, self.start, self.end), *self.attributes)

    @property
    def dotted(self) -> str:
        """The chain as text, `root.a.b`."""
        return ".".join([self.use.name, *(name for name, _, _ in self.attributes)])


class Scopes:
    """The scopes and uses of one file."""

    __slots__ = ("_cache", "_found", "given", "module", "scopes", "skipped", "text", "tree")

    def __init__(self, tree: ast.Module, text: Text, walked: Walk) -> None:
        self.tree = tree
        self.text = text
        self.module = walked.module
        self.scopes: tuple[Scope, ...] = walked.scopes
        self.skipped: tuple[tuple[ast.AST, str], ...] = walked.skipped  # strings not analysed, and why
        self.given: frozenset[str] = frozenset()  # names that star imports bring, where somebody has told
        self._found = walked.found
        self._cache: dict[str, tuple[Use, ...]] = {}

    @property
    def names(self) -> KeysView[str]:
        """Every name that is used anywhere, in an order that is the same in each run."""
        return self._found.keys()

    @property
    def uses(self) -> list[Use]:
        """Every use, in order of position."""
        found = [use for name in self._found for use in self.named(name)]
        return sorted(found, key=lambda use: (use.node.lineno, use.node.col_offset))

    def named(self, name: str) -> tuple[Use, ...]:
        """The uses of one name, in the order of the walk."""
        known = self._cache.get(name)
        if known is None:
            known = self._cache[name] = tuple(self._use(raw) for raw in self._found.get(name, ()))
        return known

    def _use(self, raw: Raw) -> Use:
        meant = raw.private or raw.node.id
        home = resolve(meant, raw.scope, self.module, early=raw.early)
        return Use(meant, raw.node, raw.scope, home, raw.context, raw.where, raw.attributes)

    def resolve(self, name: str, scope: Scope) -> Scope | None:
        """The scope that `name` would resolve to if it were read in `scope`."""
        return resolve(name, scope, self.module)

    def chains(self, *names: str) -> Iterator[Chain]:
        """The maximal attribute chains whose root is one of `names` (all, when none are given), bare names included."""
        for name in names or tuple(self._found):
            for use in self.named(name):
                yield self.chain(use)

    def chain(self, use: Use) -> Chain:
        """The byte spans of a use and its attributes."""
        start, end = self.span(use.node)
        return Chain(use, start, end, tuple(self._segment(node) for node in use.attributes))

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> tuple[int, int]:
        """The byte span of a node."""
        offset = self.text.offset
        return offset(node.lineno, node.col_offset), offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _segment(self, node: ast.Attribute) -> tuple[str, int, int]:
        end = self.text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        start = end - len(node.attr.encode())
        if self.text.data[start:end] != node.attr.encode():  # written in another Unicode normal form
            line = self.text.data[self.text.starts[self.text.line(end) - 1] : end].decode("utf-8", "replace")
            written = line[len(line.rstrip()) - _identifier_length(line.rstrip()) :]
            start = end - len(written.encode())
        return node.attr, start, end


def _identifier_length(line: str) -> int:
    length = 0
    while length < len(line) and ("_" + line[len(line) - length - 1 :]).isidentifier():
        length += 1
    return length


def analyse(tree: ast.Module, text: Text) -> Scopes:
    """The scopes and uses of a parsed file; `tree` must come from `text.data` (see `facts.parse`)."""
    return Scopes(tree, text, walk(tree, text))

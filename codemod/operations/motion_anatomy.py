"""A module taken apart: header, docstring, imports, definitions and statements, each with the lines that go with it."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.references.byname import called
from codemod.source.certain import surely_bound
from codemod.source.facts import Import, imports_of, is_type_checking, parse
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.scopes import Scopes, analyse
from codemod.source.text import Text

UNREADABLE = "repair the file first, or take it out of the plan"
"""What helps where a module cannot be taken apart."""

Definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_LICENCE = lazy(rb"copyright|licen[cs]e|spdx|all rights reserved", re.IGNORECASE)
_RULER = lazy(rb"^#[ \t]*[-=#*~_]{3,}|[-=#*~_]{3,}[ \t]*$")
_PRAGMA = lazy(rb"^#[ \t]*(?:ruff|flake8|mypy|pylint|pyright|isort|fmt|type|yapf)[ \t]*:")
_COOKIE = lazy(rb"^#.*coding[:=]")


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A top-level statement (or several on one line) and the comments that belong to it, in whole lines."""

    number: int
    nodes: tuple[ast.stmt, ...]
    kind: str  # docstring | future | import | guarded | exports | main | definition | statement
    start: int  # first line, comments above included
    code: int  # first line of the code, decorators included
    end: int  # behind the line break of the last line
    binds: frozenset[str]
    section: int = -1  # index into Anatomy.sections

    @property
    def is_effect(self) -> bool:
        """True for a statement that is there for what it does, not for what it binds."""
        return self.kind == "statement" or (self.kind == "definition" and not self.binds)

    @property
    def is_import(self) -> bool:
        """True for import statements and for blocks that hold imports alone."""
        return self.kind in ("import", "guarded")


@dataclass(frozen=True, slots=True)
class Section:
    """A comment block that stands by itself above a run of pieces."""

    start: int
    end: int
    title: str


@dataclass(frozen=True, slots=True)
class Block:
    """A run of comment lines."""

    start: int
    end: int
    lines: tuple[bytes, ...]

    @property
    def ruled(self) -> bool:
        """True when a line of dashes or the like makes it a section header."""
        return any(_RULER.search(line.rstrip()) for line in self.lines)

    @property
    def title(self) -> str:
        """The words in it."""
        words = [line.decode("utf-8", "replace").strip("#-=*~_ \t") for line in self.lines]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the first statement: lines as they are, by purpose."""

    shebang: bytes = b""
    cookie: bytes = b""
    licence: bytes = b""
    pragmas: bytes = b""
    end: int = 0


class Anatomy:
    """The pieces of one module."""

    def __init__(self, module: Module, path: str, text: Text, tree: ast.Module) -> None:
        self.module = module
        self.path = path
        self.text = text
        self.tree = tree
        self.scopes: Scopes = analyse(tree, text)
        self.imports: tuple[Import, ...] = tuple(imports_of(text, tree))
        self.header = Header()
        self.sections: list[Section] = []
        self.pieces: tuple[Piece, ...] = tuple(self._pieces())
        self.sure = surely_bound(tree)  # names that the module binds whatever branches it takes
        self._starts = [piece.start for piece in self.pieces]
        self._definers: dict[str, list[Piece]] = {}
        for piece in self.pieces:
            for name in piece.binds if not piece.is_import and piece.kind != "future" else ():
                self._definers.setdefault(name, []).append(piece)
        self.futures = frozenset(
            alias.name
            for piece in self.pieces
            for node in piece.nodes
            if isinstance(node, ast.ImportFrom) and node.module == "__future__"
            for alias in node.names
        )

    @classmethod
    def of(cls, inventory: Inventory, module: Module) -> Anatomy:
        """Take apart a module of the inventory; raises Unparsable or Undecodable."""
        text = Text.of(inventory.tree.read(module.path))
        return cls(module, module.path, text, parse(text))

    def piece_at(self, offset: int) -> Piece:
        """The piece that holds a byte offset."""
        return self.pieces[max(bisect_right(self._starts, offset) - 1, 0)]

    def definers(self, name: str) -> list[Piece]:
        """The pieces that bind a name at module level, imports left out."""
        return self._definers.get(name, [])

    def defines(self, name: str) -> bool:
        """True for a name that a piece binds by more than an import which shares its line with something else."""
        bindings = self.scopes.module.bindings.get(name, ())
        return bool(self.definers(name)) and any(one.kind not in ("import", "from") for one in bindings)

    def source(self, piece: Piece) -> bytes:
        """The bytes of a piece, comments above included."""
        return self.text.data[piece.start : piece.end]

    # -- taking apart

    def _pieces(self) -> Iterator[Piece]:
        groups = list(self._groups())
        binds = self._bindings(groups)
        kinds = [_kind(nodes, number) for number, (nodes, _, _) in enumerate(groups)]
        codes = [self.text.starts[first - 1] for _, first, _ in groups]
        ends = [self._line_end(last) for _, _, last in groups]
        starts, sections = list(codes), [-1] * len(groups)
        if groups:
            starts[0] = self._read_header(codes[0], kinds[0])
            sections[0] = len(self.sections) - 1
        for number in range(1, len(groups)):
            gap = self._gap(ends[number - 1], codes[number], kinds[number - 1] in ("import", "docstring", "future"))
            ends[number - 1], starts[number] = gap
            sections[number] = len(self.sections) - 1
        if groups:
            ends[-1] = self._gap(ends[-1], len(self.text.data), False)[0]
        for number, (nodes, _, _) in enumerate(groups):
            yield Piece(
                number,
                nodes,
                kinds[number],
                starts[number],
                codes[number],
                ends[number],
                binds[number],
                sections[number],
            )

    def _groups(self) -> Iterator[tuple[tuple[ast.stmt, ...], int, int]]:
        """Statements that share lines together: (nodes, first line, last line)."""
        waiting: list[ast.stmt] = []
        first = last = 0
        for node in self.tree.body:
            top = _first_line(node)
            if waiting and top > last:
                yield tuple(waiting), first, last
                waiting = []
            if not waiting:
                first = top
            waiting.append(node)
            last = max(last, node.end_lineno or node.lineno)
        if waiting:
            yield tuple(waiting), first, last

    def _bindings(self, groups: Sequence[tuple[tuple[ast.stmt, ...], int, int]]) -> list[frozenset[str]]:
        lines = [first for _, first, _ in groups]
        found: list[set[str]] = [set() for _ in groups]
        for name, bindings in self.scopes.module.bindings.items():
            for binding in bindings:
                if binding.scope is self.scopes.module or binding.scope.kind == "comprehension":
                    found[max(bisect_right(lines, _first_line(binding.node)) - 1, 0)].add(name)
        return [frozenset(names) for names in found]

    def _line_end(self, line: int) -> int:
        """Behind the line break of a line that counts from 1."""
        starts = self.text.starts
        return starts[line] if line < len(starts) else len(self.text.data)

    def _lines(self, start: int, end: int) -> Iterator[tuple[int, int, bytes]]:
        """The lines between two line starts: (start, end, content without its line break)."""
        line = self.text.line(start)
        while start < end:
            stop = min(self._line_end(line), end)
            yield start, stop, self.text.data[start:stop].rstrip(b"\r\n")
            start, line = stop, line + 1

    def _blocks(self, start: int, end: int) -> list[Block]:
        """The runs of comment lines between two line starts."""
        blocks: list[Block] = []
        for begin, stop, content in self._lines(start, end):
            if not content.strip(b" \t\f"):
                continue
            if blocks and blocks[-1].end == begin:
                blocks[-1] = Block(blocks[-1].start, stop, (*blocks[-1].lines, content))
            else:
                blocks.append(Block(begin, stop, (content,)))
        return blocks

    def _gap(self, start: int, end: int, loose: bool) -> tuple[int, int]:
        """Share out the comments between two pieces: where the first one ends, where the second one begins.

        Indented comments, and those that touch the first piece alone (not when `loose`), end it; those that touch the
        second begin it, unless they are ruled like a section header.  What is left over begins a section.
        """
        tail = start
        for _, stop, content in self._lines(start, end):
            if content[:1] in (b" ", b"\t") and content.strip():
                tail = stop
            elif content.strip(b" \t\f"):
                break
        blocks = self._blocks(tail, end)
        head = end
        if blocks and blocks[-1].end == end and end < len(self.text.data) and not blocks[-1].ruled:
            head = blocks.pop().start
        if blocks and blocks[0].start == tail and not loose and not blocks[0].ruled and blocks[0].end < head:
            tail = blocks.pop(0).end
        self.sections += [Section(block.start, block.end, block.title) for block in blocks]
        return tail, head

    def _read_header(self, code: int, kind: str) -> int:
        """Sort the comments above the first statement by purpose; returns where its own begin."""
        blocks = self._blocks(0, code)
        shebang = cookie = licence = pragmas = b""
        end = 0
        if blocks and blocks[0].lines[0].startswith(b"#!"):
            blocks[0], shebang = self._cut_line(blocks[0])
            end = blocks[0].start
        if blocks and blocks[0].lines and _COOKIE.match(blocks[0].lines[0]):
            blocks[0], cookie = self._cut_line(blocks[0])
            end = blocks[0].start
        own = kind not in ("docstring", "future", "import", "guarded")
        head = code
        for block in [block for block in blocks if block.lines]:
            data = self.text.data[block.start : block.end]
            if _LICENCE.search(data):
                licence, end = licence + data, block.end
            elif all(_PRAGMA.match(line) for line in block.lines):
                pragmas, end = pragmas + data, block.end
            elif own and block.end == code and not block.ruled:
                head = block.start
            elif own:
                self.sections.append(Section(block.start, block.end, block.title))
            else:
                end = block.end
        self.header = Header(shebang, cookie, licence, pragmas, end)
        return head

    def _cut_line(self, block: Block) -> tuple[Block, bytes]:
        """A block without its first line, and that line."""
        stop = self._line_end(self.text.line(block.start))
        return Block(stop, block.end, block.lines[1:]), self.text.data[block.start : stop]


def _first_line(node: ast.AST) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([getattr(node, "lineno", 1), *(d.lineno for d in decorators)])


def _kind(nodes: Sequence[ast.stmt], number: int) -> str:
    kinds = {_kind_of(node, number == 0 and place == 0) for place, node in enumerate(nodes)}
    if len(kinds) == 1:
        return kinds.pop()
    if "docstring" in kinds or "future" in kinds or "main" in kinds:
        return "main" if "main" in kinds else "future"
    return "definition" if "definition" in kinds else "statement"


def _kind_of(node: ast.stmt, first: bool) -> str:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "future" if isinstance(node, ast.ImportFrom) and node.module == "__future__" else "import"
    if (
        first
        and isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return "docstring"
    if isinstance(node, Definitions) or type(node).__name__ == "TypeAlias":
        return "definition"
    if isinstance(node, ast.If) and is_main(node.test):
        return "main"
    if _touches_exports(node):
        return "exports"
    if isinstance(node, (ast.If, ast.Try)):
        return "guarded" if holds_imports(node) else "definition"
    if _suppresses(node) and holds_imports(node):
        return "guarded"
    if isinstance(node, ast.AugAssign):
        return "definition" if isinstance(node.target, ast.Name) else "statement"
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Delete)):
        return "definition"
    return "statement"


def is_main(test: ast.expr) -> bool:
    """`__name__ == "__main__"`, either way round."""
    if not (isinstance(test, ast.Compare) and len(test.comparators) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = [test.left, test.comparators[0]]
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    values = [side.value for side in sides if isinstance(side, ast.Constant)]
    return names == ["__name__"] and values == ["__main__"]


def _touches_exports(node: ast.stmt) -> bool:
    """`__all__ = ...`, `__all__ += ...`, `__all__.extend(...)`."""
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        targets = (node.target,)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        targets = (node.value.func.value,)
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def deleted(anatomy: Anatomy) -> list[str]:
    """The names that a module defines, and deletes again at its top level."""
    gone = {t.id for p in anatomy.pieces for n in p.nodes if isinstance(n, ast.Delete) for t in n.targets
            if isinstance(t, ast.Name)}  # fmt: skip
    return sorted(name for name in gone if isinstance(anatomy.definers(name)[-1].nodes[-1], ast.Delete)
                  and len(anatomy.definers(name)) > 1)  # fmt: skip


def holds_imports(node: ast.stmt) -> bool:
    """True for an `if`, `try` or `with suppress()` that holds imports, plain fallback constants and nothing else."""
    found = False
    waiting: list[ast.stmt] = [node]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, (ast.Import, ast.ImportFrom)):
            found = True
        elif _suppresses(inner):
            waiting += inner.body
        elif isinstance(inner, (ast.If, ast.Try)):
            waiting += [*inner.body, *inner.orelse]
            waiting += getattr(inner, "finalbody", [])
            waiting += [s for handler in getattr(inner, "handlers", []) for s in handler.body]
        elif not (isinstance(inner, (ast.Pass, ast.Raise)) or _is_fallback(inner)):
            return False
    return found


def _suppresses(node: ast.stmt) -> TypeGuard[ast.With]:
    """`with suppress(ImportError):`, which is another way to write a `try`."""
    return isinstance(node, ast.With) and all(
        isinstance(item.context_expr, ast.Call) and called(item.context_expr) == "suppress" for item in node.items
    )


def _is_fallback(node: ast.stmt) -> bool:
    """`name = None` and the like."""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and all(isinstance(target, ast.Name) for target in node.targets)
    )


def is_annotated(node: ast.AST) -> bool:
    """True for code with an annotation anywhere in it."""
    return any(
        isinstance(inner, ast.AnnAssign)
        or (isinstance(inner, ast.arg) and inner.annotation is not None)
        or (isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.returns is not None)
        for inner in ast.walk(node)
    )


def is_checking_block(node: ast.stmt) -> bool:
    """`if TYPE_CHECKING:` without `else`."""
    return isinstance(node, ast.If) and is_type_checking(node.test) and not node.orelse

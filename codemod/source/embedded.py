"""Python inside literals and comments: where each expression of an f-string, quoted annotation or type comment lies."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator

from codemod.base.patterns import lazy

from .text import Text

_LITERAL = lazy(rb"([a-zA-Z]{0,2})('''|\"\"\"|'|\")")
_BETWEEN = lazy(rb"(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)+")
_TYPE_COMMENT = lazy(rb"#[ \t]*type:[ \t]*(?!ignore(?:[\[\s#]|$))([^#\r\n]*)")
_OPENING, _CLOSING = b"([{", b")]}"


def replacement_fields(text: Text, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the expressions in the f-string (or implicit concatenation) at `start:end`, nested specs included.

    Grammar of Python 3.6 to 3.11; 3.12 parses f-strings itself.  Source: PEP 498 and CPython's `fstring_find_expr`.
    """
    data, position = text.data, start
    while position < end:
        blank = _BETWEEN.match(data, position, end)
        if blank:
            position = blank.end()
            continue
        found = _LITERAL.match(data, position, end)
        if found is None:
            position += 1  # a parenthesis around the parts
            continue
        prefix, quote = found.group(1).lower(), found.group(2)
        body = found.end()
        close = _closing_quote(data, body, end, quote)
        if b"f" in prefix:
            yield from _Fields(data, b"r" in prefix).literal(body, close)
        position = close + len(quote)


def _closing_quote(data: bytes, position: int, end: int, quote: bytes) -> int:
    while position < end:
        if data[position] == 0x5C:
            position += 2
        elif data.startswith(quote, position):
            return position
        else:
            position += 1
    return end


class _Fields:
    """Scans the body of one f-string literal."""

    def __init__(self, data: bytes, raw: bool) -> None:
        self.data = data
        self.raw = raw
        self.position = 0

    def literal(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        self.position = start
        yield from self.text(end, nested=False)

    def text(self, end: int, nested: bool) -> Iterator[tuple[int, int]]:
        """Literal text up to `end`, or up to the `}` that closes a nested format specification."""
        data = self.data
        while self.position < end:
            char = data[self.position]
            if char == 0x5C and not self.raw:
                if data.startswith(b"\\N{", self.position):
                    self.position = data.find(b"}", self.position, end) + 1 or end
                else:
                    self.position += 1 if data[self.position + 1 : self.position + 2] in (b"{", b"}") else 2
            elif char == 0x7B:
                if not nested and data.startswith(b"{{", self.position):
                    self.position += 2
                    continue
                yield from self.field(end)
            elif char == 0x7D:
                if nested:
                    return
                self.position += 2
            else:
                self.position += 1

    def field(self, end: int) -> Iterator[tuple[int, int]]:
        """A replacement field; stands on its `{`, ends behind its `}`."""
        data = self.data
        start = self.position + 1
        stop = _expression_end(data, start, end)
        yield start, stop
        self.position = stop
        while self.position < end and data[self.position] not in b":}":
            self.position += 1  # `=`, blanks, `!r`
        if self.position < end and data[self.position] == 0x3A:
            self.position += 1
            yield from self.text(end, nested=True)
        self.position += 1


def _expression_end(data: bytes, position: int, end: int) -> int:
    depth = 0
    while position < end:
        char = data[position]
        if char in b"'\"":
            quote = data[position : position + 1] * (3 if data[position : position + 3] in (b"'''", b'"""') else 1)
            position = _closing_quote(data, position + len(quote), end, quote) + len(quote)
            continue
        if char in _OPENING:
            depth += 1
        elif depth and char in _CLOSING:
            depth -= 1
        elif not depth:
            if data[position : position + 2] in (b"!=", b"==", b"<=", b">="):
                position += 2
                continue
            if char in b"!:}=":
                return position
        position += 1
    return end


def parse_at(text: Text, start: int, end: int, *, signature: bool = False) -> ast.expr | ast.FunctionType | None:
    """The expression (or `(A) -> B` signature) written at `start:end`, its nodes' positions those in the file.

    None when the bytes are not an expression.
    """
    source = text.data[start:end].decode("utf-8", "replace")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if signature:
                tree: ast.AST = ast.parse(source, mode="func_type")
            else:
                tree = ast.parse(f"({source})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    line = text.line(start) - 1
    column = start - text.starts[line] - (0 if signature else 1)
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            _shift(node, line, column)
    return tree  # type: ignore[return-value]  # an Expression's body, or the FunctionType that was asked for


def _shift(node: ast.AST, line: int, column: int) -> None:
    for row, col in (("lineno", "col_offset"), ("end_lineno", "end_col_offset")):
        first = getattr(node, row) == 1
        setattr(node, row, getattr(node, row) + line)
        if first:
            setattr(node, col, getattr(node, col) + column)


def quoted_span(text: Text, node: ast.Constant) -> tuple[int, int] | None:
    """The span of what stands between the quotes of a string; None unless it is one literal without escapes."""
    start = text.offset(node.lineno, node.col_offset)
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    found = _LITERAL.match(text.data, start, end)
    if found is None or found.group(1).lower() not in (b"", b"r", b"u"):
        return None
    inner, close = found.end(), end - len(found.group(2))
    body = text.data[inner:close]
    plain = close >= inner and b"\\" not in body and body.decode("utf-8", "replace") == node.value
    return (inner, close) if plain else None


def type_comments(text: Text) -> Iterator[tuple[int, int]]:
    """Spans of what follows `# type:` in each comment that has it, `# type: ignore` left out."""
    for found in _TYPE_COMMENT.finditer(text.data):
        content = found.group(1).rstrip()
        if content:
            yield found.start(1), found.start(1) + len(content)


def strings_in(node: ast.expr) -> Iterable[ast.expr]:
    """String constants of a subscript, through the tuples and lists in it."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node
    elif isinstance(node, (ast.Tuple, ast.List)):
        for element in node.elts:
            yield from strings_in(element)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from strings_in(node.left)
        yield from strings_in(node.right)


def typed_arguments(kind: str, node: ast.Call) -> Iterable[ast.expr]:
    """The arguments of a typing call that are types and hold strings."""
    args, given = node.args, {k.arg: k.value for k in node.keywords}
    if kind in ("cast", "ForwardRef"):
        chosen = args[:1] + [given[k] for k in ("typ", "arg") if k in given]
    elif kind in ("NewType", "assert_type", "TypeAliasType"):
        chosen = args[1:2] + [given[k] for k in ("tp", "value") if k in given]
    elif kind == "TypeVar":
        chosen = args[1:] + [given[k] for k in ("bound", "default") if k in given]
    elif kind == "NamedTuple":
        pairs = args[1].elts if len(args) > 1 and isinstance(args[1], (ast.List, ast.Tuple)) else []
        chosen = [p.elts[1] for p in pairs if isinstance(p, (ast.Tuple, ast.List)) and len(p.elts) == 2]
    else:  # TypedDict
        chosen = args[1].values if len(args) > 1 and isinstance(args[1], ast.Dict) else []
    return [c for argument in chosen for c in strings_in(argument)]

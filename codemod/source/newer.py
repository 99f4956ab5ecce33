"""Where a file uses syntax from Python 3.12 to 3.14, and an older spelling of the same length for each place."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Sequence
from itertools import pairwise

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from codemod.base.patterns import lazy

Respelling = tuple[int, int, str]  # start and end in characters, and text with the same bytes a line

_NEWLINE = lazy(r"\r\n?|\n")
_OPENING = lazy(r"(?:[ \t\f]|\\\r?\n)*\(")
_EQUAL = lazy(r"(?:[ \t\f]|\\\r?\n)*=")
_Field = cst.FormattedStringExpression | cst.TemplatedStringExpression
_Literal = cst.FormattedString | cst.TemplatedString


Parameters = dict[tuple[int, str], tuple[str, ...]]  # (line, name) of a definition -> its type parameters


def respellings(source: str) -> tuple[list[Respelling], Parameters] | None:
    """The places in `source` that older grammar cannot read, and the type parameters that it cannot bind.

    None where libcst cannot read it either.
    """
    try:
        module = cst.parse_module(source)
    except (cst.ParserSyntaxError, cst.CSTLogicError, cst.CSTValidationError):
        return None  # the latter two: libcst does not know concatenated t-strings (1.8)
    finder = _Finder(module, source)
    MetadataWrapper(module, unsafe_skip_copy=True).visit(finder)
    return finder.found, finder.parameters


def blank(text: str) -> str:
    """Spaces of the same length in UTF-8, line breaks kept."""
    return "".join(char if char in "\r\n" else " " * len(char.encode("utf-8", "replace")) for char in text)


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, module: cst.Module, source: str) -> None:
        super().__init__()
        self.code = module.code_for_node
        self.source = source
        self.starts = [0, *(found.end() for found in _NEWLINE.finditer(source))]
        self.strings = _Strings(module)
        self.found: list[Respelling] = []
        self.parameters: Parameters = {}
        self.functional: set[cst.TypeAlias] = set()  # those that may be spelled as a function

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        place = self.get_metadata(PositionProvider, node)
        first, last = place.start, place.end
        return self.starts[first.line - 1] + first.column, self.starts[last.line - 1] + last.column

    # String literals

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:  # noqa: N802  # libcst's protocol
        return self.literal(node)

    def visit_TemplatedString(self, node: cst.TemplatedString) -> bool:  # noqa: N802  # libcst's protocol
        return self.literal(node)

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:  # noqa: N802  # libcst's protocol
        return self.literal(node)

    def literal(self, node: _Literal | cst.ConcatenatedString) -> bool:
        start, end = self.span(node)
        if not _is_old(self.source[start:end]):
            self.found.append((start, end, self.strings.spell(node)))
        return False

    # Type parameters and aliases

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802  # libcst's protocol
        if node.type_parameters is not None:
            self.binds(node.name, node.type_parameters)
            start, end = self.span(node.type_parameters)
            inside = "".join(self.function_items(node.type_parameters.params))
            self.bracket(node.type_parameters, start, end, "(", inside, " ", ",")

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: N802  # libcst's protocol
        if node.type_parameters is None:
            return
        self.binds(node.name, node.type_parameters)
        start, end = self.span(node.type_parameters)
        inside, seen = self.shown_items(node.type_parameters.params)
        called = _OPENING.match(self.source, end) is not None
        self.bracket(node.type_parameters, start, end, "(", inside, ("," if seen else " ") if called else ")", " ")

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:  # noqa: N802  # libcst's protocol
        alone = node.body[0] if len(node.body) == 1 else None
        if isinstance(alone, cst.TypeAlias) and alone.type_parameters is not None:
            self.functional.add(alone)

    def visit_TypeAlias(self, node: cst.TypeAlias) -> None:  # noqa: N802  # libcst's protocol
        start, _ = self.span(node)
        parameters = node.type_parameters
        self.found.append((start, start + len("type"), "def " if node in self.functional else "...;"))
        if parameters is None:
            return
        self.binds(node.name, parameters)
        first, end = self.span(parameters)
        if node in self.functional:  # like a function, it binds its parameters and is evaluated later
            self.bracket(parameters, first, end, "(", "".join(self.function_items(parameters.params)), ")")
            equal = _EQUAL.match(self.source, end)
            if equal:
                self.found.append((equal.end() - 1, equal.end(), ":"))
        else:
            inside, _ = self.shown_items(parameters.params)
            self.bracket(parameters, first, end, ":", "(" + inside[1:], ")")

    def binds(self, name: cst.Name, parameters: cst.TypeParameters) -> None:
        """Keep what a definition binds around itself."""
        place = self.get_metadata(PositionProvider, name)
        self.parameters[place.start.line, name.value] = tuple(item.param.name.value for item in parameters.params)

    def visit_TypeParameters(self, node: cst.TypeParameters) -> bool:  # noqa: N802  # libcst's protocol
        return False

    def bracket(
        self, node: cst.TypeParameters, start: int, end: int, opening: str, inside: str, closing: str, call: str = ""
    ) -> None:
        """Respell `[...]`, and the parenthesis that follows it as `call`."""
        before, after = self.code(node.lbracket)[1:], self.code(node.rbracket)[:-1]
        self.found.append((start, end, opening + before + inside + after + closing))
        found = _OPENING.match(self.source, end)
        if call and found:
            self.found.append((found.end() - 1, found.end(), call))

    def function_items(self, params: Sequence[cst.TypeParam]) -> Iterable[str]:
        """`T: B = D` as parameters with annotations, since the names are bound inside."""
        for number, item in enumerate(params, 1):
            head = self.head(item)
            colon, bound = self.bound(item)
            yield head + colon + bound + self.default(item, "|" if bound else ":")
            if isinstance(item.comma, cst.Comma):
                comma = self.code(item.comma)
                yield comma if number < len(params) else blank(comma[:1]) + comma[1:]

    def shown_items(self, params: Sequence[cst.TypeParam]) -> tuple[str, bool]:
        """Bounds and defaults alone, separated by commas; and whether a comma is due behind the last."""
        pieces: list[str] = []
        due = False
        for item in params:
            colon, bound = self.bound(item)
            default = self.default(item, "," if bound else " ")
            pieces += [blank(self.head(item)), colon.replace(":", " "), bound, default]
            due = bool(bound or default)
            if isinstance(item.comma, cst.Comma):
                comma = self.code(item.comma)
                pieces.append(comma if due else comma.replace(",", " ", 1))
                due = False
        return "".join(pieces), due

    def head(self, item: cst.TypeParam) -> str:
        """The name, without stars."""
        param = item.param
        if isinstance(param, cst.TypeVar):
            return self.code(param.name)
        return self.code(param).replace("*", " ")

    def bound(self, item: cst.TypeParam) -> tuple[str, str]:
        """The colon with its blanks, and the bound."""
        param = item.param
        if not isinstance(param, cst.TypeVar) or param.bound is None or not isinstance(param.colon, cst.Colon):
            return "", ""
        return self.code(param.colon), self.code(param.bound)

    def default(self, item: cst.TypeParam, sign: str) -> str:
        """`= D` with another sign; a star before it is blanked."""
        if item.default is None or not isinstance(item.equal, cst.AssignEqual):
            return ""
        star = blank(item.star if isinstance(item.star, str) else "") + self.code(item.whitespace_after_star)
        return self.code(item.equal).replace("=", sign, 1) + star + self.code(item.default)

    # except A, B

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:  # noqa: N802  # libcst's protocol
        self.handled(node.type)

    def visit_ExceptStarHandler(self, node: cst.ExceptStarHandler) -> None:  # noqa: N802  # libcst's protocol
        self.handled(node.type)

    def handled(self, kinds: cst.BaseExpression | None) -> None:
        if not isinstance(kinds, cst.Tuple) or kinds.lpar:
            return
        for one, two in pairwise(kinds.elements):
            start, end = self.span(one.value)[1], self.span(two.value)[0]
            self.found.append((start, end, self.source[start:end].replace(",", "|", 1)))


def _is_old(literal: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(f"({literal})", mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


class _Spelled(cst.Name):
    """An expression that is already text."""

    def _validate(self) -> None:
        """Anything goes."""


class _Strings(cst.CSTTransformer):
    """Spells string literals with replacement fields as a tuple of the fields, wherever they stand."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__()
        self.code = module.code_for_node

    def on_visit(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, (cst.FormattedString, cst.TemplatedString, cst.ConcatenatedString))

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        if isinstance(original_node, (cst.FormattedString, cst.TemplatedString, cst.ConcatenatedString)):
            return _Spelled(self.spell(original_node), lpar=original_node.lpar, rpar=original_node.rpar)  # type: ignore[return-value]  # an expression for an expression
        return updated_node

    def spell(self, node: cst.BaseExpression) -> str:
        """A literal as a parenthesised tuple; parentheses around the literal are left out."""
        return "(" + self.inside(node)[1:-1] + ")"

    def inside(self, node: cst.BaseExpression) -> str:
        if isinstance(node, (cst.FormattedString, cst.TemplatedString)):
            return blank(node.start) + self.contents(node.parts) + blank(node.end)
        if isinstance(node, cst.ConcatenatedString):
            return self.inside(node.left) + self.code(node.whitespace_between) + self.inside(node.right)
        return blank(self.code(node))

    def contents(self, parts: Iterable[cst.CSTNode]) -> str:
        return "".join(
            self.field(part)
            if isinstance(part, (cst.FormattedStringExpression, cst.TemplatedStringExpression))
            else blank(self.code(part))
            for part in parts
        )

    def field(self, field: _Field) -> str:
        """`{ expression = !r:spec}` as ` expression ,` and the fields of the specification."""
        before, after = self.code(field.whitespace_before_expression), self.code(field.whitespace_after_expression)
        rest = blank(self.code(field.equal)) if field.equal is not None else ""
        rest += after + (" " * (1 + len(field.conversion)) if field.conversion else "")
        if field.format_spec is not None:
            rest += " " + self.contents(field.format_spec)
        expression = field.expression.visit(self)
        assert isinstance(expression, cst.CSTNode)
        return " " + before + self.code(expression) + _comma_first(rest + " ")


def _comma_first(rest: str) -> str:
    """Put the comma where the first blank stands that is neither a line break nor in a comment."""
    position = 0
    while rest[position] in "\r\n#":
        if rest[position] == "#":
            found = _NEWLINE.search(rest, position)
            position = found.end() if found else len(rest) - 1
        else:
            position += 1
    return rest[:position] + "," + rest[position + 1 :]

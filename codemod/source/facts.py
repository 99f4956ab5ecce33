"""What one Python file says at statement level: imports, what it binds, what it exports; from its bytes alone."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.values import dataclass

from .downgrade import downgrade, may_be_newer
from .text import Text, Undecodable

Defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Alias:
    """One clause of an import: `name as asname`, and its byte span."""

    name: str
    asname: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement; `module` and `level` are those of a `from` import, None and 0 of a plain one."""

    module: str | None
    level: int
    aliases: tuple[Alias, ...]
    start: int
    end: int
    line: int
    scope: str = "module"  # module | class | function
    guard: str = ""  # "" | checking (TYPE_CHECKING) | fallback (try/except ImportError) | conditional

    @property
    def is_from(self) -> bool:
        """`from m import n`, not `import m`."""
        return self.module is not None

    @property
    def is_star(self) -> bool:
        """`from m import *`."""
        return self.is_from and self.aliases[0].name == "*"

    def bound(self, alias: Alias) -> str:
        """The local name that a clause binds."""
        return alias.asname or (alias.name if self.is_from else names.top(alias.name))


@dataclass(frozen=True, slots=True)
class Definition:
    """A top-level binding that is not an import: the statement's kind and its byte span, decorators included."""

    name: str
    kind: str  # function | class | value
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that other files may need to know of a file."""

    imports: tuple[Import, ...] = ()
    definitions: tuple[Definition, ...] = ()
    exports: tuple[str, ...] | None = None  # a literal `__all__`, None when there is none
    exports_computed: bool = False  # `__all__` is there but not (only) a literal
    globals: frozenset[str] = frozenset()  # names that functions bind with `global`
    docstring: str = ""

    @property
    def bound(self) -> frozenset[str]:
        """Names bound at module level when the module has run, star imports left out."""
        return frozenset(d.name for d in self.definitions) | self.imported | self.globals

    @property
    def imported(self) -> frozenset[str]:
        """Names bound at module level by imports that run (not under TYPE_CHECKING)."""
        return frozenset(
            statement.bound(alias)
            for statement in self.imports
            if statement.scope == "module" and statement.guard != "checking" and not statement.is_star
            for alias in statement.aliases
        )

    @property
    def defined(self) -> frozenset[str]:
        """Names defined here, not imported."""
        return frozenset(d.name for d in self.definitions)

    @property
    def lazy(self) -> bool:
        """True when a module `__getattr__` answers for names that are not bound."""
        return "__getattr__" in self.defined

    @property
    def public(self) -> tuple[str, ...]:
        """The names that a star import gives of those defined here: `__all__`, else without underscore; sorted."""
        if self.exports is not None:
            return tuple(sorted(set(self.exports)))
        return tuple(sorted(name for name in self.defined if not name.startswith("_")))


class Unparsable(ValueError):
    """The file is not Python that we can read; carries the line."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line

    def again(self) -> Unparsable:
        """The same to raise once more: an exception that is kept should not gather tracebacks."""
        return Unparsable(str(self), self.line)


def parse(text: Text) -> ast.Module:
    """The file's syntax tree; newer grammar than the interpreter's is read by `downgrade`.  Raises Unparsable."""
    try:
        try:
            return parse_as_is(text.data)
        except SyntaxError as error:
            older = downgrade(source) if may_be_newer(source := text.data.decode("utf-8")) else None
            if older is None:
                raise Unparsable(error.msg or "invalid syntax", error.lineno or 0) from None
            tree = parse_as_is(older.text.encode("utf-8"))
            tree.downgraded = True  # type: ignore[attr-defined]  # see `is_downgraded`
            _give_parameters(tree, older.parameters)
            return tree
    except SyntaxError as error:
        raise Unparsable(error.msg or "invalid syntax", error.lineno or 0) from None
    except (ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, Unparsable):
            raise
        raise Unparsable(str(error) or type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class TypeParameter:
    """A type parameter of a definition in newer grammar than the interpreter's; its bound stands elsewhere."""

    name: str


def _give_parameters(tree: ast.Module, parameters: Mapping[tuple[int, str], tuple[str, ...]]) -> None:
    """Set `type_params`, as the grammar of Python 3.12 has them, on definitions that were respelled."""
    for node in ast.walk(tree) if parameters else ():
        if isinstance(node, Defining):
            generic: ast.AST = node
            given = parameters.get((node.lineno, node.name), ())
            generic.type_params = [TypeParameter(name) for name in given]  # type: ignore[attr-defined]  # new in 3.12


def parse_as_is(data: bytes) -> ast.Module:
    """The tree of some UTF-8 text by the interpreter's own grammar; raises what `ast.parse` does, and no warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data.decode("utf-8"))


def is_downgraded(tree: ast.Module) -> bool:
    """True for a tree of newer grammar than the interpreter's."""
    return hasattr(tree, "downgraded")


def facts_of(raw: bytes) -> Facts:
    """The facts of a file's bytes; raises Unparsable."""
    try:
        text = Text.of(raw)
    except Undecodable as error:
        raise Unparsable(str(error)) from None
    return facts_of_tree(text, parse(text))


def facts_of_tree(text: Text, tree: ast.Module) -> Facts:
    """The facts of a parsed file."""
    reader = _Reader(text)
    reader.block(tree.body, "module", "")
    return Facts(
        tuple(reader.imports),
        tuple(reader.definitions),
        tuple(reader.exports) if reader.exports is not None else None,
        reader.computed,
        frozenset(reader.globals),
        docstring_of(tree),
    )


def docstring_of(tree: ast.Module) -> str:
    """The docstring of a module as written; "" where there is none."""
    first = tree.body[0] if tree.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value.value
    return ""


def imports_of(text: Text, tree: ast.Module) -> Iterator[Import]:
    """Every import statement of a parsed file, in order."""
    reader = _Reader(text)
    reader.block(tree.body, "module", "")
    yield from reader.imports


def is_type_checking(test: ast.expr) -> bool:
    """`TYPE_CHECKING` or `typing.TYPE_CHECKING`."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    """True when the handler takes ImportError, by name or by a wider class."""
    kinds = [handler.type] if not isinstance(handler.type, ast.Tuple) else handler.type.elts
    return any(
        kind is None
        or (isinstance(kind, ast.Name) and kind.id in _IMPORT_ERRORS)
        or (isinstance(kind, ast.Attribute) and kind.attr in _IMPORT_ERRORS)
        for kind in kinds
    )


_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def _offsets(data: bytes, word: bytes) -> Iterator[int]:
    position = data.find(word)
    while position != -1:
        yield position
        position = data.find(word, position + 1)


class _Reader:
    """One walk over statements (never expressions, but for targets)."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.imports: list[Import] = []
        self.definitions: list[Definition] = []
        self.exports: list[str] | None = None
        self.computed = False
        self.globals: set[str] = set()
        self.walrus = b":=" in text.data
        self.spelled = sorted([*_offsets(text.data, b"import"), *_offsets(text.data, b"global")])

    def block(self, body: Sequence[ast.stmt], scope: str, guard: str) -> None:
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.imports.append(self.statement(node, scope, guard))
            elif isinstance(node, Defining):
                self.definition(node, scope, guard)
            elif isinstance(node, (ast.If, ast.Try, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While,
                                   ast.Match)) or type(node).__name__ == "TryStar":  # fmt: skip
                self.compound(node, scope, guard)
            elif isinstance(node, ast.Global):
                if scope != "module":
                    self.globals.update(node.names)
            elif scope == "module":
                self.simple(node)

    def compound(self, node: ast.stmt, scope: str, guard: str) -> None:
        inner = guard or "conditional"
        if scope == "module":
            self.targets(node)
        if isinstance(node, ast.If):
            self.block(node.body, scope, "checking" if is_type_checking(node.test) else inner)
            self.block(node.orelse, scope, inner)
            return
        handlers: list[ast.ExceptHandler] = getattr(node, "handlers", [])
        caught = "fallback" if any(catches_import_error(h) for h in handlers) else inner
        self.block(getattr(node, "body", []), scope, guard or caught)
        for handler in handlers:
            self.block(handler.body, scope, guard or caught)
        for case in getattr(node, "cases", []):
            self.block(case.body, scope, inner)
        self.block(getattr(node, "orelse", []), scope, inner)
        self.block(getattr(node, "finalbody", []), scope, inner)

    def definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: str, guard: str) -> None:
        is_class = isinstance(node, ast.ClassDef)
        if scope == "module":
            self.define(node.name, "class" if is_class else "function", node)
        if self.telling(node):
            self.block(node.body, "class" if is_class and scope != "function" else "function", guard)

    def telling(self, node: ast.stmt) -> bool:
        """True when the text of a definition spells a keyword of the statements that count inside one."""
        number = bisect_left(self.spelled, self.text.starts[node.lineno - 1])
        end = self.text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return number < len(self.spelled) and self.spelled[number] < end

    def define(self, name: str, kind: str, node: ast.stmt) -> None:
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        line = min([node.lineno, *(d.lineno for d in decorators)])
        # A decorator's own position is behind its "@", which may be followed by spaces.
        start = self.text.offset(line, node.col_offset)
        end = self.text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        self.definitions.append(Definition(name, kind, start, end, node.lineno))

    def simple(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self.bind(target, node)
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            if not (isinstance(node, ast.AnnAssign) and node.value is None):
                self.bind(node.target, node)
        elif type(node).__name__ == "TypeAlias":
            self.bind(node.name, node)  # type: ignore[attr-defined]  # ast.TypeAlias is new in 3.12
        elif isinstance(node, ast.Expr):
            self.extended(node.value)
        if self.walrus:
            self.targets(node)

    def bind(self, target: ast.expr, node: ast.stmt) -> None:
        if isinstance(target, ast.Name):
            if target.id == "__all__":
                self.export(node)
            self.define(target.id, "value", node)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self.bind(element, node)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, node)

    def targets(self, node: ast.stmt) -> None:
        """Names that loops, `with`, `match`, `except` and walrus bind at module level."""
        if isinstance(node, (ast.For, ast.AsyncFor)):
            self.bind(node.target, node)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if item.optional_vars is not None:
                    self.bind(item.optional_vars, node)
        elif isinstance(node, ast.Match):
            for found in ast.walk(node):
                captured = getattr(found, "name", None) or getattr(found, "rest", None)
                if isinstance(found, (ast.MatchAs, ast.MatchStar, ast.MatchMapping)) and captured:
                    self.define(captured, "value", node)
        if self.walrus and not isinstance(node, Defining):
            for field in ("test", "value", "iter", "subject"):
                inner = getattr(node, field, None)
                for found in ast.walk(inner) if isinstance(inner, ast.AST) else ():
                    if isinstance(found, ast.NamedExpr):
                        self.bind(found.target, node)

    def export(self, node: ast.stmt) -> None:
        value = getattr(node, "value", None)
        literal = _strings(value)
        if isinstance(node, ast.AugAssign) and literal is not None:
            self.exports = [*(self.exports or []), *literal]
        elif literal is not None:
            self.exports = list(literal)
        else:
            self.computed = True

    def extended(self, call: ast.expr) -> None:
        """`__all__.extend([...])`, `__all__.append("x")`."""
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "__all__"
        ):
            argument = call.args[0] if call.args else None
            literal = _strings(argument) if call.func.attr == "extend" else None
            if call.func.attr == "append" and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                literal = [argument.value]
            if literal is None:
                self.computed = True
            else:
                self.exports = [*(self.exports or []), *literal]

    def statement(self, node: ast.Import | ast.ImportFrom, scope: str, guard: str) -> Import:
        offset = self.text.offset
        aliases = tuple(
            Alias(
                a.name, a.asname or "", offset(a.lineno, a.col_offset), offset(a.end_lineno or 1, a.end_col_offset or 0)
            )
            for a in node.names
        )
        start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno or 1, node.end_col_offset or 0)
        if isinstance(node, ast.ImportFrom):
            return Import(node.module or "", node.level, aliases, start, end, node.lineno, scope, guard)
        return Import(None, 0, aliases, start, end, node.lineno, scope, guard)


def _strings(node: ast.expr | None) -> list[str] | None:
    """The elements of a literal list or tuple of strings, or None."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _strings(node.left), _strings(node.right)
        return None if left is None or right is None else left + right
    if not isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return None
    values = [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return values if len(values) == len(node.elts) else None

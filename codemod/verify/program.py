"""What a module does while it is being imported: the statements that import, bind or ask for a name, in order.

Function bodies are left out, class bodies are in.  Where a condition is unknown, both branches count as run, but either
may be where code writes to its namespace (`FLAG = True; globals()["FLAG"] = False; if FLAG: ...`).  Where an expression
may be skipped (`a if b else c`, `a or b`), only the part that always runs counts.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from codemod.base.patterns import lazy
from codemod.source.facts import Unparsable, parse
from codemod.source.text import Text, Undecodable

from .ops import INNER, OPEN, Bind, Call, Chain, Either, Export, From, Op, Plain, Program, Put, Reraise, Same, Try, Use
from .statements import always, caught, chain_of, comprehended, globals_in, strings

_TRICKS = lazy(
    rb"\bglobals\(\)|\bvars\(\)|\blocals\(\)|\bexec\(|sys\.modules\[\s*__name__|(?<!\bself\.)\b__dict__\.update"
)
_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__path__", "__annotations__", "__builtins__", "__cached__"}
_LAZY_EXPRESSIONS = (ast.IfExp, ast.BoolOp)


def program_of(raw: bytes) -> Program:
    """The program of a file's bytes; an open one where the file does not parse."""
    try:
        text = Text.of(raw)
        tree = parse(text)
    except (Unparsable, Undecodable):
        return OPEN
    builder = _Builder(future=_postponed(tree))
    ops = builder.block(tree.body)
    trick = _TRICKS.search(text.data)
    opens = _statement_at(tree, text.line(trick.start())) if trick else 0
    return Program(ops, frozenset(builder.all_bound), trick is not None, opens)


def _statement_at(tree: ast.Module, line: int) -> int:
    """The line where the statement of the module's top level begins that holds a line; 0 for what is in front."""
    starts = (min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) for node in tree.body)
    return max((start for start in starts if start <= line), default=0)


def _postponed(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(a.name == "annotations" for a in node.names)
        for node in tree.body
    )


class _Builder:
    """One walk over the statements that run at import time."""

    def __init__(self, future: bool) -> None:
        self.future = future  # annotations are not evaluated
        self.ops: list[Op] = []
        self.bound: set[str] = set()  # names bound so far by statements that need no look-up
        self.modules: set[str] = set()  # names bound so far that may be modules
        self.all_bound: set[str] = set()
        self.local: set[str] | None = None  # names of the class body that we are in, but for the next
        self.inner: set[str] = set()  # names that it imports; bound as INNER + name
        self.rewrites = False  # `globals()[...] = ...`: names may have other values than statements gave them

    # Blocks

    def block(self, body: Sequence[ast.stmt]) -> tuple[Op, ...]:
        """The operations of some statements, collected apart."""
        outer, self.ops = self.ops, []
        self.statements(body)
        inner, self.ops = self.ops, outer
        return tuple(inner)

    def statements(self, body: Sequence[ast.stmt]) -> None:
        for node in body:
            self.statement(node)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.plain(alias.name, alias.asname or "", node.lineno)
        elif isinstance(node, ast.ImportFrom):
            self.from_import(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.function(node)
        elif isinstance(node, ast.ClassDef):
            self.class_(node)
        elif isinstance(node, ast.If):
            self.if_(node)
        elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            self.try_(node)  # type: ignore[arg-type]  # TryStar has the fields of Try
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            self.with_(node)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.uses(node.iter)
            self.target(node.target)
            self.statements(node.body)
            self.statements(node.orelse)
        elif isinstance(node, ast.While):
            self.uses(node.test)
            self.statements(node.body)
            self.statements(node.orelse)
        elif isinstance(node, ast.Match):
            self.match(node)
        else:
            self.simple(node)

    def simple(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            self.uses(node.value)
            chain = chain_of(node.value)
            for target in node.targets:
                if isinstance(target, ast.Name) and chain and self.local is None:
                    self.same(target.id, chain)
                else:
                    self.target(target)
                if isinstance(target, ast.Name) and target.id == "__all__":
                    self.ops.append(Export(strings(node.value), more=False))
        elif isinstance(node, ast.AnnAssign):
            if not self.future:
                self.uses(node.annotation)
            if node.value is not None:
                self.uses(node.value)
                self.target(node.target)
                if isinstance(node.target, ast.Name) and node.target.id == "__all__":
                    self.ops.append(Export(strings(node.value), more=False))
        elif isinstance(node, ast.AugAssign):
            self.uses(node.value)
            self.target(node.target)
            if isinstance(node.target, ast.Name) and node.target.id == "__all__":
                self.ops.append(Export(strings(node.value), more=True))
        elif isinstance(node, ast.Expr):
            self.uses(node.value)
            self.extended(node.value)
        elif type(node).__name__ == "TypeAlias":
            self.target(node.name)  # type: ignore[attr-defined]  # new in 3.12; its value is evaluated on demand
        elif isinstance(node, ast.Assert):
            self.uses(node.test)

    # Statements that import

    def plain(self, name: str, asname: str, line: int) -> None:
        bound = self.module_name(asname or name.partition(".")[0])
        self.ops.append(Plain(name, bound, bool(asname), line))

    def from_import(self, node: ast.ImportFrom) -> None:
        if node.module == "__future__":
            return
        pairs = tuple(
            (alias.name, "*" if alias.name == "*" else self.module_name(alias.asname or alias.name))
            for alias in node.names
        )
        self.ops.append(From(node.module or "", node.level, pairs, node.lineno))

    def module_name(self, name: str) -> str:
        """Note that `name` may be a module from here on; the name to bind in the module's namespace."""
        if self.local is not None:
            self.local.discard(name)
            self.inner.add(name)
            return INNER + name
        self.bound.add(name)
        self.modules.add(name)
        self.all_bound.add(name)
        return name

    # Statements that bind

    def bind(self, *names: str) -> None:
        if self.local is not None:
            self.local.update(names)
            self.inner.difference_update(names)
            return
        self.bound.update(names)
        self.all_bound.update(names)
        self.modules.difference_update(names)
        before = self.ops[-1] if self.ops else None
        if isinstance(before, Bind):
            self.ops[-1] = Bind(before.names + names)
        else:
            self.ops.append(Bind(names))

    def same(self, name: str, chain: Chain) -> None:
        if chain[0] not in self.modules and (chain[0] in self.bound or chain[0] in _BUILTINS):
            self.bind(name)
            return
        self.ops.append(Same(name, chain))
        self.bound.add(name)
        self.modules.add(name)
        self.all_bound.add(name)

    def target(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            self.bind(node.id)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self.target(element)
        elif isinstance(node, ast.Starred):
            self.target(node.value)
        elif isinstance(node, ast.Attribute):
            chain = chain_of(node)
            if chain and self.visible(chain[0]):
                self.ops.append(Put(chain, node.lineno))
            else:
                self.uses(node.value)
        elif isinstance(node, ast.Subscript):
            self.uses(node.value)
            self.uses(node.slice)
            self.rewrites = self.rewrites or (
                isinstance(node.value, ast.Call) and chain_of(node.value.func) == ("globals",)
            )

    def extended(self, call: ast.expr) -> None:
        """`__all__.extend([...])`, `__all__.append("x")`."""
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
            return
        owner, argument = call.func.value, call.args[0]
        if isinstance(owner, ast.Name) and owner.id == "__all__":
            literal = strings(argument) if call.func.attr != "append" else strings(ast.List([argument]))
            self.ops.append(Export(literal, more=True))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.uses(decorator)
            self.call(chain_of(decorator), decorator.lineno)
        self.defaults(node.args)
        if not self.future:
            arguments = node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            for argument in every:
                if argument is not None and argument.annotation is not None:
                    self.uses(argument.annotation)
            if node.returns is not None:
                self.uses(node.returns)
        self.bind(node.name)
        # What a function declares global may be there as soon as somebody can call it.
        names = sorted({name for inner in globals_in(node) for name in inner.names})
        if names:
            outer, self.local = self.local, None
            self.bind(*names)
            self.local = outer

    def defaults(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.uses(default)

    def class_(self, node: ast.ClassDef) -> None:
        for expression in [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]:
            self.uses(expression)
        outer, self.local = self.local, {"__module__", "__qualname__"}
        around, self.inner = self.inner, set()
        self.statements(node.body)
        self.local, self.inner = outer, around
        for decorator in node.decorator_list:
            self.call(chain_of(decorator), decorator.lineno)
        self.bind(node.name)

    # Statements with a condition

    def if_(self, node: ast.If) -> None:
        if self.rewrites and isinstance(node.test, ast.Name):
            self.ops.append(Either(self.block(node.body), self.block(node.orelse)))
            return
        branch: ast.If | None = node
        while branch is not None:
            known = always(branch.test)
            if known is not None:
                self.statements(branch.body if known else branch.orelse)
                return
            self.uses(branch.test)
            self.statements(branch.body)
            rest = branch.orelse
            branch = rest[0] if len(rest) == 1 and isinstance(rest[0], ast.If) else None
            if branch is None:
                self.statements(rest)

    def try_(self, node: ast.Try) -> None:
        body = self.block(node.body)
        handlers = []
        for handler in node.handlers:
            inner = self.block(handler.body)
            if handler.body and isinstance(handler.body[-1], ast.Raise):
                inner = (*inner, Reraise())
            if handler.name:
                inner = (Bind((handler.name,)), *inner)
            handlers.append((caught(handler.type), inner))
        self.ops.append(Try(body, tuple(handlers), self.block(node.orelse), self.block(node.finalbody)))

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        suppressed: frozenset[str] | None = frozenset()
        for item in node.items:
            self.uses(item.context_expr)
            if item.optional_vars is not None:
                self.target(item.optional_vars)
            call = item.context_expr
            if isinstance(call, ast.Call) and (chain_of(call.func) or ("",))[-1] == "suppress":
                suppressed = frozenset(name for a in call.args for name in caught(a) or ())
        if suppressed:
            self.ops.append(Try(self.block(node.body), ((suppressed, ()),), (), ()))
        else:
            self.statements(node.body)

    def match(self, node: ast.Match) -> None:
        self.uses(node.subject)
        for case in node.cases:
            for found in ast.walk(case.pattern):
                captured = getattr(found, "name", None) or getattr(found, "rest", None)
                if isinstance(captured, str):
                    self.bind(captured)
            self.statements(case.body)

    # Expressions

    def visible(self, root: str) -> bool:
        """True when a look-up of this name can fail or give a module: not a builtin, not a value bound before."""
        if self.local is not None and (root in self.local or root in self.inner):
            return root in self.inner
        return root in self.modules or (root not in self.bound and root not in _BUILTINS)

    def use(self, chain: Chain, line: int) -> None:
        if self.visible(chain[0]) and (len(chain) > 1 or chain[0] not in self.bound):
            root = INNER + chain[0] if self.local is not None and chain[0] in self.inner else chain[0]
            self.ops.append(Use((root, *chain[1:]), line))

    def uses(self, expression: ast.expr) -> None:
        """What an expression asks for, in about the order of evaluation."""
        stack: list[tuple[ast.AST, frozenset[str]]] = [(expression, frozenset())]
        called: list[ast.Call] = []
        while stack:
            node, hidden = stack.pop()
            if isinstance(node, (ast.Name, ast.Attribute)):
                chain = chain_of(node)
                if not chain:
                    stack.append((node.value, hidden))  # type: ignore[union-attr]  # a Name always gives a chain
                elif chain[0] not in hidden and isinstance(node.ctx, ast.Load):
                    self.use(chain, node.lineno)
            elif isinstance(node, ast.Lambda):
                stack.extend((d, hidden) for d in [*node.args.defaults, *node.args.kw_defaults] if d is not None)
            elif isinstance(node, ast.GeneratorExp):
                stack.append((node.generators[0].iter, hidden))
            elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
                inner = hidden | {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
                stack.append((node.generators[0].iter, hidden))
                if self.local is None:  # in a class body, only the first iterable sees the class's names
                    stack.extend((child, inner) for child in reversed(list(comprehended(node))))
            elif isinstance(node, ast.IfExp):
                stack.append((node.test, hidden))
            elif isinstance(node, ast.BoolOp):
                stack.append((node.values[0], hidden))
            elif isinstance(node, ast.NamedExpr):
                self.bind(node.target.id)
                stack.append((node.value, hidden))
            else:
                if isinstance(node, ast.Call):
                    self.imported(node)
                    called.append(node)
                stack.extend((child, hidden) for child in reversed(list(ast.iter_child_nodes(node))))

        for node in reversed(called):
            self.call(chain_of(node.func), node.lineno)

    def call(self, chain: Chain | None, line: int) -> None:
        """Note what is called once it is known; names of a class body are nobody's functions."""
        hidden = self.local is not None and chain is not None and (chain[0] in self.local or chain[0] in self.inner)
        if chain is not None and not hidden and (chain[0] in self.all_bound or chain[0] not in _BUILTINS):
            self.ops.append(Call(chain, line))

    def imported(self, call: ast.Call) -> None:
        """`importlib.import_module("a.b")`, `__import__("a.b")` with a literal name."""
        chain = chain_of(call.func)
        first = call.args[0] if call.args else None
        if chain and chain[-1] in ("import_module", "__import__") and isinstance(first, ast.Constant):
            name = first.value
            if isinstance(name, str) and name and (len(call.args) > 1 or not name.startswith(".")):
                stripped = name.lstrip(".")
                level = len(name) - len(stripped)
                given = [k.value for k in call.keywords if k.arg == "level"] or call.args[4:5]
                for number in given if chain[-1] == "__import__" else ():
                    level = number.value if isinstance(number, ast.Constant) and isinstance(number.value, int) else 0
                if level:
                    self.ops.append(From(stripped, level, (), call.lineno))
                else:
                    self.ops.append(Plain(name, "", True, call.lineno))

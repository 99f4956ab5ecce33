"""Scopes and the bindings in them: the vocabulary of scope analysis."""

from __future__ import annotations

import ast

from codemod.base.values import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One place that gives a name its value.

    `scope` is the scope that the statement stands in; it differs from the scope that lists the binding where
    `global`, `nonlocal` or a walrus inside a comprehension sends the name elsewhere.
    """

    name: str
    kind: str  # import from def class assign augment annotation param for with except match walrus del type
    node: ast.AST  # the statement (imports, definitions), the `ast.Name`, `ast.arg`, pattern or handler
    scope: Scope
    alias: ast.alias | None = None  # the clause, for imports


@dataclass(slots=True, eq=False)
class Scope:
    """A namespace of the program text; `bindings` lists every binding of each name that lives here."""

    kind: str  # module | class | function | lambda | comprehension | annotation (PEP 695 type parameters)
    parent: Scope | None
    node: ast.AST
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)

    @property
    def is_function(self) -> bool:
        """True where the code runs later than the text around it: a function or lambda."""
        return self.kind in ("function", "lambda")

    @property
    def deferred(self) -> bool:
        """True when code in this scope runs only when some function is called."""
        scope: Scope | None = self
        while scope is not None:
            if scope.is_function:
                return True
            scope = scope.parent
        return False


def resolve(name: str, scope: Scope, module: Scope, *, early: bool = False) -> Scope | None:
    """The scope whose binding `name` means when read in `scope`; None for builtins and unknown names.

    `early`: the read stands in a class body before the class binds the name, so it looks past the class.
    Source: the language reference, "Resolution of names"; PEP 695 for annotation scopes.
    """
    top = module if name in module.bindings else None
    if early and name in scope.bindings:
        return top
    direct, here = True, scope
    while True:
        if name in here.globals:
            return top
        if name in here.bindings and (direct or here.kind != "class"):
            return here
        direct = direct and here.kind == "annotation"
        if here.parent is None:
            return None
        here = here.parent

"""What an attribute chain starts from, and what it reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.values import dataclass, replace
from codemod.source.binding import Scope
from codemod.source.facts import Alias, Import
from codemod.source.scopes import Chain, Scopes, Use

from .bindings import is_covered
from .view import Ref


@dataclass(frozen=True, slots=True)
class Bound:
    """A name that an import binds to a module."""

    name: str
    module: str
    statement: Import
    alias: Alias
    home: Scope
    whole: str = ""  # what the import loads: `a.b.c` where `import a.b.c` binds `a`
    root: str = ""


@dataclass(slots=True)
class Reached:
    """A chain's meaning: the module and perhaps a name in it, and how many segments spell them."""

    chain: Chain
    old: Ref
    new: Ref
    segments: int  # of the module part
    via: Bound
    text: str = ""  # the new spelling of the module part, "" while unknown

    @property
    def reason(self) -> str:
        """Why its spelling changes."""
        return f"{names.join(self.old.module, self.old.name)} -> {names.join(self.new.module, self.new.name)}"


def chains_of(scopes: Scopes, bound: Bound) -> Iterator[Chain]:
    """The chains that begin with the bound name, and, where a class binds it, what is read of the class or in it."""
    for chain in scopes.chains(bound.name):
        if chain.use.home is bound.home:
            yield chain
    owner = bound.home.node
    if isinstance(owner, ast.ClassDef):
        for use in _uses_of_class(scopes, owner, bound.home):
            whole = scopes.chain(use)
            name, start, end = whole.attributes[0] if whole.attributes else ("", 0, 0)
            if name == bound.name:
                inner = replace(use, name=name, scope=bound.home, home=bound.home, attributes=use.attributes[1:])
                yield Chain(inner, start, end, whole.attributes[1:])


def _uses_of_class(scopes: Scopes, owner: ast.ClassDef, home: Scope) -> Iterator[Use]:
    """Where a class is read by its name, and its methods' `self` and `cls`."""
    for use in scopes.named(owner.name):
        if any(binding.node is owner for binding in use.bindings) and len(use.bindings) == 1:
            yield use
    for scope in (scope for scope in scopes.scopes if scope.parent is home):
        method = scope.node
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if any("staticmethod" in ast.unparse(one) for one in method.decorator_list):
            continue
        for one in [*method.args.posonlyargs, *method.args.args][:1]:
            if len(scope.bindings.get(one.arg, ())) == 1:
                yield from (use for use in scopes.named(one.arg) if use.home is scope)


def comes_to_mean(known: Bound, after: Sequence[Bound], item: Reached) -> bool:
    """True for an import of the file that moves, too, and is surely done where the chain stands.

    `after` are the names that the file binds after the phase.
    """
    use = item.chain.use
    same = [b for b in after if b.name == known.name and b.home is known.home]
    return (
        (use.scope is not known.home or known.statement.start < item.chain.segments[0][1])
        and not known.statement.guard
        and all(b.module == known.module for b in same)
        and len(known.home.bindings.get(known.name, ())) == len(same)
        and not is_covered(known.name, known.home, use.scope)
    )

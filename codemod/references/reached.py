"""What an attribute chain starts from, and what it reaches."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterator, Sequence

from codemod.base import names
from codemod.base.values import dataclass, replace
from codemod.source.binding import Scope
from codemod.source.facts import Alias, Import
from codemod.source.nodes import every_node
from codemod.source.scopes import Chain, Scopes, Use

from .bindings import is_covered
from .view import Ref, View


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


def reach(
    view: View, scopes: Scopes, loaded: Collection[str], bound: Bound, *, whole: bool = False
) -> Iterator[Reached]:
    """What each chain reaches that begins with a bound name; `loaded` are modules that imports set as attributes."""
    for chain in chains_of(scopes, bound, whole=whole):
        current, name, used = Ref(bound.module), "", 1
        for (attribute, _, _), (behind, _, _) in itertools.pairwise((*chain.attributes, ("", 0, 0))):
            member = view.member(current, attribute)
            inner = names.join(current.module, attribute)
            if member.name and ((inner in loaded and inner in view.inventory.modules) or view.is_home(member, behind)):
                member = Ref(inner)  # an import sets the attribute, whatever the package had there
            if member.name:
                name = attribute
                break
            current, used = member, used + 1
        old = Ref(current.module, name)
        yield Reached(chain, old, view.successor(old), used, bound)


def reached_through(
    view: View, scopes: Scopes, loaded: Collection[str], reached: Sequence[Reached]
) -> Iterator[Reached]:
    """What chains reach of a package that a variable holds and nothing else: `sub = app.sub`, then `sub.user.N`.

    Only what leaves it: all else is read of the variable as before.
    """
    packages = {item.chain.segments[-1][2]: item for item in reached if not item.old.name}
    for node in every_node(scopes.tree) if packages else ():
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        given = packages.get(scopes.span(node.value)[1]) if isinstance(node, ast.Assign) else None
        if given is None or not isinstance(target, ast.Name):
            continue
        home = next((use.home for use in scopes.named(target.id) if use.node is target), None)
        if home is None or len(home.bindings.get(target.id, ())) != 1:
            continue
        variable = replace(given.via, name=target.id, module=given.old.module, home=home)
        for item in reach(view, scopes, loaded, variable, whole=True):
            if view.affected(item.old) and (item.segments > 1 or _leaves(view, item.old)):
                yield replace(item, via=given.via)


def _leaves(view: View, ref: Ref) -> bool:
    """True for a name that another module has after the phase."""
    return bool(ref.name) and view.successor(ref).module != view.successor(Ref(ref.module)).module


def unspelled(view: View, scopes: Scopes, statements: Sequence[Import]) -> Iterator[Bound]:
    """The submodules that a package's `__init__` reads by name though only their own import binds them there."""
    for statement in statements if view.is_init else ():
        origin = view.origin(statement) if statement.is_from and statement.scope == "module" else None
        name = names.last(origin.module) if origin is not None else ""
        if origin is None or names.parent(origin.module) != view.module or view.affected(origin):
            continue
        unbound = name not in scopes.module.bindings and any(use.home is None for use in scopes.named(name))
        if unbound and statement.aliases:
            yield Bound(name, origin.module, statement, statement.aliases[0], scopes.module, origin.module)


def chains_of(scopes: Scopes, bound: Bound, *, whole: bool = False) -> Iterator[Chain]:
    """The chains that begin with the bound name, and, where a class binds it, what is read of the class or in it.

    Of `self.app.user` that is `app.user`, or with `whole` all of it, `self.app` for the name.
    """
    nowhere = bound.home is scopes.module and bound.name not in bound.home.bindings
    for chain in scopes.chains(bound.name):
        if chain.use.home is bound.home or (nowhere and chain.use.home is None):
            yield chain
    owner = bound.home.node
    for use in _uses_of_class(scopes, owner, bound.home) if isinstance(owner, ast.ClassDef) else ():
        chain = scopes.chain(use)
        name, start, end = chain.attributes[0] if chain.attributes else ("", 0, 0)
        if name == bound.name and whole:
            yield Chain(replace(use, name=f"{use.name}.{name}"), chain.start, end, chain.attributes[1:])
        elif name == bound.name:
            inner = replace(use, name=name, scope=bound.home, home=bound.home, attributes=use.attributes[1:])
            yield Chain(inner, start, end, chain.attributes[1:])


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

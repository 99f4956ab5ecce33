"""A dotted name as a whole, outside code: what it means, and how it is written after the phase."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit
from codemod.source.facts import Unparsable

from .view import Ref, View

EXTERNAL = ("ext://", "module://")
NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_WRITTEN = lazy(rf"(?P<module>{NAME})(?::(?P<attribute>{NAME}))?(?P<below>\.\*{{1,2}}|\*)?")


def successor_of(view: View, written: str, *, certain: bool = False) -> str | None:
    """`a.b.c`, `a.b:name`, `a.b.*` or `a.b*` as it is after the phase; None where it stays, or is no name of ours.

    A name in a module must be bound there, unless the place is `certain` to hold a reference.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None or (found["attribute"] and found["below"]):
        return None
    ref, rest = means(view, found["module"])
    if ref is None or (ref.name and (found["attribute"] or found["below"])):
        return None
    attribute = found["attribute"] or ""
    if attribute:
        ref, attribute = through_modules(view, found["module"], ref, attribute)
    whole = Ref(ref.module, names.top(attribute), ref.root) if attribute else ref
    if not view.affected(whole) or not (certain or is_there(view, whole)):
        return None
    if found["below"] == "*" and _has_twin(view, ref.module):
        return None
    new = view.successor(whole)
    module = view.spell(new.module, ref.root)
    if attribute:
        text = module + ":" + names.join(new.name, names.tail(attribute, names.top(attribute)))
    else:
        text = names.join(module, new.name, rest) + (found["below"] or "")
        text = behind_colon(text) if found["attribute"] else text
    return text if text != written else None


def external(view: View, text: str) -> Iterator[Edit]:
    """The edit to `ext://a.b.name`, as the configuration of logging names objects, and to Matplotlib's `module://a.b`."""
    scheme, mark, written = text.partition("://")
    new = successor_of(view, written)
    if new is not None:
        size = len(scheme + mark)
        yield Edit(size, size + len(written.encode()), new.encode(), f"{written} -> {new} behind {scheme}:")


def behind_colon(dotted: str) -> str:
    """`a.b` -> `a:b`, as a module or folder `b` of the package `a` is written for who reads a colon there."""
    above = names.parent(dotted)
    return f"{above}:{names.last(dotted)}" if above else dotted


def through_modules(view: View, written: str, ref: Ref, attribute: str) -> tuple[Ref, str]:
    """`a:b.name` where `b` is a module of the package `a`: that module and `name`; else what was given.

    `ref` is what `written`, the part before the colon, means.
    """
    inner, rest = means(view, f"{written}.{attribute}")
    if inner is None or not names.below(inner.module, ref.module):
        return ref, attribute
    package, first = view.inventory.modules.get(ref.module), Ref(ref.module, names.top(attribute))
    own = package is not None and package.path and view.inventory.binds(package, first.name)
    if own and not _is_submodule(view, first):
        return ref, attribute
    return Ref(inner.module, "", inner.root), names.join(inner.name, rest)


def meant(view: View, dotted: str, *, loaded: bool) -> tuple[Ref | None, str]:
    """What `means` tells; where a module is `loaded`, a name that its package binds too does not hide it."""
    found = view.inventory.modules.find(dotted, view.path) if loaded else None
    return (Ref(found.module.name, "", found.root), "") if found is not None else means(view, dotted)


def means(view: View, dotted: str) -> tuple[Ref | None, str]:
    """What an absolute dotted name means, and what is left of it behind the first name that is no module."""
    parts = dotted.split(".")
    current = view.find(parts[0])
    if current is None:
        return None, ""
    for number, part in enumerate(parts[1:], 1):
        member = view.member(current, part)
        if member.name and (
            _is_submodule(view, member) or view.is_home(member, ".".join(parts[number + 1 : number + 2]))
        ):
            member = Ref(names.join(current.module, part), "", current.root)
        if member.name:
            return member, ".".join(parts[number + 1 :])
        current = member
    return current, ""


def _has_twin(view: View, module: str) -> bool:
    """True when the name of another module begins with the same letters and parts ways, so that `module*` means both.

    What the phase moves is asked by its old name, too: a second run finds it no longer there.
    """
    new = view.intent.module(module)
    known = itertools.chain((other.name for other in view.inventory.modules), view.intent.modules)
    return any(
        other.startswith(module) and not names.within(other, module) and not view.intent.module(other).startswith(new)
        for other in known
    )


def _is_submodule(view: View, ref: Ref) -> bool:
    """True when what looks like a name in a module is a submodule that moves.

    An earlier run has moved it with its package, or the package's own file binds that very module.
    """
    inner, modules = names.join(ref.module, ref.name), view.inventory.modules
    new = view.intent.module(inner)
    if new == inner or (ref.module, ref.name) in view.intent.symbols:
        return False
    now = inner if inner in modules else new
    package = modules.get(ref.module)
    if package is None or not package.path or not view.inventory.binds(package, ref.name):
        return now == new and new in modules
    for statement in view.inventory.facts(package.path).imports:
        origin = view.inventory.origin(statement, package.path)
        for alias in statement.aliases:
            given = alias.name if origin is None else names.join(origin, alias.name)
            if statement.scope == "module" and statement.bound(alias) == ref.name and given == now:
                return True
    return False


def is_there(view: View, ref: Ref) -> bool:
    """True when a module, or a name in one, is known to be there, under its old name or already under its new one."""
    if not ref.name or (ref.module, ref.name) in view.intent.symbols:
        return True
    module, after = view.home(ref.module), view.successor(ref)
    if module is None or not module.path:
        return False
    name = ref.name if module.name == ref.module else after.name
    facts = view.inventory.read(module.path)
    if isinstance(facts, Unparsable):
        return True  # nobody can tell
    return name in facts.bound or facts.lazy or any(statement.is_star for statement in facts.imports)


def home_of_names(view: View, package: str, begin: str = "") -> str:
    """The package in which names that were put together behind `package` are looked up after the phase."""
    homes = {
        names.parent(view.intent.module(module.name))
        for module in view.inventory.modules.children(package)
        if module.name != view.module and names.last(module.name).startswith(begin)
    }
    return homes.pop() if len(homes) == 1 else view.intent.module(package)


def is_bound(view: View, ref: Ref) -> bool:
    """True for a name that its module binds, or that every module has."""
    if (ref.module, ref.name) in view.intent.symbols:
        return True
    known = _known(view, ref)
    if known is None:
        return False
    path, name = known
    return name in view.inventory.facts(path).bound or name in ("__name__", "__file__", "__doc__")


def is_class(view: View, ref: Ref) -> bool:
    """True for a class that is defined there; a class is no key of a text."""
    known = _known(view, ref)
    if known is None:
        return False
    path, name = known
    return any(one.name == name and one.kind == "class" for one in view.inventory.facts(path).definitions)


def _known(view: View, ref: Ref) -> tuple[str, str] | None:
    """The file of a name's module and the name there; a merge or an earlier run may have left both elsewhere."""
    module = view.home(ref.module)
    if module is None or not module.path:
        return None
    return module.path, ref.name if module.name == ref.module else view.successor(ref).name

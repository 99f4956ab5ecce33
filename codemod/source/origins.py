"""Where a name of a module was defined, followed through re-exports."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.base import names
from codemod.base.patterns import lazy

from .facts import Import
from .graph import nearest
from .inventory import Inventory, Target
from .modules import Module


def may_star(data: bytes) -> bool:
    """True when a file may import everything from somewhere; a cheap question."""
    return _STAR.search(data) is not None


_STAR = lazy(rb"import(?:[ \t(]|\\\r?\n)*\*")


def origin_of(inventory: Inventory, module: Module, name: str) -> Target | None:
    """The module and name that `name` in `module` comes from, as far as the repository tells.

    A name of a third-party module is `Target("its.module", "name")`, an imported module has an empty name.
    None where the module does not bind the name by statements that we can follow.
    """
    return _follow(inventory, module, name, frozenset())


def origins_of(inventory: Inventory, module: Module, name: str) -> tuple[Target, ...]:
    """Every place that `name` in `module` may come from: beside an import that may fail, or not run, stand others."""
    facts = inventory.facts(module.path)
    found = [Target(module.name, name)] if name in facts.defined else []
    for statement in facts.imports:
        if statement.scope == "module" and statement.guard != "checking" and not statement.is_star:
            for alias in (one for one in statement.aliases if statement.bound(one) == name):
                seen = frozenset({(module.name, name)})
                origin = _imported(inventory, module, statement, alias.name, bool(alias.asname), seen)
                found += [origin] if origin is not None else []
    one = origin_of(inventory, module, name) if not found else None
    return tuple(dict.fromkeys(found)) if one is None else (one,)


def _follow(inventory: Inventory, module: Module, name: str, seen: frozenset[tuple[str, str]]) -> Target | None:
    key = (module.name, name)
    if key in seen:
        return None
    seen = seen | {key}
    facts = inventory.facts(module.path)
    if name in facts.defined:
        return Target(module.name, name)
    stars = []
    other: Target | None = None  # what is taken where an import that is tried first fails
    for statement in reversed(facts.imports):
        if statement.scope != "module" or statement.guard == "checking":
            continue
        if statement.is_star:
            stars.append(statement)
            continue
        for alias in statement.aliases:
            if statement.bound(alias) != name or (other is not None and statement.guard != "fallback"):
                continue
            target = _imported(inventory, module, statement, alias.name, bool(alias.asname), seen)
            if statement.guard != "fallback":
                return target
            if other is None or (target is not None and target.module in inventory.modules):
                other = target
    if other is not None:
        return other
    if name in facts.globals:
        return Target(module.name, name)
    for statement in stars:
        origin = inventory.origin(statement, module.path)
        found = inventory.modules.find(origin, module.path) if origin else None
        if found is not None and name in star_names(inventory, found.module):
            return _follow(inventory, found.module, name, seen) or Target(found.module.name, name)
    if module.is_package and f"{module.name}.{name}" in inventory.modules:
        return Target(f"{module.name}.{name}")
    return None


def _imported(
    inventory: Inventory, module: Module, statement: Import, name: str, renamed: bool, seen: frozenset[tuple[str, str]]
) -> Target | None:
    if not statement.is_from:
        bound = name if renamed else name.partition(".")[0]
        known = nearest(inventory, bound, module.path)
        return Target(known.name if known is not None and known.name.endswith(bound) else bound)
    origin = inventory.origin(statement, module.path)
    if origin is None:
        return None
    found = inventory.modules.find(origin, module.path)
    if found is None:
        return Target(origin, name)
    target = inventory.target(found.module, name)
    if not target.name:
        return target
    return _follow(inventory, found.module, name, seen) or target


def star_names(inventory: Inventory, module: Module, seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """What `from module import *` binds, as far as the repository tells."""
    facts = inventory.facts(module.path)
    if facts.exports is not None and not facts.exports_computed:
        return frozenset(facts.exports)
    found = {*(facts.exports or ()), *(name for name in facts.bound if not name.startswith("_"))}
    if module.name in seen:
        return frozenset(found)
    for statement in facts.imports:
        if statement.is_star and statement.scope == "module" and statement.guard != "checking":
            origin = inventory.origin(statement, module.path)
            inner = inventory.modules.find(origin, module.path) if origin else None
            if inner is not None:
                found |= star_names(inventory, inner.module, seen | {module.name})
    return frozenset(found)


def loads_itself(inventory: Inventory, module: str) -> bool:
    """True when a package's own file imports the submodule, and may bind the name anew behind that."""
    package = inventory.modules.get(names.parent(module))
    for statement in inventory.facts(package.path).imports if package is not None and package.path else ():
        origin = inventory.origin(statement, package.path) if package is not None else None
        named = {names.join(origin, alias.name) for alias in statement.aliases} if origin else set()
        if origin == module or module in named or any(alias.name == module for alias in statement.aliases):
            return True
    return False


def brings(inventory: Inventory, package: Module, name: str) -> bool:
    """True when a star import of the package brings its submodule `name`: it loads it, and lists nothing."""
    inner = names.join(package.name, name)
    return (
        inner in inventory.modules
        and inventory.facts(package.path).exports is None
        and not inventory.binds(package, name)
        and loads_itself(inventory, inner)
        and not _stars_over(inventory, package, inner)
    )


def _stars_over(inventory: Inventory, package: Module, inner: str) -> bool:
    """True when a package imports everything from a submodule that gives its own name: not the submodule is bound."""
    stars = (s for s in inventory.facts(package.path).imports if s.is_star and s.scope == "module")
    if all(inventory.origin(statement, package.path) != inner for statement in stars):
        return False
    module = inventory.modules.get(inner)
    return module is not None and bool(module.path) and names.last(inner) in star_names(inventory, module)


def brought(inventory: Inventory, module: str, name: str) -> str | None:
    """The submodule that star imports bring as `name`: its package loads it and has no `__all__`."""
    packages = (inventory.modules.get(given) for given in star_sources(inventory, module))
    if not any(package is not None and brings(inventory, package, name) for package in packages):
        return None
    return _given(inventory, module, name, frozenset())


def _given(inventory: Inventory, module: str, name: str, seen: frozenset[str]) -> str | None:
    """The submodule that the last star import to give `name` brings; "" where that gives something else, None if none.

    A later star import binds anew what an earlier one has bound.
    """
    own = inventory.modules.get(module)
    if own is None or not own.path or module in seen:
        return None
    for statement in reversed(inventory.facts(own.path).imports):
        origin = inventory.origin(statement, own.path) if statement.is_star and statement.scope == "module" else None
        found = inventory.modules.get(origin) if origin else None
        if found is None or not found.path:
            continue
        exports = inventory.facts(found.path).exports
        if brings(inventory, found, name):
            return names.join(found.name, name)
        if name in exports if exports is not None else inventory.binds(found, name):
            return ""
        given = _given(inventory, found.name, name, seen | {module}) if exports is None else None
        if given is not None:
            return given
    return None


def star_sources(inventory: Inventory, module: str) -> tuple[str, ...]:
    """The modules that a module imports everything from, directly or through others."""
    if module not in inventory.starred:
        inventory.starred[module] = tuple(_starred(inventory, module))
    return inventory.starred[module]


def _starred(inventory: Inventory, module: str) -> Iterator[str]:
    todo, seen = [module], {module}
    while todo:
        own = inventory.modules.get(todo.pop())
        entry = inventory.tree.entry(own.path) if own is not None and own.path else None
        if own is None or entry is None or not entry.is_file or not may_star(inventory.tree.read(own.path)):
            continue
        for statement in inventory.facts(own.path).imports:
            origin = inventory.origin(statement, own.path) if statement.is_star else None
            found = inventory.modules.get(origin) if origin else None
            if found is not None and found.path and found.name not in seen:
                seen.add(found.name)
                todo.append(found.name)
                yield found.name

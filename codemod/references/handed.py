"""Names that a file hands on: what its star imports bring, and re-exports that follow a renamed name."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.source.facts import Facts, Import, Unparsable, facts_of, parse
from codemod.source.inventory import Inventory
from codemod.source.origins import star_names
from codemod.source.scopes import Scopes, analyse
from codemod.source.search import Search, candidates
from codemod.source.text import Text

from .bindings import External, by_string, can_rename
from .imports import clauses_of
from .view import Ref, View


def starred(view: View, statements: Sequence[Import]) -> frozenset[str]:
    """Names that star imports at the top of the file bring, and bring after the phase."""
    found: set[str] = set()
    for statement in statements:
        origin = view.origin(statement) if statement.is_star and statement.scope == "module" else None
        module = view.inventory.modules.get(origin.module) if origin is not None else None
        if origin is not None and module is not None:
            given = star_names(view.inventory, module)
            found |= {name for name in given if not view.affected(view.member(origin, name))}
    return frozenset(found)


def listed(view: View, module: str) -> frozenset[str] | None:
    """What the `__all__` of a module lists; None where there is none that can be read."""
    found = view.inventory.modules.get(module)
    facts = view.inventory.facts(found.path) if found is not None and found.path else None
    return None if facts is None or facts.exports is None or facts.exports_computed else frozenset(facts.exports)


def renamed_in(view: View, origin: Ref) -> dict[str, str]:
    """Names that a star import of `origin` gives, and goes on giving by another name."""
    every = listed(view, origin.module)
    return {
        name: new
        for (module, name), (new_module, new) in view.intent.symbols.items()
        if module == origin.module and new != name and new_module == view.intent.module(module)
        and (not name.startswith("_") if every is None else {name, new} & every)
    }  # fmt: skip


def bound_otherwise(view: View, statement: Import, name: str) -> bool:
    """True where a file with a star import binds the name itself too, or has it from another star import."""
    facts = view.inventory.facts(view.path)
    others = [other for other in facts.imports if other.is_star and other is not statement]
    return name in facts.bound or name in starred(view, others)


def _given(view: View, statement: Import, origin: Ref) -> dict[tuple[str, str], tuple[str, str]]:
    """Renamed names that a star import of `origin` hands on."""
    facts = view.inventory.facts(view.path)
    return {
        (view.module, name): (view.new_module, new)
        for name, new in renamed_in(view, origin).items()
        if name not in facts.bound and view.module and not bound_otherwise(view, statement, new)
    }


def handed_on(inventory: Inventory, module: str, name: str, external: External) -> bool:
    """True when some other file takes `name` from a module, or from one that has it through a star import."""
    todo, seen = [module], {module}
    while todo:
        current = todo.pop()
        if external(current, name):
            return True
        for path in candidates(inventory.tree, Search({current})) if current else ():
            own = inventory.modules.at(path)
            stars = [statement for statement in inventory.facts(path).imports if statement.is_star]
            if own is not None and own.name not in seen and any(inventory.origin(s, path) == current for s in stars):
                seen.add(own.name)
                todo.append(own.name)
    return False


def propagate(view: View, raw: bytes, facts: Facts | None = None) -> dict[tuple[str, str], tuple[str, str]]:
    """Further symbols that a rename reaches: re-exports of renamed names whose binding can follow.

    `facts` are those of `raw`, where they are known.  Empty for a file that does not parse.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    scopes: Scopes | None = None
    try:
        known = facts_of(raw) if facts is None else facts
    except Unparsable:
        return found
    for statement in known.imports:
        origin = view.origin(statement) if statement.is_from else None
        if origin is None or statement.scope != "module":
            continue
        if statement.is_star:
            found.update(_given(view, statement, origin))
            continue
        for clause in clauses_of(view, statement, origin):
            if clause.old.name and clause.alias.asname in ("", clause.alias.name) and clause.name != clause.bound:
                if scopes is None:
                    text = Text.of(raw)
                    scopes = analyse(parse(text), text)
                kept = by_string(scopes, clause.bound)  # then the import goes on binding it
                if not kept and can_rename(scopes, clause.bound, clause.name, scopes.module):
                    found[view.module, clause.bound] = (view.new_module, clause.name)
    return found

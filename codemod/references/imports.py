"""Import statements: each clause to its new home, statements divided where names part ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.rewrite.statement import (
    clauses,
    directives,
    dotted_edit,
    insertion,
    insertion_ahead,
    module_edit,
    removal,
    tokens,
)
from codemod.source.facts import Alias, Import
from codemod.source.text import Text

from .view import Ref, View


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a `from` import: what it means, where that is after the phase, and the name it binds."""

    alias: Alias
    old: Ref
    new: Ref
    bound: str

    @property
    def module(self) -> str:
        """The module to import from after the phase."""
        return self.new.module if self.new.name or not self.new.module else names.parent(self.new.module)

    @property
    def name(self) -> str:
        """The name to import after the phase."""
        return self.new.name or names.last(self.new.module)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a `from` import takes, and where from; no clauses where it takes everything."""

    origin: Ref
    clauses: Sequence[Clause]


@dataclass(slots=True)
class Rewritten:
    """Edits to one statement, and statements to put behind it or in front of it."""

    edits: list[Edit] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)

    def finish(self, text: Text, statement: Import, reason: str) -> list[Edit]:
        """All edits, the insertion included; an edit that ends where the insertion starts keeps its place."""
        ahead = list(dict.fromkeys(self.ahead))
        extra = [
            insertion_ahead(text, statement, ahead, reason),
            insertion(text, statement, [line for line in dict.fromkeys(self.behind) if line not in ahead], reason),
        ]
        return [*self.edits, *(edit for edit in extra if edit is not None)]


def taken_by(view: View, statement: Import) -> Iterator[Taken]:
    """What a statement takes; nothing for a plain import, and where nobody can tell where from."""
    origin = view.origin(statement) if statement.is_from else None
    if origin is not None:
        yield Taken(origin, [] if statement.is_star else clauses_of(view, statement, origin))


def clauses_of(view: View, statement: Import, origin: Ref) -> list[Clause]:
    """The clauses of a `from` import, each with its meaning before and after."""
    found = []
    for alias in statement.aliases:
        old, bound = view.member(origin, alias.name), statement.bound(alias)
        new = view.successor(old)
        if old.name and view.is_home(old, new.name) and _is_read(view, bound, new.name):
            old = Ref(new.module)  # the module that is called like the definition which went there
            new = view.successor(old)
        found.append(Clause(alias, old, new, bound))
    return found


def _is_read(view: View, bound: str, name: str) -> bool:
    """True where a name is read of what the file binds to another one."""
    of_it = rf"(?<![\w.]){re.escape(bound)}\s*\.\s*{re.escape(name)}(?!\w)".encode()
    return re.search(of_it, view.inventory.tree.read(view.path)) is not None


def rewrite_star(view: View, text: Text, statement: Import, origin: Ref) -> Rewritten:
    """`from m import *`: the module alone."""
    new = view.spell_from(view.successor(origin).module, statement.level, origin.root)
    return Rewritten(_module_edits(view, text, statement, origin, new))


def rewrite_from(
    view: View, text: Text, statement: Import, taken: Taken, rebind: Callable[[Clause], str],
    unused: Collection[int] = (),
) -> Rewritten:  # fmt: skip
    """A `from` import.  `rebind` tells the local name that a clause binds after the phase.

    `unused` are where those aliases begin that nobody reads any more.
    """
    origin, parts = taken.origin, taken.clauses
    base = view.successor(origin).module
    left = [part for part in parts if part.alias.start in unused]
    groups: dict[str, list[Clause]] = {}
    for part in parts:
        if part in left:
            continue
        groups.setdefault(_home(part, base), []).append(part)
    groups = _in_order(groups, base)
    staying = base if base in groups else next(iter(groups))
    result = Rewritten()
    module = view.spell_from(staying, statement.level, origin.root) if staying else ""
    if not staying:  # a module that becomes top-level: nothing can stay in a `from` statement
        return _as_plain(view, text, statement, groups, rebind)
    why = "" if base != origin.module else ", ".join(_reason(part) for part in groups[staying] if part.new != part.old)
    result.edits += _module_edits(view, text, statement, origin, module, why)
    again = _said_before(groups[staying], rebind)
    for part in groups[staying]:
        if part not in again:
            result.edits += _clause_edits(text.data, part, rebind(part))
    left += again
    leaving = [number for number, part in enumerate(parts) if part in left or _home(part, base) != staying]
    if leaving:
        result.edits += removal(text.data, statement, leaving, _reason(parts[leaving[0]]))
    if len(groups) > 1:
        notes = [span.comment for span in clauses(text.data, statement)]
        for home, members in groups.items():
            if home != staying:
                lines = _statements(view, statement, home, members, rebind, parts, notes, origin)
                lines = [_told(line, directives(text.data, statement)) for line in lines]
                if _acts_first(view, members, groups[staying], parts):
                    result.ahead += lines
                else:
                    result.behind += lines
    return result


def _in_order(groups: dict[str, list[Clause]], base: str) -> dict[str, list[Clause]]:
    """The modules that names come from in the order of import sorters, where they all came from one.

    Modules keep their order: what they do as they load may count.
    """
    if not all(part.old.name for parts in groups.values() for part in parts):
        return groups
    return {home: groups[home] for home in sorted(groups, key=lambda home: (home != base, home.lower()))}


def _said_before(parts: Sequence[Clause], rebind: Callable[[Clause], str]) -> list[Clause]:
    """Clauses that are, after the phase, what another one is: two modules that became one.  What stays itself stays."""
    found: list[Clause] = []
    seen: dict[tuple[str, str], Clause] = {}
    for part in parts:
        said = (part.name, rebind(part))
        other = seen.get(said)
        if other is not None and (part.new != part.old or other.new != other.old):
            found.append(part if part.new != part.old else other)
        if other is None or part.new == part.old:
            seen[said] = part
    return found


_ACTS = lazy(
    rb"^(?:[^\W\d][\w.]*[ \t]*\(|@(?!(?:dataclass|total_ordering|unique|final|overload|wraps|(?:lru_)?cache|fixture"
    rb"|contextmanager|asynccontextmanager|singledispatch|runtime_checkable|property)\b)[^\W\d])",
    re.MULTILINE,
)
"""A call, or a decorator that may register."""


def _acts_first(view: View, leaving: Sequence[Clause], staying: Sequence[Clause], parts: Sequence[Clause]) -> bool:
    """True when modules that do something as they load are named in front of others that do, and must stay there."""
    if max(parts.index(part) for part in leaving) > min(parts.index(part) for part in staying):
        return False
    return all(any(_acts(view, part.old) for part in group) for group in (leaving, staying))


def _acts(view: View, ref: Ref) -> bool:
    """True for a module whose top level calls something."""
    module = view.inventory.modules.get(ref.module)
    return (
        not ref.name
        and module is not None
        and bool(module.path)
        and bool(_ACTS.search(view.inventory.tree.read(module.path)))
    )


def _home(part: Clause, base: str) -> str:
    """The module that a clause is imported from; unaffected clauses stay together."""
    if part.new == part.old and part.old.name:
        return base
    return part.module


def _module_edits(view: View, text: Text, statement: Import, origin: Ref, new: str, why: str = "") -> list[Edit]:
    """The module that a `from` names; `why` where it stays itself, and what is imported of it has moved."""
    old = "." * statement.level + (statement.module or "")
    if new == old:
        return []
    return module_edit(text.data, statement, new, why or f"{origin.module} -> {view.successor(origin).module}")


def _clause_edits(data: bytes, part: Clause, bound: str) -> list[Edit]:
    """The clause's own text: another name, and `as` where the bound name must differ from it."""
    alias = part.alias
    redundant = alias.asname == alias.name
    if part.name == alias.name and bound == part.bound:
        return []
    text = part.name
    if bound != part.name or redundant:
        text += f" as {bound}"
    if data[alias.start : alias.end] == text.encode():
        return []
    return [Edit(alias.start, alias.end, text.encode(), _reason(part))]


def _statements(
    view: View, statement: Import, home: str, members: Sequence[Clause], rebind: Callable[[Clause], str],
    parts: Sequence[Clause], notes: Sequence[str], origin: Ref,
) -> list[str]:  # fmt: skip
    """New statements for the clauses that leave for `home`, with the comments that stood behind them."""
    if not home:
        return [_plain(part.name, rebind(part)) for part in members]
    listed = list(dict.fromkeys(_listed(part, rebind(part)) for part in members))
    comments = [notes[parts.index(part)] for part in members]
    comment = "  ".join(dict.fromkeys(note for note in comments if note))
    module = view.spell_from(home, statement.level, origin.root)
    return [f"from {module} import {', '.join(listed)}" + (f"  {comment}" if comment else "")]


def _told(line: str, directive: str) -> str:
    """A new statement with what the old one's comment tells tools."""
    return line if not directive or directive in line else f"{line}  {directive}"


def _listed(part: Clause, bound: str) -> str:
    keep = bound != part.name or part.alias.asname == part.alias.name
    return f"{part.name} as {bound}" if keep else part.name


def _plain(module: str, bound: str) -> str:
    return f"import {module}" if module == bound else f"import {module} as {bound}"


def _as_plain(
    view: View, text: Text, statement: Import, groups: dict[str, list[Clause]], rebind: Callable[[Clause], str]
) -> Rewritten:
    """Every clause names a module that is top-level now."""
    lines = [_plain(part.name, rebind(part)) for part in groups[""]]
    others = [p for home, members in groups.items() if home for p in members]
    result = Rewritten()
    result.edits.append(Edit(statement.start, statement.end, lines[0].encode(), _reason(groups[""][0])))
    result.behind += lines[1:]
    for home, members in groups.items():
        if home:
            module = view.spell_from(home, statement.level)
            result.behind.append(f"from {module} import {', '.join(_listed(p, rebind(p)) for p in members)}")
    assert others is not None
    return result


def plain_edit(text: Text, alias: Alias, new: str, reason: str) -> Edit:
    """Another dotted name in `import a.b [as c]`; what follows `as` stays."""
    end = alias.start
    for token in tokens(text.data, alias.start, alias.end):
        if token.kind == "name" and token.text == b"as":
            break
        if token.kind in ("name", "mark"):
            end = token.end
    return dotted_edit(text.data, alias.start, end, new.encode(), reason)


def rewrite_plain(view: View, text: Text, statement: Import, plain: dict[tuple[int, int], str]) -> Rewritten:
    """The edits to the clauses of `import a.b, c as d`; a clause that became a `from` import leaves its list."""
    result = Rewritten()
    froms: list[int] = []
    said: set[tuple[str, str | None]] = set()
    for number, alias in enumerate(statement.aliases):
        new = plain.get((statement.start, alias.start))
        again = bool(new) and (new or "", alias.asname) in said
        said.add((alias.name if new is None else new, alias.asname))
        if new is None:
            continue
        if again:  # two modules that became one
            froms.append(number)
            continue
        ref = view.find(alias.name)
        assert ref is not None
        if new:
            result.edits.append(plain_edit(text, alias, new, f"{ref.module} -> {new}"))
        else:
            froms.append(number)
            result.behind.append(_as_from(view, ref, alias))
    if froms and len(froms) == len(statement.aliases):
        result.edits = [Edit(statement.start, statement.end, result.behind[0].encode(), "moved into a package")]
        result.behind = result.behind[1:]
    elif froms:
        result.edits += removal(text.data, statement, froms, "moved into a package")
        result.behind = [_told(line, directives(text.data, statement)) for line in result.behind]
    return result


def private_import(view: View, statement: Import, alias: Alias) -> dict[tuple[int, int], str]:
    """The new text of `import a.b as __b` in a class, by where it stands: it binds `_Class__b`, which goes on to."""
    ref = view.find(alias.name) if alias.asname.startswith("__") else None
    if ref is None or view.successor(ref) == ref or object_of(view, ref) is not None:
        return {}
    return {(statement.start, alias.start): view.spell(view.successor(ref).module, ref.root)}


def object_of(view: View, ref: Ref) -> Ref | None:
    """What `import a.b as c` gives where `a` has something else than the module by that name; None for the module."""
    above, last = view.inventory.modules.get(names.parent(ref.module)), names.last(ref.module)
    found = view.member(Ref(above.name), last) if above is not None else None
    return found if found is not None and found.name else None


def parts_ways(view: View, ref: Ref) -> bool:
    """True where that is not found under the module's new name any more."""
    found = object_of(view, ref)
    after = view.successor(found) if found is not None else None
    return after is not None and names.join(after.module, after.name) != view.successor(ref).module


def _as_from(view: View, ref: Ref, alias: Alias) -> str:
    found = object_of(view, ref) if alias.asname else None
    bound = alias.asname or alias.name
    if found is not None:
        after = view.successor(found)
        return _from(after.module, after.name, bound)
    spelled = view.spell(view.successor(ref).module, ref.root)
    return _from(names.parent(spelled), names.last(spelled), bound)


def _from(module: str, name: str, bound: str) -> str:
    return f"from {module} import {name}" + ("" if name == bound else f" as {bound}")


def _reason(part: Clause) -> str:
    old = names.join(part.old.module, part.old.name)
    return f"{old} -> {names.join(part.new.module, part.new.name)}"


def without(data: bytes, statements: Sequence[Import]) -> bytes:
    """The text without its import statements: where a chain would stand."""
    pieces, position = [], 0
    for statement in statements:
        pieces.append(data[position : statement.start])
        position = statement.end
    return b";".join([*pieces, data[position:]])

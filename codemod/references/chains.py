"""Attribute chains: `a.b.c.f` follows its module, through whatever the file's imports bind after the phase."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.source.binding import Scope
from codemod.source.facts import Alias, Import
from codemod.source.origins import loads_itself
from codemod.source.scopes import Scopes

from .askedfor import asked_for, renamed
from .bindings import External, exported, import_homes, is_covered, is_free
from .byname import handed_over, named_attributes
from .forked import Forks
from .hindrances import comes_with, is_hidden, loaded_by, may_be_loading
from .imports import Taken, object_of, private_import
from .inturn import Turns
from .otherplace import other_place_edits
from .passed import further, may_pass, module_of, renamed_through
from .reached import Bound, Reached, comes_to_mean, reach, reached_through, unspelled
from .view import Ref, View
from .wholly import read_whole


@dataclass(slots=True)
class Chains:
    """The pass over one file's chains.  Statements that need new company get it in `behind`."""

    view: View
    scopes: Scopes
    statements: Sequence[Import]
    froms: Mapping[int, Taken]  # what a `from` import takes, by the start of the statement
    external: External
    rebound: dict[tuple[int, str], str]  # (start of statement, old bound name) -> new bound name
    before: list[Bound] = field(default_factory=list)
    after: list[Bound] = field(default_factory=list)
    plain: dict[tuple[int, int], str] = field(default_factory=dict)  # (statement, alias) -> its new text
    behind: dict[int, list[str]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    loaded: frozenset[str] = frozenset()  # modules that plain imports of the file load and so set as attributes
    taken: set[int] = field(default_factory=set)  # statements that were replaced whole
    unused: set[tuple[int, int]] = field(default_factory=set)  # (statement, alias) that nobody reads any more
    asked: dict[int, ast.Constant] = field(default_factory=dict)  # names in literals, by the end of what they ask
    turns: Turns = field(init=False)
    passing: bool = False  # names that leave a module may be read through others that imported it
    readers: dict[tuple[str, Scope], list[Scope]] = field(default_factory=dict)  # of a module, by where it is bound

    def run(self) -> None:
        """Fill `edits`, `plain` and `behind`."""
        self.passing = may_pass(self.view.intent, self.scopes.text.data, self.statements)
        self._bind()
        self.loaded = frozenset(
            inner
            for bound in self.before
            if not bound.statement.is_from
            for inner in names.prefixes(bound.whole)
            if not loads_itself(self.view.inventory, inner)
        )
        self.asked = asked_for(self.view, self.scopes)
        self.turns = Turns(self.scopes, {s.start: s for s in self.statements}, self.before)
        plainly = [
            item
            for bound in self._roots()
            for item in reach(self.view, self.scopes, self.loaded, bound)
            if self.turns.serves(bound, item.chain)
        ]
        forks = Forks(self.view, self.scopes, self.loaded, self.before, self.turns.statements)
        rivals = forks.owners(plainly)
        plainly = list(self._unforked(plainly, forks))
        reached = [further(self.view, item, self.asked, self.passing) for item in plainly]
        for item in plainly if self.passing else ():
            self.edits += renamed_through(self.view, self.scopes, item, self.asked)
        reached += reached_through(self.view, self.scopes, self.loaded, plainly)
        for item in reached:
            if self.view.affected(item.old):
                self.readers.setdefault((item.new.module, item.via.home), []).append(item.chain.use.scope)
        for item in reached:
            self._spell(item)
        for lines in self.behind.values():
            lines.sort(key=lambda line: (line.startswith("from "), line))
        owners = {r.chain.segments[-1][2]: r.old.module for r in reached if not r.old.name}
        paths = list(other_place_edits(self.view, self.scopes, reached, owners))
        ends = {end for r in reached for _, _, end in r.chain.segments}
        handed = [f for each in (owners, *rivals) for f in handed_over(self.view, self.scopes, each, ends)]
        whole = self._whole(reached, owners)
        self.findings += read_whole(self.view, self.scopes, whole)
        for told in (*named_attributes(self.view, self.scopes, whole), *handed, *paths):
            if isinstance(told, Edit):
                self.edits.append(told)
            else:
                self.findings.append(told)
        self._drop_unused(reached)
        self._keep_loaded(reached)

    def _whole(self, reached: Sequence[Reached], owners: Mapping[int, str]) -> dict[int, str]:
        """The ends of the expressions that mean a module, also where a name of every module is read of it."""
        asked = {r.chain.segments[r.segments - 1][2]: r.old.module for r in reached if r.old.name == "__dict__"}
        return {**owners, **asked}

    # -- what is bound, before and after

    def _bind(self) -> None:
        homes = import_homes(self.scopes)
        for statement in self.statements:
            if not statement.is_from:
                for alias in statement.aliases:
                    self._meant_plain(statement, alias, homes)
        for statement in self.statements:
            if statement.is_from:
                taken = self.froms.get(statement.start)
                for clause in taken.clauses if taken is not None else ():
                    home = homes.get((statement.start, clause.bound))
                    old = module_of(self.view, clause.old)
                    if home is None or not old:
                        continue
                    new = self.view.intent.module(old) if clause.old.name else clause.new.module
                    name = self.rebound.get((statement.start, clause.bound), clause.bound)
                    self.before.append(Bound(clause.bound, old, statement, clause.alias, home, old))
                    self.after.append(Bound(name, new, statement, clause.alias, home, new))
            else:
                for alias in statement.aliases:
                    self._bind_plain(statement, alias)
        known = list(unspelled(self.view, self.scopes, self.statements))
        self.before += known
        self.after += known

    def _meant_plain(self, statement: Import, alias: Alias, homes: dict[tuple[int, str], Scope]) -> None:
        """What `import a.b` binds before: `a`, whether or not `a.b` is ours."""
        home = homes.get((statement.start, statement.bound(alias)))
        ref = self.view.find(alias.name)
        if home is None:
            return
        if alias.asname:
            if ref is not None and object_of(self.view, ref) is None:
                self.before.append(Bound(alias.asname, ref.module, statement, alias, home, ref.module, ref.root))
            return
        top = names.top(alias.name)
        if ref is None:
            ref = self.view.find(top)
            if ref is not None:
                self.before.append(Bound(top, ref.module, statement, alias, home, alias.name, ref.root))
            return
        extra = alias.name[len(top) :]
        old_top = ref.module[: len(ref.module) - len(extra)] if extra else ref.module
        self.before.append(Bound(top, old_top, statement, alias, home, ref.module, ref.root))

    def _bind_plain(self, statement: Import, alias: Alias) -> None:
        old = next((b for b in self.before if b.statement is statement and b.alias is alias), None)
        if old is None:
            self.plain.update(private_import(self.view, statement, alias))
            return
        home, ref = old.home, Ref(old.whole, "", old.root)
        new = self.view.successor(ref)
        spelled = self.view.spell(new.module, ref.root)
        changed = new.module != ref.module
        if changed:
            self.plain[statement.start, alias.start] = spelled
        if alias.asname:
            if changed and is_hidden(self.view, new.module, names.top(new.module)):
                self.plain[statement.start, alias.start] = ""
            self.after.append(Bound(alias.asname, new.module, statement, alias, home, new.module))
            return
        top, new_top = names.top(alias.name), names.top(spelled)
        if not changed:
            self.after.append(old)
        elif "." not in alias.name and "." in spelled and not self._shared(old, new_top):
            # `import user` whose module moves into a package: the binding stays, the import becomes a `from`
            self.after.append(Bound(top, new.module, statement, alias, home, new.module, ref.root))
            self.plain[statement.start, alias.start] = ""
        else:
            rest = spelled[len(new_top) :]
            denotes = new.module[: len(new.module) - len(rest)] if rest else new.module
            readers = [use.scope for use in self.scopes.named(top) if use.home is home]
            if new_top == top or self._can_bind(new_top, home, readers, denotes):
                self.after.append(Bound(new_top, denotes, statement, alias, home, new.module, ref.root))
            else:  # the importer has another use for the new name
                name = top if "." not in alias.name else self._free_name(new.module, home, readers)
                self.plain[statement.start, alias.start] = f"{spelled} as {name}"
                self.after.append(Bound(name, new.module, statement, alias, home, new.module))

    def _shared(self, bound: Bound, new_top: str) -> bool:
        """True when another import binds the same name to the package that the module moves into."""
        return bound.name == new_top and any(
            b.name == bound.name and b.home is bound.home and "." in b.alias.name and not b.alias.asname
            and not b.statement.is_from
            for b in self.before
        )  # fmt: skip

    # -- chains

    def _roots(self) -> Iterator[Bound]:
        seen: set[tuple[int, str, int]] = set()
        for bound in self.before:
            key = (id(bound.home), bound.name, bound.statement.start if self.turns.starts(bound) else -1)
            if key not in seen:
                seen.add(key)
                yield bound

    def _unforked(self, reached: Sequence[Reached], forks: Forks) -> Iterator[Reached]:
        """The chains that are written in one way; the others are told."""
        for item in reached:
            told = forks.told(item)
            if told is None:
                yield item
            else:
                self.findings.append(told)

    def _spell(self, item: Reached) -> None:
        segments = item.chain.segments
        old_text = ".".join(name for name, _, _ in segments[: item.segments])
        home = item.via.home
        if not self._meant_here(item):
            return
        choices = [
            b
            for b in self.after
            if b.home is home
            and names.within(item.new.module, b.module)
            and self._readable(b, item)
            and not is_hidden(self.view, item.new.module, b.module)
            and not self._is_loading(item, b.module)
            and self._is_loaded(item, b)
        ]
        choices.sort(key=lambda b: (b.name != item.chain.use.name, -len(b.module), b.name))
        if choices:
            best = choices[0]
            item.text = names.join(best.name, names.tail(item.new.module, best.module))
        else:
            item.text = self._import(item)
        if item.text != old_text:
            self._replace(item, segments)
        if item.new.name != item.old.name and item.segments == len(segments):
            literal = self.asked[segments[-1][2]]
            self.edits.append(renamed(self.scopes, literal, item.new.name, item.reason))
        elif item.new.name != item.old.name:
            _, start, end = segments[item.segments]
            self.edits.append(Edit(start, end, item.new.name.encode(), item.reason))

    def _meant_here(self, item: Reached) -> bool:
        """False where the text can stay whatever it is: nothing moves, and the root still means the same."""
        if self.view.affected(item.old):
            return True
        name, home = item.chain.use.name, item.via.home
        return not any(b.name == name and b.home is home and b.module == item.via.module for b in self.after)

    def _replace(self, item: Reached, segments: Sequence[tuple[str, int, int]]) -> None:
        """Replace the module part, sparing the segments that are the same at either end."""
        old = [name for name, _, _ in segments[: item.segments]]
        new = item.text.split(".")
        if self.rebound.get((item.via.statement.start, old[0]), old[0]) == new[0]:
            old[0] = new[0]  # the root is renamed with its binding
        if old == new:
            return
        head = 0
        while head < min(len(old), len(new)) - 1 and old[head] == new[head]:
            head += 1
        foot = 0
        while foot < min(len(old), len(new)) - head - 1 and old[-1 - foot] == new[-1 - foot]:
            foot += 1
        start, end = segments[head][1], segments[len(old) - 1 - foot][2]
        text = ".".join(new[head : len(new) - foot])
        self.edits.append(Edit(start, end, text.encode(), item.reason))

    def _readable(self, bound: Bound, item: Reached) -> bool:
        """True when the bound name means itself where the chain stands, not something local or for checkers alone."""
        if bound.statement.guard == "checking" != item.via.statement.guard:
            return False
        if bound.name == item.chain.use.name:  # the scopes have said so
            return self.turns.means(bound, item.via, self.after)
        here: Scope | None = item.chain.use.scope
        while here is not None and here is not bound.home:
            if bound.name in here.bindings and not (here.kind == "class" and here is not item.chain.use.scope):
                return False
            here = here.parent
        same = [b for b in self.before if b.name == bound.name and b.home is bound.home]
        if bound.name in bound.home.bindings:
            return len(bound.home.bindings[bound.name]) == len(same) and all(b.module == bound.module for b in same)
        return is_free(self.scopes, bound.name, bound.home, [item.chain.use.scope])

    def _is_loaded(self, item: Reached, bound: Bound) -> bool:
        """False where a name has moved into a module below the bound one that is not imported with it."""
        module = item.new.module
        moved = (item.old.module, item.old.name) in self.view.intent.symbols or self._given_lazily(item)
        if not moved or names.within(bound.whole, module):
            return True
        return comes_with(self.view.inventory, module, bound.module)

    def _given_lazily(self, item: Reached) -> bool:
        """True for a moved module that its package's `__getattr__` gave: where it goes, nobody loads it so."""
        above = self.view.inventory.modules.get(names.parent(item.old.module))
        if not self.view.affected(item.old) or above is None or not above.path or item.old.module in self.loaded:
            return False
        return self.view.inventory.facts(above.path).lazy

    def _is_loading(self, item: Reached, start: str) -> bool:
        if item.chain.use.scope.deferred or not self.view.affected(item.old):
            return False
        return may_be_loading(self.view, item.new.module, start, item.via.module)

    # -- new imports

    def _import(self, item: Reached) -> str:
        """Bind the new module next to the import that served the chain; the text that then reaches it."""
        via, module = self._loader(item), item.new.module
        for known in self.after:
            meant = known.home is via.home and known.module == module
            if meant and (self._readable(known, item) or comes_to_mean(known, self.after, item)):
                return known.name
        top = names.top(module)
        plain_style = not via.statement.is_from and not via.alias.asname and not is_hidden(self.view, module, top)
        scopes = [*self.readers.get((module, via.home), ()), item.chain.use.scope]  # one name for all of them
        plain_style = plain_style and not self._is_loading(item, top)
        if plain_style and self._can_bind(top, via.home, scopes, top):
            self._add(via, f"import {module}", Bound(top, top, via.statement, via.alias, via.home, module))
            return module
        last, above = names.last(module), names.parent(module)
        name = last
        if not self._can_bind(last, via.home, scopes, module):
            name = self._free_name(module, via.home, scopes)
        suffix = "" if name == last else f" as {name}"
        origin = self.view.spell_from(above, via.statement.level) if above else ""
        line = f"from {origin} import {last}{suffix}" if above else f"import {last}{suffix}"
        self._add(via, line, Bound(name, module, via.statement, via.alias, via.home, module))
        return name

    def _loader(self, item: Reached) -> Bound:
        """Of the imports that bind the chain's root, the one that loads the module which the chain names."""
        via = item.via
        same = [b for b in self.before if b.home is via.home and b.name == via.name and not self.turns.starts(via)]
        return next((b for b in same if b.whole == item.old.module), via)

    def _free_name(self, module: str, home: Scope, readers: list[Scope]) -> str:
        """A name for the module that nothing else has: `b_c`, `a_b_c`, `a_b_c_2` ..."""
        parts = module.split(".")
        short = ("_".join(parts[first:]) for first in range(len(parts) - 2, -1, -1))
        numbered = (f"{'_'.join(parts)}_{number}" for number in itertools.count(2))
        return next(name for name in itertools.chain(short, numbered) if self._can_bind(name, home, readers, module))

    def _can_bind(self, name: str, home: Scope, readers: list[Scope], module: str) -> bool:
        if home is self.scopes.module and self.view.hides(name, module):
            return False
        same = [b for b in self.after if b.name == name and b.home is home]
        if same:
            alone = len(home.bindings.get(name, ())) <= len(same)
            return (
                alone and all(b.module == module for b in same) and not any(is_covered(name, home, r) for r in readers)
            )
        before = [b for b in self.before if b.name == name and b.home is home]
        if before and len(before) == len(home.bindings.get(name, ())):
            return all(b.module == module for b in before)  # it goes on meaning what it meant
        return is_free(self.scopes, name, home, readers)

    def _add(self, via: Bound, line: str, bound: Bound) -> None:
        self.behind.setdefault(via.statement.start, []).append(line)
        self.after.append(bound)

    def _drop_unused(self, reached: Sequence[Reached]) -> None:
        """An import whose every use moved to a new one makes room for it."""
        for start, lines in list(self.behind.items()):
            statement = next(s for s in self.statements if s.start == start)
            mine = [b for b in self.before if b.statement is statement]
            if len(statement.aliases) > 1 and statement.is_from:
                self.unused |= {(start, b.alias.start) for b in mine if self._is_unused(b, reached)}
            if not mine or (len(statement.aliases) != 1 and not self._all_unused(statement)):
                continue
            spelled = self.plain.get((start, statement.aliases[0].start))
            if spelled is not None and not loaded_by(self.view, lines, spelled):
                continue
            if len(statement.aliases) == 1 and not self._is_unused(mine[0], reached, spelled or ""):
                continue
            self.taken.add(start)
            unique = list(dict.fromkeys(lines))
            self.edits.append(Edit(statement.start, statement.end, unique[0].encode(), "import follows its uses"))
            self.behind[start] = unique[1:]

    def _all_unused(self, statement: Import) -> bool:
        return all((statement.start, alias.start) in self.unused for alias in statement.aliases)

    def _is_unused(self, bound: Bound, reached: Sequence[Reached], spelled: str = "") -> bool:
        """True when every use of what an import binds goes by another name; `spelled` is what it becomes.

        A clause that binds another name after the phase is used where that one is.
        """
        rebound = self.rebound.get((bound.statement.start, bound.name), bound.name)
        name, home = names.top(spelled) if spelled else rebound, bound.home
        near = [r for r in reached if r.via.home is home]
        mine = [r for r in near if r.via.name == bound.name]
        kept = [r for r in near if r.text.split(".")[0] == name or (r in mine and not r.text)]
        others = [b for b in self.before if b.name == bound.name and b.home is home and b is not bound]
        only = len(home.bindings.get(bound.name, [])) == 1 + (len(others) if spelled else 0)
        if not mine or not only or (kept and not (spelled and others)):
            return False
        return bool(spelled) or not self._offered(bound.name, home)

    def _offered(self, name: str, home: Scope) -> bool:
        if home is not self.scopes.module:
            return home.kind == "class"
        if self.view.is_init or exported(self.scopes.tree, name):
            return True
        return self.external(self.view.module, name)

    def _keep_loaded(self, reached: Sequence[Reached]) -> None:
        """A package that only a moved import used to load, and that is still read, is imported by name."""
        for item in reached:
            module = item.new.module
            if item.via.statement.is_from or (not item.text and self.view.affected(item.old)):
                continue
            was = any(names.within(b.whole, item.old.module) for b in self.before)
            if not was or any(names.within(b.whole, module) for b in self.after):
                continue
            line = f"import {self.view.spell(module, item.via.root)}"
            self._add(item.via, line, Bound(names.top(module), names.top(module), item.via.statement, item.via.alias,
                                            item.via.home, module))  # fmt: skip

"""What code gets without spelling where from: the names of a star import, the submodules that a package binds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.source.facts import Facts, Import
from codemod.source.origins import origin_of, star_names
from codemod.source.scopes import Scopes
from codemod.source.text import Text

from .bindings import External, is_free
from .exportsjoined import joined_exports, may_join_exports
from .handed import bound_otherwise, handed_on, listed, renamed_in, starred
from .view import Ref, View

_WIDTH = 88


@dataclass(slots=True)
class Given:
    """One file's names of this kind; `edits` are those to their uses."""

    view: View
    scopes: Scopes | None
    external: External
    edits: list[Edit] = field(default_factory=list)
    brought: set[tuple[str, str]] = field(default_factory=set)  # symbols that imports beside a star bring
    _named: set[str] = field(default_factory=set)  # submodules that an explicit import binds now

    def beside(self, statement: Import, origin: Ref) -> list[str]:
        """Explicit imports of the names that a star import of `origin` no longer gives."""
        found: list[tuple[str, str]] = []  # (where from, the clause)
        gives = self._gives(origin)
        for (module, name), (new_module, new_name) in sorted(self.view.intent.symbols.items()):
            if module != origin.module or (new_module, new_name) == (module, name):
                continue
            if not self._was_given(name, origin, new_module, new_name):
                continue
            source = self.view.spell_from(new_module, statement.level)
            clause = (source, new_name if new_name == name else f"{new_name} as {name}")
            if new_module == self.view.intent.module(module) and new_name != name:
                if name not in gives:
                    continue  # it does not list it, or has it by the new name already
                hidden = bound_otherwise(self.view, statement, new_name) and name not in self._facts.bound
                read = self._is_read(name)
                if read and not hidden and self._renamed(name, new_name):
                    continue
                if read or (hidden and self._is_handed_on(name)):
                    found.append(clause)
                    self.brought.add((module, name))
            elif name not in self._facts.bound and (self._is_read(name) or self._is_handed_on(name)):
                found.append(clause)
                self.brought.add((module, name))
        return [*_statements(found), *self._submodules(statement, origin)]

    def _was_given(self, name: str, origin: Ref, new_module: str, new_name: str) -> bool:
        """True when a star import of `origin` gave a name that has left it: what `__all__` listed is listed there."""
        if (origin.module, name) in self.view.intent.unlisted:
            return False
        now = listed(self.view, new_module) if listed(self.view, origin.module) is not None else None
        return not name.startswith("_") if now is None else bool({name, new_name} & now)

    def every(self, facts: Facts, text: Text, tree: Callable[[], ast.Module]) -> list[Edit]:
        """The edits to uses, and to an `__all__` that is put together from others."""
        if not may_join_exports(self.view, facts, text.data):
            return self.edits
        return [*self.edits, *joined_exports(self.view, facts, text, tree(), self.brought)]

    def overridden(self, statement: Import, origin: Ref, line: int) -> Iterator[Finding]:
        """Names that the file binds above a star import which would give them anew after the phase."""
        gives = self._gives(origin)
        renamed = {new: name for name, new in renamed_in(self.view, origin).items() if gives & {name, new}}
        above = [s for s in self._facts.imports if s.is_star and s.start < statement.start]
        given = starred(self.view, above) & renamed.keys() if above else frozenset()
        for new, name in sorted(renamed.items()):
            bindings = self.scopes.module.bindings.get(new, []) if self.scopes is not None else []
            lines = [getattr(binding.node, "lineno", 0) for binding in bindings]
            if (lines and max(lines) < line) or (new in given and not lines and self._differs(above, origin, new)):
                yield Finding(
                    "rename-captured", f"{new} is bound here, and the star import below would bind it anew",
                    Weight.REFUSAL, Place(self.view.path, max(lines, default=line)),
                    f"choose another new name for {origin.module}.{name}",
                )  # fmt: skip

    def _gives(self, origin: Ref) -> frozenset[str]:
        """What a star import of a module gives as the tree is now."""
        module = self.view.inventory.modules.get(origin.module)
        return star_names(self.view.inventory, module) if module is not None else frozenset()

    def _differs(self, above: Sequence[Import], origin: Ref, name: str) -> bool:
        """True where star imports `above` give something else by a name than one of `origin`, as far as told by now."""
        inventory = self.view.inventory
        sources = [
            origin.module,
            *(given.module for s in above for given in [self.view.origin(s)] if given is not None),
        ]
        modules = [module for module in map(inventory.modules.get, sources) if module is not None]
        meant = [origin_of(inventory, module, name) for module in modules if name in star_names(inventory, module)]
        return len(meant) < 2 or None in meant or any(one != meant[0] for one in meant)

    @property
    def _facts(self) -> Facts:
        return self.view.inventory.facts(self.view.path)

    def _is_handed_on(self, name: str) -> bool:
        view = self.view
        return view.is_init or handed_on(view.inventory, view.module, name, self.external)

    def unbound(self, statement: Import, origin: Ref) -> list[str]:
        """An import of a submodule that moves and that an `__init__` reads though only its own import binds it."""
        view, name = self.view, names.last(origin.module)
        if not view.is_init or names.parent(origin.module) != view.module or not view.affected(origin):
            return []
        if self.scopes is None or name in self._named:
            return []
        bindings = self.scopes.module.bindings.get(name, [])
        if any(binding.kind != "del" for binding in bindings) or not (bindings or self._is_read(name)):
            return []
        self._named.add(name)
        if bindings and all(use.context == "del" for use in self.scopes.named(name)):
            gone = [self._statement(binding.node) for binding in bindings]
            if None not in gone:
                self.edits += [Edit(*span, b"", f"{name} is no longer bound here") for span in gone if span]
                return []
        return [self._import_of(view.successor(origin).module, name, statement)]

    def _statement(self, node: ast.AST) -> tuple[int, int] | None:
        """The line of `del name` where that is all it says, at the top level of the module."""
        assert self.scopes is not None and isinstance(node, ast.expr)  # what is deleted
        text, (start, end) = self.scopes.text, self.scopes.span(node)
        above = text.starts[text.line(start) - 1]
        below = text.starts[text.line(start)] if text.line(start) < len(text.starts) else len(text.data)
        plain = text.data[above:start].split() == [b"del"] and text.data[above : above + 1] == b"d"
        return (above, below) if plain and not text.data[end:below].strip() else None

    def _submodules(self, statement: Import, origin: Ref) -> Iterator[str]:
        """Explicit imports of submodules that the package's `__all__` gave and that live elsewhere now."""
        package = self.view.inventory.modules.get(origin.module)
        if package is None or self.scopes is None:
            return
        facts = self.view.inventory.facts(package.path)
        for old, new in sorted(self.view.intent.modules.items()):
            name = names.last(old)
            if names.parent(old) != origin.module or name not in (facts.exports or ()):
                continue
            if new != old and name not in facts.bound and (self._is_read(name) or self.view.is_init):
                yield self._import_of(new, name, statement)

    def _renamed(self, name: str, new: str) -> bool:
        """Rename the uses of a name that a star import gives; False where the new name means something else there."""
        assert self.scopes is not None  # it is read
        uses = [use for use in self.scopes.named(name) if use.home is None]
        if not is_free(self.scopes, new, self.scopes.module, [use.scope for use in uses]):
            return False
        for use in uses:
            start, end = self.scopes.span(use.node)
            self.edits.append(Edit(start, end, new.encode(), f"{name} -> {new} from a star import"))
        return True

    def _is_read(self, name: str) -> bool:
        """True when code uses a name that it does not bind."""
        return self.scopes is not None and any(use.home is None for use in self.scopes.named(name))

    def _import_of(self, module: str, name: str, statement: Import) -> str:
        """An import that binds `name` to a module."""
        above, last = names.parent(module), names.last(module)
        suffix = "" if last == name else f" as {name}"
        if not above:
            return f"import {module}{suffix}"
        return f"from {self.view.spell_from(above, statement.level)} import {last}{suffix}"


def _statements(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Import statements for clauses, those of one module together as far as a line holds them."""
    for source in dict.fromkeys(source for source, _ in found):
        line = ""
        for clause in (clause for other, clause in found if other == source):
            if line and len(line) + len(clause) + 2 > _WIDTH:
                yield line
                line = ""
            line = f"{line}, {clause}" if line else f"from {source} import {clause}"
        yield line

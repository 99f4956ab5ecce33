"""How one file sees names: what a written name means before the phase, and how its successor is written after it."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from codemod.base import names
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.facts import Import
from codemod.source.inventory import Inventory
from codemod.source.modules import Module, at_root, below_root, beneath
from codemod.source.origins import brought


@dataclass(frozen=True, slots=True)
class Ref:
    """A module, or with `name` a name in it; `root` is the source root through which it was written."""

    module: str
    name: str = ""
    root: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A file before and after the phase; module names are canonical (under the module's own root)."""

    path: str
    module: str  # the file's own module before, "" for none
    package: str  # `__package__` before
    new_module: str
    new_package: str
    inventory: Inventory
    intent: Intent
    facade: bool = False  # the facade pass: only `from` imports move, and only outside the package
    held: Collection[bytes] | None = None  # words of what finds things at run time that are in it, where that is known

    @classmethod
    def of(
        cls, path: str, inventory: Inventory, intent: Intent, facade: bool = False,
        held: Collection[bytes] | None = None,
    ) -> View:  # fmt: skip
        """The view of the file at the old path `path`."""
        own = inventory.modules.at(path)
        name = own.name if own else ""
        package = own.package if own else ""
        new_path = intent.files.get(path, path)
        new_name = intent.module(name)
        if new_path == path and name:
            new_name = name  # an `__init__` that stays while its module's name moves on
        is_init = posixpath.basename(new_path).startswith("__init__.")
        new_package = package if new_name == name else (new_name if is_init else names.parent(new_name))
        return cls(path, name, package, new_name, new_package, inventory, intent, facade, held)

    @property
    def is_init(self) -> bool:
        """True for the `__init__` of a package."""
        return posixpath.basename(self.path).startswith("__init__.")

    @property
    def moves(self) -> bool:
        """True when the file's own package changes."""
        return self.package != self.new_package

    def find(self, dotted: str) -> Ref | None:
        """The module that an absolute dotted name means here; an old name that the table knows counts."""
        found = self.inventory.modules.find(dotted, self.path)
        if found is not None:
            return Ref(found.module.name, "", found.root)
        if names.longest_prefix(dotted, self.intent.modules) is not None:
            return Ref(dotted)
        return None

    def origin(self, statement: Import) -> Ref | None:
        """The module of a `from` import; None where the dots climb out or nothing is named."""
        if statement.level:
            absolute = names.absolute(self.package, statement.level, statement.module or "")
            return Ref(absolute) if absolute else None
        return self.find(statement.module or "") if statement.module else None

    def home(self, module: str) -> Module | None:
        """The module of that name; where a merge or an earlier run took it away, the one that holds what it held."""
        modules, new = self.inventory.modules, self.intent.module(module)
        found = modules.get(module) or modules.get(new)
        if found is not None:
            return found
        before = (names.rebase(new, to, old) for old, to in self.intent.modules.items() if names.within(new, to))
        known = (modules.get(name) for name in before if self.intent.module(name) == new)
        return next((module for module in known if module is not None), None)

    def member(self, origin: Ref, name: str) -> Ref:
        """What `from origin import name` gives: a symbol of the table, a submodule, or an attribute."""
        if (origin.module, name) in self.intent.symbols:
            return Ref(origin.module, name, origin.root)
        inner = names.join(origin.module, name)
        listed = inner in self.intent.modules
        if not listed and inner not in self.inventory.modules:
            other = brought(self.inventory, origin.module, name)
            return Ref(other, "", origin.root) if other else Ref(origin.module, name, origin.root)
        module = self.inventory.modules.get(origin.module)
        if module is not None and not module.is_package and not listed:
            return Ref(origin.module, name, origin.root)
        own = self.is_init and self.module == origin.module  # what a package takes from itself is a submodule
        covers = (origin.module, name) in self.intent.covers
        if module is not None and module.path and not own and not covers and self.inventory.binds(module, name):
            return Ref(origin.module, name, origin.root)
        return Ref(inner, "", origin.root)

    def is_home(self, ref: Ref, behind: str) -> bool:
        """True when `m.name`, with `behind` behind it, is the new module that is called like what it holds.

        Behind a function stands nothing else that the module has.
        """
        moved = self.intent.symbols.get((ref.module, ref.name))
        if moved is None:
            return False
        (home, name), inner = moved, names.join(ref.module, ref.name)
        module = self.inventory.modules.get(inner) if home == inner else None
        if module is None or behind == name:
            return module is not None
        facts = self.inventory.facts(module.path) if module.path and behind else None
        own = next((d for d in facts.definitions if d.name == name), None) if facts is not None else None
        return facts is not None and own is not None and own.kind == "function" and behind in facts.bound

    def successor(self, ref: Ref) -> Ref:
        """The same thing after the phase."""
        if ref.name:
            module, name = self.intent.symbol(ref.module, ref.name)
            if self.facade and (names.within(self.module, module) or module == ref.module):
                return ref  # never inside the package itself
            return Ref(module, name, ref.root)
        return Ref(self.intent.module(ref.module), "", ref.root)

    def affected(self, ref: Ref) -> bool:
        """True when the thing is called differently after the phase."""
        after = self.successor(ref)
        return (after.module, after.name) != (ref.module, ref.name)

    def hides(self, name: str, module: str, before: str = "") -> bool:
        """True when `name`, bound to `module` by a package's own file, hides a submodule that is there after the phase.

        A package's names and its submodules are one namespace; whoever comes last wins.  What the name hid already,
        when it was bound to the module `before`, is no news.
        """
        inner = names.join(self.new_module, name)
        if not self.is_init or not self.new_module or inner == module:
            return False
        hidden = names.join(self.module, name)
        if before not in ("", hidden) and hidden in self.inventory.modules and self.intent.module(hidden) == inner:
            return False
        if inner in self.inventory.modules and self.intent.module(inner) == inner:
            return True
        return any(names.within(new, inner) for new in self.intent.modules.values())

    def spell(self, module: str, root: str = "") -> str:
        """The absolute dotted name of a module after the phase, seen through the source root `root`."""
        if not root:
            return module
        top = self.inventory.modules.get(names.top(module))
        own = top.root if top is not None else root
        if own == root:
            return module
        path = at_root(own, module.replace(".", "/"))
        inner = below_root(path, root)
        return inner.replace("/", ".") if beneath(path, root) and inner else module

    def spell_from(self, module: str, level: int, root: str = "") -> str:
        """The module of a `from` import after the phase; relative where it was and still can be."""
        if level:
            near = names.relative(self.new_package, module)
            if near is not None:
                return near
        return self.spell(module, root)

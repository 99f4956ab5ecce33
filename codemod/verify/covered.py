"""Names that a new submodule takes: importing it sets it in its package, over what stands there under its name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.facts import Import, Unparsable
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.stars import star_importers

from .edges import Reach
from .inside import builtin_read
from .lineage import Lineage
from .resolve import Resolver, Resolvers


def covered(before: Inventory, after: Inventory, intent: Intent, resolvers: Resolvers) -> Iterator[Finding]:
    """`target-taken` for each new module whose name means something else in its package, or where a star brings it.

    What stands under that name is a name of the file, or a built-in that its code calls.
    """
    packages: dict[str, list[str]] = {}
    for name in sorted(_fresh(before, after)):
        package = after.modules.get(names.parent(name))
        if package is not None and package.path.endswith(".py"):
            packages.setdefault(package.name, []).append(name)
    if packages:
        question = _Question(after, Lineage(before, after, intent), resolvers[1])
        for above, inner in packages.items():
            package, modules = after.modules.get(above), [after.modules.get(name) for name in inner]
            if package is not None:
                yield from question.ask(package, [module for module in modules if module is not None])


def hidden(before: Inventory, after: Inventory, intent: Intent, resolvers: Resolvers) -> Iterator[Finding]:
    """`target-taken` for a new module that is found where a file imports another one, which is not ours, by that name.

    So it is at the top of a source root, and in a plain folder, whose scripts find each other by their bare names.
    """
    old, new = resolvers
    bare = {names.last(name): name for name in sorted(_fresh(before, after)) if _is_found_bare(after, name)}
    lineage = Lineage(before, after, intent)
    words = [name.encode() for name in bare]
    told: set[str] = set()
    for path in after.tree.files((".py",)) if bare else ():
        entry = after.tree.entry(path)
        data = after.tree.read(path) if entry is not None and entry.is_file else b""
        if not any(word in data for word in words) or isinstance(after.read(path), Unparsable):
            continue
        for statement in after.facts(path).imports:
            tops = {names.top(alias.name) for alias in statement.aliases} if not statement.is_from else set()
            tops |= {names.top(statement.module)} if statement.module and not statement.level else set()
            for name in tops.intersection(bare) - told:
                found = new.module(name, path)
                sources = lineage.sources(path)
                other = any(_imports(before, source, name) and old.module(name, source) is None for source in sources)
                if found is not None and found.name == bare[name] and other:
                    told.add(name)
                    yield Finding(
                        "target-taken", f"{name} is imported here, and is no module of ours: {found.name} would be "
                        "found in its place", Weight.MISMATCH, Place(path, statement.line),
                        f"choose another target for {found.name}",
                    )  # fmt: skip


def _is_found_bare(after: Inventory, name: str) -> bool:
    module = after.modules.get(name)
    plain = module is not None and posixpath.join(posixpath.dirname(module.path), "__init__.py") not in after.tree
    return "." not in name or (plain and module is not None and bool(module.path) and not module.is_package)


def _imports(inventory: Inventory, path: str, top: str) -> bool:
    """True when a file imports something below a top-level name."""
    return any(
        names.top(name) == top
        for one in inventory.facts(path).imports
        for name in ([one.module or ""] if one.is_from and not one.level else [a.name for a in one.aliases])
        if not (one.is_from and one.level)
    )


def _fresh(before: Inventory, after: Inventory) -> set[str]:
    """The modules and packages that came with the phase, those without `__init__` among them."""
    was = {module.name for module in before.modules}
    added = (module.name for module in after.modules if module.name not in was)
    return {above for name in added for above in names.prefixes(name) if above not in before.modules}


@dataclass(frozen=True, slots=True)
class _Binding:
    """Where a file binds a name last: the byte offset of the statement, and its line."""

    start: int
    line: int


class _Question:
    """What is asked of one package with new submodules, and of what imports everything from it."""

    def __init__(self, after: Inventory, lineage: Lineage, resolver: Resolver) -> None:
        self.after, self.lineage, self.resolver = after, lineage, resolver
        self.reach = Reach(after, resolver)

    def ask(self, package: Module, modules: list[Module]) -> Iterator[Finding]:
        if isinstance(self.after.read(package.path), Unparsable) or not self.lineage.sources(package.path):
            return  # a package that came with the phase has nothing of its own but what a barrel asked for
        modules = [module for module in modules if not self._came_along(module, package)]
        for module in modules:
            yield from self._in_package(package, module)
        public = [module for module in modules if not names.last(module.name).startswith("_")]
        if public and self.after.facts(package.path).exports is None:
            yield from self._in_receivers(package, public)

    def _came_along(self, module: Module, package: Module) -> bool:
        """True for a submodule of the same name that the package had where it was before."""
        olds = self.lineage.modules(module.path) if module.path else ()
        above = self.lineage.modules(package.path)
        return any(names.last(old) == names.last(module.name) and names.parent(old) in above for old in olds)

    def _in_package(self, package: Module, module: Module) -> Iterator[Finding]:
        binding = self._binding(package, module, frozenset())
        if binding is not None:
            loading = self._loading(package, module)
            if loading is None or binding.start < loading.start:
                yield _taken(module, package, binding.line)
        else:
            yield from self._hides_builtin(module, package)

    def _hides_builtin(self, module: Module, receiver: Module) -> Iterator[Finding]:
        name = names.last(module.name)
        line = None if name in self.resolver.bound(receiver.path) else builtin_read(self.after, receiver.path, name)
        if line is not None:
            yield _taken(module, receiver, line, builtin=True)

    def _in_receivers(self, package: Module, modules: list[Module]) -> Iterator[Finding]:
        """What imports everything from the package, or from what does, gets its submodules as well."""
        todo, given = [package.name], {package.name}
        while todo:
            source = todo.pop()
            for path in star_importers(self.after, source):
                receiver = self.after.modules.at(path)
                if receiver is None or receiver.name in given:
                    continue
                given.add(receiver.name)
                if self.after.facts(path).exports is None:
                    todo.append(receiver.name)
                for module in modules:
                    yield from self._received(receiver, module, frozenset(given))

    def _received(self, receiver: Module, module: Module, given: frozenset[str]) -> Iterator[Finding]:
        binding = self._binding(receiver, module, given)
        if binding is None:
            yield from self._hides_builtin(module, receiver)
            return
        stars = (one for one in self._statements(receiver) if one.is_star and self._origin(receiver, one) in given)
        if binding.start < max(one.start for one in stars):
            yield _taken(module, receiver, binding.line)

    def _binding(self, holder: Module, module: Module, given: frozenset[str]) -> _Binding | None:
        """The last statement that binds the module's name to something else; stars of `given` bring the module."""
        name = names.last(module.name)
        facts = self.after.facts(holder.path)
        found = [_Binding(one.start, one.line) for one in facts.definitions if one.name == name]
        for one in self._statements(holder):
            origin = self._origin(holder, one)
            if one.is_star:
                source = self.after.modules.get(origin or "")
                brings = source is not None and origin not in given and name in self.resolver.stars(source).names
            else:
                bound = [alias.name for alias in one.aliases if one.bound(alias) == name]
                whole = [names.join(origin, each) if one.is_from and origin else each for each in bound]
                brings = any(each != module.name for each in whole)
            if brings:
                found.append(_Binding(one.start, one.line))
        own = self.after.modules.get(names.join(holder.name, name)) if given and holder.is_package else None
        statement = self._loading(holder, own) if own is not None else None
        if statement is not None:  # a submodule of the holder, there before the statement is done
            found.append(_Binding(statement.start - 1, statement.line))
        return max(found, key=lambda one: one.start, default=None)

    def _statements(self, holder: Module) -> Iterator[Import]:
        """The imports that run with a module."""
        for statement in self.after.facts(holder.path).imports:
            if statement.scope == "module" and statement.guard != "checking":
                yield statement

    def _origin(self, holder: Module, statement: Import) -> str | None:
        origin = self.after.origin(statement, holder.path) if statement.is_from else None
        known = self.resolver.module(origin, holder.path) if origin else None
        return known.name if known is not None else origin

    def _loading(self, package: Module, module: Module) -> Import | None:
        """The first import of a package that may load one of its submodules."""
        for statement in self._statements(package):
            origin = self._origin(package, statement)
            starts = [origin] if origin else []
            starts += [names.join(origin, alias.name) if origin else alias.name for alias in statement.aliases]
            if self._reaches(starts, module.name, package.name):
                return statement
        return None

    def _reaches(self, starts: list[str], module: str, package: str) -> bool:
        seen: set[str] = {package}
        todo = [above for start in starts for above in names.prefixes(start)]
        while todo:
            name = todo.pop()
            if names.within(name, module):
                return True
            if name not in seen:
                seen.add(name)
                todo.extend(self.reach.edges(name) if name in self.after.modules else ())
        return False


def _taken(module: Module, holder: Module, line: int, *, builtin: bool = False) -> Finding:
    name = names.last(module.name)
    what = f"calls the built-in {name}" if builtin else f"has another {name}"
    brought = "" if names.parent(module.name) == holder.name else ", and imports everything from its package"
    rename = "" if builtin else f", or rename {name} in the same phase"
    return Finding(
        "target-taken", f"{holder.name} {what}{brought}: the module {module.name} would take its place once imported",
        Weight.MISMATCH, Place(holder.path, line), f"choose another target for {module.name}{rename}",
    )  # fmt: skip

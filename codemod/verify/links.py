"""Link check: what an import, an `__all__` or an attribute of a module led to before the phase is there after it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.spread import Spread, alone
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.text import Text, Undecodable

from .inside import Local, Suspicious, attributes, calls, unbound
from .lineage import Lineage
from .resolve import Offer, Reference, Resolver, Resolvers
from .vanished import Vanished

Key = tuple[str, ...]


def _always(module: str, name: str, chain: bytes) -> bool:
    return True


def check(
    before: Inventory, after: Inventory, intent: Intent, changed: Collection[str], candidates: Collection[str],
    spread: Spread = alone, resolvers: Resolvers | None = None,
) -> Iterator[Finding]:  # fmt: skip
    """What no longer leads anywhere: `parse-broken` and `link-broken`, only where it did before the phase.

    `changed` are the paths, after the phase, of files with new content; files that only moved are looked at as well.
    `candidates` are the paths, before the phase, of files that may name what the intent moves: of all others,
    only those are read that may name something that vanished without the intent saying so.  `resolvers` are those of
    the two trees, where other questions share them.
    """
    yield from _Check(before, after, intent, candidates, resolvers).run(changed, spread)


@dataclass(frozen=True, slots=True)
class _Broken:
    """Something in a file that leads nowhere, and under which keys the file's old version may have had it too."""

    keys: tuple[Key, ...]
    offset: int  # in the file's UTF-8 text
    what: str
    module: str
    name: str
    forked: bool = False  # read of a name that may stand for another module as well


class _Check:
    """The two trees, and how files of the one map to files of the other."""

    def __init__(
        self, before: Inventory, after: Inventory, intent: Intent, candidates: Collection[str],
        resolvers: Resolvers | None,
    ) -> None:  # fmt: skip
        self.before, self.after, self.intent = before, after, intent
        self.candidates = candidates if isinstance(candidates, (set, frozenset)) else frozenset(candidates)
        self.old, self.new = resolvers or (Resolver(before), Resolver(after))
        self.lineage = Lineage(before, after, intent)

    def run(self, changed: Collection[str], spread: Spread) -> Iterator[Finding]:
        fresh = self.lineage.fresh(changed)

        def visit(path: str) -> list[Finding]:
            if isinstance(self.after.read(path), Unparsable):
                return list(self._unparsable(path))
            return list(self._file(path, self.lineage.sources(path)))

        paths = sorted(fresh)
        size = sum(len(self.after.tree.read(path)) for path in paths) // 4  # as much work as so much to rewrite
        for found in spread(visit, paths, size=size, memory=self.after):
            yield from found
        gone = Vanished(self.old, self.new, self.lineage, self.intent, fresh)
        if lost := gone.segments:
            for path in gone.files(fresh, self.candidates):
                yield from self._file(path, {path}, lost)

    # Files

    def _unparsable(self, path: str) -> Iterator[Finding]:
        sources = self.lineage.sources(path)
        if any(isinstance(self.before.read(source), Unparsable) for source in sources):
            return
        error = self.after.read(path)
        line = error.line if isinstance(error, Unparsable) else 0
        yield Finding(
            "parse-broken", f"the rewritten file would not parse: {error}", Weight.REFUSAL, Place(path, line),
            "a bug of ours, please report it; `keep:` for this file leaves it as it is",
        )  # fmt: skip

    def _file(self, path: str, sources: set[str], lost: Collection[str] = ()) -> Iterator[Finding]:
        """What is broken in one file; with `lost`, only references to these last segments are looked at."""

        def suspicious(module: str, name: str, chain: bytes) -> bool:
            return name in lost if lost else not self._missed_before(module, name, chain, sources)

        broken = [*self._broken(self.new, path, suspicious), *self._gone(path, sources)]
        broken += [*self._called(path, sources), *self._unbound(path, sources), *self._covered(path, sources)]
        if not broken:
            return
        excused = self._excuses(sources)
        text = _text(self.after, path)
        seen: set[tuple[int, str]] = set()
        for each in broken:
            if any(key in excused for key in each.keys) or (each.offset, each.what) in seen:
                continue
            seen.add((each.offset, each.what))
            line, column = (text.line(each.offset), text.column(each.offset)) if text else (0, 0)
            yield Finding(
                "link-broken", f"{each.what}; before the phase it was there", Weight.REFUSAL,
                Place(path, line, column), self._hint(each),
            )  # fmt: skip

    def _hint(self, broken: _Broken) -> str:
        module, name = broken.module, broken.name
        if broken.keys[0][0] == "hidden":
            return f"leave {names.last(module)} out of the `__init__` of {names.parent(module)}, or rename the module"
        whole = names.join(module, name)
        target = names.join(*self.intent.symbol(module, name)) if name else self.intent.module(module)
        if target == whole:
            target = self.intent.module(whole)
        if target != whole:
            if broken.forked:
                return f"import {name} by name where {module} is imported and where the other is, or leave it there"
            return f"it is {target} now: this reference should have been rewritten, please report it"
        if name and module in self.before.modules and module in self.after.modules:
            return f"move {name} along, or leave it in {module}"
        if whole in self.before.modules or module in self.before.modules:
            return f"leave {whole} where it is, or move what uses it in the same phase"
        return "this reference should have been rewritten to what it meant before, please report it"

    def _missed_before(self, module: str, name: str, chain: bytes, sources: set[str]) -> bool:
        """True when the same text stood there before and the module had no such attribute then either."""
        if not any(chain in self.before.tree.read(source) for source in sources):
            return False
        found = self.after.modules.get(module)
        olds = set(self.lineage.modules(found.path)) if found is not None and found.path else {module}
        for old in olds:
            known = self.before.modules.get(old)
            if known is None or self.old.offers(known, name) is not Offer.NO:
                return False
        return bool(olds)

    # What is broken in one file of one tree

    def _broken(self, resolver: Resolver, path: str, suspicious: Suspicious = _always) -> Iterator[_Broken]:
        modules: list[Local] = []
        for reference in resolver.references(path):
            if resolver.leads(reference, path) is Offer.NO:
                yield _broken_reference(reference)
            modules += _local_module(resolver, reference, path)
        module = resolver.inventory.modules.at(path)
        if module is not None:
            for name in resolver.inventory.facts(path).exports or ():
                if resolver.offers(module, name, path.endswith(".pyi")) is Offer.NO:
                    what = f"`__all__` names {name}, which {module.name} does not bind"
                    offset = _export_offset(resolver.inventory, path, name)
                    yield _Broken((("__all__", name),), offset, what, module.name, name)
        for use in attributes(resolver, path, modules, suspicious) if modules else ():
            what = f"{use.text}: {use.module} has no attribute {use.name}"
            yield _Broken((("", use.module, use.name),), use.offset, what, use.module, use.name, use.forked)

    def _gone(self, path: str, sources: set[str]) -> Iterator[_Broken]:
        """Imports of what is not ours any more, but was."""
        for reference in self.new.references(path):
            ours = reference.found or self.new.ours(reference.module, path)
            if not ours and any(self.old.module(reference.module, source) for source in sources):
                yield _broken_reference(reference)

    def _called(self, path: str, sources: set[str]) -> Iterator[_Broken]:
        """Modules of ours that a call such as `import_module("a.b")` names, and that are gone."""

        def gone(name: str) -> bool:
            return self.new.module(name, path) is None and any(self.old.module(name, source) for source in sources)

        for name, offset in calls(self.after, path, gone):
            yield _Broken((("call", name),), offset, f'"{name}": there is no such module', name, "")

    def _unbound(self, path: str, sources: set[str]) -> Iterator[_Broken]:
        """Names that the file uses and that neither a statement of its own nor a star import binds any more.

        A file that is the old one with other references is asked only for names that it has lost; code that was put
        together anew is asked for all of them.
        """
        given = self.new.starred(path)
        if given.open:
            return
        has = given.names | self.new.bound(path) | self.new.checked(path)
        lost: set[str] | None = None
        if len(sources) == 1 and (path in sources or path in self.intent.files.values()):
            (source,) = sources
            lost = set((self.old.starred(source).names | self.old.bound(source)) - has)
            if not lost:
                return
        if self.new.tricky(path):
            return
        found = [(name, offset) for name, offset in unbound(self.after, path, lost) if name not in has]
        before = {name for source in sources for name, _ in unbound(self.before, source, None)} if found else set()
        before -= {name for source in sources for name in self.old.starred(source).names}
        for name, offset in found:
            if name not in before:
                what = f"{name} is used here, and nothing binds it any more"
                yield _Broken((("name", name),), offset, what, "", name)

    def _covered(self, path: str, sources: set[str]) -> Iterator[_Broken]:
        """Attributes that the file reads of a submodule, where the package has another thing under its name now."""
        data = self.after.tree.read(path)
        for reference in self.new.references(path):
            module = _hidden(self.new, reference)
            if module is None:
                continue
            spelled = _spelled(reference)
            for found in re.finditer(rb"(?<![\w.])" + re.escape(spelled.encode()) + rb"\.(\w+)", data):
                name, read = found[1].decode(), found[0]
                if name in self.new.bound(module.path) and self._meant_module(spelled, read, sources):
                    what = (
                        f"{read.decode()} is read of {module.name}, which a name of {names.parent(module.name)} hides"
                    )
                    yield _Broken((("hidden", module.name, name),), found.start(), what, module.name, name)

    def _meant_module(self, spelled: str, read: bytes, sources: set[str]) -> bool:
        """True for what is read of something that was a module before the phase, or that nobody read before."""
        if not any(read in self.before.tree.read(source) for source in sources):
            return True
        olds = [r for source in sources for r in self.old.references(source) if _spelled(r) == spelled]
        return bool(olds) and not any(_hidden(self.old, reference) is not None for reference in olds)

    def _excuses(self, sources: set[str]) -> set[Key]:
        """What led nowhere before: the keys of it, as it was and as the intent would rewrite it."""
        excused: set[Key] = set()
        for path in sources:
            for reference in self.old.references(path):
                guarded = reference.statement.guard == "fallback"
                offer = self.old.leads(reference, path)
                if offer is None or (offer is Offer.MAYBE and guarded):
                    self._excuse(_broken_reference(reference), excused)
            for broken in self._broken(self.old, path):
                self._excuse(broken, excused)
        return excused

    def _excuse(self, broken: _Broken, excused: set[Key]) -> None:
        excused.update(broken.keys)
        module, name = broken.module, broken.name
        if broken.keys[0][0] == "__all__":
            excused.add(("__all__", self.intent.symbol(module, name)[1]))
        else:
            excused.add(("", *self.intent.symbol(module, name)) if name else ("", self.intent.module(module), ""))


def _broken_reference(reference: Reference) -> _Broken:
    statement, module, name = reference.statement, reference.module, reference.name
    if not name:
        what = f"import {module}: there is no such module"
    else:
        dots = "." * statement.level
        what = f"from {dots}{statement.module or ''} import {name}: "
        what += f"{module} has no {name}" if reference.found else f"there is no module {module or 'that far up'}"
    keys: tuple[Key, ...] = (("", module, name), ("as written", *map(str, reference.spelling)))
    return _Broken(keys, reference.alias.start, what, module, name)


def _spelled(reference: Reference) -> str:
    """How the file calls what a clause imports."""
    statement, alias = reference.statement, reference.alias
    return statement.bound(alias) if statement.is_from else alias.asname or alias.name


def _hidden(resolver: Resolver, reference: Reference) -> Module | None:
    """The submodule that a clause names and does not get, since its package has something else under that name."""
    inventory = resolver.inventory
    whole = f"{reference.module}.{reference.name}" if reference.statement.is_from else reference.module
    module = inventory.modules.get(whole)
    package = inventory.modules.get(names.parent(whole)) if module is not None else None
    if package is None or module is None or not resolver.target(package, names.last(whole)).name:
        return None
    return module if resolver.stands_for(package, names.last(whole)) is None else None


def _local_module(resolver: Resolver, reference: Reference, path: str) -> Iterator[Local]:
    """The local name of a clause that binds a module of ours."""
    statement, alias = reference.statement, reference.alias
    found = None
    if not statement.is_from:
        found = resolver.module(reference.module if alias.asname else names.top(alias.name), path)
    elif reference.found and reference.name != "*":
        target = resolver.target(reference.found, reference.name)
        if not target.name:
            found = resolver.inventory.modules.get(target.module)
        else:
            found = resolver.stands_for(reference.found, target.name)
            if found is not None and not _has_attributes(resolver, path, statement.bound(alias)):
                return
    if found is not None:
        yield Local(alias.start, statement.bound(alias), found.name, statement.guard in ("fallback", "conditional"))


def _has_attributes(resolver: Resolver, path: str, name: str) -> bool:
    """True when the file may read an attribute of a name: a question of bytes."""
    return name.encode() + b"." in resolver.inventory.tree.read(path)


def _export_offset(inventory: Inventory, path: str, name: str) -> int:
    text = _text(inventory, path)
    data = text.data if text else b""
    start = max(data.find(b"__all__"), 0)
    return max(data.find(name.encode(), start), start)


def _text(inventory: Inventory, path: str) -> Text | None:
    try:
        return Text.of(inventory.tree.read(path))
    except Undecodable:
        return None

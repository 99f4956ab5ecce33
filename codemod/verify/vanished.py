"""What a phase took away, and which of the files that stay as they are may still name it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from codemod.base import names
from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Intent
from codemod.source.facts import Unparsable
from codemod.source.modules import SUFFIXES
from codemod.source.reach import Reach

from .lineage import Lineage
from .resolve import Offer, Resolver


@dataclass(frozen=True, slots=True)
class _Gone:
    """Last segments of modules that are gone, and by module the names that it no longer has."""

    modules: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)


class Vanished:
    """Modules and names that are gone; those that the intent does not explain are looked for in every file."""

    def __init__(self, old: Resolver, new: Resolver, lineage: Lineage, intent: Intent, fresh: Collection[str]) -> None:
        self.old, self.new, self.intent = old, new, intent
        self.every, self.unsaid = _Gone(), _Gone()
        self._modules()
        self._names({source for path in fresh for source in lineage.sources(path)})

    @property
    def segments(self) -> set[str]:
        """The last segment of everything that is gone."""
        return self.every.modules.union(*self.every.names.values())

    def _modules(self) -> None:
        before, after = self.old.inventory, self.new.inventory
        left = before.tree.entries.keys() - after.tree.entries.keys()
        modules = {module.name for module in map(before.modules.at, left) if module is not None}
        for name in {above for module in modules for above in names.prefixes(module) if above not in after.modules}:
            self.every.modules.add(names.last(name))
            if names.longest_prefix(name, self.intent.modules) is None:
                self.unsaid.modules.add(names.last(name))

    def _names(self, paths: Collection[str]) -> None:
        before, after = self.old.inventory, self.new.inventory
        for path in paths:
            old = before.modules.at(path)
            new = after.modules.get(old.name) if old is not None else None
            if old is None or new is None or isinstance(before.read(path), Unparsable):
                continue
            if before.tree.entry(path) == after.tree.entry(new.path):
                continue
            said = names.longest_prefix(old.name, self.intent.modules) is not None
            had = self.old.bound(path) | self.old.starred(path).names
            for name in had - self.new.bound(new.path):
                if self.new.offers(new, name) is Offer.NO:
                    self.every.names.setdefault(old.name, set()).add(name)
                    if not said and (old.name, name) not in self.intent.symbols:
                        self.unsaid.names.setdefault(old.name, set()).add(name)

            for name in self.new.bound(new.path) - had:  # over a submodule: what names the module finds something else
                if names.join(new.name, name) in after.modules and after.target(new, name).name:
                    self.every.modules.add(name)
                    self.unsaid.modules.add(name)

    def files(self, fresh: Collection[str], candidates: Collection[str]) -> Iterator[str]:
        """The files beside the `fresh` ones that may name something that is gone.

        Only `candidates` may name what the intent moves.
        """
        before, after = self.old.inventory.tree, self.new.inventory.tree
        modules = {
            False: [name.encode() for name in sorted(self.unsaid.modules)],
            True: [name.encode() for name in sorted(self.every.modules)],
        }
        lost = {False: list(self._words(self.unsaid)), True: list(self._words(self.every))}
        for path in after.paths:
            entry = after.entry(path)
            if not path.endswith(SUFFIXES) or path in fresh or entry is None or not entry.is_file:
                continue
            asked = path in candidates
            if (modules[asked] or lost[asked]) and entry == before.entry(path):
                data = after.read(path)
                if any(word in data for word in modules[asked]) or any(
                    any(word in data for word in words) and reach.includes(path, data) for reach, words in lost[asked]
                ):
                    yield path

    def _words(self, gone: _Gone) -> Iterator[tuple[Reach, list[bytes]]]:
        for module, lost in sorted(gone.names.items()):
            yield Reach.of(self.new.inventory, module), [name.encode() for name in sorted(lost)]

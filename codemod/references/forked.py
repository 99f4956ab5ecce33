"""Chains from a name that one import or another binds, as a condition or a failed import decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.source.facts import Import
from codemod.source.scopes import Scopes

from .reached import Bound, Reached, reach
from .view import Ref, View


@dataclass(slots=True)
class Forks:
    """One file's names of that kind."""

    view: View
    scopes: Scopes
    loaded: Collection[str]
    before: Sequence[Bound]  # what the imports bind to modules before the phase
    statements: Mapping[int, Import]  # by where they start

    def told(self, item: Reached) -> Finding | None:
        """The finding for a chain that would have to be written in several ways, as another import of its root is done.

        None where one text serves, whichever of the imports is done.
        """
        if len(item.via.home.bindings.get(item.via.name, ())) < 2:
            return None
        others = self._others(item)
        changed = next((one for one in (item, *others) if self._rest(one) != _rest_of(one.old, one.via.module)), None)
        if changed is None:
            return None
        rests = {self._rest(one) for one in (item, *others)}
        if self._foreign(item.via):
            rests.add(_rest_of(item.old, item.via.module))
        return self._finding(changed) if len(rests) > 1 else None

    def owners(self, reached: Sequence[Reached]) -> list[dict[int, str]]:
        """The ends of the chains that mean one of several modules, with those that are not the first of them."""
        found: dict[str, dict[int, str]] = {}
        for item in reached:
            if not item.old.name and len(item.via.home.bindings.get(item.via.name, ())) > 1:
                for other in (one for one in self._others(item) if not one.old.name):
                    found.setdefault(other.via.module, {})[other.chain.segments[-1][2]] = other.old.module
        return list(found.values())

    def _rest(self, item: Reached) -> str | None:
        """What the chain has to say behind its root after the phase; None where that is not below the root's module."""
        return _rest_of(item.new, self.view.successor(Ref(item.via.module)).module)

    def _others(self, item: Reached) -> list[Reached]:
        """What the chain reaches where another import of ours has bound its root."""
        via = item.via
        rivals = {
            b.module: b
            for b in self.before
            if b.name == via.name and b.home is via.home and (b.statement.guard or via.statement.guard)
        }
        if len(rivals) < 2:
            return []
        return [
            other
            for module, bound in rivals.items()
            if module != via.module
            for other in reach(self.view, self.scopes, self.loaded, bound)
            if other.chain.start == item.chain.start
        ]

    def _foreign(self, via: Bound) -> bool:
        """True when an import of something else binds the root as well."""
        for binding in via.home.bindings.get(via.name, ()):
            if binding.kind in ("import", "from"):
                other = self.statements.get(self.scopes.span(binding.node)[0])  # type: ignore[arg-type]
                ours = any(b.statement is other and b.name == via.name for b in self.before)
                if other is not None and not ours and (other.guard or via.statement.guard):
                    return True
        return False

    def _finding(self, item: Reached) -> Finding:
        """What the chain reads is elsewhere after the phase where one of the imports is done, not where another is."""
        text = self.scopes.text
        read = ".".join(name for name, _, _ in item.chain.segments[: item.segments + bool(item.old.name)])
        new = names.join(item.new.module, item.new.name)
        return Finding(
            "forked-name", f"{read} is {new} after the phase where {item.via.whole} has been imported, and not "
            f"where another import binds {item.via.name}", Weight.REVIEW,
            Place(self.view.path, text.line(item.chain.start), text.column(item.chain.start)),
            f"import {item.new.name or names.last(item.new.module)} by name beside each of these imports, or leave "
            f"it in {item.old.module}",
        )  # fmt: skip


def _rest_of(ref: Ref, module: str) -> str | None:
    return names.join(names.tail(ref.module, module), ref.name) if names.within(ref.module, module) else None

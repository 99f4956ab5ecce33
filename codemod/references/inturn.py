"""Names that several imports bind in turn, each to something else: which of them a chain reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codemod.base.values import dataclass, field
from codemod.source.binding import Scope
from codemod.source.facts import Import
from codemod.source.scopes import Chain, Scopes

from .reached import Bound


@dataclass(slots=True)
class Turns:
    """One file's names that imports bind in turn: `import user.user`, and below it `from user import user`."""

    scopes: Scopes
    statements: Mapping[int, Import]  # by where they start
    before: Sequence[Bound]  # what the imports bind to modules before the phase
    known: dict[tuple[int, str], tuple[int, ...]] = field(default_factory=dict)

    def starts(self, bound: Bound) -> tuple[int, ...]:
        """Where the imports start that bind the name in turn; () where all bind the same, or no order can be told."""
        if len(bound.home.bindings.get(bound.name, ())) < 2:
            return ()
        key = (id(bound.home), bound.name)
        if key not in self.known:
            self.known[key] = self._starts(bound)
        return self.known[key]

    def _starts(self, bound: Bound) -> tuple[int, ...]:
        found = set[int]()
        bindings = [binding for binding in bound.home.bindings[bound.name] if binding.kind != "del"]
        for binding in bindings:
            if binding.kind not in ("import", "from") or binding.scope is not bound.home or binding.alias is None:
                return ()
            start = self.scopes.span(binding.node)[0]  # type: ignore[arg-type]
            statement = self.statements.get(start)
            if statement is None or statement.guard:
                return ()
            found.add(start)
        same = [b for b in self.before if b.name == bound.name and b.home is bound.home]
        alike = len({b.module for b in same}) == 1 and {b.statement.start for b in same} == found
        return tuple(sorted(found)) if len(found) == len(bindings) and not alike else ()

    def serves(self, bound: Bound, chain: Chain) -> bool:
        """True where the chain reads what this import binds.

        What stands in the scope itself reads the import above it; functions run later, and read the last.
        """
        starts = self.starts(bound)
        if not starts:
            return True
        here: Scope | None = chain.use.scope
        while here is not None and here is not bound.home and not here.is_function:
            here = here.parent
        before = [start for start in starts if start < chain.start] if here is bound.home else starts
        return bool(before) and bound.statement.start == max(before)

    def means(self, bound: Bound, via: Bound, after: Sequence[Bound]) -> bool:
        """True where a chain that reads the import `via` reads what `bound` says of its name after the phase.

        That is its own import, or any of those that bind the name, where all bind it to the same module.
        """
        if bound.alias is via.alias:
            return True
        same = (b.module for b in after if b.name == bound.name and b.home is bound.home)
        return not self.starts(via) and all(module == bound.module for module in same)

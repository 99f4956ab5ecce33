"""What is asked about a phase's result; each question stands for itself, so they are put side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from codemod.base.findings import Finding
from codemod.base.spread import Spread, alone
from codemod.base.values import dataclass
from codemod.operations import shim_standing
from codemod.operations.folders_beside import beside
from codemod.operations.listed import unlisted
from codemod.operations.testfiles import test_files
from codemod.operations.unloaded import unloaded, unloaded_packages
from codemod.plan.model import Phase
from codemod.references import residue
from codemod.references.seen import seen_residue
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Residue
from codemod.rewrite.seen import Seen
from codemod.runtime import kinds
from codemod.source.inventory import Inventory
from codemod.verify import links, order
from codemod.verify.covered import covered, hidden
from codemod.verify.resolve import Resolver, Resolvers

Ledger = tuple[Residue, ...]
Question = Callable[[], tuple[Iterable[Finding], Ledger]]


def asked(
    questions: Mapping[str, Question], size: int, spread: Spread
) -> dict[str, tuple[list[Finding], Ledger]]:  # fmt: skip
    """The answers; `size` tells how many bytes of source the questions are about."""

    def ask(which: str) -> tuple[list[Finding], Ledger]:
        found, left = questions[which]()
        return list(found), left

    return dict(zip(questions, spread(ask, list(questions), size=size), strict=True))


@dataclass(frozen=True, slots=True)
class Examination:
    """The trees before and after a phase, its rename table, and the files that may name what it moves."""

    phase: Phase
    before: Inventory
    after: Inventory
    intent: Intent
    candidates: tuple[str, ...]
    resolvers: Resolvers

    @classmethod
    def of(
        cls, phase: Phase, before: Inventory, after: Inventory, intent: Intent, candidates: tuple[str, ...]
    ) -> Examination:
        """The examination of these trees."""
        return cls(phase, before, after, intent, candidates, (Resolver(before), Resolver(after)))

    @property
    def changed(self) -> list[str]:
        """The paths of files with new content, or at a new place."""
        return [path for path, _, entry in self.before.tree.delta(self.after.tree) if entry is not None]

    @property
    def size(self) -> int:
        """How many bytes these files have."""
        return sum(len(self.after.tree.read(path)) for path in self.changed)

    def links(self, spread: Spread = alone) -> Iterator[Finding]:
        """What no longer leads anywhere."""
        yield from unlisted(self.before, self.after)
        yield from beside(self.before, self.after, self.intent)
        yield from test_files(self.before, self.after, self.intent)
        yield from links.check(
            self.before, self.after, self.intent, self.changed, self.candidates, spread, self.resolvers
        )

    def order(self) -> Iterator[Finding]:
        """What would fail on import, or be missing since nothing imports it."""
        yield from order.check(self.before, self.after, self.intent, self.changed, self.resolvers)
        yield from covered(self.before, self.after, self.intent, self.resolvers)
        yield from hidden(self.before, self.after, self.intent, self.resolvers)
        yield from unloaded(self.before, self.after, self.intent)
        yield from unloaded_packages(self.before, self.after, self.intent)

    def left(self, ours: tuple[str, ...], seen: Sequence[Seen]) -> tuple[list[Finding], Ledger]:
        """The ledger of old names and paths that are still in the tree; what nothing explains fails the phase."""
        shims = shim_standing.standing_names(self.after).keys()
        found = residue.ledger(
            self.before, self.after, self.intent, self.phase.settled, ours, shims, kinds.own_names
        )  # fmt: skip
        more = list(seen_residue(self.before, self.after.tree, self.intent, seen, shims)) if seen else []
        told = [*residue.findings(found), *(item for item in more if isinstance(item, Finding))]
        entries = dict.fromkeys(item for item in more if isinstance(item, Residue))
        return told, tuple(sorted((*found, *entries), key=lambda item: item.place)) if entries else found

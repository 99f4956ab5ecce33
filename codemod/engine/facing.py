"""Call sites import from barrels (`imports: facade`); where that would close an import cycle they do not."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from codemod.base.findings import Finding, Place, Weight
from codemod.base.spread import Spread
from codemod.base.values import dataclass, field
from codemod.references.rewriting import Progress, rewrite_references
from codemod.references.united import united
from codemod.rewrite.intent import Intent, Symbol
from codemod.rewrite.outcome import Change
from codemod.source.inventory import Inventory
from codemod.source.settings import line_length
from codemod.source.tree import Tree
from codemod.verify import order


@dataclass(slots=True)
class Faced:
    """The tree with call sites that import from barrels, what changed, and which stay direct."""

    now: Inventory
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def face(
    before: Tree, files: Mapping[str, str], now: Inventory, given: Mapping[Symbol, Symbol], progress: Progress | None,
    spread: Spread, leave: Container[str] = (),
) -> Faced:  # fmt: skip
    """Let call sites import from barrels: `given` is (defining module, name) -> (package, name).

    `before` is the tree before the phase, `files` tell what has moved since: old path -> new path. The files in `leave`
    stay as they are.
    """
    former = {new: old for old, new in files.items()}
    faced = Faced(now)
    rewriting = rewrite_references(now, Intent(symbols=given), progress, facade=True, spread=spread)
    writes = {
        path: united(_former(before, former.get(path, path)), now.tree.read(path), data, line_length(now.tree, path))
        if path.endswith(".py") else data
        for path, data in rewriting.writes.items() if path not in leave
    }  # fmt: skip
    while writes:
        after = now.after(now.tree.changed(writes=writes))
        guilty = {
            finding.place.path
            for finding in order.check(now, after, Intent(), sorted(writes))
            if finding.place is not None
        }
        kept = {path: data for path, data in writes.items() if path not in guilty}
        if len(kept) == len(writes):
            if not guilty:
                faced.changes += [change for change in rewriting.changes if change.place.path in writes]
                faced.now = after
                break
            kept = {path: data for path, data in writes.items() if not _near(path, guilty)}
        faced.findings += [
            Finding(
                "facade-kept-direct", "imports stay direct: through the barrel they would close a cycle",
                Weight.NOTE, Place(path),
            )
            for path in sorted(writes.keys() - kept.keys())
        ]  # fmt: skip
        writes = kept
    return faced


def _former(before: Tree, path: str) -> bytes:
    """A file as it was before the phase; nothing where the phase made it."""
    return before.read(path) if path in before else b""


def _near(path: str, guilty: Iterable[str]) -> bool:
    """True when a file shares its top two folders with one that a cycle runs through."""
    return any(path.split("/")[:2] == other.split("/")[:2] for other in guilty)

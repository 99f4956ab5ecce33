"""`history: squash-safe`: shims become a phase of their own, so that each phase may be squashed into one commit.

A shim file stands at the old path.  In one commit with the move nothing is gone, and git finds no rename.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base.values import replace

from .digest import shims_digest
from .model import Merge, Move, Phase, Rename, Split

SUFFIX = "-shims"


def leaves_files(phase: Phase) -> bool:
    """True for a squash-safe phase whose shims may stand at old paths: a redirect stands in a package above them.

    A pin keeps top-level modules importable by such files, whatever `shims:` says.
    """
    if phase.settings.history != "squash-safe" or phase.shims_of:
        return False
    if phase.settings.shims == "none" and phase.pin:
        sources = [pair.source for one in phase.do if isinstance(one, Move) for pair in one.pairs]
        sources += [source for one in phase.do if isinstance(one, Merge) for source in one.sources]
        return any("." not in source.partition(":")[0] for source in sources)
    return phase.settings.shims == "file" and any(isinstance(one, Move | Rename | Split | Merge) for one in phase.do)


def apart(phases: Sequence[Phase]) -> Iterator[Phase]:
    """The phases, each that leaves files at old paths followed by the one that leaves them.

    What depends on such a phase depends on both.
    """
    parted = {phase.id for phase in phases if leaves_files(phase)}
    for phase in phases:
        depends = tuple(name for other in phase.depends_on for name in _both(other, parted))
        if phase.id not in parted:
            yield replace(phase, depends_on=depends)
            continue
        shims = phase.id + SUFFIX
        yield replace(phase, depends_on=depends, shims_in=shims)
        yield Phase(
            shims,
            (),
            f"{phase.title or f'Phase {phase.id}'}: shims for the old paths",
            phase.owner,
            phase.target,
            (phase.id,),
            settings=phase.settings,
            shims_of=phase.id,
            digest=shims_digest(phase.digest),
            mark=phase.mark,
        )


def _both(name: str, parted: set[str]) -> tuple[str, ...]:
    return (name, name + SUFFIX) if name in parted else (name,)

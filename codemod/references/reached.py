"""What an attribute chain starts from, and what it reaches."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.base import names
from codemod.base.values import dataclass
from codemod.source.binding import Scope
from codemod.source.facts import Alias, Import
from codemod.source.scopes import Chain

from .bindings import is_covered
from .view import Ref


@dataclass(frozen=True, slots=True)
class Bound:
    """A name that an import binds to a module."""

    name: str
    module: str
    statement: Import
    alias: Alias
    home: Scope
    whole: str = ""  # what the import loads: `a.b.c` where `import a.b.c` binds `a`
    root: str = ""


@dataclass(slots=True)
class Reached:
    """A chain's meaning: the module and perhaps a name in it, and how many segments spell them."""

    chain: Chain
    old: Ref
    new: Ref
    segments: int  # of the module part
    via: Bound
    text: str = ""  # the new spelling of the module part, "" while unknown

    @property
    def reason(self) -> str:
        """Why its spelling changes."""
        return f"{names.join(self.old.module, self.old.name)} -> {names.join(self.new.module, self.new.name)}"


def comes_to_mean(known: Bound, after: Sequence[Bound], item: Reached) -> bool:
    """True for an import of the file that moves, too, and is surely done where the chain stands.

    `after` are the names that the file binds after the phase.
    """
    use = item.chain.use
    same = [b for b in after if b.name == known.name and b.home is known.home]
    return (
        (use.scope is not known.home or known.statement.start < item.chain.segments[0][1])
        and not known.statement.guard
        and all(b.module == known.module for b in same)
        and len(known.home.bindings.get(known.name, ())) == len(same)
        and not is_covered(known.name, known.home, use.scope)
    )

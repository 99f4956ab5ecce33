"""What an attribute chain starts from, and what it reaches."""

from __future__ import annotations

from codemod.base.values import dataclass
from codemod.source.binding import Scope
from codemod.source.facts import Alias, Import
from codemod.source.scopes import Chain

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

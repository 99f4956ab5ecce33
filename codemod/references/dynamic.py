"""Which files may find modules, names or data while the program runs: each is searched once for all of these words."""

from __future__ import annotations

from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.sieve import Sieve

from .byname import ALL_OF_IT, ASKING
from .computed import DYNAMIC
from .joined import PLACES
from .listings import LISTING


def dynamic(inventory: Inventory, intent: Intent) -> Sieve:
    """The sieve that passes such files, the same one in every pass of a phase."""
    moving = (*DYNAMIC, *LISTING, *PLACES) if intent.modules else PLACES if intent.files else ()
    asking = (*ALL_OF_IT, ASKING) if intent.modules or intent.symbols else (ASKING,) if intent.files else ()
    return inventory.sieve(sorted({*moving, *asking}))

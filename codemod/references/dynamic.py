"""Which files may find modules, names or data while the program runs: each is searched once for all of these words.

What holds one of them is asked closer, at once too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator

from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.sieve import Census, Closer

from .byname import ALL_OF_IT, ASKING, may_ask, may_read_whole
from .computed import DYNAMIC, may_compute
from .joined import PLACES, may_lead
from .listings import LISTING, may_list
from .pathstrings import may_match
from .settled import Settled

ASKS, LEADS, SEARCHES = 1, 2, 4
"""It may import by names that it puts together, or read all names of a module; it may lead to a file behind a folder
by its name alone, or by a pattern; it may look for modules."""


def dynamic(inventory: Inventory, intent: Intent) -> Census:
    """The sieve that passes such files, the same one in every pass of a phase."""
    moving = (*DYNAMIC, *LISTING, *PLACES) if intent.modules else (*LISTING, *PLACES) if intent.files else ()
    asking = (*ALL_OF_IT, ASKING) if intent.modules or intent.symbols else (ASKING,) if intent.files else ()
    return inventory.census((*moving, *asking))


def asks(intent: Intent, data: bytes, held: Collection[bytes]) -> int:
    """What a content that passes may do, `held` being the words of it."""
    asking = may_read_whole(intent, data, held) or (ASKING in held and may_ask(intent, data))
    if not asking and intent.modules:
        asking = may_compute(intent, data, held) or may_list(intent, data, held)
    leading = may_match(intent, data, held) or may_lead(intent, data, held)
    searching = any(word in held for word in DYNAMIC)
    return ASKS * asking | LEADS * leading | SEARCHES * searching


def holding(inventory: Inventory, intent: Intent) -> Callable[[str], Collection[bytes] | None]:
    """Path -> the words of such that a file holds; None where it was not searched for them."""
    census, entries = dynamic(inventory, intent), inventory.tree.entries
    said = functools.cache(census.held)

    def held(path: str) -> Collection[bytes] | None:
        known = census.judged.get(entries[path].blob) if path.endswith(".py") else None
        return said(known) if known is not None else None

    return held


def closer(inventory: Inventory, intent: Intent, settled: Settled) -> Closer:
    """The same question, to be asked of contents while they are at hand."""
    census = dynamic(inventory, intent)
    return Closer(census, lambda data, said: asks(intent, data, census.held(said)), settled.asking_of(intent))


def files_that(inventory: Inventory, intent: Intent, settled: Settled, what: int) -> Iterator[str]:
    """The Python files that may do one of some things."""
    known, tree, census = settled.asking_of(intent), inventory.tree, dynamic(inventory, intent)
    for path in census.passing(tree, (".py",)):
        blob = tree.entries[path].blob
        if blob not in known:
            known[blob] = asks(intent, tree.read(path), census.held(census.judged[blob]))
        if known[blob] & what:
            yield path

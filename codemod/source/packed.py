"""Facts as bytes and back, to be kept or sent: about a tenth of the size, and quick to make and to read."""

from __future__ import annotations

import marshal
from typing import Any

from .facts import Alias, Definition, Facts, Import, Unparsable


def packed(facts: Facts | Unparsable) -> bytes:
    """The bytes of what is known of a file; they are for this version of Python and of this program."""
    if isinstance(facts, Unparsable):
        return marshal.dumps((str(facts), facts.line))
    imports = tuple(
        (
            each.module,
            each.level,
            tuple((alias.name, alias.asname, alias.start, alias.end) for alias in each.aliases),
            each.start,
            each.end,
            each.line,
            each.scope,
            each.guard,
        )
        for each in facts.imports
    )
    definitions = tuple((each.name, each.kind, each.start, each.end, each.line) for each in facts.definitions)
    rest = (facts.exports, facts.exports_computed, tuple(facts.globals), facts.docstring)
    return marshal.dumps((imports, definitions, *rest))


def unpacked(data: bytes) -> Facts | Unparsable:
    """What `packed` was given."""
    found: tuple[Any, ...] = marshal.loads(data)
    if len(found) == 2:
        return Unparsable(*found)
    imports, definitions, exports, computed, globals_, docstring = found
    return Facts(
        tuple(
            Import(module, level, tuple(Alias(*alias) for alias in aliases), *rest)
            for module, level, aliases, *rest in imports
        ),
        tuple(Definition(*each) for each in definitions),
        exports,
        computed,
        frozenset(globals_),
        docstring,
    )

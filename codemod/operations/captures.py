"""Rows with `{captures}`: one row for each module that fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.plan.model import Delete, Merge, Move, Operation, Pair, Split
from codemod.source.inventory import Inventory
from codemod.source.ours import shim_of

from .move_refusals import all_names

_CAPTURE = lazy(r"\{(\w+)\}")


def full_target(source: str, target: str) -> str:
    """`a.b` moved to `x.` is `x.b`."""
    if not target.endswith("."):
        return target.replace(":", ".")
    return target + names.last(source.replace(":", "."))


def rows_of(
    operations: Sequence[Operation], inventory: Inventory, were: Iterable[str] = ()
) -> list[tuple[Pair, list[Pair]]]:
    """Each row of the moves, and the rows that it comes to.

    What a row, a merge or a `delete` names itself is an exception to the rows with captures that it fits, too; so is
    what the operations bring to a name that fits.  `were` are names that other phases spell out, gone by now or not.
    """
    moves = [row for operation in operations if isinstance(operation, Move) for row in operation.pairs]
    named = {row.source.replace(":", ".") for row in moves if "{" not in row.source}
    named |= {source for operation in operations if isinstance(operation, Merge) for source in operation.sources}
    named |= {name for operation in operations if isinstance(operation, Delete) for name in operation.modules}
    named |= set(_brought(operations, moves, inventory))
    found = []
    for row in moves:
        every = expand(row, inventory, were)
        kept = [one for one in every if "{" not in row.source or one.source not in named]
        if kept or not every:  # where all that fits is an exception, the row says nothing
            found.append((row, kept))
    return found


def _brought(operations: Sequence[Operation], moves: Sequence[Pair], inventory: Inventory) -> Iterator[str]:
    """Names that the operations themselves give: those of modules that have arrived, those of what gets definitions."""
    into = {row.source: full_target(row.source, row.target) for row in moves if "{" not in row.source}
    if len(into) == len(moves):
        return
    every, made = all_names(inventory), set(into.values())
    for source, target in into.items():
        if ":" in source:
            yield names.parent(target)
        elif source in made or source not in every or _is_left(source, inventory):
            yield target
    for operation in operations:
        if isinstance(operation, Merge):
            yield operation.target
        elif isinstance(operation, Split):
            yield from (part.target for part in operation.into)


def _is_left(name: str, inventory: Inventory) -> bool:
    """True for a module of which only our shim is there."""
    module = inventory.modules.get(name)
    return module is not None and bool(module.path) and shim_of(inventory.tree.read(module.path)) is not None


def expand(pair: Pair, inventory: Inventory, were: Iterable[str] = ()) -> list[Pair]:
    """A row with `{captures}` as one row for each module that fits; those already moved are found at their targets.

    The package that they all go into fits no capture: it would go into itself.
    """
    if "{" not in pair.source:
        return [pair]
    target = full_target(pair.source, pair.target)
    every, inner = sorted(all_names(inventory)), _inner(pair.source, target)
    every_source = _matches(pair.source, every, inner)
    fitting = ((pair.source.format_map(values), target.format_map(values)) for values in every_source)
    into = target.partition("{")[0].rstrip(".")
    found = {old: new for old, new in fitting if not names.within(into, old)}
    for values in _matches(target, sorted({*every, *were}), inner):
        source = pair.source.format_map(_Keep(values))
        if "{" not in source:
            found.setdefault(source, target.format_map(values))
    return [Pair(old, new, pair.mark) for old, new in sorted(found.items()) if old != new]


def captured(name: str, source: str, target: str) -> str | None:
    """What a row with captures makes of a dotted name at or below what it fits; None where it does not fit."""
    size, segments = source.count(".") + 1, name.split(".")
    head = ".".join(segments[:size])
    values = next(_matches(source, [head], _inner(source, target)), None)
    if values is None or names.within(target.partition("{")[0].rstrip("."), head):
        return None
    return ".".join([target.format_map(values), *segments[size:]])


class _Keep(dict[str, str]):
    """Leaves unknown captures as they are."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _inner(source: str, target: str) -> frozenset[str]:
    """The captures that begin no segment, so that they may stand for digits: `{n}` in `app.step_{n}`."""
    text = f"{source}.{target}"
    leading = {found[1] for found in _CAPTURE.finditer(text) if not found.start() or text[found.start() - 1] in ".:"}
    return frozenset(_CAPTURE.findall(text)) - leading


def _matches(pattern: str, every: Iterable[str], inner: frozenset[str]) -> Iterator[dict[str, str]]:
    """What the captures stand for in each name that fits; one that is not `inner` stands for a whole name."""
    parts = _CAPTURE.split(pattern)
    seen: set[str] = set()
    regex = ""
    for number, part in enumerate(parts):
        if number % 2 == 0:
            regex += re.escape(part)
        else:
            whole = r"\w+" if part in inner else r"[^\W\d]\w*"
            regex += f"(?P={part})" if part in seen else f"(?P<{part}>{whole})"
            seen.add(part)
    compiled = re.compile(regex)
    for name in every:
        match = compiled.fullmatch(name)
        if match:
            yield match.groupdict()

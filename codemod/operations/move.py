"""`move` and `rename`: from the rows of a plan to one rename table of modules, symbols and files."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass, field, replace
from codemod.plan.model import Mark, Merge, Move, Operation, Pair, Phase, Rename, Split
from codemod.rewrite.intent import Symbol
from codemod.source.empty import says_nothing
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of
from codemod.source.ours import shim_of, without_blocks

from .captures import full_target, rows_of
from .later_names import carried, deletes, literal_names, makes_again, renames_of
from .move_refusals import definer, deleted_later, hiding, missing_source, place, target_taken, undecided, unreadable


@dataclass(frozen=True, slots=True)
class Row:
    """One resolved row: a module or, with `name`, a top-level name, before and after; `holds` when done already."""

    module: str
    name: str
    new_module: str
    new_name: str
    holds: bool = False
    mark: Mark = field(default_factory=Mark)

    @property
    def old(self) -> str:
        """The dotted name before."""
        return names.join(self.module, self.name)

    @property
    def new(self) -> str:
        """The dotted name after."""
        return names.join(self.new_module, self.new_name)


@dataclass(slots=True)
class Rows:
    """What the rows of a phase come to."""

    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def moved_pairs(phases: Sequence[Phase], until: Phase, inventory: Inventory) -> tuple[tuple[str, str], ...]:
    """(old, new) of every row of every phase up to and with `until`, in order; captures by what stands there now."""
    return tuple((old, new) for old, new, is_row in retired_names(phases, until, inventory) if is_row)


def retired_names(phases: Sequence[Phase], until: Phase, inventory: Inventory) -> Iterator[tuple[str, str, bool]]:
    """(old, new, whether a row says so) of what every phase up to and with `until` calls otherwise, in order.

    Captures are expanded by what stands there now, and by what later phases take away from their targets.  No rows are
    what a merge takes in, and what a split sends elsewhere by name.
    """
    were = {old for phase in phases for old in literal_names(phase.do)}
    for phase in phases:
        rows = {id(row): expanded for row, expanded in rows_of(phase.do, inventory, were)}
        for operation in phase.do:
            if isinstance(operation, Move):
                for pair in (pair for row in operation.pairs for pair in rows.get(id(row), ())):
                    yield pair.source.replace(":", "."), full_target(pair.source, pair.target), True
            elif isinstance(operation, (Rename, Merge, Split)):
                is_row = isinstance(operation, Rename)
                yield from ((old, new, is_row) for old, new in literal_names([operation]).items())
        if phase.id == until.id:
            break


def resolve(
    operations: Sequence[Operation], inventory: Inventory, later: Sequence[Mapping[str, str]], landed: bool | None
) -> Rows:
    """The rows of every `move` and `rename` of a phase, checked against the repository as it is."""
    result = Rows()
    pairs = [pair for row in rows_of(operations, inventory) for pair in _rows(*row, inventory, landed, result)]
    renames = dict(renames_of(operations))
    pairs = [_composed(pair, renames) for pair in pairs]
    taken = {pair.source.replace(":", ".") for pair in pairs}
    own = {pair.source.replace(":", "."): full_target(pair.source, pair.target) for pair in pairs}
    made = set(own.values())
    for pair in pairs:
        _move(pair, inventory, later, landed, taken, made, result)
    merged = set(_merged(operations, inventory))
    vacated = {*renames, *own}
    for operation in operations:
        if isinstance(operation, Rename):
            for pair in operation.pairs:
                old = pair.source.replace(":", ".")
                target = names.join(names.parent(old), pair.target)
                if old in own:
                    continue  # its move says where it goes
                if names.parent(old) in merged and _is_symbol(target, inventory):
                    result.rows.append(Row(names.parent(old), names.last(old), names.parent(old), pair.target, True,
                                           pair.mark))  # fmt: skip
                else:
                    goals = {**own, **_sent(old, pair.target, operations, inventory, later)}
                    _symbol(pair, target, inventory, [goals, *later], landed, result, vacated)
    _unique(result)
    return result


def _composed(pair: Pair, renames: Mapping[str, str]) -> Pair:
    """A row whose name is renamed too goes to its target under the new name."""
    new = renames.get(pair.source.replace(":", "."))
    target = full_target(pair.source, pair.target)
    return pair if new is None else replace(pair, target=names.join(names.parent(target), new))


def _sent(
    old: str, new: str, operations: Sequence[Operation], inventory: Inventory, later: Sequence[Mapping[str, str]]
) -> dict[str, str]:
    """Where a split of the phase takes a name that the phase renames, once it is there."""
    parts = [part for op in operations if isinstance(op, Split) and op.source == names.parent(old) for part in op.into]
    goals = [names.join(part.target, new) for part in parts]
    there = next((goal for goal in goals if standing_symbol(goal, later, inventory) is not None), None)
    return {} if there is None else {names.join(names.parent(old), new): there}


def _merged(operations: Sequence[Operation], inventory: Inventory) -> Iterator[str]:
    """The targets of merges that hold: a name of theirs that was renamed can be there again, of another module."""
    for operation in operations:
        if isinstance(operation, Merge):
            left = {name for name in (*operation.sources, operation.target) if is_real(name, inventory)}
            if left == {operation.target}:
                yield operation.target


def _rows(row: Pair, expanded: list[Pair], inventory: Inventory, landed: bool | None, result: Rows) -> list[Pair]:
    if not expanded and not (landed and "{" in row.source):  # what captures took may have gone on since
        result.findings.append(missing_source(row, row.source, inventory))
    return expanded


def _move(
    pair: Pair, inventory: Inventory, later: Sequence[Mapping[str, str]], landed: bool | None, taken: set[str],
    made: set[str], result: Rows,
) -> None:  # fmt: skip
    source, target = pair.source, full_target(pair.source, pair.target)
    old = source.replace(":", ".")
    here = is_real(old, inventory)
    there = _stands(target, later, lambda name: is_real(name, inventory))
    if ":" in source or (not here and there is None and _is_symbol(old, inventory)):
        _symbol(pair, target, inventory, later, landed, result, taken)
        return
    if not here:
        if there is not None:
            result.rows.append(Row(old, "", there, "", True, pair.mark))
        elif standing_symbol(target, later, inventory) is not None:
            _symbol(pair, target, inventory, later, landed, result, taken)
        elif landed is not False and deletes(target, later):
            result.findings += [] if landed else [deleted_later(pair, old, target)]
        else:
            result.findings.append(missing_source(pair, old, inventory))
        return
    if old == target:
        return
    module = inventory.modules.get(old)
    if module is not None and not module.folder and isinstance(inventory.read(module.path), Unparsable):
        result.findings.append(unreadable(pair, old, module.path))
        return
    _present(pair, old, target, there, inventory, Case(later, landed, taken, made), result)


@dataclass(frozen=True, slots=True)
class Case:
    """What else bears on a row: later renames, the history, and the other rows' sources and targets."""

    later: Sequence[Mapping[str, str]]
    landed: bool | None
    taken: set[str]
    made: set[str]


def _present(
    pair: Pair, old: str, target: str, there: str | None, inventory: Inventory, case: Case, result: Rows
) -> None:
    """A row whose source is there: pending, unless its target is there too."""
    vacated = any(names.within(target, name) for name in case.taken if name != old)
    reused = old in case.made or makes_again(old, case.later)
    refilled = there is None and makes_again(old, case.later)
    pending = Row(old, "", target, "", False, pair.mark)
    if case.landed and there is not None:
        result.rows.append(Row(old, "", there, "", True, pair.mark))
    elif case.landed and refilled:
        return  # what is there came back later
    elif not is_real(target, inventory):
        package = inventory.modules.get(names.parent(target)) if names.parent(target) != old else None  # it goes itself
        left = there is not None and (reused or names.below(target, old))
        if case.landed is None and (left or refilled):
            result.findings.append(undecided(pair, old, there or target))
        elif target in sys.stdlib_module_names - _HIDEABLE:
            result.findings.append(hiding(pair, target))
        elif package is not None and names.last(target) in inventory.facts(package.path).defined:
            result.findings.append(target_taken(pair, target, inventory))  # the submodule would hide the name
        else:
            result.rows.append(pending)
    elif not case.landed and not vacated and not names.below(target, old) and _gives_way(target, inventory, case):
        result.rows.append(pending)
    elif names.below(target, old) or (case.landed is None and (vacated or reused)):
        result.findings.append(undecided(pair, old, target))
    elif vacated:
        result.rows.append(pending)
    else:
        result.findings.append(target_taken(pair, target, inventory))


def _gives_way(name: str, inventory: Inventory, case: Case) -> bool:
    """True for a package with nothing but an empty `__init__` once the phase is done: a module may take its name.

    Shims in it say nothing: they cannot lie below a module, and go.
    """
    package = inventory.modules.get(name)
    if package is None or not package.folder:
        return False
    if package.path and not says_nothing(package.path, without_blocks(inventory.tree.read(package.path))):
        return False
    if any(names.below(new, name) for new in case.made):
        return False
    return all(
        any(names.within(m.name, old) for old in case.taken) or not is_real(m.name, inventory)
        for m in inventory.modules.below(name)
    )


def _symbol(
    pair: Pair, target: str, inventory: Inventory, later: Sequence[Mapping[str, str]], landed: bool | None,
    result: Rows, vacated: Collection[str] = (),
) -> None:  # fmt: skip
    source = pair.source.replace(":", ".")
    module, name = names.parent(source), names.last(source)
    new_module, new_name = names.parent(target), names.last(target)
    known = inventory.modules.get(module)
    facts = inventory.facts(known.path) if known else None
    there = standing_symbol(target, later, inventory)
    defined = facts is not None and name in facts.defined
    if defined and there is not None and _imports(inventory, there, (module, name)):
        there = None  # who uses a name is where it often goes
    here = defined or (facts is not None and name in facts.bound)
    if defined and there is not None and landed is None and any(source in table.values() for table in later):
        result.findings.append(undecided(pair, source, target))  # a later phase makes the name again
        return
    if not here or (there is not None and (landed or not defined)):  # the old module may import it back
        if there is not None:
            result.rows.append(Row(module, name, *there, True, pair.mark))
        else:
            result.findings.append(missing_source(pair, source, inventory))
        return
    if facts is not None and name not in facts.defined:
        result.findings.append(
            Finding(
                "symbol-not-defined", f"{module} imports {name}, it does not define it", Weight.MISMATCH,
                place(known.path if known else ""), definer(inventory, module, name), pair.mark.key,
            )
        )  # fmt: skip
        return
    if target in inventory.modules:
        result.findings.append(
            Finding(
                "target-taken", f"{target} is a module", Weight.MISMATCH, None,
                f"write `{target}.` to move {name} into it", pair.mark.key,
            )
        )  # fmt: skip
        return
    if there == (new_module, new_name) and target != source:
        if target not in vacated:
            result.findings.append(target_taken(pair, target, inventory))
            return
        if landed is None:
            result.findings.append(undecided(pair, source, target))
            return
    result.rows.append(Row(module, name, new_module, new_name, False, pair.mark))


def _imports(inventory: Inventory, there: Symbol, source: Symbol) -> bool:
    """True when a module has a name because it imports it from where it is defined."""
    home = inventory.modules.get(there[0])
    if home is None or not home.path or there[1] in inventory.facts(home.path).defined:
        return False
    found = origin_of(inventory, home, there[1])
    return found is not None and (found.module, found.name) == source


def is_real(name: str, inventory: Inventory) -> bool:
    """True when a module is there that is not just a shim of ours."""
    module = inventory.modules.get(name)
    if module is None:
        return False
    return not module.path or shim_of(inventory.tree.read(module.path)) is None


def _is_symbol(dotted: str, inventory: Inventory) -> bool:
    module = inventory.modules.get(names.parent(dotted))
    return module is not None and names.last(dotted) in inventory.facts(module.path).bound


def _stands(target: str, later: Sequence[Mapping[str, str]], exists: object) -> str | None:
    """`target`, or what later phases have made of it: the first that exists."""
    assert callable(exists)
    for name in carried(target, later):
        if exists(name):
            return name
    return None


def standing_symbol(target: str, later: Sequence[Mapping[str, str]], inventory: Inventory) -> Symbol | None:
    """Where a top-level name is that was moved to `target`, later phases included; None when it is nowhere."""
    for name in carried(target, later):
        if _is_symbol(name, inventory):
            return names.parent(name), names.last(name)
    return None


def standing_module(name: str, later: Sequence[Mapping[str, str]], inventory: Inventory) -> str | None:
    """What a module is called now, later phases included; None when it is nowhere."""
    return next((now for now in carried(name, later) if now in inventory.modules), None)


def _unique(result: Rows) -> None:
    """Two rows for one target, or for one source, are an error unless they say the same."""
    by_new: dict[str, Row] = {}
    by_old: dict[str, Row] = {}
    for row in result.rows:
        other = by_old.setdefault(row.old, row)
        if other.new != row.new and not (other.holds or row.holds):
            result.findings.append(
                Finding(
                    "plan-conflict", f"two rows fit {row.old}: it would be {other.new} and {row.new}", Weight.MISMATCH,
                    None, f"add a row that says where {row.old} goes", row.mark.key,
                )
            )  # fmt: skip
        known = by_new.setdefault(row.new, row)
        if known.old != row.old and not (known.holds or row.holds):
            result.findings.append(
                Finding(
                    "target-taken", f"{known.old} and {row.old} both go to {row.new}", Weight.MISMATCH, None,
                    "give each its own target, or merge them", row.mark.key,
                )
            )  # fmt: skip


_HIDEABLE = {"test"}  # of the standard library's modules, those that no program wants

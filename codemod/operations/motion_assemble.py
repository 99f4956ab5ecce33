"""Registrars whose declarations part ways come together again in the module that they were declared in, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count, groupby

from codemod.base import names
from codemod.base.values import dataclass, replace
from codemod.rewrite.edits import Edit

from .motion_anatomy import Piece
from .motion_arrival import is_block
from .motion_composed import Composed, Entry, Span, composed, prefix, spans
from .motion_imports import Wanted
from .motion_loading import SideImport
from .motion_order import Need
from .motion_share import Replica, Share, sent
from .motion_state import Moving
from .motion_text import late
from .registrars import Declared, Kind, Uses, uses_of


@dataclass(frozen=True, slots=True)
class Joint:
    """A registrar, the parts that its source takes it together from, and where in the source."""

    source: str
    name: str
    kind: Kind
    parts: tuple[str, ...]
    before: Piece | None  # None: at the end
    early: bool  # the parts need nothing of the source, so that it can import them at its top
    whole: Composed  # its entries here and in the parts, in order


def put_together(moving: Moving, share: Share, needs: Sequence[Need]) -> Iterator[SideImport]:
    """Write how the parts of a module's registrars come together; yields the imports that this takes."""
    source = share.anatomy.module.name
    found = sorted(joints(moving, share, needs), key=lambda joint: _number(joint.before))
    bound = _bound(share, [(part, joint.name) for joint in found for part in sorted(joint.parts)])
    bound.update({(part, joint.name): called for joint in found for part, called in joint.whole.bound.items()})
    moving.builds[source].gone += [(p.start, p.end) for joint in found for p in joint.whole.statements]
    top = next((p for p in share.staying() if not p.is_import and p.kind not in ("docstring", "future")), None)
    for _, group in groupby(found, lambda joint: _number(joint.before)):
        together = list(group)
        first = together[0]
        wanted = [_wanted(moving, joint, part, bound) for joint in together for part in joint.parts]
        if first.early:
            moving.builds[source].wanted += wanted
        _write(moving, share, together, [] if first.early else wanted, bound)
        parts = sorted({part for joint in together for part in joint.parts})
        yield from (SideImport(source, part, source, top if first.early else first.before) for part in parts)


def _number(piece: Piece | None) -> float:
    return float("inf") if piece is None else piece.number


def _bound(share: Share, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What the registrar of each part is called in the module: `orders_router`, unless that is taken."""
    taken = set(share.anatomy.scopes.module.bindings)
    found: dict[tuple[str, str], str] = {}
    for part, name in wanted:
        usual = f"{names.last(part)}_{name}".lstrip("_")
        found[part, name] = next(n for n in chain([usual], (f"{usual}{n}" for n in count(2))) if n not in taken)
        taken.add(found[part, name])
    return found


def _wanted(moving: Moving, joint: Joint, part: str, bound: Mapping[tuple[str, str], str]) -> Wanted:
    return Wanted(bound[part, joint.name], part, joint.name, relative=moving.imports[joint.source].relative)


def _write(
    moving: Moving, share: Share, together: Sequence[Joint], wanted: Sequence[Wanted],
    bound: Mapping[tuple[str, str], str],
) -> None:  # fmt: skip
    build = moving.builds[share.anatomy.module.name]
    newline = share.anatomy.text.newline.decode()
    imports = sorted(late(line.text, newline) for _, line in build.statements(wanted))
    text = newline.join([*imports, *([""] if imports else []), *(
        line for joint in together for line in lines(joint, share, bound, newline))]) + newline  # fmt: skip
    before = together[0].before
    if before is not None:
        gap = 2 if is_block(before) or before.kind == "main" else 1
        edit = Edit(before.start, before.start, (text + newline * gap).encode(), "the parts come together")
    else:
        last = next((piece for piece in reversed(share.staying())), None)
        gap = 2 if last is not None and is_block(last) else 1
        at = len(share.anatomy.text.data)
        edit = Edit(at, at, (newline * gap + text).encode(), "the parts come together")
    build.edits.append(edit)


def joints(moving: Moving, share: Share, needs: Sequence[Need]) -> list[Joint]:
    """What one divided module has to put together; refusals go to the share."""
    found = [
        joint for replica in share.replicas.values() if replica.kind is not None
        for joint in _joint(moving, share, replica, replica.kind, needs)
    ]  # fmt: skip
    early = all(joint.early for joint in found)
    return [replace(joint, early=early) for joint in found]


def _joint(moving: Moving, share: Share, replica: Replica, kind: Kind, needs: Sequence[Need]) -> Iterator[Joint]:
    source, name = replica.source, replica.name
    uses = uses_of(share.reads, name, kind)
    _hooks(share, name, uses)
    declared = sorted(uses.declared, key=lambda d: d.piece.number)
    whole = composed(moving.inventory, share.anatomy, name, kind, declared)
    fresh = {t for t in share.targets.values() if name in moving.copied(share, t)}
    parts = fresh | (whole.bound.keys() & set(share.targets.values()))
    away = [d for d in declared if share.targets.get(d.piece.number) in parts]
    if not away:
        return
    if not _in_order(share, name, uses, whole, away):
        return
    last = away[-1].piece
    after = [p for p in uses.whole if p.number not in share.targets and p.number > last.number]
    main = [p for p in share.anatomy.pieces if p.kind == "main" and p.number not in share.targets]
    before = next(iter([*after, *main]), None)
    needed = {part: list(_needed(part, source, needs)) for part in parts}
    for part, read in sorted(needed.items()):
        _reachable(share, name, part, source, read, after)
    for slot, order in whole.order.items():
        whole.order[slot] = [entry for entry in order if not _is_behind(share, entry, before)]
    new = dict.fromkeys(t for d in away for t in [share.targets[d.piece.number]] if t in fresh)
    yield Joint(source, name, kind, tuple(new), before, not any(needed.values()), whole)


def _is_behind(share: Share, entry: Entry, before: Piece | None) -> bool:
    """True for what the source goes on to declare when the whole has been used."""
    piece = entry.declared.piece if entry.declared is not None else None
    return piece is not None and before is not None and piece.number not in share.targets and (
        piece.number >= before.number)  # fmt: skip


def _in_order(share: Share, name: str, uses: Uses, whole: Composed, away: Sequence[Declared]) -> bool:
    """Refuse where something uses the registrar before all of it is there."""
    source = share.anatomy.module.name
    if whole.unread is not None:
        share.refuse(
            "split-registry-order", f"this puts {name} together in a way of its own", whole.unread,
            sent({n for d in away for n in d.piece.binds}, source, source),
        )  # fmt: skip
        return False
    pieces = [away[0].piece, away[-1].piece, *whole.statements]
    first, last = min(p.number for p in pieces), max(p.number for p in pieces)
    for piece in uses.whole:
        if piece.number not in share.targets and first < piece.number < last:
            share.refuse(
                "split-registry-order", f"this uses {name} before all of it is declared", piece,
                sent(_fewer(away, piece), source, source),
            )  # fmt: skip
            return False
    return True


def _hooks(share: Share, name: str, uses: Uses) -> None:
    """What concerns the registrar as a whole cannot be declared on a part of it."""
    for declared in uses.declared:
        if not declared.slot and declared.piece.number in share.targets:
            bound = ", ".join(sorted(declared.piece.binds)) or "this"
            share.refuse(
                "assemble-hook", f"{bound} is declared with {name}.{declared.method}, which holds for all of {name}",
                declared.piece, f"leave {bound} in {share.anatomy.module.name}",
            )  # fmt: skip
    for piece in uses.whole:
        if piece.number in share.targets:
            bound = ", ".join(sorted(piece.binds)) or "this"
            share.refuse(
                "assemble-hook", f"{bound} needs all of {name}, and {share.targets[piece.number]} has a part of it",
                piece, f"leave {bound} in {share.anatomy.module.name}",
            )  # fmt: skip


def _needed(part: str, source: str, needs: Sequence[Need]) -> Iterator[Need]:
    """What a part, or what it loads, needs of the source when it is loaded."""
    waiting, seen = [part], {part, source}
    while waiting:
        module = waiting.pop()
        for need in needs:
            if need.importer != module or need.place != "top":
                continue
            if need.home == source:
                yield need
            elif need.home not in seen:
                seen.add(need.home)
                waiting.append(need.home)


def _reachable(
    share: Share, name: str, part: str, source: str, needed: Sequence[Need], after: Sequence[Piece]
) -> None:  # fmt: skip
    """The source has what a part needs of it by the time it loads the part."""
    late = [
        need for need in needed for piece in share.anatomy.definers(need.name)
        if after and need.anatomy is share.anatomy and piece.number > after[0].number
    ]  # fmt: skip
    outside = not names.below(part, source)
    for need in late or (needed if outside else ()):
        share.refuse(
            "split-cycle", f"{part} needs {need.name} of {source}, which has to load it for {name}",
            need.reads[0].piece,
            f"send {need.name} to {part} too" + f", or choose a target inside {source}" * (outside and not late),
        )  # fmt: skip
        return


def lines(joint: Joint, share: Share, bound: Mapping[tuple[str, str], str], newline: str) -> Iterator[str]:
    """The statements that put a registrar together; `bound` tells what those of the parts are called there."""
    for slot, order in joint.whole.order.items():
        runs = list(spans(order, share.targets, joint.source))
        homes = [run.home for run in runs]
        away = [home for home in homes if home != joint.source]
        if not away:
            continue
        own = f"{joint.name}.{slot}"
        if len(set(homes)) == len(homes) and joint.source not in homes[1:]:
            yield from (f"{own}.extend({bound[home, joint.name]}.{slot})" for home in away)
            continue
        lists = [own if home == joint.source else f"{bound[home, joint.name]}.{slot}" for home in homes]
        cuts = [_cut(share, joint, order, runs, number) for number in range(len(runs))]
        slices = [f"    *{one}{cut}," for one, cut in zip(lists, cuts, strict=True)]
        yield newline.join([f"{own}[:] = [  # in the order in which they were declared", *slices, "]"])


def _fewer(away: Sequence[Declared], piece: Piece) -> set[str]:
    """What is declared elsewhere above a piece, or below it: the fewer names."""
    above = {n for d in away if d.piece.number < piece.number for n in d.piece.binds}
    below = {n for d in away if d.piece.number > piece.number for n in d.piece.binds}
    return min(above, below, key=len) or above | below


def _between(runs: Sequence[Span], home: str) -> set[str]:
    """What is declared in other modules before a module has its turn for the last time."""
    last = max(number for number, run in enumerate(runs) if run.home == home)
    others = [run for run in runs[:last] if run.home != home]
    return {n for run in others for e in run.entries if e.declared is not None for n in e.declared.piece.binds}


def _cut(share: Share, joint: Joint, order: Sequence[Entry], runs: Sequence[Span], number: int) -> str:
    """The slice of a run in the list of its module: `[:2]`, `[2:5]`, `[5:]`, or nothing for the whole list."""
    run = runs[number]
    entries = prefix(order, share.targets, joint.source, run.home)
    stop = run.first + len(run.entries)
    above = entries[: stop if stop < run.size else run.first]
    unknown = next((entry for entry in above if not entry.count), None)
    if unknown is not None:
        piece = unknown.declared.piece if unknown.declared is not None else joint.whole.statements[0]
        adds = f"{joint.name}.{unknown.declared.method} adds" if unknown.declared else f"{unknown.part} has"
        others = _between(runs, run.home) or {n for e in run.entries if e.declared for n in e.declared.piece.binds}
        share.refuse(
            "split-registry-order", f"{adds} nobody knows how many entries, and others come in between", piece,
            sent(others, run.home if unknown.declared is not None else joint.source, joint.source),
        )  # fmt: skip
        return ""
    start = sum(entry.count for entry in entries[: run.first])
    end = sum(entry.count for entry in entries[:stop])
    if stop < run.size:
        return f"[{start or ''}:{end}]"
    return f"[{start}:]" if start else ""

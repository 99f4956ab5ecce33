"""Which pieces of a module leave for which target: what must stay together does, or the motion is refused."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight

from .motion_anatomy import Anatomy, Definitions, Piece, deleted
from .motion_dynamic import dynamic
from .motion_effects import Effects
from .motion_reads import Reads
from .motion_share import Motion, Replica, Share, listed, sent


def divide(
    anatomy: Anatomy, motions: Sequence[Motion], replicas: Sequence[Replica], reads: Reads, effects: Effects,
    offered: bool = False,
) -> Share:  # fmt: skip
    """Give each piece that leaves its target; refusals are among the findings."""
    share = Share(
        anatomy, reads, effects, names={motion.name: motion for motion in motions},
        replicas={replica.name: replica for replica in replicas}, offered=offered,
    )  # fmt: skip
    for motion in motions:
        _assign(share, motion)
    _companions(share)
    _temporary(share)
    _whole_pieces(share)
    _shared_globals(share)
    _effects(share)
    _deleted(share)
    _changed_later(share)
    dynamic(share)
    return share


def _assign(share: Share, motion: Motion) -> None:
    anatomy = share.anatomy
    pieces = list(anatomy.definers(motion.name))
    bindings = anatomy.scopes.module.bindings.get(motion.name, [])
    if not pieces:
        known = bool(bindings)
        share.findings.append(
            Finding(
                "symbol-not-defined" if known else "source-missing",
                f"{motion.source} {'imports' if known else 'has no'} {motion.name}" + ", it does not define it" * known,
                Weight.MISMATCH, Place(anatomy.path), f"take {motion.name} out of the plan, or name the module that "
                "defines it", motion.key,
            )
        )  # fmt: skip
        share.names.pop(motion.name)
        return
    pieces += [p for p in anatomy.pieces if p.kind == "guarded" and motion.name in p.binds]  # an accelerator, say
    if any(p.kind == "import" and motion.name in p.binds for p in anatomy.pieces):
        share.refuse(
            "split-conditional", f"{motion.name} is imported as well as defined in {motion.source}", pieces[0],
            sent([motion.name], motion.source, motion.source), motion.key,
        )  # fmt: skip
    for piece in pieces:
        share.targets[piece.number] = motion.target


def _companions(share: Share) -> None:
    """`@f.register` and the like belong to the function f whose name they extend."""
    functions = {
        name: motion
        for name, motion in share.names.items()
        if any(isinstance(n, Definitions) for p in share.anatomy.definers(name) for n in p.nodes)
    }
    for piece in share.anatomy.pieces:
        owners = {root for node in piece.nodes for root in _decorator_roots(share.anatomy, node)}
        if piece.kind != "definition" or not owners:
            continue
        for owner in sorted(owners & functions.keys()):
            target = functions[owner].target
            if share.targets.setdefault(piece.number, target) != target:
                share.refuse(
                    "split-overload", f"{listed(piece.binds)} extends {owner} and has to go with it", piece,
                    f"send {listed(piece.binds)} to {target} too",
                )  # fmt: skip
        for owner in sorted(owners - functions.keys()):
            if piece.number in share.targets and _is_function(share.anatomy, owner) and owner not in piece.binds:
                share.refuse(
                    "split-overload", f"{listed(piece.binds)} extends {owner}, which stays", piece,
                    f"send {owner} to {share.targets[piece.number]} too",
                )  # fmt: skip
        if piece.number in share.targets:
            for name in piece.binds - share.names.keys():
                target = share.targets[piece.number]
                if all(share.targets.get(p.number) == target for p in share.anatomy.definers(name)):
                    share.names[name] = Motion(share.anatomy.module.name, name, target)


def _is_function(anatomy: Anatomy, name: str) -> bool:
    return any(binding.kind == "def" for binding in anatomy.scopes.module.bindings.get(name, ()))


def _decorator_roots(anatomy: Anatomy, node: ast.stmt) -> Iterable[str]:
    """Functions that a decorator extends: `f` of `@f.register(int)` for a generic function f, of `@f.setter`."""
    if not isinstance(node, Definitions):
        return
    for decorator in node.decorator_list:
        target: ast.expr = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            name = target.value.id
            if target.attr in ("setter", "getter", "deleter") or (
                target.attr == "register" and _is_generic(anatomy, name)
            ):
                yield name


def _is_generic(anatomy: Anatomy, name: str) -> bool:
    """True for a function under `@singledispatch`."""
    nodes = [node for piece in anatomy.definers(name) for node in piece.nodes]
    decorators = [d for node in nodes for d in getattr(node, "decorator_list", [])]
    return any("singledispatch" in ast.dump(decorator) for decorator in decorators)


def _whole_pieces(share: Share) -> None:
    """A statement that binds several names goes whole or stays; a name goes with everything that binds it."""
    for piece in share.anatomy.pieces:
        target = share.targets.get(piece.number)
        if target is None:
            continue
        others = {n for n in piece.binds if n not in share.names or share.names[n].target != target}
        if piece.kind == "statement":
            others = {n for n in others if any(r.piece is not piece for r in share.reads.by_name.get(n, ()))}
        others -= {n for n in others if _is_tied(share, n)}
        if others:
            compound = isinstance(piece.nodes[0], (ast.If, ast.Try, ast.With, ast.For, ast.While))
            code = "split-conditional" if compound else "split-shares-statement"
            share.refuse(
                code,
                f"{listed(piece.binds)} are bound by one statement, but {listed(others)} should not go to {target}",
                piece, sent(piece.binds, target, share.anatomy.module.name),
            )  # fmt: skip
        elif piece.kind == "main" or piece.kind == "exports":
            share.refuse(
                "split-conditional", "the main guard and __all__ stay with their module", piece,
                sent(piece.binds, share.anatomy.module.name, share.anatomy.module.name),
            )  # fmt: skip


def _is_tied(share: Share, name: str) -> bool:
    """True for a throwaway name such as `_` that several companions bind."""
    pieces = share.anatomy.definers(name)
    return len(pieces) > 1 and name not in share.names and not share.reads.by_name.get(name)


def _shared_globals(share: Share) -> None:
    """A name that functions rebind, the functions, and every reader live in one module."""
    groups: dict[str, set[int]] = {}
    for name, _, piece in share.reads.rebound():
        groups.setdefault(name, set()).add(piece.number)
    for name, writers in sorted(groups.items()):
        definers = share.anatomy.definers(name)
        users = writers | {read.piece.number for read in share.reads.by_name.get(name, ()) if read.when != "note"}
        users -= {piece.number for piece in definers}
        homes = {share.targets.get(number, "") for number in users}
        if len(homes) == 1 and "" not in homes and all(p.number not in share.targets for p in definers):
            _pull(share, name, definers, homes.pop())
            continue
        homes |= {share.targets.get(piece.number, "") for piece in definers}
        if len(homes) > 1:
            every = {n for number in users for n in share.anatomy.pieces[number].binds} | {name}
            source = share.anatomy.module.name
            nameless = any(not share.anatomy.pieces[number].binds for number in users)
            share.refuse(
                "split-shares-global", f"{name} is rebound by a function (`global {name}`), so its users cannot part",
                (definers or [share.anatomy.pieces[min(writers)]])[0],
                sent(every, source if nameless else sorted(homes)[-1], source),
            )  # fmt: skip


def _pull(share: Share, name: str, definers: Sequence[Piece], target: str) -> None:
    """State that only leaving functions use leaves with them."""
    if any(piece.binds != {name} for piece in definers):
        users = {n for r in share.reads.by_name.get(name, ()) for n in r.piece.binds if n in share.names}
        source = share.anatomy.module.name
        share.refuse(
            "split-shares-global", f"{name} is bound together with other names, and stays", definers[0],
            sent(users, source, source),
        )  # fmt: skip
        return
    for piece in definers:
        share.targets[piece.number] = target
    share.names[name] = Motion(share.anatomy.module.name, name, target)


def _temporary(share: Share) -> None:
    """A name that is deleted again further down is there for what reads it on import, and goes along with that."""
    for name in deleted(share.anatomy):
        definers = share.anatomy.definers(name)
        users = {r.piece.number for r in share.reads.by_name.get(name, ()) if r.when == "now"}
        homes = {share.targets.get(number, "") for number in users - {p.number for p in definers}}
        loose = all(p.binds == {name} and p.number not in share.targets for p in definers)
        if loose and len(homes) == 1 and "" not in homes:
            _pull(share, name, definers, homes.pop())


def _deleted(share: Share) -> None:
    """A `del` goes along with the statements that bind what it deletes, where these leave all together."""
    for piece in share.anatomy.pieces:
        gone = {n.id for d in piece.nodes if isinstance(d, ast.Delete) for n in d.targets if isinstance(n, ast.Name)}
        if not gone or piece.number in share.targets or not isinstance(piece.nodes[0], ast.Delete):
            continue
        homes = {
            share.targets.get(other.number, "") for name in gone for other in share.anatomy.definers(name)
            if other is not piece
        }  # fmt: skip
        if len(homes) == 1 and "" not in homes:
            share.targets[piece.number] = homes.pop()


def _effects(share: Share) -> None:
    """Import-time statements go with the names that they are about, when all of these leave together.

    Not so where something that goes elsewhere has to run before them: the package, which loads its modules, has both.
    """
    defined = {n for p in share.anatomy.pieces if not p.is_import and p.kind != "statement" for n in p.binds}
    fixed = {piece.number for piece in share.reads.lookups()}
    for piece in share.anatomy.pieces:
        if not piece.is_effect or piece.number in share.targets or piece.number in fixed:
            continue
        about = {r.name for r in share.reads.of(piece) if r.when == "now" and r.name in defined}
        about = about - share.replicas.keys() or about
        homes = {share.names[n].target if n in share.names else "" for n in about}
        if len(homes) == 1 and "" not in homes:
            _follow(share, piece, homes.pop())
            continue
        changed = share.reads.changed_by(piece) & about
        torn = sorted(n for n in changed if n in share.names)
        goals = {share.names[n].target if n in share.names else "" for n in changed}
        if torn and len(goals) == 1:
            _follow(share, piece, goals.pop())
        elif torn and not all(names.below(goal, share.anatomy.module.name) for goal in goals - {""}):
            share.refuse(
                "split-mutated-elsewhere", f"this changes {listed(changed)}, which part ways",
                piece, f"send {listed(changed)} to {share.names[torn[0]].target}",
            )  # fmt: skip


def _follow(share: Share, piece: Piece, target: str) -> None:
    """An effect goes where what it is about goes, unless the package has to wait for another module with it."""
    source = share.anatomy.module.name
    apart = {(source, name) for name in share.replicas}
    earlier = {share.targets.get(number, source) for number in share.effects.before(piece.number, apart)} - {target}
    if not (earlier and names.below(target, source)):
        share.targets[piece.number] = target


def _changed_later(share: Share) -> None:
    """What one module reads on import must not be bound anew, or deleted, further down in another one."""
    last: dict[str, int] = {}
    for piece in share.anatomy.pieces:
        last.update(dict.fromkeys(piece.binds, piece.number))
    for piece in share.anatomy.pieces:
        home = share.targets.get(piece.number, "")
        for read in share.reads.of(piece):
            changer = last.get(read.name, -1)
            there = share.targets.get(changer, "") == home or read.name in share.replicas
            if read.when == "now" and changer > piece.number and not there:
                other = share.anatomy.pieces[changer]
                if not other.is_import and any(p.number < piece.number for p in share.anatomy.definers(read.name)):
                    verb = "deletes" if isinstance(other.nodes[0], ast.Delete) else "binds anew"
                    source = share.anatomy.module.name
                    goal = share.targets.get(changer, source) if piece.binds else home or source
                    share.refuse(
                        "split-mutated-elsewhere", f"{listed(piece.binds)} reads {read.name} on import, which line "
                        f"{share.anatomy.text.line(other.code)} {verb}", piece,
                        sent(piece.binds or {read.name}, goal, source),
                    )  # fmt: skip

"""Writes the statements that put the registrars of a divided module together, and the imports of the parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count, groupby

from codemod.base import names
from codemod.rewrite.edits import Edit

from .motion_anatomy import Piece
from .motion_arrival import is_block
from .motion_assemble import Joint, joints, lines
from .motion_groups import Share
from .motion_imports import Wanted
from .motion_order import Need
from .motion_registry import SideImport
from .motion_state import Moving


def put_together(moving: Moving, share: Share, needs: Sequence[Need]) -> Iterator[SideImport]:
    """Write how the parts of a module's registrars come together; yields the imports that this takes."""
    source = share.anatomy.module.name
    found = sorted(joints(moving, share, needs), key=lambda joint: _number(joint.before))
    bound = _bound(share, [(part, joint.name) for joint in found for part in sorted(joint.parts)])
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
    imports = sorted(_marked(line.text, newline) for _, line in build.statements(wanted))
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


def _marked(statement: str, newline: str) -> str:
    """An import statement below code, marked as wanted there."""
    first, rest = statement.partition(newline)[::2]
    return first + "  # noqa: E402" + (newline + rest if rest else "")

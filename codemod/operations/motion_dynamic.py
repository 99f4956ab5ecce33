"""Code that looks names up at run time, and what it would miss of those that leave."""

from __future__ import annotations

from codemod.base.findings import Finding, Weight

from .motion_exports import exported, readers
from .motion_lookups import asked, listings
from .motion_share import Share, listed, sent


def dynamic(share: Share) -> None:
    """Code that looks up names in its module at run time cannot change modules unseen."""
    if not share.targets:
        return
    lookups, source = list(share.reads.lookups()), share.anatomy.module.name
    for piece in lookups:
        if piece.number in share.targets:
            share.refuse(
                "split-dynamic", f"{listed(piece.binds)} looks at the names of its own module at run time", piece,
                sent(piece.binds, source, source),
            )  # fmt: skip
    listed_by_name(share)
    asked_for(share)
    for name, unknown in sorted(share.reads.unknown.items()):
        moved = [read.piece for read in unknown if read.piece.number in share.targets]
        given_away = moved and any(share.reads.lookups(named=False))
        if given_away and not any(statement.is_star for statement in share.anatomy.imports):
            share.refuse(
                "split-dynamic", f"{name} is bound at run time (`globals()` or `exec`), so it cannot be imported",
                moved[0], sent({n for piece in moved for n in piece.binds}, source, source),
            )  # fmt: skip
    for piece in readers(share.anatomy, share.reads):
        if piece.number in share.targets:
            share.refuse("split-conditional", "a statement that leaves works on __all__", piece,
                         sent(piece.binds, source, source))  # fmt: skip
    list_that_is_read(share)


def list_that_is_read(share: Share) -> None:
    """What stays and reads `__all__` does not find there what leaves, unless the package offers it."""
    gone = [name for name in exported(share.anatomy) or () if name in share.names]
    gone = [name for name in gone if not share.offered or name.startswith("_")]
    for piece in readers(share.anatomy, share.reads) if gone else ():
        if piece.number not in share.targets:
            what = ", ".join(sorted(piece.binds)) or f"line {share.anatomy.text.line(piece.code)}"
            share.findings.append(
                Finding(
                    "split-dynamic", f"{what} reads `__all__`; {listed(gone[:3])}{', ...' * (len(gone) > 3)} will not "
                    "be in it", Weight.REVIEW, share.place(piece), "look whether it means one of them; a `barrel` of "
                    f"{share.anatomy.module.name} lists the public ones there",
                )
            )  # fmt: skip


def asked_for(share: Share) -> None:
    """What stays and looks a name up by a literal finds it no more when it leaves, unless the package offers it."""
    source = share.anatomy.module.name
    for piece, name in dict.fromkeys(asked(share.anatomy)):
        gone = name in share.names and not (share.offered and not name.startswith("_"))
        if gone and piece.number not in share.targets and piece.kind != "exports":
            share.refuse(
                "split-dynamic", f"{listed(piece.binds)} may look {name} up in {source} by its name", piece,
                f"leave {name} in {source}, or offer it there beside the split: `barrel: {source}`",
            )  # fmt: skip


def listed_by_name(share: Share) -> None:
    """What stays and looks at whatever names its module has would miss those that leave."""
    gone = listed(list(share.names)[:3]) + (", ..." if len(share.names) > 3 else "")
    for piece, now in listings(share.anatomy):
        if piece.number in share.targets:
            continue
        what = ", ".join(sorted(piece.binds)) or f"line {share.anatomy.text.line(piece.code)}"
        if now:
            share.refuse(
                "split-dynamic", f"{what} looks at the names of its module on import, and would miss {gone}", piece,
                sent(share.names, share.anatomy.module.name, share.anatomy.module.name) if len(share.names) < 6 else
                f"write out the names that it means first, or take {share.anatomy.module.name} out of the plan",
            )  # fmt: skip
        else:
            share.findings.append(
                Finding(
                    "split-dynamic", f"{what} looks at the names of its module when it runs; {gone} will not be among "
                    "them", Weight.REVIEW, share.place(piece), "look whether it means one of them; a `barrel` of "
                    f"{share.anatomy.module.name} offers the public ones there",
                )
            )  # fmt: skip

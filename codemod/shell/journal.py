"""What a publication is about to do, written down before it begins, so that a killed one can be finished."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from codemod.base.values import dataclass
from codemod.source.tree import Entry

from .git import Git, mismatch

NAME = "journal.json"


@dataclass(frozen=True, slots=True)
class Item:
    """A path and what stands there before and after; an untracked one is the user's file that we were told to edit."""

    path: str
    old: Entry | None
    new: Entry | None
    tracked: bool = True


@dataclass(frozen=True, slots=True)
class Journal:
    """One publication: the ref moves from `old` to `new`, and `items` follow."""

    run: str
    branch: str  # a full ref name; "" when HEAD is detached
    old: str
    new: str
    items: tuple[Item, ...]

    @property
    def token(self) -> bytes:
        """What the index lock holds while it is ours."""
        return f"codemod {self.run}\n".encode("ascii")


def write(folder: Path, journal: Journal) -> None:
    """Write the journal so that it is either whole on the disk or not there."""
    draft = folder / (NAME + ".new")
    with draft.open("w", encoding="ascii") as stream:
        stream.write(json.dumps(_rows(journal)))
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(folder / NAME)


def _rows(journal: Journal) -> dict[str, object]:
    """The journal as JSON has it; `asdict` copies every entry, which takes longer than the rest."""
    items = [
        {"path": one.path, "old": _row(one.old), "new": _row(one.new), "tracked": one.tracked} for one in journal.items
    ]
    return {"run": journal.run, "branch": journal.branch, "old": journal.old, "new": journal.new, "items": items}


def _row(entry: Entry | None) -> dict[str, object] | None:
    return None if entry is None else {"mode": entry.mode, "blob": entry.blob}


def read(folder: Path) -> Journal | None:
    """The journal that a killed publication left behind, or None; raises RepositoryError where it is damaged."""
    try:
        raw = json.loads((folder / NAME).read_text("ascii"))
        rows = raw.pop("items")
        items = tuple(Item(row["path"], _entry(row["old"]), _entry(row["new"]), row["tracked"]) for row in rows)
        return Journal(**raw, items=items)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise mismatch(
            "journal-damaged", f"{folder / NAME} cannot be read: {error}",
            "a run was killed: compare `git status` with `git log -1`, put right what differs, then remove the file",
        ) from error  # fmt: skip


def clear(folder: Path) -> None:
    """The publication is complete, or never began."""
    (folder / NAME).unlink(missing_ok=True)


def _entry(row: dict[str, object] | None) -> Entry | None:
    return None if row is None else Entry(int(str(row["mode"])), str(row["blob"]))


def changes(git: Git, old: str, new: str) -> Iterator[Item]:
    """The paths that differ between two commits."""
    fields = iter(git.records("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new))
    for meta in fields:
        old_mode, new_mode, old_blob, new_blob, _ = meta.removeprefix(":").split(" ")
        yield Item(
            next(fields),
            Entry(int(old_mode, 8), old_blob) if int(old_mode, 8) else None,
            Entry(int(new_mode, 8), new_blob) if int(new_mode, 8) else None,
        )

"""What stands against a publication: work that is not committed, files in the way, places we must not write to."""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.source.tree import SUBMODULE, Entry

from . import disk
from .git import Git
from .journal import Item
from .repository import Repository, writable

INDEX = ("ls-files", "-s", "-v", "-z")
_LINK = f"{SUBMODULE:o} "


def in_the_way(code: str, path: str, message: str, hint: str = "") -> Finding:
    """A finding about a path that stops the phase (exit 3)."""
    return Finding(code, f"{path} {message}", Weight.MISMATCH, Place(path), hint)


@dataclass(frozen=True, slots=True)
class Staged:
    """An entry of the user's index; `hidden` where git was told not to look at the file."""

    entry: Entry
    hidden: bool = False
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """The user's index (unmerged entries left out): every path in it, some of its entries, and its submodules."""

    paths: frozenset[str]
    entries: Mapping[str, Staged]
    submodules: frozenset[str]


def staged(git: Git, wanted: Collection[str]) -> Index:
    """The index, with the entries of the wanted paths."""
    paths, entries, submodules = [], {}, []
    for record in git.records(*INDEX):
        meta, _, path = record.partition("\t")
        if not meta.endswith(" 0"):  # the stage
            continue
        paths.append(path)
        if path in wanted:
            tag, mode, blob, _ = meta.split(" ")
            entries[path] = Staged(Entry(int(mode, 8), blob), tag.islower(), tag.upper() == "S")
        if meta.startswith(_LINK, 2):
            submodules.append(path)
    return Index(frozenset(paths), entries, frozenset(submodules))


def obstacles(repository: Repository, items: Sequence[Item]) -> Iterator[Finding]:
    """Findings, each of which stops the publication; none when every path is as the commit before has it."""
    top, git = repository.top, repository.git
    index = staged(git, {item.path for item in items})
    # A file whose executable bit alone was changed is no obstacle: it keeps that bit, see `publish`.
    states = disk.presence(git, top, items, modes=False)
    removed = {item.path: item for item in items if item.new is None}
    folders = _folders(top, removed, index.submodules)
    permits = functools.cache(lambda folder: writable(disk.location(top, folder)))
    for item in items:
        found = folders(item.path)
        if found is None and item.tracked:
            found = _in_index(item, index.entries.get(item.path))
        if found is None:
            found = _on_disk(top, item, states[item.path], removed)
        if found is None and not permits(item.path.rpartition("/")[0]):
            found = in_the_way("not-writable", item.path, "lies in a folder that cannot be written", "change its mode")
        if found is not None:
            yield found
    if repository.config("core.ignoreCase") == "true":
        yield from _same_but_for_case(items, index.paths)


def _in_index(item: Item, known: Staged | None) -> Finding | None:
    if known is not None and known.sparse:
        return in_the_way(
            "sparse-checkout",
            item.path,
            "is left out by the sparse checkout",
            "run `git sparse-checkout disable` first",
        )
    if (known.entry if known else None) != item.old:
        return in_the_way(
            "dirty-file", item.path, "has staged changes that are not committed", "commit, stash or unstage them first"
        )
    return None


def _on_disk(top: Path, item: Item, state: disk.Presence, removed: dict[str, Item]) -> Finding | None:
    if state.unreadable:
        return in_the_way("not-readable", item.path, "cannot be read", "change its mode")
    if item.old is not None:
        if state.old:
            return None
        what = "is deleted on disk" if state.absent else "has changes that are not committed"
        return in_the_way("dirty-file", item.path, what, "commit or stash it first")
    if state.absent:
        return None
    if disk.kind(top, item.path) == stat.S_IFDIR and disk.only_caches(top, item.path, removed):
        return None
    if any(_is_same_file(top, item.path, path) for path in removed if path.casefold() == item.path.casefold()):
        return None  # a rename of letters' case on a disk that does not tell them apart
    return in_the_way(
        "file-in-the-way", item.path, "stands where the phase puts a file, and git does not track it",
        "move or remove it first",
    )  # fmt: skip


def _is_same_file(top: Path, one: str, other: str) -> bool:
    try:
        return disk.location(top, one).samefile(disk.location(top, other))
    except OSError:
        return False


def _folders(top: Path, removed: dict[str, Item], submodules: Collection[str]) -> Callable[[str], Finding | None]:
    """Path -> what is wrong with the folders above it; each folder is looked at once."""
    known: dict[str, Finding | None] = {"": None}

    def look(folder: str, path: str) -> Finding | None:
        place = disk.location(top, folder)
        what = disk.kind(top, folder)
        if what == stat.S_IFLNK:
            return in_the_way("symlink-in-the-way", path, f"lies behind the symbolic link {folder}")
        if folder in submodules or (what == stat.S_IFDIR and os.path.lexists(place / ".git")):
            return in_the_way("nested-repository", path, f"lies in another repository, {folder}")
        if what and what != stat.S_IFDIR and folder not in removed:
            return in_the_way("file-in-the-way", path, f"cannot be written: {folder} is a file", "move it first")
        return None

    def above(path: str) -> Finding | None:
        folder = path.rpartition("/")[0]
        if folder not in known:
            known[folder] = above(folder) or look(folder, path)
        return known[folder]

    return above


def _same_but_for_case(items: Sequence[Item], index: Collection[str]) -> Iterator[Finding]:
    gone = {item.path for item in items if item.new is None}
    here = {path.casefold(): path for path in index if path not in gone}
    for item in items:
        if item.new is None or item.old is not None:
            continue
        other = here.setdefault(item.path.casefold(), item.path)
        if other != item.path:
            yield in_the_way("case-collision", item.path, f"and {other} are one file on this disk", "use another name")

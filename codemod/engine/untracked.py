"""Files that are not committed and hold a reference: refused, rewritten or left, as the user has decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from codemod.base.errors import RepositoryError
from codemod.base.findings import Finding
from codemod.plan.model import Barrel, Delete, Merge, Move, Phase, Rename, Split
from codemod.rewrite.outcome import Outcome
from codemod.shell.journal import Item
from codemod.shell.loose import LooseFile, changed, untracked
from codemod.shell.objects import object_id, store
from codemod.shell.obstacles import in_the_way
from codemod.source.tree import Entry

from .session import Session, Start


def loose_items(session: Session, phase: Phase, outcome: Outcome, start: Start, date: str) -> tuple[Item, ...]:
    """What has to be done to untracked files with `--untracked rewrite`.

    Raises RepositoryError with one finding for each file that holds a reference, unless the user has decided.  What is
    staged or changed in a tracked file is asked for, too, and never rewritten: a commit of it is what it waits for.
    """
    if session.request.untracked == "leave":
        return ()
    words = re.compile(rb"\b(?:" + b"|".join(sorted(_words(phase, outcome))) + rb")\b")
    files = [
        file
        for file in chain(untracked(session.repository), _beside(session, outcome, start))
        if (words.search(file.data) or words.search(file.path.encode("utf-8", "surrogateescape")))
        and (session.repository.top / file.path).resolve() != session.plan_file
    ]
    if not files:
        return ()
    before = start.inventory.tree.changed(writes={file.path: file.data for file in files})
    together = session.compute(phase, start.inventory.after(before), start.head.commit, date)
    if together.refused:
        raise RepositoryError(*(_found(file, file.path) for file in files))
    concerned = list(_changed(files, together))
    kept = [one for one in concerned if one[0].tracked or session.request.untracked != "rewrite"]
    if kept:
        raise RepositoryError(*(_found(file, path if data is not None else "") for file, path, data in kept))
    return tuple(_items(session, concerned))


def _beside(session: Session, outcome: Outcome, start: Start) -> Iterator[LooseFile]:
    """Changed files that the phase itself leaves alone; what it touches was found to be as HEAD has it.

    Where the index knows the files of another disk, as in a copy, git takes all of them for changed.
    """
    before, after, length = start.inventory.tree, outcome.after, len(start.head.commit)
    for file in changed(session.repository):
        known = before.entry(file.path)
        as_it_was = known is not None and known.blob == object_id(file.data, length)
        if known == after.entry(file.path) and not as_it_was:
            yield file


def _words(phase: Phase, outcome: Outcome) -> Iterator[bytes]:
    """The words one of which a file must hold to be concerned: the last segments of every name that goes."""
    found = {path.rpartition("/")[2].partition(".")[0] for path in outcome.moves}
    found |= {path.split("/")[-2] for path in outcome.moves if path.endswith("/__init__.py") and "/" in path}
    for operation in phase.do:
        for name in _sources(operation):
            found |= set(re.findall(r"\w+", name.replace(":", ".").rstrip(".").rpartition(".")[2]))
    return (re.escape(word.encode()) for word in found - {"__init__", ""} or {"\0"})


def _sources(operation: object) -> Iterable[str]:
    match operation:
        case Move(pairs=pairs) | Rename(pairs=pairs):
            return [pair.source for pair in pairs]
        case Split(source=source):
            return [source]
        case Merge(sources=sources):
            return sources
        case Delete(modules=modules):
            return modules
        case Barrel(package=package):
            return [package]
        case _:
            return []


def _changed(files: Sequence[LooseFile], outcome: Outcome) -> Iterator[tuple[LooseFile, str, bytes | None]]:
    """(file, path after, bytes after) of each file that the phase would change; None where it would delete it."""
    for file in files:
        path = outcome.moves.get(file.path, file.path)
        data = outcome.after.read(path) if path in outcome.after else None
        if path != file.path or data != file.data:
            yield file, path, data


def _items(session: Session, changed: Sequence[tuple[LooseFile, str, bytes | None]]) -> Iterator[Item]:
    git = session.repository.git
    length = len(session.repository.head().commit)
    store(git, [data for file, _, new in changed for data in (file.data, new) if data is not None])
    for file, path, data in changed:
        old = Entry(file.mode, object_id(file.data, length))
        if data is None:
            raise RepositoryError(_found(file, ""))
        new = Entry(file.mode, object_id(data, length))
        if path == file.path:
            yield Item(path, old, new, tracked=False)
        else:
            yield Item(file.path, old, None, tracked=False)
            yield Item(path, None, new, tracked=False)


def _found(file: LooseFile, after: str) -> Finding:
    if file.path == after:
        what = "refers to what the phase moves"
    else:
        what = f"lies where the phase moves everything (to {after or 'nowhere'})"
    if file.tracked:
        return in_the_way(
            "dirty-file", file.path, f"has changes that are not committed, and {what}",
            "commit or stash it first, or pass it over with --untracked leave",
        )  # fmt: skip
    hint = "add it to git, or decide with --untracked rewrite or --untracked leave"
    return in_the_way("untracked-reference", file.path, f"is not tracked by git and {what}", hint)

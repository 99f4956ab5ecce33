"""Commits beside the line, made by one process: by commands of their own each would cost four."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base.values import dataclass
from codemod.source.tree import Tree

from .commits import PARKED, commit_tree, committed_at
from .git import encoded
from .objects import quoted
from .repository import Identity, Repository


@dataclass(frozen=True, slots=True)
class Beside:
    """A commit beside the line: its tree, its message, and the places of its parents among these commits."""

    tree: Tree
    text: str
    parents: tuple[int, ...]  # none: the commit on the line


@dataclass(frozen=True, slots=True)
class Base:
    """The commit on the line that they start from."""

    commit: str
    tree: Tree


def second_parent(repository: Repository, beside: Sequence[Beside], base: Base, who: Identity, place: str) -> str:
    """Make the commits beside the line, park them under `place` and return the last.

    They are dated a second after `base` at least: git blame visits commits by their date.
    """
    earliest = committed_at(repository.git, base.commit) + 1
    stream = b"".join(_stream(beside, base, who, f"{PARKED}{place}", max(earliest, who.committed)))
    made = repository.git.text("fast-import", "--quiet", stdin=stream).splitlines()
    if not repository.signs:
        return made[-1]
    signed: list[str] = []
    for one, commit in zip(beside, made, strict=True):
        over = [signed[number] for number in one.parents] or [base.commit]
        signed.append(commit_tree(repository, f"{commit}^{{tree}}", over, one.text, who, earliest=earliest))
    return signed[-1]


def _stream(beside: Sequence[Beside], base: Base, who: Identity, ref: str, committed: int) -> Iterator[bytes]:
    """The input of `git fast-import`, which then prints the id of each commit."""
    for number, one in enumerate(beside, 1):
        text = encoded(one.text)
        yield encoded(f"commit {ref}\nmark :{number}\nauthor {who.author} {who.seconds} {who.zone}\n")
        yield encoded(f"committer {who.committer} {committed} {who.zone}\ndata {len(text)}\n") + text + b"\n"
        parents = [f":{place + 1}" for place in one.parents] or [base.commit]
        yield encoded("".join(f"{verb} {over}\n" for verb, over in zip(_verbs(), parents, strict=False)))
        before = beside[one.parents[0]].tree if one.parents else base.tree
        yield from _changes(before, one.tree)
        yield b"\n"
    yield from (b"get-mark :%d\n" % number for number in range(1, len(beside) + 1))


def _verbs() -> Iterator[str]:
    yield "from"
    while True:
        yield "merge"


def _changes(before: Tree, after: Tree) -> Iterator[bytes]:
    """What differs between a commit and its first parent: what goes, then what comes, which may lie under it."""
    delta = list(before.delta(after))
    for path, _, now in delta:
        if now is None:
            yield b"D %s\n" % quoted(path)
    for path, _, now in delta:
        if now is not None:
            data = after.fresh.get(now.blob)
            at = "inline" if data is not None else now.blob
            yield b"M %06o %s %s\n" % (now.mode, at.encode("ascii"), quoted(path))
            if data is not None:
                yield b"data %d\n%s\n" % (len(data), data)

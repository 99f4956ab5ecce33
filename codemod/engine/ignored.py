"""`.git-blame-ignore-revs`: the commits that only rewrite call sites, listed once they have landed.

A commit cannot hold its own id, and squashing or rebasing gives it another one: so the list is brought up to date
behind them, and again whenever the history was rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.shell.commits import IGNORED, rewritings
from codemod.shell.git import mismatch
from codemod.shell.repository import DEEPEN, is_shallow

from .session import Session, Start

MARK = b"# codemod: "
_ENTRY = lazy(rb"# codemod: [^\n]*\n([0-9a-f]{40}|[0-9a-f]{64})[ \t]*\r?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list is to hold, and what becomes of it: a line for each commit that comes or goes."""

    data: bytes
    told: tuple[str, ...] = ()


def listing(session: Session, start: Start, *, asked: bool) -> Listing | None:
    """The list as HEAD's history has it; None where nobody has asked for one, now or by the entries that it has.

    Raises RepositoryError where it was asked for and the history is cut off.
    """
    tree = start.inventory.tree
    entry = tree.entry(IGNORED)
    if entry is not None and not entry.is_file:
        return None
    data = tree.read(IGNORED) if entry is not None else b""
    if not asked and MARK not in data:
        return None
    if is_shallow(session.repository):
        if asked:
            raise mismatch("shallow-clone", "this clone is shallow: which commits have landed cannot be told", DEEPEN)
        return None
    return updated(data, rewritings(session.repository.git, start.head.commit))


def updated(data: bytes, commits: Sequence[tuple[str, str]]) -> Listing:
    """The list with these commits (id, subject); entries of ours for others go, lines of others' stay."""
    known = {commit.encode() for commit, _ in commits}
    gone: list[str] = []

    def kept(found: re.Match[bytes]) -> bytes:
        if found[1] in known:
            return found[0]
        gone.append(found[1].decode())
        return b""

    rest = _ENTRY.sub(kept, data)
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    listed = set(re.findall(rb"(?m)^\s*([0-9a-f]{40,64})\b", rest))
    new = [(commit, subject) for commit, subject in commits if commit.encode() not in listed]
    if new and rest and not rest.endswith(b"\n"):
        rest += newline
    for commit, subject in new:
        rest += MARK + subject.encode("utf-8", "surrogateescape") + newline + commit.encode() + newline
    told = [f"{commit[:12]} only rewrites: {subject}" for commit, subject in new]
    told += [f"{commit[:12]} is not in the history of HEAD any more" for commit in gone]
    return Listing(rest, tuple(told))

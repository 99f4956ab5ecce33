"""Trees of ours become trees of git, through a private index; patches and their size come from these."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from codemod.source.tree import Tree

from .git import Git, decoded, encoded
from .lock import our_folder
from .objects import object_id, store
from .repository import Repository

# Renames as `git diff` finds them by default; everything that a user's configuration could turn is turned back.
DIFF = (
    "-c", "diff.suppressBlankEmpty=false", "-c", "diff.renameLimit=1000", "diff-tree", "-r", "--no-commit-id",
    "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=none", "-M",
)  # fmt: skip
_ELSEWHERE = "GIT_OBJECT_DIRECTORY"
PRIVATE = "codemod-"  # how the folder of a private index is called
PATCH = ("--patch", "--binary", "--full-index", "--unified=3", "--src-prefix=a/", "--dst-prefix=b/")


@dataclass(frozen=True, slots=True)
class Cost:
    """The size of a change as `git diff -M --numstat` counts it; a binary file has no lines."""

    files: int = 0
    added: int = 0
    deleted: int = 0
    renames: int = 0


class Scratch:
    """Writes trees with a private index that starts at a known tree, each later one from what differs."""

    __slots__ = ("_base", "_git", "_known", "_stored", "tree_id")

    def __init__(self, git: Git, index: Path, base: Tree, base_id: str) -> None:
        self._git = git.with_env(GIT_INDEX_FILE=str(index))
        self._base = base
        self._known = {base_id: base}
        self._stored: set[str] = set()
        self.tree_id = base_id
        self._git.run("read-tree", base_id)

    @property
    def git(self) -> Git:
        """git with the private index and the object store that trees are written to."""
        return self._git

    def write(self, tree: Tree) -> str:
        """The id of `tree`, whose objects are then in the store."""
        present = self._known[self.tree_id]
        lines, contents = [], []
        for path, _, after in present.delta(tree):
            if after is None:
                lines.append((0, path, removal(path, len(self.tree_id))))
                continue
            blob = after.blob
            data = tree.fresh.get(blob)
            if data is not None:
                blob = object_id(data, len(self.tree_id))
                if blob not in self._stored:
                    self._stored.add(blob)
                    contents.append(data)
            lines.append((1, path, addition(path, after.mode, blob)))
        if lines:
            store(self._git, contents)
            update = b"".join(line for _, _, line in sorted(lines))
            self._git.run("update-index", "-z", "--index-info", stdin=update)
            self.tree_id = self._git.text("write-tree")
        self._known[self.tree_id] = tree
        return self.tree_id


def addition(path: str, mode: int, blob: str) -> bytes:
    """A line of `update-index -z --index-info` that sets an entry."""
    return b"%06o %s\t%s\0" % (mode, blob.encode("ascii"), encoded(path))


def removal(path: str, length: int) -> bytes:
    """A line of `update-index -z --index-info` that takes an entry out; ids have `length` digits."""
    return b"0 %s\t%s\0" % (b"0" * length, encoded(path))


@contextmanager
def scratch(repository: Repository, base: Tree, base_id: str, *, keep: bool) -> Iterator[Scratch]:
    """A `Scratch` over the repository's objects; unless `keep`, what it writes is gone afterwards."""
    if not keep:
        with aside(repository) as apart, scratch(apart, base, base_id, keep=True) as trees:
            yield trees
        return
    # What is kept is a run's: its index lies where the next command finds and removes it, should we be killed.
    place = None if _ELSEWHERE in repository.git.env else our_folder(repository.git_dir)
    with tempfile.TemporaryDirectory(prefix=PRIVATE, dir=place) as folder:
        yield Scratch(repository.git, Path(folder) / "index", base, base_id)


@contextmanager
def aside(repository: Repository) -> Iterator[Repository]:
    """The same repository with a store of its own for new objects, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=PRIVATE) as folder:
        known = str(repository.common_dir / "objects").replace("\\", "\\\\")
        env = {_ELSEWHERE: folder, "GIT_ALTERNATE_OBJECT_DIRECTORIES": known}
        yield replace(repository, git=repository.git.with_env(**env))


def patch(git: Git, before: str, after: str) -> bytes:
    """The patch between two trees that `git apply --index` takes."""
    return git.run(*DIFF, *PATCH, before, after)


def cost(git: Git, before: str, after: str) -> Cost:
    """The size of the change between two trees or commits."""
    fields = git.run(*DIFF, "--numstat", "-z", before, after).split(b"\0")
    return _counted(iter(fields[:-1]))


def renames(git: Git, before: str, after: str) -> dict[str, str]:
    """Old path -> new path of the files that git takes for renamed between two trees."""
    fields = iter(decoded(git.run(*DIFF, "--diff-filter=R", "--name-status", "-z", before, after)).split("\0")[:-1])
    return {next(fields): next(fields) for _ in fields}


def _counted(fields: Iterable[bytes]) -> Cost:
    files = added = deleted = renames = 0
    source = iter(fields)
    for field in source:
        plus, minus, path = field.split(b"\t", 2)
        if not path:  # a rename: the two paths follow
            next(source), next(source)
            renames += 1
        files += 1
        if plus != b"-":
            added, deleted = added + int(plus), deleted + int(minus)
    return Cost(files, added, deleted, renames)

"""Trees of ours become trees of git; patches and their size come from these."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext

from codemod.base.values import dataclass, replace
from codemod.source.tree import Entry, Tree

from .git import Git, Pending, decoded, encoded
from .objects import object_id
from .packing import Folders, Object, Packing, write_objects
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
    """Writes trees, the first from one that git knows, each later one from what differs."""

    __slots__ = ("_folders", "_keep", "_known", "_pending", "_stored", "git", "tree_id")

    def __init__(self, git: Git, base: Tree, base_id: str, *, keep: bool = True) -> None:
        self.git = git  # with the object store that trees are written to
        self.tree_id = base_id
        self._keep = keep
        self._known = {base_id: base}
        self._stored: set[str] = set()
        self._pending: list[Pending | Packing] = []
        self._folders: Folders | None = None

    def write(self, tree: Tree, *, wait: bool = True) -> str:
        """The id of `tree`, whose objects are then in the store; without `wait`, once `settle` was called."""
        changed = list(self._known[self.tree_id].delta(tree))
        if not changed:
            return self.tree_id
        length = len(self.tree_id)
        contents = {one.blob: tree.fresh[one.blob] for _, _, one in changed if one and one.blob in tree.fresh}
        objects = [Object(b"blob", data) for blob, data in contents.items() if blob not in self._stored]
        self._stored |= contents.keys()
        self._folders = self._folders or Folders(self.git, self.tree_id, self._known[self.tree_id])
        paths = [path for path, _, _ in changed]
        self.tree_id, folders = self._folders.after(_real(tree, length), paths)
        self._pending.append(write_objects(self.git, [*objects, *folders], length, small=self._keep))
        self._known[self.tree_id] = tree
        if wait:
            self.settle()
        return self.tree_id

    def settle(self) -> None:
        """Wait until everything is in the store; raises GitError."""
        while self._pending:
            self._pending.pop(0).result()

    def end(self) -> None:
        """Let go of what is still being written."""
        for pending in self._pending:
            pending.end()


def _real(tree: Tree, length: int) -> Mapping[str, Entry]:
    """The entries of a tree with the ids that git gives their contents: ours are those of SHA-1."""
    if length == 40:
        return tree.entries
    known = {blob: object_id(data, length) for blob, data in tree.fresh.items()}
    return {path: replace(one, blob=known.get(one.blob, one.blob)) for path, one in tree.entries.items()}


def addition(path: str, mode: int, blob: str) -> bytes:
    """A line of `update-index -z --index-info` that sets an entry."""
    return b"%06o %s\t%s\0" % (mode, blob.encode("ascii"), encoded(path))


def removal(path: str, length: int) -> bytes:
    """A line of `update-index -z --index-info` that takes an entry out; ids have `length` digits."""
    return b"0 %s\t%s\0" % (b"0" * length, encoded(path))


@contextmanager
def scratch(repository: Repository, base: Tree, base_id: str, *, keep: bool) -> Iterator[Scratch]:
    """A `Scratch` over the repository's objects; unless `keep`, what it writes is gone afterwards."""
    with nullcontext(repository) if keep else aside(repository) as place:
        trees = Scratch(place.git, base, base_id, keep=keep)
        try:
            yield trees
            trees.settle()
        finally:
            trees.end()


@contextmanager
def aside(repository: Repository) -> Iterator[Repository]:
    """The same repository with a store of its own for new objects, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=PRIVATE) as folder:
        known = str(repository.common_dir / "objects").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        env = {_ELSEWHERE: folder, "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{known}"'}  # which colons part otherwise
        yield replace(repository, git=repository.git.with_env(**env))


def patch(git: Git, before: str, after: str) -> bytes:
    """The patch between two trees that `git apply --index` takes."""
    return git.run(*DIFF, *PATCH, before, after)


def cost(git: Git, before: str, after: str) -> Cost:
    """The size of the change between two trees or commits."""
    return Counting(git, before, after).result()


class Counting:
    """A cost that git counts while we go on."""

    __slots__ = ("_known", "_pending")

    def __init__(self, git: Git, before: str, after: str) -> None:
        self._pending = git.begin(*DIFF, "--numstat", "-z", before, after)
        self._known: Cost | None = None

    def result(self) -> Cost:
        """Wait for it; raises GitError."""
        if self._known is None:
            self._known = _counted(iter(self._pending.result().split(b"\0")[:-1]))
        return self._known

    def end(self) -> None:
        """Nobody asks any more."""
        self._pending.end()


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

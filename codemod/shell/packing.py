"""Blobs and trees written in one go, as a pack of ours: git alone would need an index, and a file for every tree.

Source: gitformat-pack(5).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from codemod.base.values import dataclass
from codemod.source.tree import Entry, Tree

from .forks import Fork, processes
from .git import Git, Pending, encoded
from .objects import Stored, object_id, read_tree

FOLDER = 0o040000
_KINDS = {b"tree": 2, b"blob": 3}
_LEAST = 500_000  # bytes: below, a process costs more than it saves
_LOOSE = 100  # objects from which on git keeps a pack that it gets; fewer become files of their own


@dataclass(frozen=True, slots=True)
class Object:
    """An object of git's to be."""

    kind: bytes
    data: bytes


def write_objects(git: Git, objects: Sequence[Object], length: int, *, small: bool = True) -> Pending | Packing:
    """Write objects into the store, which has to be waited for; ids have `length` digits.

    They need not be `small` where they are read once and thrown away.
    """
    command = ("unpack-objects", "-q") if len(objects) < _LOOSE else ("index-pack", "--stdin")
    if small and processes() > 1 and sum(len(one.data) for one in objects) >= _LEAST:
        packing = Packing(git, command, objects, length)
        if packing.fork is not None:
            return packing
    return git.begin(*command, stdin=_pack(objects, length, 1 if small else 0))


class Packing:
    """Objects that a process beside this one makes small and gives to git."""

    __slots__ = ("_command", "_git", "_length", "_objects", "fork")

    def __init__(self, git: Git, command: tuple[str, ...], objects: Sequence[Object], length: int) -> None:
        self._git, self._command, self._objects, self._length = git, command, objects, length
        self.fork = Fork.doing(lambda: self._begun().result())

    def _begun(self) -> Pending:
        return self._git.begin(*self._command, stdin=_pack(self._objects, self._length, 1))

    def result(self) -> bytes:
        """Wait for it, once; raises GitError.  What the process could not do is done here."""
        said = self.fork.received() if self.fork is not None else None
        self.end()
        return said if isinstance(said, bytes) else self._begun().result()

    def end(self) -> None:
        """Nobody asks any more."""
        if self.fork is not None:
            self.fork.end()
            self.fork = None


def _pack(objects: Sequence[Object], length: int, level: int) -> Iterator[bytes]:
    digest = hashlib.sha1(usedforsecurity=False) if length == 40 else hashlib.sha256()
    for part in _parts(objects, level):
        digest.update(part)
        yield part
    yield digest.digest()


def _parts(objects: Sequence[Object], level: int) -> Iterator[bytes]:
    yield b"PACK" + (2).to_bytes(4, "big") + len(objects).to_bytes(4, "big")
    for one in objects:
        size = len(one.data)
        head = [_KINDS[one.kind] << 4 | size & 15]
        size >>= 4
        while size:
            head[-1] |= 0x80
            head.append(size & 0x7F)
            size >>= 7
        yield bytes(head)
        yield zlib.compress(one.data, level)


class Folders:
    """The trees below a tree: which there are, and what changes of files make of them."""

    __slots__ = ("_known", "_length")

    def __init__(self, git: Git, tree_id: str, tree: Tree) -> None:
        self._length = len(tree_id)
        stored = tree if isinstance(tree, Stored) else read_tree(git, tree_id)
        self._known = {"": tree_id, **stored.folders}  # path of a folder -> id of its tree

    def after(self, entries: Mapping[str, Entry], changed: Iterable[str]) -> tuple[str, list[Object]]:
        """The id of the tree of `entries`, and the trees in it that are new, when these paths have changed."""
        touched = {folder for path in changed for folder in _above(path)}
        inside: dict[str, list[tuple[bytes, int, str]]] = {folder: [] for folder in touched}
        for path, entry in entries.items():
            folder, _, name = path.rpartition("/")
            if folder in inside:
                inside[folder].append((encoded(name), entry.mode, entry.blob))
        for path, found in self._known.items():
            folder, _, name = path.rpartition("/")
            if path and path not in touched and folder in inside:
                inside[folder].append((encoded(name), FOLDER, found))
        made: list[Object] = []
        for path in sorted(touched, key=lambda path: (path.count("/") + bool(path), path), reverse=True):
            self._known.pop(path, None)
            rows = inside[path]
            if not rows and path:
                continue  # a folder that is empty is none
            made.append(Object(b"tree", b"".join(_rows(rows))))
            self._known[path] = object_id(made[-1].data, self._length, b"tree")
            if path:
                folder, _, name = path.rpartition("/")
                inside[folder].append((encoded(name), FOLDER, self._known[path]))
        return self._known[""], made


def _rows(rows: Iterable[tuple[bytes, int, str]]) -> Iterator[bytes]:
    """The entries of a tree in git's order, in which a folder's name ends with a slash."""
    for name, mode, found in sorted(rows, key=lambda row: row[0] + b"/" if row[1] == FOLDER else row[0]):
        yield b"%o %s\0" % (mode, name) + bytes.fromhex(found)


def _above(path: str) -> Iterator[str]:
    """The folders above a path, the top ("") included."""
    while path:
        path = path.rpartition("/")[0]
        yield path

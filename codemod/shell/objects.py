"""Contents and trees as git stores them, read on demand."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from codemod.source.tree import Entry, Tree

from .git import Git, Pending, decoded, encoded, mismatch

KEPT = 64 << 20  # bytes of contents that stay in memory
AHEAD = 256  # blobs asked for at once: their ids fit in a pipe, so that neither side waits for the other
DOUBTS = 16  # files in a row that differ on disk before we stop looking there


def object_id(data: bytes, length: int, kind: bytes = b"blob") -> str:
    """The id of an object in a repository whose ids have `length` hex digits."""
    digest = hashlib.sha1(usedforsecurity=False) if length == 40 else hashlib.sha256()
    digest.update(b"%s %d\0" % (kind, len(data)))
    digest.update(data)
    return digest.hexdigest()


class Blobs(Mapping[str, bytes]):
    """Blob id -> content.

    The file in the work tree is tried first and taken when its hash is the blob's id: reading 10,000 files so takes
    0.2 s where `git cat-file --batch` takes 0.4.  What differs on disk (dirty, filtered) comes from the object store,
    and its neighbours of the same suffix with it.
    """

    __slots__ = ("_batch", "_folder", "_git", "_group", "_kept", "_misses", "_owner", "_paths", "_size")

    def __init__(self, git: Git, folder: Path | None, paths: Mapping[str, str]) -> None:
        self._git = git
        self._folder = str(folder) if folder is not None else ""
        self._paths = paths  # blob id -> a path that holds it
        self._group: dict[str, tuple[dict[str, int], list[str]]] = {}
        self._kept: dict[str, bytes] = {}
        self._size = 0
        self._misses = 0
        self._batch: subprocess.Popen[bytes] | None = None
        self._owner = 0  # the process that started it: a forked one must not share the pipe

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __getitem__(self, blob: str) -> bytes:
        data = self._kept.get(blob)
        if data is None:
            data = self._from_disk(blob)
            if data is None:
                self.prefetch(self._neighbours(blob))
                data = self._kept.get(blob)
                if data is None:  # too large to keep beside its neighbours
                    data = dict(self._stream([blob]))[blob]
            else:
                self._keep(blob, data)
        return data

    def prefetch(self, blobs: Iterable[str]) -> None:
        """Read many contents in one stream."""
        wanted = [blob for blob in dict.fromkeys(blobs) if blob not in self._kept]
        for start in range(0, len(wanted), AHEAD):
            for blob, data in self._stream(wanted[start : start + AHEAD]):
                self._keep(blob, data)

    def close(self) -> None:
        """End the process that streams."""
        if self._batch is not None:
            self._batch.kill()
            self._batch.communicate()
            self._batch = None

    def _keep(self, blob: str, data: bytes) -> None:
        self._kept[blob] = data
        self._size += len(data)
        while self._size > KEPT and len(self._kept) > 1:
            self._size -= len(self._kept.pop(next(iter(self._kept))))

    def _from_disk(self, blob: str) -> bytes | None:
        path = self._paths.get(blob)
        if not self._folder or path is None or self._misses > DOUBTS:
            return None
        try:
            place = os.fsencode(f"{self._folder}/") + encoded(path)
            handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            known = os.fstat(handle)
            if not stat.S_ISREG(known.st_mode):
                return None
            data = os.read(handle, known.st_size)  # short only where the file is changing, or huge
        except OSError:
            return None
        finally:
            os.close(handle)
        if object_id(data, len(blob)) == blob:
            self._misses = 0
            return data
        self._misses += 1
        return None

    def _neighbours(self, blob: str) -> list[str]:
        path = self._paths.get(blob)
        if path is None:
            return [blob]
        suffix = posixpath.splitext(path)[1]
        if suffix not in self._group:
            same = [known for known, at in self._paths.items() if posixpath.splitext(at)[1] == suffix]
            self._group[suffix] = ({known: number for number, known in enumerate(same)}, same)
        numbers, same = self._group[suffix]
        start = numbers[blob]
        return same[start : start + AHEAD]

    def _stream(self, blobs: list[str]) -> Iterator[tuple[str, bytes]]:
        if self._batch is None or self._owner != os.getpid():
            self._batch, self._owner = self._git.start("cat-file", "--batch"), os.getpid()
        into, out = self._batch.stdin, self._batch.stdout
        assert into is not None and out is not None
        into.write("".join(f"{blob}\n" for blob in blobs).encode("ascii"))
        into.flush()
        for blob in blobs:
            header = out.readline().split()
            if len(header) != 3:
                self.close()
                raise mismatch(
                    "object-missing",
                    f"git has no object {blob}" + (f" ({self._paths[blob]})" if blob in self._paths else ""),
                    "in a partial clone, fetch the missing objects first; else see `git fsck`",
                )
            data = out.read(int(header[2]))
            out.read(1)
            yield blob, data


class Stored(Tree):
    """A tree as git has it, with the ids of the trees in it: path of a folder -> id."""

    __slots__ = ("folders",)

    def __init__(self, entries: Mapping[str, Entry], blobs: Mapping[str, bytes], folders: Mapping[str, str]) -> None:
        super().__init__(entries, blobs)
        self.folders = folders


_LISTING = ("ls-tree", "-r", "-t", "-z", "--full-tree")


def listed(git: Git, tree_id: str) -> Pending:
    """What `read_tree` asks git, asked ahead of time."""
    return git.ask(*_LISTING, tree_id)


def read_tree(git: Git, tree_id: str, folder: Path | None = None, listing: Pending | None = None) -> Stored:
    """The tree `tree_id` (a tree or commit), its paths relative to it; `folder` is where its files may lie on disk."""
    entries: dict[str, Entry] = {}
    paths: dict[str, str] = {}
    folders: dict[str, str] = {}
    modes: dict[str, int] = {}
    told = git.run(*_LISTING, tree_id) if listing is None else listing.result()
    for record in decoded(told).split("\0")[:-1]:
        meta, _, path = record.partition("\t")
        said, kind, found = meta.split(" ")
        if kind == "tree":
            folders[path] = found
            continue
        mode = modes.get(said)
        if mode is None:
            mode = modes[said] = int(said, 8)
        entries[path] = Entry(mode, found)
        if kind == "blob":
            paths[found] = path
    return Stored(entries, Blobs(git, folder, paths), folders)


def store(git: Git, contents: Iterable[bytes]) -> None:
    """Write blobs into the object store, with one process for all."""
    stream = b"".join(b"blob\ndata %d\n%s\n" % (len(data), data) for data in contents)
    if stream:
        git.run("fast-import", "--quiet", stdin=stream)


def quoted(path: str) -> bytes:
    """A path as a line of git's input holds it: in C quotes where it needs them."""
    raw = encoded(path)
    if raw.startswith(b'"') or b"\n" in raw:
        raw = b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
    return raw


def quoted_lines(paths: Iterable[str]) -> bytes:
    """Paths for a `--stdin-paths` option: one a line."""
    return b"".join(quoted(path) + b"\n" for path in paths)

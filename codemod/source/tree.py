"""An immutable tree of files: path -> mode and content, the content read on demand and shared."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from codemod.base.values import dataclass

REGULAR, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree: its git mode and the id of its content."""

    mode: int
    blob: str

    @property
    def is_file(self) -> bool:
        """A regular file: not a symbolic link, not a submodule."""
        return self.mode in (REGULAR, EXECUTABLE)


def blob_id(data: bytes) -> str:
    """The id of a blob in a SHA-1 repository; elsewhere just a key that names this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class Tree:
    """An immutable mapping of POSIX paths to entries.

    `blobs` gives the bytes of a blob id; the shell provides one that reads git's object store on demand.
    New content made by `changed` is held in memory, in a layer of its own.
    """

    __slots__ = ("_blobs", "_entries", "_files", "_fresh", "_paths")

    def __init__(
        self, entries: Mapping[str, Entry], blobs: Mapping[str, bytes], fresh: Mapping[str, bytes] | None = None
    ) -> None:
        self._entries = entries
        self._blobs = blobs
        self._fresh = fresh or {}
        self._paths: tuple[str, ...] | None = None
        self._files: dict[tuple[str, ...], tuple[str, ...]] = {}

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Tree:
        """A tree of regular files from their bytes (tests, generated repositories)."""
        blobs = {blob_id(data): data for data in files.values()}
        return cls({path: Entry(REGULAR, blob_id(data)) for path, data in files.items()}, {}, blobs)

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]  # equality by content, too large to hash

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path, sorted."""
        if self._paths is None:
            self._paths = tuple(sorted(self._entries))
        return self._paths

    def files(self, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        """The paths of regular files that end with one of some suffixes, sorted."""
        known = self._files.get(suffixes)
        if known is None:
            entries = self._entries
            known = tuple(path for path in self.paths if path.endswith(suffixes) and entries[path].is_file)
            self._files[suffixes] = known
        return known

    def below(self, folder: str) -> tuple[str, ...]:
        """Every path in a folder ("" is the top) and the folders in it, sorted."""
        if not folder:
            return self.paths
        start = bisect_left(self.paths, folder + "/")
        return self.paths[start : bisect_left(self.paths, folder + "0", start)]  # "0" follows "/"

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Path -> entry."""
        return MappingProxyType(dict(self._entries)) if not isinstance(self._entries, dict) else self._entries

    @property
    def fresh(self) -> Mapping[str, bytes]:
        """The contents that are not in the object store yet, by blob id."""
        return self._fresh

    def entry(self, path: str) -> Entry | None:
        """The entry at `path`, or None."""
        return self._entries.get(path)

    def read(self, path: str) -> bytes:
        """The bytes of the file at `path`; KeyError when there is none."""
        blob = self._entries[path].blob
        data = self._fresh.get(blob)
        return self._blobs[blob] if data is None else data

    def changed(
        self,
        *,
        moves: Mapping[str, str] | None = None,
        writes: Mapping[str, bytes] | None = None,
        deletes: frozenset[str] | set[str] = frozenset(),
    ) -> Tree:
        """A new tree: first `deletes` and `moves` (old path -> new path, all at once), then `writes`.

        A written file keeps its mode; a new one is a regular file.
        """
        moves = moves or {}
        entries = {p: e for p, e in self._entries.items() if p not in moves and p not in deletes}
        for old, new in moves.items():
            entries[new] = self._entries[old]
        fresh = dict(self._fresh)
        for path, data in (writes or {}).items():
            key = blob_id(data)
            fresh[key] = data
            known = entries.get(path)
            entries[path] = Entry(known.mode if known else REGULAR, key)
        return Tree(entries, self._blobs, fresh)

    def delta(self, after: Tree) -> Iterator[tuple[str, Entry | None, Entry | None]]:
        """(path, before, after) of each path whose entry differs, sorted by path."""
        mine, theirs = self._entries, after._entries
        changed = [path for path, entry in theirs.items() if mine.get(path) is not entry]  # most entries are shared
        changed += [path for path in mine if path not in theirs]
        for path in sorted(changed):
            if mine.get(path) != theirs.get(path):
                yield path, mine.get(path), theirs.get(path)

"""The user's work that is in no commit yet: untracked, unignored files, and what is new or changed in tracked ones."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from codemod.base.values import dataclass
from codemod.source.tree import EXECUTABLE, REGULAR

from .disk import location
from .repository import Repository

LOOSE = ("ls-files", "-z", "--others", "--exclude-standard")
CHANGED = ("diff-index", "-z", "--name-only", "--no-renames", "--ignore-submodules", "--diff-filter=AMT", "HEAD", "--")
LARGEST = 2 << 20  # bytes; source is smaller


@dataclass(frozen=True, slots=True)
class LooseFile:
    """A file that is not committed as it is, and what it holds; `tracked` where git's index has it."""

    path: str
    mode: int
    data: bytes
    tracked: bool = False


def untracked(repository: Repository) -> Iterator[LooseFile]:
    """Every untracked, unignored regular file of ordinary size; neither bytecode nor nested repositories."""
    paths = repository.git.records(*LOOSE)
    return _read(repository, (path for path in paths if "__pycache__/" not in path), tracked=False)


def changed(repository: Repository) -> Iterator[LooseFile]:
    """Every regular file of ordinary size that is new in the index, or that index or disk may hold changed."""
    return _read(repository, repository.git.records(*CHANGED), tracked=True)


def _read(repository: Repository, paths: Iterable[str], *, tracked: bool) -> Iterator[LooseFile]:
    for path in paths:
        place = location(repository.top, path)
        try:
            known = place.lstat()
            if not stat.S_ISREG(known.st_mode) or known.st_size > LARGEST or not os.access(place, os.R_OK):
                continue
            yield LooseFile(path, EXECUTABLE if known.st_mode & stat.S_IXUSR else REGULAR, place.read_bytes(), tracked)
        except OSError:
            continue  # gone since it was listed

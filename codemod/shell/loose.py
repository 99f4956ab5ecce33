"""Untracked, unignored files: the user's work that git does not know yet."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from codemod.base.values import dataclass
from codemod.source.tree import EXECUTABLE, REGULAR

from .disk import location
from .repository import Repository

LOOSE = ("ls-files", "-z", "--others", "--exclude-standard")
LARGEST = 2 << 20  # bytes; source is smaller


@dataclass(frozen=True, slots=True)
class LooseFile:
    """An untracked file and what it holds."""

    path: str
    mode: int
    data: bytes


def untracked(repository: Repository) -> Iterator[LooseFile]:
    """Every untracked, unignored regular file of ordinary size; neither bytecode nor nested repositories."""
    for path in repository.git.records(*LOOSE):
        if "__pycache__/" in path:
            continue
        place = location(repository.top, path)
        try:
            known = place.lstat()
            if not stat.S_ISREG(known.st_mode) or known.st_size > LARGEST or not os.access(place, os.R_OK):
                continue
            yield LooseFile(path, EXECUTABLE if known.st_mode & stat.S_IXUSR else REGULAR, place.read_bytes())
        except OSError:
            continue  # gone since it was listed

"""Which checks have passed on which trees, kept from run to run.

Only what passed is kept: what made a check fail, such as a service that was down, may be gone by the next run, and
would then excuse a failure that a phase adds.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

NAME = "passes.json"
KEPT = 1000  # entries
DAYS = 7
_PASSING = frozenset({"_", "PWD", "OLDPWD", "SHLVL", "TERM", "COLUMNS", "LINES"})


class Passes:
    """Keys of checks that passed, each with the time when it did last."""

    __slots__ = ("_known", "_path")

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._known: dict[str, int] | None = None

    def __contains__(self, key: str) -> bool:
        return self._read().get(key, 0) > time.time() - DAYS * 86400

    def add(self, key: str) -> None:
        """Keep that a check passed; a disk that cannot be written to costs a repetition and no more."""
        known = self._known = {**self._fresh(), key: int(time.time())}
        draft = self._path.with_name(f"{NAME}.{os.getpid()}")  # which `forget_drafts` removes, should we be killed
        try:
            draft.write_text(json.dumps(known), "ascii")
            draft.replace(self._path)
        except OSError:
            draft.unlink(missing_ok=True)

    def _fresh(self) -> dict[str, int]:
        since = time.time() - DAYS * 86400
        found = sorted((when, key) for key, when in self._read().items() if when > since)
        return {key: when for when, key in found[1 - KEPT :]}

    def _read(self) -> dict[str, int]:
        if self._known is None:
            try:
                raw = json.loads(self._path.read_text("ascii"))
                self._known = {str(key): int(when) for key, when in raw.items()}
            except (OSError, ValueError, TypeError, AttributeError):
                self._known = {}
        return self._known


def forget_drafts(folder: Path) -> None:
    """Remove what killed runs were about to write."""
    for draft in folder.glob(f"{NAME}.*"):
        draft.unlink(missing_ok=True)


def key_of(
    tree_id: str, command: Sequence[object], env: Mapping[str, str], top: Path, looked_at: Sequence[Path]
) -> str:
    """What must be the same for a check to pass again: tree, command, environment (`top` left out of it), files."""
    said = sorted((name, text.replace(str(top), "")) for name, text in env.items() if name not in _PASSING)
    facts = [_fact(path) for path in looked_at]
    return hashlib.sha256(json.dumps([tree_id, list(command), said, facts]).encode("utf-8", "replace")).hexdigest()


def installed(python: str) -> list[Path]:
    """Files and folders that change when something is installed for an interpreter."""
    root = Path(python).parent.parent
    return [Path(python), root / "pyvenv.cfg", *sorted(root.glob("lib*/python3*/*-packages"))]


def _fact(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (str(path), 0, 0)
    return (str(path), found.st_mtime_ns, found.st_size)

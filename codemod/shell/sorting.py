"""Sorted import blocks stay sorted: our ruff, with the repository's settings, on the files that a phase changes."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped]  # the package is a binary with a look-up

from codemod.base.findings import Finding, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.source.modules import SUFFIXES
from codemod.source.sorting import RULE, Reach, configurations, configured, stand_ins
from codemod.source.tree import Tree

_TIMEOUT = 120.0  # seconds; thousands of files take about one
_MEMORY, _IN_MEMORY = "/dev/shm", 16 * 2**20  # bytes
_BARE = lazy(rb"(?<!\r)\n")
_BETWEEN = lazy(rb"[ \t]+(?=#)")


class _FailedError(Exception):
    """The sorter did not do its work; carries why."""


@dataclass(slots=True)
class RuffSorter:
    """Sorts the import blocks that a phase has put out of order.

    A file counts when its earlier version was sorted, or when it is new.  That ruff ignores the rule for a file holds
    for new files alone: such an ignore is often there for the time of a migration, and what was sorted harms nobody
    sorted.  `findings` tells what kept the last call from its work.  Repositories that sort with isort alone are left
    alone.
    """

    findings: list[Finding] = field(default_factory=list)

    def __call__(self, before: Tree, after: Tree, moves: Mapping[str, str]) -> Mapping[str, bytes]:
        """New bytes by path of `after`; `moves` maps paths before to paths after."""
        self.findings = []
        changed = [path for path, _, entry in before.delta(after) if entry is not None] if configured(after) else []
        fresh = _importing(after, changed)
        if not fresh:
            return {}
        sources = {new: old for old, new in moves.items()}
        earlier = {path: sources.get(path, path) for path in fresh}
        known = _importing(before, [old for old in earlier.values() if old in before])
        try:
            unsorted = _unsorted(before, known) if known else set()
            new = {path: data for path, data in fresh.items() if earlier[path] not in before}
            kept = {path: fresh[path] for path in fresh if path not in new and earlier[path] not in unsorted}
            return {**_sorted(after, kept, Reach.SELECTED), **_sorted(after, new, Reach.WANTED)}
        except (_FailedError, OSError) as error:
            why = str(error).strip().replace("\n", "; ")
            self.findings = [Finding("sorter-unavailable", f"import blocks are not sorted again: {why}", Weight.NOTE)]
            return {}


def _importing(tree: Tree, paths: Sequence[str]) -> dict[str, bytes]:
    """The Python files among `paths` that import; those of mixed line endings are left out, ruff would even them."""
    found = {}
    for path in paths:
        entry = tree.entry(path)
        if path.endswith(SUFFIXES) and entry is not None and entry.is_file:
            data = tree.read(path)
            if b"import" in data and not (b"\r\n" in data and _BARE.search(data)):
                found[path] = data
    return found


def _unsorted(tree: Tree, sources: Mapping[str, bytes]) -> set[str]:
    """The paths of `sources` whose import blocks are not as the settings want them, wherever these apply."""
    with _folder(sources) as top:
        _lay_out(top, tree, sources, Reach.ANYWHERE)
        output = _ruff(top, ["--output-format=json"])
        try:
            named = {Path(item["filename"]).relative_to(top).as_posix() for item in json.loads(output)}
        except (ValueError, TypeError, KeyError) as error:
            raise _FailedError(f"its answer cannot be read: {error}") from error
    return named


def _sorted(tree: Tree, sources: Mapping[str, bytes], reach: Reach) -> dict[str, bytes]:
    """The files that sorting changes, with their new bytes."""
    if not sources:
        return {}
    with _folder(sources) as top:
        _lay_out(top, tree, sources, reach)
        _ruff(top, ["--fix-only"])
        now = {path: _once(data, (top / path).read_bytes()) for path, data in sources.items()}
    return {path: data for path, data in now.items() if data != sources[path]}


def _once(before: bytes, after: bytes) -> bytes:
    """The sorted text; where statements became one, a comment that each of them had stands there once."""
    known = set(before.splitlines())
    lines = after.splitlines(keepends=True)
    return b"".join(line if line.rstrip(b"\r\n") in known else _unrepeated(line) for line in lines)


def _unrepeated(line: bytes) -> bytes:
    code, mark, rest = line.partition(b"#")
    comments = _BETWEEN.split((mark + rest).rstrip())
    once = list(dict.fromkeys(comments))
    return line if len(once) == len(comments) else code + b"  ".join(once) + line[len(line.rstrip()) :]


@contextmanager
def _folder(sources: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder that is gone afterwards; in memory where there is room, since a disk takes its time with many files."""
    small = sum(map(len, sources.values())) < _IN_MEMORY and os.access(_MEMORY, os.W_OK | os.X_OK)
    with tempfile.TemporaryDirectory(prefix="codemod-sort-", dir=_MEMORY if small else None) as folder:
        yield Path(folder).resolve()


def _lay_out(top: Path, tree: Tree, sources: Mapping[str, bytes], reach: Reach) -> None:
    """Write the sources, the settings, and empty files where first-party modules are looked for."""
    files = {**dict.fromkeys(stand_ins(tree, sources), b""), **configurations(tree, reach), **sources}
    for folder in {os.path.dirname(path) for path in files}:  # noqa: PTH120 - POSIX text, thousands of them
        (top / folder).mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        (top / path).write_bytes(data)


def _ruff(top: Path, options: Sequence[str]) -> str:
    """Run ruff's import rules over a folder; what it prints.  Raises _FailedError."""
    command = [find_ruff_bin(), "check", "--no-cache", "--exit-zero", "--no-respect-gitignore", "--quiet"]
    command += [f"--fixable={RULE}", *options, "."]
    env = {name: value for name, value in os.environ.items() if not name.startswith("RUFF_")}
    try:
        done = subprocess.run(
            command, cwd=top, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _FailedError(f"ruff took longer than {_TIMEOUT:.0f} s") from error
    if done.returncode != 0:
        raise _FailedError(done.stderr.decode("utf-8", "replace")[:300] or f"ruff ended with {done.returncode}")
    return done.stdout.decode("utf-8", "replace")

"""Runs a command with every Python below it traced, and keeps what was seen beside the repository's objects."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from codemod.base.values import dataclass, replace
from codemod.rewrite.seen import Seen

from .lock import our_folder
from .repository import Repository
from .tracehook import FOLDER, NAMES, TEXT, TOP

STORE = "trace.json"
_VERSION = 1
_FORWARDED = (signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Traced:
    """How a traced command ended, how many interpreters told of themselves, and what they imported by name."""

    status: int
    interpreters: int
    seen: tuple[Seen, ...]


def traced(repository: Repository, command: Sequence[str], tops: Collection[str], *, apart: bool = False) -> Traced:
    """Run a command to its end with our own standard streams; raises OSError where it cannot be started.

    `tops` are the top-level names of the repository's modules; `apart` sends the command's output to stderr.  The
    status is the command's, or 128 and the number of the signal that ended it.
    """
    with tempfile.TemporaryDirectory(prefix="codemod-trace-") as folder:
        hooks, told = Path(folder) / "hooks", Path(folder) / "seen"
        hooks.mkdir()
        told.mkdir()
        (hooks / "sitecustomize.py").write_text(TEXT, "utf-8")
        env = dict(os.environ)
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(hooks), env.get("PYTHONPATH", "")]))
        env |= {FOLDER: str(told), TOP: os.path.realpath(repository.top), NAMES: ",".join(sorted(tops))}
        with _signals() as running:
            sys.stdout.flush()
            process = subprocess.Popen(command, env=env, stdout=sys.stderr if apart else None)
            running.append(process)
            status = process.wait()
        files = sorted(told.iterdir())
        seen = sorted(set(_read(repository, files)))
    return Traced(status if status >= 0 else 128 - status, len(files), tuple(seen))


@contextmanager
def _signals() -> Iterator[list[subprocess.Popen[bytes]]]:
    """While a command runs, Ctrl-C is its business alone, and what would end us ends it first."""
    running: list[subprocess.Popen[bytes]] = []

    def forward(number: int, frame: object) -> None:
        for process in running:
            process.send_signal(number)

    before = {number: signal.signal(number, forward) for number in _FORWARDED}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield running
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read(repository: Repository, files: Iterable[Path]) -> Iterator[Seen]:
    """What interpreters wrote, of lines in files that git knows or would add."""
    listed = repository.git.records("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    known, lines = set(listed), dict[str, list[str]]()
    for file in files:
        for record in file.read_text("utf-8").splitlines():
            try:
                path, line, name, attribute, via, by = ast.literal_eval(record)
            except (SyntaxError, ValueError):
                continue  # an interpreter that was killed while it wrote
            if path not in known:
                continue
            if path not in lines:
                lines[path] = _lines(repository.top / path)
            text = lines[path][line - 1].strip() if 0 < line <= len(lines[path]) else ""
            yield Seen(path, line, name, attribute, via, by, text)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


# -- the store


def place_of(repository: Repository) -> Path:
    """The file that keeps what was seen: in the git directory, never among the user's files."""
    return repository.git_dir / "codemod" / STORE


def load(repository: Repository) -> tuple[Seen, ...]:
    """What earlier traces saw in the folder that the plan is about; empty where there is none, or none we can read."""
    inside = f"{repository.prefix}/" if repository.prefix else ""
    found = (one for one in _stored(repository) if one.path.startswith(inside))
    return tuple(replace(one, path=one.path.removeprefix(inside)) for one in found)


def _stored(repository: Repository) -> tuple[Seen, ...]:
    try:
        document = json.loads(place_of(repository).read_text("utf-8"))
        return tuple(Seen(**one) for one in document["seen"]) if document["version"] == _VERSION else ()
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def keep(repository: Repository, seen: Sequence[Seen]) -> frozenset[Seen]:
    """Add what was seen to the store and return what is new; a line that has changed since is forgotten.

    Raises RepositoryError where the git directory cannot be written.
    """
    known, now = _stored(repository), {replace(one, line=0) for one in seen}
    paths = {one.path for one in seen}
    lines = {path: {text.strip() for text in _lines(repository.top / path)} for path in paths}
    stay = {
        one
        for one in known
        if one.path not in paths or (one.text in lines[one.path] and replace(one, line=0) not in now)
    }
    folder = our_folder(repository.git_dir)
    document = {"version": _VERSION, "seen": [asdict(one) for one in sorted(stay | set(seen))]}
    with tempfile.NamedTemporaryFile("w", dir=folder, prefix="trace-", delete=False, encoding="utf-8") as part:
        json.dump(document, part, indent=1)
    Path(part.name).replace(folder / STORE)
    old = {replace(one, line=0) for one in known}
    return frozenset(one for one in seen if replace(one, line=0) not in old)

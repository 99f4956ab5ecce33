"""Runs the command line as a process, over real temporary repositories."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COLOURS = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "LINES", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM")
IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
FILES = {
    "app/__init__.py": "",
    "app/status_service.py": "import os\n\n\ndef status():\n    return os.name\n",
    "app/user_service.py": "from app.status_service import status\n\nUSER = status()\n",
    "main.py": "from app.user_service import USER\nfrom app import status_service\n\nprint(USER, status_service)\n",
}
PLAN = """\
version: 1
name: demo
phases:
  - id: status
    title: Move the status service
    owner: Platform
    target: 2025-11-26
    do:
      - move: {app.status_service: app.status.}
  - id: users
    title: Move the user service
    do:
      - move: {app.user_service: app.users.}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


def environment(extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The environment of a test: no colour settings of the caller's, a git identity, nobody's git configuration.

    `extra` wins; None takes a variable out.
    """
    kept = {name: value for name, value in os.environ.items() if name not in COLOURS and not name.startswith("GIT_")}
    wanted = {**kept, **IDENTITY, **(extra or {})}
    return {name: value for name, value in wanted.items() if value is not None}


def codemod(
    *arguments: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    patience: float = 60,
) -> Answer:
    """Run `codemod` in pipes, for so many seconds at most."""
    done = subprocess.run(
        [sys.executable, "-m", "codemod", *map(str, arguments)],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=patience,
    )
    return Answer(done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode())


def on_terminal(
    *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str | None] | None = None, columns: int = 80
) -> Answer:
    """Run `codemod` with both streams on one pseudo-terminal; all that it says comes as `out`."""
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "codemod", *map(str, arguments)],
        cwd=cwd,
        env=environment({"TERM": "xterm-256color", "COLUMNS": str(columns), **(env or {})}),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    said = bytearray()
    try:
        while chunk := os.read(main, 65536):
            said += chunk
    except OSError:  # the other side has closed: how Linux ends a pseudo-terminal
        pass
    finally:
        os.close(main)
    return Answer(process.wait(60), said.decode("utf-8", "replace").replace("\r\n", "\n"), "")


def git(folder: Path, *arguments: str) -> str:
    """Run git."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment(), check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def repository(folder: Path, files: Mapping[str, str | bytes] = FILES) -> Path:
    """A repository with one commit."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "before")
    return folder


def on_a_branch(repo: Path, name: str, files: Mapping[str, str]) -> None:
    """A commit on a branch of its own; main is checked out again."""
    git(repo, "checkout", "-qb", name)
    for path, text in files.items():
        (repo / path).write_text(text)
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "on the branch")
    git(repo, "checkout", "-q", "main")


def written(folder: Path, text: str = PLAN, name: str = "plan.yaml") -> Path:
    """A plan file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def state_of(folder: Path) -> Sequence[str]:
    """Everything that a command which writes nothing must leave alone."""
    return git(folder, "rev-parse", "HEAD"), git(folder, "status", "--porcelain"), git(folder, "for-each-ref")

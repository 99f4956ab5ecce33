"""Real temporary git repositories, a plan for them, and a session over both."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codemod.engine.events import Listener, Request, RunResult
from codemod.engine.session import Session

IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Cy Committer",
    "GIT_COMMITTER_EMAIL": "cy@example.org",
}
FILES: Mapping[str, str | bytes] = {
    "app/__init__.py": "",
    "app/user.py": "NAME = 'ann'\n",
    "app/order.py": "from app.user import NAME\n\nORDER = NAME\n",
    "main.py": "from app.user import NAME\nprint(NAME)\n",
    "notes.txt": "nothing to see\n",
}
MOVE = "[{move: {app.user: app.accounts.user}}]"


def plan_text(*phases: str, defaults: str = "{}") -> str:
    """A plan with these phases, each `id: do` or a whole flow mapping."""
    rows = "\n".join(f"  - {phase}" for phase in phases)
    return f"version: 1\nname: demo\ndefaults: {defaults}\nphases:\n{rows}\n"


@dataclass(frozen=True)
class Repo:
    """A repository under test; the plan lies beside it."""

    top: Path

    @classmethod
    def make(cls, top: Path, files: Mapping[str, str | bytes] = FILES, *options: str) -> Repo:
        top.mkdir(parents=True)
        repo = cls(top)
        repo.git("init", "-q", "-b", "main", *options)
        repo.commit(files, "start")
        return repo

    def git(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            ["git", *args],
            cwd=self.top,
            input=stdin,
            capture_output=True,
            check=False,
            env={**os.environ, **(env or {})},
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for path, data in files.items():
            place = self.top / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data if isinstance(data, bytes) else data.encode())

    def commit(self, files: Mapping[str, str | bytes], message: str = "more") -> str:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "-m", message)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    @property
    def status(self) -> str:
        return self.git("status", "--porcelain=v1", "-uall")

    def read(self, path: str) -> str:
        return (self.top / path).read_text()

    def has(self, path: str) -> bool:
        return os.path.lexists(self.top / path)

    def trailers(self, commit: str = "HEAD") -> dict[str, str]:
        lines = self.git("log", "-1", "--format=%(trailers:only,unfold)", commit).splitlines()
        return dict(line.split(": ", 1) for line in lines if line)

    def state(self) -> dict[str, Any]:
        """Everything that a command that fails must leave as it was."""
        files = {
            str(path.relative_to(self.top)): path.readlink()
            if path.is_symlink()
            else (path.read_bytes(), path.stat().st_mode)
            for path in sorted(self.top.rglob("*"))
            if ".git" not in path.relative_to(self.top).parts and (path.is_symlink() or path.is_file())
        }
        return {
            "refs": self.git("for-each-ref"),
            "head": self.git("symbolic-ref", "-q", "HEAD") if (self.top / ".git/HEAD").exists() else "",
            "index": self.git("ls-files", "-s", "-v"),
            "worktrees": self.git("worktree", "list"),
            "files": files,
        }

    def leftovers(self) -> list[str]:
        """What of ours is left in the git directory beside the lock file and the checks that passed."""
        git_dir = Path(self.git("rev-parse", "--absolute-git-dir"))
        ours = [path.name for path in (git_dir / "codemod").glob("*") if path.name not in ("lock", "passes.json")]
        return ours + self.git("for-each-ref", "refs/codemod").splitlines() + [
            path.name for path in git_dir.glob("*.lock")
        ]  # fmt: skip

    def plan(self, text: str | None = None) -> Path:
        path = self.top.parent / "plan.yaml"
        path.write_text(text or plan_text(f"{{id: one, title: Move the user, do: {MOVE}}}"))
        return path

    def session(self, text: str | None = None, listener: Listener | None = None, **wanted: Any) -> Session:
        wanted = {"repo": self.top, "checks": False, **wanted}
        return Session.open(Request(self.plan(text), **wanted), listener)

    def run(self, text: str | None = None, **wanted: Any) -> RunResult:
        return self.session(text, **wanted).run(every=True)


def codes(result: RunResult) -> list[str]:
    """The reason codes of a run, in order."""
    return [finding.code for phase in result.phases for finding in phase.findings]

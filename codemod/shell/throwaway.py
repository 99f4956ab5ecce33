"""A repository for the time of a rehearsal: the user's objects by reference, everything else its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .git import Git
from .lock import undisturbed
from .objects import quoted_lines
from .repository import Head, Repository, discover

# No identity is needed on the user's side, no hook runs, nothing is signed, and nothing is packed behind our back.
SETTINGS = {
    "user.name": "codemod rehearsal",
    "user.email": "rehearsal@codemod.invalid",
    "core.hooksPath": "/dev/null",
    "commit.gpgSign": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
}


@contextmanager
def throwaway(repository: Repository, head: Head) -> Iterator[Repository]:
    """A copy whose HEAD has the folder that the plan is about; with its history when that is the whole repository."""
    folder = Path(tempfile.mkdtemp(prefix="codemod-rehearsal-"))
    try:
        yield _built(repository, head, folder / (repository.folder.name or "copy"))
    finally:
        with undisturbed():
            shutil.rmtree(folder, ignore_errors=True)


def _built(repository: Repository, head: Head, top: Path) -> Repository:
    top.mkdir()
    kind = repository.git.text("rev-parse", "--show-object-format")
    git = Git(top)
    git.run("init", "--quiet", "--template=", f"--object-format={kind}", "--initial-branch=main")
    alternates = top / ".git" / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_bytes(quoted_lines([str(repository.common_dir / "objects")]))
    git.configure(SETTINGS)
    commit = head.commit
    if repository.prefix:
        commit = git.text("commit-tree", "-m", "As committed", repository.tree_id(head.commit))
    elif (repository.common_dir / "shallow").exists():
        shutil.copy(repository.common_dir / "shallow", top / ".git" / "shallow")
    git.run("update-ref", "refs/heads/main", commit)
    git.run("read-tree", "--reset", "-u", commit)
    return discover(top)

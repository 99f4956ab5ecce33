"""A locked detached work tree in which checks and hooks run, so that the user's own is never touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from codemod.base.values import dataclass

from .git import Git
from .lock import undisturbed
from .repository import Repository

NAME = "codemod-"


@dataclass(slots=True)
class Worktree:
    """A work tree of the user's repository at a commit; `links` are taken from `origin`, the user's own folder."""

    git: Git
    top: Path
    origin: Path
    links: Sequence[str]
    tree_id: str = ""

    def show(self, commit: str, tree_id: str) -> None:
        """Let HEAD, index and files be those of a commit, and nothing else be there."""
        self.git.run("update-ref", "--no-deref", "HEAD", commit)
        self.git.run("read-tree", "--reset", "-u", tree_id)
        self.git.run("clean", "-ffdxq")
        self.tree_id = tree_id
        for name in self.links:
            self._link(name)

    def _link(self, name: str) -> None:
        source, place = self.origin / name, self.top / name
        inside = Path(os.path.realpath(source.parent)).is_relative_to(os.path.realpath(self.origin))
        if inside and source.exists() and not os.path.lexists(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(source.absolute())


@contextmanager
def worktree(repository: Repository, commit: str, run: str, links: Sequence[str], origin: Path) -> Iterator[Worktree]:
    """A work tree for the time of the block, without files until `show`."""
    folder = Path(tempfile.mkdtemp(prefix=NAME))
    top = folder / f"{NAME}{run}"
    note = repository.git_dir / "codemod" / "worktree"
    try:
        note.parent.mkdir(exist_ok=True)
        note.write_text(f"{top}\n", "utf-8", "surrogateescape")
        # Without a checkout no hook of the user's runs.
        repository.git.run("worktree", "add", "--quiet", "--detach", "--lock", "--no-checkout", "--", str(top), commit)
        yield Worktree(Git(top), top, origin, links)
    finally:
        with undisturbed():
            discard(repository)


def discard(repository: Repository) -> None:
    """Remove the work tree that this run, or a killed one, has noted.

    Not with `git worktree prune`: that would also forget the user's own on a disk that is not mounted.
    """
    note = repository.git_dir / "codemod" / "worktree"
    try:
        top = Path(note.read_text("utf-8", "surrogateescape").removesuffix("\n"))
    except FileNotFoundError:
        return
    if top.name.startswith(NAME) and top.parent.name.startswith(NAME):
        shutil.rmtree(top.parent, ignore_errors=True)
        admin = repository.common_dir / "worktrees"
        shutil.rmtree(admin / top.name, ignore_errors=True)
        if admin.is_dir() and not any(admin.iterdir()):
            admin.rmdir()
    note.unlink(missing_ok=True)

"""The user's own hooks, run as `git commit` would, but in our work tree and with its index."""

from __future__ import annotations

import os
from pathlib import Path

from codemod.base.errors import Refused
from codemod.base.findings import Finding, Weight

from .git import decoded
from .repository import Repository
from .worktree import Worktree

TRAILERS = ("Codemod-Phase:", "Codemod-Kind:", "Codemod-Digest:")
TAIL = 20  # lines of a hook's output that are shown


def configured(repository: Repository, *names: str) -> frozenset[str]:
    """Those of the hooks of these names that git would run; `core.hooksPath` counts."""
    asked = [argument for name in names for argument in ("--git-path", f"hooks/{name}")]
    paths = decoded(repository.git.run("rev-parse", *asked)).removesuffix("\n").split("\n")
    places = zip(names, (repository.top / path for path in paths), strict=False)
    return frozenset(name for name, path in places if path.is_file() and os.access(path, os.X_OK))


def _run(worktree: Worktree, name: str, *args: str) -> None:
    index = worktree.git.text("rev-parse", "--path-format=absolute", "--git-path", "index")
    git = worktree.git.with_env(GIT_INDEX_FILE=index, GIT_EDITOR=":")
    status, out, err = git.answer(*_home(worktree), "hook", "run", "--ignore-missing", name, "--", *args, plain=True)
    if status:
        said = "\n".join((decoded(out) + err).strip().splitlines()[-TAIL:])
        raise Refused(Finding("hook-veto", f"the {name} hook says no (exit {status})\n{said}".strip(), Weight.REFUSAL))


def _home(worktree: Worktree) -> tuple[str, ...]:
    """The setting that names the user's hooks where git would look in our work tree: most are not committed."""
    place = worktree.git.lookup("config", "--type=path", "core.hooksPath")
    return ("-c", f"core.hooksPath={worktree.origin / place}") if place and not place.startswith("/") else ()


def pre_commit(worktree: Worktree, parent: str, tree_id: str) -> str:
    """The tree after the pre-commit hook: another one where it has staged edits.  Raises Refused on its veto."""
    worktree.show(parent, tree_id)
    _run(worktree, "pre-commit")
    worktree.tree_id = ""
    return worktree.git.text("write-tree")


def commit_msg(worktree: Worktree, text: str) -> str:
    """The message after the commit-msg hook.

    Raises Refused on its veto, and where the trailers are gone by which the phase would be known again.
    """
    path = Path(worktree.git.text("rev-parse", "--path-format=absolute", "--git-path", "COMMIT_EDITMSG"))
    path.write_text(text, "utf-8", "surrogateescape")
    _run(worktree, "commit-msg", str(path))
    edited = path.read_text("utf-8", "surrogateescape")
    rows = frozenset(edited.splitlines())
    lost = [row.partition(":")[0] for row in text.splitlines() if row.startswith(TRAILERS) and row not in rows]
    if lost:
        what = f"the commit-msg hook has taken out {', '.join(lost)}"
        hint = "status, undo, prove and carry know a phase by them: let the hook keep trailers"
        raise Refused(Finding("hook-veto", what, Weight.REFUSAL, hint=hint))
    return edited

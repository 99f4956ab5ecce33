"""Three-way merges of trees, made by git without a work tree; nothing is checked out and no ref moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .git import Git, decoded, mismatch

# git 2.39 takes no trees and no base: commits over one base of our own stand for them.  Nobody sees them.
_NOBODY: Mapping[str, str] = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "codemod"), ("EMAIL", "codemod@localhost"), ("DATE", "@0 +0000"))
}


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge: the id of its tree, and the paths that conflict (their files hold markers)."""

    tree_id: str
    conflicts: tuple[str, ...] = ()


def stand_in(git: Git, tree: str, *parents: str) -> str:
    """A commit that stands for a tree in a merge; `tree` is a tree's id or a commit's."""
    made = git.text("rev-parse", f"{tree}^{{tree}}")
    over = [argument for parent in parents for argument in ("-p", parent)]
    return git.with_env(**_NOBODY).text("commit-tree", *over, "-m", "merge", made)


def merge_trees(git: Git, base: str, ours: str, theirs: str, *, folders: bool = True) -> Merged:
    """The merge of two trees over a third.

    `folders` lets a new file follow the folder that the other side has renamed, as git does by default.
    """
    middle = stand_in(git, base)
    return merge_commits(git, stand_in(git, ours, middle), stand_in(git, theirs, middle), folders=folders)


def merge_commits(git: Git, ours: str, theirs: str, *, folders: bool = True) -> Merged:
    """The merge of two commits over what git finds as their base."""
    kept = () if folders else ("-c", "merge.directoryRenames=false")
    status, out, err = git.answer(
        *kept, "-c", "merge.conflictStyle=merge", "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages",
        "--allow-unrelated-histories", ours, theirs,
    )  # fmt: skip
    if status > 1:
        raise mismatch("git-failed", f"git merge-tree: {err.strip()}")
    tree_id, *conflicts = decoded(out).split("\0")[:-1] or [""]
    return Merged(tree_id, tuple(dict.fromkeys(conflicts)))


def merge_base(git: Git, one: str, other: str) -> str:
    """The best common ancestor of two commits; empty where there is none."""
    return git.lookup("merge-base", one, other).partition("\n")[0]

"""Three-way merges of trees, made by git without a work tree; nothing is checked out and no ref moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from codemod.base.values import dataclass

from .git import Git, decoded, mismatch

# git 2.39 takes no trees and no base: commits over one base of our own stand for them.  Nobody sees them.  Their date
# is later than any other: git looks for common ancestors by date, and would walk all of history to reach an early one.
_NOBODY: Mapping[str, str] = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "codemod"), ("EMAIL", "codemod@localhost"), ("DATE", "@4070908800 +0000"))
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
        *kept, "-c", "merge.conflictStyle=merge", "merge-tree", "--write-tree", "-z", "--name-only", "--messages",
        "--allow-unrelated-histories", ours, theirs,
    )  # fmt: skip
    if status not in (0, 1):
        raise mismatch("git-failed", f"git merge-tree: {err.strip()}")
    if not status:
        return Merged(decoded(out).partition("\0")[0])
    tree_id, *fields = decoded(out).split("\0")
    end = fields.index("")
    return Merged(tree_id, tuple(dict.fromkeys(fields[:end] or _told(fields[end + 1 :]))))


def _told(fields: Sequence[str]) -> Iterator[str]:
    """The paths of messages about conflicts: some, as that of a folder that was divided, leave no file in conflict."""
    left = iter(fields)
    for number in left:
        if number:
            paths = [next(left) for _ in range(int(number))]
            if next(left).startswith("CONFLICT"):
                yield from paths
            next(left)


def merge_base(git: Git, one: str, other: str) -> str:
    """The best common ancestor of two commits; empty where there is none."""
    return git.lookup("merge-base", one, other).partition("\n")[0]

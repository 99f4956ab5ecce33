"""Local branches: which there are, where they are checked out, and how one moves."""

from __future__ import annotations

from difflib import get_close_matches

from codemod.base.values import dataclass

from .commits import commit_signed
from .git import Git, decoded, mismatch
from .refs import move_ref
from .repository import Repository

HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Branch:
    """A local branch: its name without `refs/heads/`, and its commit."""

    name: str
    commit: str

    @property
    def ref(self) -> str:
        """The full name of its ref."""
        return HEADS + self.name


def branches(git: Git) -> tuple[Branch, ...]:
    """Every local branch, the one that changed last in front; a second name for another is left out."""
    found = []
    form = "--format=%(objectname) %(refname) %(symref)"
    for line in git.text("for-each-ref", "--sort=-committerdate", form, HEADS).splitlines():
        commit, ref, other = line.split(" ")
        if not other:
            found.append(Branch(ref.removeprefix(HEADS), commit))
    return tuple(found)


def branch_of(git: Git, name: str) -> Branch:
    """A local branch by its name; raises RepositoryError, with what it may have been meant to be."""
    known = branches(git)
    other = git.lookup("symbolic-ref", "--quiet", HEADS + name)
    short = name if any(branch.name == name for branch in known) else (other or name).removeprefix(HEADS)
    found = next((branch for branch in known if branch.name == short), None)
    if found is None:
        near = get_close_matches(short, [branch.name for branch in known], 1)
        hint = f"did you mean {near[0]}?" if near else "see `git branch`; fetch and check out a remote one first"
        raise mismatch("branch-unknown", f"there is no local branch {name}", hint)
    return found


def is_ancestor(git: Git, one: str, other: str) -> bool:
    """True for two commits the first of which is the second, or in its history."""
    return git.answer("merge-base", "--is-ancestor", one, other)[0] == 0


def since(git: Git, base: str, commit: str, *, merges: bool = False) -> list[str]:
    """The commits after `base` up to `commit`, oldest first; a merge among them raises RepositoryError."""
    found = decoded(git.run("rev-list", "--reverse", "--topo-order", commit, f"^{base}", "--")).split()
    merged = [] if merges else decoded(git.run("rev-list", "--merges", commit, f"^{base}", "--")).split()
    if merged:
        what = f"the branch has a merge of its own ({merged[0][:12]}), which no series of commits can hold"
        raise mismatch("carry-merges", what, "carry it without --rebase")
    return found


def commit_again(repository: Repository, commit: str, tree: str, parent: str) -> str:
    """The commit with another tree on another parent; author, date and message stay."""
    git = repository.git
    form = "--format=%an%x00%ae%x00%ad%x00%B"
    record = git.text("show", "-s", "--no-show-signature", "--no-notes", "--date=raw", form, commit)
    name, mail, date, text = record.split("\0", 3)
    author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_AUTHOR_DATE": f"@{date}"}
    return commit_signed(repository, git.with_env(**author), tree, [parent], text.rstrip("\n") + "\n")


def move_branch(repository: Repository, branch: Branch, new: str, reason: str) -> None:
    """Move a branch that is checked out nowhere, if it is still where it was; make it where it has no commit yet.

    Raises RepositoryError, or Refused on a hook's veto.
    """
    move_ref(repository.git, branch.ref, new, branch.commit, reason)

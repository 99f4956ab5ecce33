"""How a ref moves: only from where we know it to be, and a hook of the user's may say no."""

from __future__ import annotations

from .git import VETO, Git, failure, mismatch


def move_ref(git: Git, ref: str, new: str, old: str, reason: str, *, detached: bool = False) -> None:
    """Let `ref` be `new` if it still is `old`; "" for a ref that is not there.  `detached` moves HEAD itself.

    Raises Refused on the veto of a reference-transaction hook, RepositoryError where git cannot.
    """
    options = ["--no-deref"] if detached else []
    status, _, err = git.answer("update-ref", *options, "-m", f"codemod: {reason}", ref, new, old or "0" * len(new))
    if status and VETO.search(err):
        raise failure(("update-ref", ref), status, err)
    if status:
        raise mismatch("ref-moved", f"{ref} cannot be moved: {err.strip().removeprefix('fatal: ')}", "run it again")

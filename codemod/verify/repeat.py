"""Idempotence: a phase that is carried out on its own result changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.source.tree import Tree


def check(first: Tree, second: Tree) -> Iterator[Finding]:
    """`not-idempotent` for each path that a second run (`second`) leaves other than the first one did."""
    for path, was, now in first.delta(second):
        what = "appears" if was is None else "goes" if now is None else "changes again"
        yield Finding(
            "not-idempotent", f"on a second run {path} {what}", Weight.REFUSAL, Place(path),
            "a bug of ours, please report it with the plan and this file",
        )  # fmt: skip

"""Writes go to regular files only."""

from __future__ import annotations

import pytest

from codemod.operations.tracker import run
from codemod.operations.writers import WRITERS
from codemod.plan.model import Barrel, Delete, Document, Plan, Scaffold, Snapshot
from codemod.source.tree import REGULAR, SUBMODULE, SYMLINK, Entry, Tree
from tests.operations.writing import apply_results, context_of


def tree_of(modes: dict[str, int]) -> Tree:
    blobs = dict.fromkeys(modes, b"")
    return Tree({path: Entry(mode, path) for path, mode in modes.items()}, blobs)


TREE = tree_of(
    {
        "app/__init__.py": SYMLINK,
        "app/a.py": REGULAR,
        "README.md": SYMLINK,
        "vendor": SUBMODULE,
        "docs/x/y.md": REGULAR,
        "lib/__init__.py": REGULAR,
    }
)


@pytest.mark.parametrize(
    ("operation", "blocker"),
    [
        (Barrel("app"), "app/__init__.py"),
        (Document("README.md", "News", "x"), "README.md"),
        (Snapshot("lib", "vendor/deps.md"), "vendor"),
        (Snapshot("lib", "docs/x"), "docs/x"),
    ],
)
def test_no_write_through_what_is_no_file(operation: Barrel | Document | Snapshot, blocker: str) -> None:
    ran = apply_results(TREE, WRITERS[type(operation)](operation, context_of(TREE, operation)))
    assert [(f.code, f.blocks, str(f.place)) for f in ran.findings] == [("not-a-regular-file", True, blocker)]
    assert not ran.writes


def test_tracker_that_is_a_link() -> None:
    plan = Plan("case", (), tracker="README.md")
    context = context_of(TREE, Scaffold("x"))
    ran = apply_results(TREE, run(plan, context.phase, context))
    assert [f.code for f in ran.findings] == ["not-a-regular-file"]


@pytest.mark.parametrize("operation", [Scaffold("lib"), Delete(modules=("lib",)), Document("docs/new.md", "News", "x")])
def test_regular_files_are_written(operation: Scaffold | Delete | Document) -> None:
    ran = apply_results(TREE, WRITERS[type(operation)](operation, context_of(TREE, operation)))
    assert ran.writes and not ran.findings

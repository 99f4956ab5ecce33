"""A look at a repository without a plan: what `graph` and `inspect` ask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from codemod.shell.objects import read_tree
from codemod.shell.repository import meant
from codemod.source.inventory import Inventory


def open_tree(repo: Path | None = None, roots: Sequence[str] = ()) -> Inventory:
    """The committed files of a repository: the folder `repo`, else the whole repository that the user stands in.

    A folder below a git top level counts as a repository of its own.  Raises RepositoryError.
    """
    repository = meant(repo)
    tree_id = repository.tree_id(repository.head().commit)
    return Inventory(read_tree(repository.git, tree_id, repository.folder), roots)

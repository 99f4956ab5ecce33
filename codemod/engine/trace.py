"""A command is run under the eyes of an import hook, and what it imported by name is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from codemod.base import names
from codemod.base.values import dataclass, replace
from codemod.rewrite.seen import Seen
from codemod.shell import tracing
from codemod.shell.objects import read_tree
from codemod.shell.repository import discover, here
from codemod.source.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Trace:
    """How the command ended, what was seen, what of it is new, and where it is kept."""

    status: int
    interpreters: int
    seen: tuple[Seen, ...]
    new: frozenset[Seen]
    stored: Path


def trace(command: Sequence[str], repo: Path | None = None, *, apart: bool = False) -> Trace:
    """Run a command in the folder where the user stands, and keep what its programs import by name.

    `apart` sends what it says to stderr.  Raises RepositoryError, and OSError where the command cannot be started.
    """
    repository = replace(discover(repo or here()), prefix="")
    tree = read_tree(repository.git, repository.tree_id(repository.head().commit), repository.folder)
    done = tracing.traced(repository, command, _tops(Inventory(tree)), apart=apart)
    new = tracing.keep(repository, done.seen)
    return Trace(done.status, done.interpreters, done.seen, new, tracing.place_of(repository))


def _tops(inventory: Inventory) -> frozenset[str]:
    """What the dotted name of a module of ours may begin with, through whichever folder it is reached."""
    parts = {part for module in inventory.modules for part in module.name.split(".")}
    return frozenset(part for part in parts if names.is_dotted(part))

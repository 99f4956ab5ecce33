"""What one command has learned of a repository's contents, for the next one."""

from __future__ import annotations

from pathlib import Path

from codemod.shell import cache
from codemod.source.inventory import FEW, Inventory
from codemod.source.tree import Tree

MANY = 200  # files: of a repository with fewer nothing is kept


class Remembered:
    """What is in the user's cache for a repository, whose folder of git's names it."""

    __slots__ = ("_common_dir", "_learned")

    def __init__(self, common_dir: Path) -> None:
        self._common_dir = common_dir
        self._learned = 0  # how much of what is known is in the cache

    def recall(self, inventory: Inventory) -> None:
        """Tell an inventory, of which nothing is known yet, what is kept."""
        kept = cache.load(self._common_dir)
        if kept:
            inventory.recall(kept)
            self._learned = inventory.learned(_blobs(inventory.tree))

    def keep(self, head: Inventory, before: Inventory) -> None:
        """Keep what is known of HEAD's files, and of those that a phase began with, where it is much that is new."""
        if len(before.tree.entries) < MANY or cache.folder() is None:
            return
        blobs = _blobs(head.tree, before.tree)
        learned = before.learned(blobs)
        if learned - self._learned >= FEW:
            cache.store(self._common_dir, before.kept(blobs))
            self._learned = learned


def _blobs(*trees: Tree) -> set[str]:
    return {entry.blob for tree in trees for entry in tree.entries.values()}

"""What a pass over a tree has settled, so that the pass which proves it looks only at what is new."""

from __future__ import annotations

from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.search import Said, Search
from codemod.source.tree import Tree

from .view import View


@dataclass(slots=True)
class Settled:
    """Contents that a search has judged, and files in which nothing was to be changed, by path and content."""

    asked: tuple[object, ...] = ()
    judged: dict[str, Said] = field(default_factory=dict)  # blob id -> whether it may hold a reference
    words: frozenset[bytes] = frozenset()
    silent: set[tuple[str, str]] = field(default_factory=set)  # texts in which nothing was to be changed, likewise
    asking: dict[str, int] = field(default_factory=dict)  # blob id -> what it may find at run time
    asked_for: Intent = field(default_factory=Intent)  # by this rename table
    intent: Intent = field(default_factory=Intent)
    still: dict[tuple[str, str], View] = field(default_factory=dict)

    def judged_by(self, search: Search) -> dict[str, Said]:
        """Blob id -> whether the content may hold a reference, as far as `search` was asked."""
        if self.asked != search.key:
            self.asked, self.judged = search.key, {}
        return self.judged

    def begin(self, intent: Intent) -> None:
        """A pass with this rename table begins: what was settled with another one counts no more."""
        if not _renames_alike(intent, self.intent):
            self.still = {}
            self.silent = set()
        self.intent = intent

    def asking_of(self, intent: Intent) -> dict[str, int]:
        """Blob id -> what the content may find of `intent` while it runs, as far as it was asked."""
        if not _renames_alike(intent, self.asked_for):
            self.asking = {}
        self.asked_for = intent
        return self.asking

    def ask(self, words: frozenset[bytes]) -> None:
        """A pass asks which texts spell one of these words: who spells none of more words spells none of fewer."""
        if not words <= self.words:
            self.silent = set()
        self.words = words

    def quiet(self, tree: Tree, path: str) -> bool:
        """True when this text was looked at, and nothing was to be changed."""
        return (path, tree.entries[path].blob) in self.silent

    def hush(self, tree: Tree, path: str) -> None:
        """Nothing was to be changed in this text."""
        self.silent.add((path, tree.entries[path].blob))

    def holds(self, path: str, view: View) -> bool:
        """True when this content was looked at from the same point of view, and nothing was to be changed."""
        known = self.still.get((path, _blob(view.inventory, path)))
        return known is not None and _point(known) == _point(view)

    def keep(self, path: str, view: View) -> None:
        """Nothing was to be changed here."""
        self.still[path, _blob(view.inventory, path)] = view


def _renames_alike(one: Intent, other: Intent) -> bool:
    return (one.modules, one.symbols) == (other.modules, other.symbols)


def _blob(inventory: Inventory, path: str) -> str:
    entry = inventory.tree.entry(path)
    return entry.blob if entry is not None else ""


def _point(view: View) -> tuple[str, ...]:
    """All of a view but the trees."""
    return view.module, view.package, view.new_module, view.new_package

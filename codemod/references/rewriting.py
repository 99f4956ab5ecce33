"""The single pass over the files: candidates found by bytes, each visited once, every edit made in memory."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

from codemod.base import names
from codemod.base.findings import Finding, Place
from codemod.base.spread import Spread, alone
from codemod.base.values import dataclass, field, replace
from codemod.plan.model import Settled as Entry
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.intent import Intent, Symbol
from codemod.rewrite.outcome import Change
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.source.origins import brings, may_star
from codemod.source.ours import is_guard, shim_of
from codemod.source.reach import Reach
from codemod.source.search import CODE, Search, candidates
from codemod.source.sieve import Closer, Sieve, sift
from codemod.source.text import Text
from codemod.source.tree import Tree

from .argv import argv_edits
from .commented import commented_edits
from .doubled import findings_of, without_twice
from .dynamic import ASKS, LEADS, SEARCHES, closer, dynamic, files_that, holding
from .elsewhere import Elsewhere
from .finder import claiming, mentions, words_of
from .handed import propagate
from .keeping import Kept, keeping
from .mangled import mangled_edits
from .needles import Needles
from .neighbours import Neighbours, hiding, neighbours
from .python import Result, rewrite
from .runtime import Searches, searches
from .settled import Settled
from .stored import decoded
from .touch import Touch, divided
from .view import View

ENOUGH = 2_000_000  # bytes
MANY = 20  # modules whose names move: asking for each of them costs more than it saves

Progress = Callable[[str, int, int], None]
_Task = tuple[str, Searches | None]  # a file that is to be rewritten, or searched for what finds modules at run time


@dataclass(slots=True)
class Rewriting:
    """The outcome of a pass: new bytes by old path, and what to tell."""

    writes: dict[str, bytes] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    candidates: tuple[str, ...] = ()
    intent: Intent = field(default_factory=Intent)


def search_for(intent: Intent, inventory: Inventory, carried: Collection[str] = ()) -> Search:
    """The search that finds every file which may hold a reference to something that the intent renames."""
    words = {name for _, name in intent.symbols}
    # A script finds its neighbours by their bare names.
    bare = {names.last(name) for name in intent.modules if _in_plain_folder(name, inventory)}
    asked = divided(intent, inventory)  # for their place, by who may name nothing of them
    return Search({*intent.modules, *bare, *carried, *asked}, words)


def _carried(intent: Intent, inventory: Inventory) -> Iterator[str]:
    """Further names of modules that move: those under which star imports of their packages hand them on."""
    given: dict[str, list[str]] = {}
    for old in intent.modules:
        above = inventory.modules.get(names.parent(old))
        if above is not None and above.path and brings(inventory, above, names.last(old)):
            given.setdefault(above.name, []).append(names.last(old))
    importers: dict[str, list[str]] = {}
    for path in inventory.tree.paths if given else ():
        own = inventory.modules.at(path) if path.endswith("__init__.py") else None
        entry = inventory.tree.entry(path)
        if own is not None and entry is not None and entry.is_file and may_star(inventory.tree.read(path)):
            for statement in inventory.facts(path).imports:
                origin = inventory.origin(statement, path) if statement.is_star else None
                importers.setdefault(origin or "", []).append(own.name)
    for package, lasts in given.items():
        todo, seen = [package], {package}
        while todo:
            found = set(importers.get(todo.pop(), ())) - seen
            seen |= found
            todo += found
        yield from (names.join(other, last) for other in seen - {package} for last in lasts)


def _sieve(intent: Intent, inventory: Inventory) -> tuple[Sieve, frozenset[str]]:
    """A sieve that passes what the search can find, and the folders whose files it must not hold back.

    A name that only moves is reached through its module; one that is renamed may have been handed on.
    """
    homes = {module for module, _ in intent.symbols}
    if len(homes) > MANY:
        return inventory.sieve(()), frozenset()
    reached = [Reach.of(inventory, module) for module in homes]
    words = {names.last(name).encode() for name in intent.modules}.union(*(reach.words for reach in reached))
    words |= {name.encode() for (_, name), (_, new) in intent.symbols.items() if name != new}
    return inventory.sieve(words), frozenset().union(*(reach.folders for reach in reached))


def _in_plain_folder(name: str, inventory: Inventory) -> bool:
    module, package = inventory.modules.get(name), inventory.modules.get(names.parent(name))
    return module is not None and package is not None and not package.path


def rewrite_references(
    inventory: Inventory, intent: Intent, progress: Progress | None = None, also: Collection[str] = (),
    facade: bool = False, exempt: Collection[str] = (), spread: Spread = alone, settled: Settled | None = None,
    kept: Sequence[Entry] = (), sieves: Sequence[Sieve] = (),
) -> Rewriting:  # fmt: skip
    """Rewrite every reference in the files of `inventory` (names before) by `intent`.

    `also` are further files to visit; `exempt` are ours and stay as they are; `settled` is what an earlier pass found;
    where `kept`, the plan's entries, match a line, nothing but code is rewritten there; `sieves` are others that the
    files will be put through, asked about each while it is at hand.
    """
    if intent.empty:
        return Rewriting(intent=intent)
    settled = settled if settled is not None else Settled()
    carried = frozenset(_carried(intent, inventory))
    spelling = _spelling(inventory, search_for(intent, inventory, carried), intent, sieves, settled, spread)
    visited = _visited(inventory, intent, (*also, *intent.files), spelling, settled)
    near = Neighbours() if facade else neighbours(inventory, intent)
    inventory.modules.beside = near.meant
    visited |= near.meant.keys()
    searching = list(files_that(inventory, intent, settled, SEARCHES))
    intent = _propagated(inventory, intent, visited)
    external, touch = Elsewhere(inventory), Touch.of(intent, carried, inventory)
    found = [*near.findings, *(() if facade else hiding(inventory, intent))]
    result = Rewriting(findings=found, candidates=tuple(sorted(visited)), intent=intent)
    settled.begin(intent)
    held = holding(inventory, intent)
    ours = (path for path in result.candidates if _is_ours_to_edit(inventory.tree, path))
    every = (View.of(path, inventory, intent, facade, held(path)) for path in ours)
    views = {view.path: view for view in every if not settled.holds(view.path, view)}
    words, tree = words_of(intent), inventory.tree
    settled.ask(words)
    spelled = mentions(words)
    paths, places = list(views), list[_Task]()
    if not facade:
        paths += _texts(inventory, {*exempt, *result.candidates}, settled)
        sought = searches(inventory, intent, searching)
        places += ((path, sought) for path in sought.paths)
    places += ((path, None) for path in paths)

    def visit(place: _Task) -> Result | None:
        path, searching = place
        if searching is not None:
            told = list(searching.findings(path))
            return Result(b"", findings=told) if told else None
        view = views.get(path)
        if view is None and not claiming(path):
            return None
        data = tree.read(path)
        if view is None and path not in intent.files and not spelled(data):  # what moves may hold relative paths
            return None
        stays = keeping(kept, intent.files.get(path, path), data)
        if view is None:
            return _text(View.of(path, inventory, intent), data, stays)
        done = rewrite(view, data, external, touch, _beside, stays)
        if done.data is data:
            return done if done.findings else None
        if done.facts is not None:
            inventory.learn_content(done.data, done.facts)
        return replace(done, facts=None)

    told = partial(_advance, progress, len(places))
    size = _size(tree, (path for path in paths if path in views or claiming(path)))
    answers = spread(visit, places, size=size, memory=inventory, told=told)
    _collect(result, tree, zip(places, answers, strict=True), views, settled)
    inventory.modules.beside = {}  # other passes over this tree ask what a name means everywhere
    return result


def _advance(progress: Progress | None, number_of_all: int, number: int) -> None:
    if progress:
        progress("rewrite", number, number_of_all)


def _collect(
    result: Rewriting, tree: Tree, answers: Iterable[tuple[_Task, Result | None]], views: Mapping[str, View],
    settled: Settled,
) -> None:  # fmt: skip
    """Put what became of each file into the result, and keep for a later pass where nothing was to be done."""
    for (path, searching), done in answers:
        if done is not None:
            result.findings += done.findings
            if searching is None and done.data != tree.read(path):
                result.writes[path] = done.data
                result.changes += done.changes
        elif searching is not None:
            continue
        elif path in views:
            settled.keep(path, views[path])
        else:
            settled.hush(tree, path)


def _size(tree: Tree, paths: Iterable[str]) -> int:
    """How many bytes there are to look at; beyond some nobody counts, since whoever reads a file should need it."""
    size = 0
    for path in paths:
        size += len(tree.read(path))
        if size > ENOUGH:
            break
    return size


def _beside(view: View, text: Text, code: bytes, tree: Callable[[], ast.Module]) -> Iterator[Edit]:
    """Edits to what is no name in code: private names, command lines that it gives, names and paths in comments."""
    yield from mangled_edits(view, text)
    needles = replace(Needles.of(view), all=False)
    if needles.found(decoded(code)):
        yield from argv_edits(view, text, code, tree)
        yield from commented_edits(view, text, needles, tree)


def _spelling(
    inventory: Inventory, search: Search, intent: Intent, others: Sequence[Sieve], settled: Settled, spread: Spread
) -> Iterator[str]:  # fmt: skip
    """The Python files that may spell what changes; the other sieves are asked about all files on the way."""
    sieve, inside = _sieve(intent, inventory)
    judged = settled.judged_by(search)
    closers = [closer(inventory, intent, settled)]
    if not inside:
        closers.append(Closer(sieve, lambda data, _: search(data), judged))
    sift(inventory.tree, CODE, [sieve, dynamic(inventory, intent), *others], spread, closers)
    return candidates(inventory.tree, search, judged, sieve, inside, inventory.package_at)


def _visited(
    inventory: Inventory, intent: Intent, also: Collection[str], found: Iterable[str], settled: Settled
) -> set[str]:  # fmt: skip
    """The Python files that may hold a reference, and those that are looked at whatever they hold."""
    visited = set(found)
    parents = (inventory.modules.get(names.parent(name)) for name in intent.modules)
    visited |= {module.path for module in parents if module is not None and module.path}  # `__all__` names submodules
    visited |= {path for path in also if path.endswith(SUFFIXES) and path in inventory.tree}
    told = ASKS | LEADS if intent.files else ASKS
    return visited.union(_star_importers(inventory, intent), files_that(inventory, intent, settled, told))


def _is_ours_to_edit(tree: Tree, path: str) -> bool:
    """A regular file that is no shim, and no guard against old names."""
    entry = tree.entry(path)
    if entry is None or not entry.is_file:
        return False
    data = tree.read(path)
    return shim_of(data) is None and not is_guard(data)


def _texts(inventory: Inventory, exempt: Collection[str], settled: Settled) -> Iterator[str]:
    """The files that are not code, and may hold references of another kind."""
    tree = inventory.tree
    for path in tree.files(("",)):
        if not path.endswith(SUFFIXES) and path not in exempt and not settled.quiet(tree, path):
            yield path


def _text(view: View, data: bytes, kept: Kept | None) -> Result | None:
    """Every kind of reference that is not code, in one file."""
    edits = [edit for finder in claiming(view.path) for edit in finder.find(view.path, data, view)]
    edits = [edit for edit in edits if kept is None or not kept(edit.start)]
    if not edits:
        return None
    place = view.intent.files.get(view.path, view.path)
    edits, dropped = without_twice(view.path, data, edits)
    changes = [Change(Place(place, data.count(b"\n", 0, e.start) + 1), e.reason, e.review) for e in edits]
    return Result(apply(data, edits), changes, list(findings_of(place, data, dropped)))


def _star_importers(inventory: Inventory, intent: Intent) -> Iterator[str]:
    """Files that may hand on a name that moves, or gets another name, without spelling it: `from m import *`.

    Who imports everything from such a file hands the name on in turn.
    """
    fresh = {old[0] for old, (home, new) in intent.symbols.items() if old[1] != new or home != intent.module(old[0])}
    seen: set[str] = set()
    while fresh:
        seen |= fresh
        handing: set[str] = set()
        for path in candidates(inventory.tree, Search(fresh)):
            facts = inventory.facts(path) if may_star(inventory.tree.read(path)) else None
            stars = [statement for statement in facts.imports if statement.is_star] if facts is not None else []
            if stars:
                yield path
            own = inventory.modules.at(path)
            if own is not None and any(inventory.origin(statement, path) in fresh for statement in stars):
                handing.add(own.name)
        fresh = handing - seen


def _propagated(inventory: Inventory, intent: Intent, visited: Collection[str]) -> Intent:
    """The intent with the re-exports that follow a renamed symbol, to the fixed point."""
    fresh = {old: new for old, new in intent.symbols.items() if old[1] != new[1]}
    while fresh:
        words = [name.encode() for _, name in fresh]
        found: dict[Symbol, Symbol] = {}
        for path in sorted(visited):
            entry = inventory.tree.entry(path)
            if entry is None or not entry.is_file:
                continue
            data = inventory.tree.read(path)
            if b"*" in data or any(word in data for word in words):
                view = View.of(path, inventory, intent)
                found.update(propagate(view, data, inventory.facts(path)))
        fresh = {old: new for old, new in found.items() if old not in intent.symbols}
        symbols: Mapping[Symbol, Symbol] = {**intent.symbols, **fresh}
        intent = replace(intent, symbols=symbols)
    return intent

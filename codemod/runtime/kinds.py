"""Every kind of runtime names: what a phase would change of them, and how they stay what they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from codemod.base.findings import Finding, Weight
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.intent import Intent, Symbol
from codemod.rewrite.outcome import OwnName
from codemod.source.inventory import Inventory
from codemod.source.sieve import Sieve

from .arq import Arq
from .celery import CELERY
from .django import Django
from .dramatiq import DRAMATIQ
from .entry_points import EntryPoints
from .huey import HUEY
from .kind import QUEUES, Kind, Moved, RuntimeName, Survey
from .loggers import CONFIGURING, Loggers
from .pickled import PICKLING, Pickled
from .rq import Rq
from .sqlalchemy import SqlAlchemy

KINDS: tuple[Kind, ...] = (
    CELERY,
    HUEY,
    DRAMATIQ,
    Rq(),
    Arq(),
    Pickled(),
    Django(),
    Loggers(),
    SqlAlchemy(),
    EntryPoints(),
)

Found = tuple[tuple[Kind, RuntimeName], ...]


def sieves(inventory: Inventory) -> list[Sieve]:
    """The sieves through which `runtime_names` puts every file of Python."""
    return [inventory.sieve(words) for words in (QUEUES, CONFIGURING, PICKLING)]


def runtime_names(before: Inventory, intent: Intent) -> Found:
    """What a phase changes of the names that live outside the code, in order of place."""
    if intent.empty:
        return ()
    survey = Survey(before, intent)
    found = [(kind, name) for kind in KINDS for name in kind.find(survey)] if survey.moved else []
    return tuple(sorted(found, key=lambda pair: pair[1].place))


def findings(found: Found, pins: Collection[str], shims: str) -> Iterator[Finding]:
    """A finding for each name that somebody loses and no pin keeps; `shims` is what stays at the old paths."""
    for kind, name in found:
        pinned = kind.name in pins
        if not name.lost or (pinned and name.can_stay):
            continue
        hint = f"`pin: [{kind.name}]` in this phase keeps the old one" if name.can_stay else name.hint
        later = "once its shim is gone, " if name.importable is not None and shims != "none" else ""
        message = f"{name.what} becomes {name.new}: {later}{name.lost}"
        yield Finding(kind.code, message, Weight.REVIEW, name.place, hint)


def pinned(before: Inventory, found: Found, pins: Collection[str]) -> Mapping[str, bytes]:
    """New bytes by path of the tree before the phase, in which the pinned names are said by the code itself."""
    edits: dict[str, list[Edit]] = {}
    writes: dict[str, bytes] = {}
    for kind, name in found:
        if kind.name in pins:
            edits.setdefault(name.place.path, []).extend(name.edits)
            writes.update(name.creates)
    for path, changes in edits.items():
        module = before.modules.at(path)
        text = Moved(module, path, before.tree.read(path), Intent()).text if module is not None and changes else None
        if text is not None:
            writes[path] = text.raw(apply(text.data, changes))
    return writes


def importable(found: Found, pins: Collection[str], intent: Intent) -> Intent:
    """The part of a rename table whose old names have to stay importable."""
    modules: dict[str, str] = {}
    symbols: dict[Symbol, Symbol] = {}
    for kind, name in found:
        if kind.name not in pins or name.importable is None:
            continue
        module, inner = name.importable
        if (module, inner) in intent.symbols:
            symbols[module, inner] = intent.symbols[module, inner]
        else:
            modules[module] = intent.module(module)
    return Intent(modules, symbols)


def still_needed(now: Inventory, shims: Mapping[str, tuple[str, str]], pins: Collection[str]) -> frozenset[str]:
    """The shims that a pin keeps: old dotted name -> (module, name or "") that it leads to.

    They are found by asking what would be lost if what is there went back to where it came from.
    """
    modules = {module: old for old, (module, name) in shims.items() if not name}
    symbols = {(module, name): _parted(old) for old, (module, name) in shims.items() if name}
    found = runtime_names(now, Intent(modules, symbols)) if pins and shims else ()
    kept = importable(found, pins, Intent(modules, symbols))
    return frozenset(
        old
        for old, (module, name) in shims.items()
        if (name and (module, name) in kept.symbols) or module in kept.modules
    )


def _parted(dotted: str) -> Symbol:
    module, _, name = dotted.rpartition(".")
    return module, name


def own_names(inventory: Inventory, paths: Sequence[str]) -> Iterator[OwnName]:
    """What files say that they are known by outside the code."""
    for path in paths:
        module = inventory.modules.at(path)
        if module is not None and path.endswith(".py"):
            moved = Moved(module, path, inventory.tree.read(path), Intent())
            for kind in KINDS:
                yield from kind.own(moved)

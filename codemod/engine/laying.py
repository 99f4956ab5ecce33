"""How a phase is laid out in commits, and how many of the files that it moves git follows through them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from codemod.operations.context import Context
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Commit, Forecast
from codemod.source.tree import Tree
from codemod.verify import history
from codemod.verify.waypoints import waypoints

from . import budget


@dataclass(frozen=True, slots=True)
class Laid:
    """The commits of a phase, without its shims, and what git follows through them."""

    commits: tuple[Commit, ...] = ()
    forecast: Forecast = field(default_factory=Forecast)


def laid_out(whole: Commit, context: Context, intent: Intent, written: frozenset[str], held: bool) -> Laid:
    """The commits that lead to the tree of `whole`; `written` are the files that operations wrote.

    Where the phase `held` before, nothing moves any more.
    """
    before, how = context.before.tree, context.phase.settings.history
    if whole.tree == before:
        return Laid(forecast=history.forecast(intent.files, history.Detected()))
    at_once = _found(before, whole.tree, intent)
    first, *rest = budget.divided(_with(whole, at_once), context, intent, written)
    found = _found(before, first.tree, intent) if rest else at_once
    if held:
        return Laid((_with(first, found), *rest), history.forecast(intent.files, found))
    if how == "two-commit":
        renamed, *others = (*_renamed(first, before, intent), *rest)
        found = _found(before, renamed.tree, intent)
        return Laid((_with(renamed, found), *others), history.forecast(intent.files, found))
    after = context.now.after(first.tree) if rest else context.now
    beside = waypoints(context.before, after, intent, found.blamed, always=how == "waypoint")
    told = at_once if how == "squash-safe" else found  # somebody makes one commit of all
    return Laid((replace(_with(first, found), waypoints=beside), *rest), history.forecast(intent.files, told))


def followed(commits: Sequence[Commit], before: Tree) -> Iterator[Commit]:
    """The commits with the renames that git finds in each."""
    for commit in commits:
        yield commit if commit.renames else _with(commit, history.renames(before, commit.tree))
        before = commit.tree


def _with(commit: Commit, found: history.Detected) -> Commit:
    return replace(commit, renames={old: new for new, old in found.pairs.items()})


def _renamed(first: Commit, before: Tree, intent: Intent) -> Iterator[Commit]:
    """The pure renames, then the commit that they are taken out of."""
    moves = {old: new for old, new in intent.files.items() if old in before}
    renamed = before.changed(moves=moves)
    if renamed not in (before, first.tree):
        yield Commit(first.kind, renamed, green=False, about="the files, unchanged")
        first = replace(first, kind="rewrite", renames={})
    yield first


def _found(before: Tree, after: Tree, intent: Intent) -> history.Detected:
    moving = intent.files or intent.symbols
    return history.renames(before, after, intent.files) if moving else history.Detected()

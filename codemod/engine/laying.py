"""How a phase is laid out in commits, and how many of the files that it moves git follows through them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base.values import dataclass, field, replace
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Commit, Forecast
from codemod.source.tree import Tree
from codemod.verify import history
from codemod.verify.waypoints import waypoints

from . import budget
from .dividing import CarryOut, Division, Part, titled


@dataclass(frozen=True, slots=True)
class Laid:
    """The commits of a phase, without its shims, and what git follows through them."""

    commits: tuple[Commit, ...] = ()
    forecast: Forecast = field(default_factory=Forecast)


def laid_out(part: Part, *, held: bool, carry_out: CarryOut | None = None) -> Laid:
    """The commits that lead to the end of a phase, or of a part of one.

    Where the phase `held` before, nothing moves any more.  A move that is over the budget is divided, if `carry_out`
    can carry out a part of the phase.
    """
    intent, before, whole, how = part.intent, part.context.before.tree, part.whole, part.phase.settings.history
    if whole.tree == before:
        return Laid(forecast=history.forecast(intent.files, history.Detected()))
    at_once = _found(before, whole.tree, intent)
    first, *rest = budget.divided(_with(whole, at_once), part.context, intent, part.written)
    found = _found(before, first.tree, intent) if rest else at_once
    if held:
        return Laid((_with(first, found), *rest), history.forecast(intent.files, found))
    if carry_out is not None and _too_large(_with(first, found), part):
        parts = Division(part.phase, carry_out, _fits).parts(part.context.before)
        if parts:
            return _together(parts, part, at_once)
    if how == "two-commit":
        renamed, *others = (*_renamed(first, before, intent), *rest)
        found = _found(before, renamed.tree, intent)
        return Laid((_with(renamed, found), *others), history.forecast(intent.files, found))
    after = part.context.now.after(first.tree) if rest else part.context.now
    beside = waypoints(part.context.before, after, intent, found.blamed, always=how == "waypoint")
    told = at_once if how == "squash-safe" else found  # somebody makes one commit of all
    return Laid((replace(_with(first, found), waypoints=beside), *rest), history.forecast(intent.files, told))


def _too_large(first: Commit, part: Part) -> bool:
    limit = budget.Budget.of(part.phase.settings)
    return bool(limit.lines or limit.files) and any(budget.too_large((first,), part.context.before.tree, limit))


def _fits(part: Part) -> bool:
    """True where the commit that moves is within the budget, with all that may come later taken out of it."""
    before = part.context.before.tree
    whole = _with(part.whole, _found(before, part.whole.tree, part.intent))
    first, *rest = budget.divided(whole, part.context, part.intent, part.written)
    return not _too_large(_with(first, _found(before, first.tree, part.intent)) if rest else first, part)


def _together(parts: Sequence[Part], whole: Part, at_once: history.Detected) -> Laid:
    """The commits of all parts, and one for what the phase does beside."""
    commits: list[Commit] = []
    told: list[Forecast] = []
    for part in parts:
        laid = laid_out(part, held=False)
        first, *rest = laid.commits
        commits += [replace(first, about=": ".join(filter(None, (titled(part.phase), first.about)))), *rest]
        told.append(laid.forecast)
    if commits[-1].tree != whole.whole.tree:
        commits.append(Commit("write", whole.whole.tree, about="the rest"))
    if whole.phase.settings.history == "squash-safe":
        told = [history.forecast(whole.intent.files, at_once)]
    lost = tuple(path for one in told for path in one.lost)
    moved, kept, alone = (sum(getattr(one, name) for one in told) for name in ("moved", "followed", "alone"))
    return Laid(tuple(commits), Forecast(moved, kept, lost, alone, max(one.limit for one in told)))


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

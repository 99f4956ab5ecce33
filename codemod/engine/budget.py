"""A phase that is larger than its budget as several commits, each green: redirects, call sites in groups, the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from codemod.analysis.ownership import codeowners, owners_of
from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass
from codemod.operations.context import Context
from codemod.operations.passing import TEXTS, deferrable, passing
from codemod.plan.model import Settings
from codemod.report.cost import Cost, changed_lines, cost_between, costs_between
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Commit
from codemod.source.tree import Tree

ROOM = 32  # letters for a path in the subject of a commit


@dataclass(frozen=True, slots=True)
class Budget:
    """How large a commit may be; 0: as large as it likes."""

    lines: int
    files: int

    @classmethod
    def of(cls, settings: Settings) -> Budget:
        """The budget that a phase sets."""
        return cls(settings.budget_lines, settings.budget_files)

    def allows(self, lines: int, files: int) -> bool:
        """True when a commit of this size is within it."""
        return not ((self.lines and lines > self.lines) or (self.files and files > self.files))

    def holds(self, cost: Cost) -> bool:
        """True when a commit of this cost is within it."""
        return self.allows(cost.added + cost.deleted, cost.files)

    def __str__(self) -> str:
        parts = [f"{number} {word}" for number, word in ((self.lines, "lines"), (self.files, "files")) if number]
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class Group:
    """Files whose call sites are rewritten in one commit."""

    name: str
    paths: tuple[str, ...]


def divided(whole: Commit, context: Context, intent: Intent, written: frozenset[str]) -> tuple[Commit, ...]:
    """The commits that lead to the tree of `whole`; that one alone where it is within the budget, or indivisible.

    `context.now` is the tree with everything done but shims, `written` are the files that operations wrote.
    """
    budget, before, now = Budget.of(context.phase.settings), context.before, context.now
    if not (budget.lines or budget.files):
        return (whole,)
    cost = cost_between(before.tree, now.tree, whole.renames)
    if budget.holds(cost):
        return (whole,)
    changed = [path for path, _, _ in before.tree.delta(now.tree)]
    rewritten = [path for path in changed if path not in written or not path.endswith(".py")]
    redirected = passing(context, intent)
    later = [
        path
        for path in deferrable(rewritten, before, now, intent)
        if path not in redirected.paths and (path.endswith(TEXTS) or redirected.serves(before.tree.read(path)))
    ]
    if not later:
        return (whole,)
    first = with_files(redirected.now.tree, before.tree, later)
    alone = cost_between(before.tree, first, whole.renames)
    if not budget.holds(alone) and alone.added + alone.deleted >= cost.added + cost.deleted:
        return (whole,)  # the redirect is more than what it puts off
    sizes = {path: size_of(path, before.tree, now.tree) for path in later}
    commits = [Commit(whole.kind, first)] if first != before.tree else []
    done: list[str] = []
    for group in grouped(sizes, budget, owner_of(before.tree)):
        done += group.paths
        commits.append(Commit("rewrite", with_files(first, now.tree, done), about=group.name))
    if commits[-1].tree != now.tree:
        commits.append(Commit("unshim", now.tree, about="no redirects any more"))
    return tuple(commits)


def with_files(tree: Tree, source: Tree, paths: Sequence[str]) -> Tree:
    """`tree` with these files as they are in `source`, or gone where they are not there."""
    present = {path: source.read(path) for path in paths if path in source}
    return tree.changed(deletes={path for path in paths if path not in source}).changed(writes=present)


def size_of(path: str, before: Tree, after: Tree) -> int:
    """Added and deleted lines of a file that stays where it is."""
    one = before.read(path) if path in before else b""
    return sum(changed_lines(one, after.read(path) if path in after else b""))


def owner_of(tree: Tree) -> Callable[[str], str]:
    """Who owns a path by CODEOWNERS; "" where nobody does."""
    _, rules = codeowners(tree)
    return lambda path: " ".join(owners_of(path, rules))


def grouped(sizes: Mapping[str, int], budget: Budget, owner: Callable[[str], str]) -> Iterator[Group]:
    """Files by owner, then by folder: a folder is divided where it is over the budget, neighbours stay together.

    Where a file belongs is a matter of its path and of what changes around it, so a second run finds the same groups.
    """
    by_owner: dict[str, list[str]] = {}
    for path in sorted(sizes):
        by_owner.setdefault(owner(path), []).append(path)
    for name, paths in sorted(by_owner.items()):
        for found in _folder(paths, 0, sizes, budget):
            yield Group(f"{_named(found)}{f' ({name})' if name else ''}", tuple(found))


def _folder(paths: Sequence[str], depth: int, sizes: Mapping[str, int], budget: Budget) -> Iterator[list[str]]:
    """Groups of files that share their first `depth` folders."""
    if len(paths) == 1 or budget.allows(sum(sizes[path] for path in paths), len(paths)):
        yield list(paths)
        return
    inner: dict[str, list[str]] = {}
    for path in paths:
        inner.setdefault("/".join(path.split("/")[: depth + 1]), []).append(path)
    together: list[str] = []
    for _, members in sorted(inner.items()):
        size = sum(sizes[path] for path in (*together, *members))
        if budget.allows(size, len(together) + len(members)):
            together += members
            continue
        if together:
            yield together
        together = []
        *full, last = _folder(members, depth + 1, sizes, budget)
        yield from full
        if full:
            yield last
        else:
            together = last
    if together:
        yield together


def _named(paths: Sequence[str]) -> str:
    """The call sites of a group in words: the folder that they share, and where they begin and end in it."""
    if len(paths) == 1:
        return f"call sites in {_end(paths[0])}"
    parts = [path.split("/") for path in paths]
    shared = 0
    while all(len(part) > shared + 1 and part[shared] == parts[0][shared] for part in parts):
        shared += 1
    folder = _end("/".join(parts[0][:shared]))
    tops = list(dict.fromkeys(part[shared] for part in parts))
    inside = tops[0] if len(tops) == 1 else ", ".join(tops) if len(tops) < 4 else f"{tops[0]} to {tops[-1]}"
    return f"call sites in {folder}: {inside}" if folder else f"call sites in {inside}"


def _end(path: str) -> str:
    """A path, or as many of its last parts as there is room for in a subject: the last one at least."""
    while len(path) > ROOM and "/" in path:
        path = path.partition("/")[2]
    return path


def too_large(commits: Sequence[Commit], before: Tree, budget: Budget) -> Iterator[Finding]:
    """A note on each commit that is over the budget and cannot be made smaller."""
    if not (budget.lines or budget.files):
        return
    for number, (commit, cost) in enumerate(zip(commits, costs_between(before, commits), strict=True), 1):
        if not budget.holds(cost):
            yield Finding(
                "over-budget",
                f"commit {number} of {len(commits)} ({commit.kind}) cannot be smaller: {cost}; the budget is {budget}",
                Weight.NOTE,
            )

"""What a merge brought back: files in a package that a published phase has emptied, and names that it retired.

The phases that are published hold again afterwards, and a file that came into an emptied package goes where that
package's modules went, if they all went to one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.errors import CodemodError
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import replace
from codemod.plan.model import Move, Pair, Phase, Settings
from codemod.rewrite.outcome import Change, Commit, Outcome
from codemod.shell.commits import IGNORED
from codemod.shell.journal import changes as items_of
from codemod.shell.objects import read_tree
from codemod.shell.obstacles import obstacles
from codemod.shell.repository import refuse_folder
from codemod.shell.trees import scratch
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.source.ours import shim_of
from codemod.source.tree import Tree

from .events import PhaseResult, RunResult
from .history import Published, published_of
from .ignored import listing
from .run import Made, Runner, finish, finished, running
from .session import Session

PHASE = "sweep"


def swept(session: Session, *, ignore_revs: bool = False) -> Outcome:
    """What there is to sweep on HEAD, and the tree without it; findings block what has to be done by hand.

    With `ignore_revs` the list of commits that blame is to pass over is made where there is none yet.
    """
    mended, listed = _mended(session), _listed(session, asked=ignore_revs)
    if listed is None:
        return mended
    now = mended.after.changed(writes={IGNORED: listed.after.read(IGNORED)})
    return replace(
        mended, commits=(Commit("sweep", now, renames=mended.moves),), changes=(*mended.changes, *listed.changes)
    )


def _listed(session: Session, *, asked: bool) -> Outcome | None:
    """What there is to change in the list of commits that blame is to pass over."""
    start = session.start()
    found = listing(session, start, asked=asked)
    if found is None or not found.told:
        return None
    phase = Phase(PHASE, (), f"Sweep: {IGNORED}")
    changes = tuple(Change(Place(IGNORED), text) for text in found.told)
    tree = start.inventory.tree.changed(writes={IGNORED: found.data})
    return Outcome(phase, start.inventory.tree, (Commit("sweep", tree),), (), changes)


def _mended(session: Session) -> Outcome:
    """What merges brought back, and the tree without it."""
    refuse_folder(session.repository)
    start, date = session.start(), session.date()
    now, told = start.inventory, list[Finding]()
    reasons, moves = list[Change](), dict[str, str]()
    known = published_of(session, start.head.commit)
    for number, one in enumerate(known, 1):
        session.listener.phase(one.phase, number, len(known))
        outcome = one.session.compute(one.phase, now, start.head.commit, date)
        if outcome.refused:
            told += [finding for finding in outcome.findings if finding.blocks]
            continue
        reasons += outcome.changes
        moves |= outcome.moves
        now = now.after(outcome.after)
    pairs, left = _strays(session, known, now)
    told += left
    if pairs:
        phase = Phase(PHASE, (Move(tuple(pairs)),))
        outcome = session.compute(phase, now, start.head.commit, date)
        told += [finding for finding in outcome.findings if finding.blocks]
        if not outcome.refused:
            reasons += outcome.changes
            moves |= outcome.moves
            now = now.after(outcome.after)
    commits = (
        (Commit("sweep", now.tree, renames=moves),) if any(True for _ in start.inventory.tree.delta(now.tree)) else ()
    )
    checks = known[-1].phase.settings.checks if known else ()
    phase = Phase(PHASE, (), "Sweep: what came back of the old layout", settings=Settings(checks=checks))
    return Outcome(phase, start.inventory.tree, commits, tuple(dict.fromkeys(told)), tuple(reasons), moves)


def sweep(session: Session, *, ignore_revs: bool = False) -> RunResult:
    """Commit what can be swept; as safe as publishing a phase.  What is left for a hand makes the exit code 1.

    The list of commits that blame is to pass over is a commit behind: what was mended just now may belong on it.
    """
    with running(session) as runner:
        outcome = _mended(session)
        runner.results.append(_attempted(runner, outcome))
        done = finished(runner)
        listed = None if done.exit_code else _listed(session, asked=ignore_revs)
        if listed is not None:
            runner.results.append(_attempted(runner, listed))
            done = finished(runner)
        return replace(done, exit_code=done.exit_code or int(outcome.refused))


def _attempted(runner: Runner, outcome: Outcome) -> PhaseResult:
    if not outcome.commits:
        state = "refused" if outcome.refused else "holds"
        return PhaseResult(outcome.phase, outcome, state, findings=outcome.findings)
    try:
        return _committed(runner, outcome)
    except CodemodError as error:
        return PhaseResult(outcome.phase, outcome, "refused", findings=error.findings)


def _committed(runner: Runner, outcome: Outcome) -> PhaseResult:
    repository, start = runner.repository, runner.start
    with scratch(repository, start.inventory.tree, start.tree_id, keep=True) as trees:
        made = Made(trees.write(outcome.commits[0].tree), outcome.commits[0])
    blocked = tuple(obstacles(repository, list(items_of(repository.git, start.tree_id, made.tree_id))))
    if blocked:
        return PhaseResult(outcome.phase, outcome, "refused", findings=blocked)
    return finish(runner, outcome.phase, outcome, [made], ())


def _strays(session: Session, known: Sequence[Published], now: Inventory) -> tuple[list[Pair], list[Finding]]:
    """Modules in packages that are retired: where each goes, or why that is for a hand to say."""
    git, pairs, told = session.repository.git, list[Pair](), list[Finding]()
    gone: dict[str, str] = {}  # what the phases moved, by all of them
    for last, one in zip((None, *known), known, strict=False):
        if last is None or last.last != one.last:  # else the two were squashed into one commit
            before = one.session.inventory(session.repository.tree_id(one.base))
        outcome = one.session.compute(one.phase, before, one.base, one.date)
        step, before = outcome.moves, before.after(outcome.after)
        gone = {**{old: step.get(new, new) for old, new in gone.items()}, **step}
    after = read_tree(git, known[-1].last) if gone else Tree.of({})
    for folder, goal in _retired(after, gone).items():
        target = now.modules.at(posixpath.join(goal, "__init__.py")) if goal else None
        for path in _python(now.tree, folder):
            module = now.modules.at(path)
            if module is None or path in after.entries or shim_of(now.tree.read(path)) is not None:
                continue
            if path in gone or target is None:
                told.append(_by_hand(path, gone.get(path, "")))
            else:
                pairs.append(Pair(module.name, names.join(target.name, names.last(module.name))))
        for path, package in _packages(after, now, folder):
            if target is None:
                told.append(_by_hand(path, ""))
            else:
                pairs.append(Pair(package, names.join(target.name, names.last(package))))
    return pairs, told


def _retired(after: Tree, gone: Mapping[str, str]) -> dict[str, str]:
    """Folders whose modules have all left -> the one folder that they went to, "" where there are several."""
    goals: dict[str, set[str]] = {}
    for old, new in gone.items():
        if old.endswith(SUFFIXES) and "/__init__." not in old:
            goals.setdefault(posixpath.dirname(old), set()).add(posixpath.dirname(new))
    return {
        folder: next(iter(found)) if len(found) == 1 else ""
        for folder, found in sorted(goals.items())
        if folder and all(shim_of(after.read(path)) is not None for path in _python(after, folder))
    }


def _python(tree: Tree, folder: str) -> Iterator[str]:
    """The modules that lie in a folder itself; an `__init__` is none of them."""
    for path in tree.paths:
        if posixpath.dirname(path) == folder and path.endswith(SUFFIXES) and "/__init__." not in path:
            entry = tree.entry(path)
            if entry is not None and entry.is_file:
                yield path


def _packages(after: Tree, now: Inventory, folder: str) -> Iterator[tuple[str, str]]:
    """New packages in a folder below which the plan had left no module at all: a file of each, and its name."""
    below = f"{folder}/"
    if any(path.startswith(below) and path.endswith(SUFFIXES) and "/" in path[len(below) :] for path in after.paths):
        return
    found: dict[str, str] = {}
    for path in now.tree.paths:
        module = now.modules.at(path) if path.startswith(below) and "/" in path[len(below) :] else None
        if module is not None:
            deep = path[len(below) :].removesuffix("/__init__.py").count("/")
            found.setdefault(module.name.rsplit(".", deep)[0] if deep else module.name, path)
    yield from ((path, package) for package, path in found.items())


def _by_hand(path: str, new: str) -> Finding:
    if new:
        what, hint = f"{path} is back, which has become {new}", f"bring what is new into {new}, and delete it"
    else:
        what = f"{path} lies in a package that the plan has emptied, and whose modules went several ways"
        hint = "move it by a phase of the plan"
    return Finding("stray-file", what, Weight.REFUSAL, Place(path), hint)

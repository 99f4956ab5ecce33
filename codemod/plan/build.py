"""From what was written to what runs: one written operation becomes one or more operations of the model."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from . import model, written
from .apart import apart
from .landing import landing
from .model import Mark

T = TypeVar("T")
Marker = Callable[..., Mark]
"""Gives the mark of what stands at these steps below an operation."""

_FORMATS = {".json": "json", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid"}


def operations(step: written.Step, verb: str, mark: Marker) -> tuple[model.Operation, ...]:
    """What the operation `verb` of a step comes to."""
    return tuple(_BUILDERS[verb](step, mark))


def settings(defaults: model.Settings, own: written.Settings) -> model.Settings:
    """The settings of a phase: its own where it says something, checks in addition, else the defaults."""
    lines, files = defaults.budget_lines, defaults.budget_files
    if isinstance(own.budget, int):
        lines = own.budget
    elif own.budget is not None:
        lines = own.budget.lines if own.budget.lines is not None else lines
        files = own.budget.files if own.budget.files is not None else files
    if isinstance(own.checks, written.Replace):
        checks = _checks(own.checks.replace)
    else:
        checks = (*defaults.checks, *_checks(_listed(own.checks)))
    return model.Settings(
        imports=own.imports or defaults.imports,
        shims=own.shims or defaults.shims,
        history=own.history or defaults.history,
        budget_lines=lines,
        budget_files=files,
        checks=tuple(dict.fromkeys(checks)),
        python=own.python or defaults.python,
        link=tuple(own.worktree.link) if own.worktree is not None else defaults.link,
    )


def phase(
    keys: written.PhaseKeys, do: Sequence[model.Operation], defaults: model.Settings, mark: Marker
) -> model.Phase:
    """A phase, without its digest."""
    return model.Phase(
        id=keys.id,
        do=tuple(landing(do)),
        title=keys.title,
        owner=keys.owner,
        target=keys.target,
        depends_on=_listed(keys.depends_on),
        needs_ok=keys.needs_ok,
        settings=settings(defaults, keys),
        settled=(
            *(_settled(item, mark("keep", n)) for n, item in enumerate(keys.keep)),
            *(_settled(item, mark("rewrite", n), rewrite=True) for n, item in enumerate(keys.rewrite)),
        ),
        pin=tuple([keys.pin] if isinstance(keys.pin, str) else keys.pin or ()),
        mark=mark(),
    )  # fmt: skip


def plan(keys: written.PlanKeys, phases: Sequence[model.Phase], path: str, mark: Mark) -> model.Plan:
    """The plan."""
    return model.Plan(
        name=keys.name,
        phases=tuple(apart(phases)),
        description=keys.description,
        repository=keys.repository or "",
        source_roots=_listed(keys.source_roots),
        tracker=keys.tracker or "",
        path=path,
        mark=mark,
    )


def _listed(value: T | list[T] | None) -> tuple[T, ...]:
    """One or many as a tuple; nothing as an empty one."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _checks(items: Sequence[str | written.Check]) -> tuple[model.Check, ...]:
    return tuple(
        model.Check(item) if isinstance(item, str)
        else model.Check(item.run, item.timeout or 0.0, item.junit or "", item.affected)
        for item in items
    )  # fmt: skip


def _settled(item: written.Settled, mark: Mark, *, rewrite: bool = False) -> model.Settled:
    return model.Settled(item.glob, item.match, item.why, rewrite, mark)


def _pairs(table: dict[str, str], verb: str, mark: Marker) -> tuple[model.Pair, ...]:
    return tuple(model.Pair(source, target, mark(verb, source)) for source, target in table.items())


def _move(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    yield model.Move(_pairs(step.move, "move", mark), mark("move"))


def _rename(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    yield model.Rename(_pairs(step.rename, "rename", mark), mark("rename"))


def _split(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    into = tuple(_selector(target, what, mark("into", target)) for target, what in step.into.items())
    yield model.Split(step.split, into, _listed(step.replicate), _listed(step.assemble), mark("split"))


def _selector(target: str, what: str | list[str] | written.Receives, mark: Mark) -> model.Selector:
    if what == "rest":
        return model.Selector(target, rest=True, mark=mark)
    if not isinstance(what, written.Receives):
        return model.Selector(target, _listed(what), mark=mark)
    return model.Selector(
        target,
        names=_listed(what.names),
        bases=_listed(what.bases),
        decorators=_listed(what.decorators),
        routes=_listed(what.routes),
        section=_listed(what.section),
        mark=mark,
    )


def _merge(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    for target, sources in step.merge.items():
        yield model.Merge(target, _listed(sources), mark("merge", target))


def _gather(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    for package, name in step.gather.items():
        yield model.Gather(package, name, mark("gather", package))


def _barrel(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    if isinstance(step.barrel, dict):
        for package, offers in step.barrel.items():
            if offers is None or isinstance(offers, list):  # a name without a value stands for all of it
                yield model.Barrel(package, tuple(offers or ()), (), mark("barrel", package))
            else:
                yield model.Barrel(package, tuple(offers.force), tuple(offers.excepted), mark("barrel", package))
    else:
        for number, package in enumerate(_listed(step.barrel)):
            yield model.Barrel(package, (), (), mark("barrel", number))


def _delete(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    if step.delete is not None:
        item = step.delete
        yield model.Delete(_listed(item.paths), _listed(item.modules), item.when or "", mark("delete"))


def _scaffold(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    for package, about in step.scaffold.items():
        text, owner = (about.about, about.owner) if about is not None else ("", "")
        yield model.Scaffold(package, text, owner, mark("scaffold", package))


def _snapshot(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    for number, item in enumerate(_listed(step.snapshot)):
        ending = posixpath.splitext(item.to)[1].casefold()
        kind = item.format or _FORMATS.get(ending, "markdown")
        yield model.Snapshot(item.of, item.to, kind, mark("snapshot", number))


def _ownership(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    for number, item in enumerate(_listed(step.ownership)):
        yield model.Ownership(item.of, item.to, mark("ownership", number))


def _document(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    for number, item in enumerate(_listed(step.document)):
        yield model.Document(item.file, item.section, item.text or "", item.remove, mark("document", number))


def _ban(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    item = step.ban if isinstance(step.ban, written.Ban) else written.Ban.model_validate({})
    moved = isinstance(item.names, str)
    usual = model.Ban()
    yield model.Ban(
        moved, () if moved else _listed(item.names), item.config or usual.config, item.guard or usual.guard, mark("ban")
    )


def _limit(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    if step.limit is not None:
        item = step.limit
        yield model.Limit(
            item.modules_per_package or 0,
            item.lines_per_module or 0,
            _listed(item.of),
            tuple(item.excepted.items()),
            mark("limit"),
        )


def _mirror(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    if step.mirror is not None:
        item = step.mirror
        names = tuple(item.names.items())
        yield model.Mirror(item.of, _listed(item.others), _listed(item.excepted), names, mark("mirror"))


def _unshim(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    yield model.Unshim(() if isinstance(step.unshim, str) else _listed(step.unshim), mark("unshim"))


def _transform(step: written.Step, mark: Marker) -> Iterator[model.Operation]:
    if step.transform is not None:
        item = step.transform
        paths = _listed(item.paths) or ("**/*.py",)
        yield model.Transform(item.codemod, paths, tuple(item.options.items()), mark("transform"))


_BUILDERS: dict[str, Callable[[written.Step, Marker], Iterator[model.Operation]]] = {
    "move": _move, "rename": _rename, "split": _split, "merge": _merge, "gather": _gather, "barrel": _barrel,
    "delete": _delete, "scaffold": _scaffold, "snapshot": _snapshot, "ownership": _ownership, "document": _document,
    "ban": _ban, "limit": _limit, "mirror": _mirror, "unshim": _unshim, "transform": _transform,
}  # fmt: skip

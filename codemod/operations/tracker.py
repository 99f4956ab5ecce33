"""The tracker: a phase ticks the boxes that name it and adds its dated line, once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.plan.model import (
    Ban,
    Barrel,
    Delete,
    Document,
    Merge,
    Move,
    Operation,
    Ownership,
    Phase,
    Plan,
    Rename,
    Scaffold,
    Snapshot,
    Split,
    Transform,
    Unshim,
)

from .context import Context, Result, Write
from .guarded import guarded
from .sections import lines_of, raw_lines, respliced, section_of, sections

_BOX = lazy(r"^(?P<lead>[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[)[ ](?P<rest>\][ \t].*)$", re.MULTILINE)
_LOG = lazy(r"[-*+] \*\*(?P<date>\d{4}-\d{2}-\d{2})\*\*")
_TITLES = ("Log", "Progress log", "Progress", "Changelog", "History", "Updates")
_SHOWN = 3


def run(plan: Plan, phase: Phase, context: Context) -> Result:
    """Tick and log in the plan's tracker; nothing when it has been done."""
    path, tree = plan.tracker, context.now.tree
    if not path:
        return
    raw = tree.read(path) if path in tree else b""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        yield Finding("document-unfit", f"{path} is not UTF-8", Weight.REVIEW, Place(path), "write its line by hand")
        return
    new = logged(ticked(text, plan, phase), plan, phase, context.date)
    if new != text:
        yield from guarded(iter([Write(path, new.encode(), f"phase {phase.id} in the tracker")]), context)


def ticked(text: str, plan: Plan, phase: Phase) -> str:
    """`text` with every empty box ticked that is the phase's.

    A heading such as `Phase 2: ...` owns the boxes below it: those that are numbered `2.1` are phase 2's, and no other
    phase ticks one because of what it says (`nothing beyond phase 1` below `Phase 12`).  A box is the phase's, too,
    when its text names the phase by its id, its number or its title.
    """
    patterns = list(_names(plan, phase))
    numbered = re.compile(rf"[*_`]*{re.escape(_number(phase))}\.\d") if _number(phase) else None
    starts, owners = _owners(text, plan)

    def tick(found: re.Match[str]) -> str:
        owner = owners[bisect_right(starts, found.start()) - 1]
        named = any(pattern.search(found["rest"]) for pattern in patterns)
        below = owner == phase.id and numbered is not None and numbered.match(found["rest"][1:].lstrip()) is not None
        own = below or (named and owner in ("", phase.id))
        return f"{found['lead']}x{found['rest']}" if own else found.group()

    return _BOX.sub(tick, text)


def _owners(text: str, plan: Plan) -> tuple[list[int], list[str]]:
    """Where each part of a Markdown text begins, and the id of the one phase that the headings above it name."""
    names = {phase.id: list(_names(plan, phase)) for phase in plan.written}
    offsets = [0, *accumulate(len(line) for line in raw_lines(text))]
    starts, owners = [0], [""]
    above: list[tuple[int, str]] = []  # (level, owner) of the headings that are open
    for title, section in sections(lines_of(text)):
        found = [ident for ident, patterns in names.items() if any(pattern.search(title) for pattern in patterns)]
        above = [(level, owner) for level, owner in above if level < section.level]
        inherited = above[-1][1] if above else ""
        above.append((section.level, found[0] if len(found) == 1 else inherited))
        starts.append(offsets[section.heading])
        owners.append(above[-1][1])
    return starts, owners


def _names(plan: Plan, phase: Phase) -> Iterator[re.Pattern[str]]:
    """How a line may name a phase: a number only behind the word, and only when no other phase has it."""
    ident = re.escape(phase.id)
    yield re.compile(rf"\bphase\s+{ident}(?![\w-]|\.\w)", re.IGNORECASE)
    if not phase.id.isdigit():
        yield re.compile(rf"(?<![\w.-]){ident}(?![\w-]|\.\w)")
    number = _number(phase)
    if number and sum(_number(other) == number for other in plan.written) == 1:
        yield re.compile(rf"\bphase\s+{number}(?![\w-]|\.\w)", re.IGNORECASE)
    if len(phase.title) > 3:
        yield re.compile(rf"(?<!\w){re.escape(phase.title)}(?!\w)", re.IGNORECASE)


def _number(phase: Phase) -> str:
    found = re.match(r"\d+[a-z]?(?=[-_.]|$)", phase.id)
    return found.group() if found else ""


def logged(text: str, plan: Plan, phase: Phase, date: str) -> str:
    """`text` with the phase's line where the other dated lines are: on top, or at the end of a log that grows down."""
    lines = lines_of(text)
    mark = f"<!-- codemod: {phase.id} done -->"
    entries = [number for number, line in enumerate(lines) if _LOG.match(line)]
    own = re.compile(rf"(?<![\w.-]){re.escape(phase.id)}(?![\w-]|\.\w)")
    if any(mark in line for line in lines) or (
        not phase.id.isdigit() and any(own.search(lines[number]) for number in entries)
    ):
        return text
    entry = f"- **{date[:10]}**: {sentence(phase)} {mark}"
    if entries:
        at = _behind(lines, entries) if _grows_down(lines, entries) else entries[0]
        return respliced(text, lines, [*lines[:at], entry, *lines[at:]])
    section = next(filter(None, (section_of(lines, title) for title in _TITLES)), None)
    if section is not None:
        at = section.start
        while at < section.end and not lines[at].strip():
            at += 1
        return respliced(text, lines, [*lines[: section.start], "", entry, "", *lines[at:]])
    head = lines if any(line.strip() for line in lines) else [f"# {plan.name}"]
    gap = [""] if head[-1].strip() else []
    return respliced(text, lines, [*head, *gap, "## Log", "", entry])


def _grows_down(lines: list[str], entries: list[int]) -> bool:
    found = [match["date"] for number in entries if (match := _LOG.match(lines[number]))]
    return len(found) > 1 and found[0] < found[-1]


def _behind(lines: list[str], entries: list[int]) -> int:
    """The line behind the last entry and what is indented below it."""
    at = entries[-1] + 1
    while at < len(lines) and lines[at].startswith((" ", "\t")) and lines[at].strip():
        at += 1
    return at


def sentence(phase: Phase) -> str:
    """What the phase did, in a sentence made from its operations."""
    title = f" ({phase.title})" if phase.title else ""
    done = list(_phrases(phase.do))
    return f"Phase {phase.id}{title} completed" + (f" — {'; '.join(done)}." if done else ".")


def _phrases(operations: tuple[Operation, ...]) -> Iterator[str]:
    lists: dict[str, list[str]] = {}
    for operation in operations:
        for what, name in _deeds(operation):
            lists.setdefault(what, []).append(name)
    for what, found in lists.items():
        unique = list(dict.fromkeys(found))
        shown = ", ".join(f"`{name}`" for name in unique[:_SHOWN] if name)
        more = f" and {len(unique) - _SHOWN} more" if len(unique) > _SHOWN else ""
        yield f"{what} {shown}{more}".rstrip()


def _deeds(operation: Operation) -> Iterator[tuple[str, str]]:
    match operation:
        case Move(pairs=pairs):
            yield from (("moved", pair.source) for pair in pairs)
        case Rename(pairs=pairs):
            yield from (("renamed", pair.source) for pair in pairs)
        case Split(source=source):
            yield "split", source
        case Merge(target=target):
            yield "merged into", target
        case Scaffold(package=package):
            yield "scaffolded", package
        case Barrel(package=package):
            yield "wrote the facades of", package
        case Delete(paths=paths, modules=modules):
            yield from (("deleted", name) for name in (*modules, *paths))
        case Snapshot(to=to) | Ownership(to=to):
            yield "refreshed", to
        case Document(file=file):
            yield "documented in", file
        case Ban():
            yield "banned the old names", ""
        case Unshim():
            yield "removed shims", ""
        case Transform(codemod=codemod):
            yield "transformed with", codemod

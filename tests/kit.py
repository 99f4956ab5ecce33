"""Whole-phase cases as text: files and a plan in, the diff and the findings out, and what must hold for every case.

A case file reads:

    title
    why: one line
    -- do --                  the operations of one phase (or -- plan.yaml --, a whole plan)
    - move: {app.user: app.accounts.}
    -- edited --              of a plan that is refused: what the hint makes of it, which must not be refused
    -- app/user.py crlf --    a file of the repository; flags behind the path say how it is stored
    NAME = 1
    == diff ==
    == findings ==

Flags: crlf, cr, bom, latin-1, no-newline, executable.  Further lines after `why:` may be

    landed: yes               a commit of the phase is in the history already
    expect-fail: reason       the case must fail for now; its expectation is then never rewritten
"""

from __future__ import annotations

import ast
import difflib
import os
import posixpath
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codemod.base.errors import PlanError
from codemod.base.findings import Finding
from codemod.engine.phase import compute
from codemod.plan.load import load
from codemod.plan.model import Merge, Move, Plan, Rename, Split
from codemod.rewrite.outcome import Outcome
from codemod.source.inventory import Inventory
from codemod.source.tree import EXECUTABLE, Entry, Tree

FOLDER = Path(__file__).parent / "cases"
FLAGS = {"crlf", "cr", "bom", "latin-1", "no-newline", "executable"}
_SECTION = re.compile(r"^-- (\S.*?) --\n", re.MULTILINE)
_DATE = "2025-11-26"


@dataclass(frozen=True, slots=True)
class Case:
    """One case file, taken apart."""

    file: Path
    head: str  # everything above the expectation, as written
    title: str
    expect_fail: str
    landed: bool
    plan: str
    tree: Tree
    diff: str
    findings: str
    edited: str = ""

    @property
    def id(self) -> str:
        """`family/name`."""
        return f"{self.file.parent.name}/{self.file.stem}"


@dataclass(slots=True)
class Result:
    """What came out of a case's plan."""

    before: Tree
    after: Tree
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def moves(self) -> dict[str, str]:
        """Old path -> path at the end."""
        moved: dict[str, str] = {path: path for path in self.before}
        for outcome in self.outcomes:
            moved = {old: outcome.moves.get(new, new) for old, new in moved.items()}
        return {old: new for old, new in moved.items() if old != new and new in self.after}


def cases() -> list[Case]:
    """Every case file below tests/cases."""
    return [read(file) for file in sorted(FOLDER.glob("*/*.txt"))]


def read(file: Path) -> Case:
    """A case file; AssertionError where it is not one."""
    text = file.read_bytes().decode("utf-8")
    head, mark, expected = text.partition("== diff ==\n")
    diff, second, findings = expected.partition("== findings ==\n")
    assert mark and second, f"{file}: needs == diff == and == findings =="
    top, *rest = _SECTION.split(head)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    title, *lines = top.strip("\n").split("\n")
    notes = dict(line.split(": ", 1) for line in lines)
    assert notes.get("why"), f"{file}: needs a why: line"
    plan = sections.pop("plan.yaml", "") or _plan_of(sections.pop("do"))
    edited = sections.pop("edited", "")
    edited = _plan_of(edited) if edited and not edited.startswith("version:") else edited
    fails, tree = notes.get("expect-fail", ""), _tree(sections)
    return Case(file, head, title, fails, "landed" in notes, plan, tree, diff, findings, edited)


def write(case: Case, diff: str, findings: str) -> None:
    """Put what came out into the case's file."""
    case.file.write_bytes(f"{case.head}== diff ==\n{diff}== findings ==\n{findings}".encode())


def run(plan: Plan, tree: Tree, landed: bool | None = False) -> Result:
    """Every phase of a plan in turn; stops at the first that is refused."""
    result = Result(tree, tree)
    for phase in plan.phases:
        inventory = Inventory(result.after, plan.source_roots)
        outcome = compute(plan, phase, inventory, date=_DATE, landed=landed)
        result.outcomes.append(outcome)
        if outcome.refused:
            break
        result.after = outcome.after
    return result


def check(case: Case, *, update: bool = False) -> None:
    """Compare a case with its expectation and with what holds for every case."""
    try:
        plan = load(case.plan.encode("utf-8"), "plan.yaml")
    except PlanError as error:
        raise AssertionError(f"{case.id}: {error}") from None
    result = run(plan, case.tree, case.landed)
    diff, findings = "".join(diff_of(result)), "".join(findings_of(result))
    if update and not case.expect_fail:
        write(case, diff, findings)
    else:
        assert (diff, findings) == (case.diff, case.findings)
    refused = any(outcome.refused for outcome in result.outcomes)
    if refused:
        if case.edited:
            is_unblocked(case, result)
        return
    assert not case.edited, f"{case.id}: an edited plan, and nothing was refused"
    runs_twice(plan, result, (True,) if case.landed else (True, None))
    still_parses(result)
    keeps_its_form(result)
    changes_only_what_refers(plan, result)
    still_runs(plan, result)


# -- what holds for every case


def is_unblocked(case: Case, refused: Result) -> None:
    """The edited plan does what the hint says, is carried out, and the program runs as before."""
    plan = load(case.edited.encode("utf-8"), "plan.yaml")
    hints = [finding.hint for outcome in refused.outcomes for finding in outcome.findings if finding.blocks]
    assert any(_follows(plan, hint) for hint in hints), f"the edited plan does nothing of {hints}"
    result = run(plan, case.tree, case.landed)
    said = [finding.message for outcome in result.outcomes for finding in outcome.findings if finding.blocks]
    assert not said, f"the edited plan is refused: {said}"
    runs_twice(plan, result, (True,))
    still_parses(result)
    still_runs(plan, result)


def _follows(plan: Plan, hint: str) -> bool:
    """True unless a hint says which names go where, and the plan has them elsewhere."""
    said = re.match(r"(?:send|leave) ([\w, ]+) (?:to|in) ([\w.]+)", hint)
    if said is None:
        return bool(hint)
    splits = [operation for phase in plan.phases for operation in phase.do if isinstance(operation, Split)]
    sent = {name: part.target for split in splits for part in split.into for name in part.names}
    left = {split.source for split in splits}
    stays = said[2] if said[0].startswith("leave") or said[2] in left else ""
    return all(sent.get(name, stays) == said[2] for name in said[1].split(", "))


def runs_twice(plan: Plan, result: Result, histories: tuple[bool | None, ...]) -> None:
    """A second run changes nothing: with the commit in the history, and without it unless the state is unknown."""
    for landed in histories:
        again = run(plan, result.after, landed)
        unknown = any(outcome.state == "unknown" for outcome in again.outcomes)
        said = [finding.message for outcome in again.outcomes for finding in outcome.findings if finding.blocks]
        assert (landed is None and unknown) or not said, f"the second run is refused: {said}"
        twice = "".join(diff_of(again))
        assert not twice, f"the second run (landed={landed}) changes:\n{twice}"


def still_parses(result: Result) -> None:
    """What parsed before parses after, and so does every new file."""
    origin = {new: old for old, new in result.moves.items()}
    for path in result.after:
        old = origin.get(path, path)
        if path.endswith((".py", ".pyi")) and (old not in result.before or _parses(result.before.read(old))):
            assert _parses(result.after.read(path)), f"{path} does not parse any more"


def keeps_its_form(result: Result) -> None:
    """Mode, byte order mark, line endings and the last line's ending stay as they were."""
    for old, new in _kept(result):
        one, two = result.before.entry(old), result.after.entry(new)
        assert one is not None
        assert two is not None
        assert one.mode == two.mode, f"{new}: another mode"
        before, after = result.before.read(old), result.after.read(new)
        if before and after:
            assert _form(before) == _form(after), f"{new}: another byte order mark, line ending or last line"


BUILDS = ("setup.py", "setup.cfg", "pyproject.toml")


def changes_only_what_refers(plan: Plan, result: Result) -> None:
    """A file changes only if it moves, or spells a moved name, or is written by an operation that writes."""
    words = {word.encode() for word in _words(plan)}
    writers = any(not isinstance(o, (Move, Rename, Split, Merge)) for phase in plan.phases for o in phase.do)
    if writers or any(phase.settings.imports == "facade" for phase in plan.phases):
        return
    for old, new in _kept(result):
        data = result.before.read(old)
        named = any(old.endswith((f"{own}.py", f"{own}/__init__.py")) for own in _divided(plan))
        if data != result.after.read(new) and old == new and not named:
            unspelled = b"import *" in data or re.search(rb"/[\w.-]*[*?]", data) is not None  # what hands on or matches
            unspelled |= (
                posixpath.basename(old) in BUILDS and b"packages" in data
            )  # which lists packages that come and go
            spelled = unspelled or any(word in data for word in words)
            assert spelled, f"{old} changed, but holds none of {sorted(words)}"
            told = {change.place.path for outcome in result.outcomes for change in outcome.changes}
            assert old in told or new in told, f"{old} changed, and no reason is given"


def still_runs(plan: Plan, result: Result) -> None:
    """Where there is a main.py that ran before, it prints the same after."""
    origin = result.moves.get("main.py", "main.py")
    if "main.py" not in result.before or origin not in result.after:
        return
    before = _output(result.before, "main.py", plan.source_roots)
    if before.returncode == 0:
        after = _output(result.after, origin, plan.source_roots)
        assert (after.returncode, after.stdout) == (0, before.stdout), f"main.py: {after.stdout}{after.stderr}"


def _output(tree: Tree, script: str, roots: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        for path in tree:
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(tree.read(path))
        roots = roots or ("src", ".")
        environment = {"PYTHONPATH": os.pathsep.join(str(Path(folder) / root) for root in roots)}
        command = [sys.executable, "-B", "-S", script]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


# -- rendering


def diff_of(result: Result) -> Iterator[str]:
    """The change from the first tree to the last: a header for each file, then hunks of its text."""
    origin = {new: old for old, new in result.moves.items()}
    moved = set(origin.values())
    for path, old_entry, new_entry in result.before.delta(result.after):
        if new_entry is None:
            if path not in moved:
                yield f"delete {path}\n"
            continue
        source = origin.get(path, path if old_entry is not None and path not in moved else "")
        if source and source != path:
            yield f"move {source} -> {path}\n"
        else:
            yield f"change {path}\n" if source else f"create {path}\n"
        before = result.before.read(source) if source else b""
        yield from _hunks(before, result.after.read(path))


def findings_of(result: Result) -> Iterator[str]:
    """One line a finding, and what still holds an old name."""
    lines = [_line(finding) for outcome in result.outcomes for finding in outcome.findings]
    yield from sorted(dict.fromkeys(lines))
    for outcome in result.outcomes:
        for item in outcome.residue:
            yield f"residue {item.verdict} {item.place} {item.name}\n"


def _line(finding: Finding) -> str:
    place = f" {finding.place}" if finding.place else ""
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{finding.weight.value} {finding.code}{place}: {finding.message}{hint}\n"


def _hunks(before: bytes, after: bytes) -> Iterator[str]:
    lines = difflib.unified_diff(_shown(before), _shown(after), n=1, lineterm="")
    for number, line in enumerate(lines):
        if number >= 2:
            yield "@@\n" if line.startswith("@@") else line + "\n"


def _shown(data: bytes) -> list[str]:
    """The lines of a file, line endings other than LF, marks and undecodable bytes made visible."""
    text = data.decode("utf-8", "backslashreplace").replace("\r", "<CR>").replace("\f", "<FF>")
    lines = text.replace("\ufeff", "<BOM>").split("\n")
    return [*lines[:-1], *([f"{lines[-1]}<no newline>"] if lines[-1] else [])]


# -- reading


def _plan_of(operations: str) -> str:
    body = "".join(f"      {line}\n" for line in operations.rstrip("\n").split("\n"))
    return f"version: 1\nname: case\nphases:\n  - id: change\n    do:\n{body}"


def _tree(sections: Mapping[str, str]) -> Tree:
    files: dict[str, bytes] = {}
    modes: dict[str, int] = {}
    for header, text in sections.items():
        path, *flags = header.split(" ")
        assert set(flags) <= FLAGS, f"{header}: unknown flag"
        files[path] = _bytes(text, flags)
        if "executable" in flags:
            modes[path] = EXECUTABLE
    tree = Tree.of(files)
    entries = {path: Entry(modes.get(path, entry.mode), entry.blob) for path, entry in tree.entries.items()}
    return Tree(entries, {}, tree.fresh)


def _bytes(text: str, flags: list[str]) -> bytes:
    if "no-newline" in flags:
        text = text.removesuffix("\n")
    if "crlf" in flags or "cr" in flags:
        text = text.replace("\n", "\r\n" if "crlf" in flags else "\r")
    data = text.encode("latin-1" if "latin-1" in flags else "utf-8")
    return b"\xef\xbb\xbf" + data if "bom" in flags else data


# -- small questions


def _kept(result: Result) -> Iterator[tuple[str, str]]:
    """(old path, new path) of every file that is still there."""
    moves = result.moves
    for old in result.before:
        new = moves.get(old, old)
        if new in result.after and (old in moves or old not in moves.values()):
            yield old, new


def _form(data: bytes) -> tuple[bool, frozenset[bytes], bool]:
    endings = frozenset(re.findall(b"\r\n|\r|\n", data))
    return data.startswith(b"\xef\xbb\xbf"), endings, data.endswith((b"\n", b"\r"))


def _parses(data: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(data)
        except (SyntaxError, ValueError):
            return False
    return True


def _divided(plan: Plan) -> Iterator[str]:
    """The modules that a split or merge names, as paths."""
    for operation in (operation for phase in plan.phases for operation in phase.do):
        if isinstance(operation, Split):
            yield from (name.replace(".", "/") for name in (operation.source, *(p.target for p in operation.into)))
        elif isinstance(operation, Merge):
            yield from (name.replace(".", "/") for name in (operation.target, *operation.sources))


def _words(plan: Plan) -> Iterator[str]:
    """The last parts of all that the plan moves, renames or divides; for a capture "", which every file holds."""
    for phase in plan.phases:
        for operation in phase.do:
            if isinstance(operation, (Move, Rename)):
                yield from (re.sub(r"\{.*\}", "", re.split("[.:]", pair.source)[-1]) for pair in operation.pairs)
            elif isinstance(operation, Split):
                yield posixpath.splitext(operation.source)[0].rpartition(".")[2]
                yield operation.source.rpartition(".")[2]
            elif isinstance(operation, Merge):
                yield from (source.rpartition(".")[2] for source in operation.sources)

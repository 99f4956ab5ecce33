"""What only the project's own interpreter knows: where first-party modules come from, and whether they import."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass

from . import process
from .checks import Bench, CheckResult, Snapshot

TIMEOUT = 600.0  # seconds for the imports of a commit together

# Plain enough for any Python 3.  Input: names in a file; output: a line of JSON each in another, since modules print.
LOOP = """
import importlib, importlib.util, json, sys
sys.path[:] = [entry for entry in sys.path if entry]
out = open(sys.argv[2], "w")
for name in json.load(open(sys.argv[1])):
    out.write(json.dumps([name, answer(name)]) + "\\n")
    out.flush()
"""
WHERE = """
def answer(name):
    if name in getattr(sys, "stdlib_module_names", ()):
        return None
    try:
        spec = importlib.util.find_spec(name)
    except Exception:
        return None
    if spec is None or spec.origin in ("built-in", "frozen"):
        return None
    return spec.origin or (list(spec.submodule_search_locations or []) or [None])[0]
"""
IMPORT = """
def answer(name):
    try:
        importlib.import_module(name)
    except BaseException as error:
        kind = type(error).__name__
        missing = error.name if kind == "ModuleNotFoundError" else ""
        return {"said": (kind + ": " + str(error)).split("\\n")[0], "missing": missing or ""}
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a module does not import; `missing` is the module that was not found, where that is the reason."""

    said: str
    missing: str = ""


def _ask(bench: Bench, at: Snapshot, script: str, wanted: Sequence[str]) -> dict[str, object]:
    """Name -> the script's answer; names that the interpreter did not live to see are not there."""
    top = bench.show(at)
    beside = bench.worktree.top.parent  # which the next command removes, should we be killed
    with tempfile.TemporaryDirectory(prefix="codemod-", dir=beside) as folder:
        question, answers = Path(folder) / "names.json", Path(folder) / "answers"
        question.write_text(json.dumps(list(wanted)), "utf-8")
        command = [bench.python, "-c", script + LOOP, str(question), str(answers)]
        process.run(command, top, bench.environment(at), TIMEOUT)
        try:
            lines = answers.read_text("utf-8").splitlines()
        except OSError:
            return {}
    return dict(json.loads(line) for line in lines if line.endswith("]"))


def outside(bench: Bench, at: Snapshot, tops: Sequence[str]) -> list[Finding]:
    """Findings for first-party modules that the interpreter would take from elsewhere than the work tree.

    An editable install whose finder comes before PYTHONPATH does that: checks would then test the old tree.
    """
    real = os.path.realpath(bench.worktree.top)
    found = []
    for name, origin in _ask(bench, at, WHERE, tops).items():
        # A link in the tree is the tree's own, wherever it leads: the folder that holds it decides.
        path = Path(str(origin)) if origin else bench.worktree.top
        place = os.path.realpath(path.parent if path.is_symlink() else path)
        if place != real and not place.startswith(real + os.sep):
            found.append(
                Finding(
                    "outside-worktree",
                    f"{name} comes from {place}, not from the tree that is checked",
                    Weight.MISMATCH,
                    hint="name an interpreter without that installation (`python:` in the plan), or use --no-checks",
                )
            )
    return found


def failures(bench: Bench, at: Snapshot, wanted: Sequence[str]) -> dict[str, Failure]:
    """The modules that do not import, each confirmed in an interpreter of its own."""
    together = _ask(bench, at, IMPORT, wanted)
    confirmed = {}
    for name in wanted:
        if together.get(name, "") is None:
            continue
        alone = _ask(bench, at, IMPORT, [name])
        answer = alone.get(name, {"said": "the interpreter ended", "missing": ""})
        if isinstance(answer, dict):
            confirmed[name] = Failure(str(answer["said"]), str(answer["missing"]))
    return confirmed


def judge(
    bench: Bench, at: Snapshot, parent: Snapshot, before: Mapping[str, Sequence[str]], first_party: frozenset[str]
) -> CheckResult:
    """The verdict on importing the modules in `before`: name now -> the modules on the parent that it comes from."""
    command = f"import of {len(before)} changed module{'s' if len(before) != 1 else ''}"
    bench.starting(command)
    began = time.monotonic()
    failed = failures(bench, at, list(before))
    if not failed:
        return CheckResult(command, "passed", time.monotonic() - began, "")
    known = failures(bench, parent, sorted({name for now in failed for name in before[now]}))
    new, lacking = {}, set()
    for name, why in failed.items():
        if any(origin in known for origin in before[name]):
            continue
        if why.missing and names.top(why.missing) not in first_party:  # not installed here
            lacking.add(names.top(why.missing))
        else:
            new[name] = why
    shown = new or failed
    output = "\n".join(f"{name}: {why.said}" for name, why in sorted(shown.items()))
    if new:
        verdict, why_not = "new-failure", f"{len(new)} no longer import"
    else:
        verdict = "proves-nothing" if len(failed) == len(before) else "failed-before"
        why_not = f"{len(failed)} of {len(before)} did not import before either, so nothing is known of these"
        if lacking:
            needed = " and ".join(sorted(lacking))
            why_not = f"{len(failed)} of {len(before)} do not import here, some because {needed} is not installed"
    return CheckResult(command, verdict, time.monotonic() - began, output, why_not)

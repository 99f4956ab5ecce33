"""The tracker: boxes and dated lines."""

from __future__ import annotations

import pytest

from codemod.operations.tracker import run, ticked
from codemod.plan.model import Barrel, Move, Pair, Phase, Plan
from tests.operations.writing import apply_results, context_of, tree_of

DO = (Move((Pair("a.b", "a.c."), Pair("a.d", "a.e"), Pair("a.f", "a.g"), Pair("a.h", "a.i"))), Barrel("a.c"))
PHASES = (
    Phase("1-first", (), "Set the scene"),
    Phase("2-low", DO, "Low risk"),
    Phase("3a-x", ()),
    Phase("3b-y", ()),
    Phase("4", ()),
)
ENTRY = (
    "- **2025-11-26**: Phase 2-low (Low risk) completed — moved `a.b`, `a.d`, `a.f` and 1 more; "
    "wrote the facades of `a.c`. <!-- codemod: 2-low done -->"
)
OLD = "- **2025-11-17**: Drafted."


def tracked(before: str | None, phase: Phase = PHASES[1]) -> str:
    """The tracker after the phase; a second run on another day changes nothing."""
    plan = Plan("case", PHASES, tracker="T.md")
    tree = tree_of({} if before is None else {"T.md": before})
    first = apply_results(tree, run(plan, phase, context_of(tree, plan=plan, date="2025-11-26T10:00:00+01:00")))
    again = run(plan, phase, context_of(first.tree, plan=plan, date="2026-01-01"))
    assert not apply_results(first.tree, again).writes
    return first.text("T.md")


LOGS = [
    pytest.param(f"# T\n\n{OLD}\n", f"# T\n\n{ENTRY}\n{OLD}\n", id="newest first"),
    pytest.param(f"- **2025-12-01**: C\n{OLD}", f"{ENTRY}\n- **2025-12-01**: C\n{OLD}", id="stays newest first"),
    pytest.param(
        f"{OLD}\n- **2025-11-18**: B\n  more\n\nend\n",
        f"{OLD}\n- **2025-11-18**: B\n  more\n{ENTRY}\n\nend\n",
        id="grows down",
    ),
    pytest.param("# T\n\n## Log\n\n## B\n", f"# T\n\n## Log\n\n{ENTRY}\n\n## B\n", id="an empty log"),
    pytest.param("# T\n\n## Log\n", f"# T\n\n## Log\n\n{ENTRY}\n\n", id="a log at the end"),
    pytest.param("# T\n", f"# T\n\n## Log\n\n{ENTRY}\n", id="no log"),
    pytest.param(None, f"# case\n\n## Log\n\n{ENTRY}\n", id="no tracker"),
    pytest.param(f"# T\r\n\r\n{OLD}\r\n", f"# T\r\n\r\n{ENTRY}\r\n{OLD}\r\n", id="CRLF"),
]


@pytest.mark.parametrize(("before", "after"), LOGS)
def test_the_line_is_written_once(before: str | None, after: str) -> None:
    assert tracked(before) == after


@pytest.mark.parametrize("line", ["- **2025-11-20**: phase 2-low landed by hand.", f"{ENTRY} and more"])
def test_a_hands_line_counts(line: str) -> None:
    assert tracked(line + "\n") == line + "\n"


@pytest.mark.parametrize(
    ("box", "phase", "ticks"),
    [
        ("- [ ] Phase 2-low", 1, True),
        ("  * [ ] **2-low**: moves", 1, True),
        ("1. [ ] Phase 2: moves", 1, True),
        ("- [ ] low risk moves", 1, True),
        ("- [ ] Phase 4", 4, True),
        ("- [ ] Phase 4.", 4, True),
        ("- [ ] Phase 3a", 2, True),
        ("- [x] Phase 2-low", 1, False),
        ("- [ ] Phase 20", 1, False),
        ("- [ ] Phase 2.1", 1, False),
        ("- [ ] 12-low and 2-lower", 1, False),
        ("- [ ] 4 modules", 4, False),
        ("- [ ] Phase 3", 2, False),
        ("- [ ] Phase 1-first", 1, False),
        ("[ ] Phase 2-low", 1, False),
    ],
)
def test_boxes(box: str, phase: int, ticks: bool) -> None:
    after = ticked(f"a\r\n{box}\r\nb\n", Plan("case", PHASES), PHASES[phase])
    assert after == f"a\r\n{box.replace('[ ]', '[x]') if ticks else box}\r\nb\n"


HEADED = """\
# Plan

- [ ] Phase 4 in a nutshell

## Phase 2: low

- [ ] **2.1** move
- [ ] 2.2 test, before phase 4
- [ ] ask Backend Infra
- [ ] 4.1 is a version

### Afterwards

- [ ] `2.3` tell them

## Phase 4

- [ ] 4.1 nothing beyond phase 2
- [ ] **4.10** all of it

## Later

- [ ] 4.2 is not below a phase
- [ ] 2.4
"""


@pytest.mark.parametrize(
    ("phase", "boxes"),
    [
        pytest.param(1, ["**2.1** move", "2.2 test, before phase 4", "`2.3` tell them"], id="2-low"),
        pytest.param(4, ["Phase 4 in a nutshell", "4.1 nothing beyond phase 2", "**4.10** all of it"], id="4"),
        pytest.param(2, [], id="a number that two phases share"),
    ],
)
def test_boxes_below_a_phases_heading(phase: int, boxes: list[str]) -> None:
    after = ticked(HEADED, Plan("case", PHASES), PHASES[phase])
    assert [line[6:] for line in after.splitlines() if line.startswith("- [x] ")] == boxes


def test_without_a_tracker_nothing() -> None:
    tree = tree_of({})
    assert not apply_results(tree, run(Plan("case", PHASES), PHASES[0], context_of(tree))).writes

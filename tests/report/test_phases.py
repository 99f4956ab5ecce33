from __future__ import annotations

from dataclasses import replace

from codemod.base.findings import Place
from codemod.plan.model import Phase, Plan
from codemod.report.cost import Cost, cost_of
from codemod.report.outcomes import check_report, findings_in, reasons
from codemod.report.page import plain
from codemod.report.phases import (
    REHEARSED,
    check_line,
    commit_line,
    findings_of,
    phase_line,
    run_report,
    status_report,
)
from codemod.report.residue import open_residue, residue_report
from codemod.rewrite.outcome import Residue
from tests.report.recorded import (
    BLOCKING,
    HOLDS,
    LOW,
    NOTE,
    OUTCOME,
    REFUSED,
    REVIEW,
    RecordedCheck,
    RecordedCommit,
    RecordedPhase,
    RecordedRun,
    RecordedStatus,
)

RUN = RecordedRun(
    (
        RecordedPhase(HOLDS.phase, HOLDS, "holds"),
        RecordedPhase(
            LOW,
            OUTCOME,
            "published",
            (RecordedCommit(),),
            (RecordedCheck(), RecordedCheck("ruff check .", "proves-nothing", 0.1, why="it could not start")),
        ),
        RecordedPhase(REFUSED.phase, REFUSED, "refused", findings=(BLOCKING,)),
    ),
    exit_code=3,
)


def test_status() -> None:
    phases = (
        RecordedStatus("baseline", "Capture the imports", "done", "Platform", "2025-11-19", "9f3c2ab1d0e4aaaa"),
        RecordedStatus("low-risk", "Move", "pending", "Platform", "2025-11-26"),
    )
    assert list(plain(status_report(phases))) == [
        "PHASE     STATE    OWNER     TARGET      COMMIT      TITLE",
        "baseline  done     Platform  2025-11-19  9f3c2ab1d0  Capture the imports",
        "low-risk  pending  Platform  2025-11-26              Move",
        "",
        "2 phases: 1 done, 1 pending",
    ]


def test_status_leaves_out_columns_that_say_nothing() -> None:
    assert next(plain(status_report([RecordedStatus("a")]))) == "PHASE  STATE"


def test_status_of_an_empty_plan() -> None:
    assert list(plain(status_report(()))) == ["0 phases"]


def test_run() -> None:
    assert list(plain(run_report(RUN, {"low-risk": cost_of(OUTCOME)}))) == [
        "PHASE      STATE      FILES  MOVED  +LINES  -LINES  COMMITS  CHECKS                OWNER     TARGET",
        "baseline   holds",
        "low-risk   published      3      1       1       1        1  1 passed, 1 unproven  Platform  2025-11-26",
        "high-risk  refused",
        "",
        "low-risk: ruff check .: proves nothing: it could not start",
        "left: 2 occurrences of old names: 1 ambiguous, 1 ours",
        "3 phases: 1 published, 1 already held, 1 refused; 3 files, 1 moved, +1 -1 lines",
    ]


def test_a_rehearsal_speaks_of_what_would_pass() -> None:
    text = "\n".join(plain(run_report(RUN, {}, REHEARSED)))
    assert "passes" in text and "1 would pass" in text and "published" not in text


def test_nothing_to_do() -> None:
    assert list(plain(run_report(RecordedRun(), {}))) == ["0 phases"]


def test_check() -> None:
    plan = Plan("demo", (HOLDS.phase, LOW, REFUSED.phase, Phase("last", (), owner="Platform")))
    assert list(plain(check_report(plan, (HOLDS, OUTCOME, REFUSED)))) == [
        "PHASE      STATE        FILES  MOVED  +LINES  -LINES  OWNER     TARGET",
        "baseline   done",
        "low-risk   pending          3      1       1       1  Platform  2025-11-26",
        "high-risk  refused",
        "last       not reached                                Platform",
        "",
        "history: git follows 1 of 1 moved file at 50 % similarity",
        "left: 2 occurrences of old names: 1 ambiguous, 1 ours",
        "not ready: 4 phases: 1 refused, 1 done, 1 pending, 1 not reached; 1 blocking, 1 to review, 1 note",
    ]
    plan = Plan("demo", (HOLDS.phase,))
    assert list(plain(check_report(plan, (HOLDS,))))[-1] == "ok: 1 phase: 1 done"


def test_findings_of_the_computation_and_of_the_run_are_told_once() -> None:
    assert findings_of(RUN.phases[2]) == (BLOCKING,)
    assert findings_of(RUN.phases[1]) == (REVIEW, NOTE)
    assert findings_in((OUTCOME, REFUSED, OUTCOME)) == (BLOCKING, REVIEW, NOTE)


def test_lines_of_a_run() -> None:
    lines = [
        phase_line("low-risk", "Move", 2, 6),
        phase_line("low-risk", "", 2, 6),
        commit_line(RecordedCommit()),
        commit_line(RecordedCommit(), "Move", Cost(3, 1, 2, 2)),
        commit_line(RecordedCommit(subject="Move: shims", kind="shim"), "Move", Cost(3, 1, 2, 2)),
        commit_line(RecordedCommit(subject="Move ...: shims"), "Move the internal modules", Cost(3, 1, 2, 2)),
        commit_line(RecordedCommit(), "Move the internal modules", Cost(3, 1, 2, 2)),
        check_line(RecordedCheck()),
        check_line(RecordedCheck(commit="shim")),
        check_line(RecordedCheck(verdict="new-failure", why="exit 1")),
        check_line(
            RecordedCheck(verdict="failed-before", why="exit 1; it fails on the parent too, so it proves nothing")
        ),
    ]
    assert list(plain(lines)) == [
        "[2/6] low-risk  Move",
        "[2/6] low-risk",
        "9f3c2ab1d0 move: Move the internal modules (3 files, 1 moved, +2 -2 lines)",
        "9f3c2ab1d0 move: Move the internal modules",
        "9f3c2ab1d0 shim: shims",
        "9f3c2ab1d0 move: shims",
        "9f3c2ab1d0 move",
        "passed in 3.1 s",
        "passed in 3.1 s on the shim commit",
        "failed in 3.1 s: exit 1",
        "proves nothing in 3.1 s: exit 1; it fails on the parent too",
    ]


def test_reasons_of_a_file() -> None:
    assert reasons([OUTCOME]) == {
        "app/core/a.py": ["app/core/a.py: moved from app/a.py (phase low-risk)"],
        "app/use.py": ["app/use.py:1: app.a is app.core.a", "app/use.py:2: a string [review]"],
    }


def test_residue() -> None:
    assert list(plain(residue_report([OUTCOME]))) == [
        "docs/x.md:3:2 ambiguous: app.a (prose) [low-risk]",
        "plan.yaml:3 ours: app.a [low-risk]",
        "",
        "2 occurrences of old names: 1 ambiguous, 1 ours",
    ]
    assert list(plain(residue_report([HOLDS]))) == ["no old name is left"]


def test_residue_that_wants_a_look() -> None:
    assert list(plain(open_residue(OUTCOME))) == ["docs/x.md:3:2 ambiguous: app.a (prose)"]
    many = replace(OUTCOME, residue=tuple(Residue(Place("a.md", n), "app.a", "ambiguous") for n in range(1, 10)))
    assert len(list(open_residue(many))) == 9
    assert list(plain(open_residue(many, 2)))[2:] == ["… and 7 more ambiguous, -v or codemod residue shows all"]
    assert list(open_residue(HOLDS)) == []

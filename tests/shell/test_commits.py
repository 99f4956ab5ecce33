"""Messages and trailers, and how a phase's commits are found again."""

from __future__ import annotations

import pytest

from codemod.base.values import replace
from codemod.plan.model import Phase
from codemod.shell.commits import Step, landed, message, newest, subject
from codemod.shell.git import Git
from tests.shell.gitrepo import Repo

PHASE = Phase("010", (), title="Move the services", digest="d" * 64)


def step(kind: str = "move", moves: dict[str, str] | None = None) -> Step:
    return Step(kind, 1, 1, "plans/p.yaml", moves or {}, about="shims for the old paths" if kind == "shim" else "")


@pytest.mark.parametrize(
    ("phase", "kind", "expected"),
    [
        (PHASE, "move", "Move the services"),
        (PHASE, "shim", "Move the services: shims for the old paths"),
        (PHASE, "undo", "Undo: Move the services"),
        (Phase("010", ()), "move", "Phase 010"),
        (Phase("x", (), title="two\nlines"), "move", "two lines"),
    ],
)
def test_subjects(phase: Phase, kind: str, expected: str) -> None:
    assert subject(phase, step(kind)) == expected


def test_long_titles_are_shortened() -> None:
    phase = Phase("x", (), title="word " * 60)
    assert len(subject(phase, step("shim"))) <= 100
    long = subject(phase, replace(step(), about="call sites in " + "api, " * 30))
    assert long.startswith("word word word word ") and " ...: call sites in api, " in long and 90 < len(long) <= 100


def test_many_moves_are_summed_up() -> None:
    text = message(PHASE, step(moves={f"a{n:02}.py": f"b/a{n:02}.py" for n in range(20)}))
    assert "  a11.py -> b/a11.py\n  and 8 more\n" in text


def test_values_cannot_add_lines_to_the_trailers() -> None:
    text = message(Phase("x\nCodemod-Kind: undo", (), digest="d"), step())
    assert text.count("\nCodemod-Kind: ") == 1 and "Codemod-Phase: x Codemod-Kind: undo\n" in text


def commit(repo: Repo, phase: Phase, kind: str) -> str:
    repo.git("commit", "-q", "--allow-empty", "-m", message(phase, step(kind)))
    return repo.head


def test_the_newest_commit_of_a_phase_with_its_digest_counts(repo: Repo) -> None:
    git = Git(repo.top)
    assert landed(git, repo.head) == ()
    first = commit(repo, PHASE, "move")
    other = Phase("010", (), digest="e" * 64)
    commit(repo, other, "move")
    repo.git("commit", "-q", "--allow-empty", "-m", "Codemod-Digest: in prose only")
    found = newest(landed(git, repo.head), PHASE)
    assert found is not None and found.commit == first
    commit(repo, PHASE, "undo")
    assert newest(landed(git, repo.head), PHASE) is None
    assert newest(landed(git, first), PHASE) is not None


def test_user_log_settings_do_not_matter(repo: Repo) -> None:
    commit(repo, PHASE, "move")
    for name, value in {"log.showSignature": "true", "log.follow": "true", "format.pretty": "short"}.items():
        repo.git("config", name, value)
    assert [one.phase for one in landed(Git(repo.top), repo.head)] == ["010"]


def test_the_last_commit_of_a_phase_tells_how_open_branches_follow() -> None:
    phase = Phase("one", (), "Title", digest="0")
    last = message(phase, Step("shim", 2, 2, "plan.yaml", {}))
    assert "Open branches follow by: codemod carry plan.yaml BRANCH\n" in last and "git merge COMMIT~2 && " in last
    assert "carry" not in message(phase, Step("move", 1, 2, "plan.yaml", {}))

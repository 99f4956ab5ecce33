"""What a preview says of the size of commits is what git says of them afterwards."""

from __future__ import annotations

import pytest

from codemod.report.cost import costs_between
from tests.shell.gitrepo import Repo, plan_text

LONG = "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(20))
FILES = {
    "app/__init__.py": "",
    "app/user.py": LONG,
    "app/mail.py": LONG.replace("def f", "def send"),
    "app/tiny.py": "A = 1\n",
    "main.py": "from app import tiny, user\nfrom app.mail import send1\n\nprint(user.f1(), send1(), tiny.A)\n",
}


@pytest.mark.parametrize(
    ("do", "more"),
    [
        ("[{move: {app.user: app.people.user}}]", ""),
        ("[{move: {app.user: app.people.user, app.mail: app.people.}}]", "shims: file, "),
        ("[{move: {app.user: app.people.user}}, {barrel: app.people}]", "shims: redirect, "),
        ("[{move: {app.user: app.mail, app.mail: app.user}}]", ""),
        ("[{merge: {app.all: [app.user, app.mail, app.tiny]}}]", ""),
        ("[{split: app.user, into: {app.user.low: ['f?'], app.user.high: rest}}]", ""),
        ("[{split: app.user, into: {app.user.low: ['f?']}}, {move: {app.mail: app.post}}]", "shims: file, "),
        ("[{move: {app.user: app.people.user}}]", "history: two-commit, "),
        ("[{move: {app.user: app.people.user}}]", "budget: {lines: 2}, "),
        ("[{rename: {app.user.f1: first}}]", ""),
    ],
)
def test_costs_are_those_of_git(repo: Repo, do: str, more: str) -> None:
    repo.commit(FILES, "files of some length")
    (phase,) = repo.run(plan_text(f"{{id: one, {more}do: {do}}}")).phases
    assert phase.outcome is not None and phase.state == "published"
    told = [(cost.files, cost.moved, cost.added, cost.deleted)
            for cost in costs_between(phase.outcome.before, phase.outcome.commits)]  # fmt: skip
    assert told == [(one.files, one.renames, one.added, one.deleted) for one in phase.commits]

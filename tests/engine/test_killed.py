"""A run that is killed at any moment: the branch is at a boundary, and the next command finishes or takes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from codemod.base.errors import RepositoryError
from codemod.engine.events import Request, Silent
from codemod.engine.session import Session
from codemod.shell import journal, publish, trees
from codemod.shell.git import Git, GitError
from tests.shell.gitrepo import MOVE, Repo, plan_text

CHILD = """
import os, signal, sys
from pathlib import Path
from codemod.engine.events import Request
from codemod.engine.session import Session
from codemod.shell import disk, journal, publish, worktree

plan, repo, where, when = sys.argv[1:]
module, name = where.split(".")
module = {"disk": disk, "journal": journal, "publish": publish, "worktree": worktree}[module]
real = getattr(module, name)

def dying(*args, **options):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    real(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(module, name, dying)
Session.open(Request(Path(plan), Path(repo), checks=False)).run(every=True)
"""
MOMENTS = [
    "journal.write before", "journal.write after", "publish._draft after", "publish._still_there after",
    "publish._move_ref after", "disk.remove after", "disk.prune after", "publish._finish before",
    "journal.clear before", "publish.unpark before",
]  # fmt: skip


class Heard(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def message(self, text: str) -> None:
        self.lines.append(text)


def killed(repo: Repo, where: str, when: str) -> None:
    done = subprocess.run([sys.executable, "-c", CHILD, str(repo.plan()), str(repo.top), where, when], check=False)
    assert done.returncode == -signal.SIGKILL


def dirtied(path: Path) -> Repo:
    repo = Repo.make(path)
    repo.write({"notes.txt": "edited\n", "staged.txt": "staged\n", "loose.txt": "loose\n"})
    repo.git("add", "staged.txt")
    return repo


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_next_command_finishes_or_takes_back(tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_DATE", "1700000000 +0100")
    other = dirtied(tmp_path / "other" / "repo")
    old = other.state()
    assert other.run().exit_code == 0
    new = other.state()
    repo = dirtied(tmp_path / "this" / "repo")
    killed(repo, *moment.split(" "))
    assert repo.head in (old["refs"].split()[0], new["refs"].split()[0])
    heard = Heard()
    session = repo.session(listener=heard)
    goal = new if repo.head == new["refs"].split()[0] else old
    state = repo.state()
    assert {**state, "worktrees": ""} == {**goal, "worktrees": ""}
    assert repo.leftovers() == [] and repo.git("fsck", "--strict", "--no-dangling") == ""
    assert session.run(every=True).exit_code == 0
    assert {**repo.state(), "worktrees": ""} == {**new, "worktrees": ""}


def test_an_edit_after_the_kill_is_left_alone_and_told(repo: Repo) -> None:
    killed(repo, "publish._move_ref", "after")
    repo.write({"main.py": "mine\n"})
    heard = Heard()
    repo.session(listener=heard)
    assert repo.read("main.py") == "mine\n" and repo.has("app/accounts/user.py") and not repo.has("app/user.py")
    assert repo.status == " M main.py" and any(line.startswith("main.py: changed since") for line in heard.lines)


def test_a_file_that_was_cut_off_is_written_again(repo: Repo) -> None:
    killed(repo, "disk.prune", "after")
    repo.write({"main.py": "from app.accounts.us", "app/accounts/user.py": ""})
    repo.session()
    assert repo.status == "" and repo.read("app/accounts/user.py") == "NAME = 'ann'\n"


def test_a_reset_after_the_kill_wins(repo: Repo) -> None:
    before = repo.state()
    killed(repo, "publish._move_ref", "after")
    (repo.top / ".git/index.lock").unlink()
    repo.git("reset", "-q", "--hard", "HEAD^")
    repo.session()
    assert repo.state() == before and repo.leftovers() == []


def test_a_lock_that_is_not_ours_stays(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(repo, "journal.write", "after")
    (repo.top / ".git/index.lock").write_text("")
    monkeypatch.setattr(publish, "PATIENCE", 0.1)
    with pytest.raises(RepositoryError, match=r"index\.lock"):
        repo.session()
    assert repo.has(".git/index.lock")
    (repo.top / ".git/index.lock").unlink()
    assert repo.session().run(every=True).exit_code == 0


SLOW = plan_text(f"{{id: one, do: {MOVE}, checks: ['echo started > ../started; sleep 20']}}")


def started(repo: Repo, text: str) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from pathlib import Path\n"
        "from codemod.engine.events import Request; from codemod.engine.session import Session\n"
        "try: Session.open(Request(Path(sys.argv[1]), Path(sys.argv[2]))).run(every=True)\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(repo.plan(text)), str(repo.top)], start_new_session=True,
        env={**os.environ, "TMPDIR": str(repo.top.parent)},
    )  # fmt: skip
    until = time.monotonic() + 30
    while not list(repo.top.parent.glob("codemod-*/started")) and time.monotonic() < until:
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check_leaves_everything_as_it_was(repo: Repo, number: signal.Signals) -> None:
    state = repo.state()
    process = started(repo, SLOW)
    os.killpg(process.pid, number)
    assert process.wait(20) == 130
    assert repo.state() == state and repo.leftovers() == []
    assert not list(repo.top.parent.glob("codemod-*"))


@pytest.mark.parametrize("place", ["rev-parse", "update-ref", "update-index", "checkout-index"])
def test_ctrl_c_that_ends_a_git_while_it_is_put_off_is_an_interruption(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A git that has just been started is still in our process group."""
    real_start, real_write, publishing = Git.start, journal.write, []

    def start(git: Git, *args: str, **options: Any) -> subprocess.Popen[bytes]:
        if not publishing or place not in args:
            return real_start(git, *args, **options)
        publishing.clear()
        process = real_start(git, "cat-file", "--batch", **options)  # which waits
        os.kill(os.getpid(), signal.SIGINT)
        process.send_signal(signal.SIGINT)
        return process

    def write(folder: Path, plan: journal.Journal) -> None:
        real_write(folder, plan)
        publishing.append(True)

    monkeypatch.setattr(Git, "start", start)
    monkeypatch.setattr(journal, "write", write)
    session, state = repo.session(), repo.state()
    with pytest.raises(KeyboardInterrupt):
        session.run(every=True)
    assert repo.state() == state and repo.leftovers() == []


@pytest.mark.parametrize("state", ["prepared", "committed"])
def test_a_second_ctrl_c_ends_a_hook_that_hangs_while_the_branch_moves(repo: Repo, state: str) -> None:
    hook = repo.top / ".git/hooks/reference-transaction"
    told = repo.top.parent / "hanging"
    hook.parent.mkdir(exist_ok=True)
    hangs = f'[ "$1" = {state} ] && grep -q refs/heads/ && touch "{told}" && exec sleep 30'
    hook.write_text(f"#!/bin/sh\n{hangs}\nexit 0\n")
    hook.chmod(0o755)
    before = repo.state()
    code = (
        "import sys; from pathlib import Path\n"
        "from codemod.engine.events import Request; from codemod.engine.session import Session\n"
        "try: Session.open(Request(Path(sys.argv[1]), Path(sys.argv[2]), checks=False)).run(every=True)\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(repo.plan()), str(repo.top)], start_new_session=True)
    until = time.monotonic() + 30
    while not told.exists() and time.monotonic() < until:
        time.sleep(0.02)
    for _ in range(2):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.3)
    assert process.wait(20) == 130 and repo.leftovers() == []
    hook.unlink()
    if state == "prepared":
        assert repo.state() == before
    else:  # the ref had moved already
        assert repo.status == "" and repo.has("app/accounts/user.py")


def test_what_is_published_stays_where_its_lines_cannot_be_counted(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def uncounted(counting: trees.Counting) -> trees.Cost:
        raise GitError(("diff-tree",), 128, "fatal: unable to read")

    monkeypatch.setattr(trees.Counting, "result", uncounted)
    result = repo.run()
    assert result.exit_code == 0 and result.phases[0].state == "published" and result.head == repo.head


def test_a_killed_check_leaves_a_work_tree_that_the_next_command_removes(repo: Repo) -> None:
    state = repo.state()
    process = started(repo, SLOW)
    process.kill()
    process.wait()
    assert "codemod-" in repo.git("worktree", "list")
    with_plan = Session.open(Request(repo.plan(SLOW), repo.top, checks=False))
    assert repo.state() == state and repo.leftovers() == [] and not list(repo.top.parent.glob("codemod-*"))
    assert with_plan.run(every=True).exit_code == 0


def test_one_run_at_a_time(repo: Repo) -> None:
    from codemod.base.errors import RepositoryError

    process = started(repo, SLOW)
    session = repo.session(SLOW)
    with pytest.raises(RepositoryError, match="another run"):
        session.run(every=True)
    assert session.preview()[0].commits
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(20) == 130


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run": "x"}', '{"items": [{}]}', "\x00\xff"])
def test_a_damaged_journal_is_named(repo: Repo, text: str) -> None:
    killed(repo, "journal.write", "after")
    (repo.top / ".git" / "codemod" / journal.NAME).write_bytes(text.encode("latin-1"))
    state = repo.state()
    with pytest.raises(RepositoryError) as caught:
        repo.run()
    assert [finding.code for finding in caught.value.findings] == ["journal-damaged"]
    assert "journal.json" in caught.value.findings[0].message
    assert repo.state() == state

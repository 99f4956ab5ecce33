"""The adapter to git: what it starts is ended, whenever it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import Any

import pytest

from codemod.shell.git import Git, GitError
from codemod.shell.repository import SWITCHES, Head, discover
from tests.shell.gitrepo import Repo


@pytest.mark.parametrize("waited", [True, False])
def test_an_interruption_stays_one(waited: bool, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def interrupted(process: subprocess.Popen[bytes], *_: Any) -> tuple[bytes, bytes]:
        started.append(process)
        if waited:  # as `communicate` does, for a moment
            process.kill()
            process.wait()
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Git(repo.top).answer("cat-file", "--batch")
    assert [process.returncode for process in started] == [-9]


def test_what_was_asked_ahead_is_answered_later(repo: Repo) -> None:
    asked = [Git(repo.top).ask("ls-files"), Git(repo.top).ask("no-such-command")]
    assert asked[0].result() == Git(repo.top).run("ls-files")
    with pytest.raises(GitError, match="no-such-command"):
        asked[1].result()


def test_a_command_that_was_started_ahead_answers_once_as_it_stood_then(repo: Repo) -> None:
    git, asked, other = Git(repo.top), ("rev-parse", "HEAD"), ("symbolic-ref", "HEAD")
    before = repo.head
    with git.ahead(asked, other):
        with git.ahead(other):  # which is under way
            assert git.text(*other) == "refs/heads/main"
        time.sleep(0.2)
        repo.git("commit", "-q", "--allow-empty", "-m", "another")
        assert git.text(*asked) == before
        assert git.text(*asked) == repo.head != before


def test_what_nobody_asks_for_is_ended(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    git, started = Git(repo.top), list[subprocess.Popen[bytes]]()
    start = Git.start

    def noted(self: Git, *args: str) -> subprocess.Popen[bytes]:
        started.append(start(self, *args))
        return started[-1]

    monkeypatch.setattr(Git, "start", noted)
    with pytest.raises(ZeroDivisionError), git.ahead(("cat-file", "--batch"), ("rev-parse", "HEAD")):
        raise ZeroDivisionError
    assert len(started) == 2
    assert all(process.returncode is not None for process in started)


@pytest.mark.parametrize(
    ("commands", "branch"),
    [
        ([], "refs/heads/main"),
        (["update-ref refs/HEAD HEAD"], "refs/heads/main"),  # another ref of this name
        (["update-ref refs/heads/HEAD HEAD"], "refs/heads/main"),
        (["update-ref refs/tags/HEAD HEAD", "checkout -q --detach"], ""),
        (["checkout -q --detach"], ""),
        (["checkout -q -b HEAD-of/x"], "refs/heads/HEAD-of/x"),
    ],
)
def test_the_branch_that_moves_with_head(commands: list[str], branch: str, repo: Repo) -> None:
    for command in commands:
        repo.git(*command.split())
    assert discover(repo.top).head() == Head(repo.head, branch)


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (["= true"], "true"), (["= Yes"], "true"), (["= 1"], "true"), (["= -2"], "true"), ([""], "true"),
        (["= false"], "false"), (["= off"], "false"), (["= 0"], "false"), (["="], "false"),
        (["= false", "= true"], "true"), (["= true", "= no"], "false"),
    ],
)  # fmt: skip
def test_a_switch_says_what_git_says(name: str, lines: list[str], value: str, repo: Repo) -> None:
    section, _, option = name.partition(".")
    config = repo.top / ".git" / "config"
    kept = [line for line in config.read_text().splitlines() if option.lower() not in line.lower()]
    config.write_text("\n".join([*kept, f"[{section}]", *(f"\t{option} {line}" for line in lines), ""]))
    assert discover(repo.top).config(name) == value
    told = Git(repo.top).lookup("config", "--type=bool", "--get", name)
    assert told == value


@pytest.mark.parametrize("value", ["", "maybe", "1x"])
def test_a_switch_that_is_not_set_or_none(value: str, repo: Repo) -> None:
    if value:
        repo.git("config", "commit.gpgSign", value)
    assert discover(repo.top).config("commit.gpgSign") == ""


def test_a_command_that_a_signal_has_ended_is_no_answer(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Git.start

    def hit(git: Git, *args: str, **options: Any) -> subprocess.Popen[bytes]:
        process = real(git, "cat-file", "--batch", **options)  # which waits
        process.send_signal(signal.SIGINT)
        return process

    monkeypatch.setattr(Git, "start", hit)
    with pytest.raises(GitError, match="ended by signal 2"):
        Git(repo.top).answer("merge-base", "--is-ancestor", "HEAD", "HEAD")
    with pytest.raises(GitError, match="ended by signal 2"):
        Git(repo.top).lookup("rev-parse", "HEAD")

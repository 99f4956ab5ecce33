"""The adapter to git: what it starts is ended, whenever it is interrupted."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

import pytest

from codemod.shell.git import Git, GitError
from codemod.shell.repository import SWITCHES, discover
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


def test_commands_side_by_side_answer_in_their_order(repo: Repo) -> None:
    commands = (("rev-parse", "HEAD"), ("symbolic-ref", "HEAD"), ("rev-parse", "--verify", "--quiet", "nothing"))
    assert Git(repo.top).together(*commands) == [(0, repo.head), (0, "refs/heads/main"), (1, "")]


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
    with pytest.raises(GitError, match="ended by signal 2"):
        Git(repo.top).together(("rev-parse", "HEAD"), ("symbolic-ref", "HEAD"))

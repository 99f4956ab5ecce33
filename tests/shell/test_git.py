"""The adapter to git: what it starts is ended, whenever it is interrupted."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from codemod.shell.git import Git, GitError
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

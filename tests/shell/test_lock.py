"""Signals that are put off, and those that nobody heeds."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from codemod.base.errors import RepositoryError
from codemod.shell.git import mismatch
from codemod.shell.lock import undisturbed


@pytest.fixture(params=[signal.SIG_DFL, signal.SIG_IGN])
def hangup(request: pytest.FixtureRequest) -> Iterator[signal.Handlers]:
    """How SIGHUP is handled meanwhile; ignored under nohup."""
    before = signal.signal(signal.SIGHUP, request.param)
    yield request.param
    signal.signal(signal.SIGHUP, before)


def test_what_is_ignored_stays_ignored(hangup: signal.Handlers) -> None:
    done = []
    try:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGHUP)
            done.append(True)
    except KeyboardInterrupt:
        done.append(False)
    assert done == ([True] if hangup is signal.SIG_IGN else [True, False])
    assert signal.getsignal(signal.SIGHUP) is hangup


def test_an_error_on_the_way_is_the_interruptions() -> None:
    with pytest.raises(KeyboardInterrupt), undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
        raise mismatch("git-failed", "ended by signal 2")
    with pytest.raises(RepositoryError), undisturbed():
        raise mismatch("git-failed", "of its own")

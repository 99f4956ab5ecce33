"""One run at a time in a work tree, and no interruption where one would leave a half."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from codemod.base.errors import CodemodError

from .git import end_moving, mismatch

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def our_folder(git_dir: Path) -> Path:
    """Where we keep what must survive us: in the git directory of this work tree, made on demand."""
    folder = git_dir / "codemod"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise mismatch("not-writable", f"{git_dir} cannot be written: {error.strerror}") from None
    return folder


@contextmanager
def only_run(git_dir: Path) -> Iterator[None]:
    """Hold the work tree; the kernel lets go of it when we die.  Raises RepositoryError while another run holds it."""
    try:
        handle = os.open(our_folder(git_dir) / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise mismatch("not-writable", f"{git_dir}/codemod/lock cannot be written: {error.strerror}") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise mismatch("locked", "another run is at work in this repository", "wait for it to end") from None
        yield
    finally:
        os.close(handle)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put off Ctrl-C, SIGTERM and SIGHUP until the end of the block; they then raise KeyboardInterrupt.

    So does an error on the way: Ctrl-C also ends a git that has just been started and has no process group of its own
    yet, and what fails then has failed of the interruption.  A second one ends a hook that hangs while a ref moves.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    def put_off(number: int, _: FrameType | None) -> None:
        caught.append(number)
        if len(caught) > 1:
            end_moving(signal.SIGTERM if len(caught) == 2 else signal.SIGKILL)

    heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # nohup ignores one
    before = {number: signal.signal(number, put_off) for number in heeded}
    try:
        yield
    except (OSError, CodemodError) as error:
        if caught:
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught:
        raise KeyboardInterrupt


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block SIGTERM and SIGHUP raise KeyboardInterrupt, as Ctrl-C does, so that we clean up behind us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for number in SIGNALS[1:] if signal.getsignal(number) is signal.SIG_DFL]
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""A process forked from this one: it inherits what is known, does one piece of work and sends back the result."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from codemod.base.values import dataclass

MOST = 4  # processes: each holds some memory of its own
VARIABLE = "CODEMOD_PROCESSES"


def processes() -> int:
    """As many as this machine gives us, or as the environment's CODEMOD_PROCESSES says."""
    if not sys.platform.startswith("linux"):
        return 1  # on macOS a forked process may not use the system's frameworks
    told = os.environ.get(VARIABLE, "")
    if told.isdecimal():
        return max(1, min(int(told), 64))
    return min(len(os.sched_getaffinity(0)), MOST)


@dataclass(frozen=True, slots=True)
class Fork:
    """A process at work, and the pipe on which it sends its result."""

    process: int
    results: int

    @classmethod
    def doing(cls, work: Callable[[], object]) -> Fork | None:
        """A process that does some work; None where there is none to be had."""
        receive, send = os.pipe()
        try:
            process = os.fork()
        except OSError:
            os.close(receive)
            os.close(send)
            return None
        if process:
            os.close(send)
            return cls(process, receive)
        code = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            gc.disable()
            os.close(receive)
            result = work()
            with os.fdopen(send, "wb") as pipe:
                pickle.dump(result, pipe, pickle.HIGHEST_PROTOCOL)
            code = 0
        finally:
            os._exit(code)  # whatever happened: nothing of the parent's is cleaned up or flushed here

    def received(self) -> object:
        """What the process sends; None of one that broke off."""
        with os.fdopen(os.dup(self.results), "rb") as pipe:
            try:
                return pickle.load(pipe)
            except (EOFError, pickle.UnpicklingError):
                return None

    def end(self) -> None:
        """It is done, or nobody waits for it any more; once."""
        os.close(self.results)
        os.kill(self.process, signal.SIGKILL)
        _ending.add(self.process)  # its memory is given back while we go on
        reap()


_ending: set[int] = set()  # processes of this one that were ended and may not be gone yet


def reap(*, wait: bool = False) -> None:
    """Let those that are gone be forgotten by the system; with `wait`, all of them, so that what they took counts."""
    for process in [*_ending]:
        with suppress(ChildProcessError):  # somebody else has waited for it
            if not os.waitpid(process, 0 if wait else os.WNOHANG)[0]:
                continue
        _ending.remove(process)

"""Commands that the plan names: run in a shell, ended as a whole, their output kept."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from codemod.base.values import dataclass

from .git import FOREIGN, decoded

TAIL = 6000  # bytes of output that are kept


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    status: int
    seconds: float
    output: str  # the end of what it wrote
    timed_out: bool = False

    @property
    def passed(self) -> bool:
        """True when it ended by itself, with success."""
        return self.status == 0 and not self.timed_out

    @property
    def not_started(self) -> bool:
        """True when the shell could not find or execute the command."""
        return self.status in (126, 127)


def run(command: Sequence[str], folder: Path, env: Mapping[str, str], timeout: float = 0.0) -> Ran:
    """Run a command to its end, or to its timeout; whatever it started ends with it."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:  # not a pipe: a process left in the background would keep it open
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return Ran(127, 0.0, f"{command[0]}: {error.strerror}")
        timed_out = False
        try:
            process.wait(timeout or None)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            _end(process)
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - TAIL))
        text = decoded(output.read())
    return Ran(process.returncode, time.monotonic() - began, text, timed_out)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def interpreter(named: str, folder: Path) -> str:
    """The Python for checks: the plan's, else the active virtual environment's, else the one that runs us."""
    if named:
        return str((folder / named).absolute()) if "/" in named else shutil.which(named) or named
    active = os.environ.get("VIRTUAL_ENV", "")
    if active and os.access(Path(active) / "bin" / "python", os.X_OK):
        return str(Path(active) / "bin" / "python")
    return sys.executable


def environment(python: str, top: Path, roots: Sequence[str], origin: Path) -> dict[str, str]:
    """The environment of a check: its work tree's source roots and the interpreter come first.

    Entries of PYTHONPATH that lie in the user's own tree (`origin`) are taken from the work tree instead.  Bytecode is
    not written: two commits of one second could otherwise share it, since it is matched by time stamp and size.
    """
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    own = [str(top if root == "." else top / root) for root in roots]
    real = os.path.realpath(origin)
    for entry in filter(None, env.get("PYTHONPATH", "").split(os.pathsep)):
        place = os.path.realpath(entry)
        inside = place == real or place.startswith(real + os.sep)
        own.append(str(top / os.path.relpath(place, real)) if inside else entry)
    env["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(own))
    env["PATH"] = os.pathsep.join([str(Path(python).parent), env.get("PATH", os.defpath)])
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    return env

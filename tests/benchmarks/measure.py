"""Run a command and tell its wall time, CPU time and peak memory, summed over all its processes (Linux)."""

from __future__ import annotations

import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds, CPU seconds, and bytes at its peak."""

    wall: float
    cpu: float
    peak: int
    code: int
    output: str

    def scaled(self, factor: float) -> Cost:
        """The cost of `factor` times the work (times only)."""
        return Cost(self.wall * factor, self.cpu * factor, self.peak, self.code, self.output)


def family(root: int) -> list[int]:
    """The process and all its descendants that live now."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def memory(pids: Sequence[int]) -> int:
    """Their proportional set sizes, in bytes: shared pages count once."""
    total = 0
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def watch(root: int, done: threading.Event, peaks: list[int]) -> None:
    """Note the family's memory until told to stop: often at first, seldom in long runs, so as not to slow them."""
    start = time.perf_counter()
    while not done.is_set():
        peaks.append(memory(family(root)))
        done.wait(0.02 if time.perf_counter() - start < 5 else 0.5)


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None, sample: bool = True) -> Cost:
    """Run `command` to its end.  Sampling memory disturbs the clock a little, so time and memory are separate runs
    where it matters (`sample=False` leaves memory at 0)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(env) if env else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    done, peaks = threading.Event(), [0]
    watcher = threading.Thread(target=watch, args=(process.pid, done, peaks), daemon=True)
    if sample:
        watcher.start()
    output, _ = process.communicate()
    wall = time.perf_counter() - start
    done.set()
    if sample:
        watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, max(peaks), process.returncode, output)

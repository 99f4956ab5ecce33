"""Work divided among processes gives what a plain map gives, whatever becomes of the processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from codemod.base.spread import alone
from codemod.shell.forks import VARIABLE
from codemod.shell.pool import LEAST, Pool
from codemod.source.facts import Facts, Unparsable
from codemod.source.inventory import Inventory
from codemod.source.packed import packed, unpacked
from codemod.source.tree import Tree

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux alone")

TWO = Pool(2, least=0)


def slowly(number: int) -> tuple[int, int]:
    time.sleep(0.002)
    return number, os.getpid()


@pytest.mark.parametrize("count", [2, 3, 199, 200, 201, 1000])
@pytest.mark.parametrize("processes", [2, 4])
def test_results_in_order(count: int, processes: int) -> None:
    assert list(Pool(processes, least=0)(lambda n: n * n, range(count))) == [n * n for n in range(count)]


def test_several_processes_take_part() -> None:
    found = list(TWO(slowly, range(100)))
    assert [number for number, _ in found] == list(range(100))
    assert len({process for _, process in found}) == 2


@pytest.mark.parametrize(
    ("pool", "count", "size"),
    [
        pytest.param(Pool(1, least=0), 100, 10**9, id="one process"),
        pytest.param(TWO, 1, 10**9, id="one item"),
        pytest.param(TWO, 0, 10**9, id="no item"),
        pytest.param(Pool(2), 100, LEAST - 1, id="little work"),
    ],
)
def test_nothing_is_forked(pool: Pool, count: int, size: int) -> None:
    found = list(pool(slowly, range(count), size=size))
    assert {process for _, process in found} <= {os.getpid()}
    assert len(found) == count


def test_processes_that_are_killed_cost_nothing_but_time() -> None:
    here = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.001)
        return -number

    assert list(TWO(work, range(50))) == [-number for number in range(50)]


def test_an_exception_elsewhere_is_raised_here() -> None:
    def work(number: int) -> int:
        if number == 30:
            raise ZeroDivisionError(number)
        time.sleep(0.001)
        return number

    with pytest.raises(ZeroDivisionError):
        list(TWO(work, range(50)))


def test_a_result_that_cannot_be_sent_is_made_here() -> None:
    found = list(TWO(lambda number: (time.sleep(0.001), lambda: number)[1], range(50)))
    assert [one() for one in found] == list(range(50))


def test_no_process_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", fork)
    assert list(TWO(lambda n: n, range(5))) == [0, 1, 2, 3, 4]


def test_progress_is_told_here() -> None:
    told: list[int] = []
    list(TWO(slowly, range(100), told=told.append))
    assert told == sorted(told)
    assert told
    told.clear()
    list(alone(slowly, range(3), told=told.append))
    assert told == [0, 1, 2]


def test_what_is_learned_elsewhere_is_known_here() -> None:
    tree = Tree.of({f"m{number}.py": b"import a\nx = %d\n" % number for number in range(40)} | {"bad.py": b"(\n"})
    inventory = Inventory(tree)

    def work(path: str) -> int:
        time.sleep(0.002)
        inventory.read(path)
        return os.getpid()

    processes = set(TWO(work, tree.paths, memory=inventory))
    assert len(processes) == 2
    fresh = Inventory(tree)
    for path in tree.paths:
        known = inventory.known(path)
        if path == "bad.py":
            assert isinstance(known, Unparsable)
            assert (str(known), known.line) == (str(fresh.read(path)), 1)
        else:
            assert known == fresh.read(path)


def _ends(process: int | str) -> bool:
    """True where it has ended, or does so in a moment; what nobody has waited for yet has no command line."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if not Path("/proc", str(process), "cmdline").read_bytes():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_no_process_is_left() -> None:
    others = {process for _, process in TWO(slowly, range(50))} - {os.getpid()}
    assert others
    for process in others:
        assert _ends(process)
    list(TWO(slowly, range(50)))
    for process in others:
        with pytest.raises(ChildProcessError):  # and is forgotten
            os.waitpid(process, os.WNOHANG)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_all(number: signal.Signals, tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import os, signal, sys, time
        from pathlib import Path
        from codemod.shell.lock import interruptible
        from codemod.shell.pool import Pool

        def work(item):
            Path(sys.argv[1], str(os.getpid())).touch()
            time.sleep(0.05)

        try:
            with interruptible():
                list(Pool(3, least=0)(work, range(2000)))
        except KeyboardInterrupt:
            sys.exit(130)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    deadline = time.monotonic() + 20
    while len(list(tmp_path.iterdir())) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(20) == 130
    for other in tmp_path.iterdir():
        assert _ends(other.name)


@pytest.mark.parametrize(
    ("told", "processes"), [("1", 1), ("3", 3), ("0", 1), ("1000", 64), ("-2", None), ("many", None), ("", None)]
)
def test_the_environment_says_how_many(told: str, processes: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, told)
    assert Pool.of_machine().processes == (processes or min(4, len(os.sched_getaffinity(0))))


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b'"""Doc."""\nfrom __future__ import annotations\nfrom . import a as b, c\nimport d.e\n__all__ = ["f"]\n',
        b"def f():\n    global g\n    from h import *\n__all__ = f()\nclass K: pass\n\xc3\xa9 = 1\n",
    ],
)
def test_facts_survive_packing(source: bytes) -> None:
    facts = Inventory(Tree.of({"m.py": source})).facts("m.py")
    assert isinstance(facts, Facts)
    assert unpacked(packed(facts)) == facts

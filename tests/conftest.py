"""What all tests share: `--update` rewrites the expectations of cases that are kept as text."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # behind a shell's `&`; what the tests start would ignore it, too
    signal.signal(signal.SIGINT, signal.default_int_handler)


os.environ["CODEMOD_CACHE"] = "off"  # no test knows what another one has learned


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write what comes out into the case files as expectation")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))


@pytest.fixture
def shared_path() -> Iterator[Path]:
    """A folder that other users may enter: another session of pytest's may close the one around `tmp_path`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)

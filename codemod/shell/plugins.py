"""What other packages would hook into the models of a plan: not wanted, and dear to look for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH = "PYDANTIC_DISABLE_PLUGINS"  # read when a model is built; without it every installed package is asked


@contextmanager
def no_plugins() -> Iterator[None]:
    """For a while; what we start later finds the environment as the user has it."""
    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "__all__"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = before

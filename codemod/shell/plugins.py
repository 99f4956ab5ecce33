"""What other packages would hook into the models of a plan: not wanted, and dear to look for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_SWITCH = "PYDANTIC_DISABLE_PLUGINS"  # read when a model is built; without it every installed package is asked
_LOADER = "pydantic.plugin._loader"  # loads what reads the metadata of packages, even where the switch is on


@contextmanager
def no_plugins() -> Iterator[None]:
    """For a while; what we start later finds the environment as the user has it."""
    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "__all__"
    nobody = _nobody()
    found = sys.modules.setdefault(_LOADER, nobody)
    try:
        yield
    finally:
        if found is nobody:
            del sys.modules[_LOADER]
        if before is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = before


def _nobody() -> ModuleType:
    """In place of pydantic's loader: it knows of no plugin."""
    module = ModuleType(_LOADER)
    vars(module)["get_plugins"] = tuple
    return module

"""A pytest plugin that runs inside a package's own tests: which file each of the package's modules came from.

It must stay importable without anything of ours: the tests run in the package's environment.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    name = os.environ["RECORDED_PACKAGE"]
    files = {
        module: str(getattr(loaded, "__file__", "") or "")
        for module, loaded in sorted(sys.modules.items())
        if module == name or module.startswith(name + ".")
    }
    Path(os.environ["RECORDED_FILES"]).write_text(json.dumps(files), encoding="utf-8")

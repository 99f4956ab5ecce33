"""Import each named module in a process of its own (`python importing.py NAME...`); print those that fail, as JSON.

It must stay importable without anything of ours: it runs in the package's environment.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback


def failure(name: str) -> str:
    """Import `name` in a fork of this process, which has imported nothing of the package; "" when it works."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        message = ""
        try:
            importlib.import_module(name)
        except BaseException:
            message = traceback.format_exc().strip().splitlines()[-1]
        os.write(writer, message.encode()[:4000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        message = pipe.read().decode()
    os.waitpid(child, 0)
    return message


if __name__ == "__main__":
    failures = {name: failure(name) for name in sys.argv[1:]}
    print(json.dumps({name: message for name, message in failures.items() if message}))

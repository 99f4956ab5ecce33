"""The floor: list, read, search, and `ast.parse` of the files that must change (`python floor.py REPO WORDS FILES`).

WORDS and FILES are files with one entry a line: the last segments of the moved names, and the paths that change.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path


def main(repository: str, words: str, files: str) -> None:
    listed = subprocess.run(["git", "-C", repository, "ls-files", "-z"], capture_output=True, check=True).stdout
    segments = "|".join(map(re.escape, Path(words).read_text(encoding="utf-8").split()))
    search = re.compile(rb"\b(?:" + segments.encode() + rb")\b").search
    must = set(Path(files).read_text(encoding="utf-8").splitlines())
    candidates = 0
    for path in filter(None, listed.decode().split("\0")):
        if not path.endswith((".py", ".pyi")):
            continue
        data = Path(repository, path).read_bytes()
        if search(data):
            candidates += 1
        if path in must:
            ast.parse(data)


if __name__ == "__main__":
    main(*sys.argv[1:])

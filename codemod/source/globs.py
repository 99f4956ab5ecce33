"""Globs over the paths of a repository."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=256)
def compiled(glob: str) -> re.Pattern[str]:
    """A pattern for whole paths: `*` and `?` stay within a folder, `**` crosses them; a trailing `/` is ignored."""
    parts, text = [], glob.strip("/")
    position = 0
    while position < len(text):
        if text.startswith("**/", position):
            parts.append("(?:[^/]+/)*")
            position += 3
        elif text.startswith("**", position):
            parts.append(".*")
            position += 2
        elif text[position] == "*":
            parts.append("[^/]*")
            position += 1
        elif text[position] == "?":
            parts.append("[^/]")
            position += 1
        elif text[position] == "[" and "]" in text[position + 2 :]:
            end = text.index("]", position + 2)
            inner = text[position + 1 : end].replace("\\", "\\\\")
            parts.append("[" + ("^" + inner[1:] if inner[:1] == "!" else inner) + "]")
            position = end + 1
        else:
            parts.append(re.escape(text[position]))
            position += 1
    return re.compile("".join(parts))


def matches(path: str, globs: Iterable[str]) -> bool:
    """True when one of the globs matches the whole path."""
    return any(compiled(glob).fullmatch(path) for glob in globs)

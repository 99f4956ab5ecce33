"""Files that list paths, one a line: CODEOWNERS, what git and docker ignore, attributes, what a distribution holds."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .located import below
from .phrases import FOLDERS, Phrases
from .stored import decoded, encoded, size
from .view import View

_IGNORES = lazy(r"(?:.*\.)?\.?[a-z-]*ignore")
_LINE = lazy(r"[^\r\n]+")
_PATTERN = lazy(r"(?P<not>!?)(?P<pattern>(?:\\.|\S)+)(?P<gap>[ \t]*)")
_INCLUDED = lazy(r"\s*(?P<command>[a-z-]+)\s+(?P<patterns>[^#]*)")
_ESCAPED = lazy(r"\\(?![ \t])|\[|\{")


class Owners:
    """Paths in CODEOWNERS, `.gitignore`, `.dockerignore`, `.gitattributes`, MANIFEST.in and their like."""

    name = "owners"

    def claims(self, path: str) -> bool:
        """True for the files named above, wherever they lie."""
        base = posixpath.basename(path)
        return base in ("CODEOWNERS", ".gitattributes", "MANIFEST.in") or _IGNORES.fullmatch(base) is not None

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to the file."""
        text = decoded(data)
        base = posixpath.basename(path)
        for line in _LINE.finditer(text):
            start = len(line.group()) - len(line.group().lstrip(" \t\ufeff"))
            if line.group()[start : start + 1] in ("", "#"):
                continue
            at = size(text[: line.start()])
            if base == "MANIFEST.in":
                yield from _included(view, line.group(), at)
            else:
                yield from _Line(view, base, line.group(), start, at).edits()


class _Line:
    """A pattern in front, and what goes with it behind."""

    def __init__(self, view: View, base: str, line: str, start: int, at: int) -> None:
        self.view, self.base, self.line, self.start, self.at = view, base, line, start, at
        owners = base == "CODEOWNERS"
        self.folder = "" if owners else posixpath.dirname(view.path)

    def edits(self) -> Iterator[Edit]:
        found = _PATTERN.match(self.line, self.start)
        if found is None:
            return
        written = found["pattern"]
        new = self.after(written)
        if new is None:
            return
        start, end = found.span("pattern")
        gap = found["gap"] if found.end() < len(self.line) else ""
        if len(gap) > 1 and set(gap) == {" "}:  # columns: what stands behind stays where it is, if it can
            end += len(gap)
            replaced = new + " " * max(1, len(gap) - (len(new) - len(written)))
        else:
            replaced = new
        byte = self.at + size(self.line[:start])
        old = self.line[start:end]
        yield Edit(byte, byte + size(old), encoded(replaced), f"{written} -> {new}")

    def after(self, pattern: str) -> str | None:
        """The pattern after the phase; None where it stays or may mean a path at any depth."""
        if _ESCAPED.search(pattern):
            return None
        lead = "/" if pattern.startswith("/") else "./" if pattern.startswith("./") else ""
        body = pattern[len(lead) :]
        anchored = lead or "/" in body.rstrip("/") or self.base.endswith("dockerignore")
        if not anchored or body.startswith(("/", "**")):
            return None
        new = below(self.view, self.folder, body)
        return None if new is None or new == body or new.startswith("../") else lead + new


def _included(view: View, line: str, at: int) -> Iterator[Edit]:
    """`include app/x.json`, `recursive-include app *.json`, `graft app/templates`."""
    found = _INCLUDED.match(line)
    if found is None or found["command"].startswith("global-"):
        return
    patterns = found["patterns"]
    if found["command"].startswith("recursive-"):
        patterns = patterns.split()[0] if patterns.split() else ""
    yield from Phrases(view).edits(patterns, at + size(line[: found.start("patterns")]), FOLDERS)

"""A git patch read back: its files, their numbers, and where each begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass

from .cost import Cost
from .page import BLANK, Block, Line, Span, Table, line

_HUNK = lazy(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_ESCAPE = lazy(rb"\\([0-7]{3}|.)")
_NAMED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


@dataclass(frozen=True, slots=True)
class FilePatch:
    """One file of a patch: kind added | deleted | moved | copied | changed, and its byte span in the patch."""

    kind: str
    old: str
    path: str
    added: int
    deleted: int
    start: int
    end: int


def files_of(patch: bytes) -> tuple[FilePatch, ...]:
    """The files of a `git diff --full-index` patch, in order.

    Hunks are skipped by their counts, so a changed line that looks like a header is not taken for one.
    """
    found: list[FilePatch] = []
    lines = _split(patch)
    position, number = 0, 0
    while number < len(lines):
        if not lines[number].startswith(b"diff --git "):
            position, number = position + len(lines[number]), number + 1
            continue
        stop, added, deleted = _one(lines, number)
        size = sum(map(len, lines[number:stop]))
        kind, old, new = _header(lines[number:stop])
        found.append(FilePatch(kind, old, new, added, deleted, position, position + size))
        position, number = position + size, stop
    return tuple(found)


def _split(patch: bytes) -> list[bytes]:
    """Lines that end with LF alone, as git counts them."""
    parts = [part + b"\n" for part in patch.split(b"\n")]
    parts[-1] = parts[-1][:-1]
    return parts if parts[-1] else parts[:-1]


def _one(lines: Sequence[bytes], start: int) -> tuple[int, int, int]:
    """(line after the file's part, lines added, lines deleted)."""
    added = deleted = 0
    number = start + 1
    while number < len(lines) and not lines[number].startswith(b"diff --git "):
        hunk = _HUNK.match(lines[number])
        number += 1
        if hunk is None:
            continue
        old, new = int(hunk.group(1) or 1), int(hunk.group(2) or 1)
        while number < len(lines) and (old > 0 or new > 0):
            mark = lines[number][:1]
            old, new = old - (mark in b"- "), new - (mark in b"+ ")
            added, deleted = added + (mark == b"+"), deleted + (mark == b"-")
            number += 1
    return number, added, deleted


def _header(lines: Sequence[bytes]) -> tuple[str, str, str]:
    """(kind, old path, new path)."""
    kind, old, new = "changed", b"", b""
    for text in lines[1:]:
        text = text.rstrip(b"\n")
        word, _, rest = text.partition(b" ")
        if text.startswith((b"@@ ", b"GIT binary patch")):
            break
        if text.startswith((b"rename from ", b"copy from ")):
            kind, old = ("moved" if word == b"rename" else "copied"), _path(text.split(b" from ", 1)[1])
        elif text.startswith((b"rename to ", b"copy to ")):
            new = _path(text.split(b" to ", 1)[1])
        elif text.startswith(b"new file mode "):
            kind = "added"
        elif text.startswith(b"deleted file mode "):
            kind = "deleted"
        elif word == b"---" and not old:
            old = _side(rest)
        elif word == b"+++" and not new:
            new = _side(rest)
    if not old and not new:  # a binary file, an empty one, or a change of mode: both sides have the same name
        old = new = _same(lines[0])
    return kind, (old or new).decode("utf-8", "surrogateescape"), (new or old).decode("utf-8", "surrogateescape")


def _path(raw: bytes) -> bytes:
    """A path as git writes it: in quotes when it has special characters."""
    if not raw.startswith(b'"'):
        return raw

    def plain(found: re.Match[bytes]) -> bytes:
        code = found.group(1)
        return bytes([int(code, 8)]) if len(code) == 3 else _NAMED.get(code, code)

    return _ESCAPE.sub(plain, raw[1:-1])


def _side(raw: bytes) -> bytes:
    """A path of a `---` or `+++` line, without its prefix; empty for /dev/null."""
    path = _path(raw.rstrip(b"\t"))
    return b"" if path == b"/dev/null" else path.partition(b"/")[2]


def _same(first: bytes) -> bytes:
    """The path of `diff --git a/x b/x`, whose two halves are equal but for the prefix."""
    rest = first.rstrip(b"\n")[len(b"diff --git ") :]
    half = rest[: (len(rest) - 1) // 2]
    return _path(half).partition(b"/")[2]


def stat_report(patch: bytes) -> Iterator[Block]:
    """One row a file: letter, lines added and deleted, path (`old -> new` when moved); then the totals."""
    files = files_of(patch)
    if files:
        yield Table(("", "+", "-", "FILE"), tuple(_stat_row(file) for file in files), frozenset({1, 2}))
        yield BLANK
    yield line(str(patch_cost(files)))


def patch_cost(files: Sequence[FilePatch]) -> Cost:
    """The numbers of a whole patch."""
    moved = sum(file.kind == "moved" for file in files)
    return Cost(len(files), moved, sum(file.added for file in files), sum(file.deleted for file in files))


def _stat_row(file: FilePatch) -> Line:
    letter = {"added": "A", "deleted": "D", "moved": "R", "copied": "C"}.get(file.kind, "M")
    role = {"A": "good", "D": "bad", "R": "code"}.get(letter, "")
    shown = f"{file.old} -> {file.path}" if letter in "RC" else file.path
    return line(Span(letter, role), Span(f"{file.added:,}", "good"), Span(f"{file.deleted:,}", "bad"), shown)


def explained(patch: bytes, reasons: Mapping[str, Sequence[str]]) -> bytes:
    """The patch with lines `# path:line: reason` before each file; git apply passes over them."""
    pieces: list[bytes] = []
    position = 0
    for file in files_of(patch):
        pieces.append(patch[position : file.start])
        told = dict.fromkeys((*reasons.get(file.old, ()), *reasons.get(file.path, ())))
        pieces += [f"# {reason}\n".encode("utf-8", "surrogateescape") for reason in told]
        position = file.start
    pieces.append(patch[position:])
    return b"".join(pieces)


_ROLES = ((b"+", "good"), (b"-", "bad"), (b"@@", "code"), (b"#", "dim"))
_HEADS = tuple(
    b"diff --git |index |--- |+++ |rename |similarity |new file |deleted file |old mode |new mode ".split(b"|")
)


def coloured(patch: bytes) -> Iterator[Line]:
    """The patch as lines with roles, for a terminal."""
    for text in _split(patch):
        body = text.rstrip(b"\n")
        role = "dim" if body.startswith(_HEADS) else next((role for mark, role in _ROLES if body.startswith(mark)), "")
        if body.startswith(b"diff --git "):
            role = "strong"
        yield line(Span(body.decode("utf-8", "surrogateescape"), role))


def file_name(number: int, phase: str) -> str:
    """`01-low-risk.patch`; what a file name should not hold becomes `_`."""
    return f"{number:02d}-{re.sub(r'[^A-Za-z0-9._-]', '_', phase)}.patch"

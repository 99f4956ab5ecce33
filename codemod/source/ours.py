"""The marks by which text that this tool wrote is known again, in each kind of file."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from codemod.base.patterns import lazy
from codemod.base.values import dataclass

END = "codemod: end"
_SHIM = lazy(rb"^# codemod: shim (?P<old>\S+) -> (?P<new>\S+)[ \t]*\r?$", re.MULTILINE)
_STUB = lazy(rb"^# codemod: stub of (?P<old>\S+) -> (?P<new>\S+)[ \t]*\r?$", re.MULTILINE)
_BLOCK = lazy(
    rb"^# codemod: (?P<kind>redirect|forward|renamed)\b(?P<rest>[^\r\n]*)(?:\r\n|\n|\r)(?P<inner>.*?)"
    rb"^# codemod: end[ \t]*(?:\r\n|\n|\r|\Z)",
    re.MULTILINE | re.DOTALL,
)
_TABLE = {
    "redirect": lazy(r"^_redirect\(\s*(\{.*?\})\s*\)", re.MULTILINE | re.DOTALL),
    "renamed": lazy(r"^[ \t]+moved = (\{.*?^[ \t]+\})", re.MULTILINE | re.DOTALL),
}
_TOKEN = lazy(  # what may hold anything: a comment, or a string
    rb"#[^\r\n]*"
    rb'|"""(?:[^"\\]|\\.|"(?!""))*"""'
    rb"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    rb'|"(?:[^"\\\r\n]|\\.)*"'
    rb"|'(?:[^'\\\r\n]|\\.)*'",
    re.DOTALL,
)
_PHASE = lazy(rb"codemod\"?: \"?(?!(?:end|shim|stub|redirect|forward|renamed|guard)\b)([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Block:
    """A marked block in a Python file that a hand wrote: its kind, what the mark says, and its byte span."""

    kind: str  # redirect | forward | renamed
    rest: str
    inner: bytes
    start: int
    end: int


def shim_of(data: bytes) -> tuple[str, str] | None:
    """(old, new) when the file as a whole is a shim that we wrote, or the stub of one."""
    head = data[:600]
    found = _SHIM.search(head) or _STUB.search(head)
    if found is None or _is_quoted(data, found.start()) or table_in("redirect", data) is None:
        return None
    return found["old"].decode(), found["new"].decode()


def is_guard(data: bytes) -> bool:
    """True for the test that we wrote against old names, which spells them all."""
    return b"codemod: guard " in data[:300]


def blocks(data: bytes) -> list[Block]:
    """The blocks that we wrote into a Python file, in order; one whose table a hand changed into code is its own."""
    if b"# codemod: " not in data:
        return []
    return [
        Block(kind, found["rest"].decode().strip(), found["inner"], found.start(), found.end())
        for found in _BLOCK.finditer(data)
        for kind in [found["kind"].decode()]
        if not _is_quoted(data, found.start()) and table_in(kind, found["inner"]) is not None
    ]


def table_in(kind: str, data: bytes) -> Mapping[str, Any] | None:
    """The table of names in a shim or block of a kind, empty where it has none; None when it is not a plain one."""
    found = _TABLE[kind].search(data.decode("utf-8", "replace")) if kind in _TABLE else None
    if found is None:
        return {}
    try:
        table: Mapping[str, Any] = ast.literal_eval(found.group(1))
    except (ValueError, SyntaxError):
        return None
    return table


def _is_quoted(data: bytes, at: int) -> bool:
    """True for a place inside a string."""
    if b'"""' not in data[:at] and b"'''" not in data[:at]:
        return False  # a mark is at the beginning of a line, and no other string goes on over lines
    before = next((token for token in _TOKEN.finditer(data) if token.end() > at), None)
    return before is not None and before.start() < at


def without_blocks(data: bytes) -> bytes:
    """The file with our blocks blanked by as many spaces; line breaks stay, so every offset and line does too."""
    for block in blocks(data):
        blank = re.sub(rb"[^\r\n]", b" ", data[block.start : block.end])
        data = data[: block.start] + blank + data[block.end :]
    return data


def phase_marks(data: bytes) -> list[str]:
    """The phase ids that a generated text's marks carry, in order: `codemod: low-risk`, in any comment or JSON."""
    return [found.group(1).decode("utf-8", "replace") for found in _PHASE.finditer(data)]

"""The marks by which text that this tool wrote is known again, in each kind of file."""

from __future__ import annotations

import re
from dataclasses import dataclass

END = "codemod: end"
_SHIM = re.compile(rb"^# codemod: shim (?P<old>\S+) -> (?P<new>\S+)[ \t]*$", re.MULTILINE)
_STUB = re.compile(rb"^# codemod: stub of (?P<old>\S+) -> (?P<new>\S+)[ \t]*$", re.MULTILINE)
_BLOCK = re.compile(
    rb"^# codemod: (?P<kind>redirect|forward|renamed)\b(?P<rest>[^\r\n]*)(?:\r\n|\n|\r)(?P<inner>.*?)"
    rb"^# codemod: end[ \t]*(?:\r\n|\n|\r|\Z)",
    re.MULTILINE | re.DOTALL,
)
_PHASE = re.compile(
    rb"codemod\"?: \"?(?!(?:end|shim|stub|redirect|forward|renamed|guard)\b)([A-Za-z0-9][A-Za-z0-9._-]*)"
)


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
    return (found["old"].decode(), found["new"].decode()) if found else None


def is_guard(data: bytes) -> bool:
    """True for the test that we wrote against old names, which spells them all."""
    return b"codemod: guard " in data[:300]


def blocks(data: bytes) -> list[Block]:
    """The blocks that we wrote into a Python file, in order."""
    if b"# codemod: " not in data:
        return []
    return [
        Block(found["kind"].decode(), found["rest"].decode().strip(), found["inner"], found.start(), found.end())
        for found in _BLOCK.finditer(data)
    ]


def without_blocks(data: bytes) -> bytes:
    """The file with our blocks blanked by as many spaces; line breaks stay, so every offset and line does too."""
    for block in blocks(data):
        blank = re.sub(rb"[^\r\n]", b" ", data[block.start : block.end])
        data = data[: block.start] + blank + data[block.end :]
    return data


def phase_marks(data: bytes) -> list[str]:
    """The phase ids that a generated text's marks carry, in order: `codemod: low-risk`, in any comment or JSON."""
    return [found.group(1).decode("utf-8", "replace") for found in _PHASE.finditer(data)]

"""Generated text inside files that a hand wrote: between marks that carry the phase, found and renewed by them."""

from __future__ import annotations

import posixpath
import re

from codemod.base.values import dataclass

from .context import Context
from .later import later_phases

_COMMENTS = {
    ".md": ("<!-- ", " -->"), ".markdown": ("<!-- ", " -->"), ".html": ("<!-- ", " -->"), ".xml": ("<!-- ", " -->"),
    ".dot": ("// ", ""), ".gv": ("// ", ""), ".js": ("// ", ""), ".mmd": ("%% ", ""), ".mermaid": ("%% ", ""),
    ".rst": (".. ", ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A generated part of a file: the phase in its mark, what it is, and its byte span, marks included."""

    phase: str
    what: str
    start: int
    end: int


def comment(path: str, text: str) -> str:
    """`text` as a comment of the kind of file that `path` names."""
    opening, closing = _COMMENTS.get(posixpath.splitext(path)[1].lower(), ("# ", ""))
    return f"{opening}{text}{closing}"


def is_markdown(path: str) -> bool:
    """True for files whose sections are headings."""
    return path.lower().endswith((".md", ".markdown"))


def marked(path: str, phase: str, what: str, inner: str) -> str:
    """A generated part with its marks."""
    return f"{comment(path, f'codemod: {phase} {what}')}\n{inner.rstrip()}\n{comment(path, 'codemod: end')}\n"


def part_of(path: str, data: bytes, what: str) -> Part | None:
    """The generated part of this kind, or None."""
    first, last = comment(path, "codemod: \0").split("\0")
    pattern = re.compile(
        rb"^" + re.escape(first).encode() + rb"(?P<phase>\S+) " + re.escape(what + last).encode() + rb"[ \t]*\r?\n"
        rb".*?^" + re.escape(comment(path, "codemod: end")).encode() + rb"[ \t]*(?:\r?\n|\Z)",
        re.MULTILINE | re.DOTALL,
    )  # fmt: skip
    found = pattern.search(data)
    return Part(found["phase"].decode(), what, found.start(), found.end()) if found else None


def is_fresh(context: Context, phase: str) -> bool:
    """True when generated text of `phase` is this phase's or a later one's, which it must not take back."""
    return phase == context.phase.id or phase in later_phases(context)


def newline_of(data: bytes) -> bytes:
    """The line ending of a text file."""
    at = data.find(b"\n")
    return b"\r\n" if at > 0 and data[at - 1 : at] == b"\r" else b"\n"


def renewed(context: Context, path: str, data: bytes, what: str, inner: str) -> bytes:
    """`data` with its generated part of this kind written anew, unless it is fresh; added at the end if missing."""
    part = part_of(path, data, what)
    if part is not None and is_fresh(context, part.phase):
        return data
    newline = newline_of(data)
    text = marked(path, context.phase.id, what, inner).encode().replace(b"\n", newline)
    if part is not None:
        return data[: part.start] + text + data[part.end :]
    return added(data, text)


def added(data: bytes, text: bytes) -> bytes:
    """`text` behind `data`, an empty line between."""
    if not data.strip():
        return text
    newline = newline_of(data)
    return data + (b"" if data.endswith(b"\n") else newline) + (b"" if data.endswith(newline * 2) else newline) + text

"""The byte layout of one import statement: where its parts stand, and how clauses leave or join it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.source.facts import Import
from codemod.source.text import Text

from .edits import Edit
from .listing import cut_items

_TOKEN = lazy(
    rb"(?P<gap>[ \t\f]+|\\\r?\n|\\\r|\r\n|\n|\r)|(?P<comment>#[^\r\n]*)|(?P<name>[A-Za-z_\x80-\xff][\w\x80-\xff]*)"
    rb"|(?P<mark>[.,()*;])"
)
_PLAIN = lazy(rb"from[ \t]+(?P<module>[\w.\x80-\xff]+)[ \t]+import[ \t(*]")  # as nearly all are written


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an import statement with its byte span."""

    kind: str  # gap | comment | name | mark
    text: bytes
    start: int
    end: int


def tokens(data: bytes, start: int, end: int) -> list[Token]:
    """The pieces of the import statement at `data[start:end]`."""
    found: list[Token] = []
    position = start
    while position < end:
        match = _TOKEN.match(data, position, end)
        if match is None:
            raise ValueError(f"not an import statement: {data[start:end]!r}")
        found.append(Token(match.lastgroup or "", match.group(), position, match.end()))
        position = match.end()
    return found


def module_span(data: bytes, statement: Import) -> tuple[int, int]:
    """The span of `..pkg.mod` in `from ..pkg.mod import x`."""
    plain = _PLAIN.match(data, statement.start, statement.end)
    if plain is not None:
        return plain.span("module")
    parts = [t for t in tokens(data, statement.start, statement.end) if t.kind in ("name", "mark")]
    inner = parts[1 : next(i for i, t in enumerate(parts) if i and t.text == b"import")]
    return inner[0].start, inner[-1].end


def module_edit(data: bytes, statement: Import, new: str, reason: str) -> list[Edit]:
    """Put `new` in the place of the module of a `from` import, touching no more than the segments that differ."""
    start, end = module_span(data, statement)
    after = data[end : end + 1]
    tight = not after.isspace() and after != b"\\"  # `from .import x`
    before = data[start - 1 : start]
    lead = b"" if before.isspace() or before == b"\\" else b" "  # `from.x import y`
    if new.startswith("."):
        lead = b""
    text = lead + new.encode() + (b" " if tight and not new.endswith(".") else b"")
    return [] if data[start:end] == text else [dotted_edit(data, start, end, text, reason)]


def dotted_edit(data: bytes, start: int, end: int, new: bytes, reason: str, review: bool = False) -> Edit:
    """Replace a dotted name by another."""
    return Edit(start, end, new, reason, review)


def line_end(data: bytes, position: int) -> int:
    """The offset of the line break (or the end) at or after `position`."""
    match = re.compile(rb"[\r\n]").search(data, position)
    return match.start() if match else len(data)


def shares_line(text: Text, statement: Import) -> bool:
    """True when other code stands on the statement's first or last line (`;` or a one-line block)."""
    start = text.starts[text.line(statement.start) - 1]
    if text.data[start : statement.start].strip(b" \t\f"):
        return True
    rest = text.data[statement.end : line_end(text.data, statement.end)].strip(b" \t\f")
    return bool(rest) and not rest.startswith(b"#")


def indent_of(text: Text, offset: int) -> bytes:
    """The white space in front of the line that holds `offset`."""
    start = text.starts[text.line(offset) - 1]
    match = re.compile(rb"[ \t\f]*").match(text.data, start)
    return (match.group() if match else b"").replace(b"\f", b"")


def insertion(text: Text, statement: Import, new: Sequence[str], reason: str) -> Edit | None:
    """Add statements behind an import statement, in its block and its style; None for no statements."""
    if not new:
        return None
    if shares_line(text, statement):
        joined = "".join(f"; {line.partition(chr(35))[0].rstrip()}" for line in new)
        return Edit(statement.end, statement.end, joined.encode(), reason)
    at = line_end(text.data, statement.end)
    indent, newline = indent_of(text, statement.start), text.newline
    here = text.data[at : at + 2]
    if here[:1] == b"\n":
        newline = b"\n"
    elif here == b"\r\n":
        newline = b"\r\n"
    lines = b"".join(newline + indent + line.encode() for line in new)
    return Edit(at, at, lines, reason)


_DIRECTIVE = lazy(
    rb"#[ \t]*(?:noqa(?::[ \t]*[A-Z][\w, \t]*\w)?|type:[ \t]*ignore(?:\[[^\]#]*\])?|pyright:[^#]*|pylint:[^#]*"
    rb"|isort:[ \t]*skip|fmt:[ \t]*skip|pragma:[^#]*|nosec\b[^#]*)(?![\w-])",
    re.IGNORECASE,
)


def directives(data: bytes, statement: Import) -> str:
    """What comments of a statement as a whole tell tools: behind its end, or behind its opening parenthesis."""
    opened = data.find(b"(", statement.start, statement.aliases[0].start)
    heads = [data[opened + 1 : line_end(data, opened)]] if opened != -1 else []
    behind = data[statement.end : line_end(data, statement.end)]
    comments = [head.strip() for head in (*heads, behind) if head.strip().startswith(b"#")]
    found = [match.group().decode().rstrip() for comment in comments for match in _DIRECTIVE.finditer(comment)]
    return "  ".join(dict.fromkeys(found))


def insertion_ahead(text: Text, statement: Import, new: Sequence[str], reason: str) -> Edit | None:
    """Add statements in front of an import statement, in its block and its style; None for no statements."""
    if not new:
        return None
    at = statement.start
    if shares_line(text, statement):
        joined = "".join(f"{line.partition(chr(35))[0].rstrip()}; " for line in new)
        return Edit(at, at, joined.encode(), reason)
    indent, here = indent_of(text, at), line_end(text.data, statement.end)
    newline = b"\r\n" if text.data[here : here + 2] == b"\r\n" else text.data[here : here + 1] or text.newline
    return Edit(at, at, b"".join(line.encode() + newline + indent for line in new), reason)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of an import list, what must be cut to take it out, and the comment that belongs to it."""

    start: int
    end: int
    comment: str = ""


def clauses(data: bytes, statement: Import) -> list[Clause]:
    """For each alias of the statement, the span from it to the next one, and the comment on its line."""
    parts = tokens(data, statement.start, statement.end)
    found: list[Clause] = []
    for number, alias in enumerate(statement.aliases):
        following = statement.aliases[number + 1].start if number + 1 < len(statement.aliases) else alias.end
        comment = ""
        for token in parts:
            if token.start < alias.end or (number + 1 < len(statement.aliases) and token.start >= following):
                continue
            if token.kind == "comment":
                comment = token.text.decode()
                break
            if token.kind == "name" or (token.kind == "gap" and b"\n" in token.text and b"\\" not in token.text):
                break
        found.append(Clause(alias.start, following, comment))
    return found


def removal(data: bytes, statement: Import, gone: Sequence[int], reason: str) -> list[Edit]:
    """Take the aliases with the numbers `gone` out of a list in which at least one stays.

    A clause leaves with the comma and the space behind it; the last one with those before it.
    A clause that has a line of its own leaves with that line and its comment.
    """
    leaving = set(gone)
    spans = [(alias.start, alias.end) for alias in statement.aliases]
    if b"(" in data[statement.start : spans[0][0]]:
        return [Edit(start, end, b"", reason) for start, end in cut_items(data, spans, leaving)]
    last = max(n for n in range(len(spans)) if n not in leaving)
    cuts = [(spans[n][0], spans[n + 1][0]) if n < last else (spans[n - 1][1], spans[n][1]) for n in sorted(leaving)]
    return [Edit(start, end, b"", reason) for start, end in cuts]


def written(module: str, imported: Sequence[tuple[str, str]], width: int = 0) -> str:
    """`from module import a, b as c`; parenthesised when longer than `width` (0: never)."""
    names_ = ", ".join(name if not alias else f"{name} as {alias}" for name, alias in imported)
    line = f"from {module} import {names_}"
    return line if not width or len(line) <= width else f"from {module} import ({names_})"


def name_key(clause: str) -> tuple[int, str, str]:
    """The sort key of an import clause: constants, classes, the rest, as import sorters order names."""
    name = clause.partition(" ")[0]
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return rank, name.lower(), name

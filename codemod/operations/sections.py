"""Sections of Markdown and of plain text files: found, written to, taken out of."""

from __future__ import annotations

import re

from codemod.base.patterns import lazy
from codemod.base.values import dataclass

_HEADING = lazy(r"(?P<marks>#{1,6})[ \t]+(?P<title>.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = lazy(r"(=+|-+)[ \t]*$")
_FENCE = lazy(r" {0,3}(`{3,}|~{3,})")
_UNFIT = lazy(r"`{3}|~{3}|\||#|<|    |\t")
_MARK = lazy(r"[ \t]*<!-- codemod: \S+(?: \d+)? -->[ \t]*$")


@dataclass(frozen=True, slots=True)
class Section:
    """Line numbers from 0: the heading, the first line of its text, and the end of its own text (exclusive)."""

    heading: int
    start: int
    end: int
    level: int


def sections(lines: list[str]) -> list[tuple[str, Section]]:
    """(title, section) of each heading of a Markdown text; a section ends at the next heading of any level."""
    heads: list[tuple[str, int, int, int]] = []
    code = _fenced(lines)
    for number, line in enumerate(lines):
        if number in code:
            continue
        heading = _HEADING.match(line)
        if heading:
            heads.append((heading["title"], number, number + 1, len(heading["marks"])))
        elif number and _UNDERLINE.match(line) and _is_title(lines[number - 1], number - 1, heads):
            heads.append((lines[number - 1].strip(), number - 1, number + 1, 1 if line.startswith("=") else 2))
    ends = [*(head[1] for head in heads[1:]), len(lines)][: len(heads)]
    return [(title, Section(at, start, end, level)) for (title, at, start, level), end in zip(heads, ends, strict=True)]


def _is_title(line: str, number: int, heads: list[tuple[str, int, int, int]]) -> bool:
    """True when a line that stands over an underline is text, not a heading, a list or another underline."""
    if not line.strip() or line.startswith(("-", "=")):
        return False
    return not heads or heads[-1][2] <= number


def _fenced(lines: list[str]) -> set[int]:
    """The numbers of the lines in code fences, their marks included; a fence that is never closed is none."""
    found: set[int] = set()
    start, fence = 0, ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and not fence:
            start, fence = number, mark.group(1)
        elif mark and mark.group(1).startswith(fence) and not line[mark.end() :].strip():
            found.update(range(start, number + 1))
            fence = ""
    return found


def section_of(lines: list[str], title: str) -> Section | None:
    """The first section of that title, or None."""
    return next((section for found, section in sections(lines) if found == title.strip()), None)


def unmarked(line: str) -> str:
    """A line without the mark behind it and the space at its end."""
    return _MARK.sub("", line).rstrip()


def find_text(lines: list[str], start: int, end: int, text: str) -> tuple[int, int] | None:
    """Where `text` stands as whole lines between two line numbers, marks aside."""
    wanted = [line.rstrip() for line in text.strip("\n").splitlines()]
    for at in range(start, end - len(wanted) + 1):
        if [unmarked(line) for line in lines[at : at + len(wanted)]] == wanted:
            return at, at + len(wanted)
    return None


def has_mark(lines: list[str], mark: str) -> bool:
    """True when a line ends with this mark."""
    return any(line.rstrip().endswith(f"<!-- codemod: {mark} -->") for line in lines)


def written(lines: list[str], title: str, text: str, mark: str) -> list[str]:
    """`lines` with `text` at the end of its section, which is made at the end of the file where it is missing."""
    body = text.strip("\n").splitlines()
    if body and not _UNFIT.match(body[-1]):
        body[-1] += f" <!-- codemod: {mark} -->"
    else:
        body += ["", f"<!-- codemod: {mark} -->"]
    section = section_of(lines, title)
    if section is None:
        gap = [""] if lines and lines[-1].strip() else []
        level = "##" if any(line.strip() for line in lines) else "#"
        return [*lines, *gap, f"{level} {title.strip()}", "", *body]
    last = section.end
    while last > section.start and not lines[last - 1].strip():
        last -= 1
    joined = last > section.start and _is_item(body[0]) and _is_listed(lines[section.start : last])
    gap = [] if joined else [""]
    after = [] if last < section.end or last == len(lines) else [""]
    return [*lines[:last], *gap, *body, *after, *lines[last:]]


def _is_item(line: str) -> bool:
    return bool(re.match(r"([-*+]|\d+[.)])[ \t]", line))


def _is_listed(lines: list[str]) -> bool:
    """True when the last paragraph of these lines is a list."""
    for line in reversed(lines):
        if _is_item(line):
            return True
        if not line.strip() or not line.startswith(" "):
            return False
    return False


def taken_out(lines: list[str], title: str, text: str) -> list[str]:
    """`lines` without `text` in its section (without the whole section when `text` is empty)."""
    section = section_of(lines, title)
    if section is None:
        return lines
    if not text.strip():
        return [*lines[: section.heading], *lines[_until(lines, section) :]]
    found = find_text(lines, section.start, section.end, text)
    if found is None:
        return lines
    start, end = found
    if end + 1 < section.end and not lines[end].strip() and _MARK.fullmatch(lines[end + 1]):
        end += 2
    rest = [line for line in [*lines[section.start : start], *lines[end : section.end]] if line.strip()]
    if not rest:
        return [*lines[: section.heading], *lines[section.end :]]
    if start > section.start and not lines[start - 1].strip() and (end >= len(lines) or not lines[end].strip()):
        start -= 1
    return [*lines[:start], *lines[end:]]


def _until(lines: list[str], section: Section) -> int:
    """The end of a section with its subsections."""
    for _, other in sections(lines):
        if other.heading > section.heading and other.level <= section.level:
            return other.heading
    return len(lines)


def with_block(lines: list[str], header: str, block: list[str]) -> list[str]:
    """`lines` with a marked block at the end, or at the end of the INI section under `header`."""
    if header and header in lines:
        at = lines.index(header) + 1
        while at < len(lines) and not lines[at].startswith("["):
            at += 1
        while not lines[at - 1].strip():
            at -= 1
        return [*lines[:at], *block, *lines[at:]]
    gap = [""] if any(line.strip() for line in lines) and lines[-1].strip() else []
    return [*lines, *gap, *([header] if header else []), *block]


def without_block(lines: list[str], title: str, body: list[str], header: str) -> list[str]:
    """`lines` without the marked block of this title (and text, where `body` says one); an INI section may go too."""
    opening = re.compile(r"(?:#|//|%%|\.\.|<!--) codemod: \S+(?: \d+)? " + re.escape(title) + r"(?: -->)?")
    for start, line in enumerate(lines):
        if not opening.fullmatch(line):
            continue
        end = next((n for n in range(start, len(lines)) if "codemod: end" in lines[n]), len(lines) - 1) + 1
        if body and lines[start + 1 : end - 1] != body:
            continue
        behind = not any(other.strip() for other in lines[end : end + 1])
        if header and start and lines[start - 1] == header and (behind or lines[end].startswith("[")):
            start -= 1
        if start and not lines[start - 1].strip() and end == len(lines):
            start -= 1
        return [*lines[:start], *lines[end:]]
    return lines


def lines_of(text: str) -> list[str]:
    """The lines of a text without their endings."""
    return [line.rstrip("\r\n") for line in raw_lines(text)]


def raw_lines(text: str) -> list[str]:
    """The lines of a text with their endings."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def respliced(text: str, old: list[str], new: list[str]) -> str:
    """`text` with its lines `old` changed to `new` in one place; the other lines keep their endings."""
    if old == new:
        return text
    raw = raw_lines(text)
    newline = "\r\n" if raw and raw[0].endswith("\r\n") else "\n"
    limit = min(len(old), len(new))
    first = next((n for n in range(limit) if old[n] != new[n]), limit)
    last = next((n for n in range(limit - first) if old[-1 - n] != new[-1 - n]), limit - first)
    before = "".join(raw[:first])
    if before and not before.endswith("\n"):
        before += newline
    middle = "".join(line + newline for line in new[first : len(new) - last])
    return before + middle + "".join(raw[len(raw) - last :])

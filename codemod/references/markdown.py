"""Markdown and reStructuredText: links, code, directives, and what prose names beyond doubt; histories stay."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Generator, Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .needles import Needles
from .prose import PAGES, Line, Prose, hot_lines, is_history, lines_of
from .rst import Rst
from .shellwords import blank
from .stored import decoded, size
from .view import View

_MARKDOWN = (".md", ".markdown", ".mdx", ".qmd", ".rmd", ".mkd")
_RST = (".rst", ".rest")
_TEXTS = lazy(r"(?i)(?:readme|install|contributing|usage|hacking|development)(?:\.txt)?")
_DOCUMENTS = lazy(r"(?:.+/)?docs?/(?!(?:.+/)?(?:requirements|constraints|robots)[^/]*$).+\.txt")
_FENCE = lazy(r"(?P<indent>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\r\n]*)")
_OPENING = lazy(r"[ \t]*<!-- codemod: \S+ (?!(?:snapshot|ownership|scaffold)\b).+ -->[ \t]*$")  # those follow
_CLOSING = lazy(r"[ \t]*<!-- codemod: end -->[ \t]*$")
_MARK = lazy(r"<!-- codemod: \S+(?: \d+)? -->[ \t]*$")
_ITEM = lazy(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]")
_SPAN = lazy(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)")
_PAGE_ROLE = lazy(rf"\{{{PAGES}\}}$")
_LINK = lazy(r"\]\(\s*<?(?P<target>[^\s()<>]+)>?(?P<title>\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)")
_DEFINITION = lazy(r"[ ]{0,3}\[[^\]^][^\]]*\]:[ \t]*<?(?P<target>[^\s<>]+)>?")
_ATTRIBUTE = lazy(r"\b(?:href|src)=[\"'](?P<target>[^\"']+)[\"']")
_AUTODOC = lazy(r"[ \t]*:::[ \t]+(?P<name>[\w.]+)[ \t]*$")
_SNIPPET = lazy(r"[ \t]*(?:--8<--[ \t]+|\{!)[\"']?(?P<target>[\w./-]+)")
_DIRECTIVE = lazy(r"\{(?P<name>[\w:-]+)\}[ \t]*(?P<argument>\S.*)?")
_TESTS = frozenset({"test", "tests", "testing", "testdata", "test_data"})
_OUTPUTS = (".output", ".out", ".expected", ".expect", ".golden", ".snap", ".html", ".json", ".xml")
_PATHS = frozenset({"literalinclude", "include", "image", "figure", "download"})


class Markdown:
    """Names and paths in texts for people."""

    name = "markdown"

    def claims(self, path: str) -> bool:
        """True for Markdown, reStructuredText, READMEs and texts among documents, but for changelogs and their like."""
        base = posixpath.basename(path)
        known = base.lower().endswith(_MARKDOWN + _RST) or _TEXTS.fullmatch(base) or _DOCUMENTS.fullmatch(path)
        return bool(known) and not is_history(path)

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to the text; what this tool wrote into it stays."""
        text = decoded(data)
        if not Needles.of(view).found(text) or _is_compared(path, view):
            return
        lines = list(lines_of(text))
        if path.lower().endswith(_MARKDOWN):
            yield from markdown_edits(Prose.of(view), lines)
        else:
            yield from Rst(Prose.of(view), lines).edits()


def _is_compared(path: str, view: View) -> bool:
    """True for a text that a test reads: `tests/a.md` beside `tests/a.md.output`, what shall come of it."""
    if not _TESTS.isdisjoint(path.split("/")[:-1]):
        names = (path, posixpath.splitext(path)[0])
        return any(name + ending in view.inventory.tree for name in names for ending in _OUTPUTS)
    return False


def markdown_edits(prose: Prose, lines: Sequence[Line]) -> Iterator[Edit]:
    """The edits to Markdown whose lines are given."""
    yield from _Markdown(prose, lines).edits()


class _Markdown:
    """Reads Markdown line by line."""

    def __init__(self, prose: Prose, lines: Sequence[Line]) -> None:
        self.prose = prose
        self.lines = lines
        self.ours = _ours([line.text for line in lines])
        self.hot = hot_lines(prose.needles, lines)

    def edits(self) -> Iterator[Edit]:
        number, last = self._front_matter(), max(self.hot, default=-1)
        while number <= last or (self.prose.above and number < len(self.lines)):
            line = self.lines[number]
            fence = _FENCE.fullmatch(line.text)
            if fence and number not in self.ours:
                number = yield from self._fenced(number, fence)
                continue
            if number not in self.ours:
                block = self._unfenced(number) if number in self.hot else range(0)
                if block:
                    body = self.lines[block.start : block.stop]
                    yield from self.prose.block("", "".join(one.whole for one in body), body[0].at)
                    number = block[-1]
                elif number in self.hot:
                    yield from self._line(line)
            number += 1

    def _front_matter(self) -> int:
        """The number of the line behind `---` ... `---` at the top, which is for another program."""
        if not self.lines or self.lines[0].text.rstrip() != "---":
            return 0
        closing = (n for n, line in enumerate(self.lines[1:], 1) if line.text.rstrip() in ("---", "..."))
        return next(closing, -1) + 1

    def _unfenced(self, number: int) -> range:
        """The lines of the block of code, or of the examples behind prompts, that a line outside of fences is in."""
        code = self._is_code(number)

        def inside(at: int) -> bool:
            text = self.lines[at].text
            if at in self.ours or _FENCE.fullmatch(text):
                return False
            return bool(text.strip()) if not code else not text.strip() or text.startswith(("    ", "\t"))

        first, end = number, number + 1
        while first and inside(first - 1):
            first -= 1
        while end < len(self.lines) and inside(end):
            end += 1
        return range(first, end if code or self.lines[first].text.lstrip().startswith(">>> ") else first)

    def _is_code(self, number: int) -> bool:
        """True in an indented block of code: four blanks behind an empty line, outside of lists."""
        if not self.lines[number].text.startswith(("    ", "\t")):
            return False
        while number and self.lines[number].text.startswith(("    ", "\t")):
            number -= 1
        empty = not self.lines[number].text.strip() or number == 0
        while number and (not self.lines[number].text.strip() or self.lines[number].text[:1] in " \t"):
            number -= 1
        return empty and not _ITEM.match(self.lines[number].text)

    # -- blocks

    def _fenced(self, number: int, fence: re.Match[str]) -> Generator[Edit, None, int]:
        """A fenced block; returns the number of the line behind it."""
        close = re.compile(rf"[ \t>]*{re.escape(fence['fence'][0])}{{{len(fence['fence'])},}}[ \t]*")
        inside = number + 1
        while inside < len(self.lines) and not close.fullmatch(self.lines[inside].text):
            inside += 1
        info = fence["info"].rstrip()
        directive = _DIRECTIVE.fullmatch(info)
        if directive:
            argument = directive["argument"] or ""
            at = self.lines[number].at + size(fence.string[: fence.start("info")] + info[: len(info) - len(argument)])
            language = yield from self._directive(directive["name"], argument, at)
        else:
            language = re.split(r"[\s,{]", info, maxsplit=1)[0]
        body = self.lines[number + 1 : inside]
        hot = any(n in self.hot for n in range(number + 1, inside))
        if language != "skip" and (hot or self.prose.goes_on("".join(line.whole for line in body))):
            yield from self._code(language, body, quoted=">" in fence["indent"])
        return inside + 1

    def _directive(self, name: str, argument: str, at: int) -> Generator[Edit, None, str]:
        """A directive of MyST; returns the language of what it holds, or `skip`."""
        name = name.rpartition(":")[2]
        if name in ("code-block", "code", "sourcecode", "code-cell"):
            return argument.strip() or "python" if name != "code-cell" else "python"
        if name in _PATHS:
            yield from self.prose.link(argument, at)
        elif name.startswith("auto") or name in ("module", "currentmodule", "click", "typer"):
            yield from self.prose.names(argument, at)
        else:
            yield from self.prose.text(argument, at)
        return "skip" if name in ("toctree", "math") else "eval-rst" if name == "eval-rst" else "markdown"

    def _code(self, language: str, body: Sequence[Line], *, quoted: bool) -> Iterator[Edit]:
        if language == "eval-rst":
            yield from Rst(self.prose, body).edits()
            return
        if not quoted:
            yield from self.prose.block(language, "".join(line.whole for line in body), body[0].at)
            return
        for line in body:  # each line by itself, behind its mark
            inside = len(line.text) - len(line.text.lstrip(" >"))
            yield from self.prose.block(language, line.whole[inside:], line.at + inside)

    # -- lines

    def _line(self, line: Line) -> Iterator[Edit]:
        autodoc = _AUTODOC.fullmatch(line.text)
        if autodoc:
            yield from self.prose.names(autodoc["name"], line.at + autodoc.start("name"))
            return
        rest = line.text
        for pattern in (_SPAN, _LINK, _DEFINITION, _ATTRIBUTE, _SNIPPET):
            group = "code" if pattern is _SPAN else "target"
            for found in pattern.finditer(rest) if pattern is not _DEFINITION else filter(None, [pattern.match(rest)]):
                at = line.at + size(line.text[: found.start(group)])
                if pattern is _SPAN:
                    leads = _PAGE_ROLE.search(line.text[: found.start()])  # only what is shown instead may follow
                    code = found[group].rpartition("<")[0] if leads else found[group]
                    yield from self.prose.span(code, at, line.text)
                else:
                    yield from self.prose.link(found[group], at)
                rest = rest[: found.start()] + " " * (found.end() - found.start()) + rest[found.end() :]
        yield from self._prose(line, rest)

    def _prose(self, line: Line, rest: str) -> Iterator[Edit]:
        """What is left of a line, its spans and links blanked character by character."""
        if line.text.isascii():
            yield from self.prose.text(rest, line.at)
            return
        kept = "".join(
            blank(old) if new == " " and old != " " else old for old, new in zip(line.text, rest, strict=True)
        )
        yield from self.prose.text(kept, line.at)


def _ours(lines: Sequence[str]) -> set[int]:
    """The numbers of the lines that this tool wrote: between its marks, and paragraphs that end with one."""
    found: set[int] = set()
    opened = -1
    for number, line in enumerate(lines):
        if _CLOSING.match(line):
            if opened >= 0:
                found |= set(range(opened, number + 1))
            opened = -1
        elif _MARK.search(line):
            found |= set(_paragraph(lines, number))
        elif _OPENING.match(line):
            opened = number
    return found


def _paragraph(lines: Sequence[str], number: int) -> range:
    """The lines of the paragraph or list item that ends at a line; of the block before it, where it is a mark alone."""
    first = number
    if lines[number].strip().startswith("<!--"):
        first -= 1
        while first > 0 and not lines[first].strip():
            first -= 1
        while first > 0 and lines[first - 1].strip():
            first -= 1
        return range(max(first, 0), number + 1)
    while (
        first > 0
        and not _ITEM.match(lines[first])
        and lines[first - 1].strip()
        and not lines[first - 1].startswith("#")
    ):
        first -= 1
    return range(first, number + 1)

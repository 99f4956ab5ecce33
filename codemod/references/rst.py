"""reStructuredText line by line: directives and their content, literal blocks, spans, titles and their underlines."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .dotted import successor_of
from .prose import PAGES, Line, Prose, hot_lines
from .stored import size

_DIRECTIVE = lazy(r"(?P<indent>[ \t]*)\.\. +(?:\|[^|]+\| +)?(?P<name>[\w:.+-]+)::(?:[ \t]+(?P<argument>\S.*))?[ \t]*$")
_OPTION = lazy(r"[ \t]+:(?P<name>[\w-]+):[ \t]+(?P<value>\S.*)")
_SPAN = lazy(r"(?<!`)(?P<ticks>``?)(?![`\s])(?P<code>.+?)(?<![`\s])(?P=ticks)(?!`)")
_TARGET = lazy(r"(?:^|(?<=\s))\.\. _[^:]+:[ \t]+(?P<target>\S+)[ \t]*$")
_EMBEDDED = lazy(r"<(?P<target>[^<>\s]+)>$")
_FAR = 10  # lines
_ANYWHERE = lazy(r"\.[^\W\d]\w*\.")
_RULE = lazy(r"(?P<char>[=\-~`:'\"^_*+#.<>!$%&(),/;?@\[\\\]{|}])(?P=char)+[ \t]*$")
_MARKED = lazy(r"[ \t]*\.\. codemod: \S+ (?!(?:snapshot|ownership|scaffold)\b)")

_CODE = frozenset({"code-block", "code", "sourcecode", "testcode", "testsetup", "testcleanup", "doctest", "ipython"})
_PYTHON = frozenset({"testcode", "testsetup", "testcleanup", "doctest", "ipython", "jupyter-execute", "plot", "exec"})
_PATHS = frozenset({"literalinclude", "include", "image", "figure", "csv-table", "download", "raw"})
_NAMES = lazy(
    r"auto\w+|module|currentmodule|argparse|click|typer|inheritance-diagram|autoprogram|automodapi|automodsumm"
    r"|function|class|method|attribute|exception|data|property|decorator|type|sphinx_argparse_cli"
)
_COMMANDS = frozenset({"program-output", "command-output", "prompt", "console"})
_MODULE_ROLE = lazy(r":(?:py:)?mod:$")
_PAGE_ROLE = lazy(rf":{PAGES}:$")
_SILENT = frozenset({"toctree", "math", "only", "index", "meta", "highlight", "default-role"})


class Rst:
    """The lines of a text."""

    def __init__(self, prose: Prose, lines: Sequence[Line]) -> None:
        self.prose = prose
        self.lines = lines
        self.hot = hot_lines(prose.needles, lines)
        self.language = ""  # of literal blocks, as `highlight` says

    def edits(self) -> Iterator[Edit]:
        """The edits to the text."""
        number, last = 0, max(self.hot, default=-1)
        while number <= last or (self.prose.above and number < len(self.lines)):
            text = self.lines[number].text
            directive = _DIRECTIVE.match(text) if ".. " in text else None
            if _MARKED.match(text):
                number = self._behind_ours(number)
            elif directive:
                number = yield from self._directive(number, directive)
            elif text.rstrip().endswith("::") and text.strip() != "..":
                yield from self._line(number)
                end = self._block_end(number, text)
                yield from self._block(self.language, number + 1, end)
                number = end
            elif text.lstrip().startswith(">>> "):
                end = number
                while end < len(self.lines) and self.lines[end].text.strip():
                    end += 1
                yield from self._block("python", number, end)
                number = end
            else:
                yield from self._line(number)
                number += 1

    def _behind_ours(self, number: int) -> int:
        ends = (n for n in range(number, len(self.lines)) if "codemod: end" in self.lines[n].text)
        return next(ends, number) + 1

    # -- directives

    def _directive(self, number: int, found: re.Match[str]) -> Generator[Edit, None, int]:
        """A directive with its options and content; returns the number of the line behind what was read."""
        name = found["name"].lower().rpartition(":")[2]
        argument, at = found["argument"] or "", self.lines[number].at + size(found.string[: found.start("argument")])
        if name == "highlight":
            self.language = argument.strip()
        if argument and name not in _SILENT and name not in _CODE:
            yield from self._argument(name, argument, at)
        end = self._block_end(number, found["indent"])
        inside = number + 1
        while inside < end and (option := _OPTION.match(self.lines[inside].text)):
            if name not in _SILENT:
                yield from self._option(option, self.lines[inside].at)
            inside += 1
        if name in ("toctree", "math", "index", "meta", "raw"):
            return end
        if name in _CODE or name in _PYTHON:
            yield from self._block("python" if name in _PYTHON else argument or self.language, inside, end)
            return end
        if name in _COMMANDS:
            yield from self._block("bash", inside, end)
            return end
        if name == "autosummary":
            for line in self.lines[inside:end]:
                indent = len(line.text) - len(line.text.lstrip())
                yield from self._reference(line.text.strip(), line.at + indent, "", line.text)
            return end
        return inside

    def _argument(self, name: str, argument: str, at: int) -> Iterator[Edit]:
        if name in _PATHS:
            yield from self.prose.link(argument, at)
        elif _NAMES.fullmatch(name):
            whole = re.match(r"[\w.:]+(?=\s|\(|$)", argument)
            if whole:
                yield from self.prose.names(whole.group(), at)
        elif name in _COMMANDS:
            yield from self.prose.block("bash", argument, at)
        else:
            yield from self.prose.text(argument, at)

    def _option(self, option: re.Match[str], at: int) -> Iterator[Edit]:
        value, start = option["value"].rstrip(), at + size(option.string[: option.start("value")])
        if option["name"] in ("module", "import", "nested-module"):
            yield from self.prose.names(value, start)
        elif option["name"] in ("file", "filename", "path", "pyobject"):
            yield from self.prose.link(value, start)
        else:
            yield from self.prose.text(value, start)

    def _block_end(self, number: int, indent: str) -> int:
        """The number of the line behind the indented lines that follow a line."""
        width = len(indent) - len(indent.lstrip()) if indent.strip() else len(indent)
        end = last = number + 1
        while end < len(self.lines):
            text = self.lines[end].text
            if text.strip():
                if len(text) - len(text.lstrip()) <= width:
                    break
                last = end + 1
            end += 1
        return last

    def _block(self, language: str, start: int, end: int) -> Iterator[Edit]:
        while start < end and not self.lines[start].text.strip():
            start += 1
        text = "".join(line.whole for line in self.lines[start:end])
        if not (any(number in self.hot for number in range(start, end)) or self.prose.goes_on(text)):
            return
        yield from self.prose.block(language or ("python" if _is_python(text) else ""), text, self.lines[start].at)

    # -- lines

    def _line(self, number: int) -> Iterator[Edit]:
        text, at = self.lines[number].text, self.lines[number].at
        if number not in self.hot or _RULE.fullmatch(text):
            return
        head = text.find("`") + 1 if self._goes_on(number) else 0  # what is left of a span from the line above
        found = [*self.prose.text(text[:head], at), *self._inside(text[head:], at + size(text[:head]))]
        yield from found
        if found and not text[:1].isspace():
            grown = sum(len(edit.new) - (edit.end - edit.start) for edit in found)
            for near in (number - 1, number + 1):
                yield from self._underline(near, len(text.rstrip()), grown)

    def _goes_on(self, number: int) -> bool:
        """True when a span that the lines above have opened goes on in a line."""
        ticks = 0
        for line in reversed(self.lines[max(0, number - _FAR) : number]):
            if not line.text.strip():
                break
            ticks += line.text.replace("``", "").count("`")
        return ticks % 2 == 1 and "`" in self.lines[number].text

    def _inside(self, text: str, at: int) -> Iterator[Edit]:
        target = _TARGET.search(text)
        if target:
            yield from self.prose.link(target["target"], at + size(text[: target.start("target")]))
            return
        rest = text
        for found in _SPAN.finditer(text):
            code, start = found["code"], found.start("code")
            named = rest.startswith("_", found.end())  # the name of a link, wherever it leads
            embedded = _EMBEDDED.search(code)
            if embedded and "/" in embedded["target"]:
                yield from self.prose.link(embedded["target"], at + size(text[: start + embedded.start("target")]))
            elif _PAGE_ROLE.search(text[: found.start()]):
                pass
            elif embedded:
                inner = at + size(text[: start + embedded.start("target")])
                yield from self._reference(embedded["target"], inner, text[: found.start()], text)
            elif not named:
                yield from self._reference(code, at + size(text[:start]), text[: found.start()], text)
            rest = rest[: found.start()] + "\0" * (found.end() - found.start()) + rest[found.end() :]
        kept = "".join(" " * size(old) if new == "\0" else old for old, new in zip(text, rest, strict=True))
        yield from self.prose.text(kept, at)

    def _reference(self, code: str, at: int, front: str, text: str) -> Iterator[Edit]:
        """What a role or literal names; `~` and `!` in front say how it is shown, a dot that it may be anywhere."""
        bare = code.lstrip("~!")
        if "/" not in bare and _ANYWHERE.match(bare):
            bare = bare[1:]
        new = None
        if bare.isidentifier() and _MODULE_ROLE.search(front):
            new = successor_of(self.prose.view, bare, certain=True)
        if new is not None:
            start = at + size(code) - size(bare)
            yield Edit(start, start + size(bare), new.encode(), f"{bare} -> {new} in a role")
            return
        yield from self.prose.span(bare, at + len(code) - len(bare), text)

    def _underline(self, number: int, title: int, grown: int) -> Iterator[Edit]:
        """A line over or under a title is made as long as the title again."""
        if not 0 <= number < len(self.lines):
            return
        line = self.lines[number]
        rule, length = _RULE.fullmatch(line.text), len(line.text.rstrip())
        missing = title + grown - length
        if rule and length >= title and missing > 0:
            yield Edit(line.at + length, line.at + length, (rule["char"] * missing).encode(), "as long as its title")


def _is_python(text: str) -> bool:
    return re.search(r"^\s*(?:from\s+[\w.]+\s+import|import\s+\w|def |class |>>> )", text, re.MULTILINE) is not None

"""What IPython adds to Python: magics and shell lines are read as commands and blanked, so that the rest parses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .commands import Commands
from .fragments import fragment_edits
from .phrases import NAMES
from .shellwords import script_of
from .stored import decoded, encoded, size
from .woven import Woven

_LINE = lazy(r"[^\n]*")
_CELL = lazy(r"\s*%%(?P<name>[\w!]+)(?P<rest>[^\n]*)")
_MAGIC = lazy(r"(?P<lead>[ \t]*(?:[\w.,\[\] \t]+=[ \t]*)?)(?P<mark>%|!!?)(?P<command>[^\n]*)")
_NAMED = lazy(r"(?P<name>\w+)(?P<rest>.*)", re.DOTALL)
_TIMED = lazy(r"[ \t]*%(?:time|timeit|prun|memit)\b(?:[ \t]+-\w[ \t]*\d*)*(?=[ \t]+\S)")
_HELP = lazy(r"[ \t]*(?:\?{1,2}[\w.*]+|[\w.*\[\]'\"%]+\?{1,2})[ \t]*")

_PYTHON = frozenset(
    {"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "snakeviz", "pyinstrument", "scalene"}
)
_SHELL = frozenset({"bash", "sh", "script", "system", "sx", "!"})
_APART = frozenset({"python", "python3", "pypy", "px"})
_NAMING = frozenset({"load_ext", "reload_ext", "unload_ext", "aimport"})


class Magics:
    """The magics of one cell; `edits` to them count in the cell's text."""

    def __init__(self, commands: Commands, woven: Woven) -> None:
        self.commands, self.woven = commands, woven
        self.edits: list[Edit] = []

    def take(self) -> bool:
        """Blank every magic; False where the cell is of another language, or Python for another process."""
        text = decoded(bytes(self.woven.code))
        cell = _CELL.match(text)
        if cell is not None and not self._cell(text, cell):
            return False
        lines = list(_LINE.finditer(text))
        number = 0
        while number < len(lines):
            start, end = lines[number].span()
            while text[:end].endswith("\\") and end < len(text) and _MAGIC.match(text, start):
                number += 1
                end = next((line.end() for line in lines[number:] if line.start() > end), len(text))
            self._line(text, start, end)
            number = next((n for n in range(number + 1, len(lines)) if lines[n].start() > end), len(lines))
        return True

    def _cell(self, text: str, cell: re.Match[str]) -> bool:
        """True when the text behind a cell's magic is Python of this notebook."""
        name, behind = cell["name"], cell.end()
        body = text[behind:]
        if name in _PYTHON:
            self.woven.blank(size(text[: cell.start()]), size(text[:behind]))
            return True
        if name in _SHELL and (name != "script" or re.match(r"\s+(?:ba|z)?sh\b", cell["rest"])):
            self.edits += self.commands.script(body, size(text[:behind]))
        elif name in _APART:
            self._python(body, size(text[:behind]))
        elif name in ("writefile", "file"):
            self.edits += self.commands.script(cell["rest"], size(text[: cell.start("rest")]))
            if cell["rest"].rstrip().endswith(".py"):
                self._python(body, size(text[:behind]))
        return False

    def _python(self, code: str, at: int) -> None:
        for edit in fragment_edits(self.commands.view, encoded(code)) or ():
            self.edits.append(Edit(edit.start + at, edit.end + at, edit.new, edit.reason, edit.review))

    def _line(self, text: str, start: int, end: int) -> None:
        timed, magic = _TIMED.match(text, start, end), _MAGIC.match(text, start, end)
        if timed:
            self.woven.blank(size(text[:start]), size(text[: timed.end()]), _lead(text[start:end]) + b"0;")
        elif magic:
            self.edits += self._magic(
                magic["mark"], text[magic.start("command") : end], size(text[: magic.start("command")])
            )
            assigned = "=" in magic["lead"]
            self.woven.blank(size(text[: magic.start("mark")]), size(text[:end]), b"0" if assigned else b"0;")
        elif _HELP.fullmatch(text, start, end):
            self.woven.blank(size(text[:start]), size(text[:end]), _lead(text[start:end]) + b"0")

    def _magic(self, mark: str, command: str, at: int) -> Iterator[Edit]:
        if mark != "%":
            yield from self.commands.script(command, at)
            return
        named = _NAMED.match(command)
        name, rest = (named["name"], named["rest"]) if named else ("", "")
        behind = at + size(name)
        if name == "run":
            words = script_of(rest).commands
            yield from self.commands.words(rest, behind, words[0].words if words else (), ("python",))
        elif name in _NAMING:
            yield from self.commands.phrases.edits(rest, behind, NAMES)
        elif name:
            yield from self.commands.script(command, at)


def _lead(line: str) -> bytes:
    return line[: len(line) - len(line.lstrip(" \t"))].encode()

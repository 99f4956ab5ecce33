"""Shell text as commands and words: where each begins and ends, without running or expanding anything."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field

from .stored import size

_BLANK = lazy(r"(?:[ \t\f\r]|\\\r?\n)+")
_HEREDOC = lazy(r"<<(?P<dash>-?)[ \t]*(?P<quote>[\"']?)\\?(?P<mark>[A-Za-z_][\w.]*)(?P=quote)")
_REDIRECT = lazy(r"\d*(?:>>|>\||>&|<&|<>|&>>|&>|>|<)(?:&?\d+\b|-)?")
_SEPARATOR = frozenset(";&|()\n")
_SUBSTITUTION = lazy(r"\$\(\(?|`")
_VARIABLE = lazy(r"\$\{\{.*?\}\}|\$\{[^}\n]*\}|\$\([^()\n]*\)|\$[A-Za-z_]\w*|\$[0-9@*#?$!-]|\$\$\w*|`[^`\n]*`")
_PREFIX = lazy(rf"(?:{_VARIABLE.pattern})[\"']?/?")
_DEEPEST = 20
_EVERY = 256


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written at `start:end` of the text, quotes included.

    `given` marks one that its format delimits already (an element of a JSON list), so that it holds no quotes.
    """

    start: int
    end: int
    written: str
    given: bool = False

    @property
    def quote(self) -> str:
        """The quote that stands around the whole word, and nowhere else in it; "" for none."""
        first = self.written[:1]
        around = not self.given and len(self.written) > 1 and first in ("'", '"') and self.written[-1] == first
        return first if around and first not in self.written[1:-1] else ""

    @property
    def inside(self) -> tuple[int, int]:
        """The span between the quotes around the word, or the whole span."""
        return (self.start + 1, self.end - 1) if self.quote else (self.start, self.end)

    @property
    def value(self) -> str:
        """The word without its quotes; variables stay as they are written."""
        return self.written if self.given else self.written.replace('"', "").replace("'", "")


@dataclass(frozen=True, slots=True)
class Command:
    """The words of a command, and how deep in subshells and substitutions it runs."""

    words: tuple[Word, ...]
    level: int


@dataclass(slots=True)
class Script:
    """What a shell text holds, in order; spans count in the text."""

    commands: list[Command] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    heredocs: list[tuple[Sequence[Word], int, int]] = field(default_factory=list)  # with the command that reads it


def script_of(text: str, start: int = 0, end: int | None = None, depth: int = 0) -> Script:
    """The commands, comments and here-documents of `text[start:end]`; those of `$(...)` and backquotes among them."""
    script = Script()
    if depth < _DEEPEST:
        _Reader(text, start, len(text) if end is None else end, script, depth).read()
    return script


def masked(text: str) -> str:
    """A word with variables, substitutions (and the slash behind them) and quotes as blanks of as many bytes."""
    text = _PREFIX.sub(lambda found: blank(found.group()), text)
    return text.replace('"', " ").replace("'", " ")


def blank(text: str) -> str:
    """As many spaces as the text has bytes, so that offsets behind it stay."""
    return " " * size(text)


class Offsets:
    """Byte offsets of characters in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks: list[int] = []  # the byte at every so many characters
        if not text.isascii():
            self.marks = [0]
            for start in range(0, len(text), _EVERY):
                self.marks.append(self.marks[-1] + size(text[start : start + _EVERY]))

    def __getitem__(self, offset: int) -> int:
        """The bytes in front of the character at `offset`."""
        if not self.marks:
            return offset
        block = offset // _EVERY
        rest = self.text[block * _EVERY : offset]
        return self.marks[block] + size(rest)


def opening_variable(text: str) -> str | None:
    """The variable with which a word begins, "" for a substitution; None where it begins with neither."""
    found = _VARIABLE.match(text.lstrip("\"'"))
    name = re.fullmatch(r"\$[({]?(\w+)[)}]?", found.group()) if found else None
    return None if found is None else name[1] if name else ""


class _Reader:
    """Reads POSIX shell far enough to know words, quotes, comments and here-documents apart."""

    def __init__(self, text: str, start: int, end: int, script: Script, depth: int) -> None:
        self.text, self.at, self.end = text, start, end
        self.script, self.depth = script, depth
        self.words: list[Word] = []
        self.level = 0  # of parentheses
        self.waiting: list[tuple[str, Sequence[Word]]] = []  # here-documents that begin on the next line

    def read(self) -> None:
        while self.at < self.end:
            blank = _BLANK.match(self.text, self.at, self.end)
            if blank:
                self.at = blank.end()
                continue
            char = self.text[self.at]
            if char == "#":
                stop = self._line_end()
                self.script.comments.append((self.at, stop))
                self.at = stop
            elif self._redirected():
                continue
            elif char in _SEPARATOR:
                self.at += 1
                self._command_ends()
                if char == "\n":
                    self._bodies()
                else:
                    self.level = max(0, self.level + (char == "(") - (char == ")"))
            else:
                self._word()
        self._command_ends()

    def _command_ends(self) -> None:
        if self.words:
            self.script.commands.append(Command(tuple(self.words), self.depth + self.level))
        self.words = []

    def _line_end(self) -> int:
        found = self.text.find("\n", self.at, self.end)
        return self.end if found == -1 else found

    def _redirected(self) -> bool:
        heredoc = _HEREDOC.match(self.text, self.at, self.end)
        if heredoc:
            self.waiting.append((heredoc["mark"], self.words))
            self.at = heredoc.end()
            return True
        redirect = _REDIRECT.match(self.text, self.at, self.end)
        if redirect:
            self.at = redirect.end()
        return redirect is not None

    def _bodies(self) -> None:
        for mark, words in self.waiting:
            start = self.at
            while self.at < self.end:
                stop = self._line_end()
                line = self.text[self.at : stop].strip()
                if line == mark:
                    self.script.heredocs.append((words, start, self.at))
                    self.at = stop
                    break
                self.at = min(stop + 1, self.end)
        self.waiting = []

    def _word(self) -> None:
        start = self.at
        while self.at < self.end:
            char = self.text[self.at]
            if char == "\\":
                if self.text.startswith(("\\\n", "\\\r\n"), self.at):
                    break
                self.at += 2
            elif char == "'":
                self._quoted(char)
            elif char == '"':
                self._double()
            elif char == "$" or char == "`":
                self._expansion()
            elif char in " \t\f\r" or char in _SEPARATOR or char in "<>":
                break
            else:
                self.at += 1
        self.at = min(max(self.at, start + 1), self.end)
        self.words.append(Word(start, self.at, self.text[start : self.at]))

    def _quoted(self, quote: str) -> None:
        found = self.text.find(quote, self.at + 1, self.end)
        self.at = self.end if found == -1 else found + 1

    def _double(self) -> None:
        self.at += 1
        while self.at < self.end:
            char = self.text[self.at]
            if char == "\\":
                self.at += 2
            elif char == '"':
                self.at += 1
                return
            elif char == "$" or char == "`":
                self._expansion()
            else:
                self.at += 1

    def _expansion(self) -> None:
        """`${...}`, `$(...)`, a backquoted command: what is inside is read as a script of its own."""
        if self.text.startswith("${", self.at):
            found = self.text.find("}", self.at, self.end)
            self.at = self.end if found == -1 else found + 1
            return
        opening = _SUBSTITUTION.match(self.text, self.at, self.end)
        if opening is None:
            self.at += 1
            return
        inner = opening.end()
        if opening.group() == "`":
            found = self.text.find("`", inner, self.end)
            close = self.end if found == -1 else found
        else:
            close = self._closing(inner)
        if opening.group() != "$((":
            nested = script_of(self.text, inner, close, self.depth + self.level + 1)
            self.script.commands += nested.commands
            self.script.heredocs += nested.heredocs
        self.at = min(close + 1, self.end)

    def _closing(self, position: int) -> int:
        level = 1
        while position < self.end:
            char = self.text[position]
            if char == "\\":
                position += 1
            elif char in "\"'":
                found = self.text.find(char, position + 1, self.end)
                position = self.end if found == -1 else found
            elif char == "(":
                level += 1
            elif char == ")":
                level -= 1
                if level == 0:
                    return position
            position += 1
        return self.end

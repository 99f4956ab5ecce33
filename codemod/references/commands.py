"""Command lines: the modules that they start, the scripts and folders that they name, their environment."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from codemod.rewrite.edits import Edit

from . import programs
from .dotted import NAME, successor_of
from .fragments import fragment_edits
from .located import Located, is_there, top
from .paths import path_after
from .phrases import COMMAND, Holds, Phrases
from .shellwords import Word, begins_open, blank, masked, script_of
from .view import View

_ASSIGNED = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:\[\w+\])?\+?=")
_MODULE = re.compile(rf"{NAME}(?::{NAME})?")
_SENTENCE_END = re.compile(r"[.:](?=[\s)\"']|$)")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Commands:
    """The command lines of one file.

    Every text is given as it is written in the file, and with the byte at which it begins there; what is no part of
    it (a continuation, a quote) may be blanked, so long as the number of bytes stays.
    """

    located: Located
    depth: int = 0

    @property
    def view(self) -> View:
        """How the file sees names."""
        return self.located.view

    @property
    def phrases(self) -> Phrases:
        """The names and paths of the file's texts."""
        return Phrases(self.view, self.located.after)

    def script(self, text: str, at: int) -> Iterator[Edit]:
        """The edits to shell text."""
        script = script_of(text)
        here = self
        for command in script.commands:
            yield from _Command(here, text, at, command).edits()
            here = here.moved_to(command)
        for start, end in script.comments:
            yield from self.comment(text[start:end], at + _size(text[:start]))
        for command, start, end in script.heredocs:
            yield from self._heredoc(command, text[start:end], at + _size(text[:start]))

    def words(self, text: str, at: int, words: Sequence[Word], before: Sequence[str] = ()) -> Iterator[Edit]:
        """The edits to one command whose words are known; `before` are words in front of them, written elsewhere."""
        written = [Word(0, 0, value) for value in before]
        yield from _Command(self, text, at, [*written, *words]).edits()

    def environment(self, name: str, text: str, at: int) -> Iterator[Edit]:
        """The edits to the value of an environment variable."""
        holds = programs.variable_holds(name)
        if holds == Holds.NOTHING or "://" in text:
            return
        if re.search(r"\s", text.strip("\"' \t\r\n")) and self.depth < _DEEPEST:
            yield from replace(self, depth=self.depth + 1).script(text, at)
        else:
            yield from self.phrases.edits(masked(text), at, holds)

    def comment(self, text: str, at: int) -> Iterator[Edit]:
        """Names and paths that a comment spells out; a human looks at them."""
        if "://" in text:
            text = re.sub(r"\S*://\S*", lambda found: blank(found.group()), text)
        text = _SENTENCE_END.sub(" ", text)
        yield from self.phrases.edits(text, at, Holds.WORDS | Holds.PATHS)

    def moved_to(self, command: Sequence[Word]) -> Commands:
        """The same behind `cd folder`."""
        if len(command) != 2 or command[0].value not in ("cd", "pushd"):
            return self
        folder = command[1].value
        if folder.startswith("/") or not posixpath.normpath(folder) or "$" in folder:
            return self
        return self.inside(folder)

    def inside(self, folder: str) -> Commands:
        """The same with a working folder, which is written relative to the file, the top, or the working folder."""
        view = self.view
        for base in dict.fromkeys([*self.located.folders[:1], posixpath.dirname(view.path), ""]):
            path = posixpath.normpath(posixpath.join(base, folder))
            if path == "." or path.startswith(".."):
                continue
            if is_there(view, path) or any(file.startswith(path + "/") for file in view.intent.files):
                return replace(self, located=replace(self.located, folders=(path, *self.located.folders)))
        return self

    def _heredoc(self, command: Sequence[Word], text: str, at: int) -> Iterator[Edit]:
        values = [posixpath.basename(word.value) for word in command]
        if any(programs.PYTHON.fullmatch(value) for value in values):
            yield from self.code(text, at)
        elif (not values or any(value in programs.SHELLS for value in values)) and self.depth < _DEEPEST:
            yield from replace(self, depth=self.depth + 1).script(text, at)
        else:
            yield from self.comment(text, at)

    def code(self, text: str, at: int, *, inline: bool = False) -> Iterator[Edit]:
        """The edits to Python code; what would become further lines of `inline` code is divided by semicolons."""
        for edit in fragment_edits(self.view, text.encode("utf-8", "surrogateescape")) or ():
            new = edit.new.replace(b"\n", b"; ") if inline else edit.new
            yield Edit(at + edit.start, at + edit.end, new, edit.reason, edit.review)


class _Command:
    """One command, read word by word."""

    def __init__(self, commands: Commands, text: str, at: int, words: Sequence[Word]) -> None:
        self.commands, self.text, self.at, self.words = commands, text, at, words
        self.program = ""
        self.seen: set[str] = set()  # every program of the line: `docker compose run web python`
        self.expected = ""  # what the last option wants: module, code, script, skip
        self.after_option = False

    def edits(self) -> Iterator[Edit]:
        for word in self.words:
            expected, self.expected = self.expected, ""
            found = list(self._word(word, expected))
            self.after_option = word.value.startswith("-") and "=" not in word.value
            if word.end > word.start:
                yield from found

    def _word(self, word: Word, expected: str) -> Iterator[Edit]:
        value = word.value
        if expected == "module":
            if self.program == "python":
                self._starts(value, certain=True)
            yield from self._module(word)
        elif expected == "code":
            yield from self._code(word)
        elif expected == "script":
            yield from self._inner(word)
        elif expected == "folder":
            yield from self._general(word, folders=True)
        elif expected == "skip":
            return
        elif _ASSIGNED.match(word.written) and self.program != "test":
            yield from self._assigned(word)
        elif value.startswith("-") and len(value) > 1:
            yield from self._option(word)
        else:
            yield from self._positional(word)

    # -- what a word is

    def _option(self, word: Word) -> Iterator[Edit]:
        name, equals, _ = word.value.partition("=")
        wants = programs.option_wants(self.program, name)
        if not equals:
            self.expected = wants
            return
        start = word.start + word.written.index("=") + 1
        part = Word(start, word.end, self.text[start : word.end])
        if wants == "module":
            yield from self._module(part)
        else:
            yield from self._general(part, folders=wants == "folder")

    def _positional(self, word: Word) -> Iterator[Edit]:
        name = posixpath.basename(word.value)
        runs_script = self.program == "python"
        if self._starts(name):
            yield from self._general(word)
        elif self.program in programs.SERVERS:
            yield from self._module(word, certain=":" in word.value or not self.after_option)
        else:
            if runs_script:
                self.program = "script"
            yield from self._general(word, folders=runs_script or self.program in programs.TAKES_PATHS)

    def _starts(self, name: str, *, certain: bool = False) -> bool:
        """Take the word as the program that runs, when it is one."""
        if name in programs.KEYWORDS and not self.program:
            return True
        program = programs.program_of(name)
        if self.program and not certain and (not programs.is_known(program) or self._installs()):
            return False
        if self.program in programs.PRINTING or self.program == "script":
            return False
        self.program = program
        self.seen.add(program)
        return True

    def _installs(self) -> bool:
        return bool(self.seen & programs.INSTALLERS)

    def _assigned(self, word: Word) -> Iterator[Edit]:
        found = _ASSIGNED.match(word.written)
        if found is None:
            return
        start = word.start + found.end()
        yield from self.commands.environment(found["name"], self.text[start : word.end], self._byte(start))

    # -- what is in it

    def _module(self, word: Word, *, certain: bool = True) -> Iterator[Edit]:
        """Modules, or names in them: `a.b:c`, `a.b:make()`, `a.b,a.c`."""
        start, end = word.inside
        position, found_any = start, False
        for item in self.text[start:end].split(","):
            match = _MODULE.match(item)
            rest = item[match.end() :] if match else "?"
            if match and (not rest or rest[0] in "([") and (certain or "." in match.group()):
                new = successor_of(self.commands.view, match.group(), certain=certain)
                if new is not None:
                    found_any = True
                    byte = self._byte(position)
                    yield Edit(byte, byte + _size(match.group()), new.encode(), f"{match.group()} -> {new}")
            position += len(item) + 1
        if not found_any:
            yield from self._general(word, folders=True)

    def _code(self, word: Word) -> Iterator[Edit]:
        start, end = word.inside
        code = self.text[start:end]
        if not (word.given or word.quote) or "\\" in code or (word.quote == '"' and re.search(r"[$`]", code)):
            return  # nobody knows what the shell makes of it
        yield from self.commands.code(code, self._byte(start), inline="\n" not in code)

    def _inner(self, word: Word) -> Iterator[Edit]:
        """A quoted command line inside a command line."""
        start, end = word.inside
        if self.commands.depth < _DEEPEST:
            text = self.text[start:end] if word.quote == "'" else self.text[start:end].replace('\\"', ' "')
            yield from replace(self.commands, depth=self.commands.depth + 1).script(text, self._byte(start))

    def _general(self, word: Word, *, folders: bool = False) -> Iterator[Edit]:
        start, end = word.inside
        inside = self.text[start:end]
        if "://" in inside:
            return
        if re.search(r"\s", inside) and (word.given or word.quote):
            if not self.seen & programs.PRINTING:
                yield from self._inner(word)
            return
        holds = COMMAND | Holds.FOLDERS if folders else COMMAND
        if self._installs() or self.seen & programs.PRINTING:
            holds = Holds.PATHS | Holds.CERTAIN
        located = self.commands.located
        if begins_open(inside):
            located = replace(located, folders=())
        for edit in Phrases(self._home(), located.after).edits(masked(inside), self._byte(start), holds):
            if self._stands(edit, folders):
                yield edit

    def _stands(self, edit: Edit, folders: bool) -> bool:
        """False for a folder's name where it may as well be an image, a branch or a remote."""
        written = edit.reason.partition(" -> ")[0]
        plain = "/" in written and not posixpath.splitext(written)[1] and not written.startswith(".")
        return folders or not plain or not self.seen & programs.NAMES_WITH_SLASHES

    def _home(self) -> View:
        """The view from the working folder."""
        folders, view = self.commands.located.folders, self.commands.view
        if not folders:
            return view
        whole = path_after(top(view), folders[0], alone=True) is not None
        inner = (path for path in view.intent.files if whole and posixpath.dirname(path) == folders[0])
        return replace(view, path=next(inner, folders[0] + "/."))

    def _byte(self, offset: int) -> int:
        return self.at + _size(self.text[:offset])


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))

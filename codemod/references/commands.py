"""Command lines: the modules that they start, the scripts and folders that they name, their environment."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field, replace
from codemod.rewrite.edits import Edit

from . import programs
from .dotted import NAME, successor_of
from .fragments import fragment_edits
from .located import Located, is_there, top
from .needles import Needles
from .paths import path_after
from .phrases import COMMAND, Holds, Phrases
from .shellwords import Offsets, Word, blank, masked, opening_variable, script_of
from .stored import encoded, size
from .view import View

_ASSIGNED = lazy(r"(?P<name>[A-Za-z_]\w*)(?:\[\w+\])?\+?=")
_DEFAULT = lazy(r"\$\{(?P<name>[A-Za-z_]\w*):?[-=](?P<value>[^{}$]+)\}")
"""`${NAME:-value}`: what a variable holds unless it is given."""

_MODULE = lazy(rf"{NAME}(?::{NAME})?")
_PLAIN = lazy(r"[\w./-]+")
_UNKNOWN = lazy(r"[$*?\[]")
_SENTENCE_END = lazy(r"[.:](?=[\s)\"']|$)")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Commands:
    """The command lines of one file.

    Every text is given as it is written in the file, and with the byte at which it begins there; what is no part of
    it (a continuation, a quote) may be blanked, so long as the number of bytes stays.
    """

    located: Located
    needles: Needles
    depth: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)  # those with a plain value

    @classmethod
    def of(cls, located: Located) -> Commands:
        """The command lines of a file whose paths are read as `located` says."""
        return cls(located, Needles.of(located.view))

    @property
    def view(self) -> View:
        """How the file sees names."""
        return self.located.view

    @property
    def phrases(self) -> Phrases:
        """The names and paths of the file's texts."""
        return Phrases(self.view, self.located.after)

    def script(self, text: str, at: int, before: Sequence[str] = ()) -> Iterator[Edit]:
        """The edits to shell text; `before` are words in front of each command, written elsewhere."""
        if not self._may_hold(text):
            return
        script, offsets = script_of(text), Offsets(text)
        shells = [self]  # what each level of subshells knows
        for command in script.commands:
            del shells[command.level + 1 :]
            shells += [shells[-1]] * (command.level + 1 - len(shells))
            here, first, last = shells[-1], command.words[0].start, command.words[-1].end
            if here._may_hold(text[first:last]):
                led = [*(Word(0, 0, value) for value in before), *command.words]
                yield from _Command(here, text, offsets, at, led).edits()
            shells[-1] = shells[-1].behind(command.words)
        for start, end in script.comments:
            yield from self.comment(text[start:end], at + offsets[start])
        for words, start, end in script.heredocs:
            yield from self._heredoc(words, text[start:end], at + offsets[start])

    def _may_hold(self, text: str) -> bool:
        """A cheap question; in another folder than the file's, any path may be one that moves."""
        located = self.located
        return bool(located.folders or located.mounts) or self.needles.found(text)

    def words(self, text: str, at: int, words: Sequence[Word], before: Sequence[str] = ()) -> Iterator[Edit]:
        """The edits to one command whose words are known; `before` are words in front of them, written elsewhere."""
        written = [Word(0, 0, value) for value in before]
        yield from _Command(self, text, Offsets(text), at, [*written, *words]).edits()

    def paths(self, text: str, at: int) -> Iterator[Edit]:
        """The edits to a list of paths divided by blanks."""
        words = [Word(found.start(), found.end(), found.group()) for found in re.finditer(r"\S+", text)]
        command = _Command(self, text, Offsets(text), at, words)
        for word in words:
            yield from command.general(word, Holds.PATHS | Holds.CERTAIN)

    def environment(self, name: str, text: str, at: int) -> Iterator[Edit]:
        """The edits to the value of an environment variable."""
        holds = programs.variable_holds(name)
        for found in _DEFAULT.finditer(text):
            yield from self.environment(found["name"], found["value"], at + size(text[: found.start("value")]))
        if holds == Holds.NOTHING or "://" in text:
            return
        bare = text.strip("\"' \t\r\n")
        if re.search(r"\s", bare) and self.depth < _DEEPEST:
            if holds & (Holds.SINGLE | Holds.FOLDERS) or programs.is_line(bare):
                yield from replace(self, depth=self.depth + 1).script(text, at)
        else:
            yield from self.phrases.edits(masked(text), at, holds)

    def comment(self, text: str, at: int) -> Iterator[Edit]:
        """Names and paths that a comment spells out; a human looks at them."""
        if not self.needles.found(text):
            return
        if "://" in text:
            text = re.sub(r"\S*://\S*", lambda found: blank(found.group()), text)
        text = _SENTENCE_END.sub(" ", text)
        yield from self.phrases.edits(text, at, Holds.WORDS | Holds.PATHS)

    def behind(self, command: Sequence[Word]) -> Commands:
        """The same behind `cd folder`, or behind assignments."""
        if len(command) == 2 and command[0].value in ("cd", "pushd"):
            folder = command[1].value
            return self if folder.startswith("/") or _UNKNOWN.search(folder) else self.inside(folder)
        here = self
        for word in command:
            found = _ASSIGNED.match(word.written)
            if found:
                here = here.knowing(found["name"], word.value[found.end() :])
            elif word.value not in programs.KEYWORDS and not word.value.startswith("-"):
                return self
        return here

    def knowing(self, name: str, value: str) -> Commands:
        """The same with a variable, unless its value is more than a word."""
        plain = _PLAIN.fullmatch(value)
        return replace(self, variables={**self.variables, name: value}) if plain else self

    def inside(self, folder: str) -> Commands:
        """The same with a working folder, which is written relative to the file, the top, or the working folder."""
        view = self.view
        for base in dict.fromkeys([*self.located.folders[:1], posixpath.dirname(view.path), ""]):
            path = posixpath.normpath(posixpath.join(base, folder))
            if path == "." or path.startswith(".."):
                continue
            if is_there(view, path) or path_after(top(view), path, alone=True) is not None:
                return replace(self, located=replace(self.located, folders=(path, *self.located.folders)))
        return self

    def _heredoc(self, words: Sequence[Word], text: str, at: int) -> Iterator[Edit]:
        values = [posixpath.basename(word.value) for word in words]
        if any(programs.PYTHON.fullmatch(value) for value in values):
            yield from self.code(text, at)
        elif (not values or any(value in programs.SHELLS for value in values)) and self.depth < _DEEPEST:
            yield from replace(self, depth=self.depth + 1).script(text, at)
        else:
            yield from self.comment(text, at)

    def code(self, text: str, at: int, *, inline: bool = False) -> Iterator[Edit]:
        """The edits to Python code; what would become further lines of `inline` code is divided by semicolons."""
        for edit in fragment_edits(self.view, encoded(text)) or ():
            new = edit.new.replace(b"\n", b"; ") if inline else edit.new
            yield Edit(at + edit.start, at + edit.end, new, edit.reason, edit.review)


class _Command:
    """One command, read word by word."""

    def __init__(self, commands: Commands, text: str, offsets: Offsets, at: int, words: Sequence[Word]) -> None:
        self.commands, self.text, self.offsets, self.at, self.words = commands, text, offsets, at, words
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
        for default in _DEFAULT.finditer(self.text, *word.inside) if not _ASSIGNED.match(word.written) else ():
            yield from self.commands.environment(default["name"], default["value"], self._byte(default.start("value")))
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
        elif expected == "mode":
            self.expected = "mode" if value.startswith("-") else ""
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
            self.expected = "mode" if self.program in programs.MODES else ""
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
        """Modules, or names in them: `a.b:c`, `a.b:make()`, `a.b,a.c`; gunicorn's configuration is `python:a.b`."""
        start, end = word.inside
        position, is_target = start, False
        for item in self.text[start:end].split(","):
            lead = len("python:") if self.program == "gunicorn" and item.startswith("python:") else 0
            match = _MODULE.match(item, lead)
            rest = item[match.end() :] if match else "?"
            if match and (not rest or rest[0] in "([") and (certain or "." in match.group()):
                new = successor_of(self.commands.view, match.group(), certain=certain)
                is_target = is_target or bool(rest) or ":" in match.group() or new is not None
                if new is not None:
                    byte = self._byte(position + lead)
                    yield Edit(byte, byte + size(match.group()), encoded(new), f"{match.group()} -> {new}")
            position += len(item) + 1
        if not is_target:
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
        if re.search(r"\s", self.text[start:end]) and (word.given or word.quote):
            if not self.seen & programs.TEXTUAL:
                yield from self._inner(word)
            return
        holds = COMMAND | Holds.FOLDERS if folders else COMMAND
        if self._installs() or self.seen & programs.PRINTING:
            holds = Holds.PATHS | Holds.CERTAIN
        yield from self.general(word, holds)

    def general(self, word: Word, holds: Holds) -> Iterator[Edit]:
        """The names and paths of a word of which nothing more is known."""
        start, end = word.inside
        inside = self.text[start:end]
        if "://" in inside:
            return
        variable = opening_variable(inside)
        bases = self.commands.located.folders if variable is None else self._folder_in(variable)
        located = replace(self.commands.located, folders=bases)
        for edit in Phrases(self.commands.view, located.after).edits(masked(inside), self._byte(start), holds):
            if self._stands(edit, holds, variable):
                yield edit

    def _folder_in(self, variable: str) -> tuple[str, ...]:
        """The folder of the repository that a variable holds."""
        value = posixpath.normpath(self.commands.variables.get(variable, "."))
        return (value,) if value != "." and is_there(self.commands.view, value) else ()

    def _stands(self, edit: Edit, holds: Holds, variable: str | None) -> bool:
        """False for a folder's name where it may as well be an image, a branch, a remote, or in an unknown folder."""
        written = edit.reason.partition(" -> ")[0]
        if variable is not None and "/" not in written and written.endswith(".py"):
            return variable in self.commands.variables or programs.is_here(variable)
        plain = "/" in written and not posixpath.splitext(written)[1] and not written.startswith(".")
        return bool(holds & Holds.FOLDERS) or not plain or not self.seen & programs.NAMES_WITH_SLASHES

    def _byte(self, offset: int) -> int:
        return self.at + self.offsets[offset]

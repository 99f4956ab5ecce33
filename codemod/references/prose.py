"""Names and paths in texts for people: in prose, in code spans, in links, in blocks of code of any language."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field, replace
from codemod.rewrite.edits import Edit

from .commands import Commands
from .docker import Docker
from .dotted import successor_of
from .examples import Sample, edits_below, has_prompts
from .fragments import fragment_edits
from .ini import Ini
from .located import Located
from .makefile import Makefile
from .needles import Needles
from .phrases import COMMAND, FOLDERS, NAMES, Holds, Phrases
from .samples import docstring_lines, unbound_chains
from .shell import Shell
from .shellwords import blank
from .shown import shown
from .stored import decoded, encoded, size
from .toml import Toml
from .view import View
from .yaml import Yaml

_ADDRESS = lazy(r"(?:(?<![\w.+-])[\w.+-]++)?://[^\s<>()\[\]`\"']*|\bwww\.[^\s<>()`]*|(?<![\w.+-])[\w.+-]++@[\w.-]+")
_EMPHASIS = lazy(r"(?<![\w/*])\*{1,3}(?=[\w`.])|(?<=[\w`).])\*{1,3}(?![\w/*])|(?<!\w)~(?=\w)")
_SENTENCE_END = lazy(r"(?<=\w)[.:](?=[\s)\"'*,;]|_(?!\w)|$)")  # `_app.user._` is emphasized, `app._user` private
_SQL = lazy(r"(?i)^\W*(?:select|insert\s+into|update|delete\s+from|create|alter|drop|truncate|with|grant|explain)\s")
_MOVING = lazy(
    r"(?i)\b(?:moved?|moves|now|renam\w*|formerly|previously|was|were|old|new|instead|replac\w+|deprecat\w+|becomes?"
    r"|became|used to|lives?|migrat\w+|superseded)\b|->|=>|→|⇒|\|"
)
_QUERY = lazy(
    r"(?i)\b(?:select\b.*\bfrom|(?:insert|merge)\s+into|delete\s+from"
    r"|(?:create|alter|drop|truncate)\s+(?:table|view|schema|index)(?:\s+if\s+(?:not\s+)?exists)?)\s+[\"'`\[]?$"
)
_FORMER = lazy(
    r"(?i)\b(?:formerly|previously|used\s+to\s+(?:be|live)|(?:it|this|that|which)\s+was"
    r"|(?:moved|renamed|migrated|extracted|split|taken)\s+(?:\w+\s+)?(?:from|out\s+of))"
    r"(?:\s+(?:in|at|as|called|named|part\s+of))?[\s`'\"*:~!(<]*$"
)
"""What stands in front of a name that was one once: `formerly a.b`, `moved from a.b`."""

PAGES = r"(?:std:)?(?:doc|ref|numref|eq|term|option|envvar|confval|token|keyword)"
"""The roles that lead to a page, a label or an entry: these keep their names when code moves."""

_LONGEST = 5000  # characters of a line of text
_FAR, _FEW = 300, 10  # characters in front of a name that tell something, times that it is on a line
STATEMENT = lazy(r"\s*(?:from\s+[\w.]+\s+import\b|import\s+\w)")
_EXAMPLE = lazy(r"[ \t>]*(?:>>>|\.\.\.)(?: |$)")
_COMMENT = lazy(r"(?:^|(?<=\s))#[^\"']*$")
_PROMPT = lazy(r"(?P<lead>\s*(?:\([\w.-]+\)\s*)?(?:[$%#]|[\w.@~:/-]+[$#])\s+)(?P<command>\S.*)")

_PYTHON = frozenset({
    "python", "py", "python3", "py3", "pycon", "python-repl", "ipython", "ipython3", "python-console", "doctest",
    "code-cell", "testcode", "testsetup", "testcleanup", "pyodide", "marimo",
})  # fmt: skip
_SHELL = frozenset({"bash", "sh", "shell", "zsh", "ksh", "fish", "shell-script", "batch", "bat", "powershell", "ps1"})
_SESSION = frozenset({"console", "shell-session", "shellsession", "terminal", "sh-session", "bash-session", "prompt"})
_PLAIN = frozenset({
    "", "text", "txt", "plaintext", "plain", "none", "json", "jsonc", "json5", "mermaid", "dot", "graphviz", "plantuml",
    "puml", "uml", "tree", "output", "log", "http", "csv", "gitignore", "ignore", "codeowners", "nginx", "pytb",
    "traceback", "markdown", "md", "rst", "literal", "parsed-literal", "default",
})  # fmt: skip
_GROUP = lazy(r"[\"']\s*:\s*\[?\s*[\"'][\w.-]+\s*=\s*[\w.]+")
"""What stands behind the name of a group of entry points: `'app.plugins': ['mine = other.place:Plugin']`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text, its ending, and the byte where it begins."""

    text: str
    ending: str
    at: int

    @property
    def whole(self) -> str:
        """The line with its ending."""
        return self.text + self.ending


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a text."""
    at = 0
    if "\r" not in text:
        *lines, rest = text.split("\n")
        for line in lines:
            yield Line(line, "\n", at)
            at += size(line) + 1
        if rest:
            yield Line(rest, "", at)
        return
    for whole in re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text):
        bare = whole.rstrip("\r\n")
        yield Line(bare, whole[len(bare) :], at)
        at += size(whole)


def hot_lines(needles: Needles, lines: Sequence[Line]) -> frozenset[int]:
    """The numbers of the lines that are worth reading; a huge one holds data."""
    wholes = [line.text + line.ending for line in lines]
    starts = [0, *itertools.accumulate(map(len, wholes))]
    found = needles.lines("".join(wholes), starts[:-1])
    return frozenset(number for number in found if len(lines[number].text) <= _LONGEST)


@dataclass(frozen=True, slots=True)
class Prose:
    """The texts of one file; offsets are bytes in the file."""

    view: View
    needles: Needles
    above: list[Sample] = field(default_factory=list, compare=False)  # the Python above that changed

    @classmethod
    def of(cls, view: View) -> Prose:
        """The texts of the file that a view is of."""
        return cls(view, Needles.of(view))

    @property
    def commands(self) -> Commands:
        """The command lines of the file."""
        return Commands.of(Located(self.view))

    def goes_on(self, text: str) -> bool:
        """True when a block of code may read what one above it imported under a name that is another now."""
        return any(sample.is_read_in(text) for sample in self.above)

    def text(self, text: str, at: int) -> Iterator[Edit]:
        """Prose: dotted names of two segments or more, and paths of Python files; everything else stays."""
        if not self.needles.found(text):
            return
        clean = _EMPHASIS.sub(_blank, _ADDRESS.sub(_blank, text))
        found = self._words(_SENTENCE_END.sub(" ", clean), at, Holds.WORDS | Holds.PATHS)
        for edit in found:
            old = edit.reason.partition(" -> ")[0]
            if ("/" in old and old.endswith((".py", ".pyi"))) or ("/" not in old and "." in old):
                yield from self._telling(edit, text)

    def span(self, code: str, at: int, line: str) -> Iterator[Edit]:
        """A code span: a name, a path, a command, a statement; `line` is where it stands."""
        if not self.needles.found(code) or _SQL.match(code):
            return
        if STATEMENT.match(code):
            edits = fragment_edits(self.view, encoded(code))
            if edits is not None:
                for edit in edits:
                    new = edit.new.replace(b"\n", b"; ")
                    yield from self._telling(replace(edit, start=at + edit.start, end=at + edit.end, new=new), line)
                return
        clean = _EMPHASIS.sub(_blank, _ADDRESS.sub(_blank, code))
        for edit in self._words(_SENTENCE_END.sub(" ", clean), at, COMMAND):
            yield from self._telling(edit, line)

    def link(self, target: str, at: int) -> Iterator[Edit]:
        """Where a link leads."""
        if not _ADDRESS.search(target):
            yield from self._words(target.partition("?")[0], at, FOLDERS)

    def names(self, text: str, at: int) -> Iterator[Edit]:
        """What a directive documents: names, even of one segment."""
        yield from self._words(text, at, NAMES)

    def block(self, language: str, text: str, at: int) -> Iterator[Edit]:
        """A block of code; `text` are whole lines, indented or not."""
        if not (self.needles.found(text) or self.goes_on(text)):
            return
        language = language.strip().lower().strip("{}.")
        data = encoded(text)
        if language in _PYTHON or (language in _PLAIN and has_prompts(data)):
            yield from self._python(data, text, at)
        elif language in _SHELL:
            yield from self.commands.script(text, at)
        elif language in _SESSION:
            yield from self._session(text, at, only=True)
        elif language in _PLAIN:
            yield from self._session(text, at, only=False)
        else:
            yield from _shifted(self._other(language, data, text), at)

    def _other(self, language: str, data: bytes, text: str) -> Iterator[Edit]:
        if language in ("yaml", "yml"):
            yield from Yaml().find("x.yml", data, self.view)
        elif language == "toml":
            yield from Toml().find("pyproject.toml", data, self.view)
        elif language in ("ini", "cfg", "conf"):
            yield from Ini().find("setup.cfg", data, self.view)
        elif language in ("dockerfile", "docker"):
            yield from Docker().find("Dockerfile", data, self.view)
        elif language in ("makefile", "make", "just", "justfile"):
            yield from Makefile(self.commands, is_just="just" in language).edits(text)
        elif language in ("dotenv", "env", "procfile"):
            yield from Shell().find("Procfile" if language == "procfile" else ".env", data, self.view)
        elif any(STATEMENT.match(line.text) for line in lines_of(text)):  # a dialect of a documentation tool
            yield from fragment_edits(self.view, data) or ()

    def _python(self, data: bytes, text: str, at: int) -> Iterator[Edit]:
        prompted = has_prompts(data)
        edits = edits_below(self.view, self.above, data)
        if edits is None:
            yield from self._session(text, at, only=False)
            return
        self.above.append(Sample.of(data, edits))
        yield from _shifted(iter(edits), at)
        taken = [(at + edit.start, at + edit.end) for edit in edits]
        beside = self._outputs(text, at) if prompted else self._beside_code(data, text, at)
        for edit in beside:
            if not any(start < edit.end and edit.start < end for start, end in taken):
                yield replace(edit, review=True)

    def _outputs(self, text: str, at: int) -> Iterator[Edit]:
        """What an example shows."""
        for line in lines_of(text):
            if not _EXAMPLE.match(line.text):
                yield from _shifted(shown(self.view, line.text, raised=False), at + line.at)

    def _beside_code(self, data: bytes, text: str, at: int) -> Iterator[Edit]:
        """Comments and docstrings of a sample, and chains from a package that it leaves out to import."""
        for (start, end), dotted in unbound_chains(data):
            new = successor_of(self.view, dotted)
            if new is not None:
                yield Edit(at + start, at + end, encoded(new), f"{dotted} -> {new} in a sample")
        for start, end in docstring_lines(data):
            yield from self.text(decoded(data[start:end]), at + start)
        for line in lines_of(text):
            comment = _COMMENT.search(line.text)
            if comment:
                yield from self.text(comment.group(), at + line.at + size(line.text[: comment.start()]))

    def _session(self, text: str, at: int, *, only: bool) -> Iterator[Edit]:
        """Commands behind prompts and what they print; where there is `only` that, a line without is output."""
        lines = [line.whole for line in lines_of(text)]
        prompts = [_PROMPT.match(line) for line in lines]
        if only and not any(prompts):
            yield from self.commands.script(text, at)
            return
        for line, prompt in zip(lines, prompts, strict=True):
            if not self.needles.found(line):
                pass
            elif prompt and (only or prompt["lead"].strip() != "#"):
                start = prompt.start("command")
                yield from self.commands.script(line[start:], at + size(line[:start]))
            elif not only and not _SQL.match(line):
                groups = [at + size(line[: found.start()]) for found in _GROUP.finditer(line)]
                yield from (edit for edit in self.commands.comment(line, at) if edit.end not in groups)
            at += size(line)

    def _words(self, text: str, at: int, holds: Holds) -> Iterator[Edit]:
        yield from Phrases(self.view, Located(self.view).after).edits(text, at, holds)

    def _telling(self, edit: Edit, line: str) -> Iterator[Edit]:
        """The edit, unless its line tells of the move itself: it has the new name already, or says what was once."""
        new = decoded(edit.new)
        if new in line and re.search(rf"(?<![\w./-]){re.escape(new)}(?![\w/-]|\.\w)", line) and _MOVING.search(line):
            return
        written = edit.reason.partition(" -> ")[0]
        places = itertools.islice(_places(written, line), _FEW)
        if not any(_no_longer(line[max(0, start - _FAR) : start]) for start in places):
            yield edit


def _places(word: str, line: str) -> Iterator[int]:
    at = line.find(word)
    while at != -1:
        yield at
        at = line.find(word, at + (len(word) or 1))


def _shifted(edits: Iterator[Edit], at: int) -> Iterator[Edit]:
    for edit in edits:
        yield replace(edit, start=edit.start + at, end=edit.end + at)


def _no_longer(front: str) -> bool:
    return was_once(front) or is_table(front)


def is_table(front: str) -> bool:
    """True when what stands in front of a name on its line is a query: the name is a table's."""
    return _QUERY.search(front) is not None


def was_once(front: str) -> bool:
    """True when what stands in front of a name on its line says that it was one once."""
    return _FORMER.search(front) is not None


def is_history(path: str) -> bool:
    """True for what tells what was true once: changelogs, news, release notes."""
    folders = set(path.lower().split("/")[:-1])
    return bool(_HISTORY.match(posixpath.basename(path)) or folders & _HISTORIES)


_HISTORY = lazy(r"(?i)(?:change(?:s|[-_]?log)|history|news|releases|release[-_]?notes|whats[-_]?new)(?:\W|_|$)")
_HISTORIES = frozenset({
    "changes", "changelog", "change_log", "change-log", "changelogs", "changelog.d", "newsfragments", "news", "news.d",
    "releasenotes", "releases", "release-notes", "release_notes", "whatsnew",
})  # fmt: skip


def _blank(found: re.Match[str]) -> str:
    return blank(found.group())

"""Names and paths inside the text of a setting: a list, a command line, a pattern, an entry point."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from enum import Flag, auto

from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit

from .dotted import NAME, means, successor_of
from .paths import made_after, path_after
from .registered import logs_by_name, names_itself, says_its_logger
from .stored import encoded, size
from .view import View


class Holds(Flag):
    """What may stand in a place of a configuration file."""

    NOTHING = 0
    PATHS = auto()  # paths, anywhere in the text
    FOLDERS = auto()  # a path of one segment counts too
    WHOLE = auto()  # a dotted name that is all of the text, or one item of a list
    SINGLE = auto()  # a name of one segment counts too
    WORDS = auto()  # a dotted name that is a word of the text
    CERTAIN = auto()  # known to hold references: nothing to review
    LOGGER = auto()  # a logger's name, which is a module's where that logs by its own name
    LINE = auto()  # a command line as a shell reads it
    OPTIONS = auto()  # what is given to pytest
    MADE = auto()  # the path of a file that a build makes
    FILTER = auto()  # `action:message:category:module:line` of warnings: what the message says stays


NAMES = Holds.WHOLE | Holds.SINGLE | Holds.CERTAIN
FOLDERS = Holds.PATHS | Holds.FOLDERS | Holds.CERTAIN
COMMAND = Holds.WORDS | Holds.PATHS | Holds.CERTAIN
LINE = COMMAND | Holds.LINE
OPTIONS = COMMAND | Holds.OPTIONS
WARNINGS = Holds.FILTER | Holds.CERTAIN

_FILTER = lazy(rf"\s*\w*:[^:]*:[ ]*(?P<category>{NAME})?(?:[ ]*:[ ]*(?P<module>{NAME})?(?:[ ]*:.*)?)?\s*")
_NAMED = lazy(NAME)
_TOKEN = lazy(r"[\w./\\*?~@-]+")
_HERE = lazy(r"(?:%\(here\)s|\{(?:toxinidir|tox_root)\}|\$\{?PWD\}?|\$\{workspaceFolder\}|<rootDir>)(?:/|\{/\})")
_ATTRIBUTE = lazy(rf":(?P<attribute>{NAME})(?![\w/:@.-])")
_BEHIND = lazy(r"\s*(?:[=<>!~]=|[<>](?=\s*v?\d)|://|:\d)|\[[^\]]*\]\s*[=<>~@]")
_LINE = lazy(r":\d")  # behind a path: a line of the file
_ITEM = lazy(r"(?:[^,\r\n\[]|\[[^\]\r\n]*\]?)+")  # a comma in brackets divides extras, not items
_ENTRY = lazy(
    rf"(?P<name>[\w.\- ]+?\s*=\s*)?(?P<target>{NAME}(?::{NAME})?(?:\.\*{{1,2}}|\*)?)(?P<extras>\s*\[[^\]]*\])?"
)
_FAR = 80  # characters in front of a name that tell what it is
_OPTION = lazy(
    r"(?:(?:^|\s)-p[ =]?|--(?:cov|pyargs|source|app|ds)[ =]|\bpython[\d.]*\s+-m\s+|\s-A[ =]"
    r"|\bDJANGO_SETTINGS_MODULE\s*=\s*|\battr:\s*)$"
)
"""What stands in front of a module name on command lines, so that one segment is enough to know it."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The names and paths of one file's settings."""

    view: View
    located: Callable[[str, bool], str | None] | None = None
    """Where a path leads (and whether one segment is enough), if it may begin elsewhere than `path_after` looks."""

    def edits(self, text: str, at: int, holds: Holds) -> Iterator[Edit]:
        """The edits to `text`, which begins at byte `at` of its file and is written there as it is."""
        taken: list[tuple[int, int]] = []  # sorted, apart
        offsets = range(len(text) + 1) if text.isascii() else None
        for start, end, new in self._found(text, holds):
            number = bisect_left(taken, (start, end))
            if any(
                start < other_end and other_start < end
                for other_start, other_end in taken[max(0, number - 1) : number + 1]
            ):
                continue
            taken.insert(number, (start, end))
            offset = at + (start if offsets else size(text[:start]))
            old = text[start:end]
            review = not holds & Holds.CERTAIN
            yield Edit(offset, offset + size(old), encoded(new), f"{old} -> {new}", review)

    def _found(self, text: str, holds: Holds) -> Iterator[tuple[int, int, str]]:
        """(start, end, new) of each name and path, the surer readings first; later ones may overlap them."""
        if holds & Holds.FILTER:
            yield from filtered(self.view, text)
            return
        if holds & Holds.LOGGER:
            yield from self._logger(text)
            return
        masked = _HERE.sub(lambda here: " " * len(here.group()), text)
        tokens = [(token.start(), token.group()) for token in _TOKEN.finditer(masked)]
        if holds & Holds.PATHS:
            yield from self._paths(text, tokens, alone=False)
        made = made_after(self.view, text) if holds & Holds.MADE else None
        if made is not None:
            yield 0, len(text), made
        if holds & Holds.WHOLE:
            yield from self._whole(text, holds)
        if holds & Holds.FOLDERS:
            yield from self._paths(text, tokens, alone=True)
        if holds & Holds.WORDS:
            for start, written in tokens:
                yield from self._word(text, start, written, holds)

    def _paths(self, text: str, tokens: list[tuple[int, str]], *, alone: bool) -> Iterator[tuple[int, int, str]]:
        for start, written in tokens:
            new = self.located(written, alone) if self.located else path_after(self.view, written, alone=alone)
            if new is None or (new.endswith("/") and _LINE.match(text, start + len(written))):
                continue  # a line of a file that is the folder of its parts now: nobody knows of which
            yield start, start + len(written), new

    def _whole(self, text: str, holds: Holds) -> Iterator[tuple[int, int, str]]:
        """Names that are all of the text or of an item of it; `name = module:attribute` among them."""
        for item in _ITEM.finditer(text):
            body = item.group().strip()
            start = item.start() + item.group().index(body) if body else 0
            found = _ENTRY.fullmatch(body)
            written = found["target"] if found else ""
            short = ":" not in written and (bool(found and found["name"]) or "." not in written)
            if not found or (short and not holds & Holds.SINGLE) or written.endswith((".py", ".pyi")):
                continue
            new = successor_of(self.view, written, certain=NAMES in holds)
            if new is not None and not self._registered(written):
                yield start + found.start("target"), start + found.end("target"), new

    def _logger(self, text: str) -> Iterator[tuple[int, int, str]]:
        name = text.strip()
        ref, rest = means(self.view, name) if _NAMED.fullmatch(name) else (None, "")
        if ref is None or ref.name or rest:
            return
        follows = logs_by_name(self.view, ref.module)
        if follows or ("." in name and not says_its_logger(self.view, name)):
            new = successor_of(self.view, name, certain=True)
            if new is not None:
                start = text.index(name)
                yield start, start + len(name), new

    def _word(self, text: str, start: int, written: str, holds: Holds) -> Iterator[tuple[int, int, str]]:
        end = start + len(written)
        named = _OPTION.search(text, max(0, start - _FAR), start) is not None
        attribute = _ATTRIBUTE.match(text, end)
        if attribute is not None:
            end, written = attribute.end(), text[start : attribute.end()]
        elif _BEHIND.match(text, end) or ("." not in written and not named and not holds & Holds.SINGLE):
            return
        new = successor_of(self.view, written, certain=named)
        if new is not None and (named or not self._registered(written)):
            yield start, end, new

    def _registered(self, written: str) -> bool:
        """True for the name of a task that says its name itself."""
        ref, rest = means(self.view, written) if ":" not in written else (None, "")
        return ref is not None and bool(ref.name) and not rest and names_itself(self.view, ref)


def filtered(view: View, text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, new) of the category and the module of `action:message:category:module:line`."""
    found = _FILTER.fullmatch(text)
    for group in ("category", "module") if found else ():
        new = successor_of(view, found[group], certain=True) if found and found[group] else None
        if found and new is not None:
            yield *found.span(group), new

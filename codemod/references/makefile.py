"""Makefiles and justfiles: recipes are shell, assignments hold paths and names, prerequisites are paths."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .commands import Commands
from .shellwords import blank
from .stored import size

_NAMES = lazy(r"(?i:gnumakefile|makefile|bsdmakefile)(?:\.[\w-]+)?|.+\.(?:mk|mak|make)|(?i:\.?justfile|.+\.just)")
_ASSIGNMENT = lazy(
    r"[ ]*(?:(?:override|export|private|set)\s+)*(?:[^:=#\s]+\s*:\s*)?(?P<name>[A-Za-z_][\w.-]*)\s*"
    r"(?:=|:=|::=|:::=|\?=|\+=|!=)(?P<value>.*)",
    re.DOTALL,
)
_RULE = lazy(r"(?P<targets>[^=#]*?)::?(?P<needs>[^=;#]*)(?:;(?P<recipe>.*))?", re.DOTALL)
_INCLUDE = lazy(r"\s*-?s?include\s+(?P<files>.*)|\s*(?:import|mod)\??\s+(?P<quoted>[\"'].*)", re.DOTALL)
_PREFIX = lazy(r"[ \t]*[@+-]*")
_CONDITION = lazy(r"\s*(?:if(?:n?eq|n?def)|else|endif|define|endef|unexport|vpath|undefine)\b")
_BREAK = lazy(r"(?<=\n)|(?<=\r)(?!\n)")


def is_makefile(path: str) -> bool:
    """True for what make or just reads."""
    return _NAMES.fullmatch(posixpath.basename(path)) is not None


class Makefile:
    """The commands of one Makefile, or of a justfile."""

    def __init__(self, commands: Commands, *, is_just: bool = False) -> None:
        self.commands = commands
        self.is_just = is_just

    def edits(self, text: str) -> Iterator[Edit]:
        """The edits to the file."""
        at, defining = 0, False
        for line in _logical(text):
            bare = line.strip()
            if bare.startswith("define "):
                defining = True
            elif bare == "endef":
                defining = False
            elif defining or line.startswith("\t") or (self.is_just and line[:1] == " "):
                yield from self._recipe(line, at)
            elif bare:
                yield from self._line(line, at)
            at += size(line)

    def _recipe(self, line: str, at: int) -> Iterator[Edit]:
        """A line for the shell; `$$` is how make writes a dollar."""
        prefix = _PREFIX.match(line)
        skipped = prefix.end() if prefix else 0
        body = line[skipped:].replace("$$", " $")
        if self.is_just:
            body = re.sub(r"\{\{.*?\}\}/?", lambda found: blank(found.group()), body)
        yield from self.commands.script(body, at + skipped)

    def _line(self, line: str, at: int) -> Iterator[Edit]:
        comment = re.search(r"(?:^|\s)#", line)
        if comment:
            yield from self.commands.comment(line[comment.start() :], at + size(line[: comment.start()]))
            line = line[: comment.start()]
        if _CONDITION.match(line):
            return
        include, assignment, rule = _INCLUDE.fullmatch(line), _ASSIGNMENT.fullmatch(line), _RULE.fullmatch(line)
        if include:
            group = "files" if include["files"] else "quoted"
            yield from self.commands.paths(_joined(include[group]), at + size(line[: include.start(group)]))
        elif assignment:
            value = assignment["value"].strip()
            start = assignment.start("value") + assignment["value"].index(value)
            yield from self.commands.environment(assignment["name"], _joined(value), at + size(line[:start]))
            self.commands = self.commands.knowing(assignment["name"], value.strip("\"'"))
        elif rule and not rule["targets"].lstrip().startswith((".PHONY", "#")):
            yield from self.commands.paths(rule["targets"], at)
            yield from self.commands.paths(_joined(rule["needs"]), at + size(line[: rule.start("needs")]))
            if rule["recipe"]:
                yield from self._recipe(rule["recipe"], at + size(line[: rule.start("recipe")]))


def _logical(text: str) -> Iterator[str]:
    """The lines, those that a backslash continues joined; nothing is left out."""
    whole = ""
    for line in _BREAK.split(text):
        whole += line
        if line.rstrip("\r\n").endswith("\\"):
            continue
        if whole:
            yield whole
        whole = ""
    if whole:
        yield whole


def _joined(value: str) -> str:
    return re.sub(r"\\\r?\n", lambda found: " " * len(found.group()), value)

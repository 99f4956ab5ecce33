"""What settings hold, in files of any form: command lines as a shell reads them, else names and paths."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit

from .commands import Commands
from .located import Located
from .phrases import Holds, Phrases
from .view import View

_PYTHON = lazy(r"\{env_?python\}")  # of tox


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one file."""

    commands: Commands

    @classmethod
    def of(cls, view: View) -> Settings:
        """Those of a file whose paths are relative to it, or to the top of the repository."""
        return cls(Commands.of(Located(view)))

    def edits(self, text: str, at: int, holds: Holds, *, plain: bool = True) -> Iterator[Edit]:
        """The edits to a setting's text, which begins at byte `at`; where it is not `plain`, quotes in it are escaped.

        What a command line does not tell is read as words of a text.
        """
        found: list[Edit] = []
        if plain and "\\" not in text and holds & (Holds.LINE | Holds.OPTIONS):
            line = _PYTHON.sub(lambda one: "python".ljust(len(one.group())), text)
            before = ("pytest",) if holds & Holds.OPTIONS else ()
            found = list(self.commands.script(line, at, before))
            yield from found
        for edit in Phrases(self.commands.view).edits(text, at, holds):
            if not any(edit.start < other.end and other.start < edit.end for other in found):
                yield edit

"""Entry points: what is installed names the module until it is installed again."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from codemod.base.findings import Place
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.outcome import OwnName

from .kind import Moved, RuntimeName, Survey

_FILES = ("pyproject.toml", "setup.cfg", "setup.py", "entry_points.txt")
_TARGET = lazy(
    rb"^[ \t]*[\"']?[\w.:-]+(?:[\"'])?[ \t]*=[ \t]*[\"']?(?P<module>[^\W\d][\w.]*):(?P<name>[^\W\d]\w*)[\w.]*"
    rb"(?:[ \t]*\[[^\]\r\n]*\])?[\"']?[ \t]*,?[ \t]*(?:#.*)?\r?$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """Scripts and plugins that the project's files declare."""

    name: str = "entry-points"
    code: str = "runtime-entry-point"

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """The entry points whose module or function is called differently after the phase."""
        for path, data in survey.holding(b":", suffixes=_FILES) if survey.moved else ():
            if posixpath.basename(path) not in _FILES:
                continue
            for found in _TARGET.finditer(data):
                module = survey.before.modules.find(found["module"].decode(), path)
                symbol = (module.module.name, found["name"].decode()) if module is not None else ("", "")
                new = survey.intent.symbol(*symbol)
                if new != symbol:
                    yield RuntimeName(
                        Place(path, data.count(b"\n", 0, found.start("module")) + 1),
                        f"the entry point {':'.join(symbol)}", ":".join(new),
                        "what is installed, editable too, looks for the old one until it is installed again",
                        importable=symbol,
                    )  # fmt: skip

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """They stand in files of other kinds, and follow the code."""
        return iter(())

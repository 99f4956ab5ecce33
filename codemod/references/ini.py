"""INI files, units of systemd: names and paths in section headers, keys and values, line by line; the rest stays."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .keys import Key
from .phrases import NAMES, Holds
from .places import key_holds, value_holds
from .settings import Settings
from .stored import decoded, size
from .view import View

_LINE = lazy(rb"[^\r\n]+")
_HEADER = lazy(r"\s*\[(?P<name>.+)\]\s*(?:[#;].*)?")
_PAIR = lazy(r"(?P<indent>\s*)(?P<key>[^\s=:#;][^=:]*?)\s*[=:]\s*(?P<value>.*)")
_PROGRAM = lazy(rb"(?m)^\[(?:program|eventlistener|fcgi-program|supervisord)[:\]]")
_COMMENT = lazy(r"\s[#;]")

_NAMES = frozenset({
    ".coveragerc", ".flake8", ".importlinter", ".pylintrc", "pylintrc", ".editorconfig",
    "logging.conf", "supervisord.conf", "entry_points.txt", "sonar-project.properties",
})  # fmt: skip

_FILES: dict[str, Key] = {
    ".coveragerc": ("tool", "coverage"),
    ".pylintrc": ("tool", "pylint"),
    "pylintrc": ("tool", "pylint"),
    "sonar-project.properties": ("sonar",),
    "entry_points.txt": ("project", "entry-points"),  # in *.egg-info: what an installed distribution offers
}
"""Files all of whose sections belong to one tool."""

_SECTIONS: tuple[tuple[re.Pattern[str], Key], ...] = (
    (lazy(r"(?:tool:)?pytest"), ("tool", "pytest", "ini-options")),
    (lazy(r"coverage:(.+)"), ("tool", "coverage")),
    (lazy(r"mypy"), ("tool", "mypy")),
    (lazy(r"mypy-.+"), ("tool", "mypy", "section")),
    (lazy(r"flake8(?::local-plugins)?"), ("tool", "flake8")),
    (lazy(r"isort|settings"), ("tool", "isort")),
    (lazy(r"tox|testenv.*|gh-actions.*"), ("tool", "tox", "env")),
    (lazy(r"importlinter.*"), ("tool", "importlinter", "contracts")),
    (lazy(r"pylint.*"), ("tool", "pylint")),
    (lazy(r"options\.entry_points"), ("project", "entry-points", "group")),
    (lazy(r"options\.packages\.find"), ("tool", "setuptools", "packages", "find")),
    (lazy(r"options\.(package_data|exclude_package_data)"), ("tool", "setuptools")),
    (lazy(r"options\.extras_require"), ("dependency-groups",)),
    (lazy(r"options"), ("tool", "setuptools")),
    (lazy(r"metadata"), ("metadata",)),
    (lazy(r"alembic"), ("tool", "alembic")),
    (lazy(r"Service"), ("systemd",)),
    (lazy(r"(?:program|eventlistener|fcgi-program):.+"), ("supervisor",)),
)
"""Sections, and the table of pyproject.toml that would hold the same; a group is that table's last key."""


class Ini:
    """Names and paths in INI files."""

    name = "ini"

    def claims(self, path: str) -> bool:
        """True for `*.ini`, `*.cfg`, units of systemd, the dotfiles of that form and what a distribution offers.

        A `*.conf` is read where it has the sections of Supervisor.
        """
        return path.endswith((".ini", ".cfg", ".service", ".conf")) or posixpath.basename(path) in _NAMES

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to an INI file."""
        if path.endswith(".conf") and posixpath.basename(path) not in _NAMES and _PROGRAM.search(data) is None:
            return
        yield from _Reader(path, data, Settings.of(view)).edits()


class _Reader:
    """Reads lines as configparser does: what is indented deeper than its key continues the value."""

    def __init__(self, path: str, data: bytes, settings: Settings) -> None:
        self.file = posixpath.basename(path)
        self.data = data
        self.settings = settings
        self.table: Key = _FILES.get(self.file, ())
        self.key: Key = ()
        self.indent = 0

    def edits(self) -> Iterator[Edit]:
        for line in _LINE.finditer(self.data):
            text = decoded(line.group())
            body = text.strip()
            if body and body[0] not in "#;":
                yield from self.line(text, line.start())

    def line(self, text: str, at: int) -> Iterator[Edit]:
        indent = len(text) - len(text.lstrip())
        if self.key and indent > self.indent:
            yield from self.value(text, 0, at)
            return
        header = _HEADER.fullmatch(text)
        if header:
            self.key, self.table = (), self.table_of(header["name"])
            yield from self.header(header["name"], at + size(text[: header.start("name")]))
            return
        pair = _PAIR.fullmatch(text)
        if pair is None:
            return
        self.indent, self.key = indent, (*self.table, pair["key"])
        yield from self.settings.edits(pair["key"], at + size(pair["indent"]), key_holds(self.key))
        yield from self.value(text, pair.start("value"), at)

    def value(self, text: str, start: int, at: int) -> Iterator[Edit]:
        comment = _COMMENT.search(text, start)
        value = text[start : comment.start()] if comment else text[start:]
        yield from self.settings.edits(value, at + size(text[:start]), value_holds(self.key))

    def header(self, name: str, at: int) -> Iterator[Edit]:
        """`[mypy-app.user,app.cart.*]`, and headers that are or hold a path."""
        if name.startswith("mypy-"):
            yield from self.settings.edits(name[5:], at + 5, NAMES)
        else:
            yield from self.settings.edits(name, at, Holds.PATHS | Holds.CERTAIN)

    def table_of(self, section: str) -> Key:
        """The table of pyproject.toml that a section stands for."""
        if self.file in _FILES:
            return (*_FILES[self.file], section)
        for pattern, table in _SECTIONS:
            found = pattern.fullmatch(section)
            if found:
                return (*table, *(group for group in found.groups()))
        return ("", section)

"""Shell scripts, Procfiles, environment files and scripts without a suffix: commands, paths and names follow."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .commands import Commands
from .fragments import fragment_edits
from .located import Located
from .makefile import Makefile, is_makefile
from .stored import decoded, size
from .view import View

_SCRIPTS = (".sh", ".bash", ".zsh", ".ksh", ".envrc", ".bats")
_ENVIRONMENT = lazy(r"\.(?:flask)?env(?:\.[\w.-]+)?|[\w-]*\.env")
_PROCFILE = lazy(r"(?i:procfile)(?:\.[\w.-]+)?")
_LINE = lazy(r"[^\r\n]+")
_PROCESS = lazy(r"\s*[\w-]+:(?P<command>.*)")
_SETTING = lazy(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][\w.]*)\s*[=:]\s*(?P<value>.*)")
_CRONTAB = lazy(r"(?:[\w.-]+[._-])?crontab|[\w.-]+\.cron(?:tab)?|crontab\.(?!txt$|md$|rst$)[\w-]+")
_TIMED = lazy(r"\s*(?:@\w+|(?:[\d*/,A-Za-z-]+[ \t]+){4}[\d*/,A-Za-z-]+)[ \t]+(?P<command>\S.*)")
_INLINE_COMMENT = lazy(r"\s#.*")
_SHEBANG = lazy(
    rb"(?:\xef\xbb\xbf)?#![^\r\n]*?\b(?:(?P<python>python[\d.]*|pypy[\d.]*)|(?P<shell>(?:ba|z|da|a|k)?sh))\b"
)


class Shell:
    """Names and paths in command lines that are files of their own."""

    name = "shell"

    def claims(self, path: str) -> bool:
        """True for shell scripts, Makefiles, Procfiles, environment files, and names without a suffix."""
        base = posixpath.basename(path)
        named = base.endswith(_SCRIPTS) or _ENVIRONMENT.fullmatch(base) or _PROCFILE.fullmatch(base)
        return bool(named) or _is_crontab(path) or is_makefile(path) or _has_no_suffix(base)

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to the file; a name without a suffix says nothing, then its first line must."""
        base = posixpath.basename(path)
        text = decoded(data)
        commands = Commands.of(Located(view))
        if not commands.needles.found(text):
            return
        if is_makefile(path):
            yield from Makefile(commands, is_just="just" in base.lower()).edits(text)
        elif _PROCFILE.fullmatch(base):
            yield from _processes(commands, text)
        elif _is_crontab(path):
            yield from _timed(commands, text)
        elif _ENVIRONMENT.fullmatch(base):
            yield from _settings(commands, text)
        elif base.endswith(_SCRIPTS):
            yield from commands.script(text, 0)
        else:
            yield from _by_first_line(commands, data, text)


def _has_no_suffix(base: str) -> bool:
    return "." not in base.lstrip(".") and base.lower() not in _NO_SCRIPTS


_NO_SCRIPTS = frozenset({
    "dockerfile", "containerfile", "license", "licence", "copying", "notice", "authors", "changelog", "changes",
    "history", "news", "readme", "codeowners", "pipfile", "jenkinsfile", "vagrantfile", ".gitignore", ".dockerignore",
    ".gitattributes", ".gitmodules", ".coveragerc", ".flake8", ".pylintrc", "pylintrc", ".editorconfig",
})  # fmt: skip


def _by_first_line(commands: Commands, data: bytes, text: str) -> Iterator[Edit]:
    found = _SHEBANG.match(data)
    if found is None:
        return
    if found["shell"]:
        yield from commands.script(text, 0)
        return
    mark = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    for edit in fragment_edits(commands.view, data[mark:]) or ():
        yield Edit(edit.start + mark, edit.end + mark, edit.new, edit.reason, edit.review)


def _processes(commands: Commands, text: str) -> Iterator[Edit]:
    """`web: uvicorn app.main:app`, one a line."""
    for line in _LINE.finditer(text):
        found = _PROCESS.fullmatch(line.group())
        if line.group().lstrip().startswith("#"):
            yield from commands.comment(line.group(), size(text[: line.start()]))
        elif found:
            start = line.start() + found.start("command")
            yield from commands.script(found["command"], size(text[:start]))


def _is_crontab(path: str) -> bool:
    base = posixpath.basename(path)
    return _CRONTAB.fullmatch(base) is not None or posixpath.basename(posixpath.dirname(path)) == "cron.d"


def _timed(commands: Commands, text: str) -> Iterator[Edit]:
    """`0 3 * * * python -m app.job`, one a line, perhaps with a user in front of the command; and `NAME=value`."""
    for line in _LINE.finditer(text):
        found = _TIMED.fullmatch(line.group())
        if found and not line.group().lstrip().startswith("#"):
            yield from commands.script(found["command"], size(text[: line.start() + found.start("command")]))
        else:
            yield from _settings(commands, text[line.start() : line.end()], size(text[: line.start()]))


def _settings(commands: Commands, text: str, at: int = 0) -> Iterator[Edit]:
    """`NAME=value`, one a line."""
    for line in _LINE.finditer(text):
        found = _SETTING.fullmatch(line.group())
        if line.group().lstrip().startswith("#"):
            yield from commands.comment(line.group(), at + size(text[: line.start()]))
        elif found:
            value = found["value"] if found["value"][:1] in ("'", '"') else _INLINE_COMMENT.sub("", found["value"])
            start = line.start() + found.start("value")
            yield from commands.environment(found["name"], value, at + size(text[:start]))

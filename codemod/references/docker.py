"""Dockerfiles: commands, what is copied where, and the environment, instruction by instruction."""

from __future__ import annotations

import json
import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, replace
from codemod.rewrite.edits import Edit

from .commands import Commands
from .located import Located, Mount, mount_of, target_after
from .paths import path_after
from .phrases import FOLDERS, Phrases
from .shellwords import Word, blank, masked, script_of
from .stored import decoded, encoded, size
from .view import View

_NAMES = lazy(r"(?i:(?:dockerfile|containerfile)(?:\.[\w.-]+)?|[\w.-]+\.(?:dockerfile|containerfile))")
_ESCAPE = lazy(r"#[ \t]*escape[ \t]*=[ \t]*`", re.IGNORECASE)
_INSTRUCTION = lazy(r"[ \t]*(?P<name>[A-Za-z]+)(?P<gap>[ \t]+|$)")
_FLAG = lazy(r"\s*--[a-z-]+(?:=(?:\"[^\"]*\"|\S+))?(?=\s)")
_FROM_STAGE = lazy(r"--from=(?P<stage>\S+)")
_HEREDOC = lazy(r"<<-?[ \t]*[\"']?(?P<mark>[A-Za-z_]\w*)[\"']?")
_HEALTH = lazy(r"(?:\s*--[a-z-]+=\S+)*\s*CMD\s+", re.IGNORECASE)
_STAGE = lazy(r"(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_PAIR = lazy(r"(?P<name>[A-Za-z_]\w*)=(?P<value>(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\\.|[^\s\"'\\])*)")
_OLD_PAIR = lazy(r"(?P<name>[A-Za-z_]\w*)\s+(?P<value>.*\S)", re.DOTALL)
_JSON_STRING = lazy(r'"(?P<inside>(?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction: its name, its arguments with line continuations and comments blanked, and their first byte.

    Here-documents stand behind the arguments; `lines` tells where further lines begin in the text.
    """

    name: str
    text: str
    at: int
    lines: tuple[int, ...] = ()
    front: str = ""  # `ONBUILD `


@dataclass(frozen=True, slots=True)
class _Comment:
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class _Stage:
    """What is known of the image so far."""

    folder: str = "/"
    mounts: tuple[Mount, ...] = ()
    entrypoint: tuple[str, ...] = ()


class Docker:
    """Names and paths in Dockerfiles."""

    name = "docker"

    def claims(self, path: str) -> bool:
        """True for `Dockerfile`, `Dockerfile.*`, `*.dockerfile` and the same of `Containerfile`."""
        return _NAMES.fullmatch(posixpath.basename(path)) is not None and not path.endswith(".dockerignore")

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to a Dockerfile."""
        yield from _Reader(view).edits(decoded(data))


class _Reader:
    """Follows the instructions, and with them what the image's file system looks like."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.stage = _Stage()
        self.stages: dict[str, _Stage] = {}
        self.current = ""

    def edits(self, text: str) -> Iterator[Edit]:
        for part in instructions(text):
            if isinstance(part, _Comment):
                yield from self.commands.comment(part.text, part.at)
            else:
                yield from self._instruction(part)

    @property
    def commands(self) -> Commands:
        return Commands.of(Located(self.view, (), self.stage.mounts, self.stage.folder))

    def _instruction(self, found: Instruction) -> Iterator[Edit]:
        name, text, at = found.name.upper(), found.text, found.at
        if name in ("RUN", "CMD", "ENTRYPOINT", "SHELL"):
            yield from self._command(name, text, at)
        elif name == "HEALTHCHECK":
            health = _HEALTH.match(text)
            if health:
                yield from self._command("CMD", text[health.end() :], at + size(text[: health.end()]), alone=True)
        elif name == "ONBUILD":
            inner = _INSTRUCTION.match(text)
            if inner and inner["name"].upper() != "ONBUILD":
                further = tuple(one - inner.end() for one in found.lines)
                said, front = text[inner.end() :], f"{found.name} "
                yield from self._instruction(Instruction(inner["name"], said, at + inner.end(), further, front))
        elif name in ("COPY", "ADD"):
            yield from _Copy(self, found).edits()
        elif name in ("ENV", "ARG"):
            yield from self._environment(text, at)
        elif name == "WORKDIR":
            yield from Phrases(self.view, self.commands.located.after).edits(masked(text), at, FOLDERS)
            self.stage = replace(self.stage, folder=_joined(self.stage.folder, text.strip()))
        elif name == "FROM":
            self._from(text)

    def _from(self, text: str) -> None:
        self.stages[self.current] = self.stage
        found = _STAGE.search(text)
        known = self.stages.get(found["image"].lower()) if found else None
        self.stage = known or _Stage()
        self.current = (found["name"] or "").lower() if found else ""

    # -- commands

    def _command(self, name: str, text: str, at: int, *, alone: bool = False) -> Iterator[Edit]:
        flags = re.match(rf"(?:{_FLAG.pattern})*\s*", text) if name == "RUN" else re.match(r"\s*", text)
        skipped = flags.end() if flags else 0
        words = exec_form(text, skipped)
        if words is None:
            yield from self.commands.script(blank(text[:skipped]) + text[skipped:], at)
            return
        before = self.stage.entrypoint if name == "CMD" and not alone else ()
        yield from self.commands.words(text, at, words, before)
        if name == "ENTRYPOINT":
            self.stage = replace(self.stage, entrypoint=tuple(word.value for word in words))

    def _environment(self, text: str, at: int) -> Iterator[Edit]:
        pairs = list(_PAIR.finditer(text))
        if not pairs or text[: pairs[0].start()].strip():
            found = _OLD_PAIR.match(text.lstrip())
            pairs = []
            if found and "=" not in found["name"]:
                start = len(text) - len(text.lstrip()) + found.start("value")
                yield from self.commands.environment(found["name"], found["value"], at + size(text[:start]))
        for pair in pairs:
            start, value = pair.start("value"), pair["value"]
            if value[:1] in ('"', "'"):
                start, value = start + 1, value[1:-1]
            yield from self.commands.environment(pair["name"], value, at + size(text[:start]))


class _Copy:
    """`COPY source... target`: the sources follow, and the target where it repeats the path of its source."""

    def __init__(self, reader: _Reader, said: Instruction) -> None:
        self.reader, self.text, self.at, self.lines = reader, said.text, said.at, said.lines
        self.name = said.front + said.name
        self.view = reader.view

    def edits(self) -> Iterator[Edit]:
        flags = re.match(rf"(?:{_FLAG.pattern})*\s*", self.text)
        skipped = flags.end() if flags else 0
        words = exec_form(self.text, skipped)
        if words is None:
            script = script_of(blank(self.text[:skipped]) + self.text[skipped:])
            words = list(script.commands[0].words) if len(script.commands) == 1 and not script.heredocs else []
        if len(words) < 2 or "<<" in self.text:
            return
        stage = _FROM_STAGE.search(self.text, 0, skipped)
        if stage:
            yield from self._between(stage["stage"], words)
        else:
            yield from self._from_context(words)

    def _between(self, name: str, words: Sequence[Word]) -> Iterator[Edit]:
        """From one stage to another: both sides are paths in images."""
        known = self.reader.stages.get(name.lower())
        located = self.reader.commands.located
        for number, word in enumerate(words):
            last = number == len(words) - 1
            side = located if last else replace(located, mounts=known.mounts if known else (), at="/")
            yield from self._edits(word, side)

    def _edits(self, word: Word, located: Located) -> Iterator[Edit]:
        start, end = word.inside
        text = masked(self.text[start:end])
        yield from Phrases(self.view, located.after).edits(text, self.at + size(self.text[:start]), FOLDERS)

    def _from_context(self, words: Sequence[Word]) -> Iterator[Edit]:
        *sources, target = words
        new = [self._source(word) for word in sources]
        home = self.reader.stage.folder
        folder = target.value.endswith("/") or len(sources) > 1 or target.value in (".", "..")
        ends = [
            target_after(self.view, target.value, word.value, moved, folder=folder, home=home)
            for word, moved in zip(sources, new, strict=True)
        ]
        if len(set(ends)) > 1 and self.lines and not target.given:
            yield from self._beside(words, new, ends)
        elif len(set(ends)) > 1:
            yield self._apart(words, new, ends)
        else:
            every = zip(words, [*new, ends[0] if ends[0] != target.value else None], strict=True)
            yield from (self._edit(word, now) for word, now in every if now is not None)
        for word, end in zip(sources, ends, strict=True):
            self._mounted(word.value, target.value, end)

    def _beside(self, words: Sequence[Word], new: Sequence[str | None], ends: Sequence[str]) -> Iterator[Edit]:
        """The same where an instruction goes on over lines: what goes elsewhere leaves it, and follows on its own."""
        *sources, target = words
        stays = target.value if target.value in ends else ends[0]
        flags = self.text[: words[0].start].split()
        further: dict[str, list[str]] = {}
        for word, now, end in zip(sources, new, ends, strict=True):
            if end != stays:
                further.setdefault(end, []).append(self._spelled(word, now))
                yield self._without(word)
            elif now is not None:
                yield self._edit(word, now)
        if stays != target.value:
            yield self._edit(target, stays)
        newline = self.text[len(self.text.rstrip("\r\n")) :] or "\n"
        rows = [[self.name, *flags, *said, self._spelled(target, end)] for end, said in further.items()]
        last = self.at + size(self.text.rstrip())
        yield Edit(last, last, encoded("".join(newline + " ".join(row) for row in rows)), "copied to where it is found")

    def _without(self, word: Word) -> Edit:
        """What takes a source out: with its line where nothing else stands there."""
        number = bisect_right(self.lines, word.start)
        first, last = (0, *self.lines)[number], (*self.lines, len(self.text))[number]
        start, end = word.start, word.end
        if number and not self.text[first:start].strip() and not self.text[end:last].strip():
            start, end = first, last
        elif self.text[end : end + 1] in (" ", "\t"):
            end += 1
        return Edit(self.at + size(self.text[:start]), self.at + size(self.text[:end]), b"", "copied by another line")

    def _apart(self, words: Sequence[Word], new: Sequence[str | None], ends: Sequence[str]) -> Edit:
        """An instruction for each place to which sources are copied now."""
        start = self.text.index("[") if words[0].given else words[0].start
        body = self.text.rstrip()
        newline = self.text[len(self.text.rstrip("\r\n")) :] or "\n"
        rows, said = list(zip(words, new, ends, strict=False)), []  # the target, the last word, is no source
        for end in dict.fromkeys(ends):
            chosen = [self._spelled(word, now) for word, now, there in rows if there == end]
            chosen.append(self._spelled(words[-1], end))
            said.append(f"[{', '.join(chosen)}]" if words[0].given else " ".join(chosen))
        again = f"{newline}{self.name} {self.text[:start]}"
        first = self.at + size(self.text[:start])
        return Edit(first, first + size(body[start:]), encoded(again.join(said)), "copied to where it is found")

    def _spelled(self, word: Word, new: str | None) -> str:
        start, end = word.inside
        around = '"' if word.given else word.quote
        return f"{around}{self.text[start:end] if new is None else new}{around}"

    def _source(self, word: Word) -> str | None:
        value = word.value
        rooted = value.startswith("/")
        new = path_after(self.view, value[1:] if rooted else value, alone=True) if value not in ("", "/") else None
        return None if new is None else "/" + new if rooted else new

    def _mounted(self, old: str, target: str, new_target: str) -> None:
        """Remember which folder of the repository is which folder of the image."""
        if "$" in target or re.search(r"[*?]", old):
            return
        stage = self.reader.stage
        mount = mount_of(self.view, old, _joined(stage.folder, target), _joined(stage.folder, new_target))
        if mount is not None:
            others = tuple(other for other in stage.mounts if other.outside != mount.outside)
            self.reader.stage = replace(stage, mounts=(*others, mount))

    def _edit(self, word: Word, new: str) -> Edit:
        start, end = word.inside
        byte, old = self.at + size(self.text[:start]), self.text[start:end]
        return Edit(byte, byte + size(old), encoded(new), f"{old} -> {new}")


def instructions(text: str) -> Iterator[Instruction | _Comment]:
    """The instructions of a Dockerfile, and its comments, in order."""
    lines = text.splitlines(keepends=True)
    escape = "`" if lines and _ESCAPE.match(lines[0].strip()) else "\\"
    at = number = 0
    while number < len(lines):
        line = lines[number]
        found = _INSTRUCTION.match(line)
        if line.lstrip().startswith("#"):
            yield _Comment(line.rstrip("\r\n"), at)
        if found is None or line.lstrip().startswith("#"):
            at, number = at + size(line), number + 1
            continue
        start = at + size(line[: found.end()])
        whole, number, at, comments, further = _joined_lines(lines, number, at, escape)
        yield from comments
        heredoc = _HEREDOC.search(whole) if found["name"].upper() in ("RUN", "COPY", "ADD") else None
        if heredoc:
            body, number, at = _until(lines, number, at, heredoc["mark"])
            whole += body
        yield Instruction(found["name"], whole[found.end() :], start, tuple(one - found.end() for one in further))


def _joined_lines(
    lines: Sequence[str], number: int, at: int, escape: str
) -> tuple[str, int, int, list[_Comment], list[int]]:
    """(the logical line, the next line's number, its byte, comments inside, where further lines begin in it)."""
    whole, comments, further, going = "", list[_Comment](), list[int](), True
    while going and number < len(lines):
        line = lines[number]
        bare = line.rstrip()
        if whole:
            further.append(len(whole))
        if whole and bare.lstrip().startswith("#"):
            comments.append(_Comment(line.rstrip("\r\n"), at))
            whole += blank(line)
        elif whole and not bare:
            whole += blank(line)
        else:
            going = bare.endswith(escape)
            whole += bare[:-1] + blank(line[len(bare) - 1 :]) if going else line
        at, number = at + size(line), number + 1
    return whole, number, at, comments, further


def _until(lines: Sequence[str], number: int, at: int, mark: str) -> tuple[str, int, int]:
    body = ""
    while number < len(lines):
        line = lines[number]
        at, number = at + size(line), number + 1
        body += line
        if line.strip() == mark:
            break
    return body, number, at


def exec_form(text: str, start: int) -> list[Word] | None:
    """The words of `["a", "b"]`; None when the text is no list of strings."""
    try:
        value = json.loads(text[start:].strip())
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    found = _JSON_STRING.finditer(text, start)
    return [Word(item.start("inside"), item.end("inside"), item["inside"], given=True) for item in found]


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path.strip("\"'")))

"""A search for old names and paths as a person would make it: regular expressions over the files that git lists.

It shares no code with the product, and looks for more spellings than are references: each hit must be explained.
"""

from __future__ import annotations

import posixpath
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROLE = r":(?:py:)?(?:mod|module|class|func|meth|attr|exc|data|obj):`(?:[^`<>]*<)?[~!]?\."


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: where it stands, what is spelled, which old name that is, how it is spelled."""

    path: str
    line: int
    start: int  # characters in front of it on its line
    end: int
    name: str
    how: str  # dotted | path | from | relative | role | partial
    text: str  # the line

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.start + 1} [{self.how}] {self.name}: {self.text.strip()[:160]}"


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: modules that are gone, the files that are gone, the folders that are gone."""

    modules: frozenset[str]
    files: frozenset[str]
    folders: frozenset[str]
    roots: tuple[str, ...]
    moves: Mapping[str, str]

    def search(self, top: Path) -> list[Found]:
        """Every hit in the text files that git lists below `top`."""
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=top, capture_output=True, check=True).stdout
        patterns, bound = list(self._patterns()), frozenset(self._bound(top))
        found: list[Found] = []
        for path in filter(None, listed.decode().split("\0")):
            file = top / path
            if file.is_symlink() or not file.is_file():
                continue
            data = file.read_bytes()
            if b"\0" in data[:8000]:
                continue
            text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
            found += self._in(path, text, patterns, bound)
        return found

    def search_text(self, path: str, text: str) -> list[Found]:
        """Every hit in one text."""
        return list(self._in(path, text, list(self._patterns()), frozenset()))

    def _in(
        self, path: str, text: str, patterns: list[tuple[str, re.Pattern[str]]], bound: frozenset[str]
    ) -> Iterator[Found]:
        lines = text.split("\n")
        taken: set[tuple[int, int]] = set()
        hits = [(match.start("name"), match.end("name"), how, match["name"]) for how, pattern in patterns
                for match in pattern.finditer(text)]  # fmt: skip
        hits += list(self._imports(path, text, bound))
        for start, end, how, written in hits:
            if (start, end) in taken or (how == "path" and not self._is_path(path, text, start, written)):
                continue
            taken.add((start, end))
            line = text.count("\n", 0, start)
            begin = text.rfind("\n", 0, start) + 1
            yield Found(path, line + 1, start - begin, end - begin, written, how, lines[line])

    def _bound(self, top: Path) -> Iterator[str]:
        """Names that a package's own file binds too: `from a import b` takes those, not the module."""
        for name in self.modules:
            package, last = name.rpartition(".")[::2]
            for root in ("", *self.roots):
                file = top / root / package.replace(".", "/") / "__init__.py"
                text = file.read_text("utf-8", "replace") if file.is_file() else ""
                if re.search(
                    rf"^(?:def|class)\s+{last}\b|^{last}\s*[:=]|\bimport\b[^\n]*\b{last}\b", text, re.MULTILINE
                ):
                    yield name

    def _patterns(self) -> Iterator[tuple[str, re.Pattern[str]]]:
        """(how it is spelled, the pattern with the group `name`)."""
        dotted = sorted((re.escape(name).replace(r"\.", r"\\{0,2}\.") for name in self.modules), key=len, reverse=True)
        written = sorted(self._written(), key=len, reverse=True)
        yield "dotted", re.compile(rf"(?<!\w)(?<!\w\.)(?P<name>{'|'.join(dotted)})(?!\w)")
        yield "role", re.compile(rf"{ROLE}(?P<name>{self._ends()})(?!\w)")
        yield "path", re.compile(rf"(?<![\w-])(?P<name>{'|'.join(written)})(?![\w-])")
        lasts = "|".join(sorted({name.rpartition(".")[2] for name in self.modules}, key=len, reverse=True))
        yield "partial", re.compile(rf"import_module\(\s*f?[\"'](?P<name>\.+[\w.]*(?:{lasts}))[\"'.]")

    def _ends(self) -> str:
        """The last two segments of each name, where those of its new name are others: `:mod:`.app.user``."""
        ends = set()
        for name in self.modules:
            end = ".".join(name.split(".")[-2:])
            if name.count(".") > 1 and not f".{moved(name, self.moves)}".endswith(f".{end}"):
                ends.add(re.escape(end))
        return "|".join(sorted(ends, key=len, reverse=True)) or r"(?!)"

    def _written(self) -> Iterator[str]:
        """Old paths with and without suffix, from the top and from each source root, either kind of slash."""
        for path in self.files | self.folders:
            for root in ("", *(f"{root}/" for root in self.roots)):
                short = path.removeprefix(root)
                stem = re.sub(r"(?:/__init__)?\.pyi?$", "", short)
                for spelled in {short, stem}:
                    if "/" in spelled:
                        yield re.escape(spelled).replace("/", r"(?:/|\\{1,2})")

    def _is_path(self, path: str, text: str, start: int, written: str) -> bool:
        """False where a longer path in front leads elsewhere: `tests/app/user.py` is not `app/user.py`."""
        front = re.search(r"[\w./\\-]*$", text[max(0, start - 200) : start])
        head = front.group() if front else ""
        if not head or not head.endswith(("/", "\\")):
            return not head.endswith(".")
        whole = (head + written).replace("\\", "/")
        if whole.startswith(("/", "..")):
            return True
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), whole))
        old = {re.sub(r"(?:/__init__)?\.pyi?$", "", old) for old in self.files | self.folders}
        return any(re.sub(r"(?:/__init__)?\.pyi?$", "", one) in old for one in (joined, posixpath.normpath(whole)))

    def _imports(self, path: str, text: str, bound: frozenset[str]) -> Iterator[tuple[int, int, str, str]]:
        """`from a.b import c`, in any file; `from .b import c` and `from . import c` in Python files."""
        statement = re.compile(
            r"(?<![\w.])from[ \t]+(?P<dots>\.*)(?P<module>[\w.]*)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n;#]+)"
        )
        package = self._package(path)
        for match in statement.finditer(text):
            dots, module = match["dots"], match["module"]
            if dots and package is None:
                continue
            above = ".".join((package or [])[: len(package or []) + 1 - len(dots)]) if dots else ""
            base = ".".join(filter(None, (above, module)))
            how = "relative" if dots else "from"
            if dots and base in self.modules:
                yield match.start("dots"), match.end("module"), how, base
            for name in re.finditer(r"(?<![\w.])(\w+)(?=[ \t]*(?:as\b|,|\)|\n|$|#|\\))", match["names"]):
                whole = f"{base}.{name[1]}"
                if whole in self.modules and whole not in bound and not self._is_alias(match["names"], name.start()):
                    at = match.start("names")
                    yield at + name.start(), at + name.end(), how, whole

    @staticmethod
    def _is_alias(names: str, at: int) -> bool:
        return re.search(r"\bas[ \t]+$", names[:at]) is not None

    def _package(self, path: str) -> list[str] | None:
        if not path.endswith((".py", ".pyi")):
            return None
        inside = next((path[len(root) + 1 :] for root in self.roots if path.startswith(f"{root}/")), path)
        return inside.split("/")[:-1]


def query(
    table: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str], roots: tuple[str, ...]
) -> Query:
    """The query for a table of moves (old module -> new); `before` and `after` map modules to their paths."""
    gone = {name for name in before if any(name == old or name.startswith(old + ".") for old in table)} - set(after)
    files = {before[name] for name in gone} - set(after.values())
    folders = {posixpath.dirname(path) for path in files if posixpath.basename(path) == "__init__.py"}
    return Query(frozenset(gone), frozenset(files), frozenset(folders), roots, table)


def moved(name: str, table: Mapping[str, str]) -> str:
    """A module's name after the moves."""
    for old, new in table.items():
        if name == old or name.startswith(old + "."):
            return new + name[len(old) :]
    return name

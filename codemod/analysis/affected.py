"""Which test files a change can reach, by imports and names in quotes; what cannot be told counts as reached."""

from __future__ import annotations

import configparser
import posixpath
from collections import deque
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.source.facts import Unparsable
from codemod.source.graph import links_of, nearest
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.source.settings import table, toml
from codemod.source.tree import Tree

PATTERNS = ("test_*.py", "*_test.py")  # pytest's own `python_files`
NOT_ENTERED = ("_darcs", "build", "CVS", "dist", "node_modules", "venv")  # its `norecursedirs`
_QUOTED = lazy(rb"[\"']([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_FILE = lazy(rb"[\w.-]+\.pyi?\b")
# What may load a module, or start a program that does, without saying which.
_LOADS = lazy(
    rb"\bimportlib\b(?!\.(?:metadata|resources))|\b(?:__import__|runpy|pkgutil|sys\.executable)\b|(?<![.\w])exec\s*\("
)
_STARTS = lazy(rb"\b(?:subprocess|os\.system|os\.popen|pexpect|pytester|testdir|create_subprocess_\w+)\b")
_DJANGO = lazy(r"(?:DJANGO_SETTINGS_MODULE\s*=|(?:^|\s)-p)[\s\"']*([A-Za-z_][\w.]*)")


@dataclass(frozen=True, slots=True)
class Affected:
    """The test files that a change can reach, of so many; `why` tells what makes it all of them."""

    tests: tuple[str, ...]
    known: int
    why: str = ""

    @property
    def everything(self) -> bool:
        """True where there is nothing to leave out."""
        return bool(self.why) or len(self.tests) == self.known


@dataclass(frozen=True, slots=True)
class Collected:
    """What pytest's configuration at the top says of where tests are."""

    patterns: tuple[str, ...]
    folders: tuple[str, ...]
    doctests: bool
    named: tuple[str, ...]  # modules that every test has loaded

    def holds(self, path: str) -> bool:
        """True for a file that pytest would collect when it is given no path."""
        inside = not self.folders or any(fnmatch(path, f"{folder}/*") or path == folder for folder in self.folders)
        *folders, name = path.split("/")
        skipped = any(folder.startswith(".") or folder in NOT_ENTERED for folder in folders)
        return inside and not skipped and any(fnmatch(name, pattern) for pattern in self.patterns)


def affected(before: Inventory, after: Inventory) -> Affected:
    """The test files of `after` that what changed since `before` can reach.

    Everything counts where something else than a module has changed, or a conftest, or where doctests are collected.
    A test file counts by itself where it starts programs, loads modules by names made at run time, names a file that
    has changed or a module that is gone, does not parse, or reaches nothing but tests.
    """
    collected = collected_by(after.tree)
    tests = tuple(path for path in _python(after.tree) if collected.holds(path))
    changed = [path for path, _, _ in before.tree.delta(after.tree)]
    why = next((found for path in changed if (found := _decides_all(path))), "")
    if not why and collected.doctests:
        why = "doctests are collected, which any file may hold"
    if why:
        return Affected(tests, len(tests), why)
    reach = _Reach(after, frozenset(tests), collected)
    gone = frozenset(module.name for module in before.modules if module.name not in after.modules)
    files = frozenset(posixpath.basename(path).encode("utf-8", "surrogateescape") for path in changed)
    seeds = {path for path in changed if path in after.tree} | set(reach.undecided()) | set(reach.naming(gone, files))
    reached = reach.importers(seeds) | (set(tests) - reach.importers(reach.productive()))
    return Affected(tuple(path for path in tests if path in reached), len(tests))


def _decides_all(path: str) -> str:
    if not path.endswith(SUFFIXES):
        return f"{path} changes, which is no module"
    return f"{path} changes" if posixpath.basename(path) in ("conftest.py", "sitecustomize.py") else ""


def _python(tree: Tree) -> Iterator[str]:
    for path in tree.paths:
        entry = tree.entry(path)
        if path.endswith(SUFFIXES) and entry is not None and entry.is_file:
            yield path


class _Reach:
    """Who may load whom, path by path; a name that several files have means all of them."""

    def __init__(self, inventory: Inventory, tests: frozenset[str], collected: Collected) -> None:
        self.inventory, self.tests = inventory, tests
        self.paths: dict[str, list[str]] = {}
        for path in _python(inventory.tree):
            module = inventory.modules.at(path)
            if module is not None:
                self.paths.setdefault(module.name, []).append(path)
        self.tops = {names.top(name) for name in self.paths}
        self.loaders: dict[str, set[str]] = {}
        for path in _python(inventory.tree):
            for target in self._loaded_by(path, collected):
                self.loaders.setdefault(target, set()).add(path)

    def importers(self, seeds: Iterable[str]) -> set[str]:
        """The files from which one of the seeds is loaded, and the seeds."""
        found = set(seeds)
        queue = deque(found)
        while queue:
            for path in self.loaders.get(queue.popleft(), ()):
                if path not in found:
                    found.add(path)
                    queue.append(path)
        return found

    def undecided(self) -> Iterator[str]:
        """Files of which nobody can tell what they load."""
        for path in _python(self.inventory.tree):
            data = self.inventory.tree.read(path)
            loads = _LOADS.search(data) or (self._is_testing(path) and _STARTS.search(data))
            if loads or isinstance(self.inventory.read(path), Unparsable):
                yield path

    def naming(self, gone: frozenset[str], files: frozenset[bytes]) -> Iterator[str]:
        """Files that say the name of a module that is gone, or of a file that has changed."""
        for path in _python(self.inventory.tree):
            data = self.inventory.tree.read(path)
            dotted = (
                name for match in _QUOTED.findall(data) for name in names.prefixes(match.decode("ascii", "ignore"))
            )
            if not files.isdisjoint(_FILE.findall(data)) or not gone.isdisjoint(dotted):
                yield path

    def productive(self) -> Iterator[str]:
        """Files that tests are about: no tests themselves, and not only there to be a package."""
        for path in _python(self.inventory.tree):
            if not self._is_testing(path) and self.inventory.tree.read(path).strip():
                yield path

    def _is_testing(self, path: str) -> bool:
        folders = path.split("/")[:-1]
        return path in self.tests or posixpath.basename(path) == "conftest.py" or bool({"test", "tests"} & {*folders})

    def _loaded_by(self, path: str, collected: Collected) -> Iterator[str]:
        module = self.inventory.modules.at(path)
        found = set(self._quoted(path))
        if module is not None:
            found.add(names.parent(module.name))
            found |= {link.target for link in links_of(self.inventory, module)}
        if self._is_testing(path):
            found |= {near.name for name in collected.named if (near := nearest(self.inventory, name)) is not None}
            yield from self._conftests(path)
        for name in found:
            for every in (name, *names.prefixes(name)):  # a package's own file is loaded before what is in it
                yield from (other for other in self.paths.get(every, ()) if other != path)

    def _quoted(self, path: str) -> Iterator[str]:
        for name in {match.decode("ascii", "ignore") for match in _QUOTED.findall(self.inventory.tree.read(path))}:
            module = nearest(self.inventory, name) if names.top(name) in self.tops else None
            if module is not None:
                yield module.name

    def _conftests(self, path: str) -> Iterator[str]:
        folder = path
        while folder:
            folder = posixpath.dirname(folder)
            other = posixpath.join(folder, "conftest.py")
            if other != path and other in self.inventory.tree:
                yield other


def collected_by(tree: Tree) -> Collected:
    """What pytest.ini, pyproject.toml, tox.ini and setup.cfg at the top say."""
    options: dict[str, str | list[str]] = {}
    for path, keys in (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest")):
        options = options or _section(tree, path, keys)
    options = options or dict(table(toml(tree, "pyproject.toml"), "tool", "pytest", "ini_options"))
    options = options or _section(tree, "setup.cfg", "tool:pytest")
    said = " ".join(_words(options.get("addopts", "")))
    named = [f"DJANGO_SETTINGS_MODULE = {' '.join(_words(options.get('DJANGO_SETTINGS_MODULE', '')))}", said]
    return Collected(
        tuple(_words(options.get("python_files", ""))) or PATTERNS,
        tuple(
            posixpath.normpath(folder) for folder in _words(options.get("testpaths", "")) if folder not in (".", "./")
        ),
        "doctest" in said,
        tuple(match for text in named for match in _DJANGO.findall(text)),
    )


def _section(tree: Tree, path: str, section: str) -> dict[str, str | list[str]]:
    entry = tree.entry(path)
    if entry is None or not entry.is_file:
        return {}
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names as they are written
    try:
        parser.read_string(tree.read(path).decode("utf-8", "replace"))
    except configparser.Error:
        return {}
    return dict(parser.items(section)) if parser.has_section(section) else {}


def _words(value: object) -> list[str]:
    """The words of an option that is a text or a list of texts."""
    if isinstance(value, str):
        return value.split()
    return [word for item in value for word in str(item).split()] if isinstance(value, list) else []

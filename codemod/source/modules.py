"""Which dotted name is which file: source roots, packages, and names seen from a script's own folder."""

from __future__ import annotations

import itertools
import posixpath
import sys
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass

SUFFIXES = (".py", ".pyi")
_TESTS = lazy(r"tests?")
_CODE = lazy(r"(?!__init__\.|test_|conftest\.|tests\.)\w+(?<!_test)\.py")


@dataclass(frozen=True, slots=True)
class Module:
    """A module: its name under its deepest root, its file ("" for a namespace package), its folder if a package."""

    name: str
    path: str  # the .py file; a .pyi only where there is no .py
    folder: str = ""  # "" for a plain module
    root: str = "."

    @property
    def is_package(self) -> bool:
        """True for a package, with or without `__init__`."""
        return bool(self.folder)

    @property
    def package(self) -> str:
        """What `__package__` is inside the module."""
        return self.name if self.folder else names.parent(self.name)


_NONE: Mapping[str, Module] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Found:
    """A module and the root through which a written name reached it."""

    module: Module
    root: str


def beneath(path: str, root: str) -> bool:
    """True when `path` lies in the folder `root` ("." is the top)."""
    return root in (".", "") or path == root or path.startswith(root + "/")


def below_root(path: str, root: str) -> str:
    """`path` relative to `root`."""
    return path if root in (".", "") else path[len(root) + 1 :]


def at_root(root: str, inner: str) -> str:
    """The path of `inner` below `root`."""
    return inner if root in (".", "") else f"{root}/{inner}"


def detect_roots(paths: Iterable[str]) -> tuple[str, ...]:
    """Folders that hold top-level packages (plus "." and `src`), deepest first, "." last."""
    known = set(paths)
    roots = {"."}
    for path in known:
        if path.endswith("/__init__.py"):
            folder = posixpath.dirname(path)
            above = posixpath.dirname(folder)
            while above and f"{above}/__init__.py" in known:
                above = posixpath.dirname(above)
            roots.add(above or ".")
        if path.startswith("src/") and path.endswith(SUFFIXES):
            roots.add("src")
    if "src/__init__.py" in known:
        roots.discard("src")
    return order_roots(roots - set(_copies(known, roots)))


def _copies(known: Collection[str], roots: Iterable[str]) -> Iterator[str]:
    """Folders with nothing but packages that the top or `src` has, too: what is vendored, built or kept as it was."""
    tops: dict[str, set[str]] = {root: set() for root in roots}
    for path in known:
        if path.endswith("/__init__.py"):
            folder, top = posixpath.split(posixpath.dirname(path))
            if (folder or ".") in tops and not _TESTS.fullmatch(top):
                tops[folder or "."].add(top)
    main = tops.get(".", set()) | tops.get("src", set())
    yield from (root for root, found in tops.items() if root not in (".", "src") and found and found <= main)


def _elsewhere(root: str, near: str) -> bool:
    """True where a module of Python's is meant in the folder `near`, though the root has one of that name.

    A folder of plugins without `__init__` looks like a root, and may well hold `types.py`.
    """
    return bool(near) and posixpath.basename(root) != "src" and not beneath(near, root)


def order_roots(roots: Iterable[str]) -> tuple[str, ...]:
    """Normalised, deepest first."""
    clean = {posixpath.normpath(root) for root in roots}
    return tuple(sorted(clean, key=lambda root: (root == ".", -root.count("/"), root)))


class Modules:
    """Names <-> paths of every Python file under the source roots.

    A file has one name, under its deepest root; `find` also accepts the name it has under another root,
    and, for code in a plain folder, the bare name of a neighbour (a script's own folder is on its path).
    """

    __slots__ = (
        "_by_name",
        "_by_path",
        "_folders",
        "_named",
        "_paths",
        "_reached",
        "_spaces",
        "_starts",
        "beside",
        "roots",
    )

    def __init__(self, paths: Iterable[str], roots: Sequence[str], known: Mapping[str, Module] = _NONE) -> None:
        self.roots = order_roots(roots or (".",))
        self._by_path: dict[str, Module] = {}
        self._by_name: dict[str, Module] = {}
        self.beside: Mapping[str, Mapping[str, Module]] = {}  # script -> bare name -> neighbour
        self._named: dict[str, tuple[Module, ...]] | None = None  # those that several have, once it was asked
        self._spaces: dict[str, Module | None] = {}  # what `get` has found that is no file
        self._reached: dict[tuple[str, str], Found | None] = {}  # what `find` has: (name, folder read in)
        self._starts: dict[str, tuple[str, ...]] = {}  # folder -> what `_outside` has found
        self._folders: set[str] = set()  # folders that hold Python files, at any depth
        self._paths = sorted(path for path in paths if path.endswith(SUFFIXES))
        for path in self._paths:
            self._add_folders(path)
            module = known.get(path) or self._read(path)
            if module is not None:
                self._add(module)

    def after(self, paths: Iterable[str]) -> Modules:
        """The modules of a later tree under the same roots."""
        python = sorted(path for path in paths if path.endswith(SUFFIXES))
        return self if python == self._paths else Modules(python, self.roots, self._by_path)

    def _add_folders(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        while folder and folder not in self._folders:
            self._folders.add(folder)
            folder = folder.rpartition("/")[0]

    def _read(self, path: str) -> Module | None:
        """The module at a path; None for an `__init__` in a source root itself."""
        root = self.root_of(path)
        stem = below_root(path, root).rpartition(".")[0]
        folder = ""
        if stem == "__init__":
            return None
        if stem.endswith("/__init__"):
            folder, stem = path.rpartition("/")[0], stem.removesuffix("/__init__")
        return Module(stem.replace("/", "."), path, folder, root)

    def _add(self, module: Module) -> None:
        path, known = module.path, self._by_name.get(module.name)
        self._by_path[path] = module
        package_first = known is not None and module.folder and not known.folder
        if known is None or package_first or (known.path.endswith(".pyi") and path.endswith(".py")):
            self._by_name[module.name] = module

    def root_of(self, path: str) -> str:
        """The deepest source root above `path`; "." when it lies under none."""
        for root in self.roots:
            if root != "." and path.startswith(root) and path.startswith("/", len(root)):
                return root
        return "."

    def at(self, path: str) -> Module | None:
        """The module that a file is, or None."""
        return self._by_path.get(path)

    def called(self, name: str) -> tuple[Module, ...]:
        """The modules of that name that lie under different source roots; stubs do not count."""
        if self._named is None:
            found: dict[str, dict[str, Module]] = {}
            for path, module in self._by_path.items():
                if path.endswith(".py"):
                    found.setdefault(module.name, {}).setdefault(module.root, module)
            self._named = {name: tuple(several.values()) for name, several in found.items() if len(several) > 1}
        return self._named.get(name, ())

    def __iter__(self) -> Iterator[Module]:
        return iter(self._by_name.values())

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, name: str) -> Module | None:
        """The module called `name` under its own root, namespace packages included."""
        known = self._by_name.get(name)
        if known is not None or not name:
            return known
        if name not in self._spaces:
            self._spaces[name] = self._space(name)
        return self._spaces[name]

    def _space(self, name: str) -> Module | None:
        """The namespace package of that name."""
        inner = name.replace(".", "/")
        for root in (*self.roots, "."):  # what lies under no root is called by its path
            folder = at_root(root, inner)
            if folder in self._folders and self.root_of(folder + "/x.py") == root:
                return Module(name, "", folder, root)
        return None

    def find(self, name: str, near: str = "") -> Found | None:
        """The module that `name` means in the file `near`, and the root through which it is reached."""
        folder = posixpath.dirname(near) or "." if near else ""
        key = (name, folder)
        if key not in self._reached:
            self._reached[key] = self._reach(name, folder)
        found = self._reached[key]
        return found if found is not None or near not in self.beside else self._neighbour(name, near)

    def _reach(self, name: str, near: str) -> Found | None:
        """What `name` means in the files of the folder `near` ("" for none), neighbours of a script left out."""
        for folder in self._outside(near) if near else ():
            twin = self._twin(name, folder)
            if twin is not None:
                return twin
        module = self.get(name)
        hidden = names.top(name) in sys.stdlib_module_names  # a folder without `__init__` hides no module of Python's
        if module is not None and (module.path or not hidden) and not (hidden and _elsewhere(module.root, near)):
            return Found(module, module.root)
        inner = name.replace(".", "/")
        roots = list(self.roots)
        if near and near not in roots and at_root(near, "__init__.py") not in self._by_path:
            roots.append(near)
        for root in roots:
            if hidden and _elsewhere(root, near):
                continue
            path = at_root(root, inner)
            for candidate in (f"{path}/__init__.py", f"{path}.py", f"{path}.pyi", f"{path}/__init__.pyi"):
                if candidate in self._by_path:
                    return Found(self._by_path[candidate], root)
            if path in self._folders and not hidden:
                own = self.root_of(path + "/x.py")
                inside = below_root(path, own)
                if inside:
                    return Found(Module(inside.replace("/", "."), "", path, own), root)
        return None

    def _outside(self, folder: str) -> tuple[str, ...]:
        """The folders above the packages in which a file lies, nearest first, up to a source root.

        A script's own is on its path; tests and scripts lie beside what they are about.
        """
        if folder not in self._starts:
            above, found = folder, list[str]()
            while above and above != "." and f"{above}/__init__.py" in self._by_path:
                above = posixpath.dirname(above)
            while above and above not in (*self.roots, "."):
                found.append(above)
                above = posixpath.dirname(above)
            self._starts[folder] = tuple(found)
        return self._starts[folder]

    def _twin(self, name: str, root: str) -> Found | None:
        """What `name` means where a folder that is no source root holds a package that is called like one of ours.

        A copy, an example or another service: its code, and that of scripts beside it, means its own modules.
        """
        top = names.top(name)
        folder = at_root(root, top)
        if f"{folder}/__init__.py" not in self._by_path:
            return None
        path = at_root(root, name.replace(".", "/"))
        found = self._by_path.get(f"{path}/__init__.py") or self._by_path.get(f"{path}.py")
        if found is None or (name == top and not self._holds_code(folder)):
            return None
        return Found(found, root)

    def _holds_code(self, folder: str) -> bool:
        """True when a package has modules that are no tests: folders of tests are often called like what they test."""
        at = bisect_left(self._paths, folder + "/")
        inside = itertools.takewhile(lambda path: path.startswith(folder + "/"), self._paths[at:])
        return any(_CODE.fullmatch(posixpath.basename(path)) for path in inside)

    def _neighbour(self, name: str, near: str) -> Found | None:
        """What `name` means in a script whose own folder, though a package, is on its path."""
        top = names.top(name)
        known = self.beside.get(near, {}).get(top)
        module = self.get(names.rebase(name, top, known.name)) if known is not None else None
        return Found(module, posixpath.dirname(near)) if module is not None else None

    def children(self, package: str) -> Iterator[Module]:
        """The modules directly below a package, sorted by name."""
        for name in sorted(self._by_name):
            if name.startswith(package + ".") and "." not in name[len(package) + 1 :]:
                yield self._by_name[name]

    def below(self, package: str) -> Iterator[Module]:
        """Every module below a package, sorted by name."""
        for name in sorted(self._by_name):
            if name.startswith(package + "."):
                yield self._by_name[name]

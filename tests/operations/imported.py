"""Trees imported from memory, as often as a property test likes."""

from __future__ import annotations

import doctest
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        inner = name.replace(".", "/")
        for candidate, package in ((f"{inner}/__init__.py", True), (f"{inner}.py", False)):
            if candidate in self.files:
                return importlib.util.spec_from_loader(name, self, is_package=package, origin=candidate)
        return None

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None and module.__spec__.origin is not None
        exec(compile(self.files[module.__spec__.origin], module.__spec__.origin, "exec"), module.__dict__)


@contextmanager
def importable(files: Mapping[str, str], top: str = "app") -> Iterator[None]:
    """Within it the modules of these files can be imported; afterwards they are forgotten."""
    finder = _Finder(files)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for module in [m for m in sys.modules if m == top or m.startswith(top + ".")]:
            del sys.modules[module]


def examples_of(module: ModuleType) -> list[tuple[str, int, str]]:
    """The doctests of a module: (name without the module, number of examples, what failed)."""
    found: list[tuple[str, int, str]] = []
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder().find(module, globs=dict(vars(module))):
        if test.examples:
            del said[:]
            runner.run(test, out=said.append)
            shown = [e for e in test.examples if not e.source.startswith(("from ", "import "))]
            found.append((test.name.removeprefix(module.__name__).lstrip("."), len(shown), "".join(said)))
    return found

"""Functions that a decorator registers under a name: what task queues have in common."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator

from codemod.base import names
from codemod.base.findings import Place
from codemod.base.values import dataclass
from codemod.rewrite.outcome import OwnName
from codemod.source.nodes import every_node

from .kind import Moved, RuntimeName, Survey, dotted, literal
from .made import made
from .naming import with_argument

Naming = Callable[[str, str], str]
"""How a queue names a function: (module, function) -> name."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """Decorators of a queue: what they come from, how they are written where that is not known, and their names."""

    name: str
    code: str
    words: tuple[bytes, ...]  # one of them is in every file that declares a task
    decorators: re.Pattern[str]  # of what `made` says
    written: re.Pattern[str]  # of the text, where `made` does not know
    naming: Naming
    own_name: str  # the keyword that gives a name of one's own
    keyword: str  # the keyword that keeps the old one, and its value
    kept: Naming
    lost: str

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """The tasks of moved files whose name changes."""
        for moved in survey.moved:
            if not moved.holds(*self.words):
                continue
            for function, decorator, outer in self.declared(survey, moved):
                if self.named(decorator):
                    continue
                home, new_name = moved.home(outer)
                renamed = new_name if function.name == outer else function.name
                old, new = self.naming(moved.module.name, function.name), self.naming(home, renamed)
                if old != new:
                    value = self.kept(moved.module.name, function.name)
                    edit = with_argument(moved, decorator, self.keyword, value, f"the task stays {old}")
                    place = Place(moved.path, decorator.lineno)
                    yield RuntimeName(place, f"the task {old}", new, self.lost, (edit,))

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """Names that decorators give themselves."""
        for node in every_node(moved.tree) if _said(self.keyword).search(moved.data) else ():
            for decorator in getattr(node, "decorator_list", ()):
                for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
                    if keyword.arg == self.keyword and "." in literal(keyword.value):
                        name = "" if keyword.arg == "__module__" else literal(keyword.value)
                        yield OwnName(moved.path, keyword.value.lineno, name)

    def declared(
        self, survey: Survey, moved: Moved
    ) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr, str]]:
        """(function, its decorator, the top-level name that it stands in)."""
        for top in moved.tree.body:
            for node in every_node(top):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    for decorator in node.decorator_list:
                        if self.declares(survey, moved, decorator):
                            yield node, decorator, getattr(top, "name", node.name)

    def declares(self, survey: Survey, moved: Moved, decorator: ast.expr) -> bool:
        """True when the decorator is this queue's."""
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = made(survey.before, moved.module, function)
        return self.decorators.fullmatch(found) is not None if found else bool(self.written.fullmatch(dotted(function)))

    def named(self, decorator: ast.expr) -> bool:
        """True when the task has a name of its own."""
        keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
        return any(keyword.arg in (self.own_name, self.keyword) for keyword in keywords)


@functools.lru_cache
def _said(keyword: str) -> re.Pattern[bytes]:
    """The keyword with a literal that has a dot; what begins with a word's end would be searched for byte by byte."""
    word = keyword.encode()
    return re.compile(word + rb"(?<!\w" + word + rb")\s*=\s*(?:[rRuUbB]?[\"'][^\"'\r\n]*\.|[(\\])")


def by_module(module: str, function: str) -> str:
    """`module.function`."""
    return names.join(module, function)


def by_function(module: str, function: str) -> str:
    """The function's name alone."""
    return function


def module_alone(module: str, function: str) -> str:
    """The module's name alone."""
    return module

"""Pickled objects: a pickle holds the dotted name of each class, which has to be importable when it is read.

A class that only says `__module__ = "old"` cannot be pickled at all unless the old module leads to it, and once it
does, old pickles load without that line.  So what pins it is a shim that stays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Place
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.outcome import OwnName
from codemod.source.nodes import every_node
from codemod.source.search import Search

from .kind import Moved, RuntimeName, Survey

_METHODS = frozenset({
    "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__getnewargs_ex__",
})  # fmt: skip
_WRITES = lazy(
    rb"\b(?:pickle|cPickle|cloudpickle|dill|joblib)\.(?:dumps?|Pickler)\b|\bshelve\.(?:open|\w*Shelf)\b|\.to_pickle\("
    rb"|^[ \t]*from[ \t]+(?:c?[pP]ickle|cloudpickle|dill|joblib|shelve)[ \t]+import\b",
    re.MULTILINE,
)
_MODULES = frozenset({"pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve"})
_DATA = (".pkl", ".pickle", ".p", ".joblib", ".dill", ".pck")
_PERHAPS = (".dat", ".data", ".bin", ".cache", ".db", ".model", ".pk", ".obj", ".state")
"""Endings of files that may be pickles: these begin so."""

_BEGINS = b"\x80"
PICKLING = (b"ickle", b"joblib", b"shelve", b"dill")
"""What every file that pickles holds."""

_LOST = "what was pickled under the old name cannot be loaded"


@dataclass(frozen=True, slots=True)
class Pickled:
    """Classes that are pickled, as far as the code or a committed pickle tells."""

    name: str = "pickle"
    code: str = "runtime-pickle"

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """The classes of moved files that a pickle may name."""
        told: dict[tuple[str, str], str] = {}  # class -> where it is pickled
        places: dict[tuple[str, str], Place] = {}
        for moved in survey.moved:
            for definition in survey.before.facts(moved.path).definitions:
                if definition.kind == "class":
                    places[moved.module.name, definition.name] = Place(moved.path, definition.line)
            for name in _reducing(moved):
                told[moved.module.name, name] = "it says how it is pickled"
        homes, classes = {module for module, _ in places}, survey.before.sieve(name.encode() for _, name in places)
        spelled = Search(homes)
        for path, data in survey.holding(*PICKLING) if places else ():
            own = survey.before.modules.at(path)
            takes = classes.passes(survey.before.tree, path) and spelled(data)
            near = takes or (own is not None and own.name in homes)
            writing = _writing(data) if near else None
            if writing is not None and (writing.group() == b".to_pickle(" or _imports_one(survey, path)):
                line = data.count(b"\n", 0, writing.end()) + 1
                where = f"{path}:{line} pickles"
                for symbol in _seen(survey, path, places):
                    told.setdefault(symbol, where)
        data_of = dict(_in_data(survey, places))
        for symbol in sorted(told.keys() | data_of.keys()):
            new = survey.intent.symbol(*symbol)
            if symbol in places and new != symbol:
                why = f"{data_of[symbol]} holds it" if symbol in data_of else told[symbol]
                yield RuntimeName(
                    places[symbol], f"the class {names.join(*symbol)}", names.join(*new), f"{_LOST} ({why})",
                    importable=symbol,
                )  # fmt: skip

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """`__module__ = "..."` in a class."""
        for node in every_node(moved.tree) if moved.holds(b"__module__") else ():
            for statement in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__module__":
                    value = statement.value
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield OwnName(moved.path, value.lineno)


def _writing(data: bytes) -> re.Match[bytes] | None:
    """The first place at which a file pickles; only lines with one of the words are looked at."""
    words = [word for word in PICKLING if word in data]  # the others would be looked for to the end again and again
    end, found = 0, None
    while found is None:
        at = min((at for at in [data.find(word, end) for word in words] if at != -1), default=-1)
        if at == -1:
            return None
        start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at) + 1 or len(data)
        found = _WRITES.search(data, start, end)
    return found


def _imports_one(survey: Survey, path: str) -> bool:
    """True for a file that imports what pickles; another one has a text about it."""
    imports = survey.before.facts(path).imports
    loaded = {alias.name for s in imports for alias in s.aliases} | {s.module or "" for s in imports}
    return any(names.top(module) in _MODULES for module in loaded)


def _reducing(moved: Moved) -> Iterator[str]:
    """Classes that say how they are pickled."""
    if not moved.holds(*(method.encode() for method in _METHODS)):
        return
    for node in moved.tree.body:
        methods = {child.name for child in getattr(node, "body", ()) if isinstance(child, ast.FunctionDef)}
        if isinstance(node, ast.ClassDef) and methods & _METHODS:
            yield node.name


def _seen(survey: Survey, path: str, places: dict[tuple[str, str], Place]) -> Iterator[tuple[str, str]]:
    """The classes among `places` that a file defines or imports."""
    own = survey.before.modules.at(path)
    for statement in survey.before.facts(path).imports:
        for alias in statement.aliases if statement.is_from else ():
            symbol = survey.source(path, statement.bound(alias))
            if symbol in places and symbol is not None:
                yield symbol
    yield from (symbol for symbol in places if own is not None and symbol[0] == own.name)


def _in_data(survey: Survey, places: dict[tuple[str, str], Place]) -> Iterator[tuple[tuple[str, str], str]]:
    """(class, path) of the classes that a committed pickle names."""
    modules = {module for module, _ in places}
    tree = survey.before.tree
    for path in (*tree.files(_DATA), *tree.files(_PERHAPS)) if places else ():
        data = tree.read(path)
        if path.endswith(_PERHAPS) and not data.startswith(_BEGINS):
            continue
        held = {module for module in modules if _says(data, module)}
        yield from ((symbol, path) for symbol in places if symbol[0] in held and _says(data, symbol[1]))


def _says(data: bytes, name: str) -> bool:
    """True when a text is in binary data as a whole, perhaps behind the letter that announces it, or its length."""
    text = name.encode()
    if text not in data:
        return False
    announced = rb"|(?<=c)|(?<=\x8c" + re.escape(bytes([len(text)])) + rb")" if len(text) < 256 else b""
    return re.search(rb"(?:(?<![\w.])" + announced + rb")" + re.escape(text) + rb"(?![\w.])", data) is not None

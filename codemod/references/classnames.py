"""What code makes of a class's or function's module name: `cls.__module__.split(".")[1]`, `type(x).__module__ + ...`.

A class says where it is defined, and says something else once its module has moved.  Which classes come by is seen
while the program runs only, so where the part that is read changes for a module that moves, somebody has to look.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.nodes import every_node

from .byname import called
from .computed import LOADING
from .whereabouts import binds, parents

_CUTS = frozenset({"rstrip", "removesuffix", "replace", "rpartition", "rsplit", "partition", "split"})
_READS = lazy(rb"(?m)\.__module__(?:\.(?:" + "|".join(sorted(_CUTS)).encode() + rb")\(|[ \t]*(?:#|\r?$))")


def may_read_names(data: bytes) -> bool:
    """True when the file may take the module name of a class apart; a cheap question."""
    return b".__module__" in data and _READS.search(data) is not None


def class_name_findings(inventory: Inventory, intent: Intent, path: str, tree: ast.Module) -> Iterator[Finding]:
    """A finding for each place whose answer changes for classes or functions of a module that moves."""
    module = inventory.modules.at(path)
    moved = _moved(inventory, intent, names.top(module.name)) if module is not None else {}
    if not moved:
        return
    above, known = parents(tree), _known(tree)
    loads = any(isinstance(node, ast.Call) and called(node) in LOADING for node in every_node(tree))
    for node in every_node(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        cut = node.func
        if cut.attr not in _CUTS or not _is_module_name(cut.value, known):
            continue
        read = _Read.of(node, cut.attr, above)
        concerned = {old: new for old, new in moved.items() if read.changes(old, new)}
        concerned = {o: n for o, n in concerned.items() if read.one(o) or (loads and _parts(inventory, intent, o))}
        if concerned:
            yield _told(Place(path, node.lineno), concerned, read)


@dataclass(frozen=True, slots=True)
class _Read:
    """What is made of a module's name: a string method's answer, or one part of that."""

    method: str
    given: tuple[object, ...]  # arguments that are written out
    part: int | None

    @classmethod
    def of(cls, call: ast.Call, method: str, above: Mapping[ast.AST, ast.AST]) -> _Read:
        """From the call and what stands around it."""
        given = tuple(one.value for one in call.args if isinstance(one, ast.Constant))
        around = above.get(call)
        try:
            part = ast.literal_eval(around.slice) if isinstance(around, ast.Subscript) else None
        except ValueError:
            part = None
        whole = len(given) == len(call.args) and not call.keywords
        return cls(method, given if whole else (), part if whole and type(part) is int else None)

    def one(self, name: str) -> bool:
        """True when a single segment is read, as by `split(".")[1]`; else a package or a neighbour is looked for."""
        return self.part is not None and "." not in self.answer(name)

    def answer(self, name: str) -> str:
        """What is read of a module's name; all of it where that cannot be told."""
        if self.part is None:
            return name
        try:
            return str(getattr(name, self.method)(*self.given)[self.part])
        except (TypeError, ValueError, IndexError):
            return ""

    def changes(self, old: str, new: str) -> bool:
        """True when it is another one after the phase."""
        return self.answer(old) != self.answer(new)


def _parts(inventory: Inventory, intent: Intent, old: str) -> bool:
    """True when the module leaves its package, and one of its neighbours does not go with it."""
    package, home = names.parent(old), names.parent(intent.module(old))
    if home == intent.module(package):
        return False
    beside = [m.name for m in inventory.modules if names.parent(m.name) == package]
    return any(intent.module(one) != names.join(home, names.last(one)) for one in [old, *beside])


def _told(place: Place, concerned: Mapping[str, str], read: _Read) -> Finding:
    (old, new), *others = concerned.items()
    more = f" (and {len(others)} more)" if others else ""
    was, becomes = read.answer(old), read.answer(new)
    return Finding(
        "own-name-moves", f"what is taken here of the module name of classes in {old}{more} is {becomes or 'nothing'}"
        f" after the phase, {was} before", Weight.REVIEW, place,
        "look whether it is still found, or meant",
    )  # fmt: skip


def _moved(inventory: Inventory, intent: Intent, top: str) -> dict[str, str]:
    """The modules below a top-level package that define something and are called differently after the phase."""
    found = {}
    for old in sorted(intent.modules):
        module = inventory.modules.get(old)
        inside = module is not None and module.path.endswith(".py") and names.within(old, top)
        if module is None or not inside or intent.module(old) == old:
            continue
        if any(definition.kind != "value" for definition in inventory.facts(module.path).definitions):
            found[old] = intent.module(old)
    return found


def _known(tree: ast.Module) -> frozenset[str]:
    """Names that are bound to a class's module name, and to nothing else: `where = cls.__module__`."""
    others = Counter(binds(tree))
    for node in every_node(tree):
        if isinstance(node, ast.Assign) and _is_module_name(node.value, frozenset()):
            others.subtract(target.id for target in node.targets if isinstance(target, ast.Name))
    return frozenset(name for name, times in others.items() if not times)


def _is_module_name(node: ast.expr, known: frozenset[str]) -> bool:
    """`x.__module__`, or a name for it."""
    if isinstance(node, ast.Name):
        return node.id in known
    return isinstance(node, ast.Attribute) and node.attr == "__module__"

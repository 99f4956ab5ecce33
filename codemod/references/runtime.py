"""What finds modules while the program runs: discovery of a package's modules, and names that are put together there.

Nothing of it can be rewritten safely; where a module leaves the package that is searched, somebody has to look.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Iterable, Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.nodes import every_node
from codemod.source.scopes import analyse
from codemod.source.sieve import holds
from codemod.source.text import Text, Undecodable

from .byname import called
from .classnames import class_name_findings, may_read_names
from .computed import LOADING, Computed, computed
from .discovering import KNOWN, SEARCHING, discoverers
from .flow import Fixed, Flow
from .ownname import own_name
from .spoken import argument_of, spoken
from .view import Ref, View

_WORDS = (b"iter_modules", b"walk_packages", b"autodiscover_tasks(")
_LOADS = ((b"import_", rb"import_(?:module|string|(?<=__import_)_)"), (b"load_object", rb"load_object"))  # found fast
_GIVEN = tuple((word, lazy(call + rb"\(\s*(\w+)\s*[,)]")) for word, call in _LOADS)
_MADE = lazy(
    rb"(?<![\w.])(\w+)[ \t]*=[ \t]*"
    rb"(?:[rR]?[fF][rR]?[\"']|[\"'][^\"'\n]*[\"'][ \t]*(?:\+|%|\.(?:format|join)\b)|[\w.]+[ \t]*\+)"
)
_SAYING = (
    rb"(?:\(\s*(?:[rR]?[fF][rR]?[\"']|[\w.]+\s*\+|__"
    rb"|[\"']\.[^\"'\n]*[\"']\s*,|[\"'][^\"'\n]*[\"']\s*(?:\+|%|\.(?:format|join)\b))| as )"
)
_SAID = tuple((word, lazy(call + _SAYING)) for word, call in _LOADS)
"""A name that is put together where it is imported, or a call that goes by another name in the file."""

_APART = lazy(rb"(?m)^[^#\n]*?(?P<what>__name__\s*\.\s*(?:rpartition|rsplit|split|partition)\()")

_TOP = lazy(rb"__name__\s*\.\s*(?:partition|split)\([^()]*\)\[0\]")


@dataclass(frozen=True, slots=True)
class Searches:
    """The files that may find modules of a package at run time, one of which leaves it, or which another one joins."""

    inventory: Inventory
    intent: Intent
    leaving: dict[str, list[str]]  # package -> the modules that leave it
    joining: dict[str, dict[str, str]]  # the new name of a package -> new name -> old name of the modules that join it
    near: frozenset[str]  # the files that hold words of such a search
    discoverers: dict[str, bool]  # functions that list the modules of a package which they are given, and those below
    calls: tuple[bytes, ...]  # of those functions that are the repository's own

    @property
    def paths(self) -> Collection[str]:
        """The files to ask, each of which may call one of the repository's own functions."""
        return self.inventory.tree.files((".py",)) if self.calls else sorted(self.near)

    def findings(self, path: str) -> Iterator[Finding]:
        """A finding for each place in one of the files."""
        data = self.inventory.tree.read(path)
        near = path in self.near and (_may_search(data) or any(name.encode() in data for name in self.discoverers))
        if near or holds(data, self.calls):
            yield from _Finder(self, path).findings(data)


def searches(inventory: Inventory, intent: Intent, searching: Iterable[str]) -> Searches:
    """Where modules are found at run time that are elsewhere, or called differently, after the phase.

    `searching` are the files that hold words of such a search.
    """
    leaving: dict[str, list[str]] = {}
    joining: dict[str, dict[str, str]] = {}
    for old in sorted(intent.modules):
        above, new = names.parent(old), intent.module(old)
        away = names.parent(new) != intent.module(above)
        if above and (away or names.last(old) != names.last(new)) and inventory.modules.get(old):
            leaving.setdefault(above, []).append(old)
        if away and inventory.modules.get(old) and new not in inventory.modules:
            joining.setdefault(names.parent(new), {})[new] = old
    near = frozenset(searching if leaving or joining else ())
    given = discoverers(inventory, sorted(near)) if near else {}
    calls = tuple(f"{name}(".encode() for name in given if name not in KNOWN)
    return Searches(inventory, intent, leaving, joining, near, given, calls)


def _may_search(data: bytes) -> bool:
    if holds(data, _WORDS) or may_read_names(data):
        return True
    if any(word in data and said.search(data) for word, said in _SAID):
        return True
    given = {found[1] for word, pattern in _GIVEN if word in data for found in pattern.finditer(data)}
    return bool(given) and any(found[1] in given for found in _MADE.finditer(data))


def apart_findings(view: View, data: bytes, settled: Collection[int]) -> Iterator[Finding]:
    """A finding where a file that leaves its package takes its own name apart to find others.

    On the lines that are `settled`, what is put together of it has followed.
    """
    if not view.moves or not view.package or view.intent.module(view.package) == view.new_package:
        return
    top = names.top(view.new_module)
    for match in _APART.finditer(data) if b"__name__" in data else ():
        line = data.count(b"\n", 0, match.start("what")) + 1
        if line in settled or (_TOP.match(data, match.start("what")) and names.top(view.module) == top):
            continue
        yield Finding(
            "own-name-moves", f"what this file makes of its own name leads to {view.new_package or 'the top'} after the"
            f" phase, to {view.package} before", Weight.REVIEW, Place(view.path, line),
            "name the package that is meant",
        )  # fmt: skip


class _Finder:
    """One file's places."""

    def __init__(self, searches: Searches, path: str) -> None:
        self.view = View.of(path, searches.inventory, searches.intent)
        self.leaving, self.joining, self.discoverers = searches.leaving, searches.joining, searches.discoverers

    def findings(self, data: bytes) -> Iterator[Finding]:
        try:
            text = Text.of(data)
            tree = parse(text)
        except (Unparsable, Undecodable):
            return
        if may_read_names(data):
            yield from class_name_findings(self.view.inventory, self.view.intent, self.view.path, tree)
        flow, calls = Flow(self.view, functools.cache(lambda: analyse(tree, text))), spoken(tree)
        for node in every_node(tree):
            name = called(node) if isinstance(node, ast.Call) else ""
            if not isinstance(node, ast.Call) or not (node.args or name == "autodiscover_tasks"):
                continue
            if isinstance(node.func, ast.Name):
                name = calls.get(name, name)
            if name in SEARCHING:
                package = self.searched(node.args[0])
                yield from self.told(node, package, "are found by discovery", name == "walk_packages")
                yield from self.found(node, package, name == "walk_packages")
            elif name == "autodiscover_tasks":
                yield from self.discovered(node)
            elif name in LOADING:
                yield from self.loaded(node, flow, computed(flow, text, node))
            elif name in self.discoverers:
                for package in dict.fromkeys(self.given(node)):
                    yield from self.told(node, package, "are found by discovery", self.discoverers[name])
                    yield from self.found(node, package, self.discoverers[name])

    def told(
        self, node: ast.Call, package: str, what: str, deep: bool = False, calls: bool = False
    ) -> Iterator[Finding]:
        """The finding for a package, or for all below it; who `calls` them by name misses those that are renamed."""
        homes = [
            home for home in self.leaving if package and (home == package or (deep and names.within(home, package)))
        ]
        gone = [module for home in homes for module in self.leaving[home] if module != self.view.module]
        if deep:  # what stays below the package is found there
            new = self.view.intent.module(package)
            gone = [module for module in gone if not names.within(self.view.intent.module(module), new)]
        away = [module for module in gone if self.away(module)]
        if away or (gone and calls):
            gone = gone if calls else away
            more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
            fate = "leaves it" if self.away(gone[0]) else f"is {self.view.intent.module(gone[0])} after the phase"
            yield Finding(
                "found-at-run-time", f"modules of {package} {what} here; {gone[0]}{more} {fate}", Weight.REVIEW,
                Place(self.view.path, node.lineno), "look whether it is missed",
            )  # fmt: skip

    def found(self, node: ast.Call, package: str, deep: bool) -> Iterator[Finding]:
        """The finding where discovery finds a module that it did not find before."""
        new = self.view.intent.module(package)
        homes = [home for home in self.joining if package and (home == new or (deep and names.within(home, new)))]
        every = [pair for home in homes for pair in self.joining[home].items()]
        joined = [new for new, old in every if not (deep and names.within(old, package))]
        if joined:
            more = f" and {len(joined) - 1} more join" if len(joined) > 1 else " joins"
            yield Finding(
                "found-at-run-time", f"modules of {package} are found by discovery here; {joined[0]}{more} them",
                Weight.REVIEW, Place(self.view.path, node.lineno), "look whether it may be found",
            )  # fmt: skip

    def loaded(self, node: ast.Call, flow: Flow, made: Computed) -> Iterator[Finding]:
        """What is told of a call that imports by a name which is put together, where not all of it could follow."""
        if made.settled:
            return
        package = self.computed(node, flow)
        told = list(self.told(node, package, "are imported by names that are put together", calls=True))
        yield from told
        for old in made.lost if not told else ():
            new = self.view.intent.module(old)
            if new != old:
                yield Finding(
                    "found-at-run-time", f"{old} is imported by a name that is put together here, and is {new} after "
                    "the phase", Weight.REVIEW, Place(self.view.path, node.lineno), "put the name together otherwise",
                )  # fmt: skip

    def discovered(self, node: ast.Call) -> Iterator[Finding]:
        """Celery looks for one module in each of the packages, `tasks` where none is named, and misses none aloud."""
        related, packages = argument_of(node, 1, "related_name"), argument_of(node, 0, "packages")
        name = related.value if isinstance(related, ast.Constant) else "tasks"
        listed = getattr(packages, "elts", None) if packages is not None else None
        said = [one.value for one in listed if isinstance(one, ast.Constant)] if listed is not None else None
        for package, modules in self.leaving.items():
            old = names.join(package, str(name))
            if old in modules and (said is None or package in said):
                new = self.view.intent.module(old)
                other = "" if names.last(new) == name else f", with related_name={names.last(new)!r}"
                yield Finding(
                    "found-at-run-time", f"{old} is looked for by its name here, and is {new} after the phase",
                    Weight.REVIEW, Place(self.view.path, node.lineno), f"list {names.parent(new)} here{other}",
                )  # fmt: skip

    def away(self, module: str) -> bool:
        """True for a module that leaves its package."""
        return names.parent(self.view.intent.module(module)) != self.view.intent.module(names.parent(module))

    def searched(self, argument: ast.expr) -> str:
        """The package whose `__path__` is searched; "" where that cannot be told."""
        if isinstance(argument, ast.Name) and argument.id == "__path__":
            return self.view.module
        if isinstance(argument, ast.Attribute) and argument.attr == "__path__":
            return self.meant(argument.value)
        return ""

    def given(self, node: ast.Call) -> Iterator[str]:
        """The packages that a call is given: by name, as they are, or by their `__path__`."""
        for one in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value if self.view.inventory.modules.get(one.value) is not None else ""
            elif isinstance(one, ast.Name) and one.id in ("__name__", "__package__"):
                yield self.view.module if one.id == "__name__" else self.view.package
            elif isinstance(one, (ast.Name, ast.Attribute)):
                yield self.searched(one) or self.meant(one)

    def meant(self, expression: ast.expr) -> str:
        """The module that a chain of names means; "" for anything else."""
        parts = ast.unparse(expression).split(".")
        current = self.bound(parts[0])
        for part in parts[1:] if current is not None else ():
            current = self.view.member(current, part) if current is not None and not current.name else None
        return current.module if current is not None and not current.name else ""

    def bound(self, name: str) -> Ref | None:
        """The module that an import of the file binds to a name."""
        for statement in self.view.inventory.facts(self.view.path).imports:
            origin = self.view.origin(statement) if statement.is_from else None
            for alias in statement.aliases:
                if statement.bound(alias) != name or (statement.is_from and origin is None):
                    continue
                if origin is not None:
                    return self.view.member(origin, alias.name)
                return self.view.find(alias.name if alias.asname else name)
        return None

    def computed(self, node: ast.Call, flow: Flow) -> str:
        """The package in which a name that begins with something known is looked up; "" for anything else."""
        whole = first = flow.value(node.args[0])
        while isinstance(first, ast.BinOp) and isinstance(first.op, (ast.Add, ast.Mod)):
            first = first.left
        if isinstance(first, ast.JoinedStr) and first.values:
            head = first.values[0]
            first = head.value if isinstance(head, ast.FormattedValue) else head
        own = own_name(self.view, first) if isinstance(first, (ast.Call, ast.Subscript)) else None
        if own is not None:
            return own[0] if first is not whole and self.view.find(own[0]) is not None else ""
        if isinstance(first, ast.Call):
            return self.front(first, flow)
        if first is whole:
            return self.from_unknown(node)  # the whole name, or nothing that is known
        if isinstance(first, (ast.Name, ast.Attribute)):
            if isinstance(first, ast.Name) and first.id in ("__name__", "__package__"):
                return self.view.package
            parts = flow.parts(first) or []
            said = "".join(part.before if isinstance(part, Fixed) else "" for part in parts).rstrip(".")
            found = self.view.find(said) if said else None
            return found.module if found is not None else ""
        text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        head_text, dot, _ = text.partition("%")[0].rpartition(".")
        if not dot:
            return ""
        if not text.startswith("."):
            found = self.view.find(head_text)
            return found.module if found is not None else ""
        level = len(text) - len(text.lstrip("."))
        anchor = argument_of(node, 1, "package")
        named = anchor.value if isinstance(anchor, ast.Constant) and isinstance(anchor.value, str) else ""
        return names.absolute(named or self.view.package, level, head_text.lstrip(".")) or ""

    def from_unknown(self, node: ast.Call) -> str:
        """The file's own package, where one that is not known may be it, and `".x"` is loaded of that; else ""."""
        package = argument_of(node, 1, "package")
        first = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        if not isinstance(first, str) or not first.startswith(".") or package is None:
            return ""
        if isinstance(package, ast.Constant) or own_name(self.view, package) is not None:
            return ""
        rest = first.lstrip(".")
        meant = names.absolute(self.view.package, len(first) - len(rest), rest)
        return self.view.package if meant and meant in self.leaving.get(self.view.package, ()) else ""

    def front(self, node: ast.Call, flow: Flow) -> str:
        """The package that `".".join([__name__, "b", name])` begins with."""
        said = ""
        for one in flow.filled(node) or ():
            parts = [Fixed(one, one)] if isinstance(one, str) else flow.parts(one)
            fixed = [part.before for part in parts or () if isinstance(part, Fixed)]
            if not fixed or len(fixed) != len(parts or ()):
                break
            said += "".join(fixed)
        found = self.view.find(said.rpartition(".")[0]) if "." in said else None
        return found.module if found is not None and not found.name else ""

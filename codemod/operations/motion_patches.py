"""Names that tests patch where they are read: they follow the reader, not the definition.

`patch("app.router.notify")` replaces what the functions of `app.router` find under `notify`.  When these go to
`app.router.orders`, the name that has to be replaced is `app.router.orders.notify`, wherever `notify` is defined.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.references.patched import Target, in_objects, targets
from codemod.rewrite.edits import apply
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.source.nodes import every_node
from codemod.source.text import Text, Undecodable

from .motion_anatomy import Anatomy
from .motion_reads import Reads
from .registrars import called_parts


def followed(
    reads: Mapping[Symbol, Sequence[str]], symbols: Mapping[Symbol, Symbol], now: Inventory
) -> tuple[dict[str, bytes], list[Finding]]:
    """New bytes by path where a patched name follows its reader, and what a human has to decide.

    `reads` says which modules read a name that moved code read in its old module, `symbols` where definitions went,
    `now` is the tree with all of them in their new modules.
    """
    sole, several = readers_of(reads, symbols, now)
    writes: dict[str, bytes] = {}
    findings: list[Finding] = []
    meant = Meant(now, several)
    homes = {names.join(*old): new[0] for old, new in symbols.items()}
    kept = {dotted: names.parent(dotted) for dotted in homes if _is_bound(now, dotted)}

    @functools.cache
    def aside(dotted: str) -> tuple[str, str] | None:
        """(reader, home) of a name that others read through its old module, and will read in its new one."""
        home, reader = homes.get(dotted, ""), names.parent(sole.get(dotted, "")) or kept.get(dotted, "")
        through = reader and home and reader != home and _is_read_through(now, names.parent(dotted), names.last(dotted))
        return (reader, home) if through else None

    for path, text, tree, found in _targets(now, list(dict.fromkeys([*sole, *several, *kept]))):
        goals = {target: sole.get(target.dotted) or meant.of(target, tree) for target in found}
        edits = [e for target, goal in goals.items() if goal and goal != target.dotted for e in target.renamed(goal)]
        if edits:
            writes[path] = text.raw(apply(text.data, edits))
        for target in found:
            if target.dotted in several and goals[target] != target.dotted:
                goal = goals[target]
                shown = f", and patched in {names.parent(goal)}, the one that is used here" if goal else ""
                findings.append(Finding(
                    "patch-several-readers", f"{target.dotted} is patched here, and now read in "
                    f"{' and '.join(several[target.dotted])}{shown}", Weight.REVIEW, Place(path, target.line),
                    "patch it in the module that the test is about",
                ))  # fmt: skip
            elif told := aside(target.dotted):
                findings.append(_seen_through(path, target, *told))
    return writes, findings


@dataclass(slots=True)
class Meant:
    """Which of several readers of a patched name is meant, by the definitions that are used where it is patched."""

    now: Inventory
    several: Mapping[str, Sequence[str]]
    known: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def of(self, target: Target, tree: ast.Module) -> str:
        """The dotted name of the only reader that has a definition which is used there; "" where that is not one."""
        used = {
            node.id if isinstance(node, ast.Name) else node.attr for node in every_node(_around(tree, target.line))
            if isinstance(node, (ast.Name, ast.Attribute))
        }  # fmt: skip
        name = names.last(target.dotted)
        found = [r for r in self.several.get(target.dotted, ()) if self._reading(r, name) & used]
        return names.join(found[0], name) if len(found) == 1 else ""

    def _reading(self, module: str, name: str) -> frozenset[str]:
        """The definitions of a module that read a name which it has."""
        if (module, name) not in self.known:
            found = self.now.modules.get(module)
            has = found is not None and bool(found.path) and name in self.now.facts(found.path).bound
            reads = Reads(Anatomy.of(self.now, found)) if found is not None and has else None
            pieces = {read.piece for read in reads.by_name.get(name, ())} if reads is not None else set()
            self.known[module, name] = frozenset(n for piece in pieces for n in piece.binds)
        return self.known[module, name]


def _around(tree: ast.Module, line: int) -> ast.AST:
    """The `with` whose head stands on a line, else the function around it, else the module."""
    found: ast.AST = tree
    for node in every_node(tree):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            if node.lineno <= line < node.body[0].lineno:
                return node
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first <= line <= (node.end_lineno or line):
                found = node
    return found


def _seen_through(path: str, target: Target, reader: str, home: str) -> Finding:
    return Finding(
        "patch-several-readers", f"{target.dotted} is patched here, and now read in {home} and {reader}",
        Weight.REVIEW, Place(path, target.line), "patch it in the module that the test is about",
    )  # fmt: skip


def _is_bound(now: Inventory, dotted: str) -> bool:
    """True for a name that its old module imports back."""
    module = now.modules.get(names.parent(dotted))
    return module is not None and bool(module.path) and names.last(dotted) in now.facts(module.path).bound


def _is_read_through(now: Inventory, module: str, name: str) -> bool:
    """True when another file of the product reads `module.name` as an attribute."""
    own, spelled = now.modules.get(module), f"{names.last(module)}.{name}".encode()
    pattern = re.compile(rb"(?<![\w\"'.])(?:\w+\.)*" + re.escape(spelled) + rb"(?![\w\"'])")
    for path in now.tree.paths:
        entry = now.tree.entry(path) if path.endswith(".py") and (own is None or path != own.path) else None
        if entry is not None and entry.is_file and spelled in now.tree.read(path):
            data = now.tree.read(path)
            if pattern.search(data) and b"patch(" not in data and b"setattr(" not in data:
                return True
    return False


def readers_of(
    reads: Mapping[Symbol, Sequence[str]], symbols: Mapping[Symbol, Symbol], now: Inventory
) -> tuple[dict[str, str], dict[str, Sequence[str]]]:
    """(old name -> the name that its only reader uses; old name -> its readers, where they are several), dotted."""
    sole: dict[str, str] = {}
    several: dict[str, Sequence[str]] = {}
    for (source, name), readers in reads.items():
        home, final = symbols.get((source, name), (source, name))
        if not readers or set(readers) == {home}:
            continue
        module = now.modules.get(readers[0])
        bound = module is not None and final in now.facts(module.path).bound
        if len(readers) == 1 and bound:
            sole[names.join(source, name)] = names.join(readers[0], final)
        elif len(readers) > 1:
            several[names.join(source, name)] = readers
    return sole, several


def _targets(now: Inventory, wanted: Sequence[str]) -> Iterator[tuple[str, Text, ast.Module, list[Target]]]:
    """The patched names of each file that has some."""
    spelled = [name.encode() for name in wanted]
    lasts = [f"{quote}{names.last(name)}{quote}".encode() for name in wanted for quote in "\"'"]
    homes = now.sieve(names.last(names.parent(name)).encode() for name in wanted)
    for path in homes.passing(now.tree, SUFFIXES) if wanted else ():
        data = now.tree.read(path)
        by_object = (b".setattr(" in data or b".object(" in data) and any(name in data for name in lasts)
        if not by_object and not any(name in data for name in spelled):
            continue
        try:
            text = Text.of(data)
            tree = parse(text)
        except (Unparsable, Undecodable):
            continue
        found = list(targets(text, tree, wanted))
        if by_object:
            found += in_objects(text, tree, partial(_module, now, path), wanted)
        if found:
            yield path, text, tree, found


def _module(now: Inventory, path: str, node: ast.expr) -> str | None:
    """The module that an expression means, by the imports of its file; None where these leave it open."""
    root, parts = called_parts(node)
    found: set[str] = set()
    for statement in now.facts(path).imports:
        origin = now.origin(statement, path) if statement.is_from else None
        for alias in statement.aliases:
            if root and statement.bound(alias) == root:
                plain = alias.name if alias.asname else root
                base = names.join(origin or "", alias.name) if statement.is_from else plain
                found.add(".".join([base, *parts]))
    return found.pop() if len(found) == 1 else None

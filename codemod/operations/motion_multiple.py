"""Names that tests patch together where they are read: `patch.multiple("app.router", notify=..., audit=...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.references.byname import called
from codemod.references.literals import bodies
from codemod.references.patched import Target
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.source.nodes import every_node
from codemod.source.text import Text, Undecodable

from .motion_patches import Meant, readers_of

_CALL = b"multiple("


def followed_together(
    reads: Mapping[Symbol, Sequence[str]], symbols: Mapping[Symbol, Symbol], now: Inventory
) -> tuple[dict[str, bytes], list[Finding]]:
    """New bytes by path where all names of a call have one reader, or one home; a finding where they have several."""
    sole, several = readers_of(reads, symbols, now)
    goals = {names.join(*old): names.join(*new) for old, new in symbols.items() if old[0] != new[0]} | sole
    meant = Meant(now, several)
    writes: dict[str, bytes] = {}
    findings: list[Finding] = []
    for path in now.sieve([_CALL]).passing(now.tree, SUFFIXES) if goals or several else ():
        try:
            text = Text.of(now.tree.read(path))
            tree = parse(text)
        except (Unparsable, Undecodable):
            continue
        edits: list[Edit] = []
        for module, given, span, line in _calls(text, tree):
            asked = [names.join(module, name) for name in given]
            if not any(dotted in goals or dotted in several for dotted in asked):
                continue
            found = [meant.of(Target(d, *span, line), tree) if d in several else goals.get(d, d) for d in asked]
            homes = {names.parent(goal) for goal in found}
            if len(homes) == 1 and all(names.last(goal) == name for goal, name in zip(found, given, strict=True)):
                edits += [Edit(*span, home.encode()) for home in homes if home != module]
            else:
                findings.append(_told(path, line, module, given, sorted(homes - {"", module})))
        if edits:
            writes[path] = text.raw(apply(text.data, edits))
    return writes, findings


def _calls(text: Text, tree: ast.Module) -> Iterator[tuple[str, list[str], tuple[int, int], int]]:
    """(module, names, span of the module's text, line) of each such call."""
    for node in every_node(tree):
        if not isinstance(node, ast.Call) or called(node) != "multiple" or not node.args:
            continue
        literal, given = node.args[0], [one.arg for one in node.keywords if one.arg]
        if given and isinstance(literal, ast.Constant) and isinstance(literal.value, str):
            spans = bodies(text, literal, literal.value)
            if len(spans) == 1:
                yield literal.value, given, spans[0], node.lineno


def _told(path: str, line: int, module: str, given: Sequence[str], homes: Sequence[str]) -> Finding:
    where = f", now read in {' and '.join(homes)}" if homes else ""
    return Finding(
        "patch-several-readers", f"{', '.join(given)} of {module} are patched together here{where}", Weight.REVIEW,
        Place(path, line), "patch each in the module that the test is about",
    )  # fmt: skip

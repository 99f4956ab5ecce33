"""Names that tests patch where they are read: they follow the reader, not the definition.

`patch("app.router.notify")` replaces what the functions of `app.router` find under `notify`.  When these go to
`app.router.orders`, the name that has to be replaced is `app.router.orders.notify`, wherever `notify` is defined.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.references.patched import Target, in_objects, targets
from codemod.rewrite.edits import apply
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.source.text import Text, Undecodable

from .registrars import called_parts


def followed(
    reads: Mapping[Symbol, Sequence[str]], symbols: Mapping[Symbol, Symbol], now: Inventory
) -> tuple[dict[str, bytes], list[Finding]]:
    """New bytes by path where a patched name follows its reader, and what a human has to decide.

    `reads` says which modules read a name that moved code read in its old module, `symbols` where definitions went,
    `now` is the tree with all of them in their new modules.
    """
    sole, several = _readers(reads, symbols, now)
    writes: dict[str, bytes] = {}
    findings: list[Finding] = []
    for path, text, found in _targets(now, [*sole, *several]):
        edits = [e for target in found if target.dotted in sole for e in target.renamed(sole[target.dotted])]
        if edits:
            writes[path] = text.raw(apply(text.data, edits))
        findings += [
            Finding(
                "patch-several-readers",
                f"{target.dotted} is patched here, and now read in {' and '.join(several[target.dotted])}",
                Weight.REVIEW, Place(path, target.line), "patch it in the module that the test is about",
            )
            for target in found
            if target.dotted in several
        ]  # fmt: skip
    return writes, findings


def _readers(
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


def _targets(now: Inventory, wanted: Sequence[str]) -> Iterator[tuple[str, Text, list[Target]]]:
    """The patched names of each file that has some."""
    spelled = [name.encode() for name in wanted]
    lasts = [f"{quote}{names.last(name)}{quote}".encode() for name in wanted for quote in "\"'"]
    homes = now.sieve(names.last(names.parent(name)).encode() for name in wanted)
    for path in now.tree.paths if wanted else ():
        entry = now.tree.entry(path)
        if not path.endswith(SUFFIXES) or entry is None or not entry.is_file:
            continue
        if not homes.passes(now.tree, path):
            continue
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
            yield path, text, found


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

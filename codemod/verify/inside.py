"""Uses inside a file that statements alone do not show: attributes of modules, and names that only a star gave."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from codemod.base import names
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.text import Text, Undecodable

from .resolve import Offer, Resolver

_CHAIN = rb"(?<![\w.\x80-\xff])(%s)((?:[ \t]*\.[ \t]*[A-Za-z_\x80-\xff][\w\x80-\xff]*)+)"


Suspicious = Callable[[str, str, bytes], bool]  # module, attribute that it lacks, the chain as written


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that a module of ours does not have: the chain up to it, and its byte offset in the text."""

    module: str
    name: str
    text: str
    offset: int


def attributes(
    resolver: Resolver, path: str, modules: Mapping[str, Collection[str]], suspicious: Suspicious
) -> Iterator[Attribute]:
    """Attribute chains whose root is one of `modules` (local name -> the modules it may be) and that lead nowhere.

    A search of bytes finds the suspects, and `suspicious` may drop them by module, name and the text of the chain;
    only where there is one is the file parsed, to leave out strings, comments,
    assignments to the attribute, and roots that the file also binds in other ways.
    """
    try:
        text = Text.of(resolver.inventory.tree.read(path))
    except Undecodable:
        return
    roots = b"|".join(re.escape(name.encode()) for name in sorted(modules))
    suspects: set[str] = set()
    for found in re.finditer(_CHAIN % roots, text.data):
        root = found.group(1).decode()
        chain = [part.strip().decode() for part in found.group(2).split(b".")[1:]]
        if root not in suspects:
            missing = _first_missing(resolver, modules[root], chain)
            if missing is not None and suspicious(missing[0], chain[missing[1]], found.group()):
                suspects.add(root)
    if not suspects:
        return
    try:
        tree = parse(text)
    except Unparsable:
        return
    suspects -= set(_bound_otherwise(tree))
    inner: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or id(node) in inner:
            continue
        chain = []
        at: ast.expr = node
        while isinstance(at, ast.Attribute):
            inner.add(id(at))
            chain.insert(0, at.attr)
            at = at.value
        if not isinstance(at, ast.Name) or at.id not in suspects:
            continue
        if not isinstance(node.ctx, ast.Load):
            chain.pop()
        missing = _first_missing(resolver, modules[at.id], chain)
        if missing is not None:
            module, depth = missing
            shown = ".".join([at.id, *chain[: depth + 1]])
            yield Attribute(module, chain[depth], shown, text.offset(at.lineno, at.col_offset))


def _first_missing(resolver: Resolver, modules: Collection[str], chain: list[str]) -> tuple[str, int] | None:
    """The module and the depth at which a chain leads nowhere, whatever its root is; None when it may lead on."""
    missing: tuple[str, int] | None = None
    for name in sorted(modules):
        depth = 0
        while True:
            module = resolver.inventory.modules.get(name)
            if module is None or depth == len(chain):
                return None
            part = chain[depth]
            if part.startswith("__") or resolver.offers(module, part) is not Offer.NO:
                inner = names.join(name, part)
                if inner not in resolver.inventory.modules or resolver.inventory.binds(module, part):
                    return None
                name, depth = inner, depth + 1
                continue
            missing = missing or (name, depth)
            break
    return missing


def star_uses(inventory: Inventory, path: str, lost: Collection[str]) -> Iterator[tuple[str, int]]:
    """Names in `lost` that the file reads and does not bind anywhere: (name, byte offset), the first of each."""
    data = inventory.tree.read(path) if lost else b""
    wanted = {name for name in lost if name.encode() in data}
    if not wanted:
        return
    try:
        text = Text.of(data)
        tree = parse(text)
    except (Undecodable, Unparsable):
        return
    wanted -= set(_bound_otherwise(tree))
    wanted -= {alias.asname or alias.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for alias in n.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in wanted and isinstance(node.ctx, ast.Load):
            wanted.discard(node.id)
            yield node.id, text.offset(node.lineno, node.col_offset)


def _bound_otherwise(tree: ast.Module) -> Iterator[str]:
    """Names that the file binds anywhere by other means than an import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or (
            isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name
        ):
            yield node.name or ""
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest

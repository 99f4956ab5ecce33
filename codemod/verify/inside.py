"""Uses inside a file that statements alone do not show: attributes of modules, names that nothing binds, calls."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Collection, Iterator, Mapping

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes, Use, analyse
from codemod.source.search import words_in
from codemod.source.text import Text, Undecodable, is_utf8

from .resolve import GIVEN, Offer, Resolver

_CHAIN = lazy(rb"(?:[ \t]*\.[ \t]*[A-Za-z_\x80-\xff][\w\x80-\xff]*)+")
_SAME = lazy(rb"[ \t]*([A-Za-z_\x80-\xff][\w\x80-\xff]*)[ \t]*=[ \t]*(?=[A-Za-z_\x80-\xff])")
_REST = lazy(rb"((?:\.\w+)*)[ \t]*(?:#.*)?\r?(?:\n|\Z)")
_CALLED = ("import_module", "__import__", "find_spec", "importorskip")
_CALLED_BYTES = tuple(name.encode() for name in _CALLED)
_ARGUMENT = lazy(  # a whole literal, nothing, or what begins with a name, and is none
    rb"\s*\(\s*(?:([\"'])(?P<literal>[^\"'\\\n]+)\1\s*[,)]|(?![rRuUbBfF]{1,2}[\"'])[A-Za-z_]|\))"
)
_OPENS = lazy(rb"\s*\(")
_BUILTINS = frozenset(dir(builtins))
_KNOWN = _BUILTINS | GIVEN | {"__class__", "__qualname__", "__module__"}

Span = tuple[int, int]
Suspicious = Callable[[str, str, bytes], bool]  # module, attribute that it lacks, the chain as written


@dataclass(frozen=True, slots=True)
class Local:
    """A module that an import clause binds: the clause's byte offset, the name that it binds, the module."""

    start: int
    name: str
    module: str
    guarded: bool = False  # whether it runs is decided by a condition, or by a failure


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that a module of ours does not have: the chain up to it, and its byte offset in the text."""

    module: str
    name: str
    text: str
    offset: int
    forked: bool  # another import binds the chain's root to another module


def attributes(
    resolver: Resolver, path: str, locals_: Collection[Local], suspicious: Suspicious
) -> Iterator[Attribute]:
    """Attribute chains that start at one of `locals_` and lead nowhere.

    A search of bytes finds the suspects, and `suspicious` may drop them by module, name and the text of the chain;
    only where there is one is the file analysed, to leave out strings, comments, assignments to the attribute, and
    names that mean something else where they stand.  `x = package.module` makes `x` a module as well.
    """
    raw = resolver.inventory.tree.read(path)
    text = None if is_utf8(raw) else _text(resolver.inventory, path)
    data = raw if text is None else text.data  # what cannot be decoded is seen where there is a suspect
    modules: dict[str, set[str]] = {}
    for local in locals_:
        modules.setdefault(local.name, set()).add(local.module)
    places = {root: _words(data, root) for root in modules}
    same = _same(resolver, data, modules, places)
    for name, found in same.items():
        modules.setdefault(name, set()).update(found)
        places.setdefault(name, _words(data, name))
    guarded = {local.name for local in locals_ if local.guarded}
    suspects = {
        root
        for root in modules
        if _is_suspect(resolver, data, places[root], modules[root], suspicious, one=root in guarded)
    }
    text = text or _text(resolver.inventory, path) if suspects else None
    scopes = _scopes(text) if text is not None else None
    if text is None or scopes is None:
        return
    imported = {local.start: local for local in locals_}
    for use in (use for root in sorted(suspects) for use in scopes.named(root) if use.attributes):
        meant, forked = _modules(use, text, imported, same)
        chain = [node.attr for node in use.attributes if isinstance(node.ctx, ast.Load)]
        missing = _first_missing(resolver, meant, chain, one=forked) if meant else None
        if missing is not None:
            module, depth = missing
            shown = ".".join([use.name, *chain[: depth + 1]])
            yield Attribute(module, chain[depth], shown, scopes.span(use.node)[0], forked)


def _is_suspect(
    resolver: Resolver, data: bytes, places: Collection[Span], modules: Collection[str], suspicious: Suspicious,
    *, one: bool,
) -> bool:  # fmt: skip
    """True when one of the `places` of a name for the modules begins a chain that leads nowhere, and is suspicious."""
    good: set[bytes] = set()
    for start, end in places:
        match = _CHAIN.match(data, end)
        if match is None or match.group() in good:
            continue
        chain = [part.strip().decode("utf-8", "replace") for part in match.group().split(b".")[1:]]
        missing = _first_missing(resolver, modules, chain, one=one)
        if missing is not None and suspicious(missing[0], chain[missing[1]], data[start : match.end()]):
            return True
        good.add(match.group())
    return False


def _words(data: bytes, name: str) -> list[Span]:
    """Where a name stands as a word that no dot precedes."""
    word = name.encode()
    return [(at, at + len(word)) for at in words_in(data, word) if not at or data[at - 1] != ord(".")]


def _same(
    resolver: Resolver, data: bytes, modules: Mapping[str, Collection[str]], places: Mapping[str, Collection[Span]]
) -> dict[str, set[str]]:  # fmt: skip
    """Names that lines like `name = package.module` make modules."""
    found: dict[str, set[str]] = {}
    for root, named in modules.items():
        for start, end in places[root]:
            if not start or data[start - 1] not in b"= \t":
                continue
            match = _SAME.match(data, data.rfind(b"\n", 0, start) + 1, start + 1)
            rest = _REST.match(data, end) if match is not None and match.end() == start else None
            if match is None or rest is None:
                continue
            for name in named:
                whole = name + rest.group(1).decode("utf-8", "replace")
                if whole in resolver.inventory.modules:
                    found.setdefault(match.group(1).decode("utf-8", "replace"), set()).add(whole)
    return found


def _modules(
    use: Use, text: Text, imported: Mapping[int, Local], same: Mapping[str, Collection[str]]
) -> tuple[Collection[str], bool]:
    """The modules that a use may mean, none when it may also mean anything else; whether a condition decides which."""
    found: set[str] = set()
    locals_: list[Local] = []
    for binding in use.bindings:
        if binding.alias is not None:
            local = imported.get(text.offset(binding.alias.lineno, binding.alias.col_offset))
            if local is None:
                return (), False
            locals_.append(local)
            found.add(local.module)
        elif binding.kind == "assign" and use.name in same:
            found.update(same[use.name])
        else:
            return (), False
    alone = len(locals_) == len(use.bindings)
    return found, len(found) > 1 and alone and any(local.guarded for local in locals_)


def _first_missing(
    resolver: Resolver, modules: Collection[str], chain: list[str], *, one: bool
) -> tuple[str, int] | None:
    """The module and the depth at which a chain leads nowhere; None when it may lead on.

    Of several modules that its root may mean all have to lack it, or with `one` the first that does.
    """
    found = (_missing(resolver, name, chain) for name in sorted(modules))
    missing = list(found) if not one else [each for each in found if each is not None][:1]
    return missing[0] if missing and None not in missing else None


def _missing(resolver: Resolver, name: str, chain: list[str]) -> tuple[str, int] | None:
    """The module and the depth at which a chain leads nowhere from a module."""
    for depth, part in enumerate(chain):
        module = resolver.inventory.modules.get(name)
        if module is None:
            return None
        if not part.startswith("__") and resolver.offers(module, part) is Offer.NO:
            return name, depth
        inner = names.join(name, part)
        if inner not in resolver.inventory.modules or resolver.inventory.binds(module, part):
            return None
        name = inner
    return None


def unbound(inventory: Inventory, path: str, among: Collection[str] | None) -> Iterator[tuple[str, int]]:
    """Names that the file reads and nothing binds: (name, byte offset), the first place of each.

    `among` limits the question to some names; None asks for all.  Star imports count as binding nothing.
    """
    data = inventory.tree.read(path)
    if among is not None and not any(name.encode() in data for name in among):
        return
    text = _text(inventory, path)
    scopes = _scopes(text) if text is not None else None
    if scopes is None:
        return
    for name in sorted(scopes.names if among is None else scopes.names & frozenset(among)):
        use = None if name in _KNOWN else _unbound(scopes, name)
        if use is not None:
            yield name, scopes.span(use.node)[0]


def builtin_read(inventory: Inventory, path: str, name: str) -> int | None:
    """The first line on which a file reads a built-in of that name; None where it does not."""
    text = _text(inventory, path) if name in _BUILTINS and name.encode() in inventory.tree.read(path) else None
    scopes = _scopes(text) if text is not None else None
    use = _unbound(scopes, name) if scopes is not None else None
    return text.line(scopes.span(use.node)[0]) if text is not None and scopes is not None and use is not None else None


def _unbound(scopes: Scopes, name: str) -> Use | None:
    """The first place where a name is read that nothing binds."""
    for use in scopes.named(name):
        if use.home is None and use.context == "load" and use.where != "type-comment":
            return use
    return None


def calls(inventory: Inventory, path: str, gone: Callable[[str], bool]) -> Iterator[tuple[str, int]]:
    """Absolute module names that are `gone` and that the file imports by a call with a literal.

    (name, byte offset of the string)
    """
    if not _may_call(inventory.tree.read(path), gone):
        return
    text = _text(inventory, path)
    if text is None:
        return
    try:
        tree = parse(text)
    except Unparsable:
        return
    for node in every_node(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            name = node.args[0].value
            if called == "__import__" and (len(node.args) > 4 or any(k.arg == "level" for k in node.keywords)):
                continue  # a relative name
            if called in _CALLED and isinstance(name, str) and names.is_dotted(name) and gone(name):
                yield name, text.offset(node.args[0].lineno, node.args[0].col_offset)


def _may_call(data: bytes, gone: Callable[[str], bool]) -> bool:
    """True where the bytes show a call with a name that is gone, or one whose argument they do not show."""
    for word in _CALLED_BYTES:
        at = data.find(word)
        while at != -1:
            at += len(word)
            found = _ARGUMENT.match(data, at)
            if found is None:
                if _OPENS.match(data, at):
                    return True
            elif found["literal"] is not None and gone(found["literal"].decode("utf-8", "replace")):
                return True
            at = data.find(word, at)
    return False


def _text(inventory: Inventory, path: str) -> Text | None:
    try:
        return Text.of(inventory.tree.read(path))
    except Undecodable:
        return None


def _scopes(text: Text) -> Scopes | None:
    try:
        return analyse(parse(text), text)
    except Unparsable:
        return None

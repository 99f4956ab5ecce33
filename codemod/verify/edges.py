"""Which modules importing a module may bring in: from the bytes alone, never too few.

A parse of every module that a large program reaches would cost more than the phase itself; a search for the word
`import` costs a hundredth of it and errs on the safe side (text in strings counts, so does what a branch skips).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.source.graph import components
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.text import line_start

from .resolve import Resolver

_IMPORT = lazy(rb"import")
_WORDS = lazy(r"[^\s,;#()]+", re.ASCII)
_CALL = lazy(rb"_(?:module|_)\(\s*[\"']([^\"'\n]+)[\"']")  # import_module("a.b"), __import__("a.b")
_LIST = lazy(rb"\s*(\((?:[^()#]|#[^\r\n]*)*|[^\r\n;]*)")
_DOT = lazy(rb"[ \t\f]*\.[ \t\f]*")
_FROM = lazy(rb"from[ \t\f]*(\.*)(\S*)[ \t\f]*")
_PLAIN = lazy(
    rb"from[ \t]+(?P<dots>\.*)(?P<module>[\w.]*)[ \t]+(?P<word>import)[ \t]+(?P<names>[\w,* \t]+)(?=[\r\n]|\Z)"
)
_COMMENT = lazy(rb"#[^\n]*")
_DEFINED = lazy(rb"(?:async[ \t]+)?(?:def|class)[ \t]+([\w\x80-\xff]+)")
_FAR = 200  # lines to look back for the enclosing statement; beyond that, take the import as run


@dataclass(frozen=True, slots=True)
class Mention:
    """An import as the bytes show it: a `from` import has `names`, a plain one has none."""

    module: str
    level: int
    names: tuple[str, ...]


def mentions(data: bytes) -> Iterator[Mention]:
    """Imports that may run when the file is imported; those inside functions are left out."""
    if b"\\" in data:
        data = re.sub(rb"\\\r?\n", lambda found: b" " * len(found.group()), data)
    for found in _IMPORT.finditer(data):
        start, end = found.span()
        plain = _PLAIN.match(data, data.rfind(b"\n", 0, start) + 1)  # most are, and there is nothing more to ask
        if plain is not None and plain.start("word") == start:
            words = tuple(_name(plain["names"]).replace(",", " ").split())
            yield Mention(_name(plain["module"]), len(plain["dots"]), words)
            continue
        call = _CALL.match(data, end) if data.startswith(b"_", end) else None
        if call:
            name = call.group(1).decode("utf-8", "replace")
            stripped = name.lstrip(".")
            yield Mention(stripped, len(name) - len(stripped), ())
            continue
        line = line_start(data, start)
        head = data[line:start]
        if b";" in head or b":" in head:
            head = head[max(head.rfind(b";"), head.rfind(b":")) + 1 :]
        before = head.strip(b" \t\f\xef\xbb\xbf")
        statement = not before or before.startswith(b"from")
        if not statement or (data[end : end + 1].isalnum() or data[end : end + 1] == b"_") or _lazy(data, line):
            continue
        listed = _LIST.match(data, end)
        text = listed.group(1) if listed else b""
        if b"#" in text:
            text = _COMMENT.sub(b"", text)
        if not before:
            for clause in text.split(b","):
                parts = _WORDS.findall(_name(_DOT.sub(b".", clause)))
                if parts:
                    yield Mention(parts[0], 0, ())
            continue
        origin = _FROM.fullmatch(before) or _FROM.fullmatch(_DOT.sub(b".", before))
        if origin:
            words = tuple(_WORDS.findall(text.decode("utf-8", "replace")))
            yield Mention(_name(origin.group(2)), len(origin.group(1)), words)


def _name(word: bytes) -> str:
    return word.decode("utf-8", "replace")


def _lazy(data: bytes, line: int) -> bool:
    """True when the line at this offset lies inside a function."""
    return bool(definition_around(data, line))


def definition_around(data: bytes, line: int) -> str:
    """The name by which the function is called that the line at this offset lies in; "" for none.

    That of what makes an object is its class's.
    """
    indent, method = _indent(data, line), ""
    for _ in range(_FAR):
        if indent == 0 or line == 0:
            return method
        previous = data.rfind(b"\n", 0, line - 1) + 1
        text = data[previous : line - 1].strip()
        line = previous
        if not text or text.startswith(b"#"):
            continue
        width = _indent(data, line)
        if width < indent:
            defined = _DEFINED.match(text)
            if method and text.startswith(b"class"):
                return _name(defined[1]) if defined is not None else method
            if defined is not None and not text.startswith(b"class"):
                method = _name(defined[1])
                if method not in ("__init__", "__new__"):
                    return method
            # The end of a signature over several lines stands where its `def` does.
            indent = width + 1 if text[:1] in b")]}" else width
    return method


def _indent(data: bytes, line: int) -> int:
    at = line
    while data[at : at + 1] in (b" ", b"\t", b"\f"):
        at += 1
    return len(data[line:at].expandtabs(8))


@dataclass(slots=True)
class Reach:
    """What importing the modules of one tree may bring in, each module looked at once."""

    inventory: Inventory
    resolver: Resolver
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)  # modules above a name, and the name's own
    called: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what the calls of a module import besides

    def edges(self, name: str) -> tuple[str, ...]:
        """The modules that importing `name` may import: what it states, and the packages above it."""
        if name not in self.known:
            module = self.inventory.modules.get(name)
            found = dict.fromkeys(self._found(module)) if module is not None else {}
            self.known[name] = tuple(dict.fromkeys((*found, *self.called.get(name, ()))))
        return self.known[name]

    def _found(self, module: Module) -> Iterator[str]:
        yield from self._with_parents(names.parent(module.name))
        entry = self.inventory.tree.entry(module.path) if module.path else None
        if entry is None or not entry.is_file or not module.path.endswith(".py"):
            return
        for mention in mentions(self.inventory.tree.read(module.path)):
            name = names.absolute(module.package, mention.level, mention.module)
            if not name:
                continue
            target = self.resolver.module(name, module.path)
            if target is None:
                while name and target is None:
                    name = names.parent(name)
                    target = self.resolver.module(name, module.path) if name else None
                if target is not None:
                    yield from self._with_parents(target.name)
                continue
            yield from self._with_parents(target.name)
            listed: Iterable[str] = mention.names
            if "*" in mention.names:
                listed = self.inventory.facts(target.path).exports or ()
            for inner in listed if target.is_package else ():
                below = names.join(target.name, inner)
                if below in self.inventory.modules:
                    yield below

    def _with_parents(self, name: str) -> tuple[str, ...]:
        found = self.chains.get(name)
        if found is None:
            modules = self.inventory.modules
            found = self.chains[name] = tuple(prefix for prefix in names.prefixes(name) if prefix in modules)
        return found

    def adjacency(self, starts: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The edges of everything that the starts reach."""
        found: dict[str, tuple[str, ...]] = {}
        todo = [name for name in starts if name in self.inventory.modules]
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = self.edges(name)
                todo.extend(target for target in found[name] if target not in found)
        return found

    def circles(self, starts: Iterable[str]) -> list[tuple[str, ...]]:
        """The groups of modules in reach that may import one another in a circle (or themselves)."""
        adjacency = self.adjacency(starts)
        return [group for group in components(adjacency) if len(group) > 1 or group[0] in adjacency[group[0]]]

    def circles_reached(self, starts: Iterable[str], circles: Sequence[Sequence[str]]) -> dict[str, int]:
        """For each module in reach of the starts, the circles that importing it reaches, as a set of bits."""
        adjacency = self.adjacency(starts)
        reached = {name: 1 << number for number, circle in enumerate(circles) for name in circle}
        for group in components(adjacency):  # what is imported comes first
            bits = 0
            for name in group:
                bits |= reached.get(name, 0)
                for target in adjacency[name]:
                    bits |= reached.get(target, 0)
            for name in group:
                reached[name] = bits
        return reached

    def leading_to(self, starts: Iterable[str], targets: Iterable[str]) -> set[str]:
        """The modules in reach of the starts from which one of the targets is reached, targets included."""
        adjacency = self.adjacency(starts)
        importers: dict[str, list[str]] = {}
        for source, found in adjacency.items():
            for target in found:
                importers.setdefault(target, []).append(source)
        leading = {target for target in targets if target in adjacency}
        todo = list(leading)
        while todo:
            for source in importers.get(todo.pop(), ()):
                if source not in leading:
                    leading.add(source)
                    todo.append(source)
        return leading

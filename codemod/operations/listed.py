"""Packages that a build names one by one: `packages=["app", "app.core"]` in `setup.py`, `setup.cfg`, `pyproject.toml`.

A new package that such a list lacks is missing from what is built, and one that is gone stops the build.  So a list
follows its packages; what cannot be written into it is told.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Collection, Iterator, Sequence

from codemod.base import names, tomltext
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.plan.model import Settled
from codemod.references.keeping import keeping
from codemod.references.toml import tokens
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.listing import cut_items
from codemod.source.facts import parse_as_is
from codemod.source.inventory import Inventory
from codemod.source.modules import beneath
from codemod.source.nodes import every_node
from codemod.source.text import Text, Undecodable, line_start

from .context import Write

_FILES = ("setup.py", "setup.cfg", "pyproject.toml")
_TABLE = ("tool", "setuptools", "packages")
_OPTIONS = lazy(rb"(?m)^\[options\][^\r\n]*\r?\n(?P<body>(?:(?!\[)[^\n]*(?:\n|\Z))+)")
_VALUE = lazy(rb"(?m)^packages[ \t]*[=:](?P<value>[^\n]*(?:\n(?:[ \t][^\n]*|\r?(?=\n)))*)")
_WORD = lazy(rb"(?m)(?:^[ \t]*[#;][^\n]*)|(?P<name>[^\s,]+)")
_REST = lazy(rb"[ \t]*(?P<comma>,?)[ \t]*(?P<comment>#[^\r\n]*)?(?=[\r\n]|\Z)")


@dataclass(frozen=True, slots=True)
class _Item:
    """A package in a list, and the byte span of its literal."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _File:
    """A build's file and the lists in it; `bracketed` where elements stand in quotes, and commas between them."""

    path: str
    text: Text
    lists: tuple[tuple[_Item, ...], ...]
    bracketed: bool

    @property
    def names(self) -> frozenset[str]:
        """Every package that it lists."""
        return frozenset(item.name for items in self.lists for item in items)


def follow(
    before: Inventory, now: Inventory, settled: Sequence[Settled] = (), ours: Collection[str] = (), *,
    stays: bool = False,
) -> Iterator[Write]:  # fmt: skip
    """The builds' files with the packages that came and, unless each `stays`, without those that went.

    Lists with a kept line stay as they are, and so do `ours`.
    """
    for file, lacking, stale in _due(before, now):
        kept = keeping(settled, file.path, file.text.data)
        edits: list[Edit] = []
        for items in file.lists if file.path not in ours else ():
            if not any(kept is not None and kept(item.start) for item in items):
                edits += _edits(file, items, lacking, [] if stays else stale)
        if edits:
            data = file.text.raw(apply(file.text.data, edits))
            yield Write(file.path, data, "the packages of the distribution")


def unlisted(before: Inventory, after: Inventory) -> Iterator[Finding]:
    """A finding for each list that the phase leaves wrong."""
    for file, lacking, stale in _due(before, after):
        places = {item.name: file.text.line(item.start) for items in file.lists for item in items}
        for found, what, advice in (
            (lacking, "is a package that this list does not name", "add it, or it is missing from what is built"),
            (stale, "is named in this list, and is no package any more", "take it out, or the build stops there"),
        ):
            if found:
                line = places[found[0] if found[0] in places else _listed_above(found[0], places)]
                more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
                place = Place(file.path, line)
                yield Finding("package-not-listed", f"{found[0]}{more} {what}", Weight.REVIEW, place, advice)


def _due(before: Inventory, now: Inventory) -> Iterator[tuple[_File, list[str], list[str]]]:
    """(file, what its lists lack, what they should not name any more) of each build's file that is wrong."""
    changed = [path for path, _, _ in before.tree.delta(now.tree) if path.endswith("/__init__.py")]
    for path in now.tree.files(_FILES) if changed else ():
        file = _read(now, path) if posixpath.basename(path) in _FILES else None
        if file is None:
            continue
        listed, earlier = file.names, _read(before, path)
        was = earlier.names if earlier is not None else frozenset()
        found = (now.modules.at(other) for other in changed if beneath(other, posixpath.dirname(path)))
        there = sorted(module.name for module in found if module is not None)
        lacking = [
            name
            for name in there
            if name not in listed and (name in was or before.modules.get(name) is None)
            if _above(before, name, listed)
        ]
        stale = sorted(name for name in listed if before.modules.get(name) and now.modules.get(name) is None)
        if lacking or stale:
            yield file, lacking, stale


def _above(before: Inventory, name: str, listed: Collection[str]) -> bool:
    """True when the list names what the package lies in; what it left out before, it leaves out with all inside."""
    while name := names.parent(name):
        if name in listed:
            return True
        if before.modules.get(name) is not None:
            return False
    return False


def _listed_above(name: str, listed: Collection[str]) -> str:
    while name and name not in listed:
        name = names.parent(name)
    return name


# -- reading


def _read(inventory: Inventory, path: str) -> _File | None:
    """The lists of a file; None where it has none, or its packages are found by a search."""
    entry = inventory.tree.entry(path)
    if entry is None or not entry.is_file:
        return None
    try:
        text = Text.of(inventory.tree.read(path))
        if path.endswith(".py"):
            lists = tuple(_in_script(text))
        elif path.endswith(".cfg"):
            lists = tuple(_in_settings(text.data))
        else:
            lists = tuple(_in_toml(text.data))
    except (Undecodable, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _File(path, text, lists, not path.endswith(".cfg")) if lists else None


def _in_script(text: Text) -> Iterator[tuple[_Item, ...]]:
    """The literals in the lists behind `packages`, be it an argument, a key or a name."""
    values: list[ast.expr] = []
    for node in every_node(parse_as_is(text.data)):
        if isinstance(node, ast.keyword) and node.arg == "packages":
            values.append(node.value)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            values += [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "packages"]
        elif isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["packages"]:
            values.append(node.value)
    inside = [node for value in values for node in ast.walk(value)]
    if any(isinstance(node, ast.Call) for node in inside):
        return
    for node in inside:
        items = [_item(text, one) for one in node.elts] if isinstance(node, (ast.List, ast.Tuple)) else []
        if any(items):
            yield tuple(item for item in items if item is not None)


def _item(text: Text, node: ast.expr) -> _Item | None:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    return _Item(node.value, text.offset(node.lineno, node.col_offset), end)


def _in_settings(data: bytes) -> Iterator[tuple[_Item, ...]]:
    """The words behind `packages` in the options of `setup.cfg`."""
    options = _OPTIONS.search(data)
    value = _VALUE.search(data, *options.span("body")) if options is not None else None
    words = _WORD.finditer(data, *value.span("value")) if value is not None else ()
    items = [_Item(found["name"].decode("utf-8", "replace"), *found.span("name")) for found in words if found["name"]]
    if items and not items[0].name.startswith(("find:", "find_namespace:")):
        yield tuple(items)


def _in_toml(data: bytes) -> Iterator[tuple[_Item, ...]]:
    """The strings of `tool.setuptools.packages`."""
    said = tomltext.loads(data.decode("utf-8")).get("tool", {}).get("setuptools", {}).get("packages")
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        return
    found = [token for token in tokens(data) if token.key == _TABLE and not token.is_key]
    if [data[token.start : token.end].decode("utf-8") for token in found] == said and found:
        yield tuple(
            _Item(name, token.start - len(token.quote), token.end + len(token.quote))
            for name, token in zip(said, found, strict=True)
        )


# -- writing


def _edits(file: _File, items: Sequence[_Item], lacking: Sequence[str], stale: Sequence[str]) -> Iterator[Edit]:
    """The edits to one list: new packages stand behind the last one beside them."""
    data = file.text.data
    leaving = [number for number, item in enumerate(items) if item.name in stale]
    staying = [item for item in items if item.name not in stale]
    behind: dict[_Item, list[str]] = {}
    for name in lacking:
        above = _listed_above(name, {item.name for item in staying})
        near = [item for item in staying if names.within(item.name, above) and item.name < name] if above else []
        if near:
            behind.setdefault(near[-1], []).append(name)
    spans = [(item.start, item.end) for item in items]
    yield from (Edit(start, end, b"") for start, end in cut_items(data, spans, leaving))
    for item, fresh in behind.items():
        yield from _inserted(file, item, fresh)


def _inserted(file: _File, item: _Item, fresh: Sequence[str]) -> Iterator[Edit]:
    """New packages behind an element, laid out as it is."""
    data = file.text.data
    mark = data[item.end - 1 : item.end] if file.bracketed else b""
    written = [mark + name.encode() + mark for name in fresh]
    first, rest = line_start(data, item.start), _REST.match(data, item.end)
    indent = data[first : item.start]
    if rest is None or indent.strip() or not indent:
        yield Edit(item.end, item.end, b"".join(b", " + one for one in written))
        return
    comma = rest["comma"] or (b"," if file.bracketed else b"")
    lines = [file.text.newline + indent + one for one in written]
    if rest["comma"] or not comma:
        yield Edit(rest.end(), rest.end(), b"".join(line + comma for line in lines))
    elif rest["comment"]:
        yield Edit(item.end, item.end, comma)
        yield Edit(rest.end(), rest.end(), comma.join(lines))
    else:
        yield Edit(item.end, item.end, b"".join(comma + line for line in lines))

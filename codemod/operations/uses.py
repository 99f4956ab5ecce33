"""Where modules are used: imports, and strings and configuration that name them."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Collection, Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.references.byname import called
from codemod.references.registered import GETTING
from codemod.source.embedded import type_comments
from codemod.source.facts import Unparsable, parse
from codemod.source.graph import links_of
from codemod.source.inventory import Inventory
from codemod.source.ours import blocks, phase_marks, shim_of
from codemod.source.text import Text, Undecodable

_PROSE = (".md", ".markdown", ".rst", ".txt", ".html", ".adoc", ".lock", ".svg", ".csv", ".po")
_PROSE_NAMES = lazy(r"(?i)(changes|changelog|history|news|license|authors|copying|codeowners|pkg-info|\.gitignore)")
_COPIED = lazy(rb"[ \t]*(?:COPY|ADD)[ \t]+(?:--\S+[ \t]+)*\Z")  # what stands before the first path of an instruction
_TOO_LONG = 2_000_000
_BANNED = lazy(rb"\s*[\"'][\w.]+[\"'](?:\.msg|[ \t]*=[ \t]*\{[ \t]*msg)[ \t]*=")  # a line of ruff's banned-api
_GROUP = lazy(rb"\s*\[[\w.-]*(?:entry-points|plugins)\.[\"']")  # what plugins register under, no module
_GROUPING = frozenset({"entry_points", "iter_entry_points", "select"})
_LABELLED = GETTING | {"iter_entry_points"}  # calls whose first value is such a name
_PLAN = lazy(rb"(?:^|[\s{,])[\"']?phases[\"']?\s*:", re.MULTILINE)


def importers(inventory: Inventory, modules: Collection[str], spare: Collection[str] = ()) -> Iterator[Place]:
    """Places that import one of `modules` or something below it, at any time; files in `spare` do not count."""
    wanted = {names.last(module).encode() for module in modules}
    for path in inventory.tree.paths:
        if not path.endswith((".py", ".pyi")) or path in spare or not _is_file(inventory, path):
            continue
        data = inventory.tree.read(path)
        module = inventory.modules.at(path)
        if module is None or not any(last in data for last in wanted):
            continue
        for link in links_of(inventory, module):
            if any(names.within(link.target, name) for name in modules):
                yield Place(path, link.line)


def mentions(inventory: Inventory, dotted: Collection[str], spare: Collection[str] = ()) -> Iterator[Place]:
    """Places outside prose that name one of `dotted` in a string or in configuration.

    Plans, files with a mark of ours and shims do not count.
    """
    if not dotted:
        return
    every = b"|".join(re.escape(name.encode()) for name in sorted(dotted, key=len, reverse=True))
    paths = b"|".join(re.escape(name.replace(".", "/").encode()) for name in sorted(dotted, key=len, reverse=True))
    named = re.compile(rb"(?<![\w./-])(?:" + every + rb")(?![\w-])|(?<![\w-])(?:" + paths + rb")(?:\.pyi?\b|/)")
    for path in inventory.tree.paths:
        if path in spare or not _is_file(inventory, path) or is_prose(path):
            continue
        data = inventory.tree.read(path)
        if not named.search(data) or is_ours(path, data):
            continue
        if path.endswith((".py", ".pyi")):
            yield from _in_strings(path, data, dotted)
        else:
            for found in named.finditer(data):
                line = data[data.rfind(b"\n", 0, found.start()) + 1 :].partition(b"\n")[0]
                if not (path.endswith(".toml") and (_BANNED.match(line) or _GROUP.match(line))):
                    yield Place(path, data.count(b"\n", 0, found.start()) + 1)


def code_of(data: bytes) -> bytes:
    """What a file says without comments, and without docstrings that run nothing; all of it where it does not parse."""
    try:
        text = Text.of(data)
        tree = parse(text)
    except (Unparsable, Undecodable):
        return data
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.body = [inner for inner in node.body if not _says_only(inner)]  # type: ignore[attr-defined]
    typed = [text.data[start:end] for start, end in type_comments(text)]
    return b"\n".join([ast.unparse(tree).encode("utf-8", "replace"), *typed])


def _says_only(node: ast.stmt) -> bool:
    value = node.value.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) else None
    return isinstance(value, str) and ">>>" not in value


def named_paths(inventory: Inventory, paths: Collection[str], spare: Collection[str] = ()) -> Iterator[Place]:
    """Places outside prose that spell the path of one of these files."""
    spelled = [path.encode() for path in paths]
    for path in inventory.tree.paths:
        if path in spare or not _is_file(inventory, path) or is_prose(path):
            continue
        data = inventory.tree.read(path)
        at = next((data.find(text) for text in spelled if text in data), -1)
        if at >= 0 and not is_ours(path, data):
            yield Place(path, data.count(b"\n", 0, at) + 1)


def left_behind(
    inventory: Inventory, gone: Collection[str], moved: Collection[str] = (), whole: Collection[str] = ()
) -> Iterator[Finding]:
    """Places outside prose that name a folder of which these files were the last: `COPY services/a/app ...`.

    `gone` are files that still stand there, `moved` others that have left; what names the folders that moved as a
    `whole` was looked at before.
    """
    kept = [path for path in inventory.tree.paths if path not in gone]
    folders = {above for path in (*gone, *moved) for above in _above(path)} - {a for path in kept for a in _above(path)}
    folders -= {folder for folder in folders if any(f"{folder}/".startswith(f"{other}/") for other in whole)}
    if not folders:
        return
    every = b"|".join(re.escape(folder.encode()) for folder in sorted(folders, key=len, reverse=True))
    spelled = re.compile(rb"(?<![\w./-])(?:\./)?(?P<folder>" + every + rb")(?![\w.-]|/[\w.*])")
    words = {posixpath.basename(folder).encode() for folder in folders}
    for path in kept:
        data = inventory.tree.read(path) if _is_file(inventory, path) and not is_prose(path) else b""
        if not any(word in data for word in words) or is_ours(path, data):
            continue
        places: dict[str, int] = {}
        for found in spelled.finditer(data):
            if b"/" in found[0] or _is_folder(path, data, found):
                places.setdefault(found["folder"].decode(), found.start())
        for folder, start in places.items():
            yield Finding(
                "deleted-folder-named", f"{folder} is named here, and there no more", Weight.REVIEW,
                Place(path, data.count(b"\n", 0, start) + 1), "name the folder where its content is now",
            )  # fmt: skip


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in."""
    while path := posixpath.dirname(path):
        yield path


def _is_folder(path: str, data: bytes, found: re.Match[bytes]) -> bool:
    """True when a single name is a folder's and no word of a text: by a slash, as what is copied, in a list of TOML."""
    start, end = found.span()
    if data.startswith(b"/", end):
        return True
    line = data[data.rfind(b"\n", 0, start) + 1 : start]
    quoted = data[start - 1 : start] in (b"'", b'"') and data[end : end + 1] == data[start - 1 : start]
    return bool(_COPIED.match(line)) or (quoted and path.endswith(".toml"))


def is_prose(path: str) -> bool:
    """True for files whose words are for people."""
    base = posixpath.basename(path)
    return path.lower().endswith(_PROSE) or bool(_PROSE_NAMES.match(base) and not path.endswith(".py"))


def is_ours(path: str, data: bytes) -> bool:
    """True for plans, shims and generated files."""
    if len(data) > _TOO_LONG or b"\0" in data[:1000]:
        return True
    if path.endswith((".py", ".pyi")):
        return shim_of(data) is not None or bool(blocks(data)) or data.startswith(b"# codemod: guard ")
    if path.endswith((".yaml", ".yml", ".json")) and _PLAN.search(data) and b"version" in data:
        return True
    return b"codemod" in data and bool(phase_marks(data)) and not path.endswith(".toml")


def _in_strings(path: str, data: bytes, dotted: Collection[str]) -> Iterator[Place]:
    try:
        tree = parse(Text.of(data))
    except (Unparsable, Undecodable):
        return
    labels = _labels(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in labels:
            text = node.value.replace(":", ".")
            if names.is_dotted(text) and any(names.within(text, name) for name in dotted):
                yield Place(path, node.lineno, node.col_offset + 1)


def _labels(tree: ast.AST) -> set[int]:
    """The literals that name a logger or a group of entry points: it may be called like a module, and is none."""
    found: set[int] = set()
    for node in ast.walk(tree):
        function = called(node) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and function in _GROUPING:
            found.update(id(keyword.value) for keyword in node.keywords if keyword.arg == "group")
        if isinstance(node, ast.Call) and function in _LABELLED:
            found.update(id(given) for given in node.args[:1])
    return found


def _is_file(inventory: Inventory, path: str) -> bool:
    entry = inventory.tree.entry(path)
    return entry is not None and entry.is_file

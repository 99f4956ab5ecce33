"""Scripts in a package's folder that import a neighbour by its bare name: it works where they are run by their path."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator, Mapping

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Intent
from codemod.source.facts import Import
from codemod.source.inventory import Inventory
from codemod.source.modules import Module, at_root, beneath
from codemod.source.tree import Tree

_DECLARING = lazy(r"pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment\.ya?ml|.*requirements.*\.(?:txt|in)")

_GUARD = lazy(rb"(?m)^if[ \t(]+__name__[ \t]*==[ \t]*[\"']__main__")
_BEGINNING = re.compile(rb"\n(?:\xef\xbb\xbf)?[ \t]*(?:from|import)[ \t]+([\w\x80-\xff]+)")


@dataclass(slots=True)
class Neighbours:
    """For each such script the modules that its bare names mean; findings where that cannot be told or followed."""

    meant: dict[str, dict[str, Module]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, path: str, module: Module) -> None:
        """In the file at `path` the module's last name means the module."""
        self.meant.setdefault(path, {})[names.last(module.name)] = module


def neighbours(inventory: Inventory, intent: Intent) -> Neighbours:
    """Who imports a moving module by its bare name from the same package folder."""
    found = Neighbours()
    said: dict[str, dict[str, set[bytes]]] = {}  # folder -> file in it -> what its imports begin with
    for old, new in sorted(intent.modules.items()):
        module = inventory.modules.get(old)
        bare = names.last(old)
        if module is None or not module.path or bare in sys.stdlib_module_names or "." not in old:
            continue
        folder = posixpath.dirname(module.folder or module.path)
        if f"{folder}/__init__.py" not in inventory.tree or inventory.modules.find(bare) is not None:
            continue
        if folder not in said:
            said[folder] = dict(_beginnings(inventory.tree, folder))
        for path, statement in _sayings(inventory, said[folder], bare):
            if path in intent.files:
                continue  # moves itself, and with it what lies beside it
            if not _is_meant(inventory, path, statement, module):
                continue
            if beneath(at_root(module.root, new.replace(".", "/")), folder):
                found.add(path, module)
            else:
                found.findings.append(
                    Finding(
                        "neighbour-by-bare-name", f"`{bare}` means {old}, which leaves the folder, when this file is"
                        " run by its path", Weight.REVIEW, Place(path, statement.line),
                        f"import {new} by its whole name, and run the file with -m",
                    )
                )  # fmt: skip
    return found


def hiding(inventory: Inventory, intent: Intent) -> Iterator[Finding]:
    """New modules that hide one of the standard library's from a script beside them, whose folder comes first."""
    for path in sorted(intent.files.values()):
        whole = path.removesuffix("/__init__.py").removesuffix(".py")
        folder, stem = posixpath.split(whole)
        there = f"{whole}.py" in inventory.tree or f"{whole}/__init__.py" in inventory.tree
        if there or not folder or stem not in sys.stdlib_module_names or not path.endswith(".py"):
            continue
        package = f"{folder}/__init__.py" in inventory.tree
        for script in inventory.tree.below(folder):
            entry = inventory.tree.entry(script) if script.endswith(".py") else None
            if posixpath.dirname(script) != folder or script in intent.files or entry is None or not entry.is_file:
                continue
            data = inventory.tree.read(script)
            if data.startswith(b"#!") or (not package and _GUARD.search(data)):
                yield Finding(
                    "standard-module-hidden", f"{path} hides the standard library's {stem} when this file is run by its"
                    " path", Weight.REVIEW, Place(script), "choose another name, or run the file with -m",
                )  # fmt: skip


def _beginnings(tree: Tree, folder: str) -> Iterator[tuple[str, set[bytes]]]:
    """(file, the words that follow `from` or `import` in it) of each Python file in a folder."""
    for path in tree.below(folder):
        entry = tree.entry(path) if path.endswith(".py") and posixpath.dirname(path) == folder else None
        if entry is not None and entry.is_file:
            text = b"\n" + tree.read(path)  # so that its first line begins like the others
            yield path, set(_BEGINNING.findall(text))


def _sayings(inventory: Inventory, said: Mapping[str, set[bytes]], bare: str) -> Iterator[tuple[str, Import]]:
    """(file, statement) for each import of the bare name in some files."""
    for path, words in said.items():
        if bare.encode() in words:
            for statement in inventory.facts(path).imports:
                if bare in _tops(statement):
                    yield path, statement


def _said(bare: str) -> re.Pattern[bytes]:
    end = rb"(?![\w\x80-\xff])"
    return re.compile(rb"(?m)^(?:\xef\xbb\xbf)?[ \t]*(?:from|import)[ \t]+" + re.escape(bare.encode()) + end)


def _tops(statement: Import) -> set[str]:
    if statement.is_from:
        return set() if statement.level else {names.top(statement.module or "")}
    return {names.top(alias.name) for alias in statement.aliases}


def _is_relative(statement: Import, bare: str) -> bool:
    """The first half of `try: from .user import N; except ImportError: from user import N`."""
    if statement.level != 1 or statement.guard != "fallback":
        return False
    return statement.module == bare or (not statement.module and any(a.name == bare for a in statement.aliases))


def _is_meant(inventory: Inventory, path: str, statement: Import, module: Module) -> bool:
    """True when the bare name means the neighbour, not a distribution of that name."""
    facts, bare = inventory.facts(path), names.last(module.name)
    if statement.guard == "fallback" and any(_is_relative(other, bare) for other in facts.imports):
        return True
    known = inventory.facts(module.path)
    if any(bare in _tops(other) for other in known.imports):
        return False  # a module around the distribution whose name it has
    if statement.is_from and not all(alias.name in known.bound or alias.name == "*" for alias in statement.aliases):
        return False
    said, word = _said(bare), re.compile(rb"(?<![\w.-])" + re.escape(bare.encode()) + rb"(?![\w-])", re.IGNORECASE)
    for other_path in inventory.tree.paths:
        entry = inventory.tree.entry(other_path)
        if entry is None or not entry.is_file:
            continue
        elsewhere = other_path.endswith(".py") and posixpath.dirname(other_path) != posixpath.dirname(path)
        if elsewhere and said.search(inventory.tree.read(other_path)):
            return False
        if _DECLARING.fullmatch(posixpath.basename(other_path)) and word.search(inventory.tree.read(other_path)):
            return False
    return True

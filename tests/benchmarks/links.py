"""Which internal imports of a tree do not resolve (`python links.py TOP`); it shares nothing with the engine."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path


class Links:
    """The modules below some roots, by dotted name, and what they bind."""

    def __init__(self, top: Path, roots: tuple[str, ...] = (".",)) -> None:
        self.top = top
        self.files: dict[str, Path] = {}
        self.folders: set[str] = set()
        for root in roots:
            for path in sorted((top / root).rglob("*.py")):
                parts = path.relative_to(top / root).with_suffix("").parts
                if any(not part.isidentifier() for part in parts):
                    continue
                self.folders |= {".".join(parts[:depth]) for depth in range(1, len(parts))}
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                if name not in self.files or parts[-1] == "__init__":
                    self.files[name] = path
        self.tops = {name.partition(".")[0] for name in self.files}
        self.bound = cache(self._bound)

    def exists(self, name: str) -> bool:
        """A module, a package, or a namespace package."""
        return name in self.files or name in self.folders

    def _bound(self, name: str) -> frozenset[str] | None:
        """The names bound anywhere in the module's text; None when that cannot be told."""
        if name not in self.files:
            return frozenset()
        try:
            tree = ast.parse(self.files[name].read_bytes())
        except (SyntaxError, ValueError):
            return None
        found: set[str] = set()
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef(name="__getattr__"):
                    return None
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    found.add(node.name)
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    if any(alias.name == "*" for alias in names):
                        return None
                    found |= {alias.asname or alias.name.partition(".")[0] for alias in names}
                case ast.Name(id=identifier, ctx=ast.Store()):
                    found.add(identifier)
                case ast.Constant(value=str(value)):
                    found.add(value)  # globals()["name"] = ...
        return frozenset(found)

    def broken(self) -> Iterator[tuple[str, int, str]]:
        """(path, line, what) of each internal import that does not resolve."""
        for name, path in self.files.items():
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            try:
                tree = ast.parse(path.read_bytes())
            except (SyntaxError, ValueError):
                continue
            for node in ast.walk(tree):
                for what in self.unresolved(node, package):
                    yield str(path.relative_to(self.top)), node.lineno, what  # type: ignore[attr-defined]

    def unresolved(self, node: ast.AST, package: str) -> Iterator[str]:
        """What an import statement asks for and does not get."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] in self.tops and not self.exists(alias.name):
                    yield f"import {alias.name}"
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".") if package else []
                kept = parts[: len(parts) - node.level + 1]
                base = ".".join([*kept, *([node.module] if node.module else [])])
            if base.partition(".")[0] not in self.tops:
                return
            if not self.exists(base):
                yield f"from {base} import ..."
                return
            names = self.bound(base)
            for alias in node.names:
                known = alias.name == "*" or names is None or alias.name in names
                if not known and not self.exists(f"{base}.{alias.name}"):
                    yield f"from {base} import {alias.name}"


if __name__ == "__main__":
    print(json.dumps(list(Links(Path(sys.argv[1]), tuple(sys.argv[2:]) or (".",)).broken())))

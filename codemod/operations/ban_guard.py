"""The text of the pytest file that refuses imports of old names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

_GUARD = '''\
# codemod: guard {phase}
"""Nothing imports a name that has moved."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[{depth}]
SOURCE_ROOTS = [
{roots}
]
MOVED = {{
{moved}
}}
NOT_OURS = {{"build", "dist", "node_modules", "site-packages", "venv"}}


def python_files(folder: Path) -> Iterator[Path]:
    """Every Python file below a folder, but for hidden and installed ones."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in NOT_OURS:
            continue
        if path.is_dir() and not path.is_symlink():
            if not (path / "pyvenv.cfg").exists():
                yield from python_files(path)
        elif path.suffix in (".py", ".pyi"):
            yield path


def package_of(path: Path) -> list[str]:
    """The parts of the name of the package that a file belongs to."""
    roots = [ROOT / root for root in SOURCE_ROOTS]
    above = [root for root in roots if root in path.parents]
    root = max(above, key=lambda folder: len(folder.parts), default=ROOT)
    return list(path.parent.relative_to(root).parts)


def imported_names(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the absolute dotted name of everything that a file imports."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    package = package_of(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join(above + ([node.module] if node.module else []))
            for alias in node.names:
                yield node.lineno, module + "." + alias.name


def moved_to(name: str) -> str | None:
    """Where a name has gone, if it or something above it has moved."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        old = ".".join(parts[:end])
        if old in MOVED:
            return MOVED[old]
    return None


def test_nothing_imports_a_name_that_has_moved() -> None:
    found = [
        f"{{path.relative_to(ROOT)}}:{{line}} imports {{name}}: {{moved_to(name)}}"
        for path in python_files(ROOT)
        for line, name in imported_names(path)
        if moved_to(name) is not None
    ]
    assert not found, "\\n".join(found)
'''


def guard_text(phase: str, path: str, roots: Sequence[str], moved: Mapping[str, str]) -> str:
    """The guard of a phase, for its place in the repository."""
    rows = [f'    "{old}": "{"moved to " + new if new else "is gone"}",' for old, new in moved.items()]
    return _GUARD.format(
        phase=phase,
        depth=path.count("/"),
        roots="\n".join(f"    {json.dumps(root, ensure_ascii=False)}," for root in roots),
        moved="\n".join(rows),
    )

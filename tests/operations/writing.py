"""What the cases of writing operations share: a tree from text, an operation run on it twice, code run for real."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codemod.base.findings import Finding
from codemod.operations.context import Context, Write
from codemod.plan.model import Operation, Phase, Plan
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

Files = Mapping[str, str]


def tree_of(files: Files) -> Tree:
    """A tree from text."""
    return Tree.of({path: text.encode() for path, text in files.items()})


@dataclass(frozen=True)
class Ran:
    """What an operation came to."""

    tree: Tree
    findings: tuple[Finding, ...]
    writes: tuple[Write, ...]

    @property
    def codes(self) -> list[str]:
        """The reason codes, in order."""
        return [finding.code for finding in self.findings]

    def text(self, path: str) -> str:
        """A file of the tree afterwards."""
        return self.tree.read(path).decode()


def apply_results(tree: Tree, results: Iterator[Write | Finding]) -> Ran:
    """Carry out writes, collect findings."""
    writes: list[Write] = []
    findings: list[Finding] = []
    for result in results:
        if isinstance(result, Write):
            writes.append(result)
        else:
            findings.append(result)
    gone = {write.path for write in writes if write.data is None}
    new = {write.path: write.data for write in writes if write.data is not None}
    return Ran(tree.changed(writes=new, deletes=gone), tuple(findings), tuple(writes))


def context_of(
    tree: Tree, *operations: Operation, plan: Plan | None = None, before: Tree | None = None, **more: Any
) -> Context:
    """A context whose phase is `change` with these operations."""
    phase = Phase("change", operations)
    plan = plan or Plan("case", (phase,))
    phase = next((p for p in plan.phases if p.id == phase.id), phase)
    now = Inventory(tree)
    return Context(plan, phase, now.after(before) if before is not None else now, now, **more)


def perform(
    run: Callable[..., Iterator[Write | Finding]], operation: Operation, files: Files | Tree, **more: Any
) -> Ran:
    """Run an operation; a second run must not write, every Python file must still parse."""
    tree = files if isinstance(files, Tree) else tree_of(files)
    first = apply_results(tree, run(operation, context_of(tree, operation, **more)))
    again = apply_results(first.tree, run(operation, context_of(first.tree, operation, **more)))
    assert not again.writes, f"a second run writes again: {again.writes}"
    for write in first.writes:
        if write.path.endswith((".py", ".pyi")) and write.data is not None:
            ast.parse(write.data)
    return first


def write_to(tree: Tree, folder: Path) -> None:
    """Put a tree on the disk."""
    for path in tree.paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(tree.read(path))


def python(folder: Path, *arguments: str, code: int = 0, roots: tuple[str, ...] = (".",)) -> tuple[str, str]:
    """Run Python in a folder; (stdout, stderr)."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env |= {"PYTHONPATH": os.pathsep.join(str(folder / root) for root in roots), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=env, text=True, capture_output=True, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout, done.stderr

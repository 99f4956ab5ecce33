"""What the tests of motion, split and merge share: carry out, follow the references, and look at what comes out."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from codemod.operations.merge import MergeResult, merge
from codemod.operations.motion import Motion, MotionResult, carry_out
from codemod.plan.model import Merge
from codemod.references.rewriting import rewrite_references
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

Files = Mapping[str, str | bytes]


def tree_of(files: Files) -> Tree:
    """A tree from text."""
    return Tree.of({path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()})


def move(files: Files, *rows: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[dict[str, str], MotionResult]:
    """Carry out motions (source, name, target[, new name]); the whole tree as text behind the references pass."""
    tree = tree_of(files)
    inventory = Inventory(tree)
    result = carry_out(inventory, [Motion(*row) for row in rows])
    if result.blocked:
        return {path: tree.read(path).decode() for path in tree}, result
    now = inventory.after(tree.changed(moves=result.moves, writes={**result.creates, **result.writes}))
    done = rewrite_references(now, Intent(symbols=result.symbols))
    after = now.tree.changed(writes=done.writes)
    return {path: after.read(path).decode() for path in after}, result


def unite(files: Files, target: str, *sources: str) -> tuple[dict[str, str], MergeResult]:
    """Merge modules; the whole tree as text behind the references pass."""
    tree = tree_of(files)
    inventory = Inventory(tree)
    result = merge(Merge(target, sources), inventory)
    if result.blocked:
        return {path: tree.read(path).decode() for path in tree}, result
    now = inventory.after(tree.changed(moves=result.moves, writes=result.writes, deletes=set(result.deletes)))
    done = rewrite_references(now, Intent(modules=result.modules))
    after = now.tree.changed(writes=done.writes)
    return {path: after.read(path).decode() for path in after}, result


def codes(result: MotionResult | MergeResult) -> list[str]:
    """The codes of what blocks."""
    return sorted({finding.code for finding in result.findings if finding.blocks})


def output(files: Files, *command: str) -> str:
    """What a command prints in a folder with these files; it must succeed."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            at = Path(folder, path)
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def same_behaviour(before: Files, after: Files, *commands: Sequence[str]) -> None:
    """Each command prints the same in both trees."""
    for command in commands or (("main.py",),):
        assert output(after, *command) == output(before, *command)

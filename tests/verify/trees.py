"""Two trees and an intent, kept as text, and what the checks say of them.

A case file reads:

    title
    modules: {app.user: app.accounts.user}         (optional; the modules' files move with them)
    symbols: {"app.user:User": "app.core:Member"}  (optional)
    candidates: [app/main.py]                      (optional; every file unless it is there)
    -- app/user.py --
    class User: pass
    == after ==
    -- app/other.py --                             (files that are not named stay, or move, as they were)
    -- app/gone.py gone --
    == findings ==
    link-broken app/main.py:1:22: message (hint)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from codemod.base.findings import Finding
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree
from codemod.verify import links, order

FOLDER = Path(__file__).parent / "cases"
_SECTION = re.compile(r"^-- (\S+)( gone)? --\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One case file, taken apart."""

    file: Path
    head: str  # everything above the expectation, as written
    before: Inventory
    after: Inventory
    intent: Intent
    candidates: tuple[str, ...]
    findings: str

    @property
    def changed(self) -> list[str]:
        """Paths, after, whose content is not what it was."""
        return [path for path, _, now in self.before.tree.delta(self.after.tree) if now is not None]

    def run(self) -> list[Finding]:
        """What both checks find."""
        found = links.check(self.before, self.after, self.intent, self.changed, self.candidates)
        return [*found, *order.check(self.before, self.after, self.intent, self.changed)]


def inventory(files: dict[str, bytes]) -> Inventory:
    """The inventory of some files, the top folder their only root."""
    return Inventory(Tree.of(files), ["."])


def cases(family: str) -> list[Case]:
    """The case files of a family."""
    return [read(file) for file in sorted((FOLDER / family).glob("*.txt"))]


def read(file: Path) -> Case:
    """A case file; AssertionError where it is not one."""
    text = file.read_text(encoding="utf-8")
    head, mark, findings = text.partition("== findings ==\n")
    start, second, after = head.partition("== after ==\n")
    assert mark and second, f"{file}: needs == after == and == findings =="
    top, files, _ = _files(start)
    notes = yaml.safe_load(top.strip().partition("\n")[2]) or {}
    modules = notes.get("modules", {})
    moves = {f"{old.replace('.', '/')}.py": f"{new.replace('.', '/')}.py" for old, new in modules.items()}
    moves = {old: new for old, new in moves.items() if old in files}
    _, writes, gone = _files(after)
    left = {path: data for path, data in files.items() if path not in moves and path not in gone}
    now = left | {new: files[old] for old, new in moves.items()} | writes
    pairs = {_symbol(old): _symbol(new) for old, new in notes.get("symbols", {}).items()}
    before = inventory(files)
    candidates = tuple(notes.get("candidates", files))
    return Case(file, head, before, before.after(Tree.of(now)), Intent(modules, pairs, moves), candidates, findings)


def _files(text: str) -> tuple[str, dict[str, bytes], set[str]]:
    top, *rest = _SECTION.split(text)
    rows = list(zip(rest[::3], rest[1::3], rest[2::3], strict=True))
    return top, {path: data.encode() for path, gone, data in rows if not gone}, {path for path, gone, _ in rows if gone}


def _symbol(text: str) -> tuple[str, str]:
    module, _, name = text.partition(":")
    return module, name


def shown(findings: list[Finding]) -> str:
    """Findings as the case files hold them."""
    return "".join(
        f"{'' if f.blocks else f.weight.value + ' '}{f.code} {f.place}: {f.message} ({f.hint})\n" for f in findings
    )

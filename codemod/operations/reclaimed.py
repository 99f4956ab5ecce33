"""Names that a shim of an earlier phase keeps and this phase gives to something else: the shim goes first.

A shim that stayed would hide what arrives, or lead to itself: nothing can be called `app.user` and mean another module.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.source.inventory import Inventory
from codemod.source.ours import Block, blocks, shim_of

from .move import Row
from .shim_standing import has_own, in_lines, is_shim, is_starred, is_typed, shims_in, without_block
from .shim_text import entries_of, forward_of, redirect_block, renamed_block, table_of


@dataclass(slots=True)
class Reclaimed:
    """The tree without the shims that stand in the way, why each file changed, and what is told."""

    now: Inventory
    reasons: dict[str, str] = field(default_factory=dict)  # path -> why
    findings: list[Finding] = field(default_factory=list)


def reclaimed(before: Inventory, rows: Sequence[Row], targets: Collection[str]) -> Reclaimed:
    """Take out shims at the names that module rows and `targets` (of splits, merges and top-level names) bring to life.

    What a package's shim offers below it goes on being offered by a redirect, where a package takes its name.
    """
    if not targets and all(row.name or row.holds for row in rows):
        return Reclaimed(before)
    arriving = _Arriving.of(before, rows, targets)
    paths = [path for path in sorted(arriving.around(before)) if any(shims_in(path, before.tree.read(path)))]
    return _Reclaim(before, arriving).run(paths) if paths else Reclaimed(before)


@dataclass(frozen=True, slots=True)
class _Arriving:
    """What comes to be: modules by name, those of them that are no packages, packages made on the way."""

    modules: Mapping[str, str]  # new name -> old name, "" for a module that gets definitions
    plain: frozenset[str]
    packages: frozenset[str]

    @classmethod
    def of(cls, before: Inventory, rows: Sequence[Row], targets: Collection[str]) -> _Arriving:
        found = dict.fromkeys(targets, "")
        plain = set(targets)
        table = {row.module: row.new_module for row in rows if not row.name and not row.holds}
        for old, new in table.items():
            known = before.modules.get(old)
            found[new] = old
            if known is not None and not known.is_package:
                plain.add(new)
            if known is not None and known.is_package:
                inside = (m for m in before.modules.below(old) if not (m.path and is_shim(before, m.path)))
                found.update((names.renamed(m.name, table), m.name) for m in inside)
        above = {package for name in found for package in names.prefixes(names.parent(name))}
        return cls(found, frozenset(plain - above), frozenset(above - found.keys()))

    def around(self, before: Inventory) -> Iterator[str]:
        """The files in which a shim of such a name can stand: at the name, below it, and above it."""
        above = {package for name in (*self.modules, *self.packages) for package in names.prefixes(name)}
        there = [module for name in above if (module := before.modules.get(name)) is not None]
        known = {module.path for module in there}
        for module in there:
            if module.is_package and module.name in self.modules:
                known.update(inner.path for inner in before.modules.below(module.name))
        for path in sorted(known - {""}):
            for twin in (path, f"{path}i"):
                entry = before.tree.entry(twin)
                if entry is not None and entry.is_file:
                    yield twin

    def takes(self, name: str) -> bool:
        """True when a name is a module's or a package's again, or lies below a module, where nothing can."""
        return name in self.modules or name in self.packages or any(names.below(name, one) for one in self.plain)


@dataclass(slots=True)
class _Reclaim:
    before: Inventory
    arriving: _Arriving
    writes: dict[str, bytes] = field(default_factory=dict)
    deletes: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def run(self, paths: Iterable[str]) -> Reclaimed:
        for path in paths:
            data = self.before.tree.read(path)
            if shim_of(data) is not None:
                self.whole(path, data)
            else:
                self.blocks(path, data)
        if not self.writes and not self.deletes:
            return Reclaimed(self.before)
        tree = self.before.tree.changed(writes=self.writes, deletes=self.deletes)
        reasons = dict.fromkeys([*self.writes, *self.deletes], "the name of a shim is in use again")
        return Reclaimed(self.before.after(tree), reasons, self.findings)

    def whole(self, path: str, data: bytes) -> None:
        """A file that is a shim: it goes, but for a table of what it offers below a package that comes back."""
        old, new = shim_of(data) or ("", "")
        table = {name: target for name, target in table_of(data.decode()).items() if name != old}
        if not self.arriving.takes(old):
            return
        self.deletes.add(path)
        if path.endswith(".pyi"):
            return
        self.tell(path, old, new)
        if old in self.arriving.packages and path.endswith("/__init__.py"):
            left = {**self.below(old, new), **{n: t for n, t in table.items() if not self.arriving.takes(n)}}
            if left:
                self.deletes.discard(path)
                self.writes[path] = in_lines(redirect_block(left), data)

    def blocks(self, path: str, data: bytes) -> None:
        """A file with blocks: what they say of names that are in use again goes."""
        module = self.before.modules.at(path)
        home = module.name if module is not None else ""
        for block in reversed(blocks(data)):
            text = self.block(path, block, home)
            if text is not None and text:
                data = data[: block.start] + in_lines(text, data) + data[block.end :]
            elif text is not None:
                data = without_block(data, block)
        if data != self.before.tree.read(path):
            self.writes[path] = data

    def block(self, path: str, block: Block, home: str) -> str | None:
        """What a block is to say; "" when nothing is left of it, None where it stays."""
        if block.kind == "redirect":
            return self.redirect(path, table_of(block.inner.decode()))
        if block.kind == "forward":
            old, new = forward_of(block)
            if old not in self.arriving.plain:
                return None
            self.tell(path, old, new)
            return ""
        entries = entries_of(block)
        kept = tuple(entry for entry in entries if names.join(home, entry.name) not in self.arriving.modules)
        if kept == entries:
            return None
        for entry in entries:
            if entry not in kept:
                self.tell(path, entry.old, names.join(entry.module, entry.new))
        return renamed_block(kept, has_own(block), is_typed(block), is_starred(block)) if kept else ""

    def redirect(self, path: str, table: Mapping[str, str]) -> str | None:
        after: dict[str, str] = {}
        for old, new in table.items():
            if not self.arriving.takes(old):
                after[old] = new
            elif new:
                self.tell(path, old, new)
                after.update((n, t) for n, t in self.below(old, new).items() if n not in table)
        if after == table:
            return None
        return redirect_block(after) if any(after.values()) else ""

    def below(self, old: str, new: str) -> dict[str, str]:
        """(old, new) of what lay below a package and does not come back: it is to be found one by one now."""
        found: dict[str, str] = {}
        for child in self.before.modules.children(new):
            name = names.join(old, names.last(child.name))
            if name in self.arriving.packages or (name in self.arriving.modules and child.is_package):
                found.update(self.below(name, child.name))
            elif not self.arriving.takes(name) and not (child.path and is_shim(self.before, child.path)):
                found[name] = child.name
        return found

    def tell(self, path: str, old: str, new: str) -> None:
        """That a name means something else now, unless what it led to is what comes back."""
        if self.arriving.modules.get(old) != new:
            self.findings.append(
                Finding(
                    "shim-name-in-use", f"{old} is in use again, so no shim leads to {new} any more", Weight.NOTE,
                    Place(path),
                )
            )  # fmt: skip

"""Which of the names that a `split` replicates can have copies, and which are one object for the whole program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.plan.model import Split
from codemod.source.inventory import Inventory

from .motion_anatomy import Anatomy
from .motion_reads import Reads
from .motion_share import Replica
from .registrars import kind_of, parts_of
from .select import is_glob


@dataclass(frozen=True, slots=True)
class Replicated:
    """The names that a split replicates in a module that is there."""

    operation: Split
    inventory: Inventory
    anatomy: Anatomy
    names: tuple[str, ...]  # those that the module defines

    @classmethod
    def of(cls, operation: Split, inventory: Inventory, anatomy: Anatomy, defined: list[str]) -> Replicated:
        """Expand the globs; `defined` are the names that the module defines and that could move."""
        found = [n for n in defined if any(fnmatchcase(n, pattern) for pattern in operation.replicate)]
        return cls(operation, inventory, anatomy, tuple(found))

    def missing(self) -> list[str]:
        """Names that the plan spells out and the module does not define."""
        spelled = [*(n for n in self.operation.replicate if not is_glob(n)), *self.operation.assemble]
        known = self.anatomy.scopes.module.bindings
        return [name for name in dict.fromkeys(spelled) if name not in known]

    def replicas(self, leaving: set[str]) -> Iterator[Replica | Finding]:
        """A copy where copies can be, and a finding where they cannot; `leaving` are the names that go elsewhere."""
        reads = Reads(self.anatomy)
        key = self.operation.mark.key
        for name in self.names:
            kind = kind_of(self.inventory, self.anatomy, name)
            if name in leaving:
                yield self._finding(
                    "replica-sent", f"{name} is replicated, so it stays in {self.operation.source}", name,
                    f"take {name} out of `into`, or out of `replicate`", Weight.MISMATCH,
                )  # fmt: skip
            elif kind is None and (changed := self._changed(reads, name)):
                yield self._finding(
                    "replica-shared", f"{name} is one object for all that use it ({changed}), so the new modules "
                    "import it instead of having copies", name, "", Weight.NOTE,
                )  # fmt: skip
            elif kind is None or name in self.operation.assemble:
                yield Replica(self.operation.source, name, kind, key)
            elif any(name == known for known, _ in parts_of(self.inventory, self.anatomy)) or not self._sent(
                reads, name, leaving
            ):
                yield Replica(self.operation.source, name, None, key)
            else:
                yield self._finding(
                    "replica-unassembled", f"what is declared on the copies of {name} would be missing from {name} of "
                    f"{self.operation.source}", name, f"add `assemble: {name}`", Weight.REFUSAL,
                )  # fmt: skip

    def _sent(self, reads: Reads, name: str, leaving: set[str]) -> bool:
        found = reads.by_name.get(name, ())
        return any(read.when == "now" and read.piece.binds & leaving for read in found)

    def _changed(self, reads: Reads, name: str) -> str:
        """Why a value cannot be copied; "" where it can."""
        pieces = self.anatomy.definers(name)
        nodes = [node for piece in pieces for node in piece.nodes]
        if len(nodes) != 1 or not isinstance(nodes[0], (ast.Assign, ast.AnnAssign)) or pieces[0].binds != {name}:
            return "it is more than a value"
        if any(rebound == name for rebound, _, _ in reads.rebound()):
            return "functions rebind it"
        for read in reads.by_name.get(name, ()):
            decorated = any(read.use.node in _roots(node) for node in read.piece.nodes)
            if decorated:
                return f"line {read.use.node.lineno} declares something on it"
            if read.piece.is_effect and name in reads.changed_by(read.piece):
                return f"line {read.use.node.lineno} changes it"
        return ""

    def _finding(self, code: str, message: str, name: str, hint: str, weight: Weight) -> Finding:
        line = self.anatomy.text.line(self.anatomy.definers(name)[0].code)
        return Finding(code, message, weight, Place(self.anatomy.path, line), hint, self.operation.mark.key)


def _roots(node: ast.AST) -> list[ast.AST]:
    """The names that decorators of a definition begin with."""
    found: list[ast.AST] = []
    for decorator in getattr(node, "decorator_list", []):
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        found.append(inner)
    return found

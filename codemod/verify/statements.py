"""What statements and expressions say without being run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.source.facts import is_type_checking

from .ops import Chain


def comprehended(node: ast.ListComp | ast.SetComp | ast.DictComp) -> Iterator[ast.expr]:
    """What a comprehension computes in its own scope: all but its first iterable."""
    yield from [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for number, generator in enumerate(node.generators):
        yield from generator.ifs
        if number:
            yield generator.iter


def chain_of(node: ast.AST) -> Chain | None:
    """`a.b.C` as a chain; None where the root is not a name."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return (node.id, *reversed(parts))


def always(test: ast.expr) -> bool | None:
    """The value of a condition that is the same in every run."""
    if is_type_checking(test):
        return False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = always(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
        right = test.comparators[0]
        if isinstance(test.ops[0], ast.Eq) and isinstance(right, ast.Constant) and right.value == "__main__":
            return False
    return None


def caught(kind: ast.expr | None) -> frozenset[str] | None:
    """The exceptions that a handler catches, by their last names; None: all."""
    if kind is None:
        return None
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return frozenset((chain_of(k) or ("",))[-1] for k in kinds)


def strings(node: ast.expr) -> tuple[str, ...] | None:
    """The texts of a list or tuple; None when it holds anything else."""
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    values = tuple(e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str))
    return values if len(values) == len(node.elts) else None


def globals_in(node: ast.stmt) -> Iterator[ast.Global]:
    """The `global` statements in a block, nested blocks included."""
    stack: list[ast.stmt] = [node]
    while stack:
        found = stack.pop()
        if isinstance(found, ast.Global):
            yield found
        for field in ("body", "orelse", "finalbody"):
            stack.extend(getattr(found, field, ()))
        for part in [*getattr(found, "handlers", ()), *getattr(found, "cases", ())]:
            stack.extend(part.body)

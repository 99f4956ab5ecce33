"""The user's own codemods: loaded and called here, and nowhere else."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from codemod.base.errors import RepositoryError
from codemod.base.findings import Finding, Weight
from codemod.plan.model import Plan, Transform
from codemod.rewrite.usercode import Call, Factory, UserCodeError, caller
from codemod.source.modules import Module

if TYPE_CHECKING:
    import libcst


def load_codemods(plan: Plan, folders: Sequence[Path]) -> Mapping[Transform, Call]:
    """Every codemod that the plan names, from the first of `folders` that has it; raises RepositoryError.

    Call it only when the user has allowed code to run.
    """
    operations = [op for phase in plan.phases for op in phase.do if isinstance(op, Transform)]
    return {operation: load(operation, folders) for operation in operations}


def load(operation: Transform, folders: Sequence[Path]) -> Call:
    """One codemod, ready to be called; its errors become UserCodeError.  Raises RepositoryError."""
    module_name, _, class_name = operation.codemod.partition(":")
    with _searching(folders):
        try:
            factory: Factory = getattr(importlib.import_module(module_name), class_name)
        except Exception as error:  # whatever the user's module does when it is imported
            raise RepositoryError(
                Finding(
                    "transform-not-loaded", f"{operation.codemod} cannot be loaded: {_told(error)}", Weight.MISMATCH,
                    None, f"it is looked for in {', '.join(str(folder) for folder in folders)}", operation.mark.key,
                )
            ) from error  # fmt: skip
    return _guarded(caller(factory, operation.options), tuple(folders))


def _guarded(call: Call, folders: tuple[Path, ...]) -> Call:
    def guarded(tree: libcst.Module, path: str, module: Module | None) -> tuple[libcst.Module, tuple[str, ...]]:
        with _searching(folders):  # a codemod may import on the way
            try:
                return call(tree, path, module)
            except Exception as error:  # whatever the user's code does
                raise UserCodeError(_told(error)) from error

    return guarded


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@contextmanager
def _searching(folders: Sequence[Path]) -> Iterator[None]:
    """Imports look into `folders` first, and leave no bytecode in the user's tree."""
    path, written = list(sys.path), sys.dont_write_bytecode
    sys.path[:0] = [str(folder) for folder in folders]
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = written

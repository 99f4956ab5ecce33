"""`transform`: a user's own libcst codemod, its change made to the original bytes as small edits."""

from __future__ import annotations

from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Transform
from codemod.rewrite.usercode import Call, UserCodeError, apply
from codemod.source.facts import Unparsable, parse
from codemod.source.globs import matches
from codemod.source.modules import Module
from codemod.source.ours import shim_of
from codemod.source.text import Text

from .context import Context, Result, Write


def run(operation: Transform, context: Context) -> Result:
    """Every file that the operation's globs match, through the codemod."""
    call = context.codemods.get(operation)
    if call is None:
        yield Finding(
            "transform-needs-allow-code", f"{operation.codemod} is code of yours, which runs only when you say so",
            Weight.MISMATCH, None, "run again with --allow-code", operation.mark.key,
        )  # fmt: skip
        return
    inventory = context.now
    for path in inventory.tree.paths:
        entry = inventory.tree.entry(path)
        if not path.endswith((".py", ".pyi")) or entry is None or not entry.is_file:
            continue
        if matches(path, operation.paths):
            data = inventory.tree.read(path)
            if shim_of(data) is None:
                yield from _file(operation, call, path, data, inventory.modules.at(path))


def _file(operation: Transform, call: Call, path: str, data: bytes, module: Module | None) -> Result:
    try:
        found = apply(call, data, path, module)
        if found.data != data:
            parse(Text.of(found.data))
            again = apply(call, found.data, path, module)
            if again.data != found.data:
                yield _finding(operation, "transform-not-convergent", f"{path} changes again on a second run", path)
                return
    except UserCodeError as error:
        yield _finding(operation, "transform-failed", f"{operation.codemod} failed: {error}", path)
        return
    except Unparsable as error:
        yield _finding(operation, "transform-broke-syntax", f"{error}, line {error.line} of the result", path)
        return
    for warning in found.warnings:
        yield Finding("transform-warning", warning, Weight.NOTE, Place(path), "", operation.mark.key)
    if found.data != data:
        yield Write(path, found.data, operation.codemod)


def _finding(operation: Transform, code: str, message: str, path: str) -> Finding:
    hint = "correct the codemod, or leave the file out of `paths`"
    return Finding(code, message, Weight.REFUSAL, Place(path), hint, operation.mark.key)

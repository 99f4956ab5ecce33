"""`codemod inspect MODULE --split-hints`: a proposal to divide a module."""

from __future__ import annotations

from codemod.base.errors import PlanError, RepositoryError
from codemod.base.findings import Finding, Place, Weight

from .options import Given


def propose(given: Given, named: str) -> int:
    """Answer with the groups, what would cross between them, and the operation to paste into a plan."""
    from codemod.engine.look import open_tree
    from codemod.operations.hints import hints
    from codemod.report.hints import hints_document, hints_report
    from codemod.source.facts import Unparsable
    from codemod.source.text import Undecodable

    from .finding import module_of

    if not named:
        hint = "codemod inspect MODULE --split-hints"
        raise PlanError(Finding("usage", "--split-hints needs a module", Weight.REFUSAL, hint=hint))
    inventory = open_tree(given.repo)
    module = module_of(inventory, named)
    if not module.path:
        raise RepositoryError(
            _unreadable(f"{module.name} is a package without __init__", module.folder, "name a module")
        )
    try:
        found = hints(inventory, module)
    except (Unparsable, Undecodable) as error:
        finding = _unreadable(f"{module.name} cannot be read: {error}", module.path, "repair it first")
        raise RepositoryError(finding) from None
    if given.output.json:
        given.output.document(hints_document(found))
    else:
        given.output.result(hints_report(found))
    return 0


def _unreadable(message: str, path: str, hint: str) -> Finding:
    return Finding("source-unreadable", message, Weight.MISMATCH, Place(path), hint)

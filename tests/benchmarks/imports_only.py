"""`codemod` as it would be without the kinds of references beside imports, to tell what these cost.

`python imports_only.py run PLAN ...` does what `codemod run PLAN ...` does, without strings, comments, texts.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.cli.main import entry
from codemod.references import python, residue, rewriting
from codemod.references.runtime import Searches


def nothing(*_: object) -> Iterator[object]:
    """No edits."""
    return iter(())


if __name__ == "__main__":
    for module, name in (
        (rewriting, "_texts"),
        (rewriting, "_beside"),
        (rewriting, "files_that"),
        (python, "string_edits"),
        (python, "crossref_edits"),
        (python, "doctest_edits"),
        (python, "quoted_edits"),
        (python, "computed_edits"),
    ):
        getattr(module, name)  # it is still called so
        setattr(module, name, nothing)
    python.TELLING = ()
    rewriting.searches = lambda inventory, intent, _: Searches(  # type: ignore[attr-defined]
        inventory, intent, {}, {}, frozenset(), {}, ()
    )
    residue.ledger = lambda *_, **__: ()  # type: ignore[assignment]  # what is left is looked for in all kinds
    entry()

"""Every reason to refuse a split, a merge or a gathering has a case of its own, and one just beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codemod.base.codes import REASONS
from tests.kit import FOLDER, read

OPERATIONS = Path(__file__).parents[2] / "codemod" / "operations"
WRITTEN_BY = ("split*.py", "merge*.py", "gather*.py", "motion*.py", "registrars.py", "select.py")
TOLD = {
    "annotation-only-import", "example-reads", "future-added", "own-name-moves", "patch-several-readers",
    "registry-order", "replica-shared", "stub-left",
}  # fmt: skip
"""What is told beside a split that is carried out."""


def raised() -> list[str]:
    """The codes that their modules spell out and that stop a phase."""
    texts = [path.read_text("utf-8") for pattern in WRITTEN_BY for path in OPERATIONS.glob(pattern)]
    found = {code for text in texts for code in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text)}
    return sorted((found & REASONS.keys()) - TOLD)


@pytest.mark.parametrize("code", raised())
def test_a_refusal_has_a_plan_that_unblocks_it_and_a_case_beside_it(code: str) -> None:
    refused, beside = (read(FOLDER / "refused" / f"{code}{end}.txt") for end in ("", "-not"))
    assert re.search(rf"^(?:refusal|mismatch) {code}\b.*\(.+\)$", refused.findings, re.MULTILINE)
    assert refused.edited, "the plan with the edit of the hint is missing"
    assert not re.search(r"^(?:refusal|mismatch) ", beside.findings, re.MULTILINE)
    assert beside.diff or beside.tree


def test_there_are_no_others() -> None:
    stems = {file.stem.removesuffix("-not") for file in (FOLDER / "refused").glob("*.txt")}
    assert stems == set(raised())

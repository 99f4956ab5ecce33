"""Every case below tests/verify/cases; `pytest --update tests/verify` writes what comes out into them."""

from __future__ import annotations

import pytest

from tests.verify.trees import Case, cases, shown

ALL = [*cases("links"), *cases("order")]


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.file.parent.name}/{case.file.stem}")
def test_case(case: Case, update: bool) -> None:
    findings = case.run()
    found = shown(findings)
    if update:
        case.file.write_text(f"{case.head}== findings ==\n{found}", encoding="utf-8")
        return
    assert found == case.findings
    assert all(finding.hint for finding in findings)


def test_about_as_many_cases_find_nothing() -> None:
    quiet = sum(not case.findings for case in ALL)
    assert 0.35 < quiet / len(ALL) < 0.65, quiet

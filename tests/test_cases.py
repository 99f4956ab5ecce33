"""Every case below tests/cases; `pytest --update tests/test_cases.py` writes what comes out into them."""

from __future__ import annotations

import pytest

from tests.kit import Case, cases, check


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_case(case: Case, update: bool) -> None:
    if not case.expect_fail:
        check(case, update=update)
        return
    try:
        check(case)
    except AssertionError:
        pytest.xfail(case.expect_fail)
    pytest.fail(f"passes now; drop the line `expect-fail: {case.expect_fail}`")


def test_titles_are_unique() -> None:
    titles = [case.title for case in cases()]
    assert len(titles) == len(set(titles))

import pytest

from tests.plan.texts import Case, cases, errors_of, rewrite


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_each_plan_gives_its_errors(case: Case, update: bool) -> None:
    got = errors_of(case.plan)
    if update and got != case.errors:
        rewrite(case, got)
    assert update or got == case.errors


def test_titles_are_unique() -> None:
    ids = [case.id for case in cases()]
    assert len(ids) == len(set(ids))

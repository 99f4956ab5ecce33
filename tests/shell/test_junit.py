"""Which tests fail in one report and not in another: by name, wherever their files have gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemod.shell.junit import Report, added, read, renamed

MOVES = {
    "tests/test_user.py": "tests/accounts/test_user.py",
    "services/x/tests/test_a.py": "services/x/tests/unit/test_a.py",
    "data.json": "other.json",
}


def report(*failed: str, passed: tuple[str, ...] = ()) -> Report:
    return Report(frozenset((*failed, *passed)), frozenset(failed))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tests.test_user::test_a", "tests.accounts.test_user::test_a"),
        ("tests.test_user.TestIt::test_a[1-x]", "tests.accounts.test_user.TestIt::test_a[1-x]"),
        ("::tests.test_user", "::tests.accounts.test_user"),
        ("tests.test_a::test_b", "tests.unit.test_a::test_b"),
        ("services.x.tests.test_a::test_b", "services.x.tests.unit.test_a::test_b"),
        ("tests.test_user_more::test_a", "tests.test_user_more::test_a"),
        ("test_user::test_a", "accounts.test_user::test_a"),
        ("data::test", "data::test"),
    ],
)
def test_names_follow_their_files(old: str, new: str) -> None:
    assert renamed(old, MOVES) == new


def test_only_what_fails_now() -> None:
    before = report("tests.test_user::old", passed=("tests.test_user::new", "tests.test_user::fine"))
    now = report("tests.accounts.test_user::old", "tests.accounts.test_user::new")
    assert added(now, before, MOVES) == ["tests.accounts.test_user::new"]
    assert added(before, before, {}) == [] and added(report(), before, MOVES) == []


def test_what_a_split_has_moved_is_known_by_class_and_name() -> None:
    before = report("tests.test_all.TestA::test_x", "tests.test_all::test_y")
    now = report("tests.a.test_a.TestA::test_x", "tests.b.test_b::test_y")
    assert added(now, before, {}) == []


def test_one_that_is_gone_stands_for_one_only() -> None:
    before = report("tests.test_all::test_x")
    now = report("tests.a.test_a::test_x", "tests.b.test_b::test_x")
    assert len(added(now, before, {})) == 1


def test_one_that_passed_before_is_not_excused_by_another_that_is_gone() -> None:
    before = report("tests.test_all::test_x", passed=("tests.other::test_x",))
    assert added(report("tests.other::test_x"), before, {}) == ["tests.other::test_x"]


def test_reading(tmp_path: Path) -> None:
    place = tmp_path / "r.xml"
    assert read(place) is None
    place.write_text("<testsuites><testsuite>")
    assert read(place) is None
    place.write_text(
        "<testsuites><testsuite><testcase classname='a' name='x'><failure/></testcase>"
        "<testcase classname='a' name='y'/><testcase name='a.b'><error/></testcase>"
        "<testcase classname='a' name='z'><skipped/></testcase>"
        "</testsuite></testsuites>"
    )
    assert read(place) == Report(frozenset({"a::x", "a::y", "::a.b", "a::z"}), frozenset({"a::x", "::a.b"}))

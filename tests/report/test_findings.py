from __future__ import annotations

from codemod.base.findings import Finding, Place, Weight
from codemod.report.findings import finding_lines, findings_block, ordered, tally
from codemod.report.page import plain
from tests.report.recorded import BLOCKING, NOTE, REVIEW


def shown(*findings: Finding, limit: int = 0) -> list[str]:
    return list(plain(findings_block(findings, limit)))


def test_place_code_message() -> None:
    assert shown(REVIEW) == ["app/use.py:4:7 residue-ambiguous: 'app.a' may be a name"]


def test_a_finding_about_the_plan_shows_its_key_path() -> None:
    assert shown(BLOCKING) == [
        "plan.yaml:12:9 phases[1].do[0].move: app.core.a exists already [target-taken]",
        "    hint: choose another target",
    ]


def test_a_finding_in_the_code_shows_its_reason_code_whatever_the_plan_says_of_it() -> None:
    found = Finding("barrel-name-clash", "X is there twice", place=Place("app/a.py", 3), key="phases[0].do[1].barrel")
    assert shown(found) == ["app/a.py:3 barrel-name-clash: X is there twice"]
    used = Finding("shim-in-use", "app.a is used here", place=Place("compose.yml", 10), key="phases[7].do[0].unshim")
    assert shown(used) == ["compose.yml:10 shim-in-use: app.a is used here"]


def test_without_a_place() -> None:
    assert shown(Finding("dirty", "a file is dirty")) == ["dirty: a file is dirty"]


def test_further_lines_of_a_message_are_indented() -> None:
    assert shown(Finding("hook", "vetoed\nline 2", place=Place("x.py"))) == ["x.py hook: vetoed", "    line 2"]


def test_an_empty_message_is_still_a_line() -> None:
    assert list(plain(finding_lines(Finding("x", "")))) == ["x:"]


def test_what_blocks_comes_first_and_each_once() -> None:
    assert ordered([REVIEW, NOTE, BLOCKING, REVIEW]) == (BLOCKING, REVIEW, NOTE)


def test_long_lists_are_summarised_by_code_with_a_limit() -> None:
    many = [Finding("a", str(n)) for n in range(10)] + [Finding("b", "one")]
    assert shown(*many, limit=3) == ["a: 0", "a: 1", "a: 2", "b: one", "… and 7 more a, -v shows all"]


def test_long_lists_are_complete_without_a_limit() -> None:
    assert len(shown(*(Finding("a", str(n)) for n in range(1000)))) == 1000


def test_what_blocks_is_never_summarised() -> None:
    assert len(shown(*(Finding("a", str(n), Weight.REFUSAL) for n in range(50)), limit=3)) == 50


def test_tally() -> None:
    assert tally([]) == ""
    assert tally([BLOCKING, REVIEW, REVIEW, NOTE]) == "1 blocking, 2 to review, 1 note"

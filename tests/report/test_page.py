from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codemod.report.page import BLANK, Span, Table, count, fitted, line, plain, visible, without_colour


def test_lines_lose_their_roles_and_their_spaces_at_the_end() -> None:
    assert list(plain([line("a ", Span("b", "bad"), "  "), BLANK, line("c")])) == ["a b", "", "c"]


def test_a_table_is_aligned_and_never_cut() -> None:
    long = "x" * 300
    table = Table(("NAME", "N"), (line("a", "1"), line(long, "1,000")), frozenset({1}))
    assert list(plain([table])) == [f"{'NAME':300}      N", f"{'a':300}      1", f"{long}  1,000"]


def test_a_terminal_shortens_titles_and_owners_never_identifiers() -> None:
    table = Table(("PHASE", "OWNER", "TITLE"), (line("a-long-identifier", "Platform Foundations", "t" * 40),))
    for width in (39, 45, 60, 80):
        shown = list(plain([fitted(table, width)]))
        assert max(map(len, shown)) <= width and shown[1].startswith("a-long-identifier  Plat")
    assert list(plain([fitted(table, 39)]))[1] == "a-long-identifier  Platform…  tttttttt…"
    assert fitted(table, 200) == table


def test_a_narrow_terminal_leaves_columns_out_before_it_cuts_numbers() -> None:
    table = Table(("PHASE", "COMMITS", "+LINES", "OWNER"), (line("low-risk", "1", "1,204", "Platform"),))
    assert list(plain([fitted(table, 33)])) == ["PHASE     +LINES  OWNER", "low-risk  1,204   Platform"]
    assert list(plain([fitted(table, 20)])) == ["PHASE     OWNER", "low-risk  Platform"]
    assert list(plain([fitted(table, 5)])) == ["PHASE", "low-risk"]


def test_a_head_is_shortened_with_its_column_and_a_state_is_never_left_out() -> None:
    table = Table(("MODULE", "IMPORTS", "WHAT IT IMPORTS"), (line("app.users", "2", "app.status, app.orders"),))
    assert list(plain([fitted(table, 30)])) == ["MODULE     IMPORTS  WHAT IT I…", "app.users  2        app.statu…"]
    table = Table(
        ("PHASE", "STATE", "OWNER", "TARGET", "TITLE"), (line("long-phase", "pending", "O", "2025-11-26", "T"),)
    )
    assert list(plain([fitted(table, 12)])) == ["PHASE       STATE", "long-phase  pending"]


def test_a_table_without_rows_is_its_head() -> None:
    assert list(plain([Table(("A", "B"), ())])) == ["A  B"]


def test_a_name_cannot_break_a_line_or_steer_the_terminal() -> None:
    assert list(plain([line("evil\n\x1b[2Jname\ttab")])) == ["evil\\x0a\\x1b[2Jname\ttab"]


@given(st.text())
def test_visible_text_has_no_control_characters(text: str) -> None:
    assert not any((ord(c) < 32 and c != "\t") or 127 <= ord(c) < 160 for c in visible(text))
    assert visible(visible(text)) == visible(text)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text == without_colour(text)


def test_colour_of_other_programs_is_taken_off() -> None:
    assert without_colour("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07") == "red link"


def test_counts_are_words() -> None:
    assert [count(n, "file") for n in (0, 1, 2, 1204)] == ["0 files", "1 file", "2 files", "1,204 files"]
    assert count(2, "entry", "entries") == "2 entries"


def test_the_commits_of_a_phase_fit_a_narrow_terminal() -> None:
    head = ("PHASE", "COMMIT", "KIND", "FILES", "+LINES", "WHAT")
    row = line("3a-billing", "2/5", "rewrite", "1", "10", f"call sites in {'app/' * 30}")
    shown = list(plain([fitted(Table(head, (row,), frozenset({3, 4})), 80)]))
    assert max(map(len, shown)) <= 80 and shown[1].startswith(
        "3a-billing  2/5     rewrite      1      10  call sites in"
    )

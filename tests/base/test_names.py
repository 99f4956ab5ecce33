import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.base import names

SEGMENT = st.sampled_from(["a", "b", "ab", "a_b", "größe", "x1"])
NAME = st.lists(SEGMENT, min_size=1, max_size=4).map(".".join)
MAYBE = st.one_of(st.just(""), NAME)


@given(NAME)
def test_a_name_is_its_parent_and_its_last_part(name: str) -> None:
    assert names.join(names.parent(name), names.last(name)) == name
    assert name.startswith(names.top(name))
    assert "." not in names.top(name)


@given(NAME)
def test_prefixes_climb_from_the_top_to_the_name(name: str) -> None:
    climbed = list(names.prefixes(name))
    assert climbed[0] == names.top(name)
    assert climbed[-1] == name
    assert [names.parent(prefix) for prefix in climbed] == ["", *climbed[:-1]]


@given(NAME, MAYBE)
def test_within_means_that_a_tail_is_left(name: str, package: str) -> None:
    if names.within(name, package):
        assert names.join(package, names.tail(name, package)) == name
        assert names.below(name, package) == (names.tail(name, package) != "")
    else:
        assert not names.below(name, package)
        with pytest.raises(ValueError):
            names.tail(name, package)


@given(NAME, MAYBE, NAME)
def test_rebasing_there_and_back_changes_nothing(tail: str, old: str, new: str) -> None:
    name = names.join(old, tail)
    assert names.rebase(names.rebase(name, old, new), new, old) == name


@given(NAME, NAME)
def test_a_relative_name_means_what_it_was_made_from(package: str, target: str) -> None:
    written = names.relative(package, target)
    if names.top(package) != names.top(target):
        assert written is None
        return
    assert written is not None
    module = written.lstrip(".")
    assert names.absolute(package, len(written) - len(module), module) == target


@given(NAME, st.dictionaries(NAME, NAME, max_size=4))
def test_the_longest_prefix_decides(name: str, table: dict[str, str]) -> None:
    found = names.longest_prefix(name, table)
    within = [old for old in table if names.within(name, old)]
    assert found == (max(within, key=len) if within else None)
    if found is None:
        assert names.renamed(name, table) == name
    else:
        assert names.renamed(name, table) == names.join(table[found], names.tail(name, found))


@given(st.text(max_size=8))
def test_what_is_dotted_is_identifiers(text: str) -> None:
    if names.is_dotted(text):
        assert all(part.isidentifier() for part in text.split("."))


DOTTED = [
    ("", False), ("a", True), ("a.b", True), (".a", False), ("a.", False), ("a..b", False), ("a-b", False),
    ("a.class", False), ("match.case", True), ("größe.模块", True), ("1a", False), ("a b", False), ("a:b", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOTTED)
def test_is_dotted(text: str, expected: bool) -> None:
    assert names.is_dotted(text) is expected


ABSOLUTE = [
    ("a.b", 0, "x.y", "x.y"),
    ("a.b", 1, "", "a.b"),
    ("a.b", 1, "c", "a.b.c"),
    ("a.b", 2, "c", "a.c"),
    ("a.b", 3, "c", None),  # climbs out of the top
    ("a", 2, "", None),
    ("", 1, "c", None),  # no package at all
]


@pytest.mark.parametrize(("package", "level", "module", "expected"), ABSOLUTE)
def test_absolute(package: str, level: int, module: str, expected: str | None) -> None:
    assert names.absolute(package, level, module) == expected


RELATIVE = [
    ("a.b", "a.b.c", ".c"),
    ("a.b", "a.b", "."),
    ("a.b", "a.c", "..c"),
    ("a.b.c", "a", "..."),
    ("a.b", "ab.c", None),
    ("", "a", None),
]


@pytest.mark.parametrize(("package", "target", "expected"), RELATIVE)
def test_relative(package: str, target: str, expected: str | None) -> None:
    assert names.relative(package, target) == expected


def test_a_name_that_only_begins_alike_is_not_within() -> None:
    assert not names.within("app.users", "app.user")
    assert names.renamed("app.users", {"app.user": "x"}) == "app.users"

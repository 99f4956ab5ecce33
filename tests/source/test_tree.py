"""A tree answers about its paths as a walk over all of them would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codemod.source.tree import SYMLINK, Entry, Tree

PARTS = st.sampled_from(["a", "a.py", "b", "b0", "b-c", "c.pyi", "é.py"])
PATHS = st.sets(st.lists(PARTS, min_size=1, max_size=3).map("/".join))
FILES = st.dictionaries(st.lists(PARTS, min_size=1, max_size=3).map("/".join), st.sampled_from([b"1", b"2"]))


@given(PATHS, st.sampled_from(["a", "b", "b/b0", "c"]))
def test_what_lies_in_a_folder(paths: set[str], folder: str) -> None:
    tree = Tree.of(dict.fromkeys(paths, b""))
    assert list(tree.below(folder)) == [path for path in sorted(paths) if path.startswith(folder + "/")]


def test_everything_lies_below_the_top() -> None:
    assert Tree.of({"b": b"", "a/c": b""}).below("") == ("a/c", "b")


@given(PATHS)
def test_files_by_suffix(paths: set[str]) -> None:
    tree = Tree.of(dict.fromkeys(paths, b""))
    for suffixes in ((".py",), (".py", ".pyi"), ("",)):
        assert list(tree.files(suffixes)) == [path for path in sorted(paths) if path.endswith(suffixes)]


def test_links_are_no_files() -> None:
    tree = Tree({"a.py": Entry(SYMLINK, "1"), "b.py": Tree.of({"b.py": b""}).entries["b.py"]}, {})
    assert tree.files((".py",)) == ("b.py",)


@given(FILES, FILES)
def test_what_differs_between_two_trees(one: dict[str, bytes], two: dict[str, bytes]) -> None:
    before, after = Tree.of(one), Tree.of(two)
    differing = [path for path in sorted({*one, *two}) if one.get(path) != two.get(path)]
    assert [path for path, _, _ in before.delta(after)] == differing
    assert (before == after) == (not differing)
    later = before.changed(writes=two, deletes=one.keys() - two.keys())
    assert later == after
    assert [path for path, _, _ in before.delta(later)] == differing

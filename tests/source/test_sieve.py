"""A sieve holds back only what holds none of its words; modules of a later tree are those of a fresh look."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from codemod.base.spread import alone
from codemod.source.inventory import Inventory
from codemod.source.modules import Modules
from codemod.source.search import words_in
from codemod.source.sieve import MOST, Census, Closer, Sieve, sift
from codemod.source.tree import Tree

TREE = Tree.of({"a.py": b"import users\n", "b.py": b"import orders\n", "c.txt": b"user"})


def passing(sieve: Sieve) -> list[str]:
    return [path for path in TREE.paths if sieve.passes(TREE, path)]


def test_what_holds_a_word_passes_be_it_inside_another() -> None:
    assert passing(Sieve([b"user"])) == ["a.py", "c.txt"]
    assert passing(Sieve([b"user", b"order"])) == ["a.py", "b.py", "c.txt"]
    assert passing(Sieve([b"shop"])) == []


def test_without_words_and_with_too_many_everything_passes() -> None:
    assert passing(Sieve([])) == list(TREE.paths)
    assert passing(Sieve(b"word%d" % number for number in range(MOST + 1))) == list(TREE.paths)


def test_what_it_covers_cannot_be_held_back() -> None:
    sieve = Sieve([b"user"])
    assert sieve.covers(b"app.users")
    assert not sieve.covers(b"app.orders")


def test_trees_share_their_sieves() -> None:
    inventory = Inventory(TREE)
    later = inventory.after(TREE.changed(writes={"b.py": b"import users\n"}))
    assert later.sieve([b"user"]) is inventory.sieve([b"user"])
    assert inventory.sieve([b"user"]).passes(inventory.tree, "b.py") is False
    assert later.sieve([b"user"]).passes(later.tree, "b.py") is True


NAMES = ["user_service", "order_service", "my_service", "user_model", "user_view", "html", "service"]


@given(st.sets(st.sampled_from(NAMES), min_size=1), st.lists(st.sampled_from([*NAMES, "user", "serv", "_ice"])))
def test_words_that_share_a_part_are_found_as_if_they_did_not(words: set[str], text: list[str]) -> None:
    data = ".".join(text)
    assert Sieve(word.encode() for word in words).finds(data.encode()) == any(word in data for word in words)


@given(st.sets(st.sampled_from(NAMES)), st.lists(st.sampled_from([*NAMES, "user", "serv", "_ice"])))
def test_a_census_tells_which_words_a_content_holds(words: set[str], text: list[str]) -> None:
    data, census = ".".join(text), Census(word.encode() for word in words)
    assert census.held(census.finds(data.encode())) == {word.encode() for word in words if word in data}


def test_sifted_files_are_read_once_and_the_closer_question_is_for_what_passes() -> None:
    asked: list[bytes] = []

    def closer(data: bytes, said: int) -> bool:
        assert said
        asked.append(data)
        return b"import" in data

    judged: dict[str, bool] = {}
    first, second = Sieve([b"user"]), Sieve([b"order"])
    for _ in range(2):
        sift(TREE, (".py", ".txt"), [first, second], alone, [Closer(first, closer, judged)])
        assert (list(first.passing(TREE, (".py",))), list(second.passing(TREE, (".py",)))) == (["a.py"], ["b.py"])
        assert asked == [b"import users\n", b"user"]
    assert {path: judged[TREE.entries[path].blob] for path in TREE} == {"a.py": True, "b.py": False, "c.txt": False}


@given(st.text(alphabet="ab_.\n é", max_size=30), st.sampled_from(["a", "ab", "a_b"]))
def test_a_word_stands_alone_where_a_pattern_says_so(text: str, word: str) -> None:
    pattern = rb"(?<![\w\x80-\xff])" + word.encode() + rb"(?![\w\x80-\xff])"
    assert list(words_in(text.encode(), word.encode())) == [
        found.start() for found in re.finditer(pattern, text.encode())
    ]


PATHS = st.sets(
    st.sampled_from(["a.py", "a.pyi", "a/__init__.py", "a/b.py", "src/p/__init__.py", "src/p/m.py", "src/p/m.pyi", "x"])
)


@given(PATHS, PATHS)
def test_modules_of_a_later_tree(before: set[str], after: set[str]) -> None:
    later, fresh = Modules(before, ("src", ".")).after(after), Modules(after, ("src", "."))
    assert sorted(module.path for module in later) == sorted(module.path for module in fresh)
    for module in fresh:
        assert later.get(module.name) == module
        assert later.at(module.path) == fresh.at(module.path)
    for name in ("a", "a.b", "p", "p.m", "src", "src.p"):
        assert later.find(name) == fresh.find(name)

"""Patterns that are compiled at their first use."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
import re

import pytest

import codemod
from codemod.base import patterns
from codemod.base.patterns import lazy


def test_it_answers_as_the_compiled_pattern() -> None:
    ours, standard = lazy(r"(?P<a>x+)y", re.IGNORECASE), re.compile(r"(?P<a>x+)y", re.IGNORECASE)
    for _ in range(2):
        assert ours.sub("-", "aXXyb") == standard.sub("-", "aXXyb") == "a-b"
        assert [found.span("a") for found in ours.finditer("xyXy")] == [(0, 1), (2, 3)]
    assert (ours.pattern, ours.flags, ours.groupindex) == (standard.pattern, standard.flags, standard.groupindex)
    assert lazy(rb"\d").findall(b"a1b2") == [b"1", b"2"]


@pytest.mark.parametrize("used", [False, True])
def test_it_can_be_sent_to_another_process_and_copied(used: bool) -> None:
    pattern = lazy("a+", re.MULTILINE)
    if used:
        assert pattern.search("ba")
    for same in (pickle.loads(pickle.dumps(pattern)), copy.copy(pattern), copy.deepcopy(pattern)):
        assert same.pattern == "a+" and same.flags == pattern.flags and same.search("ba")


def test_a_mistake_shows_at_the_first_use() -> None:
    wrong = lazy("(")
    with pytest.raises(re.error):
        wrong.search("")


def test_every_pattern_of_the_package_compiles() -> None:
    compiled = 0
    for found in pkgutil.walk_packages(codemod.__path__, "codemod."):
        if found.name != "codemod.__main__":
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                if isinstance(value, patterns._Lazy):
                    assert value.groups >= 0
                    compiled += 1
    assert compiled > 200

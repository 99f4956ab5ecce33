"""Which names are surely bound: judged against running the code on every way through it."""

from __future__ import annotations

import ast
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codemod.source.certain import introduced, loggers, main_guard, surely_bound


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a = 1\nb, (c, *d) = e.f = g[0] = x", "a b c d"),
        ("a: int\nb: int = 1", "b"),
        ("if x:\n    a = 1\nelse:\n    a = 2\n    b = 1", "a"),
        ("if x:\n    a = 1\nelse:\n    raise X", "a"),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    b = 1", "b"),
        ("try:\n    import a\nexcept ImportError:\n    a = None", "a"),
        ("try:\n    import a\nexcept ImportError:\n    pass", ""),
        ("try:\n    import a\nexcept ImportError:\n    sys.exit(1)", "a"),
        ("try:\n    a = 1\nexcept X:\n    b = 1\nelse:\n    b = 2\nfinally:\n    c = 1", "b c"),
        ("for a in x:\n    b = 1", ""),
        ("with x as a:\n    b = 1", "a b"),
        ("with suppress(X):\n    b = 1", ""),
        ("a = 1\ndel a", ""),
        ("a = 1\nif x:\n    del a", ""),
        ("match x:\n    case 1:\n        a = 1\n    case _:\n        a = b = 2", "a"),
        ("match x:\n    case 1:\n        a = 1", ""),
        ("import a.b, c.d as e\nfrom f import g as h, i\nfrom j import *", "a e h i"),
        ("raise X\na = 1", ""),
        ("class A:\n    b = 1\nasync def c(): d = 1", "A c"),
    ],
)
def test_surely_bound(code: str, names: str) -> None:
    assert surely_bound(ast.parse(code)) == set(names.split())


def test_introduced_and_loggers() -> None:
    code = (
        "for a in x: b = 1\nwith x as c: d = 1\nimport e\ndef f(): g = 1\nlog = logging.getLogger(__name__)\nh: int\n"
    )
    tree = ast.parse(code + "other = structlog.get_logger(__name__)\nroot = getLogger()\n")
    assert introduced(tree) == {"b", "d", "f", "log", "other", "root"}
    assert loggers(tree) == {"log", "other"}


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("x = 1\nif __name__ == '__main__':\n    x", 2),
        ("if '__main__' == __name__: x", 1),
        ("if __name__ == 'other': x", 0),
        ("def f():\n    if __name__ == '__main__': x", 0),
    ],
)
def test_main_guard(code: str, line: int) -> None:
    assert main_guard(ast.parse(code)) == line


leaf = st.sampled_from(["a = 1", "b = 1", "c = 1", "del a", "fail()", "raise E"])
block = st.deferred(lambda: st.lists(st.one_of(leaf, compound), min_size=1, max_size=3).map("\n".join))


def indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


compound = st.one_of(
    st.tuples(block, block).map(lambda p: f"if ask():\n{indented(p[0])}\nelse:\n{indented(p[1])}"),
    st.tuples(block, block, block).map(
        lambda p: f"try:\n{indented(p[0])}\nexcept E:\n{indented(p[1])}\nfinally:\n{indented(p[2])}"
    ),
    block.map(lambda b: f"for _ in range(ask()):\n{indented(b)}"),
)


class AnyError(Exception):
    pass


# a block may hold blocks without end: hypothesis gives up on many, which is no fault of the test
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(block)
def test_no_way_through_the_code_lacks_a_surely_bound_name(code: str) -> None:
    sure = surely_bound(ast.parse(code))
    for answers in itertools.product([False, True], repeat=4):
        asked = iter([*answers, *[False] * 99])

        def ask() -> bool:
            return next(asked)  # noqa: B023  # read within the same round

        def fail() -> None:
            if ask():
                raise AnyError

        scope: dict[str, object] = {"ask": ask, "fail": fail, "E": AnyError}
        try:
            exec(code, scope)
        except (AnyError, NameError):
            continue
        assert sure <= scope.keys()

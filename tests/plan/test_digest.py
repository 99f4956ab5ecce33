import pytest

from codemod.plan.load import load

BASE = """\
version: 1
name: x
defaults: {imports: facade, checks: [a, b]}
phases:
  - id: first
    title: t
    depends_on: []
    do:
      - move: {a.b: x., a.c: x.}
      - scaffold: {p: {about: q, owner: r}, s: }
      - merge: {m.t: [m.a, m.b]}
      - split: s.t
        into: {s.u: ["A*"], s.v: [AB]}
      - limit: {modules_per_package: 5, except: {a: 6, b: 7}}
      - barrel: [x, p]
"""


def digest(text: str) -> str:
    return load(text.encode(), "plan.yaml").phases[0].digest


SAME = [
    ("comments and blank lines", "    do:\n", "    # why\n\n    do:   # what\n"),
    ("rows of a move", "{a.b: x., a.c: x.}", "{a.c: x., a.b: x.}"),
    ("block style", "{a.b: x., a.c: x.}", "\n          a.b: x.\n          'a.c': \"x.\""),
    ("keys of a row", "{about: q, owner: r}", "{owner: r, about: q}"),
    ("scaffolds", "{p: {about: q, owner: r}, s: }", "{s: null, p: {about: q, owner: r}}"),
    ("exceptions of a limit", "{a: 6, b: 7}", "{b: 7, a: 6}"),
    ("keys of the phase", "    title: t\n    depends_on: []\n", "    depends_on: []\n    title: t\n"),
    ("another phase", "      - barrel: [x, p]\n", "      - barrel: [x, p]\n  - {id: other, do: []}\n"),
    ("the plan's own name", "name: x", "name: y\ndescription: z"),
    ("a default that says the default", "imports: facade", "imports: facade, history: auto"),
    ("a setting in the phase", "    title: t\n", "    title: t\n    imports: facade\n"),
]
OTHER = [
    ("a target", "a.b: x.", "a.b: y."),
    ("the id", "id: first", "id: second"),
    ("a default", "imports: facade", "imports: direct"),
    ("a check", "[a, b]", "[a]"),
    ("the order of checks", "[a, b]", "[b, a]"),
    ("the order of operations", "      - barrel: [x, p]\n", "      - barrel: [p, x]\n"),
    ("the sources of a merge", "[m.a, m.b]", "[m.b, m.a]"),
    ("what a split sends first", '{s.u: ["A*"], s.v: [AB]}', '{s.v: [AB], s.u: ["A*"]}'),
    ("a limit", "b: 7", "b: 8"),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_the_same_meaning_has_the_same_digest(old: str, new: str) -> None:
    assert old in BASE
    assert digest(BASE.replace(old, new)) == digest(BASE)


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in OTHER], ids=[row[0] for row in OTHER])
def test_another_meaning_has_another_digest(old: str, new: str) -> None:
    assert old in BASE
    assert digest(BASE.replace(old, new)) != digest(BASE)


def test_the_digest_of_a_known_phase_stays() -> None:
    """Commits carry digests: a change here is a change of the format."""
    assert digest("version: 1\nname: x\nphases: [{id: a, do: [{move: {a.b: c.d}}]}]\n") == KNOWN


KNOWN = "55f71e01f5bb733b0e63f6696c65f5dc178d78cb365dba932b7c702543f660ff"

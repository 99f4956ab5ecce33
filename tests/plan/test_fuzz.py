import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.base.errors import PlanError
from codemod.plan.load import load, render
from codemod.plan.written import VERBS

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "plans").glob("*.yaml"))]
SAMPLES.append(
    b"version: 1\nname: x\ndefaults: {budget: {lines: 3}, checks: [a, {run: b}]}\nphases:\n  - id: a\n    do:\n"
    b"      - split: a.b\n        into: {a.c: [X], a.d: {bases: [Enum]}, a.e: rest}\n\n"
    b"      - scaffold: {a: {about: b}}\n"
    b"      - limit: {modules_per_package: 5, except: {a: 6}}\n      - document: {file: a, section: b, text: c}\n"
)
PIECES = [
    *(b": ", b"- ", b"\n", b"  ", b"{", b"}", b"[", b"]", b"*a", b"&a ", b"!!x ", b"<<: ", b"'", b'"', b"|\n", b"#"),
    *(b"null", b"~", b"\t", b"\xff", b"\0", b"---\n", b"%YAML 9\n", b"? ", b"\\u12", b"\xc3\xa9", b"-1", b"1e9", b".."),
]


def holds(data: bytes) -> None:
    """Loading gives a plan, or findings that all have a place."""
    try:
        load(data, "plan.yaml")
    except PlanError as error:
        assert error.findings
        for finding in error.findings:
            assert finding.place is not None
            assert finding.place.line >= 1
            assert finding.place.column >= 1
            assert render(finding).startswith("plan.yaml:")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    holds(data)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("abc:-[]{}&*!|>'\"%@`#,? \n\t.~\\1"), max_size=80))
def test_random_yaml(text: str) -> None:
    holds(text.encode("utf-8"))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_mutated_plans(sample: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(sample)))
        end = min(len(sample), start + data.draw(st.integers(0, 12)))
        sample = sample[:start] + data.draw(st.sampled_from(PIECES)) + sample[end:]
    holds(sample)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 10**30),
        st.floats(),
        st.text(max_size=6),
        st.sampled_from(["a.b", "rest", "moved", "x."]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["a.b", "of", "to", "names", "replace", "run", "lines", "in", "match", "except", "codemod"])
            | st.text(max_size=4),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)
SIBLINGS = ["into", "replicate", "assemble", "contracts"]
KEYS = ["id", "title", "depends_on", "keep", "pin", "imports", "budget", "checks", "worktree", "python"]
PHASES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
STEPS = st.lists(st.dictionaries(st.sampled_from([*VERBS, *SIBLINGS]), VALUES, max_size=2), max_size=3)


@settings(max_examples=150, deadline=None)
@given(PHASES, STEPS)
def test_any_value_under_any_key(phase: dict[str, object], do: list[dict[str, object]]) -> None:
    holds(json.dumps({"version": 1, "name": "x", "phases": [{"id": "a", **phase, "do": do}]}).encode("utf-8"))

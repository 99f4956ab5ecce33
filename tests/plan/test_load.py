import dataclasses
import json
import subprocess
import sys
import time
from typing import Any

import pytest

from codemod.base.errors import PlanError
from codemod.base.findings import Place, Weight
from codemod.plan import model
from codemod.plan.load import load, render
from tests.plan.texts import errors_of


def plan(text: str) -> model.Plan:
    return load(text.encode("utf-8"), "plan.yaml")


def phase(body: str, defaults: str = "{}") -> model.Phase:
    lines = "\n".join("    " + line for line in body.splitlines())
    return plan(f"version: 1\nname: x\ndefaults: {defaults}\nphases:\n  - id: a\n{lines}\n").phases[0]


def do(body: str) -> tuple[model.Operation, ...]:
    """The operations of a phase, without marks."""
    lines = "\n".join("  " + line for line in body.splitlines())
    return tuple(unmarked(operation) for operation in phase(f"do:\n{lines}").do)


def unmarked(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(unmarked(item) for item in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    fields = {field.name: unmarked(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return dataclasses.replace(value, **{**fields, **({"mark": model.Mark()} if "mark" in fields else {})})


ROWS: list[tuple[str, str, list[model.Operation]]] = [
    (
        "move",
        '- move: {a.b: x., a.c:D: x.y, "s.{n}": "t.{n}"}',
        [model.Move((model.Pair("a.b", "x."), model.Pair("a.c:D", "x.y"), model.Pair("s.{n}", "t.{n}")))],
    ),
    ("rename", "- rename: {a.b.C: D}", [model.Rename((model.Pair("a.b.C", "D"),))]),
    (
        "split",
        """\
- split: a.b
  into:
    a.b.c: C
    a.b.d: [D, E*]
    a.b.e: {names: F, bases: [Enum], decorators: [router.get], routes: /x/*, section: Helpers}
    a.b.core: rest
  replicate: router
  assemble: router""",
        [
            model.Split(
                "a.b",
                (
                    model.Selector("a.b.c", ("C",)),
                    model.Selector("a.b.d", ("D", "E*")),
                    model.Selector("a.b.e", ("F",), ("Enum",), ("router.get",), ("/x/*",), ("Helpers",)),
                    model.Selector("a.b.core", rest=True),
                ),
                ("router",),
                ("router",),
            )
        ],
    ),
    ("merge", "- merge: {a.b: [a.c, a.b], d: e}", [model.Merge("a.b", ("a.c", "a.b")), model.Merge("d", ("e",))]),
    ("barrel, a list", "- barrel: [a, b.c]", [model.Barrel("a"), model.Barrel("b.c")]),
    ("barrel, one", "- barrel: a", [model.Barrel("a")]),
    ("barrel, without more", "- barrel: {a: {except: [m]}, b: }", [model.Barrel("a", (), ("m",)), model.Barrel("b")]),
    ("barrel, forced", "- barrel: {a: [X, m.y], b: []}", [model.Barrel("a", ("X", "m.y")), model.Barrel("b")]),
    (
        "delete",
        '- delete: {paths: "x/*", modules: [a.b], when: unused}',
        [model.Delete(("x/*",), ("a.b",), "unused")],
    ),
    (
        "scaffold",
        "- scaffold: {a: {about: text, owner: me}, b: null, c: }",
        [model.Scaffold("a", "text", "me"), model.Scaffold("b"), model.Scaffold("c")],
    ),
    (
        "snapshot",
        "- snapshot: [{of: a, to: x.md}, {of: a, to: x.json}, {of: a, to: x.JSON, format: dot}, {of: a, to: x.mmd}]",
        [
            model.Snapshot("a", "x.md"),
            model.Snapshot("a", "x.json", "json"),
            model.Snapshot("a", "x.JSON", "dot"),
            model.Snapshot("a", "x.mmd", "mermaid"),
        ],
    ),
    ("ownership", "- ownership: {of: a, to: x.md}", [model.Ownership("a", "x.md")]),
    (
        "document",
        "- document: [{file: ./a.md, section: B, text: c}, {file: a.md, section: B, remove: true}]",
        [model.Document("a.md", "B", "c"), model.Document("a.md", "B", "", remove=True)],
    ),
    ("ban", "- ban: moved", [model.Ban()]),
    (
        "ban, a mapping",
        "- ban: {names: [a.b, a.c:d], guard: t/test_x.py, config: ruff.toml}",
        [model.Ban(moved=False, names=("a.b", "a.c:d"), config="ruff.toml", guard="t/test_x.py")],
    ),
    (
        "limit",
        "- limit: {modules_per_package: 5, lines_per_module: 300, of: a, except: {a.b: 6}}",
        [model.Limit(5, 300, ("a",), (("a.b", 6),))],
    ),
    ("gather", "- gather: {a.routers: router}", [model.Gather("a.routers", "router")]),
    (
        "mirror",
        "- mirror: {of: a.s, in: [a.r, tests/unit], except: [shared], names: {x: y}}",
        [model.Mirror("a.s", ("a.r", "tests/unit"), ("shared",), (("x", "y"),))],
    ),
    ("unshim", "- unshim: all", [model.Unshim()]),
    ("unshim, a list", "- unshim: [a.b]", [model.Unshim(("a.b",))]),
    (
        "transform",
        '- transform: {codemod: "t.c:Add", paths: "a/**", options: {n: 010, on: off}}',
        [model.Transform("t.c:Add", ("a/**",), (("n", "010"), ("on", "off")))],
    ),
    ("transform, everywhere", '- transform: {codemod: "t.c:Add"}', [model.Transform("t.c:Add")]),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_verb_becomes_its_operations(body: str, expected: list[model.Operation]) -> None:
    assert do(body) == tuple(expected)


def test_the_plan_itself() -> None:
    got = plan(
        "version: 1\nname: on\ndescription: x\nrepository: ../r\nsource_roots: [src/, .]\ntracker: docs/T.md\n"
        "phases:\n- {id: 010, title: t, owner: o, target: 2025-11-26, needs_ok: Infra, pin: celery, do: []}\n"
        "- {id: 1.10, depends_on: 010, do: []}\n"
    )
    assert (got.name, got.description, got.repository) == ("on", "x", "../r")
    assert (got.source_roots, got.tracker, got.path) == (("src", "."), "docs/T.md", "plan.yaml")
    first, second = got.phases
    assert (first.id, first.title, first.owner, first.target) == ("010", "t", "o", "2025-11-26")
    assert (first.needs_ok, first.pin, second.id, second.depends_on) == ("Infra", ("celery",), "1.10", ("010",))


SETTINGS = [
    ("nothing said", "{}", "", model.Settings()),
    ("defaults", "{imports: facade, shims: file}", "", model.Settings(imports="facade", shims="file")),
    ("the phase wins", "{imports: facade, history: waypoint}", "imports: direct", model.Settings(history="waypoint")),
    ("checks add", "{checks: [a]}", "checks: [b]", model.Settings(checks=(model.Check("a"), model.Check("b")))),
    ("a check twice", "{checks: [a, a]}", "checks: [a]", model.Settings(checks=(model.Check("a"),))),
    ("one check", "{checks: a}", "", model.Settings(checks=(model.Check("a"),))),
    ("checks replace", "{checks: [a]}", "checks: {replace: [b]}", model.Settings(checks=(model.Check("b"),))),
    ("no checks", "{checks: [a]}", "checks: {replace: []}", model.Settings()),
    (
        "a check in full",
        "{checks: [{run: pytest, timeout: 60, junit: out.xml, affected: true}]}",
        "",
        model.Settings(checks=(model.Check("pytest", 60.0, "out.xml", affected=True),)),
    ),
    ("budget", "{budget: 300}", "", model.Settings(budget_lines=300)),
    ("budget by key", "{budget: {lines: 300, files: 9}}", "budget: {lines: 0}", model.Settings(budget_files=9)),
    ("worktree", "{worktree: {link: [.env]}}", "python: py", model.Settings(python="py", link=(".env",))),
]


@pytest.mark.parametrize(
    ("defaults", "own", "expected"), [row[1:] for row in SETTINGS], ids=[row[0] for row in SETTINGS]
)
def test_settings_of_a_phase(defaults: str, own: str, expected: model.Settings) -> None:
    assert phase(f"do: []\n{own}", defaults).settings == expected


def test_settled_occurrences() -> None:
    got = phase("keep: [{in: a/*, match: ^x, why: old}]\nrewrite: [{in: b, match: y}]\ndo: []").settled
    assert unmarked(got) == (model.Settled("a/*", "^x", "old"), model.Settled("b", "y", rewrite=True))
    assert [item.mark.key for item in got] == ["phases[0].keep[0]", "phases[0].rewrite[0]"]


def test_marks_tell_where_each_row_stands() -> None:
    got = plan(
        "version: 1\nname: x\nphases:\n  - id: a\n    do:\n      - move:\n          a.b: c.d\n      - split: m.n\n"
        "        into:\n          m.o: rest\n      - barrel: [p, q]\n      - barrel: r\n"
    ).phases[0]
    move, split, first, second, third = got.do
    assert isinstance(move, model.Move)
    assert isinstance(split, model.Split)
    assert got.mark == model.Mark(4, 5, "phases[0]")
    assert move.mark == model.Mark(6, 9, "phases[0].do[0].move")
    assert move.pairs[0].mark == model.Mark(7, 11, "phases[0].do[0].move['a.b']")
    assert split.into[0].mark == model.Mark(10, 11, "phases[0].do[1].into['m.o']")
    assert first.mark == model.Mark(11, 18, "phases[0].do[2].barrel[0]")
    assert second.mark == model.Mark(11, 21, "phases[0].do[2].barrel[1]")
    assert third.mark == model.Mark(12, 9, "phases[0].do[3].barrel")


def test_an_error_is_a_finding_with_place_and_key_path() -> None:
    with pytest.raises(PlanError) as caught:
        plan("version: 1\nname: x\nphases:\n  - id: a\n    do:\n      - moov: {a: b}\n")
    [finding] = caught.value.findings
    assert caught.value.exit_code == 2
    assert (finding.code, finding.weight) == ("plan-key", Weight.REFUSAL)
    assert (finding.place, finding.key) == (Place("plan.yaml", 6, 9), "phases[0].do[0].moov")
    assert render(finding) == "plan.yaml:6:9 phases[0].do[0].moov: unknown key 'moov', did you mean 'move'?"


BYTES = [
    ("not UTF-8", b"version: 1\nname: \xff\n", "plan.yaml:2:7: the plan is not UTF-8"),
    ("UTF-16", "version: 1".encode("utf-16"), "plan.yaml:1:1: the plan is not UTF-8"),
    ("NUL", b"version: 1\nname: a\0b\n", "plan.yaml:2:8: the character U+0000 may not stand in a plan"),
    ("a bell", b"version: 1\r\nname: \x07\n", "plan.yaml:2:7: the character U+0007 may not stand in a plan"),
    ("DEL", b"\xef\xbb\xbf\x7f", "plan.yaml:1:1: the character U+007F may not stand in a plan"),
    ("nothing", b"", "plan.yaml:1:1: the plan is empty"),
    ("spaces", b" \n \n", "plan.yaml:1:1: the plan is empty"),
    ("null", b"null\n", "plan.yaml:1:1: a plan is a mapping, not the text 'null'"),
]


@pytest.mark.parametrize(("data", "expected"), [row[1:] for row in BYTES], ids=[row[0] for row in BYTES])
def test_bytes_that_are_no_plan(data: bytes, expected: str) -> None:
    assert errors_of(data) == expected


def test_a_million_brackets_end_at_once() -> None:
    started = time.perf_counter()
    assert "nested deeper than" in errors_of("a: " + "[" * 1_000_000)
    assert "nested deeper than" in errors_of("- " * 100_000)
    assert time.perf_counter() - started < 5


def test_aliases_cannot_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20)]
    started = time.perf_counter()
    assert "aliases written out" in errors_of("\n".join(lines))
    assert time.perf_counter() - started < 5


def test_aliases_do_not_add_up_in_depth() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60))]
    assert "nested deeper than" in errors_of("\n".join(lines))


JSON_PLAN: dict[str, Any] = {
    "version": 1,
    "name": 'größe "x" \\ / 🚀',
    "description": "\t\n\u2028",
    "defaults": {"shims": "none", "checks": []},
    "phases": [
        {"id": "change", "owner": None, "do": [{"move": {"app.größe": "app.x"}}, {"scaffold": {"app.y": None}}]}
    ],
}


@pytest.mark.parametrize(
    "options", [{"indent": 2, "ensure_ascii": False}, {"indent": 2}, {}, {"separators": (",", ":")}], ids=str
)
def test_json_is_a_plan_too(options: dict[str, Any]) -> None:
    got = plan(json.dumps(JSON_PLAN, **options))
    assert (got.name, got.description) == (JSON_PLAN["name"], JSON_PLAN["description"])
    assert unmarked(got.phases[0].do) == (model.Move((model.Pair("app.größe", "app.x"),)), model.Scaffold("app.y"))


def test_many_rows_load_quickly() -> None:
    rows = "\n".join(f"          app.m{n}: app.p{n % 50}." for n in range(4000))
    text = f"version: 1\nname: x\nphases:\n  - id: a\n    do:\n      - move:\n{rows}\n"
    started = time.perf_counter()
    got = plan(text).phases[0].do[0]
    assert isinstance(got, model.Move)
    assert len(got.pairs) == 4000
    assert time.perf_counter() - started < 5


def test_the_model_needs_no_pydantic() -> None:
    code = "import sys, codemod.plan.model, codemod.plan.problems; assert 'pydantic' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

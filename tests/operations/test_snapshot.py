"""`snapshot` and `ownership`: generated files that converge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from codemod.operations import ownership, snapshot
from codemod.operations.context import Write
from codemod.plan.model import Move, Ownership, Pair, Phase, Plan, Scaffold, Snapshot
from tests.operations.writing import Files, apply_results, context_of, perform, tree_of

FILES: Files = {
    "app/__init__.py": "",
    "app/s/__init__.py": "",
    "app/s/a.py": "from app.s import b\nfrom app.core import x\n",
    "app/s/b.py": "from app.s.a import q\n",
    "app/s/c.py": "def f():\n    from . import a\n",
    "app/s/old.py": "# codemod: shim app.s.old -> app.s.a\n",
    "app/core.py": "x = 1\n",
    "app/api.py": "import app.s.a\nfrom app.s import c\nimport app.s.old\n",
}
MARKDOWN = """\
# Dependencies of app.s

<!-- codemod: change snapshot app.s -->
| | |
| --- | ---: |
| Modules | 4 |
| Packages | 1 |
| Imports inside | 3 |
| Imports of the rest of the repository | 1 |
| Imports by the rest of the repository | 2 |
| Import cycles | 1 |

## Most imported

| Module | Imported by |
| --- | ---: |
| `app.s.a` | 3 |
| `app.s.b` | 1 |
| `app.s.c` | 1 |

## Importing most

| Module | Imports |
| --- | ---: |
| `app.s.a` | 2 |
| `app.s.b` | 1 |
| `app.s.c` | 1 |

## Import cycles

- `app.s.a`, `app.s.b`

## Who imports whom

- `app.s`
- `app.s.a`: `app.core`, `app.s.b`
- `app.s.b`: `app.s.a`
- `app.s.c`: `app.s.a`
<!-- codemod: end -->
"""


def test_markdown() -> None:
    ran = perform(snapshot.run, Snapshot("app.s", "docs/deps.md"), FILES)
    assert ran.text("docs/deps.md") == MARKDOWN


def test_markdown_into_a_hands_file() -> None:
    ran = perform(snapshot.run, Snapshot("app.s", "docs/deps.md"), {**FILES, "docs/deps.md": "# Ours\r\n"})
    assert ran.text("docs/deps.md").startswith("# Ours\r\n\r\n<!-- codemod: change snapshot app.s -->\r\n")


def test_json() -> None:
    ran = perform(snapshot.run, Snapshot("app.s", "deps.json", "json"), FILES)
    found = json.loads(ran.text("deps.json"))
    assert found["codemod"] == "change"
    assert found["counts"]["imports_inside"] == 3
    assert found["fan_in"] == [["app.s.a", 3], ["app.s.b", 1], ["app.s.c", 1]]
    assert found["cycles"] == [["app.s.a", "app.s.b"]]
    assert found["adjacency"]["app.s.a"] == ["app.core", "app.s.b"]


def test_dot_and_mermaid() -> None:
    text = perform(snapshot.run, Snapshot("app.s", "d.dot", "dot"), FILES).text("d.dot")
    assert text.startswith('// codemod: change snapshot\ndigraph "app.s" {\n')
    assert '  "app.s.b" -> "app.s.a";\n' in text
    text = perform(snapshot.run, Snapshot("app.s", "d.mmd", "mermaid"), FILES).text("d.mmd")
    assert text.startswith("%% codemod: change snapshot\ngraph LR\n")
    assert '  n0["app.core"]\n' in text


@pytest.mark.parametrize("format", ["markdown", "json", "dot", "mermaid"])
def test_later_phases_renew_earlier_ones_hold(format: str) -> None:
    operation = Snapshot("app.s", "out.txt" if format != "markdown" else "out.md", format)
    one, two = Phase("one", (operation,)), Phase("two", (operation,))
    plan = Plan("case", (one, two))

    def ran(files: Files, phase: Phase) -> tuple[Write, ...]:
        tree = tree_of(files)
        return apply_results(tree, snapshot.run(operation, replace(context_of(tree, plan=plan), phase=phase))).writes

    (first,) = ran(FILES, one)
    assert first.data is not None
    grown = {**FILES, "app/s/new.py": "import app.s.c\n", operation.to: first.data.decode()}
    assert not ran(grown, one)
    (second,) = ran(grown, two)
    assert second.data is not None and second.data != first.data
    later = {**grown, operation.to: second.data.decode(), "app/s/newer.py": ""}
    assert not ran(later, one)
    assert not ran(later, two)


def test_a_hands_file_is_not_written_over() -> None:
    ran = perform(snapshot.run, Snapshot("app.s", "deps.json", "json"), {**FILES, "deps.json": "{}\n"})
    assert [(f.code, f.blocks) for f in ran.findings] == [("hand-written-file", True)]


@pytest.mark.parametrize(("run", "kind"), [(snapshot.run, Snapshot), (ownership.run, Ownership)])
def test_package_that_is_not_there(run: Any, kind: Any) -> None:
    assert perform(run, kind("app.t", "x.md"), FILES).codes == ["source-missing"]


def test_ownership() -> None:
    table = Ownership("app.s", "own.md")
    do = (table, Move((Pair("app.s.c", "app.u.c"),)))
    plan = Plan(
        "case", (Phase("change", do), Phase("next", (Scaffold("app.s", "", "Ann"), Scaffold("app.u", "", "Bob"))))
    )
    later = Plan("case", (Phase("change", (table,)), Phase("next", (*do[1:], *plan.phases[1].do))))
    files = {**FILES, "CODEOWNERS": "app/s/a.py @x @y\n"}
    tree = tree_of(files)

    def rows(plan: Plan) -> Iterator[str]:
        ran = apply_results(tree, ownership.run(table, context_of(tree, plan=plan)))
        return (line for line in ran.text("own.md").splitlines() if line.startswith(("|", "4")))

    assert list(rows(later)) == [
        "4 modules, 0 without an owner.",
        "| Module | Owner by the plan | CODEOWNERS |",
        "| --- | --- | --- |",
        "| `app.s` | Ann | – |",
        "| `app.s.a` | Ann | @x @y |",
        "| `app.s.b` | Ann | – |",
        "| `app.s.c` | Bob | – |",
    ]
    assert next(rows(Plan("case", (Phase("change", (table,)),)))) == "4 modules, 3 without an owner."

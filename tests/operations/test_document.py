"""`document`: texts in sections of Markdown, TOML and other files."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.operations.document import run
from codemod.operations.toml_text import with_element
from codemod.plan.model import Document, Phase, Plan
from tests.operations.writing import Ran, apply_results, context_of, perform, tree_of

MARK = "<!-- codemod: change -->"


def document(file: str, before: str | None, section: str, text: str, remove: bool = False) -> Ran:
    return perform(run, Document(file, section, text, remove), {} if before is None else {file: before})


MARKDOWN = [
    pytest.param(None, f"# News\n\nIt moved. {MARK}\n", id="a new file"),
    pytest.param("# A\n\ntext\n", f"# A\n\ntext\n\n## News\n\nIt moved. {MARK}\n", id="a new section"),
    pytest.param("# A", f"# A\n\n## News\n\nIt moved. {MARK}\n", id="no final newline"),
    pytest.param("# News\n\nold\n", f"# News\n\nold\n\nIt moved. {MARK}\n", id="at the end of its section"),
    pytest.param(
        "## News ##\n\nold\n\n\n## B\n", f"## News ##\n\nold\n\nIt moved. {MARK}\n\n\n## B\n", id="before the next"
    ),
    pytest.param("# News\n## B\n", f"# News\n\nIt moved. {MARK}\n\n## B\n", id="an empty section"),
    pytest.param("News\n====\n\nB\n---\n", f"News\n====\n\nIt moved. {MARK}\n\nB\n---\n", id="underlined headings"),
    pytest.param("```\n# News\n```\n", f"```\n# News\n```\n\n## News\n\nIt moved. {MARK}\n", id="not in a fence"),
    pytest.param("a\r\n# News\nold", f"a\r\n# News\nold\r\n\r\nIt moved. {MARK}\r\n", id="mixed line endings"),
    pytest.param("# News\r\n\r\nold\r\n", f"# News\r\n\r\nold\r\n\r\nIt moved. {MARK}\r\n", id="CRLF"),
]


@pytest.mark.parametrize(("before", "after"), MARKDOWN)
def test_markdown(before: str | None, after: str) -> None:
    ran = document("README.md", before, "News", "It moved.\n")
    assert ran.text("README.md") == after
    back = document("README.md", after, "News", "It moved.\n", remove=True)
    assert "moved" not in (back.text("README.md") if "README.md" in back.tree else "")


def test_markdown_list_items_join_their_list() -> None:
    ran = document("a.md", "# News\n\n- one\n  more\n\n# B\n", "News", "- two\n")
    assert ran.text("a.md") == f"# News\n\n- one\n  more\n- two {MARK}\n\n# B\n"
    back = document("a.md", ran.text("a.md"), "News", "- two\n", remove=True)
    assert back.text("a.md") == "# News\n\n- one\n  more\n\n# B\n"


def test_markdown_text_that_cannot_carry_a_mark() -> None:
    ran = document("a.md", "# News\n\nold\n\n# B\n", "News", "```\nx\n```\n")
    assert ran.text("a.md") == f"# News\n\nold\n\n```\nx\n```\n\n{MARK}\n\n# B\n"
    assert (
        document("a.md", ran.text("a.md"), "News", "```\nx\n```", remove=True).text("a.md") == "# News\n\nold\n\n# B\n"
    )


@pytest.mark.parametrize(
    "there",
    [
        "# News\n\nIt moved.\n",
        f"# News\n\nIt moved, says Ann. {MARK}\n",
        "# News\n\nbefore\nIt moved.\nafter\n",
        "News\n---\nIt moved.\n",
    ],
)
def test_markdown_that_holds(there: str) -> None:
    assert not document("a.md", there, "News", "It moved.").writes


@pytest.mark.parametrize("there", ["# B\n", "# News\n\nother\n", "# News\n\nIt moved\n"])
def test_markdown_with_nothing_to_remove(there: str) -> None:
    assert not document("a.md", there, "News", "It moved.", remove=True).writes


def test_removes_a_section_with_what_is_below_it() -> None:
    ran = document("a.md", "# A\n\n## News\n\nx\n\n### C\n\ny\n\n## D\n", "News", "", remove=True)
    assert ran.text("a.md") == "# A\n\n## D\n"


def test_several_texts_of_a_phase_for_one_section() -> None:
    one, two = Document("a.md", "News", "- one"), Document("a.md", "News", "- two")
    tree = tree_of({})
    for operation in (one, two, one, two):
        tree = apply_results(tree, run(operation, context_of(tree, one, two))).tree
    assert tree.read("a.md").decode() == f"# News\n\n- one {MARK}\n- two <!-- codemod: change 2 -->\n"


def test_a_landed_text_that_a_later_phase_took_out_stays_out() -> None:
    text = Document("a.md", "News", "- one")
    one, two = Phase("one", (text,)), Phase("two", (replace(text, remove=True),))
    tree = tree_of({"a.md": "# A\n"})
    context = replace(context_of(tree, plan=Plan("case", (one, two))), phase=one)
    assert not apply_results(tree, run(text, replace(context, landed=True))).writes
    assert apply_results(tree, run(text, replace(context, landed=False))).writes
    unknown = apply_results(tree, run(text, context))
    assert unknown.codes == ["state-unknown"]
    assert not unknown.writes


PYPROJECT = """\
# top
[tool.ruff]
line-length = 120 # c

[tool.ruff.lint]
select = [
    "E", # errors
]

# about ignores
[tool.ruff.lint.per-file-ignores]
"a.py" = ["F403"] # x

# next
[tool.mypy]
strict = true
"""
IGNORE = '"app/**" = ["F401", "I001"]'


def test_toml_keys_join_their_table_and_leave_it() -> None:
    ran = document("pyproject.toml", PYPROJECT, "tool.ruff.lint.per-file-ignores", IGNORE)
    assert ran.text("pyproject.toml") == PYPROJECT.replace("# x\n", f"# x\n{IGNORE}\n")
    back = document(
        "pyproject.toml", ran.text("pyproject.toml"), "tool.ruff.lint.per-file-ignores", IGNORE, remove=True
    )
    assert back.text("pyproject.toml") == PYPROJECT


def test_toml_table_is_made_near_its_kin_and_goes_when_it_is_empty() -> None:
    ran = document("pyproject.toml", PYPROJECT, "tool.ruff.format", 'quote-style = "single"')
    table = '\n[tool.ruff.format]  # codemod: change\nquote-style = "single"\n'
    assert ran.text("pyproject.toml") == PYPROJECT.replace("# x\n", "# x\n" + table)
    back = document(
        "pyproject.toml", ran.text("pyproject.toml"), "tool.ruff.format", 'quote-style = "single"', remove=True
    )
    assert back.text("pyproject.toml") == PYPROJECT


@pytest.mark.parametrize(
    ("before", "section", "text"),
    [
        ("", "a.b", "x = 1"),
        ("[a]\n", "a", "x = 1"),
        ("[a]\r\ny = 2\r\n", "a", "x = 1"),
        ("[a]\ny = 2", "a", "x = 1\nz = [\n  1,\n]"),
        ("a = {b = {y = 1}}\n", "a.b", "x = 1"),
        ("[a]\nb.y = 1\n", "a.b", "x = 1"),
        ("[[a]]\nx = 1\n[b]\n", "b", "x = 2"),
        ('x = """\n[a]\n"""\n[a]\ny = [\n[1]\n]\n', "a", "z = 1"),
        ("[a]\n[a.c]\nk = 1\n", "a", "x.y = 1"),
        ("", 'a."b.c"', "'d e' = {f = 1}"),
    ],
)
def test_toml_shapes(before: str, section: str, text: str) -> None:
    ran = document("x.toml", before, section, text)
    wanted = tomllib.loads(before)
    inner = wanted
    for key in tomllib.loads(f"[{section}]"):
        inner = inner.setdefault(key, {})
    after = tomllib.loads(ran.text("x.toml"))
    assert text.split(" =")[0].split(".")[0].strip("'") in str(after)
    assert all(line in ran.text("x.toml") for line in before.splitlines() if "{" not in line)
    assert ran.text("x.toml").count("\n") == (ran.text("x.toml").count("\r\n") or ran.text("x.toml").count("\n"))
    back = document("x.toml", ran.text("x.toml"), section, text, remove=True)
    assert tomllib.loads(back.text("x.toml")) == tomllib.loads(before) or "{" in before or back.findings == ()


@pytest.mark.parametrize(
    ("before", "section", "code"),
    [
        ("[a]\nx = 2\n", "a", "document-key-taken"),
        ("a = 1\n", "a.b", "document-unfit"),
        ("[a\n", "a", "document-unfit"),
        ("", "a..b", "document-unfit"),
        ("[[a]]\ny = 1\n", "a", "document-unfit"),
    ],
)
def test_toml_that_does_not_fit(before: str, section: str, code: str) -> None:
    ran = document("x.toml", before, section, "x = 1")
    assert ran.codes == [code]
    assert not ran.writes


def test_toml_remove_leaves_what_a_hand_changed() -> None:
    ran = document("x.toml", "[a]\nx = 2\ny = 3\n", "a", "x = 1\ny = 3\n", remove=True)
    assert ran.text("x.toml") == "[a]\nx = 2\n"
    assert ran.codes == ["document-changed"]


def test_toml_whole_table_goes() -> None:
    ran = document("x.toml", "[a]\nx = 1\n\n[b]\ny = 1\n[b.c]\nz = 1\n\n[d]\n", "b", "", remove=True)
    assert ran.text("x.toml") == "[a]\nx = 1\n\n[d]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[a]\nx = ["p"]\n', '[a]\nx = ["p", "q"]\n'),
        ('[a]\nx = [\n    "p", # c\n]\n', '[a]\nx = [\n    "p", # c\n    "q",\n]\n'),
        ("[a]\nx = []\n", '[a]\nx = ["q"]\n'),
        ("[a]\ny = 1\n", '[a]\ny = 1\nx = ["q"]\n'),
        ('[a]\nx = ["q"]\n', '[a]\nx = ["q"]\n'),
    ],
)
def test_toml_array(before: str, after: str) -> None:
    assert with_element(before, ("a", "x"), "q") == after


PLAIN = [
    (".gitignore", "*.pyc\n", "*.pyc\n\n# codemod: change Ours\n/build\n# codemod: end\n"),
    ("Makefile", "", "# codemod: change Ours\n/build\n# codemod: end\n"),
    ("x.ini", "[Ours]\na = 1\n\n[b]\n", "[Ours]\na = 1\n# codemod: change Ours\n/build\n# codemod: end\n\n[b]\n"),
    ("x.cfg", "[b]\n", "[b]\n\n[Ours]\n# codemod: change Ours\n/build\n# codemod: end\n"),
    ("x.rst", "A\n", "A\n\n.. codemod: change Ours\n/build\n.. codemod: end\n"),
]


@pytest.mark.parametrize(("file", "before", "after"), PLAIN)
def test_plain_text(file: str, before: str, after: str) -> None:
    ran = document(file, before, "Ours", "/build\n")
    assert ran.text(file) == after
    assert document(file, after, "Ours", "/build", remove=True).text(file) == before
    assert document(file, after, "Ours", "", remove=True).text(file) == before


def test_json_has_no_sections() -> None:
    assert document("x.json", "{}", "a", "x").codes == ["document-unfit"]


lines = st.lists(st.sampled_from(["# News", "## B", "- a", "", "text", "```", "News", "===", "It moved."]), max_size=9)


@settings(max_examples=80, deadline=None)
@given(lines)
def test_markdown_keeps_every_line_and_comes_back(before: list[str]) -> None:
    text = "".join(line + "\n" for line in before)
    ran = document("a.md", text, "News", "It is new.")
    kept = iter((ran.text("a.md")).splitlines())
    assert all(line in kept for line in before)
    assert "It is new." in ran.text("a.md")
    back = document("a.md", ran.text("a.md"), "News", "It is new.", remove=True)
    assert "It is new." not in back.text("a.md")

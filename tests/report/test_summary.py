"""The Markdown summary of a run: every part of it, and nothing that Markdown would read otherwise."""

from __future__ import annotations

from pathlib import Path

from tests.cli.harness import codemod, repository, written

FILES = {
    "app/__init__.py": "",
    "app/user.py": "NAME = 'ann'\n",
    "main.py": "from app.user import NAME\n\nprint(NAME)\n",
}
PLAN = """\
version: 1
name: a_b <x>
phases:
  - id: one
    title: Move *it*
    owner: Platform
    checks: ["true"]
    do:
      - move: {app.user: app.accounts.user}
  - id: two
    do:
      - move: {app.nothing: app.there}
"""


def test_what_a_request_says(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES)
    plan = written(tmp_path, PLAN)
    summary = tmp_path / "summary.md"
    done = codemod("run", plan, "--all", "--pr-summary", summary, cwd=repo)
    assert done.code == 3
    text = summary.read_text()
    assert text.startswith("# a\\_b &lt;x&gt;\n\n2 phases: 1 published, 1 refused.\n\n## one: Move \\*it\\*\n")
    for part in (
        "**published**; 3 files, 1 moved, +1 -1 lines; owner Platform",
        "- `app/user.py` → `app/accounts/user.py`",
        "History: git follows 1 of 1 moved file at 50 % similarity.",
        " | move | 3 | +1 -1 | Move \\*it\\* |",
        "- `true`: passed",
        "Made by `codemod run plan.yaml --phase one`, and made again by the same.",
        "## two\n\n**refused**\n\nTo look at:\n\n- ",
    ):
        assert part in text, part


def test_a_long_list_is_folded(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {f"app/m{number}.py": "" for number in range(14)} | {"app/__init__.py": ""})
    moves = ", ".join(f"app.m{number}: app.x.m{number}" for number in range(14))
    plan = written(tmp_path, f"version: 1\nname: x\nphases:\n  - id: one\n    do: [{{move: {{{moves}}}}}]\n")
    summary = tmp_path / "summary.md"
    assert codemod("run", plan, "--all", "--pr-summary", summary, cwd=repo).code == 0
    assert "<summary>4 more moves</summary>\n\n- `app/m6.py`" in summary.read_text()


def test_a_summary_that_cannot_be_written_is_told_first(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES)
    done = codemod("run", written(tmp_path, PLAN), "--all", "--pr-summary", tmp_path / "no" / "x.md", cwd=repo)
    assert done.code == 2 and "x.md: No such file or directory" in done.err and (repo / "app/user.py").exists()

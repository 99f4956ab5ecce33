"""The project tells the truth about itself: its README, documents, change log and reason codes."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml

import codemod
from codemod.base.codes import REASONS
from codemod.plan.load import load
from codemod.plan.model import Operation

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [TOP / "README.md", *sorted((TOP / "docs").glob("*.md"))]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return README.split(f"## {title}\n")[1].split("\n## ")[0]


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((TOP / "codemod").rglob("*.py")):
        yield path, ast.parse(path.read_bytes())


@pytest.mark.skipif(not (TOP / ".git").exists(), reason="only git knows what belongs to the project")
def test_the_top_level_holds_what_belongs_there() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    top = {path.split("/")[0] for path in tracked.split("\0") if path}
    assert {name for name in top if not name.startswith(".")} == {
        "codemod", "plans", "tests", "fixtures", "docs", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md",
    }  # fmt: skip


def test_the_readme_opens_with_exactly_two_commands() -> None:
    commands = blocks(section("Try it"), "sh")
    assert len(commands) == 2
    assert all(len(command.splitlines()) == 1 for command in commands)
    assert commands[0].split("&&")[:2] == commands[1].split("&&")[:2]  # they install the same way


def test_the_readme_commands_name_what_is_there() -> None:
    first, second = (shlex.split(command.split("&&")[-1]) for command in blocks(section("Try it"), "sh"))
    assert first[:2] == [".venv/bin/codemod", "rehearse"]
    assert (TOP / first[2]).is_file()
    assert "codemod" in PROJECT["project"]["scripts"]
    assert second == [".venv/bin/pytest"]
    assert any(requirement.startswith("pytest") for requirement in PROJECT["project"]["optional-dependencies"]["dev"])


def test_ci_runs_the_readme_test_command_last() -> None:
    command = blocks(section("Try it"), "sh")[1].split("&&")[-1].strip()
    assert (TOP / ".ci/run").read_text(encoding="utf-8").strip().splitlines()[-1] == command


@pytest.mark.parametrize("script", ["run", "full"])
def test_ci_scripts_are_runnable(script: str) -> None:
    path = TOP / ".ci" / script
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", str(path)], check=True)


def test_the_readme_plan_is_valid() -> None:
    plans = [text for text in blocks(README, "yaml") if text.startswith("version:")]
    assert plans
    for text in plans:
        load(text.encode(), "plan.yaml")
    for text in blocks(README, "yaml"):
        yaml.safe_load(text)


def test_every_command_in_the_readme_is_documented() -> None:
    known = set(re.findall(r"^## (\w+)$", (TOP / "docs/cli.md").read_text(encoding="utf-8"), re.MULTILINE))
    for line in "\n".join(blocks(README, "sh")).splitlines():
        if line.startswith("codemod "):
            assert line.split()[1] in known


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (document.parent / target).exists(), target


def test_the_change_log_knows_the_version() -> None:
    assert f"## {codemod.__version__}" in (TOP / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", ["docs/plan.md", "README.md"])
def test_every_operation_is_documented(document: str) -> None:
    text = (TOP / document).read_text(encoding="utf-8")
    for operation in get_args(Operation):
        assert f"`{operation.__name__.lower()}`" in text


def constants(node: ast.expr | None) -> Iterator[str]:
    """The strings that an expression may be, through conditional expressions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


def codes_used() -> Iterator[tuple[str, str]]:
    """(code, place) of each reason code that is given to `Finding`, or to a function that takes a `code`."""
    takers = {"Finding": 0}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
                if "code" in names and node.name not in ("__init__", "main"):
                    takers[node.name] = names.index("code")
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in takers:
                    given = node.args[takers[name]] if len(node.args) > takers[name] else None
                    given = next((keyword.value for keyword in node.keywords if keyword.arg == "code"), given)
                    for code in constants(given):
                        if name == "Finding" or re.fullmatch(r"[a-z]+(-[a-z]+)+", code):  # `add` takes other things too
                            yield code, f"{path.relative_to(TOP)}:{node.lineno}"


def test_every_reason_code_is_explained() -> None:
    assert {code: place for code, place in codes_used() if code not in REASONS} == {}


def test_every_explained_reason_code_is_used() -> None:
    strings = {
        node.value
        for path, tree in trees()
        if path.name != "codes.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(REASONS) - strings == set()


def test_reason_codes_are_sorted() -> None:
    assert list(REASONS) == sorted(REASONS)

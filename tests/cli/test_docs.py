"""The command reference keeps up with the commands."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import FILES, PLAN, codemod, on_a_branch, repository, written

REFERENCE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
FREE = {"residue"}  # its keys are verdicts


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in FREE or isinstance(inner, list):
                yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_every_field_is_documented(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {**FILES, "bad.py": "from app.user_service import (\n"})
    on_a_branch(repo, "open", {"new.py": "from app import user_service\n"})
    plan = written(tmp_path, PLAN.replace("phases:\n", "defaults:\n  checks: ['true']\nphases:\n", 1))
    lines = (
        ("check", plan), ("status", plan), ("diff", plan), ("rehearse", plan), ("run", plan, "--all"),
        ("residue", plan), ("forecast", plan, "open"), ("carry", plan, "open"), ("sweep", plan),
        ("sweep", plan, "--check"),
        ("graph",), ("inspect",), ("inspect", "app.status.status_service"),
        ("inspect", "app.user_service", "--split-hints"), ("explain", "usage"), ("check", "nowhere"),
    )  # fmt: skip
    told = set(re.findall(r"`([a-z_.]+)`", REFERENCE)) | {"error", "kind"}
    for line in lines:
        assert set(keys(codemod(*line, "--json", cwd=repo).json)) <= told, line
    command = (sys.executable, str(repo / "main.py"))
    answer = codemod("trace", "--json", "--", *command, cwd=repo, env={"PYTHONPATH": str(repo)}).json
    assert set(keys(answer)) <= told and answer["seen"] == []


@pytest.mark.parametrize("command", ["diff", "run", "graph", "inspect", "undo", "carry", "forecast", "sweep"])
def test_every_option_is_documented(command: str) -> None:
    options = set(re.findall(r"--[a-z-]+", codemod(command, "--help").out.partition("Examples:")[0]))
    assert {option for option in options if f"{option}" not in REFERENCE} <= {"--help"}


def test_every_command_has_a_section() -> None:
    commands = codemod("--help").out.partition("Commands:\n")[2].split("\n")
    for line in filter(None, commands):
        assert f"\n## {line.split()[0]}\n" in REFERENCE


def test_every_exit_code_is_documented() -> None:
    assert re.findall(r"^\| (\d+) \|", REFERENCE, re.MULTILINE) == ["0", "1", "2", "3", "70", "130"]

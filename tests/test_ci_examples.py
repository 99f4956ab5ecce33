"""The CI configurations in docs/ci: valid for their systems, and what they run works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.harness import FILES, PLAN, git, repository

CI = Path(__file__).parents[1] / "docs" / "ci"


@pytest.mark.parametrize(
    ("name", "schema"), [("github.yml", ["vendor.github-workflows"]), ("gitlab.yml", ["vendor.gitlab-ci"])]
)
def test_valid_for_their_systems(name: str, schema: list[str]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, str(CI / name)]
    if "gitlab" in name:
        command += ["--data-transform", "gitlab-ci"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def scripts(name: str) -> dict[str, list[str]]:
    """The shell lines of each job, without what installs."""
    document: dict[str, Any] = yaml.safe_load((CI / name).read_text())
    if name == "github.yml":
        jobs = {job: [step["run"] for step in told["steps"] if "run" in step] for job, told in document["jobs"].items()}
    else:
        jobs = {job: told["script"] for job, told in document.items() if isinstance(told, dict) and "script" in told}
    return {job: [line for line in lines if not line.startswith("pip ")] for job, lines in jobs.items()}


@pytest.mark.parametrize(("name", "job"), [("github.yml", "next-phase"), ("gitlab.yml", "migration-next-phase")])
def test_the_next_phase_is_run_and_handed_in(name: str, job: str, tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {**FILES, "plan.yaml": PLAN})
    pushed = tmp_path / "pushed"
    bin = tmp_path / "bin"
    bin.mkdir()
    for tool, body in (
        ("gh", f'printf "%s\\n" "$@" >> {pushed}'),
        ("git", f'if [ "$1" = push ]; then printf "%s\\n" "$@" >> {pushed}; else exec /usr/bin/env -S git "$@"; fi'),
        ("codemod", f'exec {sys.executable} -m codemod "$@"'),
    ):
        path = os.environ["PATH"]
        (bin / tool).write_text(f"#!/bin/sh\nPATH={path!r}\nexport PATH\n{body}\n")
        (bin / tool).chmod(0o755)
    env = {**os.environ, "PATH": f"{bin}:{os.environ['PATH']}", "PLAN": "plan.yaml", "RUNNER_TEMP": str(tmp_path)}
    env |= {"CI_SERVER_HOST": "host", "CI_PROJECT_PATH": "a/b", "MIGRATION_TOKEN": "t", "CI_DEFAULT_BRANCH": "main"}
    for name_ in [name_ for name_ in env if name_.startswith("GIT_")]:
        del env[name_]
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "HOME": str(tmp_path)}
    script = ["bash", "-e", "-c", "\n".join(scripts(name)[job])]
    for title in ("Move the status service", "Move the user service"):
        done = subprocess.run(script, cwd=repo, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert title in pushed.read_text()
        pushed.write_text("")
        made = git(repo, "branch", "--show-current").strip()
        git(repo, "checkout", "-q", "main")
        git(repo, "merge", "-q", made)
        git(repo, "branch", "-D", made)
    last = subprocess.run(script, cwd=repo, env=env, capture_output=True, text=True, check=False)
    assert last.returncode == 0 and "nothing left to do" in last.stdout and pushed.read_text() == ""

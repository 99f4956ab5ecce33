"""Every commit on the first-parent line of every plan imports and passes its fixture's tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.benchmarks.blame import MODES, ROOT, git, laid_down, published

PLANS = {path.stem: path for path in sorted((ROOT / "plans").glob("*.yaml"))}
NO_MODULES = ("conftest.py", "setup.py", "__main__.py")
IMPORTS = """
import importlib, json, sys
failed = {}
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = repr(error)
print(json.dumps(failed))
"""
# Pure renames come first there, and the commit that holds them is not meant to work.
GREEN = [mode for mode in MODES if mode != "two-commit"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", GREEN)
@pytest.mark.parametrize("name", PLANS)
def test_every_commit_imports_and_passes_the_tests(name: str, mode: str, tmp_path: Path) -> None:
    top, place = tmp_path / "repository", tmp_path / "commit"
    laid_down(ROOT / "fixtures" / name, top)
    base, head = published(top, PLANS[name], mode, tmp_path)
    git(top, "worktree", "add", "-q", "--detach", str(place), base)
    assert not broken(place)
    commits = git(top, "rev-list", "--first-parent", "--reverse", f"{base}..{head}").split()
    assert len(commits) >= len(phases_of(top, commits)) > 1
    for commit in commits:
        git(place, "checkout", "-q", "--detach", commit)
        git(place, "clean", "-q", "-ffdx")
        subject = git(place, "show", "-s", "--format=%h %s", commit)
        assert broken(place) == {}, subject
        done = run(place, "-m", "pytest", "-q", "-x", "-n0")
        assert done.returncode == 0, subject + done.stdout[-2000:]


def phases_of(top: Path, commits: list[str]) -> set[str]:
    form = "--format=%(trailers:key=Codemod-Phase,valueonly,separator=)"
    return {git(top, "show", "-s", form, commit).strip() for commit in commits}


def run(place: Path, *arguments: str, data: str = "", path: str = "") -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "PYTHON", "COV"))}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", **({"PYTHONPATH": path} if path else {})}
    return subprocess.run(
        [sys.executable, *arguments], cwd=place, input=data, env=environment, capture_output=True, text=True
    )


def broken(place: Path) -> dict[str, str]:
    """The modules of packages that cannot be imported, and why."""
    roots = tomllib.loads((place / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["pythonpath"]
    found: set[str] = set()
    for path in git(place, "ls-files", "-z", "--", "*.py").split("\0")[:-1]:
        file = Path(path)
        root = next(root for root in roots if root == "." or file.is_relative_to(root))
        inner = file.relative_to(root) if root != "." else file
        packages = [place / root / parent for parent in inner.parents if parent != Path()]
        if file.name in NO_MODULES or not packages or not all((one / "__init__.py").is_file() for one in packages):
            continue
        found.add(".".join(inner.with_suffix("").parts).removesuffix(".__init__"))
    assert len(found) > 10
    done = run(
        place, "-c", IMPORTS, data=json.dumps(sorted(found)), path=os.pathsep.join(str(place / r) for r in roots)
    )
    assert done.returncode == 0, done.stderr
    failed: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return failed

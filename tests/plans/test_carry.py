"""Branches from before a plan of ours, carried over all of its phases: no conflict, and what they did works."""

from __future__ import annotations

import ast
import random
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.benchmarks.blame import ROOT, git, laid_down, published
from tests.cli.harness import codemod

from .test_commits import run

PLANS = {path.stem: path for path in sorted((ROOT / "plans").glob("*.yaml"))}
BRANCHES = 5
AWAY = ("__init__.py", "__main__.py", "conftest.py")


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_branches_are_carried_over_every_phase(name: str, tmp_path: Path) -> None:
    top, place = tmp_path / "repository", tmp_path / "carried"
    laid_down(ROOT / "fixtures" / name, top)
    base, head = published(top, PLANS[name], "auto", tmp_path)
    plan = tmp_path / PLANS[name].name
    changed = git(top, "diff", "--name-only", "-z", "--no-renames", "--diff-filter=DM", base, head, "--", "*.py")
    paths = [path for path in changed.split("\0") if path and not path.endswith(AWAY) and "test" not in path]
    git(top, "worktree", "add", "-q", "--detach", str(place), base)
    for seed in range(BRANCHES):
        rng, branch = random.Random(seed), f"branch-{seed}"
        git(place, "checkout", "-q", "-B", branch, base)
        tests = [worked_on(place, path, f"{seed}{number}") for number, path in enumerate(rng.sample(paths, 4))]
        git(place, "add", "-A")
        git(place, "commit", "-qm", "what a branch does")
        passes(place, tests)
        git(place, "checkout", "-q", "--detach")
        done = codemod("carry", plan, branch, "--repo", top, *(["--rebase"] if seed % 2 else []), patience=600)
        assert done.code == 0, f"{branch}: {done.out}{done.err}"
        git(place, "checkout", "-q", branch)
        assert not git(top, "rev-list", f"{branch}..{head}"), "it is behind the main line"
        passes(place, ())
        for number in range(len(tests)):
            assert git(place, "grep", "-l", f"def carried_{seed}{number}()", "--", "*.py").strip() in git(
                place, "diff", "--name-only", head, branch
            )


def worked_on(top: Path, path: str, mark: str) -> str:
    """Change a function of a module and add one, with a module beside it and a test that use it; the test's path."""
    file = top / path
    lines = file.read_text("utf-8").splitlines(keepends=True)
    found = [node for node in ast.parse("".join(lines)).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    if found:
        first = found[len(found) // 2].body[-1].lineno - 1
        space = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        lines.insert(first, f"{space}# what branch {mark} says about it\n")
    added = f'\n\ndef carried_{mark}():\n    """What the branch adds."""\n    return "{mark}"\n'
    file.write_text("".join(lines) + added, "utf-8")
    settings = tomllib.loads((top / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    root = next(root for root in settings["pythonpath"] if root == "." or path.startswith(root + "/"))
    dotted = path.removeprefix(f"{root}/").removesuffix(".py").replace("/", ".")
    beside = dotted.rpartition(".")[0] + f".beside_{mark}"
    (file.parent / f"beside_{mark}.py").write_text(
        f"from {dotted} import carried_{mark}\n\n\ndef again():\n    return carried_{mark}() * 2\n", "utf-8"
    )
    test = f"{settings['testpaths'][0]}/test_branch_{mark}.py"
    (top / test).write_text(
        f'"""What the branch is about."""\n\nfrom {dotted} import carried_{mark}\nfrom {beside} import again\n\n\n'
        f'def test_what_it_adds():\n    assert carried_{mark}() + again() == "{mark}" * 3\n',
        "utf-8",
    )
    return test


def passes(top: Path, tests: Sequence[str]) -> None:
    done = run(top, "-m", "pytest", "-q", "-x", "-n0", *tests)
    assert done.returncode == 0, done.stdout[-3000:]

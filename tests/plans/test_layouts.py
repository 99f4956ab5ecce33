"""What `diff` shows is what `run` ends with, for every plan under every history mode, and each commit is proven."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.blame import MODES, ROOT, git, laid_down, published
from tests.cli.harness import codemod

PLANS = {path.stem: path for path in sorted((ROOT / "plans").glob("*.yaml"))}
CASES = [
    pytest.param(name, mode, marks=() if (name, mode) == ("anything-agents", "waypoint") else pytest.mark.slow)
    for name in PLANS
    for mode in MODES
]


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_diff_is_run(name: str, mode: str, tmp_path: Path) -> None:
    top = tmp_path / "repository"
    laid_down(ROOT / "fixtures" / name, top)
    shown = codemod("diff", PLANS[name], "--repo", top, "-q", patience=600)
    assert shown.code == 0, shown.err
    (tmp_path / "shown.patch").write_text(shown.out, "utf-8", newline="")
    base, head = published(top, PLANS[name], mode, tmp_path)
    git(top, "worktree", "add", "-q", "--detach", str(tmp_path / "again"), base)
    git(tmp_path / "again", "apply", "--index", str(tmp_path / "shown.patch"))
    assert git(tmp_path / "again", "write-tree") == git(top, "rev-parse", f"{head}^{{tree}}")
    told = codemod("prove", f"{base}..{head}", "--repo", top, "--plan", tmp_path / PLANS[name].name, patience=900)
    assert told.code == 0, told.out

"""`codemod prove` at the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.harness import FILES, PLAN, codemod, git, repository


def proven(tmp_path: Path) -> Path:
    repo = repository(tmp_path / "repo", {**FILES, "plan.yaml": PLAN})
    assert codemod("run", "plan.yaml", "--all", "--no-checks", cwd=repo).code == 0
    return repo


def test_what_it_says(tmp_path: Path) -> None:
    repo = proven(tmp_path)
    answer = codemod("prove", "HEAD~2..HEAD", cwd=repo)
    assert answer.code == 0 and answer.out.count("proven: ") == 2
    assert answer.out.endswith("2 commits: 2 proven\n")


def test_a_difference_is_exit_1_and_listed(tmp_path: Path) -> None:
    repo = proven(tmp_path)
    (repo / "main.py").write_text("x = 1\n")
    git(repo, "commit", "-q", "--amend", "--no-edit", "main.py")
    answer = codemod("prove", "HEAD", "--json", cwd=repo)
    assert answer.code == answer.json["exit"] == 1
    assert answer.json["commits"][0]["state"] == "differs" and answer.json["commits"][0]["files"] == ["main.py"]
    assert "  main.py\n" in codemod("prove", "HEAD", cwd=repo).out


def test_exit_codes(tmp_path: Path) -> None:
    repo = proven(tmp_path)
    assert codemod("prove", cwd=repo).code == 2
    assert codemod("prove", "nowhere", cwd=repo).code == 3
    assert codemod("prove", "HEAD~2", cwd=repo).code == 3
    assert codemod("prove", "HEAD", "--plan", "gone.yaml", cwd=repo).code == 2
    assert codemod("prove", "HEAD", cwd=tmp_path).code == 3


def test_from_a_folder_below_the_whole_repository_is_meant(tmp_path: Path) -> None:
    repo = proven(tmp_path)
    answer = codemod("prove", "HEAD", cwd=repo / "app")
    assert answer.code == 0 and "proven: " in answer.out
    assert codemod("prove", "HEAD", "--repo", "app", cwd=repo).code == 3

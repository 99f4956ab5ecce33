"""`ban`: ruff's banned-api and the guard, both tried for real."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from codemod.operations.ban import run
from codemod.plan.model import Ban, Move, Pair, Phase, Plan, Settings
from codemod.source.tree import Tree
from tests.operations.writing import Files, Ran, apply_results, context_of, perform, tree_of, write_to

MOVED = (
    ("app.user", "app.accounts.user"),
    ("app.user.Usr", "app.accounts.user.User"),
    ("app.old", "app.tmp"),
    ("app.tmp", "app.new"),
)
FILES: Files = {
    "pyproject.toml": '[tool.ruff]\nline-length = 100 # wide\n\n[tool.ruff.lint]\nselect = ["E", "F"]\n\n[tool.mypy]\n',
    "app/__init__.py": "",
    "app/accounts/__init__.py": "",
    "app/accounts/user.py": "class User: ...\n",
    "app/new.py": "X = 1\n",
}
CONFIG = """\
[tool.ruff]
line-length = 100 # wide

[tool.ruff.lint]
select = ["E", "F"]
extend-select = ["TID251"]

[tool.ruff.lint.flake8-tidy-imports.banned-api]
"app.old".msg = "moved to app.new"
"app.tmp".msg = "moved to app.new"
"app.user".msg = "moved to app.accounts.user"

[tool.mypy]
"""


def banned(files: Files, operation: Ban = Ban(), moved: tuple[tuple[str, str], ...] = MOVED) -> Ran:  # noqa: B008  # frozen
    return perform(run, operation, files, retired=moved)


def test_configuration() -> None:
    assert banned(FILES).text("pyproject.toml") == CONFIG


@pytest.mark.parametrize(
    ("lint", "selected"),
    [
        ('select = ["TID"]', True),
        ('extend-select = ["ALL"]', True),
        ('extend-select = [\n    "I", # sorted\n]', False),
        ("", False),
    ],
)
def test_rule_is_selected_once(lint: str, selected: bool) -> None:
    ran = banned({**FILES, "pyproject.toml": f"[tool.ruff.lint]\n{lint}\n"})
    codes = tomllib.loads(ran.text("pyproject.toml"))["tool"]["ruff"]["lint"].get("extend-select", [])
    assert ("TID251" in codes) is not selected
    assert lint.rstrip("]\n") in ran.text("pyproject.toml")


@pytest.mark.parametrize("name", ["ruff.toml", ".ruff.toml"])
def test_own_configuration_file_wins(name: str) -> None:
    ran = banned({**FILES, name: "line-length = 90\n"})
    assert ran.text("pyproject.toml") == FILES["pyproject.toml"]
    found = tomllib.loads(ran.text(name))["lint"]
    assert found["extend-select"] == ["TID251"]
    assert found["flake8-tidy-imports"]["banned-api"]["app.user"] == {"msg": "moved to app.accounts.user"}


def test_names_of_the_plan() -> None:
    ran = banned(FILES, Ban(moved=False, names=("app.gone", "app.accounts:Old")))
    found = tomllib.loads(ran.text("pyproject.toml"))["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    assert found == {"app.gone": {"msg": "is gone"}, "app.accounts.Old": {"msg": "is gone"}}


def test_names_in_use_again_and_shims_are_left_out() -> None:
    files = {
        **FILES,
        "app/old.py": "# codemod: shim app.old -> app.new\n",
        "app/tmp/x.py": "",
        "app/user.py": "class User: ...\n",
    }
    ran = banned(files)
    assert "app.user.Usr" in ran.text("pyproject.toml")
    assert '"app.user"' not in ran.text("pyproject.toml")
    assert "app.old" not in ran.text("pyproject.toml") + ran.text("tests/test_import_boundaries.py")
    assert "app.tmp" not in ran.text("pyproject.toml")


def test_names_that_this_phase_leaves_shims_for_are_left_out() -> None:
    before = {**FILES, "app/user.py": "class User: ...\n"}
    plan = Plan("case", (Phase("change", (Ban(),), settings=Settings(shims="file")),))
    context = context_of(tree_of(FILES), plan=plan, before=tree_of(before), retired=MOVED)
    config = apply_results(tree_of(FILES), run(Ban(), context)).text("pyproject.toml")
    assert '"app.user".' not in config
    assert "app.old" in config


def test_names_whose_shims_went_in_this_phase_are_banned() -> None:
    ran = banned(FILES, moved=MOVED)
    tree = tree_of(FILES)
    context = context_of(tree, Ban(), retired=MOVED, shims={"app.user": "app.accounts.user"})
    assert apply_results(tree, run(Ban(), context)).tree == ran.tree


def test_bans_of_ours_are_kept_true_and_a_hands_stay() -> None:
    config = CONFIG.replace("app.accounts.user", "somewhere.else").replace("moved to app.new", "ask Ann")
    config = config.replace("[tool.mypy]", '"app.accounts".msg = "moved to x.y"\n"os".msg = "no"\n\n[tool.mypy]')
    found = tomllib.loads(banned({**FILES, "pyproject.toml": config}).text("pyproject.toml"))
    entries = found["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    assert {name: entry["msg"] for name, entry in entries.items()} == {
        "app.user": "moved to app.accounts.user",
        "app.old": "ask Ann",
        "app.tmp": "ask Ann",
        "os": "no",
    }


def test_moves_of_one_phase_are_not_chained() -> None:
    moved = (("app.agents", "app.talks.agents"), ("app.talks", "app.talks.threads"))
    files = {**FILES, "app/talks/agents.py": "", "app/talks/threads.py": ""}
    config = banned(files, moved=moved).text("pyproject.toml")
    assert '"app.agents".msg = "moved to app.talks.agents"' in config
    assert '"app.talks".' not in config


def test_nothing_moved_nothing_written() -> None:
    assert not banned({"app/__init__.py": ""}, moved=()).writes


def test_an_earlier_phase_does_not_take_back_what_a_later_one_wrote() -> None:
    ban = Ban()
    one = Phase("one", (ban,))
    two = Phase("two", (Move((Pair("app.accounts.user", "app.people.user"),)), ban))
    plan = Plan("case", (one, two))
    tree = tree_of({**FILES, "app/people/user.py": ""})
    later = (*MOVED, ("app.accounts.user", "app.people.user"))
    second = apply_results(tree, run(ban, replace(context_of(tree, plan=plan, retired=later), phase=two))).tree
    assert not apply_results(second, run(ban, replace(context_of(second, plan=plan, retired=MOVED), phase=one))).writes


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"pyproject.toml": "[tool\n"}, "ban-unfit"),
        ({"tests/test_import_boundaries.py": "def test(): ...\n"}, "hand-written-file"),
    ],
)
def test_what_does_not_fit(files: Files, code: str) -> None:
    ran = banned({**FILES, **files})
    assert [(f.code, f.blocks) for f in ran.findings] == [(code, True)]


def test_both_refuse_what_comes_back(tmp_path: Path) -> None:
    guard = "src/tests/unit/test_guard.py"
    files = {path if path == "pyproject.toml" else f"src/{path}": text for path, text in FILES.items()}
    ran = perform(run, Ban(guard=guard), files, retired=MOVED)
    write_to(ran.tree, tmp_path)
    pytest_run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", guard]
    ruff_run = [sys.executable, "-m", "ruff", "check", "--no-cache", "."]
    for command in (pytest_run, ruff_run, [*ruff_run[:3], "format", "--diff", guard]):
        done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "src/app/bad.py").write_text(
        "from app.user import User\nfrom . import old\nimport app.tmp.x\n__all__ = ['User', 'old', 'app']\n"
    )
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/pyvenv.cfg").write_text("")
    (tmp_path / "venv/x.py").write_text("import app.user\n")
    done = subprocess.run(pytest_run, cwd=tmp_path, text=True, capture_output=True)
    told = [
        line.split("AssertionError: ")[-1].strip("E ") for line in done.stdout.splitlines() if "src/app/bad.py:" in line
    ]
    assert told[:3] == [
        "src/app/bad.py:1 imports app.user.User: moved to app.accounts.user",
        "src/app/bad.py:2 imports app.old: moved to app.new",
        "src/app/bad.py:3 imports app.tmp.x: moved to app.new",
    ]
    done = subprocess.run([*ruff_run, "--output-format=concise"], cwd=tmp_path, text=True, capture_output=True)
    assert done.stdout.count("TID251") == 3


def test_what_the_guard_refuses_stays_where_captures_no_longer_tell_it() -> None:
    tree = banned(FILES).tree
    assert not apply_results(tree, run(Ban(), context_of(tree, retired=MOVED[:2]))).writes
    used = tree_of({**FILES, "app/old.py": "", "tests/test_import_boundaries.py": guard_of(tree)})
    text = apply_results(used, run(Ban(), context_of(used, retired=MOVED[:2]))).text("tests/test_import_boundaries.py")
    assert '"app.old"' not in text and '"app.tmp": "moved to app.new"' in text


def guard_of(tree: Tree) -> str:
    return tree.read("tests/test_import_boundaries.py").decode()

"""check, diff, residue, graph and inspect: they compute, tell, and change nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.harness import FILES, PLAN, Answer, codemod, environment, git, on_terminal, repository, state_of, written

WRONG = PLAN.replace("app.user_service:", "app.user_servic:")
READERS = ("check", "status", "diff", "residue")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_check(repo: Path, plan: Path) -> None:
    answer = codemod("check", plan, cwd=repo)
    assert answer == Answer(
        0,
        "PHASE   STATE    FILES  MOVED  +LINES  -LINES  OWNER     TARGET\n"
        "status  pending      4      1       2       2  Platform  2025-11-26\n"
        "users   pending      3      1       1       1\n"
        "\n"
        "history: git follows 2 of 2 moved files at 50 % similarity\n"
        "ok: 2 phases: 2 pending\n",
        "",
    )


def test_check_in_json(repo: Path, plan: Path) -> None:
    answer = codemod("check", plan, "--repo", repo, "--json")
    assert answer.code == answer.json["exit"] == 0
    assert answer.json["plan"] == {"name": "demo", "path": "plan.yaml", "phases": ["status", "users"]}
    first = answer.json["phases"][0]
    assert first["id"] == "status" and first["state"] == "pending" and first["refused"] is False
    assert first["cost"] == {"files": 4, "moved": 1, "added": 2, "deleted": 2}
    assert answer.json["not_reached"] == []


@pytest.mark.parametrize("command", READERS)
def test_readers_leave_everything_as_it_is(repo: Path, plan: Path, command: str) -> None:
    before = state_of(repo)
    assert codemod(command, plan, cwd=repo).code == 0
    assert state_of(repo) == before


@pytest.mark.parametrize("command", ["check", "status"])
def test_a_repository_is_found_from_a_folder_in_it(repo: Path, plan: Path, command: str) -> None:
    above, below = codemod(command, plan, cwd=repo), codemod(command, "../../plan.yaml", cwd=repo / "app")
    assert above == below


def test_a_source_that_is_not_there(repo: Path, tmp_path: Path) -> None:
    answer = codemod("check", written(tmp_path, WRONG), cwd=repo)
    assert answer.code == 3
    assert "app.user_service" in answer.err and "source-missing" in answer.err
    assert "users   refused" in answer.out and answer.out.endswith(
        "not ready: 2 phases: 1 refused, 1 pending; 1 blocking\n"
    )
    document = codemod("check", tmp_path / "plan.yaml", "--json", cwd=repo).json
    assert document["exit"] == 3 and document["phases"][1]["findings"][0]["weight"] == "mismatch"


@pytest.mark.parametrize("command", ["check", "rehearse"])
def test_a_plan_that_is_wrong(repo: Path, tmp_path: Path, command: str) -> None:
    plan = written(tmp_path, PLAN.replace("do:", "doo:", 1).replace("title:", "titel:"))
    answer = codemod(command, "../plan.yaml", cwd=repo)
    assert answer.code == 2 and answer.out == ""
    lines = [line for line in answer.err.splitlines() if not line.startswith(" ")]
    assert len(lines) >= 3  # every error at once
    assert all(line.startswith("../plan.yaml:") for line in lines) and "Traceback" not in answer.err
    assert any("phases[0]" in line and "titel" in line for line in lines)
    document = codemod(command, plan, "--json", cwd=repo).json
    assert document["error"]["kind"] == "plan" and document["exit"] == 2
    assert all(found["line"] and found["column"] for found in document["error"]["findings"])


@pytest.mark.parametrize("command", ["diff", "status"])
def test_no_plan_and_no_repository(repo: Path, plan: Path, tmp_path: Path, command: str) -> None:
    missing = codemod(command, "nowhere.yaml", cwd=repo)
    assert missing.code == 2 and "nowhere.yaml" in missing.err
    (tmp_path / "empty").mkdir()
    outside = codemod(command, plan, "--repo", tmp_path / "empty", cwd=repo)
    assert outside.code == 3 and "not in a git repository" in outside.err
    document = codemod(command, plan, "--repo", tmp_path / "none", "--json", cwd=repo).json
    assert document["exit"] == 3 and document["error"]["kind"] == "repository"


def test_diff_is_a_patch_and_nothing_else(repo: Path, plan: Path) -> None:
    answer = codemod("diff", plan, cwd=repo)
    assert answer.code == 0 and answer.err == "history: git follows 2 of 2 moved files at 50 % similarity\n"
    assert answer.out.startswith("diff --git ")
    subprocess.run(["git", "apply", "--index"], cwd=repo, input=answer.out.encode(), check=True, env=environment())
    assert git(repo, "ls-files") == "app/__init__.py\napp/status/__init__.py\napp/status/status_service.py\n" + (
        "app/users/__init__.py\napp/users/user_service.py\nmain.py"
    )


def test_diff_keeps_bytes_that_are_no_utf_8(tmp_path: Path, plan: Path) -> None:
    latin = b"# coding: latin-1\nfrom app.user_service import USER  # caf\xe9\r\n"
    repo = repository(tmp_path / "repo", {**FILES, "latin.py": latin})
    answer = codemod("diff", plan, cwd=repo)
    assert "caf\udce9\r\n" in answer.out
    document = codemod("diff", plan, "--json", cwd=repo).json
    assert document["patch"]["encoding"] == "base64"


def test_diff_ignores_the_users_settings(repo: Path, plan: Path) -> None:
    plain = codemod("diff", plan, cwd=repo).out
    for name, value in (
        ("diff.noprefix", "true"),
        ("color.ui", "always"),
        ("diff.external", "false"),
        ("diff.context", "0"),
    ):
        git(repo, "config", name, value)
    assert codemod("diff", plan, cwd=repo).out == plain


def test_diff_of_a_phase(repo: Path, plan: Path) -> None:
    one = codemod("diff", plan, "--phase", "status", cwd=repo)
    assert one.code == 0 and "app/status/" in one.out and "app/users" not in one.out
    both = codemod("diff", plan, "--phase", "status", "users", cwd=repo)
    assert both == codemod("diff", plan, "--phase", "status", "--phase", "users", cwd=repo)
    assert both.out.startswith(one.out) and len(both.out) > len(one.out)


def test_diff_of_a_phase_that_is_not_there(repo: Path, plan: Path) -> None:
    answer = codemod("diff", plan, "--phase", "stats", cwd=repo)
    assert answer.code == 2 and answer.out == "" and "did you mean status" in answer.err


def test_diff_stat(repo: Path, plan: Path) -> None:
    answer = codemod("diff", plan, "--stat", cwd=repo)
    assert answer.code == 0
    assert "R  0  0  app/status_service.py -> app/status/status_service.py\n" in answer.out
    assert answer.out.splitlines()[-1].startswith("6 files, ")


def test_diff_explain_still_applies(repo: Path, plan: Path) -> None:
    answer = codemod("diff", plan, "--explain", cwd=repo)
    assert "# app/status/status_service.py: moved from app/status_service.py (phase status)\n" in answer.out
    assert "# main.py:1: " in answer.out
    subprocess.run(["git", "apply", "--check"], cwd=repo, input=answer.out.encode(), check=True, env=environment())


def test_diff_per_phase(repo: Path, plan: Path, tmp_path: Path) -> None:
    answer = codemod("diff", plan, "--per-phase", tmp_path / "out" / "patches", cwd=repo)
    paths = [Path(name) for name in answer.out.splitlines()]
    assert [path.name for path in paths] == ["01-status.patch", "02-users.patch"]
    for path in paths:
        subprocess.run(["git", "apply", "--index", path], cwd=repo, check=True, env=environment())
    whole = codemod("diff", plan, cwd=repo).out
    git(repo, "reset", "--hard", "-q")
    assert whole == codemod("diff", plan, cwd=repo).out  # what is staged is not what is compared


@pytest.mark.parametrize("place", ["plan.yaml", "plan.yaml/below", "/dev/null/below"])
def test_diff_per_phase_where_no_folder_can_be(repo: Path, plan: Path, place: str) -> None:
    answer = codemod("diff", plan, "--per-phase", plan.parent / place, "--json", cwd=repo)
    assert answer.code == answer.json["exit"] == 2 and answer.json["error"]["findings"][0]["code"] == "usage"


def test_diff_explain_names_what_a_from_import_takes(repo: Path, plan: Path) -> None:
    said = codemod("diff", plan, "--explain", "--phase", "status", cwd=repo).out
    assert "# main.py:2: app.status_service -> app.status.status_service\n" in said


def test_diff_exit_code(repo: Path, plan: Path, tmp_path: Path) -> None:
    assert codemod("diff", plan, "--exit-code", cwd=repo).code == 1
    assert codemod("diff", plan, "--exit-code", "--json", cwd=repo).json["exit"] == 1
    nothing = written(tmp_path, "version: 1\nname: n\nphases:\n  - id: a\n    do:\n      - scaffold: {}\n", "n.yaml")
    if codemod("check", nothing, cwd=repo).code == 0:
        assert codemod("diff", nothing, "--exit-code", cwd=repo) == Answer(0, "", "")


def test_diff_that_is_refused(repo: Path, tmp_path: Path) -> None:
    answer = codemod("diff", written(tmp_path, WRONG), cwd=repo)
    assert answer.code == 3 and "source-missing" in answer.err


def test_diff_in_json(repo: Path, plan: Path) -> None:
    document = codemod("diff", plan, "--json", cwd=repo).json
    assert document["patch"] == {"encoding": "utf-8", "text": codemod("diff", plan, cwd=repo).out}
    moved = next(file for file in document["files"] if file["kind"] == "moved")
    assert moved == {
        "path": "app/status/status_service.py",
        "from": "app/status_service.py",
        "kind": "moved",
        "added": 0,
        "deleted": 0,
    }


def test_diff_has_colour_on_a_terminal_only(repo: Path, plan: Path) -> None:
    assert "\x1b[32m+from app.users" in on_terminal("diff", plan, cwd=repo).out
    assert "\x1b" not in codemod("diff", plan, cwd=repo).out
    dull = on_terminal("diff", plan, "-q", cwd=repo, env={"NO_COLOR": "1"}).out
    assert "\x1b" not in dull and dull == codemod("diff", plan, cwd=repo).out


def test_residue(repo: Path, plan: Path) -> None:
    answer = codemod("residue", plan, cwd=repo)
    assert answer.code == 0 and "no old name is left\n" in answer.out

    assert codemod("residue", plan, "--json", cwd=repo).json["residue"] == []


def test_a_terminal_is_summarised_and_a_pipe_is_not(tmp_path: Path, plan: Path) -> None:
    broken = {f"broken_{n}.py": "from app.user_service import (\n" for n in range(9)}
    repo = repository(tmp_path / "repo", {**FILES, **broken})
    piped = codemod("check", plan, cwd=repo)
    assert all(f"{name}:1" in piped.out for name in broken) and piped.err == "" and piped.code == 0
    shown = on_terminal("check", plan, cwd=repo, env={"NO_COLOR": "1"}).out
    assert "-v shows all" in shown and sum(name in shown for name in broken) == 5
    everything = on_terminal("check", plan, "-v", cwd=repo, env={"NO_COLOR": "1"}).out
    assert all(name in everything for name in broken)


def test_graph(repo: Path) -> None:
    answer = codemod("graph", cwd=repo)
    assert answer == Answer(
        0,
        "MODULE              IMPORTS  IMPORTED BY  WHAT IT IMPORTS\n"
        "app                       0            0\n"
        "app.status_service        0            2\n"
        "app.user_service          1            1  app.status_service\n"
        "main                      2            0  app.status_service, app.user_service\n"
        "\n"
        "4 modules, 3 imports, 0 cycles\n",
        "",
    )
    document = codemod("graph", "--json", cwd=repo).json
    assert document == codemod("graph", "--format", "json", cwd=repo).json
    assert {"from": "app.user_service", "to": "app.status_service", "name": "status", "line": 1, "when": "load"} in (
        document["links"]
    )
    assert codemod("graph", "--repo", repo, cwd=Path("/")) == answer


def test_graph_for_other_tools(repo: Path) -> None:
    dot = codemod("graph", "--format", "dot", cwd=repo).out
    assert dot.startswith("digraph ") and '"main" -> "app.user_service";' in dot and dot.endswith("}\n")
    mermaid = codemod("graph", "--format", "mermaid", cwd=repo).out.splitlines()
    assert mermaid[0] == "flowchart LR" and any("-->" in text for text in mermaid)


def test_graph_of_a_package(repo: Path) -> None:
    document = codemod("graph", "--of", "app", "--json", cwd=repo).json
    assert [module["name"] for module in document["modules"]] == ["app", "app.status_service", "app.user_service"]
    missing = codemod("graph", "--of", "ap", cwd=repo)
    assert missing.code == 3 and "did you mean" in missing.err


def test_graph_names_cycles(tmp_path: Path) -> None:
    repo = repository(
        tmp_path / "repo", {"a.py": "import b\n", "b.py": "import a\n", "c.py": "def f():\n    import a\n"}
    )
    assert "import cycle: a, b\n" in codemod("graph", cwd=repo).out


def test_inspect(repo: Path) -> None:
    answer = codemod("inspect", "app.status_service", cwd=repo)
    assert answer == Answer(
        0,
        "app.status_service: module\n"
        "  path: app/status_service.py\n"
        "  source root: .\n"
        "  size: 5 lines, 45 bytes\n"
        "  public: status\n"
        "  imported by:\n"
        "    app.user_service (status) line 1\n"
        "    main line 2\n",
        "",
    )
    assert codemod("inspect", "app/status_service.py", cwd=repo) == answer
    assert codemod("inspect", "app/", cwd=repo).out.startswith("app: package\n")


def test_inspect_in_json(repo: Path) -> None:
    document = codemod("inspect", "app.user_service", "--json", cwd=repo).json
    assert document["public"] == ["USER"] and document["imports"][0]["to"] == "app.status_service"
    assert document["definitions"] == [{"name": "USER", "kind": "value", "line": 3}]
    everything = codemod("inspect", "--json", cwd=repo).json
    assert [module["name"] for module in everything["modules"]][:2] == ["app", "app.status_service"]


def test_inspect_what_is_not_there(repo: Path) -> None:
    answer = codemod("inspect", "app.statusservice", cwd=repo)
    assert answer.code == 3 and answer.out == "" and "did you mean app.status_service" in answer.err


def test_inspect_says_what_does_not_parse(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"bad.py": "def (:\n", "ok.py": ""})
    assert "does not parse" in codemod("inspect", "bad", cwd=repo).out
    assert "does not parse" in codemod("inspect", cwd=repo).out


CODEMOD = """\
import libcst as cst


class Quieter(cst.CSTTransformer):
    def leave_Name(self, original_node, updated_node):
        return updated_node.with_changes(value="repr") if updated_node.value == "print" else updated_node
"""
QUIETER = """\
version: 1
name: demo
phases:
  - id: quiet
    do:
      - transform: {codemod: quieter:Quieter, paths: [main.py]}
"""


@pytest.mark.parametrize("command", [*READERS, "rehearse"])
def test_code_of_the_users_runs_only_when_they_say_so(repo: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "plan.yaml").write_text(QUIETER)
    (tmp_path / "quieter.py").write_text(CODEMOD)
    answer = codemod(command, tmp_path / "plan.yaml", cwd=repo)
    assert answer.code == (0 if command in ("status", "residue") else 3)
    assert "transform-needs-allow-code" in answer.out + answer.err or command == "residue"
    allowed = codemod(command, tmp_path / "plan.yaml", "--allow-code", cwd=repo)
    assert allowed.code == 0 and "transform-needs-allow-code" not in allowed.out + allowed.err
    if command == "diff":
        assert "\n+repr(USER, status_service)\n" in allowed.out


def test_split_hints(tmp_path: Path) -> None:
    body = "    total = 0\n" * 20
    big = "".join(
        f"# --- {s} ---\n\n\ndef {s}_one():\n{body}\n\ndef {s}_two():\n{body}\n\n" for s in ("Orders", "Goods")
    )
    repo = repository(tmp_path / "repo", {"big.py": big, "bad.py": "def (\n", "pkg/a.py": "X = 1\n"})
    answer = codemod("inspect", "big", "--split-hints", cwd=repo)
    assert answer.code == 0
    assert answer.out.endswith("""
- split: big
  into:
    big.orders: [Orders_one, Orders_two]
    big.goods: [Goods_one, Goods_two]
""")
    document = codemod("inspect", "big", "--split-hints", "--json", cwd=repo).json
    assert [group["target"] for group in document["groups"]] == ["big.orders", "big.goods"]
    assert document["refused"] is None
    assert "no grouping suggests itself" in codemod("inspect", "pkg.a", "--split-hints", cwd=repo).out
    assert codemod("inspect", "--split-hints", cwd=repo).code == 2
    assert codemod("inspect", "bad", "--split-hints", cwd=repo).code == 3
    assert codemod("inspect", "pkg", "--split-hints", cwd=repo).code == 3


def test_nothing_is_said_of_code_that_is_only_read(tmp_path: Path) -> None:
    """Newer Pythons warn of `"\\d"` when they parse it, be it an example in a text."""
    code = 'from app.user_service import USER\nPATTERN = "\\d"\n'
    more = {
        "README.md": f"```python\n{code}```\n",
        "run.py": f"exec({code!r})\n",
        "setup.py": 'P = "\\d"\nsetup(packages=["app"])\n',
    }
    repo = repository(tmp_path / "repo", {**FILES, **more})
    answer = codemod("diff", written(tmp_path), cwd=repo, env={"PYTHONWARNINGS": None})
    assert answer.code == 0
    assert "Warning" not in answer.err
    assert "+from app.users.user_service import USER" in answer.out

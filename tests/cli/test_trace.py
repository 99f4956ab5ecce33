"""trace: the command's own output and exit code, what was imported by name, and what becomes of it in the ledger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import Answer, codemod, environment, git, repository, written

LOAD = """\
import importlib
import pickle


def plugin(name):
    return importlib.import_module("app." + name)


def relative(name):
    return importlib.import_module("." + name, __package__)


def dunder(*parts):
    return __import__(".".join(parts), fromlist=["x"])


def thaw(data):
    return pickle.loads(data)


def literal():
    return importlib.import_module("app.fixed")
"""
FILES = {
    "app/__init__.py": "",
    "app/load.py": LOAD,
    "app/user.py": "class User:\n    pass\n",
    "app/acct.py": "B = 1\n",
    "app/fixed.py": "F = 1\n",
    "app/other.py": "O = 1\n",
    ".gitignore": "ignored\n.venv\n",
}
PLAN = """\
version: 1
name: demo
phases:
  - {id: one, do: [{move: {app.load: app.core.load, app.acct: app.people.acct}}]}
  - {id: two, do: [{move: {app.user: app.people.user, app.fixed: app.people.fixed}}]}
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", FILES)


def python(code: str, *options: str) -> tuple[str, ...]:
    return (sys.executable, "-B", *options, "-c", code)


def trace(repo: Path, *command: str, options: tuple[str, ...] = (), **env: str | None) -> Answer:
    return codemod("trace", *options, "--", *command, cwd=repo, env={"PYTHONPATH": str(repo), **env})


def seen(repo: Path, *command: str, **env: str | None) -> list[tuple[Any, ...]]:
    told = trace(repo, *command, options=("--json",), **env).json
    return [(one["path"], one["line"], one["name"], one["attribute"]) for one in told["seen"]]


USE = "from app import load\nload.plugin('user'), load.relative('acct'), load.dunder('app', 'other'), load.literal()\n"


def test_imports_by_name_are_seen_with_their_line(repo: Path) -> None:
    thaw = "load.thaw(b'capp.user\\nUser\\n)\\x81.')"
    assert seen(repo, *python(USE + thaw)) == [
        ("app/load.py", 6, "app.user", ""),
        ("app/load.py", 10, "app.acct", ""),
        ("app/load.py", 14, "app.other", ""),
        ("app/load.py", 18, "app.user", "User"),
        ("app/load.py", 22, "app.fixed", ""),
    ]


def test_statements_and_what_is_not_ours_are_not_seen(repo: Path) -> None:
    code = "import app.user, importlib\nfrom app import acct\nimportlib.import_module('json.tool')\n"
    assert seen(repo, *python(code)) == []
    assert trace(repo, *python(code)).err == "trace: 0 imports by name in 1 Python process, 0 of them new\n"


def test_children_are_seen_and_output_is_the_commands_own(repo: Path) -> None:
    inner = "from app import load\nload.plugin('user')"
    child = f"subprocess.run([sys.executable, '-B', '-c', {inner!r}])"
    outer = f"import subprocess, sys\nprint('out', flush=True)\n{child}\n"
    answer = trace(repo, *python(outer + "print('err', file=sys.stderr)\nsys.exit(7)"))
    assert (answer.code, answer.out) == (7, "out\n")
    assert answer.err == "err\ntrace: 1 import by name in 2 Python processes, 1 of them new\n"
    again = trace(repo, *python(outer), options=("-q",))
    assert (again.code, again.out, again.err) == (0, "out\n", "")
    assert git(repo, "status", "--porcelain", "--ignored") == ""


def test_forked_children_are_seen(repo: Path) -> None:
    code = "import os\nfrom app import load\nif not os.fork():\n    load.plugin('user')\n    os._exit(0)\nos.wait()\n"
    assert seen(repo, *python(code)) == [("app/load.py", 6, "app.user", "")]


def test_json_is_alone_on_stdout(repo: Path) -> None:
    answer = trace(repo, *python(USE + "print('out')"), options=("--json",))
    assert "out\n" in answer.err and answer.json["processes"] == 1 and answer.json["exit"] == 0
    assert all(one["new"] for one in answer.json["seen"])


@pytest.mark.parametrize(("command", "code"), [("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143)])
def test_the_exit_code_is_handed_on(repo: Path, command: str, code: int) -> None:
    answer = trace(repo, "sh", "-c", command)
    assert answer.code == code and "no Python process was seen" in answer.err


def test_a_command_that_cannot_be_started(repo: Path) -> None:
    assert trace(repo, "no-such-command").code == 127
    assert trace(repo, str(repo / "app" / "user.py")).code == 126


@pytest.mark.parametrize("code", ["from app import load\nload.plugin('nowhere')", "import app.nowhere"])
def test_tracebacks_and_warnings_are_what_they_were(repo: Path, code: str) -> None:
    (repo / "app" / "old.py").write_text("import warnings\nwarnings.warn('old', stacklevel=2)\n")
    whole = "import importlib, sys\nimportlib.import_module('app.old')\nprint(sorted(sys.path), flush=True)\n" + code
    env = environment({"PYTHONPATH": str(repo)})
    plain = subprocess.run(python(whole), cwd=repo, env=env, capture_output=True, text=True, check=False)
    answer = trace(repo, *python(whole), options=("-q",))
    assert (answer.code, answer.out, answer.err) == (plain.returncode, plain.stdout, plain.stderr)


def test_the_users_own_sitecustomize_runs(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sitecustomize.py").write_text("MARK = 'mine'\nprint('customized', __name__)\n")
    path = os.pathsep.join([str(tmp_path / "mine"), str(repo)])
    answer = trace(
        repo, *python("import sitecustomize\nprint(sitecustomize.MARK, sitecustomize.__file__)"), PYTHONPATH=path
    )
    # our own interpreter has it too
    assert answer.out == f"customized sitecustomize\ncustomized sitecustomize\nmine {tmp_path}/mine/sitecustomize.py\n"


def test_without_one_there_is_none(repo: Path) -> None:
    answer = trace(repo, *python("import sys\nprint('sitecustomize' in sys.modules)"))
    assert answer.out == "False\n"


def test_an_isolated_python_is_not_seen(repo: Path) -> None:
    assert "no Python process was seen" in trace(repo, *python("pass", "-I")).err


def test_ctrl_c_is_the_commands_business(repo: Path) -> None:
    code = "import signal, sys, time\nsignal.signal(2, lambda *_: sys.exit(9))\nprint('up', flush=True)\ntime.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-m", "codemod", "trace", "--", *python(code)],
        cwd=repo, env=environment({"PYTHONPATH": str(repo)}), stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == b"up\n"
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) == 9
    process.stdout.close()


# -- the ledger


def residue(repo: Path, plan: Path) -> list[str]:
    told = codemod("residue", plan, "--json", cwd=repo).json["residue"]
    return [f"{one['phase']} {one['path']}:{one['line']} {one['verdict']} {one['name']}" for one in told]


def test_the_ledger_names_the_places(repo: Path, tmp_path: Path) -> None:
    plan = written(tmp_path, PLAN)
    assert residue(repo, plan) == []
    trace(repo, *python(USE))
    assert residue(repo, plan) == [  # what the file spells was found there
        "one app/core/load.py:10 out-of-reach app.acct",
        "two app/core/load.py:6 out-of-reach app.user",
    ]
    ran = codemod("run", plan, "--all", "--no-checks", cwd=repo)
    assert ran.code == 0 and "app/core/load.py:6:1 out-of-reach: app.user (seen at run time: imported" in ran.err


def test_a_shim_keeps_it(repo: Path, tmp_path: Path) -> None:
    trace(repo, *python(USE))
    plan = written(tmp_path, PLAN.replace("phases:", "defaults: {shims: file}\nphases:"))
    assert {line.split()[2] for line in residue(repo, plan) if "core/load.py" in line} == {"kept-by-shim"}


def stale(repo: Path, plan: Path) -> list[tuple[str, str]]:
    findings = codemod("check", plan, "--json", cwd=repo).json["phases"][1]["findings"]
    return [(found["weight"], found["path"]) for found in findings if found["code"] == "trace-stale"]


def test_a_line_that_changed_is_stale(repo: Path, tmp_path: Path) -> None:
    plan = written(tmp_path, PLAN)
    trace(repo, *python(USE))
    (repo / "app" / "load.py").write_text("# a new line on top\n" + LOAD.replace('"app." + name', '"app" + "." + name'))
    git(repo, "commit", "-qam", "changed")
    assert residue(repo, plan) == ["one app/core/load.py:11 out-of-reach app.acct"]
    assert stale(repo, plan) == [("note", "app/core/load.py")]
    trace(repo, *python(USE))
    assert residue(repo, plan)[1:] == ["two app/core/load.py:7 out-of-reach app.user"]
    assert stale(repo, plan) == []


def test_a_store_that_is_damaged_is_none(repo: Path, tmp_path: Path) -> None:
    trace(repo, *python(USE))
    (repo / ".git" / "codemod" / "trace.json").write_text("{")
    assert residue(repo, written(tmp_path, PLAN)) == []

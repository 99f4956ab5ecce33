"""`transform`: users' codemods, loaded from their folders, their change spliced into the original bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codemod.base.errors import RepositoryError
from codemod.operations.transform import run
from codemod.plan.model import Phase, Plan, Transform
from codemod.shell.usercode import load_codemods
from tests.operations.writing import Files, Ran, perform

CODE = """
import libcst as cst
from libcst.codemod import CodemodContext, SkipFile, VisitorBasedCodemodCommand
from libcst.metadata import QualifiedNameProvider


class Rename(cst.CSTTransformer):
    def __init__(self, old="old", new="new"):
        super().__init__()
        self.old, self.new = old, new

    def leave_Name(self, original, updated):
        return updated.with_changes(value=self.new) if updated.value == self.old else updated


class Careful(VisitorBasedCodemodCommand):
    METADATA_DEPENDENCIES = (QualifiedNameProvider,)

    def leave_Call(self, original, updated):
        from helpers import NAMES
        names = {n.name for n in self.get_metadata(QualifiedNameProvider, original, ())}
        if not names & NAMES:
            return updated
        self.warn(f"{self.context.full_module_name} is old-fashioned")
        return updated.with_changes(func=cst.Attribute(cst.Name("time"), cst.Name("monotonic")))


class Skips(VisitorBasedCodemodCommand):
    def transform_module_impl(self, tree):
        raise SkipFile("no")


class Fails(cst.CSTTransformer):
    def leave_Name(self, original, updated):
        raise KeyError(updated.value)


class Grows(cst.CSTTransformer):
    def leave_Module(self, original, updated):
        return updated.with_changes(body=[*updated.body, cst.parse_statement("x = 1")])


class Breaks(cst.CSTTransformer):
    def leave_Name(self, original, updated):
        return updated.with_changes(value="class") if updated.value == "old" else updated
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mods").mkdir()
    (tmp_path / "mods/rules.py").write_text(CODE)
    (tmp_path / "helpers.py").write_text("NAMES = {'time.clock'}\n")
    yield tmp_path
    for name in ("mods", "mods.rules", "helpers"):
        sys.modules.pop(name, None)


def transformed(folder: Path, operation: Transform, files: Files) -> Ran:
    plan = Plan("case", (Phase("change", (operation,)),))
    path = list(sys.path)
    found = load_codemods(plan, [folder])
    ran = perform(run, operation, files, codemods=found)
    assert sys.path == path
    assert not list(folder.rglob("__pycache__"))
    return ran


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("old = 1  # old\n", "new = 1  # old\n"),
        ("\x0cold = 1\n\n\x0c\nold = 2\n", "\x0cnew = 1\n\n\x0c\nnew = 2\n"),
        ("try:\n    old\nexcept (A) :\n    old\n   \n", "try:\n    new\nexcept (A) :\n    new\n   \n"),
        ("old = 1\r\nb = old\r\n", "new = 1\r\nb = new\r\n"),
        ("old = 1\rb = 2\r", "new = 1\rb = 2\r"),
        ("old", "new"),
        ("\ufeffold = 'é'\n", "\ufeffnew = 'é'\n"),
    ],
)
def test_only_what_changes_changes(folder: Path, before: str, after: str) -> None:
    assert transformed(folder, Transform("mods.rules:Rename"), {"a.py": before}).text("a.py") == after


def test_globs_options_and_encodings(folder: Path) -> None:
    operation = Transform("mods.rules:Rename", ("app/**/*.py",), (("old", "x"), ("new", "y")))
    files = {"app/a.py": "x\n", "app/b/c.py": "x\n", "d.py": "x\n", "app/e.txt": "x\n", "app/f.py": "x = (\n"}
    ran = transformed(folder, operation, files)
    assert sorted(write.path for write in ran.writes) == ["app/a.py", "app/b/c.py"]
    shim = {"app/s.py": "# codemod: shim app.s -> t\nx = 1\n"}
    assert not transformed(folder, operation, shim).writes


def test_metadata_module_names_and_warnings(folder: Path) -> None:
    files = {"app/__init__.py": "", "app/a.py": "import time\ndef clock(): ...\nclock()\ntime.clock( )\n"}
    ran = transformed(folder, Transform("mods.rules:Careful"), files)
    assert ran.text("app/a.py") == "import time\ndef clock(): ...\nclock()\ntime.monotonic( )\n"
    assert [(f.code, f.message, f.blocks) for f in ran.findings] == [
        ("transform-warning", "app.a is old-fashioned", False)
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [("Fails", "transform-failed"), ("Grows", "transform-not-convergent"), ("Breaks", "transform-broke-syntax")],
)
def test_code_that_cannot_be_trusted_is_refused(folder: Path, name: str, code: str) -> None:
    ran = transformed(folder, Transform(f"mods.rules:{name}"), {"a.py": "old = 2\n"})
    assert [(f.code, f.blocks, str(f.place)) for f in ran.findings] == [(code, True, "a.py")]
    assert not ran.writes


@pytest.mark.parametrize("operation", [Transform("mods.rules:Skips"), Transform("mods.rules:Rename", ("*.pyi",))])
def test_changes_nothing(folder: Path, operation: Transform) -> None:
    ran = transformed(folder, operation, {"a.py": "old = 2\n"})
    assert not ran.writes and not ran.findings


def test_needs_allow_code() -> None:
    ran = perform(run, Transform("mods.rules:Rename"), {"a.py": "old = 2\n"})
    assert [(f.code, f.blocks, f.hint) for f in ran.findings] == [
        ("transform-needs-allow-code", True, "run again with --allow-code")
    ]


@pytest.mark.parametrize("name", ["mods.rules:Nothing", "mods.missing:X", "mods.broken:X"])
def test_what_cannot_be_loaded(folder: Path, name: str) -> None:
    (folder / "mods/broken.py").write_text("1 / 0\n")
    with pytest.raises(RepositoryError) as raised:
        transformed(folder, Transform(name), {})
    assert [finding.code for finding in raised.value.findings] == ["transform-not-loaded"]


PLAN = """\
version: 1
name: case
repository: repo
phases:
  - id: rename
    do:
      - transform: {codemod: "mods.rules:Rename", paths: ["app/*.py"], options: {new: fresh}}
"""


def test_from_the_command_line(folder: Path) -> None:
    repo = folder / "repo"
    (repo / "app").mkdir(parents=True)
    (repo / "app/a.py").write_text("old = 1 # one\n")
    (folder / "plan.yaml").write_text(PLAN)
    git = ["git", "-c", "user.name=c", "-c", "user.email=c@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], cwd=repo, check=True)
    start = "import sys; from codemod.cli.main import main; sys.exit(main())"
    run_plan = [sys.executable, "-c", start, "run", "plan.yaml", "--all", "--no-checks"]
    names = {f"GIT_{who}_{what}": "c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {**os.environ, **names}
    done = subprocess.run(run_plan, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "transform-needs-allow-code" in done.stderr
    for _ in range(2):
        done = subprocess.run([*run_plan, "--allow-code"], cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (repo / "app/a.py").read_text() == "fresh = 1 # one\n"

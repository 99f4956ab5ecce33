"""Untracked files: the user's work is refused by name, rewritten or left, and never lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell.gitrepo import FILES, Repo, codes, plan_text

PACKAGE = plan_text("{id: one, do: [{move: {old: new}}]}")
DRAFT = "from app.user import NAME\nprint('draft', NAME)\n"


def test_a_reference_in_an_untracked_file_is_refused(repo: Repo) -> None:
    repo.write({"draft.py": DRAFT})
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 3 and codes(result) == ["untracked-reference"]
    assert "draft.py" in result.phases[0].findings[0].message
    assert repo.state() == state


@pytest.mark.parametrize(
    "text",
    ["user = 'app'\n", "# the user service\n", "import user_app\n", "import application.user\n", b"\xff\xfe app.user"],
    ids=["a name", "a comment", "a longer name", "another package", "not text"],
)
def test_files_without_a_reference_are_not_in_the_way(repo: Repo, text: str | bytes) -> None:
    repo.write({"draft.py": text})
    assert repo.run().exit_code == 0 and repo.status == "?? draft.py"


def test_left_files_stay_as_they_are(repo: Repo) -> None:
    repo.write({"draft.py": DRAFT})
    assert repo.run(untracked="leave").exit_code == 0
    assert repo.read("draft.py") == DRAFT and repo.status == "?? draft.py"


def test_rewritten_files_follow_and_stay_untracked(repo: Repo) -> None:
    repo.write({"draft.py": DRAFT})
    (repo.top / "draft.py").chmod(0o755)
    assert repo.run(untracked="rewrite").exit_code == 0
    assert repo.read("draft.py") == DRAFT.replace("app.user", "app.accounts.user")
    assert repo.status == "?? draft.py" and (repo.top / "draft.py").stat().st_mode & 0o777 == 0o755


def test_ignored_files_are_nobodys_business(repo: Repo) -> None:
    repo.commit({".gitignore": "draft.py\n"})
    repo.write({"draft.py": DRAFT})
    assert repo.run().exit_code == 0 and repo.read("draft.py") == DRAFT


def test_untracked_files_in_a_package_that_moves(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"old/__init__.py": "", "old/a.py": "A = 1\n"})
    repo.write({"old/b.py": "from old.a import A\n"})
    refused = repo.run(PACKAGE)
    assert refused.exit_code == 3 and "lies where" in refused.phases[0].findings[0].message
    assert repo.run(PACKAGE, untracked="rewrite").exit_code == 0
    assert repo.read("new/b.py") == "from new.a import A\n" and not repo.has("old")
    assert repo.status == "?? new/b.py"


def test_a_tracked_plan_that_is_edited_is_exempt(repo: Repo) -> None:
    from codemod.engine.events import Request
    from codemod.engine.session import Session

    repo.write({"plan.yaml": plan_text("{id: one, do: [{move: {app.user: app.accounts.user}}]}")})
    assert Session.open(Request(repo.top / "plan.yaml", repo.top, checks=False)).run(every=True).exit_code == 0


def test_a_nested_repository_is_not_read(repo: Repo) -> None:
    Repo.make(repo.top / "vendor", {"x.py": DRAFT})
    assert repo.run().exit_code == 0 and repo.read("vendor/x.py") == DRAFT


@pytest.mark.skipif(subprocess.run(["id", "-u"], capture_output=True).stdout != b"0\n", reason="needs to change user")
@pytest.mark.parametrize(
    ("locked", "mode", "code"),
    [("app", 0o555, "not-writable"), (".", 0o555, "not-writable"), ("main.py", 0, "not-readable")],
)
def test_what_may_not_be_touched_is_refused_before_anything_happens(
    shared_path: Path, locked: str, mode: int, code: str
) -> None:
    repo = Repo.make(shared_path / "repo", FILES)
    subprocess.run(["chown", "-R", "12345:12345", str(shared_path)], check=True)
    (repo.top / locked).chmod(mode)
    plan = repo.plan()
    script = (
        "import sys; from pathlib import Path\n"
        "from codemod.engine.events import Request; from codemod.engine.session import Session\n"
        "r = Session.open(Request(Path(sys.argv[1]), Path(sys.argv[2]), checks=False)).run(every=True)\n"
        "print(r.exit_code, *[f.code for p in r.phases for f in p.findings])\n"
    )
    head = repo.git("-c", f"safe.directory={repo.top}", "rev-parse", "HEAD")
    done = subprocess.run(
        ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", sys.executable, "-c", script, plan, repo.top],
        capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(shared_path)},
    )  # fmt: skip
    assert done.stdout.startswith(f"3 {code}"), done.stderr + done.stdout
    assert repo.git("-c", f"safe.directory={repo.top}", "rev-parse", "HEAD") == head
    assert repo.has("app/user.py")


@pytest.mark.parametrize("add", [["add"], ["add", "-N"]], ids=["staged", "meant to be added"])
@pytest.mark.parametrize("path", ["draft.py", "main2.py"])
def test_a_reference_that_is_not_committed_yet_is_refused(repo: Repo, add: list[str], path: str) -> None:
    repo.commit({"main2.py": "print('later')\n"})
    repo.write({path: DRAFT})
    repo.git(*add, path)
    state = repo.state()
    result = repo.run(untracked="rewrite")
    assert result.exit_code == 3 and codes(result) == ["dirty-file"]
    assert path in result.phases[0].findings[0].message
    assert repo.state() == state
    assert repo.run(untracked="leave").exit_code == 0 and repo.read(path) == DRAFT


def test_a_staged_file_in_a_package_that_moves_is_refused(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"old/__init__.py": "", "old/a.py": "A = 1\n"})
    repo.write({"old/b.py": "B = 1\n"})
    repo.git("add", "old/b.py")
    result = repo.run(PACKAGE)
    assert codes(result) == ["dirty-file"] and "lies where" in result.phases[0].findings[0].message


@pytest.mark.parametrize(
    "text", ["user = 'app'\n", "# the user service\n", "def user(:\n", "print('user')\n"],
    ids=["a name", "a comment", "broken", "a text"],
)  # fmt: skip
def test_changes_without_a_reference_survive(repo: Repo, text: str) -> None:
    repo.commit({"main2.py": "print('later')\n"})
    repo.write({"main2.py": text, "notes.txt": "user\n", "draft.py": text})
    repo.git("add", "draft.py", "notes.txt")
    assert repo.run().exit_code == 0
    assert repo.status == "A  draft.py\n M main2.py\nM  notes.txt"
    assert repo.read("main2.py") == text


def test_files_that_only_look_changed_are_not_in_the_way(repo: Repo) -> None:
    for path in ("main.py", "app/order.py", "app/user.py"):
        os.utime(repo.top / path, (1, 1))
    assert repo.run().exit_code == 0 and repo.status == ""

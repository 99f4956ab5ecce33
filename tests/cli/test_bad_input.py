"""Input that is wrong or odd: a clear message, the right exit code, nothing lost, never a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .harness import FILES, PLAN, Answer, codemod, environment, git, repository, state_of, written

MOVE = """\
version: 1
name: bad-input
phases:
  - id: one
    do:
      - move: {app.status_service: app.status.}
"""
NOBODY = 65534


def plan_of(*rows: str) -> str:
    return MOVE.replace("{app.status_service: app.status.}", "{" + ", ".join(rows) + "}")


def everything(folder: Path) -> dict[str, bytes]:
    """Every file outside `.git`, by its path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] != ".git":
            if path.is_symlink():
                found[str(inside)] = str(path.readlink()).encode()
            elif path.is_file():
                found[str(inside)] = path.read_bytes()
    return found


def refused(answer: Answer, code: int, *said: str) -> None:
    """The exit code, the words, no traceback, nothing on stdout that looks like a patch."""
    text = answer.out + answer.err
    assert answer.code == code, text
    assert "Traceback" not in text
    for words in said:
        assert words in text


def unharmed(tmp_path: Path, files: Mapping[str, str | bytes], text: str, code: int, *said: str) -> None:
    """`run` refuses, and not a byte or ref differs."""
    repo = repository(tmp_path / "repo", files)
    plan = written(tmp_path, text)
    before = everything(repo), state_of(repo)
    refused(codemod("run", plan, "--all", "--repo", repo), code, *said)
    assert (everything(repo), state_of(repo)) == before


MALFORMED = [
    pytest.param(b"", "empty", id="nothing"),
    pytest.param(b"\n\n# nothing\n", "empty", id="comments alone"),
    pytest.param(b"- a\n- b\n", "mapping", id="a list"),
    pytest.param(b"just words\n", "mapping", id="a scalar"),
    pytest.param(b"version: 1\nname: [\n", "plan.yaml:", id="not YAML"),
    pytest.param(b"version: 1\n\tname: x\n", "plan.yaml:2", id="a tab"),
    pytest.param(b"\xff\xfe\x00v", "plan.yaml", id="bytes that are no text"),
    pytest.param(b"version: 1\nname: \x00\n", "plan.yaml", id="a NUL"),
    pytest.param(MOVE.replace("version: 1", "version: 7").encode(), "version", id="a version that is not known"),
    pytest.param(MOVE.replace("name: bad-input", "name: a\nname: b").encode(), "name", id="a key given twice"),
    pytest.param(MOVE.replace("- move:", "- moov:").encode(), "did you mean 'move'", id="a verb misspelt"),
    pytest.param(MOVE.replace("do:", "doo:").encode(), "did you mean 'do'", id="a key misspelt"),
    pytest.param(MOVE.replace("id: one", "id: !!python/object:os.system one").encode(), "tag", id="a tag"),
    pytest.param(plan_of("app..x: y").encode(), "app..x", id="a name that is none"),
    pytest.param(plan_of("app.status_service: ../evil").encode(), "../evil", id="a target that is a path"),
    pytest.param(plan_of("app.status_service: --upload-pack=x").encode(), "--upload-pack", id="an option for a name"),
    pytest.param((MOVE + MOVE[MOVE.index("  - id") :]).encode(), "one", id="an id given twice"),
    pytest.param(b"a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n" * 1, "plan.yaml", id="aliases and unknown keys"),
    pytest.param(MOVE.replace("- move:", "- snapshot: {of: app, to: /x}\n      - move:").encode(), "/x", id="outside"),
    pytest.param(b"phases: " + b"[" * 3000, "plan.yaml", id="nested without end"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), MALFORMED)
def test_a_malformed_plan(tmp_path: Path, text: bytes, said: str) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_bytes(text)
    refused(codemod("check", plan, "--repo", tmp_path), 2, said)


def test_a_malformed_plan_is_not_run(tmp_path: Path) -> None:
    unharmed(tmp_path, FILES, MOVE.replace("- move:", "- moov:"), 2, "did you mean 'move'")


def test_a_bomb_of_aliases_is_cut_short(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    plan = written(tmp_path, "\n".join(rows) + "\n")
    start = time.monotonic()
    refused(codemod("check", plan, "--repo", repository(tmp_path / "repo")), 2, "plan.yaml")
    assert time.monotonic() - start < 20


def test_all_errors_come_at_once_with_their_places(tmp_path: Path) -> None:
    text = (
        MOVE.replace("name: bad-input", "nam: bad-input").replace("- move:", "- moov:").replace("id: one", "idd: one")
    )
    answer = codemod("check", written(tmp_path, text), "--repo", repository(tmp_path / "repo"))
    refused(answer, 2, "plan.yaml:2:1", "plan.yaml:4:5", "plan.yaml:6:9")


@pytest.mark.parametrize("place", ["nowhere.yaml", "."])
def test_a_plan_that_cannot_be_read(tmp_path: Path, place: str) -> None:
    refused(codemod("check", tmp_path / place, "--repo", repository(tmp_path / "repo")), 2, place.strip("."))


def test_no_repository(tmp_path: Path) -> None:
    refused(codemod("run", written(tmp_path), "--all", "--repo", tmp_path), 3, "repository")
    refused(codemod("run", written(tmp_path), "--all", "--repo", tmp_path / "nowhere"), 3, "nowhere")


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q")
    refused(codemod("run", written(tmp_path), "--all", "--repo", repo), 3)


def test_a_missing_module_with_the_one_that_is_meant(tmp_path: Path) -> None:
    unharmed(tmp_path, FILES, plan_of("app.status_servise: app.status."), 3, "source-missing", "app.status_service")


def test_a_missing_module_that_resembles_nothing(tmp_path: Path) -> None:
    unharmed(tmp_path, FILES, plan_of("zzz.qqq: app.status."), 3, "source-missing", "zzz.qqq")


def test_a_missing_name_in_a_module(tmp_path: Path) -> None:
    text = plan_of("'app.status_service:statsu': app.other.")
    unharmed(tmp_path, FILES, text, 3, "statsu", "status")


def test_a_target_that_is_taken(tmp_path: Path) -> None:
    unharmed(tmp_path, FILES, plan_of("app.status_service: app.user_service"), 3, "target-taken", "app.user_service")


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(("app.status_service: app.x", "app.user_service: app.x"), id="two sources, one target"),
        pytest.param(
            ("app.status_service: app.x", "app.user_service: app.x.y"), id="a module and a package of its name"
        ),
    ],
)
def test_targets_that_collide(tmp_path: Path, rows: tuple[str, ...]) -> None:
    repo = repository(tmp_path / "repo")
    before = everything(repo), state_of(repo)
    answer = codemod("run", written(tmp_path, plan_of(*rows)), "--all", "--repo", repo)
    if rows[1].endswith(".y") and answer.code == 0:  # a module may become the package of its own name
        assert (repo / "app/x/__init__.py").is_file()
        return
    assert answer.code in (1, 2, 3)
    assert "app.x" in answer.err
    assert "Traceback" not in answer.err
    assert (everything(repo), state_of(repo)) == before


def moved_well(tmp_path: Path, files: Mapping[str, str | bytes], text: str = MOVE) -> tuple[Path, Answer]:
    """A repository in which `run` went through."""
    repo = repository(tmp_path / "repo", files)
    answer = codemod("run", written(tmp_path, text), "--all", "--repo", repo)
    assert answer.code == 0, answer.err
    assert (repo / "app/status/status_service.py").is_file()
    assert git(repo, "status", "--porcelain") == ""
    return repo, answer


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"def broken(:\n", id="syntax error"),
        pytest.param(b"print 'python 2'\nimport app.other\n", id="Python 2"),
        pytest.param(b"# -*- coding: no-such-encoding -*-\nx = 1\n", id="unknown encoding"),
        pytest.param(b"x = '\xe9'\n", id="not UTF-8"),
        pytest.param(b"x = 1\x00\n", id="a NUL byte"),
        pytest.param(b"(" * 500, id="nested without end"),
        pytest.param(b"", id="empty"),
    ],
)
def test_an_unrelated_file_that_is_no_python(tmp_path: Path, broken: bytes) -> None:
    repo, _ = moved_well(tmp_path, {**FILES, "scripts/broken.py": broken})
    assert (repo / "scripts/broken.py").read_bytes() == broken


def test_a_file_that_does_not_parse_and_may_hold_a_reference_is_named(tmp_path: Path) -> None:
    broken = b"from app import status_service\ndef broken(:\n"
    repo, answer = moved_well(tmp_path, {**FILES, "scripts/broken.py": broken})
    assert (repo / "scripts/broken.py").read_bytes() == broken
    assert "scripts/broken.py" in answer.err + answer.out


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"import os\r\nfrom app import status_service\r\n\r\nprint(status_service)\r\n",
            b"import os\r\nfrom app.status import status_service\r\n\r\nprint(status_service)\r\n",
            id="CRLF",
        ),
        pytest.param(
            b"\xef\xbb\xbffrom app.status_service import status\n",
            b"\xef\xbb\xbffrom app.status.status_service import status\n",
            id="BOM",
        ),
        pytest.param(
            b"# -*- coding: latin-1 -*-\nfrom app.status_service import status  # \xe9\nx = '\xff'\n",
            b"# -*- coding: latin-1 -*-\nfrom app.status.status_service import status  # \xe9\nx = '\xff'\n",
            id="latin-1",
        ),
        pytest.param(
            b"from app.status_service import status",
            b"from app.status.status_service import status",
            id="no newline at the end",
        ),
        pytest.param(
            b"from app.status_service import status\n\x0c\ndef f():\n\treturn status()\n",
            b"from app.status.status_service import status\n\x0c\ndef f():\n\treturn status()\n",
            id="a form feed and a tab",
        ),
        pytest.param(
            b"#!/usr/bin/env python3\r\nfrom app.status_service import status\n",
            b"#!/usr/bin/env python3\r\nfrom app.status.status_service import status\n",
            id="line endings mixed",
        ),
    ],
)
def test_bytes_that_are_not_the_reference_survive(tmp_path: Path, data: bytes, expected: bytes) -> None:
    repo, _ = moved_well(tmp_path, {**FILES, "reader.py": data})
    assert (repo / "reader.py").read_bytes() == expected


def test_a_file_mode_survives(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    (repo / "app/status_service.py").chmod(0o755)
    git(repo, "commit", "-qam", "executable")
    assert codemod("run", written(tmp_path, MOVE), "--all", "--repo", repo).code == 0
    assert (repo / "app/status/status_service.py").stat().st_mode & stat.S_IXUSR


def test_a_symlink_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "other.py").write_text("from app.status_service import status\n")
    repo = repository(tmp_path / "repo")
    (repo / "linked").symlink_to(outside)
    (repo / "one.py").symlink_to(outside / "other.py")
    (repo / "dangling.py").symlink_to("nowhere")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "links")
    answer = codemod("run", written(tmp_path, MOVE), "--all", "--repo", repo)
    assert answer.code == 0, answer.err
    assert (outside / "other.py").read_text() == "from app.status_service import status\n"
    assert (repo / "one.py").readlink() == outside / "other.py"
    assert (repo / "linked").is_symlink()


def test_a_target_behind_a_symlink_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    repo = repository(tmp_path / "repo")
    (repo / "app/status").symlink_to(outside)
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "link")
    before = everything(repo), state_of(repo)
    answer = codemod("run", written(tmp_path, MOVE), "--all", "--repo", repo)
    refused(answer, 3, "app/status")
    assert (everything(repo), state_of(repo)) == before
    assert list(outside.iterdir()) == []


def test_a_nested_repository_is_left_alone(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    inner = repository(repo / "vendor/inner", {"use.py": "from app.status_service import status\n"})
    head = git(inner, "rev-parse", "HEAD")
    answer = codemod("run", written(tmp_path, MOVE), "--all", "--repo", repo)
    assert answer.code == 0, answer.err
    assert (inner / "use.py").read_text() == "from app.status_service import status\n"
    assert git(inner, "rev-parse", "HEAD") == head


@pytest.mark.parametrize("there", ["app/status/status_service.py", "app/status"])
@pytest.mark.parametrize("ignored", [True, False], ids=["ignored", "untracked"])
def test_a_file_at_a_target_is_not_overwritten(tmp_path: Path, there: str, ignored: bool) -> None:
    repo = repository(tmp_path / "repo", {**FILES, ".gitignore": "/app/status\n" if ignored else "\n"})
    path = repo / there
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("precious\n")
    before = everything(repo), state_of(repo)
    answer = codemod("run", written(tmp_path, MOVE), "--all", "--repo", repo)
    refused(answer, 3, "app/status")
    assert (everything(repo), state_of(repo)) == before


def test_a_dirty_file_elsewhere_survives(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {**FILES, "notes.txt": "a\n"})
    (repo / "notes.txt").write_text("b\n")
    (repo / "new.txt").write_text("c\n")
    answer = codemod("run", written(tmp_path, MOVE), "--all", "--repo", repo)
    assert answer.code == 0, answer.err
    assert git(repo, "status", "--porcelain").splitlines() == ["M notes.txt", "?? new.txt"]


@pytest.fixture
def as_nobody() -> Iterator[list[str]]:
    """The words before a command that run it as a user whom permissions bind."""
    if os.geteuid() != 0:
        yield []
        return
    tool = shutil.which("setpriv")
    words = [tool or "", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if not tool or subprocess.run([*words, sys.executable, "-c", ""], capture_output=True).returncode:
        pytest.skip("root cannot become another user that may run this interpreter")
    yield words


def given_away(folder: Path) -> None:
    """The folder and all in it belong to nobody."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


@pytest.mark.parametrize(
    ("path", "code"),
    [pytest.param("main.py", 3, id="it holds a reference"), pytest.param("notes.txt", 0, id="it holds none")],
)
def test_a_file_that_may_not_be_read(shared_path: Path, as_nobody: list[str], path: str, code: int) -> None:
    home = shared_path / "home"
    repo = repository(home / "repo", {**FILES, "notes.txt": "a\n"})
    plan = written(home, MOVE)
    before = everything(repo), state_of(repo)
    (repo / path).chmod(0)
    if as_nobody:
        given_away(home)
    environ = {**environment({"HOME": str(home)}), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*as_nobody, sys.executable, "-m", "codemod", "run", str(plan), "--all", "--no-checks", "--repo", str(repo)],
        env=environ, cwd=home, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    mode = (repo / path).stat().st_mode & 0o777
    (repo / path).chmod(0o644)
    for name in [repo, *repo.rglob("*")]:
        os.chown(name, os.geteuid(), os.getegid(), follow_symlinks=False)
    assert "Traceback" not in done.stderr
    assert mode == 0
    # A file that cannot be compared with what is committed may be somebody's edit: it is never overwritten.
    assert done.returncode == code, done.stderr
    if code:
        assert path in done.stderr
        assert (everything(repo), state_of(repo)) == before
    else:
        assert (repo / path).read_text() == "a\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminated"])
def test_interrupted_while_a_check_runs(tmp_path: Path, number: signal.Signals) -> None:
    repo = repository(tmp_path / "repo")
    sign = tmp_path / "started"
    text = MOVE.replace("phases:", f"defaults: {{checks: ['touch {sign}; sleep 60']}}\nphases:")
    before = everything(repo), state_of(repo)
    process = subprocess.Popen(
        [sys.executable, "-m", "codemod", "run", str(written(tmp_path, text)), "--all", "--repo", str(repo)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not sign.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sign.exists()
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=30)
    assert process.returncode in (130, 143 if number == signal.SIGTERM else 130, -number)
    assert number == signal.SIGTERM or process.returncode == 130
    assert "Traceback" not in out + err
    # The next command takes back whatever was under way; then not a byte or ref differs.
    assert codemod("status", written(tmp_path, PLAN, "other.yaml"), "--repo", repo).code == 0
    assert (everything(repo), state_of(repo)) == before


def test_a_run_after_an_interrupted_one_succeeds(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    text = MOVE.replace("phases:", "defaults: {checks: ['sleep 60']}\nphases:")
    process = subprocess.Popen(
        [sys.executable, "-m", "codemod", "run", str(written(tmp_path, text)), "--all", "--repo", str(repo)],
        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    answer = codemod("run", written(tmp_path, MOVE), "--all", "--repo", repo)
    assert answer.code == 0, answer.err
    assert git(repo, "status", "--porcelain") == ""
    assert (repo / "app/status/status_service.py").is_file()

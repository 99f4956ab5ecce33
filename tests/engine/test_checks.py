"""Checks run in a work tree of our own, judged against the parent: only what the phase adds counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codemod.engine.events import CheckResult, RunResult, Silent
from tests.shell.gitrepo import FILES, MOVE, Repo, codes, plan_text


def plan(*checks: str, extra: str = "") -> str:
    rows = "".join(f"\n      - {check}" for check in checks)
    return plan_text(f"id: one\n    do: {MOVE}\n    checks:{rows}{extra}")


def verdicts(result: RunResult) -> list[str]:
    return [check.verdict for check in result.phases[0].checks[1:]]  # the first is the import of changed modules


class Heard(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def starting(self, command: str) -> None:
        self.lines.append(f"$ {command}")

    def check(self, result: CheckResult) -> None:
        self.lines.append(result.verdict)


@pytest.mark.parametrize(
    ("check", "verdict", "code"),
    [
        ("python main.py", "passed", 0),
        ("test -e app/user.py", "new-failure", 1),
        ("exit 3", "failed-before", 0),
        ("no-such-command", "proves-nothing", 0),
        ("./main.py", "proves-nothing", 0),
        ("sh app/../tool.sh", "passed", 0),
        ("test ! -e junk && touch junk", "passed", 0),
        ("{run: sleep 9, timeout: 0.2}", "failed-before", 0),
        ("{run: test -e app/user.py || sleep 9, timeout: 0.2}", "new-failure", 1),
    ],
)
def test_verdicts(repo: Repo, check: str, verdict: str, code: int) -> None:
    repo.commit({"tool.sh": "exit 0\n"})
    state = repo.state()
    result = repo.run(plan(check), checks=True)
    assert (verdicts(result), result.exit_code) == ([verdict], code)
    if code:
        assert repo.state() == state
    assert repo.leftovers() == [] and "codemod" not in repo.git("worktree", "list")


def test_what_ran_no_test_proves_nothing(repo: Repo) -> None:
    result = repo.run(plan("python -m pytest -q nothing_here || exit 5"), checks=True)
    assert verdicts(result) == ["proves-nothing"] and result.phases[0].checks[1].why == "ran no test"


def test_tests_that_are_gone_are_a_new_failure(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {**FILES, "run.sh": 'test -e app/user."py" || exit 5\n'})
    assert verdicts(repo.run(plan("sh run.sh"), checks=True)) == ["new-failure"]


def test_a_check_is_announced_before_it_runs_and_the_parent_is_asked_once(repo: Repo) -> None:
    heard = Heard()
    text = plan("exit 1", "'true'") + "  - {id: two, do: [{move: {app.order: app.x.order}}], checks: [exit 1]}\n"
    repo.session(text, heard, checks=True).run(every=True)
    assert heard.lines == [
        "$ import of 3 changed modules", "passed",
        "$ exit 1", "$ exit 1", "failed-before", "$ true", "passed",
        "$ import of 2 changed modules", "passed", "$ exit 1", "failed-before",
    ]  # fmt: skip


def test_without_checks_nothing_is_run(repo: Repo) -> None:
    heard = Heard()
    assert repo.session(plan("exit 1"), heard, checks=False).run(every=True).exit_code == 0
    assert heard.lines == []


def test_the_failing_output_is_kept(repo: Repo) -> None:
    result = repo.run(plan("test -e app/user.py || { echo boom; exit 9; }"), checks=True)
    check = result.phases[0].checks[1]
    assert check.output == "boom\n" and check.why == "exit 9; it passes on the parent"


def test_what_a_check_leaves_in_the_background_ends_with_it(repo: Repo) -> None:
    result = repo.run(plan("sleep 77 & true"), checks=True)
    assert result.exit_code == 0
    assert "sleep 77" not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout


def test_junit_reports_tell_what_fails_only_now(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys\n"
        "bad = ['old'] + ([] if 'user.py' in os.listdir('app') else ['new'])\n"
        "cases = ''.join(f'<testcase classname=\"t\" name=\"{b}\"><failure/></testcase>' for b in bad)\n"
        "pathlib.Path('r.xml').write_text(f'<testsuite>{cases}</testsuite>')\nsys.exit(1)\n"
    )
    repo = Repo.make(tmp_path / "repo", {**FILES, "t.py": script})
    result = repo.run(plan("{run: python t.py, junit: r.xml}"), checks=True)
    assert result.exit_code == 1 and "t::new" in result.phases[0].checks[1].why
    assert verdicts(repo.run(plan("python t.py"), checks=True)) == ["failed-before"]


def test_links_of_the_users_are_there_in_the_work_tree(repo: Repo) -> None:
    repo.write({".env": "SECRET=1\n", ".git/info/exclude": ".env\nnode_modules\n", "node_modules/x.js": "x"})
    text = plan(
        "grep -q SECRET .env && test -e node_modules/x.js", extra="\n    worktree: {link: [.env, node_modules]}"
    )
    result = repo.run(text, checks=True)
    assert verdicts(result) == ["passed"] and repo.read(".env") == "SECRET=1\n" and repo.has("node_modules/x.js")


def test_a_module_that_no_longer_imports_stops_the_phase(tmp_path: Path) -> None:
    guard = (
        "import os\nif not os.path.exists(__file__.replace('order.py', 'user.py')):\n    raise ValueError('no user')\n"
    )
    repo = Repo.make(tmp_path / "repo", {**FILES, "app/order.py": f"import app.user\n{guard}"})
    state = repo.state()
    result = repo.run(checks=True)
    (check,) = result.phases[0].checks
    assert (check.verdict, check.output) == ("new-failure", "app.order: ValueError: no user")
    assert result.exit_code == 1 and repo.state() == state


def test_a_module_that_never_imported_does_not(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {**FILES, "app/order.py": "import app.user\nimport no_such_thing\n"})
    result = repo.run(checks=True)
    assert result.exit_code == 0 and result.phases[0].checks[0].verdict == "failed-before"


def test_a_module_that_ends_the_interpreter_is_judged_alone(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {**FILES, "app/aaa.py": "import app.user\nimport os\nos._exit(3)\n"})
    result = repo.run(checks=True)
    assert result.exit_code == 0 and result.phases[0].checks[0].output == "app.aaa: the interpreter ended"


def venv(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


def site_of(folder: Path) -> Path:
    return next((folder / "lib").iterdir()) / "site-packages"


def test_an_editable_install_does_not_hide_the_tree_under_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo.make(tmp_path / "repo")
    folder = venv(tmp_path / "venv")
    (site_of(folder) / "editable.pth").write_text(f"{repo.top}\n")
    monkeypatch.setenv("VIRTUAL_ENV", str(folder))
    repo.commit({"where.py": "import app\nprint(app.__file__)\n"})
    result = repo.run(plan("python -c 'import where' | grep -q /codemod-"), checks=True)
    assert verdicts(result) == ["passed"] and result.exit_code == 0


def test_an_editable_finder_that_comes_first_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo.make(tmp_path / "repo")
    folder = venv(tmp_path / "venv")
    finder = (
        "import sys\nfrom importlib.machinery import PathFinder\n"
        "class Finder:\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        f"        return PathFinder.find_spec(name, [{str(repo.top)!r}]) if name == 'app' else None\n"
        "sys.meta_path.insert(0, Finder)\n"
    )
    (site_of(folder) / "_finder.py").write_text(finder)
    (site_of(folder) / "finder.pth").write_text("import _finder\n")
    monkeypatch.setenv("VIRTUAL_ENV", str(folder))
    state = repo.state()
    result = repo.run(plan("'true'"), checks=True)
    assert result.exit_code == 3 and codes(result) == ["outside-worktree"] and repo.state() == state
    assert repo.run(plan("'true'"), checks=False).exit_code == 0


def test_the_users_pythonpath_is_mapped_into_the_work_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo.make(tmp_path / "repo", {**FILES, "lib/helper.py": "import app.user\nX = __file__\n"})
    monkeypatch.setenv("PYTHONPATH", str(repo.top / "lib"))
    text = plan("python -c 'import helper, app.accounts.user; print(helper.X); assert \"codemod-\" in helper.X'")
    assert verdicts(repo.run(text, checks=True)) == ["passed"]


def test_the_named_interpreter_comes_first_on_path(repo: Repo) -> None:
    repo.write({".git/info/exclude": "bin\n"})
    (repo.top / "bin").mkdir()
    (repo.top / "bin/python").symlink_to(sys.executable)
    (repo.top / "bin/mytool").write_text("#!/bin/sh\nexit 0\n")
    (repo.top / "bin/mytool").chmod(0o755)
    result = repo.run(plan("mytool", extra="\n    python: bin/python"), checks=True)
    assert verdicts(result) == ["passed"]


def hook(repo: Repo, name: str, text: str) -> None:
    place = repo.top / ".git/hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)


def test_a_hook_sees_the_commit_and_may_say_no(repo: Repo) -> None:
    hook(repo, "pre-commit", "git diff --cached --name-only '*.py'; test -e app/accounts/user.py && exit 7")
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 1 and codes(result) == ["hook-veto"] and repo.state() == state
    assert "app/accounts/user.py" in result.phases[0].findings[0].message


def test_edits_of_a_hook_are_folded_in_and_marked(repo: Repo) -> None:
    hook(repo, "pre-commit", "echo '# checked' >> main.py; git add main.py")
    result = repo.run()
    assert result.exit_code == 0 and repo.read("main.py").endswith("# checked\n") and repo.status == ""
    assert repo.trailers()["Codemod-Hook"] == "edited"


def test_edits_of_a_hook_that_undo_the_phase_are_refused(repo: Repo) -> None:
    hook(repo, "pre-commit", "echo 'from app.user import NAME' > main.py; git add main.py")
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 1 and codes(result) == ["hook-undid"] and repo.state() == state


def test_a_message_hook_may_add_and_veto(repo: Repo) -> None:
    hook(repo, "commit-msg", 'echo "Reviewed-by: Bot <b@example.org>" >> "$1"')
    assert repo.run().exit_code == 0
    assert repo.trailers()["Reviewed-by"] == "Bot <b@example.org>" and repo.trailers()["Codemod-Phase"] == "one"


@pytest.mark.parametrize("edit", [': > "$1"', 'sed -i.bak \'/^Codemod-Digest/d\' "$1"; rm -f "$1.bak"'])
def test_a_message_hook_may_not_take_the_trailers_out(repo: Repo, edit: str) -> None:
    hook(repo, "commit-msg", edit)
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 1 and codes(result) == ["hook-veto"] and repo.state() == state


def test_hooks_that_are_not_committed_run_from_the_users_folder(repo: Repo) -> None:
    repo.commit({".gitignore": "husky\n"})
    repo.write({"husky/pre-commit": "#!/bin/sh\nexit 9\n"})
    (repo.top / "husky/pre-commit").chmod(0o755)
    repo.git("config", "core.hooksPath", "husky")
    result = repo.run()
    assert result.exit_code == 1 and codes(result) == ["hook-veto"]


def test_hooks_elsewhere_count(repo: Repo, tmp_path: Path) -> None:
    hook(repo, "pre-commit", "exit 1")
    (tmp_path / "hooks").mkdir()
    repo.git("config", "core.hooksPath", str(tmp_path / "hooks"))
    assert repo.run().exit_code == 0


def test_signing_as_configured(repo: Repo, tmp_path: Path) -> None:
    signer = tmp_path / "gpg"
    signer.write_text("#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho SIGNED\n")
    signer.chmod(0o755)
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", str(signer))
    assert repo.run().exit_code == 0 and "gpgsig SIGNED" in repo.git("cat-file", "commit", "HEAD")
    signer.write_text("#!/bin/sh\necho no key >&2\nexit 2\n")
    state = repo.state()
    result = repo.run(plan_text("{id: two, do: [{move: {app.order: app.x.order}}]}"))
    assert result.exit_code == 3 and codes(result) == ["signing-failed"] and repo.state() == state


def test_an_interpreter_that_is_not_there_is_named(repo: Repo) -> None:
    result = repo.run(plan("'true'", extra="\n    python: .venv/bin/python"), checks=True)
    assert result.exit_code == 3 and codes(result) == ["interpreter-missing"]


def test_a_new_module_that_fails_as_its_origin_did_is_not_a_new_failure(tmp_path: Path) -> None:
    whole = "import os\nURL = os.environ['NO_SUCH_URL']\n\n\ndef a():\n    return URL\n\n\ndef b():\n    return 2\n"
    repo = Repo.make(tmp_path / "repo", {"app/__init__.py": "", "app/big.py": whole})
    text = plan_text("{id: one, do: [{split: app.big, into: {app.part: [b]}}]}")
    result = repo.run(text, checks=True)
    assert result.exit_code == 0, codes(result)
    assert result.phases[0].checks[0].verdict in ("proves-nothing", "failed-before")


TESTED = {
    **FILES,
    "app/stock.py": "STOCK = 1\n",
    "tests/test_user.py": "from app.user import NAME\n\n\ndef test_user():\n    assert NAME\n",
    "tests/test_stock.py": "from app.stock import STOCK\n\n\ndef test_stock():\n    assert STOCK\n",
}
BOTH = "[{move: {app.user: app.accounts.user, tests.test_user: tests.accounts.test_user}}]"
SEEN = "{run: 'echo \"$@\" >> PLACE', affected: true}"


def seen(repo: Repo, text: str) -> tuple[RunResult, list[str]]:
    """What a check got to see at each of its runs."""
    place = repo.top.parent / "seen.txt"
    place.unlink(missing_ok=True)
    result = repo.run(text.replace("PLACE", str(place)), checks=True)
    return result, place.read_text().splitlines() if place.exists() else []


def test_only_tests_that_the_phase_reaches_are_run(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", TESTED)
    result, lines = seen(repo, plan(SEEN))
    assert lines == ["tests/test_user.py"] and verdicts(result) == ["passed"]
    assert result.phases[0].checks[1].why == "1 of 2 test files"


def test_files_are_appended_and_their_number_is_told(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", TESTED)
    heard = Heard()
    text = plan("{run: 'python -m pytest -q -p no:cacheprovider', affected: true}")
    assert repo.session(text, heard, checks=True).run(every=True).exit_code == 0
    assert heard.lines[-2:] == ["$ python -m pytest -q -p no:cacheprovider  (1 of 2 test files)", "passed"]


def test_without_a_test_that_can_tell_nothing_is_proven(tmp_path: Path) -> None:
    repo = Repo.make(
        tmp_path / "repo", {**FILES, "app/stock.py": "X = 1\n", "tests/test_stock.py": "import app.stock\n"}
    )
    result, lines = seen(repo, plan(SEEN))
    assert (lines, verdicts(result), result.exit_code) == ([], ["proves-nothing"], 0)


def test_everything_is_run_where_something_else_than_modules_changes(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {**TESTED, "docs.md": "`app.user`\n"})
    result, lines = seen(repo, plan(SEEN))
    assert lines == [""] and verdicts(result) == ["passed"]


def test_on_the_parent_the_same_tests_are_run_where_they_were(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", TESTED)
    text = plan("{run: 'echo \"$@\" >> PLACE; exit 1', affected: true}").replace(MOVE, BOTH)
    result, lines = seen(repo, text)
    assert lines == ["tests/accounts/test_user.py", "tests/test_user.py"]
    assert verdicts(result) == ["failed-before"]


PYTEST = "{run: 'python -m pytest -q -p no:cacheprovider --junitxml=r.xml', junit: r.xml}"
BROKEN = "\n\ndef test_broken():\n    assert False\n"


def test_a_test_that_failed_before_and_moved_is_known_again(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {**TESTED, "tests/test_user.py": TESTED["tests/test_user.py"] + BROKEN})
    result = repo.run(plan(PYTEST).replace(MOVE, BOTH), checks=True)
    assert (verdicts(result), result.exit_code) == (["failed-before"], 0)


def test_the_tests_that_fail_only_now_are_named(tmp_path: Path) -> None:
    watching = "import pathlib\n\n\n{}def test_place():\n    assert pathlib.Path('app', 'us' + 'er.py').exists()\n"
    for number, other in enumerate(("", "def test_broken():\n    assert False\n\n\n")):
        repo = Repo.make(tmp_path / str(number) / "repo", {**TESTED, "tests/test_place.py": watching.format(other)})
        result = repo.run(plan(PYTEST), checks=True)
        assert (verdicts(result), result.exit_code) == (["new-failure"], 1)
        assert result.phases[0].checks[1].why == "fails only now: tests.test_place::test_place"


def test_a_report_that_is_no_longer_written_is_a_new_failure(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys\n"
        "if pathlib.Path('app', 'us' + 'er.py').exists():\n"
        "    pathlib.Path('r.xml').write_text('<testcase name=\"x\"><failure/></testcase>')\nsys.exit(1)\n"
    )
    repo = Repo.make(tmp_path / "repo", {**FILES, "t.py": script, "r.xml": "<testcase name='y'/>\n"})
    result = repo.run(plan("{run: python t.py, junit: r.xml}"), checks=True)
    assert verdicts(result) == ["new-failure"] and "without a report" in result.phases[0].checks[1].why


def counted(repo: Repo, then: str) -> str:
    return plan(f"echo x >> {repo.top.parent}/count; {then}")


def count(repo: Repo) -> int:
    place = repo.top.parent / "count"
    found = len(place.read_text().splitlines())
    place.unlink()
    return found


def test_a_pass_on_the_parent_is_kept_from_run_to_run(repo: Repo) -> None:
    text = counted(repo, "test -e app/user.py")
    assert (verdicts(repo.run(text, checks=True)), count(repo)) == (["new-failure"], 2)
    again = repo.run(text, checks=True)
    assert (verdicts(again), count(repo), again.exit_code) == (["new-failure"], 1, 1)
    assert again.phases[0].checks[1].why == "exit 1; it passed on the parent in an earlier run"
    assert (verdicts(repo.run(text, checks=True, repo=repo.top)), count(repo)) == (["new-failure"], 1)


def test_another_environment_is_another_check(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    text = counted(repo, "test -e app/user.py")
    repo.run(text, checks=True)
    count(repo)
    monkeypatch.setenv("DATABASE", "other")
    assert (verdicts(repo.run(text, checks=True)), count(repo)) == (["new-failure"], 2)


def test_a_failure_on_the_parent_is_asked_for_again(repo: Repo) -> None:
    up = repo.top.parent / "service"
    text = counted(repo, f"test -e {up} && test -e app/user.py")
    session = repo.session(text.replace("checks:", "needs_ok: Me\n    checks:"), checks=True)
    assert session.run(every=True).phases[0].state == "waiting"
    hook(repo, "reference-transaction", '[ "$1" != prepared ] || ! grep -q refs/heads/')
    assert codes(repo.run(text, checks=True)) == ["hook-veto"] and count(repo) == 2  # down: fails before and after
    up.touch()
    assert (verdicts(repo.run(text, checks=True)), count(repo)) == (["new-failure"], 2)


def test_what_a_check_has_started_ends_with_its_time(repo: Repo) -> None:
    result = repo.run(plan("{run: 'sleep 78 & sh -c \"sleep 79; true\"', timeout: 0.3}"), checks=True)
    assert verdicts(result) == ["failed-before"]
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert "sleep 78" not in left and "sleep 79" not in left

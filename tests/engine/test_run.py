"""Publication from end to end: what a run leaves behind, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from codemod.base.errors import PlanError, RepositoryError
from codemod.engine.events import Request
from codemod.engine.session import Session
from tests.shell.gitrepo import FILES, MOVE, Repo, codes, plan_text

TWO = plan_text(
    f"{{id: one, do: {MOVE}}}",
    "{id: two, depends_on: [one], do: [{move: {app.order: app.sales.order}}]}",
)


def test_a_phase_becomes_one_commit_with_clean_index_and_files(repo: Repo) -> None:
    before = repo.head
    result = repo.run()
    assert result.exit_code == 0 and result.head == repo.head
    assert repo.git("rev-parse", "HEAD^") == before
    assert repo.status == "" and repo.leftovers() == []
    assert not repo.has("app/user.py") and repo.read("app/accounts/user.py") == FILES["app/user.py"]
    assert repo.git("log", "-1", "--format=%an %cn %s") == "Ann Author Cy Committer Move the user"
    assert repo.git("fsck", "--strict") == ""
    (commit,) = result.phases[0].commits
    assert (commit.sha, commit.kind, commit.files, commit.renames) == (repo.head, "move", 4, 1)


def test_the_message_tells_how_to_make_the_commit_again(repo: Repo) -> None:
    session = repo.session()
    session.run(every=True)
    assert repo.trailers() == {
        "Codemod-Plan": "plan.yaml",
        "Codemod-Phase": "one",
        "Codemod-Step": "1/1",
        "Codemod-Kind": "move",
        "Codemod-Digest": session.plan.phases[0].digest,
        "Codemod-Version": "0.1.0",
    }
    body = repo.git("log", "-1", "--format=%b")
    assert "  app/user.py -> app/accounts/user.py" in body and "codemod run plan.yaml --phase one" in body


@pytest.mark.parametrize(
    ("do", "kind"),
    [
        (MOVE, "move"),
        ("[{move: {app.user.NAME: app.names.}}]", "move"),
        ("[{rename: {app.user.NAME: LABEL}}]", "rewrite"),
        ("[{barrel: [app]}]", "write"),
        ("[{document: {file: NOTES.md, section: Layout, text: new}}]", "write"),
    ],
)
def test_the_kind_of_a_commit(repo: Repo, do: str, kind: str) -> None:
    repo.session(plan_text(f"{{id: one, do: {do}}}")).run(every=True)
    assert repo.trailers()["Codemod-Kind"] == kind


def test_an_old_import_that_comes_later_is_a_rewrite(repo: Repo) -> None:
    repo.run()
    repo.commit({"late.py": "import app.user\n"})
    repo.run()
    assert repo.trailers()["Codemod-Kind"] == "rewrite"


def test_a_second_run_moves_no_ref(repo: Repo) -> None:
    repo.run()
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 0 and [phase.state for phase in result.phases] == ["holds"]
    assert repo.state() == state


def test_the_patch_of_a_preview_is_the_tree_of_the_run(repo: Repo) -> None:
    state = repo.state()
    session = repo.session(TWO)
    patch = session.net_patch(session.preview())
    assert repo.state() == state and repo.leftovers() == []
    repo.git("apply", "--index", stdin=patch)
    tree = repo.git("write-tree")
    repo.git("reset", "-q", "--hard")
    assert repo.run(TWO).exit_code == 0
    assert repo.git("rev-parse", "HEAD^{tree}") == tree
    assert repo.git("diff", "--binary", "--full-index", "HEAD~2", "HEAD").encode() + b"\n" == patch


def test_a_preview_writes_no_object(repo: Repo) -> None:
    count = repo.git("count-objects")
    session = repo.session()
    session.net_patch(session.preview())
    assert repo.git("count-objects") == count


def test_user_diff_settings_do_not_reach_the_patch(repo: Repo) -> None:
    session = repo.session()
    patch = session.net_patch(session.preview())
    for name, value in {
        "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "diff.renames": "false", "color.ui": "always",
        "diff.external": "false", "diff.context": "0", "core.quotePath": "false", "diff.orderFile": "order",
    }.items():  # fmt: skip
        repo.git("config", name, value)
    (repo.top / "order").write_text("main.py\n")
    assert repo.session().net_patch(repo.session().preview()) == patch


def test_other_work_survives_byte_for_byte(repo: Repo) -> None:
    repo.write({"notes.txt": "edited\n", "staged.txt": "new\n", "loose.txt": "loose\n"})
    repo.git("add", "staged.txt")
    repo.write({"staged.txt": "newer\n"})
    before = repo.status
    assert repo.run().exit_code == 0
    assert repo.status == before == " M notes.txt\nAM staged.txt\n?? loose.txt"
    assert repo.git("show", ":staged.txt") == "new" and repo.read("staged.txt") == "newer\n"


@pytest.mark.parametrize(
    ("files", "add", "code"),
    [
        ({"main.py": "from app.user import NAME\n# mine\n"}, False, "dirty-file"),
        ({"main.py": "from app.user import NAME\n# mine\n"}, True, "dirty-file"),
        ({"app/user.py": "NAME = 'bob'\n"}, False, "dirty-file"),
        ({"app/accounts/user.py": "mine\n"}, False, "file-in-the-way"),
        ({"app/accounts/user.py": "mine\n"}, True, "dirty-file"),
        ({"app/accounts": "mine\n"}, False, "file-in-the-way"),
    ],
    ids=["edited", "staged", "edited source", "untracked target", "staged target", "a file where a folder goes"],
)
def test_work_in_the_way_is_refused_by_name(repo: Repo, files: dict[str, str], add: bool, code: str) -> None:
    repo.write(files)
    if add:
        repo.git("add", "-A")
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 3 and code in codes(result), codes(result)
    assert any(next(iter(files)) in finding.message for finding in result.phases[0].findings)
    assert repo.state() == state and repo.leftovers() == []


def test_an_ignored_file_at_a_target_is_not_overwritten(repo: Repo) -> None:
    repo.commit({".gitignore": "accounts/\n"})
    repo.write({"app/accounts/user.py": "secret\n"})
    result = repo.run()
    assert result.exit_code == 3 and "file-in-the-way" in codes(result)
    assert repo.read("app/accounts/user.py") == "secret\n"


def test_a_deleted_but_tracked_file_is_the_users_work(repo: Repo) -> None:
    (repo.top / "app/user.py").unlink()
    result = repo.run()
    assert result.exit_code == 3 and codes(result) == ["dirty-file"]


def test_an_unchanged_file_that_git_was_told_not_to_look_at_may_move(repo: Repo) -> None:
    repo.git("update-index", "--assume-unchanged", "main.py")
    assert repo.run().exit_code == 0 and repo.read("main.py").startswith("from app.accounts.user")


def test_a_changed_file_that_git_was_told_not_to_look_at_is_dirty(repo: Repo) -> None:
    repo.git("update-index", "--assume-unchanged", "main.py")
    repo.write({"main.py": "from app.user import NAME\n# mine\n"})
    assert repo.status == ""
    result = repo.run()
    assert result.exit_code == 3 and codes(result) == ["dirty-file"]


def test_touched_but_equal_files_are_not_dirty(repo: Repo) -> None:
    for path in ("main.py", "app/user.py"):
        os.utime(repo.top / path, (1, 1))
    assert repo.run().exit_code == 0


def test_emptied_folders_go_with_their_bytecode(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"old/deep/__init__.py": "", "old/__init__.py": "", "old/deep/m.py": "X = 1\n"})
    repo.write({"old/__pycache__/a.cpython-311.pyc": "", "old/deep/__pycache__/m.cpython-311.pyc": ""})
    repo.write({".git/info/exclude": "__pycache__\n"})
    assert repo.run(plan_text("{id: one, do: [{move: {old: new}}]}")).exit_code == 0
    assert not repo.has("old") and repo.has("new/deep/m.py")


def test_folders_with_a_file_of_the_users_stay(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"old/__init__.py": "", "old/m.py": "X = 1\n"})
    repo.write({"old/__pycache__/a.cpython-311.pyc": "", "old/data.bin": "mine", ".git/info/exclude": "*.bin\n"})
    assert repo.run(plan_text("{id: one, do: [{move: {old: new}}]}")).exit_code == 0
    assert repo.read("old/data.bin") == "mine" and not repo.has("old/m.py")


def test_modes_links_and_line_endings_survive(tmp_path: Path) -> None:
    repo = Repo.make(
        tmp_path / "repo", {**FILES, "tool.py": "#!/usr/bin/env python\nimport app.user\r\nprint(app.user.NAME)\n"}
    )
    (repo.top / "tool.py").chmod(0o755)
    (repo.top / "link.py").symlink_to("tool.py")
    repo.commit({})
    assert repo.run().exit_code == 0
    assert repo.git("ls-files", "-s", "tool.py").startswith("100755") and os.access(repo.top / "tool.py", os.X_OK)
    assert (repo.top / "link.py").is_symlink() and repo.status == ""
    assert (repo.top / "tool.py").read_bytes().count(b"\r\n") == 1


@pytest.mark.parametrize("setting", ["true", "input"])
def test_autocrlf_is_neither_dirty_nor_lost(tmp_path: Path, setting: str) -> None:
    repo = Repo.make(tmp_path / "repo")
    repo.git("config", "core.autocrlf", setting)
    repo.git("rm", "-q", "-r", "--cached", ".")
    repo.git("reset", "-q", "--hard")
    end = b"\r\n" if setting == "true" else b"\n"
    assert (repo.top / "main.py").read_bytes().endswith(b"print(NAME)" + end)
    assert repo.run().exit_code == 0
    assert (repo.top / "main.py").read_bytes() == b"from app.accounts.user import NAME" + end + b"print(NAME)" + end
    assert repo.status == "" and b"\r" not in repo.git("show", "HEAD:main.py").encode()


def test_detached_head_moves_alone(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach")
    main = repo.git("rev-parse", "main")
    assert repo.run().exit_code == 0
    assert repo.git("rev-parse", "main") == main != repo.head and repo.status == ""


def test_a_linked_worktree_is_a_repository(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Repo(tmp_path / "side")
    state = repo.git("rev-parse", "main"), repo.status, repo.read("main.py")
    assert side.run().exit_code == 0
    assert side.status == "" and side.leftovers() == [] and side.has("app/accounts/user.py")
    assert (repo.git("rev-parse", "main"), repo.status, repo.read("main.py")) == state


def test_a_sha256_repository(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", FILES, "--object-format=sha256")
    assert repo.run(TWO).exit_code == 0
    assert repo.status == "" and len(repo.head) == 64 and repo.has("app/sales/order.py")


def test_phases_are_published_one_by_one(repo: Repo) -> None:
    repo.write({"app/sales": "in the way\n"})
    start = repo.head
    result = repo.run(TWO)
    assert result.exit_code == 3 and [phase.state for phase in result.phases] == ["published", "refused"]
    assert repo.git("rev-parse", "HEAD^") == start and repo.status == "?? app/sales"


def test_next_publishes_one_phase_at_a_time(repo: Repo) -> None:
    for state in (["published"], ["holds", "published"], ["holds", "holds"]):
        result = repo.session(TWO).run(next_only=True)
        assert [phase.state for phase in result.phases] == state and result.exit_code == 0


def test_a_phase_waits_for_what_it_depends_on(repo: Repo) -> None:
    result = repo.session(TWO).run(("two",))
    assert result.exit_code == 3 and codes(result) == ["depends-on"]
    assert repo.session(TWO).run(("one",)).exit_code == 0
    assert repo.session(TWO).run(("two",)).exit_code == 0


def test_a_phase_waits_for_an_approval(repo: Repo) -> None:
    text = plan_text(f"{{id: one, needs_ok: Backend, do: {MOVE}}}")
    result = repo.run(text)
    assert result.exit_code == 1 and result.phases[0].state == "waiting" and codes(result) == ["needs-ok"]
    assert repo.run(text, ok=frozenset({"one"})).exit_code == 0


def test_unknown_phases_are_a_wrong_command_line(repo: Repo) -> None:
    with pytest.raises(PlanError) as error:
        repo.session(TWO).run(("tow",))
    assert error.value.findings[0].hint == "did you mean two?"


def test_the_plan_may_be_untracked_or_edited(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo")
    text = plan_text(f"{{id: one, do: {MOVE}}}")
    repo.write({"plans/p.yaml": text})
    session = Session.open(Request(repo.top / "plans/p.yaml", repo.top, checks=False))
    assert session.run(every=True).exit_code == 0
    assert repo.trailers()["Codemod-Plan"] == "plans/p.yaml" and repo.read("plans/p.yaml") == text


def test_environment_of_an_outer_git_is_not_ours(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = Repo.make(tmp_path / "other", {"x.txt": "x\n"})
    monkeypatch.setenv("GIT_DIR", str(other.top / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.top / ".git/index"))
    assert repo.session().run(every=True).exit_code == 0
    assert other.git("rev-list", "--count", "HEAD") == "1" and repo.status == ""


@pytest.mark.parametrize(
    "name", ["MERGE_HEAD", "rebase-merge", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "sequencer"]
)
def test_unfinished_operations_are_refused(repo: Repo, name: str) -> None:
    (repo.top / ".git" / name).mkdir()
    with pytest.raises(RepositoryError, match="in progress"):
        repo.run()


def test_conflicts_in_the_index_are_refused(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"notes.txt": "one\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"notes.txt": "two\n"})
    subprocess.run(["git", "merge", "-q", "side"], cwd=repo.top, capture_output=True, check=False)
    (repo.top / ".git/MERGE_HEAD").unlink()
    with pytest.raises(RepositoryError, match=r"notes\.txt is unmerged"):
        repo.run()


def test_no_repository_bare_and_unborn_are_refused(tmp_path: Path) -> None:
    plan = Repo(tmp_path / "x").plan()
    (tmp_path / "empty").mkdir()
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    subprocess.run(["git", "init", "-q", str(tmp_path / "unborn")], check=True)
    for name, code in {
        "empty": "no-repository", "bare": "bare-repository", "unborn": "no-commit", "no": "no-repository"
    }.items():  # fmt: skip
        with pytest.raises(RepositoryError) as error:
            Session.open(Request(plan, tmp_path / name)).preview()
        assert error.value.findings[0].code == code


def test_without_an_identity_previews_work_and_runs_do_not(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    repo.git("config", "user.useConfigOnly", "true")
    state = repo.state()
    assert repo.session().preview()[0].commits
    with pytest.raises(RepositoryError) as error:
        repo.run()
    assert error.value.findings[0].code == "no-identity" and repo.state() == state
    assert repo.session().rehearse().exit_code == 0 and repo.state() == state


def test_links_in_the_way_are_refused(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (repo.top / "app/accounts").symlink_to(tmp_path / "outside")
    result = repo.run()
    assert result.exit_code == 3 and "symlink-in-the-way" in codes(result)
    assert list((tmp_path / "outside").iterdir()) == []


def test_nested_repositories_in_the_way_are_refused(repo: Repo) -> None:
    Repo.make(repo.top / "app/accounts", {"x.txt": "x\n"})
    result = repo.run()
    assert result.exit_code == 3 and "nested-repository" in codes(result)


def test_odd_file_names(tmp_path: Path) -> None:
    odd = {
        'sp ace/"quo\\te"\n.py': "from app.user import NAME\n",
        "-rf.py": "import app.user\n",
        "ü/é.py": "import app.user\n",
    }
    repo = Repo.make(tmp_path / "repo", {**FILES, **odd, ":(glob)x.py": "import app.user\n"})
    (repo.top / os.fsdecode(b"\xff.py")).write_bytes(b"import app.user\n")
    repo.commit({})
    assert repo.run().exit_code == 0 and repo.status == ""
    assert (repo.top / os.fsdecode(b"\xff.py")).read_bytes() == b"import app.accounts.user\n"


def test_a_branch_that_moved_meanwhile_is_not_overwritten(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    from codemod.shell import publish

    take = publish._take_index

    def late(*args: object) -> None:
        repo.git("commit", "-q", "--allow-empty", "-m", "faster")
        take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(publish, "_take_index", late)
    result = repo.run()
    assert result.exit_code == 3 and codes(result) == ["ref-moved"]
    assert repo.git("log", "-1", "--format=%s") == "faster" and repo.status == "" and repo.leftovers() == []


def test_a_foreign_index_lock_is_waited_for_and_then_refused(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    from codemod.shell import publish

    monkeypatch.setattr(publish, "PATIENCE", 0.1)
    (repo.top / ".git/index.lock").write_text("")
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 3 and codes(result) == ["index-locked"]
    assert repo.state() == state and repo.leftovers() == ["index.lock"]


def test_a_full_disk_takes_the_branch_back(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    from codemod.shell import disk

    prune, calls = disk.prune, []

    def full(*args: object) -> None:
        calls.append(args)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        prune(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(disk, "prune", full)
    state = repo.state()
    result = repo.run()
    assert result.exit_code == 3 and codes(result) == ["publication-failed"]
    assert repo.state() == state and repo.leftovers() == []


def test_a_branch_that_is_checked_out_elsewhere_too_is_refused(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "--force", str(tmp_path / "side"), "main")
    with pytest.raises(RepositoryError, match="also checked out"):
        repo.run()
    repo.git("checkout", "-q", "-b", "other")
    assert repo.run().exit_code == 0


SWAP = plan_text("{id: one, do: [{move: {app.user: app.order, app.order: app.user}}]}")


def test_where_the_tree_cannot_tell_the_history_does(repo: Repo) -> None:
    before = repo.git("rev-parse", "HEAD^{tree}")
    first = repo.run(SWAP)
    assert first.phases[0].state == "published" and repo.git("rev-parse", "HEAD^{tree}") != before
    assert repo.run(SWAP).phases[0].state == "holds"
    assert [(row.state, row.commit) for row in repo.session(SWAP).status()] == [("done", repo.head)]
    assert repo.session(SWAP).undo("one").exit_code == 0
    assert repo.run(SWAP, assume="done").phases[0].state == "holds"
    assert repo.run(SWAP, assume="pending").phases[0].state == "published"


def test_a_history_that_is_cut_off_cannot_tell(repo: Repo, tmp_path: Path) -> None:
    repo.run(SWAP)
    repo.commit({"later.txt": "x\n"})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.top}", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    state = clone.state()
    assert [row.state for row in clone.session(SWAP).status()] == ["unknown"]
    result = clone.run(SWAP)
    assert result.exit_code == 3 and codes(result)[0] == "state-unknown" and clone.state() == state
    assert "git fetch --unshallow" in result.phases[0].findings[0].hint
    assert clone.run(SWAP, assume="done").phases[0].state == "holds"
    assert clone.run().exit_code == 0  # what the tree can tell needs no history


def test_an_old_module_that_comes_back_is_seen_through_the_history(repo: Repo) -> None:
    repo.run()
    repo.commit({"app/user.py": "BACK = 1\n", "use.py": "from app.user import BACK\n"})
    assert repo.run().phases[0].state == "holds"

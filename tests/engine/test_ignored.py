"""`.git-blame-ignore-revs`: commits that only rewrite, listed behind them, whatever becomes of the history."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemod.base.errors import RepositoryError
from codemod.engine.ignored import updated
from codemod.shell.commits import IGNORED
from tests.engine.test_history_modes import FILES
from tests.shell.gitrepo import MOVE, Repo, plan_text

ONE, TWO = "1" * 40, "2" * 40
APART = plan_text(f"{{id: one, title: Move the user, history: two-commit, do: {MOVE}}}")
RENAME = plan_text("{id: one, title: Another name, do: [{rename: {app.user.A1: First}}]}")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo", FILES)


def listed(repo: Repo) -> list[str]:
    return [line for line in repo.read(IGNORED).splitlines() if not line.startswith("#")]


def blamed(repo: Repo, path: str, *options: str) -> list[str]:
    lines = repo.git("blame", "--porcelain", *options, "HEAD", "--", path).splitlines()
    return [line.split()[0] for line in lines if len(line.split(" ")[0]) == 40]


def test_blame_passes_over_rewritten_call_sites(repo: Repo) -> None:
    base = repo.head
    assert repo.run(APART).exit_code == 0
    rewriting = repo.head
    assert rewriting in blamed(repo, "main.py")
    result = repo.session(APART).sweep(ignore_revs=True)
    assert result.exit_code == 0 and [phase.state for phase in result.phases] == ["holds", "published"]
    assert listed(repo) == [rewriting] and "# codemod: Move the user" in repo.read(IGNORED)
    assert set(blamed(repo, "main.py", "--ignore-revs-file", IGNORED)) == {base}
    assert set(blamed(repo, "app/accounts/user.py", "--ignore-revs-file", IGNORED)) == {base}
    assert repo.status == "" and repo.trailers()["Codemod-Kind"] == "sweep"


def test_a_second_time_changes_nothing_and_the_list_is_kept_up_unasked(repo: Repo) -> None:
    repo.run(APART)
    repo.session(APART).sweep(ignore_revs=True)
    head = repo.head
    assert repo.session(APART).sweep(ignore_revs=True).exit_code == 0 and repo.head == head
    assert not repo.session(APART).swept().commits
    repo.commit({"late.py": "x = 1\n"})
    more = repo.commit({"late.py": "from app.user import A1\n"})
    assert [phase.state for phase in repo.session(APART).sweep().phases] == ["published", "published"]
    mended = repo.git("rev-parse", "HEAD~1")
    assert more == repo.git("rev-parse", "HEAD~2") and listed(repo)[1:] == [mended]
    assert not repo.session(APART).swept().commits


def test_nobody_asked(repo: Repo) -> None:
    repo.run(APART)
    repo.commit({IGNORED: f"# by hand\n{ONE}\n"})
    head = repo.head
    assert repo.session(APART).sweep().exit_code == 0 and repo.head == head
    assert not repo.session(APART).swept().commits and repo.session(APART).swept(ignore_revs=True).commits


@pytest.mark.parametrize("history", ["auto", "waypoint"])
def test_moves_are_not_listed(repo: Repo, history: str) -> None:
    text = plan_text(f"{{id: one, history: {history}, shims: file, do: {MOVE}}}", "{id: two, do: [{barrel: [app]}]}")
    repo.run(text)
    head = repo.head
    assert repo.session(text).sweep(ignore_revs=True).exit_code == 0
    assert repo.head == head and not repo.has(IGNORED)


def test_a_rename_in_place_is_listed(repo: Repo) -> None:
    repo.run(RENAME)
    head = repo.head
    repo.session(RENAME).sweep(ignore_revs=True)
    assert listed(repo) == [head]


def test_what_only_adds_files_is_not_listed(repo: Repo) -> None:
    text = plan_text("{id: one, do: [{document: {file: NOTES.md, section: Layout, text: It is so.}}]}")
    assert repo.run(text).exit_code == 0
    head = repo.head
    repo.session(text).sweep(ignore_revs=True)
    assert repo.head == head


def test_what_was_squashed_with_a_move_leaves_the_list_with_a_word(repo: Repo) -> None:
    base = repo.head
    repo.run(APART)
    old = repo.head
    repo.session(APART).sweep(ignore_revs=True)
    said = repo.git("log", "--reverse", "--format=%B", f"{base}..HEAD")
    repo.git("reset", "-q", "--soft", base)
    repo.git("commit", "-q", "-m", said)
    told = repo.session(APART).swept()
    assert [change.reason for change in told.changes] == [f"{old[:12]} is not in the history of HEAD any more"]
    assert repo.session(APART).sweep().exit_code == 0 and repo.read(IGNORED) == ""


def test_what_was_rebased_is_listed_anew(repo: Repo) -> None:
    repo.run(APART)
    old = repo.head
    repo.session(APART).sweep(ignore_revs=True)
    repo.git("checkout", "-q", "-b", "other", "HEAD~3")
    repo.commit({"other.txt": "x\n"})
    repo.git("rebase", "-q", "other", "main")
    told = [change.reason for change in repo.session(APART).swept().changes]
    assert len(told) == 2 and told[1].startswith(old[:12])
    repo.session(APART).sweep()
    assert listed(repo) == [repo.git("rev-parse", "HEAD~2")] and not repo.session(APART).swept().commits


def test_a_shallow_clone_cannot_tell(repo: Repo, tmp_path: Path) -> None:
    repo.run(APART)
    repo.commit({"later.txt": "x\n"})
    repo.git("clone", "-q", "--depth", "2", f"file://{repo.top}", str(tmp_path / "shallow"))
    with pytest.raises(RepositoryError, match="shallow"):
        Repo(tmp_path / "shallow").session(APART).swept(ignore_revs=True)


@pytest.mark.parametrize(
    ("data", "commits", "expected"),
    [
        (b"", [], b""),
        (b"", [(ONE, "A \xe4".encode("latin-1").decode("utf-8", "surrogateescape"))], None),
        (b"# mine\n" + ONE.encode(), [(ONE, "A")], b"# mine\n" + ONE.encode()),
        (b"# mine\n" + ONE.encode(), [(TWO, "B")], f"# mine\n{ONE}\n# codemod: B\n{TWO}\n".encode()),
        (f"# codemod: A\n{ONE}\n# mine\n{TWO}\n".encode(), [], f"# mine\n{TWO}\n".encode()),
        (
            f"# codemod: A\r\n{ONE}\r\n# mine\r\n".encode(),
            [(TWO, "B")],
            f"# mine\r\n# codemod: B\r\n{TWO}\r\n".encode(),
        ),
        (f"# codemod: A\n{ONE}".encode(), [], b""),
        (f"# codemod: A\n{ONE} # why\n".encode(), [(ONE, "A")], f"# codemod: A\n{ONE} # why\n".encode()),
    ],
)
def test_lines_of_others_stay(data: bytes, commits: list[tuple[str, str]], expected: bytes | None) -> None:
    found = updated(data, commits)
    assert expected is None or found.data == expected
    assert updated(found.data, commits).data == found.data and not updated(found.data, commits).told

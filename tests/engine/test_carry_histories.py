"""Open branches over histories that are no straight line: requests, several plans, shallow clones, work under way."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codemod.base.errors import RepositoryError
from codemod.engine.events import Request
from codemod.engine.session import Session
from codemod.shell.commits import landed
from codemod.shell.git import Git
from tests.engine.test_carry import PLAN, branch, carry, show
from tests.shell.gitrepo import MOVE, Repo, plan_text

LONG = "".join(f"V{number} = {number}\n" for number in range(30))
APART = plan_text(f"{{id: one, do: {MOVE}}}", "{id: two, do: [{move: {app.order: app.shop.orders}}]}")
SPLIT = plan_text("{id: one, do: [{split: app.big, into: {app.f: [f], app.g: [g]}}]}")


def request(repo: Repo, name: str, text: str, phase: str) -> None:
    """Publish a phase on a branch of its own that starts at main, and come back."""
    repo.git("checkout", "-q", "-b", name, "main")
    assert repo.session(text).run((phase,)).exit_code == 0
    repo.git("checkout", "-q", "main")


def merge(repo: Repo, name: str) -> None:
    repo.git("merge", "-q", "--no-ff", "--no-edit", name)


def refused(repo: Repo, text: str = PLAN, name: str = "feature") -> str:
    with pytest.raises(RepositoryError) as error:
        carry(repo, text, name)
    return error.value.findings[0].code


def session(repo: Repo, plan: str) -> Session:
    return Session.open(Request(repo.top / plan, repo=repo.top, checks=False))


def test_a_phase_from_a_request_that_is_older_than_the_branch(repo: Repo) -> None:
    request(repo, "request", PLAN, "one")
    repo.commit({"app/order.py": "from app.user import NAME\n\nORDER = NAME + 'x'\n", "more.py": "import app.user\n"})
    branch(repo, {"app/order.py": "from app.user import NAME\n\nORDER = NAME + 'xy'\n", "new.py": "import app.user\n"})
    merge(repo, "request")
    assert carry(repo).exit_code == 0
    assert show(repo, "new.py") == "import app.accounts.user\n" and "'xy'" in show(repo, "app/order.py")


def test_phases_from_requests_beside_each_other(repo: Repo) -> None:
    repo.commit({"app/user.py": f"{LONG}NAME = 1\n", "app/order.py": f"from app.user import NAME\n{LONG}"})
    new = "from app.user import NAME\nimport app.order\n"
    branch(repo, {"new.py": new, "app/user.py": f"{LONG}NAME = 2\n"})
    for phase in ("one", "two"):
        request(repo, f"request-{phase}", APART, phase)
    merge(repo, "request-one")
    merge(repo, "request-two")
    done = carry(repo, APART)
    assert done.exit_code == 0 and done.phases == ("one", "two")
    assert show(repo, "new.py") == "from app.accounts.user import NAME\nimport app.shop.orders\n"
    assert show(repo, "app/accounts/user.py").endswith("NAME = 2\n")


def test_a_branch_and_a_main_line_that_have_merged_each_other(repo: Repo) -> None:
    repo.commit({"app/user.py": f"{LONG}NAME = 1\n"})
    tip = branch(repo, {"app/user.py": f"{LONG}NAME = 2\n"})
    main = repo.commit({"app/user.py": f"A = 1\n{LONG}NAME = 1\n"})
    merge(repo, tip)
    repo.git("checkout", "-q", "feature")
    merge(repo, main)
    repo.commit({"app/user.py": f"A = 1\n{LONG}NAME = 3\n", "new.py": "from app.user import NAME\n"})
    repo.git("checkout", "-q", "main")
    repo.run(PLAN)
    assert carry(repo).exit_code == 0
    assert show(repo, "app/accounts/user.py") == f"A = 1\n{LONG}NAME = 3\n"


def test_a_phase_that_was_undone_and_published_again(repo: Repo) -> None:
    branch(repo, {"new.py": "from app.user import NAME\n", "app/user.py": "NAME = 'bea'\n"})
    repo.run(PLAN)
    repo.commit({"later.txt": "later\n"})
    repo.git("checkout", "-q", "-b", "later")
    repo.commit({"app/accounts/user.py": "NAME = 'cal'\n"})
    repo.git("checkout", "-q", "main")
    repo.session(PLAN).undo("one")
    repo.run(PLAN)
    for name, value in (("feature", "bea"), ("later", "cal")):
        assert carry(repo, name=name).phases == ("one",)
        assert show(repo, "app/accounts/user.py", name) == f"NAME = '{value}'\n"


def test_phases_of_another_plan_are_followed_and_not_swept(repo: Repo) -> None:
    other = plan_text("{id: one, do: [{move: {app.order: app.shop.orders}}]}").replace("demo", "other")
    repo.commit({"plans/a.yaml": PLAN, "plans/b.yaml": other})
    branch(repo, {"new.py": "from app.user import NAME\nimport app.order\n"})
    session(repo, "plans/a.yaml").run(every=True)
    session(repo, "plans/b.yaml").run(every=True)
    assert session(repo, "plans/a.yaml").forecast()[0].carried == ()
    assert session(repo, "plans/a.yaml").carry("feature").exit_code == 0
    assert show(repo, "new.py") == "from app.accounts.user import NAME\nimport app.shop.orders\n"
    repo.commit({"old.py": "import app.order\n"})
    assert not session(repo, "plans/a.yaml").swept().commits and session(repo, "plans/b.yaml").swept().commits


def test_a_plan_that_has_moved_and_changed_since(repo: Repo) -> None:
    repo.commit({"old.yaml": PLAN})
    branch(repo, {"new.py": "from app.user import NAME\n"})
    session(repo, "old.yaml").run(every=True)
    repo.git("rm", "-q", "old.yaml")
    repo.commit({"plans/new.yaml": PLAN.replace("Move it", "Moved it")})
    assert session(repo, "plans/new.yaml").carry("feature").phases == ("one",)
    assert show(repo, "new.py") == "from app.accounts.user import NAME\n"


def test_what_the_branch_moved_to_the_very_target(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    (repo.top / "app/accounts").mkdir()
    repo.git("mv", "app/user.py", "app/accounts/user.py")
    user = "from app.accounts.user import NAME\n"
    repo.commit({"app/accounts/__init__.py": "", "main.py": user, "app/order.py": f"{user}\nORDER = NAME\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"more.py": "from app.user import NAME\n"})
    repo.run(PLAN)
    assert carry(repo).exit_code == 0 and show(repo, "more.py") == user


def test_what_the_branch_removed_of_a_module_that_is_split(repo: Repo) -> None:
    one, two, three = (f"def {name}():\n    return 1\n" for name in "fgh")
    repo.commit({"app/big.py": f"{one}\n\n{two}"})
    branch(repo, {"app/big.py": f"{two}\n\n{three}", "new.py": "from app.big import g, h\n"})
    repo.run(SPLIT)
    assert carry(repo, SPLIT).exit_code == 0
    files = repo.git("ls-tree", "-r", "--name-only", "feature").splitlines()
    assert "app/g.py" in files and "app/f.py" not in files
    assert show(repo, "new.py") == "from app.big import h\nfrom app.g import g\n"


def test_a_file_at_a_target_is_told(repo: Repo) -> None:
    tip = branch(repo, {"app/accounts/user.py": "X = 1\n", "app/accounts/__init__.py": ""})
    repo.run(PLAN)
    done = carry(repo)
    assert done.exit_code == 3 and [f.code for f in done.findings] == ["target-taken"]
    assert repo.git("rev-parse", "feature") == tip


def test_a_folder_that_was_divided_is_a_conflict_as_it_is_for_git(repo: Repo) -> None:
    repo.commit({f"d/{number}.txt": f"{number}\n" * 9 for number in range(4)})
    tip = branch(repo, {"d/new.txt": "new\n"})
    for number in range(4):
        (repo.top / f"e{number % 2}").mkdir(exist_ok=True)
        repo.git("mv", f"d/{number}.txt", f"e{number % 2}/{number}.txt")
    repo.commit({})
    repo.run(PLAN)
    done = carry(repo)
    assert done.exit_code == 1 and [str(f.place) for f in done.findings] == ["d"]
    assert repo.git("rev-parse", "feature") == tip


@pytest.mark.parametrize("name", ["-x", "--rebase", "a/b", "ünï/ß", "refs/heads/x", "HEAD"])
def test_names_of_branches_also_packed_and_beside_a_tag(repo: Repo, name: str) -> None:
    tip = branch(repo, {"new.py": "from app.user import NAME\n"}, "tmp")
    repo.git("update-ref", f"refs/heads/{name}", tip)
    repo.git("update-ref", f"refs/tags/{name}", "refs/heads/main")
    repo.git("branch", "-q", "-D", "tmp")
    repo.git("pack-refs", "--all")
    repo.run(PLAN)
    assert [one.branch for one in repo.session(PLAN).forecast()] == [name]
    assert carry(repo, name=name).exit_code == 0
    assert show(repo, "new.py", f"refs/heads/{name}") == "from app.accounts.user import NAME\n"
    assert f"plan.yaml {'-- ' if name[0] == '-' else ''}{name}\n" in repo.git(
        "log", "-1", "--format=%B", f"heads/{name}"
    )


def test_a_second_name_for_a_branch_is_that_branch(repo: Repo) -> None:
    branch(repo, {"new.py": "from app.user import NAME\n"})
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/feature")
    repo.run(PLAN)
    assert [one.branch for one in repo.session(PLAN).forecast()] == ["feature"]
    repo.git("worktree", "add", "-q", str(repo.top.parent / "other"), "feature")
    assert refused(repo, name="alias") == "branch-elsewhere"
    repo.git("worktree", "remove", str(repo.top.parent / "other"))
    assert carry(repo, name="alias").branch == "feature"


@pytest.mark.parametrize("how", ["rebase", "bisect"])
def test_a_branch_that_is_being_rebased_or_bisected_is_refused(repo: Repo, how: str) -> None:
    for text in ("a\n", "b\n"):
        tip = branch(repo, {"main.py": text})
    repo.run(PLAN)
    other = repo.top.parent / "other"
    repo.git("worktree", "add", "-q", str(other), "feature")
    commands = {"rebase": (["rebase", "main"],), "bisect": (["bisect", "start"], ["checkout", "-q", "--detach"])}
    for command in commands[how]:
        subprocess.run(["git", *command], cwd=other, capture_output=True, check=False)
    assert refused(repo) == "branch-elsewhere" and repo.git("rev-parse", "feature") == tip
    subprocess.run(["git", how, {"rebase": "--abort", "bisect": "reset"}[how]], cwd=other, check=True)
    repo.git("worktree", "remove", "--force", str(other))
    assert carry(repo).exit_code == 0


@pytest.mark.parametrize("depth", [1, 2])
def test_a_clone_that_is_too_shallow_is_refused_by_name(repo: Repo, tmp_path: Path, depth: int) -> None:
    branch(repo, {"new.py": "from app.user import NAME\n"})
    repo.run(PLAN)
    repo.commit({"later.py": "from app.user import NAME\n"})
    options = ["-q", f"--depth={depth}", "--no-single-branch"]
    subprocess.run(["git", "clone", *options, f"file://{repo.top}", tmp_path / "clone"], check=True)
    clone = Repo(tmp_path / "clone")
    clone.git("branch", "feature", "origin/feature")
    assert refused(clone) == "shallow-clone"
    with pytest.raises(RepositoryError) as error:
        clone.session(PLAN).swept()
    assert error.value.findings[0].code == "shallow-clone"
    clone.git("fetch", "-q", "--unshallow")
    assert clone.session(PLAN).swept().commits and carry(clone).exit_code == 0


def test_a_detached_head_is_the_main_line_too(repo: Repo) -> None:
    branch(repo, {"new.py": "from app.user import NAME\n"})
    repo.run(PLAN)
    repo.git("checkout", "-q", "--detach")
    assert repo.session(PLAN).carry("feature").exit_code == 0
    assert show(repo, "new.py") == "from app.accounts.user import NAME\n"


def test_line_endings_bytes_and_files_that_do_not_parse(repo: Repo) -> None:
    repo.commit(
        {"b.bin": b"\0\1\2", "crlf.py": b"from app.user import NAME\r\nprint(NAME)\r\n", "bad.py": "import (\n"}
    )
    worse = "from app.user import NAME\ndef (\n"
    branch(repo, {"b.bin": b"\0\1\3", "crlf.py": b"from app.user import NAME\r\nprint(NAME, 1)\r\n", "worse.py": worse})
    repo.run(PLAN)
    assert carry(repo).exit_code == 0 and show(repo, "worse.py") == worse
    assert repo.git("show", "feature:crlf.py") == "from app.accounts.user import NAME\r\nprint(NAME, 1)\r"


def test_a_folder_in_a_repository_is_refused(repo: Repo) -> None:
    repo.commit({"sub/app/user.py": "NAME = 1\n"})
    inner = repo.session(PLAN, repo=repo.top / "sub")
    for ask in (inner.forecast, inner.swept, lambda: inner.carry("feature")):
        with pytest.raises(RepositoryError) as error:
            ask()
        assert error.value.findings[0].code == "not-a-top-level"


SQUASHED = "Bring it (#12)\n\n{}\n\n---------\n\nCo-authored-by: Dee Dev <dee@example.org>\n"


def squash(repo: Repo, text: str) -> None:
    """Publish a plan and squash it into one commit, the messages kept as hosts do."""
    base = repo.head
    repo.run(text)
    said = repo.git("log", "--reverse", "--format=* %B", f"{base}..HEAD")
    repo.git("reset", "-q", "--soft", base)
    repo.git("commit", "-q", "-m", SQUASHED.format(said))


def test_phases_that_were_squashed_into_one_commit(repo: Repo) -> None:
    text = APART.replace("{id: one,", "{id: one, shims: file,").replace("app.shop.orders}", "app.accounts.orders}")
    old = "from app.user import NAME\nfrom app.order import ORDER\n"
    branch(repo, {"new.py": old, "app/user.py": "NAME = 'bea'\n"})
    squash(repo, text)
    assert carry(repo, text).phases == ("one", "two")
    new = "from app.accounts.user import NAME\nfrom app.accounts.orders import ORDER\n"
    assert show(repo, "new.py") == new and show(repo, "app/accounts/user.py") == "NAME = 'bea'\n"
    repo.commit({"late.py": old})
    assert repo.session(text).sweep().exit_code == 0 and repo.read("late.py") == new
    assert repo.session(text).undo("one").phases[0].findings[0].code == "phases-squashed"


def test_one_phase_that_was_squashed_can_be_undone(repo: Repo) -> None:
    squash(repo, PLAN)
    repo.commit({"later.txt": "later\n"})
    assert repo.session(PLAN).undo("one").exit_code == 0 and repo.has("app/user.py")


def test_a_commit_that_quotes_a_message_is_no_phase(repo: Repo) -> None:
    squash(repo, PLAN)
    repo.git("commit", "-q", "--allow-empty", "-m", "Look:\n\n" + "\n".join(
        f"    {line}" for line in repo.git("log", "-1", "--format=%B").splitlines()
    ))  # fmt: skip
    assert [one.commit for one in landed(Git(repo.top), "HEAD")] == [repo.git("rev-parse", "HEAD~1")]

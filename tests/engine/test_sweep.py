"""After the fact: what a merge brought back of the old layout is mended, or told."""

from __future__ import annotations

from codemod.engine.events import RunResult
from tests.shell.gitrepo import Repo, codes, plan_text

FILES = {
    "app/services/__init__.py": "",
    "app/services/user.py": "NAME = 'ann'\n",
    "app/services/mail.py": "from app.services.user import NAME\n\nMAIL = NAME\n",
    "main.py": "from app.services.mail import MAIL\nprint(MAIL)\n",
}
PLAN = plan_text("{id: one, do: [{move: {app.services.user: app.domain.user, app.services.mail: app.domain.mail}}]}")
APART = plan_text("{id: one, do: [{move: {app.services.user: app.domain.user, app.services.mail: app.mail.mail}}]}")


def migrated(repo: Repo, text: str = PLAN) -> None:
    for path in ("app/user.py", "app/order.py"):
        repo.git("rm", "-q", path)
    repo.commit(FILES)
    assert repo.run(text).exit_code == 0


def sweep(repo: Repo, text: str = PLAN) -> RunResult:
    return repo.session(text).sweep()


def test_imports_of_retired_names_and_files_in_emptied_packages_are_mended(repo: Repo) -> None:
    migrated(repo)
    new = "from app.services.user import NAME\n\nPUSH = NAME\n"
    repo.commit({"app/services/push.py": new, "tool.py": "from app.services.push import PUSH\nprint(PUSH)\n"}, "merged")
    told = repo.session(PLAN).swept()
    assert told.moves == {"app/services/push.py": "app/domain/push.py"} and not told.refused
    assert {str(change.place) for change in told.changes} == {"app/services/push.py:1", "tool.py:1"}
    result = sweep(repo)
    assert result.exit_code == 0 and [phase.state for phase in result.phases] == ["published"]
    assert repo.read("app/domain/push.py") == new.replace("services", "domain")
    assert repo.read("tool.py") == "from app.domain.push import PUSH\nprint(PUSH)\n"
    assert not repo.has("app/services/push.py") and repo.status == ""
    assert repo.trailers()["Codemod-Kind"] == "sweep"
    head = repo.head
    assert [phase.state for phase in sweep(repo).phases] == ["holds"] and repo.head == head


def test_nothing_to_sweep_moves_no_ref(repo: Repo) -> None:
    migrated(repo)
    repo.commit({"app/domain/push.py": "from app.domain.user import NAME\n", "services.txt": "app.services.user\n"})
    head = repo.head
    assert sweep(repo).exit_code == 0 and repo.head == head and not repo.session(PLAN).swept().commits


def test_a_phase_that_is_not_published_is_not_swept(repo: Repo) -> None:
    repo.commit(FILES)
    head = repo.head
    assert sweep(repo).exit_code == 0 and repo.head == head


def test_where_the_modules_went_several_ways_a_hand_has_to_decide(repo: Repo) -> None:
    migrated(repo, APART)
    repo.commit({"app/services/push.py": "", "tool.py": "from app.services.user import NAME\n"}, "merged")
    result = sweep(repo, APART)
    assert result.exit_code == 1 and codes(result) == ["stray-file"]
    assert repo.read("tool.py") == "from app.domain.user import NAME\n" and repo.has("app/services/push.py")


def test_a_file_that_came_back_beside_its_successor_is_told(repo: Repo) -> None:
    migrated(repo)
    repo.commit({"app/services/user.py": "NAME = 'bea'\n"}, "merged")
    head = repo.head
    result = sweep(repo)
    assert result.exit_code == 1 and repo.head == head
    assert "app/services/user.py" in " ".join(f.message for phase in result.phases for f in phase.findings)


def test_shims_are_no_strays(repo: Repo) -> None:
    shims = PLAN.replace("{id: one,", "{id: one, shims: file,")
    migrated(repo, shims)
    assert repo.has("app/services/user.py")
    assert not repo.session(shims).swept().commits


def test_a_package_that_came_into_an_emptied_one_follows(repo: Repo) -> None:
    migrated(repo)
    use = "from app.services.sub.deep.x import NAME\n"
    new = {"sub/__init__.py": "", "sub/deep/x.py": "from app.services.user import NAME\n", "bare/y.py": "Y = 1\n"}
    files = {f"app/services/{path}": text for path, text in new.items()}
    repo.commit({**files, "tool.py": f"{use}from app.services.bare import y\n"}, "merged")
    assert sweep(repo).exit_code == 0
    assert repo.read("tool.py") == "from app.domain.sub.deep.x import NAME\nfrom app.domain.bare import y\n"
    assert repo.read("app/domain/sub/deep/x.py") == "from app.domain.user import NAME\n"
    assert repo.git("ls-files", "app/services/*/*") == ""
    assert [phase.state for phase in sweep(repo).phases] == ["holds"]


def test_a_package_in_one_that_still_has_packages_is_no_stray(repo: Repo) -> None:
    for path in ("app/user.py", "app/order.py"):
        repo.git("rm", "-q", path)
    repo.commit({**FILES, "app/services/kept/__init__.py": "", "app/services/kept/z.py": "Z = 1\n"})
    assert repo.run(PLAN).exit_code == 0
    repo.commit({"app/services/more/__init__.py": "", "app/services/more/x.py": "X = 1\n"}, "merged")
    assert not repo.session(PLAN).swept().commits and not repo.session(PLAN).swept().refused

"""Random branches over a finished plan: carried, they do what they did, and meet no conflict of the migration's."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from codemod.shell.git import Git
from codemod.shell.merging import merge_commits
from tests.shell.gitrepo import Repo, plan_text

QUICK = int(os.environ.get("CODEMOD_CARRIES", "4"))
MODULES = ("users", "orders", "mails", "big", "left", "right", "spare", "odd")
LASTING = MODULES[:6]  # the others may be deleted, or get another name
PLAN = plan_text(
    "{id: moves, do: [{move: {app.services.users: app.domain.people, app.services.orders: app.domain.shop.orders,"
    " app.services.spare: app.domain.spare, app.services.odd: app.tools.odd}}]}",
    "{id: split, shims: file, do: [{split: app.services.big, into: {app.domain.big.first: [big_0, big_1, BIG_0],"
    " app.domain.big.second: rest}}]}",
    "{id: merge, do: [{merge: {app.domain.sides: [app.services.left, app.services.right]}}]}",
)
MAIN = """\
import glob
import importlib

for path in sorted(glob.glob("probe_*.py")):
    print(path, importlib.import_module(path[:-3]).probe())
"""


def module(name: str) -> str:
    """A module whose functions are far enough apart for two people to work on it."""
    upper = name.upper()
    parts = [f'"""The {name}."""\n\nimport os\n']
    if name == "orders":
        parts.append("from app.services.users import users_0\n")
    parts += [f"\n{upper}_{number} = {number}\n" for number in range(2)]
    for number in range(4):
        body = "".join(f"    step_{line} = {line}\n" for line in range(4))
        call = "users_0()" if name == "orders" and number == 1 else f'"{name}"'
        parts.append(f"\n\ndef {name}_{number}():\n{body}    return ({call}, step_{number}, os.sep)\n")
    return "".join(parts)


def probe(rng: random.Random) -> str:
    """A file that imports some functions in various ways and calls them."""
    lines, calls = [], []
    for number, name in enumerate(rng.sample(LASTING, 3)):
        function = f"{name}_{rng.randint(0, 3)}"
        form = rng.randint(0, 4)
        if form == 0:
            lines.append(f"from app.services.{name} import {function} as f{number}")
            calls.append(f"f{number}()")
        elif form == 1:
            lines.append(f"from app.services import {name} as m{number}")
            calls.append(f"m{number}.{function}()")
        elif form == 2:
            lines.append(f"import app.services.{name}")
            calls.append(f"app.services.{name}.{function}()")
        elif form == 3:
            lines.append("import importlib")
            calls.append(f'importlib.import_module("app.services.{name}").{function}()')
        else:
            lines.append(f"def l{number}():\n    from app.services.{name} import {function}\n    return {function}()")
            calls.append(f"l{number}()")
    return "\n".join(lines) + f"\n\n\ndef probe():\n    return [{', '.join(calls)}]\n"


class Branch:
    """What somebody did on a branch, in the old layout."""

    def __init__(self, repo: Repo, rng: random.Random) -> None:
        self.repo, self.rng = repo, rng
        self.names = list(MODULES)
        self.done: list[str] = []
        for number in range(rng.randint(2, 5)):
            action = rng.choice((self.edit, self.edit, self.add, self.new, self.delete, self.rename))
            self.done.append(action(number))
            repo.commit({}, self.done[-1]) if repo.status else None

    def path(self, name: str) -> str:
        return f"app/services/{name}.py"

    def edit(self, number: int) -> str:
        """Change a line of a function."""
        name = self.rng.choice(self.names)
        text = self.repo.read(self.path(name))
        old = f"    step_{self.rng.randint(0, 3)} = "
        at = text.index(old, text.index(f"def {name}_{self.rng.randint(0, 3)}("))
        self.repo.write({self.path(name): text[: at + len(old)] + "10 + " + text[at + len(old) :]})
        return f"edit {name}"

    def add(self, number: int) -> str:
        """Add a function and somebody who calls it."""
        name = self.rng.choice(LASTING)
        text = self.repo.read(self.path(name))
        added = f"{name}_more_{number}"
        text += f"\n\ndef {added}():\n    return {name}_0(), {number}\n"
        user = f"from app.services.{name} import {added}\n\n\ndef probe():\n    return {added}()\n"
        self.repo.write({self.path(name): text, f"probe_add_{number}.py": user})
        return f"add to {name}"

    def new(self, number: int) -> str:
        """A new module beside the old ones, and a file that uses it and others."""
        self.repo.write({f"probe_new_{number}.py": probe(self.rng)})
        near = self.rng.choice(LASTING)
        inner = f"from .{near} import {near}_2\n\n\ndef made():\n    return {near}_2()\n"
        user = f"from app.services.made_{number} import made\n\n\ndef probe():\n    return made()\n"
        self.repo.write({f"app/services/made_{number}.py": inner, f"probe_made_{number}.py": user})
        return f"new beside {near}"

    def delete(self, _number: int) -> str:
        """Remove a module that only its own probe uses."""
        if "spare" in self.names:
            self.names.remove("spare")
            self.repo.git("rm", "-q", self.path("spare"), "probe_spare.py")
        return "delete spare"

    def rename(self, _number: int) -> str:
        """Rename a module that only its own probe uses."""
        if "odd" in self.names:
            self.names.remove("odd")
            self.repo.git("mv", self.path("odd"), self.path("even"))
            text = self.repo.read("probe_odd.py").replace("import odd", "import even as odd")
            self.repo.write({"probe_odd.py": text})
        return "rename odd"


def start(repo: Repo) -> None:
    """The application, and a probe for each of its modules."""
    files = {"app/__init__.py": "", "app/services/__init__.py": "", "main.py": MAIN}
    for name in MODULES:
        files[f"app/services/{name}.py"] = module(name)
        calls = ", ".join(f"{name}.{name}_{number}()" for number in range(4))
        files[f"probe_{name}.py"] = f"from app.services import {name}\n\n\ndef probe():\n    return [{calls}]\n"
    for path in ("app/user.py", "app/order.py"):
        repo.git("rm", "-q", path)
    repo.commit(files, "the application")


def says(repo: Repo, tree: str, folder: Path) -> str:
    """What the program of a tree prints."""
    folder.mkdir(parents=True)
    subprocess.run(["git", "archive", "-o", str(folder / "a.tar"), tree], cwd=repo.top, check=True)
    subprocess.run(["tar", "-xf", "a.tar"], cwd=folder, check=True)
    done = subprocess.run([sys.executable, "-B", "main.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def verdict(seed: int, folder: Path, repo: Repo) -> str:
    """One branch: what it prints when merged with the main line before the migration, and when carried."""
    rng = random.Random(seed)
    name = f"branch-{seed}"
    repo.git("checkout", "-q", "-b", name, "base")
    branch = Branch(repo, rng)
    repo.git("checkout", "-q", "main")
    plain = merge_commits(Git(repo.top), name, "before")
    done = repo.session(PLAN).carry(name, rebase=seed % 3 == 0)
    if plain.conflicts:
        assert done.exit_code == 1, f"seed {seed}: {branch.done}"
        return "conflict of its own"
    assert done.exit_code == 0, f"seed {seed}: {branch.done}: {done.findings}"
    wanted = says(repo, plain.tree_id, folder / f"{seed}-plain")
    assert says(repo, name, folder / f"{seed}-carried") == wanted, f"seed {seed}: {branch.done}"
    naive = merge_commits(Git(repo.top), done.old, "main").conflicts
    return "would have conflicted" if naive else "would have merged"


def tally(repo: Repo, seeds: range, folder: Path) -> Counter[str]:
    start(repo)
    repo.git("tag", "base")
    users = repo.read("app/services/users.py")
    repo.commit({"app/services/users.py": users.replace("step_3 = 3", "step_3 = 33", 1), "a.txt": "a\n"}, "before")
    repo.git("tag", "before")
    repo.session(PLAN).run(("moves",))
    repo.commit({"b.txt": "b\n"}, "between")
    result = repo.session(PLAN).run(every=True)
    assert result.exit_code == 0 and [phase.state for phase in result.phases] == ["holds", "published", "published"]
    repo.commit({"c.txt": "c\n"}, "after")
    return Counter(verdict(seed, folder, repo) for seed in seeds)


def test_a_sample_of_branches(repo: Repo, tmp_path: Path) -> None:
    assert sum(tally(repo, range(QUICK), tmp_path / "out").values()) == QUICK


@pytest.mark.slow
def test_fifty_branches(repo: Repo, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    counts = tally(repo, range(100, 150), tmp_path / "out")
    record_property("branches", dict(counts))
    print(dict(counts))  # noqa: T201 - the share is what the run is for
    assert counts["would have conflicted"] >= 10, counts

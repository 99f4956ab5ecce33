"""The history forecast against git itself."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from codemod.source.tree import Tree
from codemod.verify.history import forecast, renames

CASES = int(os.environ.get("CODEMOD_HISTORY_CASES", "25"))


def git(repo: Path, *arguments: str, data: bytes | None = None) -> bytes:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(
        ["git", "-C", str(repo), *arguments], input=data, capture_output=True, check=True, env=environment
    ).stdout


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    git(folder, "init", "-q")
    return folder


def stored(repo: Path, files: dict[str, bytes]) -> str:
    """The id of a tree of files, written without a work tree."""
    git(repo, "read-tree", "--empty")
    lines = []
    for path, data in files.items():
        blob = git(repo, "hash-object", "-w", "--stdin", "--no-filters", data=data).decode().strip()
        lines.append(f"100644 {blob}\t{path}\n")
    git(repo, "update-index", "--index-info", data="".join(lines).encode())
    return git(repo, "write-tree").decode().strip()


def git_says(repo: Path, before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, str]:
    out = git(repo, "diff", "-M50%", "--name-status", "-z", stored(repo, before), stored(repo, after))
    fields = iter(out.decode().split("\0")[:-1])
    found = {}
    for status in fields:
        path = next(fields)
        if status.startswith("R"):
            found[next(fields)] = path
    return found


def content(choose: random.Random, lines: int) -> list[bytes]:
    words = [b"import os", b"", b"    return 1", b"class A:", b"x" * 90, b"    pass", b"# " + b"=" * 61]
    return [
        choose.choice(words) if choose.random() < 0.4 else b"line %d" % choose.randint(0, 400) for _ in range(lines)
    ]


def generated(seed: int) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, str]]:
    """Files before and after a random reorganisation, and which moved where."""
    choose = random.Random(seed)
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    moves: dict[str, str] = {}
    for number in range(choose.randint(1, 12)):
        lines = content(choose, choose.choice((0, 0, 1, 3, 10, 40, 120)))
        newline = choose.choice((b"\n", b"\n", b"\r\n"))
        old = f"app/{choose.choice(('a', 'b', 'c'))}/{choose.choice(('user', '__init__', f'm{number}'))}.py"
        if old in before:
            continue
        before[old] = newline.join(lines) + (newline if choose.random() < 0.8 else b"")
        for _ in range(int(len(lines) * choose.choice((0, 0, 0.1, 0.3, 0.5, 0.6)))):
            lines[choose.randrange(len(lines))] = b"changed %d" % choose.randint(0, 999)
        lines += content(choose, choose.choice((0, 0, 2, 30)))
        data = newline.join(lines) + (newline if choose.random() < 0.8 else b"")
        new = f"app/{choose.choice(('x', 'y'))}/{choose.choice((old.rsplit('/', 1)[1], f'n{number}.py'))}"
        if new not in after:
            after[new] = data
            moves[old] = new
            if choose.random() < 0.15:
                after[old] = b"import sys\n"  # a shim stays behind
    for extra in range(choose.randint(0, 4)):
        after.setdefault(f"app/new{extra}/__init__.py", b"" if choose.random() < 0.7 else b"from .x import y\n")
    return before, after, moves


@pytest.mark.parametrize("seed", range(CASES))
def test_the_forecast_is_what_git_says(repo: Path, seed: int) -> None:
    before, after, moves = generated(seed)
    told = git_says(repo, before, after)
    assert renames(Tree.of(before), Tree.of(after)).pairs == told
    said = forecast(moves, renames(Tree.of(before), Tree.of(after)))
    assert said.lost == tuple(old for old, new in sorted(moves.items()) if told.get(new) != old)
    assert said.moved == said.followed + len(said.lost) == len(moves)


def test_a_file_that_only_moves_is_followed() -> None:
    said = forecast({"a.py": "b/a.py"}, renames(Tree.of({"a.py": b"x = 1\n"}), Tree.of({"b/a.py": b"x = 1\n"})))
    assert (said.moved, said.followed, said.lost) == (1, 1, ())


def test_a_shim_at_the_old_path_loses_the_history() -> None:
    after = Tree.of({"a.py": b"shim\n", "b/a.py": b"x = 1\n"})
    assert forecast({"a.py": "b/a.py"}, renames(Tree.of({"a.py": b"x = 1\n"}), after)).lost == ("a.py",)


@pytest.mark.parametrize(("part", "followed"), [("a/part.py", 1), ("b/part.py", 0)])
def test_a_module_that_was_divided_is_followed_to_its_part(part: str, followed: int) -> None:
    body = b"".join(b"line %d\n" % number for number in range(20))
    after = Tree.of({"a/__init__.py": b"# the package\n", part: body})
    assert forecast({"a.py": "a/__init__.py"}, renames(Tree.of({"a.py": body}), after)).followed == followed


def beyond(count: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """So many files of one name that move and change, two that move as they are, and one of a name of its own."""
    before = {f"a/m{n}/core.py": b"".join(b"line %d %d\n" % (n, k) for k in range(8)) for n in range(count)}
    after = {path.replace("a/", "b/", 1): data + b"more\n" for path, data in before.items()}
    for number in range(2):
        before[f"a/w{number}/whole.py"] = after[f"b/w{number}/whole.py"] = b"same %d\n" % number
    before["a/own.py"] = b"".join(b"own %d\n" % k for k in range(8))
    return before, {**after, "b/own.py": before["a/own.py"] + b"more\n"}


@pytest.mark.parametrize(("count", "limit"), [(1000, 0), (1001, 1001)])
def test_beyond_the_rename_limit_only_equal_and_uniquely_named_files_are_followed(
    repo: Path, count: int, limit: int
) -> None:
    before, after = beyond(count)
    if not limit:  # what git then compares takes a while: it is told for fewer elsewhere
        before, after = ({path: data for path, data in files.items() if "m9" not in path} for files in (before, after))
    moves = {path: path.replace("a/", "b/", 1) for path in before}
    found = renames(Tree.of(before), Tree.of(after), moves)
    assert found.pairs == git_says(repo, before, after)
    said = forecast(moves, found)
    assert (said.followed, said.alone, said.limit) == ((3, count, limit) if limit else (len(moves), 0, 0))


def test_what_blame_follows_beyond_the_limit(repo: Path) -> None:
    before, after = beyond(1001)
    after["b/m7/core.py"] = b"nothing of it is left\n"
    moves = {path: path.replace("a/", "b/", 1) for path in before}
    found = renames(Tree.of(before), Tree.of(after), moves)
    assert len(found.alone) == 1000 and "b/m7/core.py" not in found.alone
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    base = git(repo, *identity, "commit-tree", "-m", "base", stored(repo, before)).decode().strip()
    head = git(repo, *identity, "commit-tree", "-p", base, "-m", "moved", stored(repo, after)).decode().strip()
    for path, kept in {"b/m5/core.py": 8, "b/own.py": 8, "b/m7/core.py": 0}.items():
        told = git(repo, "blame", "-s", "-l", head, "--", path).decode().splitlines()
        assert sum(line.lstrip("^")[:39] == base[:39] for line in told) == kept, path
    listed = git(repo, "log", "--follow", "--format=%H", head, "--", "b/m5/core.py").decode().split()
    assert listed == [head, base]
    limited = git(repo, "-c", f"diff.renameLimit={found.limit}", "diff", "-M", "--name-status", base, head).decode()
    assert sum(line.startswith("R") for line in limited.splitlines()) == len(found.blamed)

"""What is kept from one command to the next: never needed, never trusted further than it is ours."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from codemod.engine.remembered import MANY
from codemod.shell import cache
from tests.shell.gitrepo import Repo

SOME = {f"app/part{number}.py": f"import app.user\n\nN = {number}\n" for number in range(MANY)}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(place: Path) -> Path:
    """The one file in it."""
    (found,) = place.iterdir()
    return found


def test_what_was_stored_is_loaded_for_the_same_repository_alone(place: Path, tmp_path: Path) -> None:
    cache.store(tmp_path / "a", b"known")
    assert cache.load(tmp_path / "a") == b"known"
    assert cache.load(tmp_path / "b") == b""
    cache.store(tmp_path / "a", b"more")
    assert cache.load(tmp_path / "a") == b"more"
    assert kept(place).stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("how", ["cut", "changed", "empty", "writable", "link", "another program"])
def test_what_cannot_be_trusted_is_not_there(
    how: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.store(tmp_path, b"known" * 100)
    file = kept(place)
    data = file.read_bytes()
    if how == "writable":
        file.chmod(0o666)
    elif how == "link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    elif how == "another program":
        monkeypatch.setattr(cache, "_maker", lambda: b"somebody else")
    else:
        file.write_bytes({"cut": data[:-1], "changed": data[:-1] + b"X", "empty": b""}[how])
    assert cache.load(tmp_path) == b""


def test_what_cannot_be_written_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file"))
    cache.store(tmp_path, b"known")
    assert cache.load(tmp_path) == b""
    assert (tmp_path / "file").read_text() == "no folder"


def test_what_nobody_uses_goes_after_a_month(place: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        cache.store(tmp_path / name, b"known")
    for file in place.iterdir():
        os.utime(file, (0, time.time() - 32 * 86400))
    cache.store(tmp_path / "c", b"known")
    assert cache.load(tmp_path / "c") == b"known"
    assert len(list(place.iterdir())) == 1


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"CODEMOD_CACHE": "/c"}, "/c"),
        ({"CODEMOD_CACHE": "off", "HOME": "/h"}, None),
        ({"CODEMOD_CACHE": "0", "HOME": "/h"}, None),
        ({"CODEMOD_CACHE": "", "HOME": "/h"}, "/h/.cache/codemod"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/codemod"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/codemod"),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_where_it_lies(environment: dict[str, str], folder: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (cache.VARIABLE, "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache.folder() == (Path(folder) if folder else None)


def test_a_second_command_says_the_same_and_knows_more(place: Path, repo: Repo) -> None:
    repo.commit(SOME)
    first, second = repo.session(), repo.session()
    assert first.start().inventory.known("app/part0.py") is None
    patch = first.net_patch(first.preview())
    assert patch
    known = second.start().inventory
    assert all(known.known(path) == first.start().inventory.read(path) for path in SOME)
    assert second.net_patch(second.preview()) == patch


def test_a_repository_of_few_files_leaves_nothing(place: Path, repo: Repo) -> None:
    repo.session().preview()
    assert not place.exists()


def test_a_rehearsal_keeps_what_it_learns_of_the_repository(place: Path, repo: Repo) -> None:
    repo.commit(SOME)
    assert repo.session().rehearse().exit_code == 0
    kept(place)
    assert cache.load(repo.top / ".git")

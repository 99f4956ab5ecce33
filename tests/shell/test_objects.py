"""Contents come from the disk when their hash says so, and from git's object store otherwise."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.base.errors import RepositoryError
from codemod.shell import objects
from codemod.shell.git import Git, decoded, encoded
from codemod.source.tree import EXECUTABLE, SYMLINK, Tree
from tests.shell.gitrepo import FILES, Repo


def tree_of(repo: Repo, commit: str = "HEAD") -> Tree:
    return objects.read_tree(Git(repo.top), commit, repo.top)


def test_a_tree_lists_what_is_committed(repo: Repo) -> None:
    (repo.top / "link").symlink_to("main.py")
    (repo.top / "main.py").chmod(0o755)
    repo.commit({})
    repo.write({"untracked.txt": "x"})
    tree = tree_of(repo)
    assert set(tree) == {*FILES, "link"}
    entry, link = tree.entry("main.py"), tree.entry("link")
    assert entry is not None and entry.mode == EXECUTABLE and link is not None and link.mode == SYMLINK
    assert tree.read("main.py").decode() == FILES["main.py"] and tree.read("link") == b"main.py"


@pytest.mark.parametrize("what", ["edited", "removed", "a folder", "a link", "unreadable", "a pipe"])
def test_what_differs_on_disk_comes_from_git(repo: Repo, what: str) -> None:
    place = repo.top / "main.py"
    place.unlink()
    if what == "edited":
        place.write_text("mine\n")
    elif what == "a folder":
        place.mkdir()
    elif what == "a link":
        place.symlink_to("app/user.py")
    elif what == "a pipe":
        import os

        os.mkfifo(place)
    tree = tree_of(repo)
    assert tree.read("main.py").decode() == FILES["main.py"] and tree.read("notes.txt") == b"nothing to see\n"


def test_nothing_is_read_from_disk_once_many_differ(repo: Repo) -> None:
    files = {f"m{n}.py": f"X = {n}\n" for n in range(objects.DOUBTS + 10)}
    repo.commit(files)
    repo.write(dict.fromkeys(files, "changed\n"))
    tree = tree_of(repo)
    assert {path: tree.read(path).decode() for path in files} == files


def test_contents_may_be_larger_than_what_is_kept(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "KEPT", 10)
    tree = objects.read_tree(Git(repo.top), "HEAD")
    for _ in range(2):
        assert {path: tree.read(path).decode() for path in tree} == FILES


def test_a_missing_object_is_named(repo: Repo) -> None:
    blob = repo.git("rev-parse", "HEAD:notes.txt")
    (repo.top / ".git/objects" / blob[:2] / blob[2:]).unlink()
    (repo.top / "notes.txt").unlink()
    with pytest.raises(RepositoryError, match=r"notes\.txt"):
        tree_of(repo).read("notes.txt")


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_ids_are_gits(tmp_path: Path, kind: str) -> None:
    repo = Repo.make(tmp_path / "repo", {"x": "data\n"}, f"--object-format={kind}")
    assert objects.object_id(b"data\n", len(repo.head)) == repo.git("rev-parse", "HEAD:x")
    assert len(repo.head) == hashlib.new(kind).digest_size * 2


def test_blobs_are_stored_whatever_they_hold(repo: Repo) -> None:
    contents = [b"", b"\n", b"data 3\nblob\n", bytes(range(256)) * 100, *(b"%d" % n for n in range(150))]
    objects.store(Git(repo.top), contents)
    for data in contents:
        assert Git(repo.top).run("cat-file", "blob", objects.object_id(data, 40)) == data


@given(st.binary(max_size=12).filter(lambda raw: b"\0" not in raw))
def test_any_path_survives_the_way_in_and_out(raw: bytes) -> None:
    assert encoded(decoded(raw)) == raw


def test_paths_of_any_kind_can_be_listed(repo: Repo) -> None:
    odd = ['"quoted"', "new\nline", "back\\slash", '"\n\\', " space "]
    repo.write(dict.fromkeys(odd, "data\n"))
    ids = Git(repo.top).text("hash-object", "--stdin-paths", stdin=objects.quoted_lines(odd)).splitlines()
    assert ids == [objects.object_id(b"data\n", 40)] * len(odd)

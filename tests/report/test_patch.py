from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codemod.report.page import plain, text_of
from codemod.report.patch import FilePatch, coloured, explained, file_name, files_of, stat_report


def git(folder: Path, *arguments: str) -> bytes:
    identity = ("-c", "user.name=c", "-c", "user.email=c@example.org", "-c", "core.autocrlf=false")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    body = b"".join(b"line %d\n" % n for n in range(30))
    files = {
        "moved.py": body,
        "plain.py": b"a\nb\nc\n",
        "tricky.sql": b"x\n-- old\n++ old\ny\n",
        "gone.py": b"x\ny\n",
        "crlf.txt": b"a\r\nb\r\n",
        "cr.txt": b"a\rb\rc\n",
        "latin.txt": b"caf\xe9\n",
        "bin": b"\0\1\2",
        "naïve name.py": b"a\n",
        'qu"ote\t.py': b"a\n",
        "empty": b"",
        "mode.sh": b"#!/bin/sh\n",
        "tail.txt": b"no end",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "before")
    (tmp_path / "sub").mkdir()
    (tmp_path / "moved.py").rename(tmp_path / "sub/moved.py")
    (tmp_path / "sub/moved.py").write_bytes(body.replace(b"line 3\n", b"line three\n"))
    (tmp_path / "plain.py").write_bytes(b"a\nB\nc\nd\n")
    (tmp_path / "tricky.sql").write_bytes(b"x\n-- new\n++ new\ndiff --git a/no b/no\n@@ -1 +1 @@\ny\n")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "empty").unlink()
    (tmp_path / "void").touch()
    (tmp_path / "crlf.txt").write_bytes(b"a\r\nc\r\n")
    (tmp_path / "cr.txt").write_bytes(b"a\rX\rc\n")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe8\n")
    (tmp_path / "bin").write_bytes(b"\0\1\3")
    (tmp_path / "naïve name.py").write_bytes(b"b\n")
    (tmp_path / 'qu"ote\t.py').write_bytes(b"b\n")
    (tmp_path / "tail.txt").write_bytes(b"no end still")
    (tmp_path / "mode.sh").chmod(0o755)
    git(tmp_path, "add", "-A")
    return tmp_path


def patch_of(repository: Path) -> bytes:
    return git(repository, "diff", "--cached", "-M", "--binary", "--full-index")


def test_numbers_are_those_of_git(repository: Path) -> None:
    expected = {}
    fields = iter(git(repository, "diff", "--cached", "-M", "--numstat", "-z").split(b"\0"))
    for field in fields:
        if field:
            added, deleted, path = field.split(b"\t", 2)
            if not path:
                next(fields)
                path = next(fields)
            expected[path.decode()] = tuple(0 if n == b"-" else int(n) for n in (added, deleted))
    found = files_of(patch_of(repository))
    assert {file.path: (file.added, file.deleted) for file in found} == expected


def test_kinds_and_names(repository: Path) -> None:
    found = {file.path: (file.kind, file.old) for file in files_of(patch_of(repository))}
    assert found["sub/moved.py"] == ("moved", "moved.py")
    assert found["gone.py"][0] == "deleted"
    assert found["void"][0] == "added" or found["void"] == ("moved", "empty")
    assert found["plain.py"] == ("changed", "plain.py")
    assert found["bin"][0] == "changed"
    assert found["mode.sh"] == ("changed", "mode.sh")
    assert found['qu"ote\t.py'][0] == found["naïve name.py"][0] == "changed"


def test_spans_cover_the_patch(repository: Path) -> None:
    patch = patch_of(repository)
    files = files_of(patch)
    assert b"".join(patch[file.start : file.end] for file in files) == patch
    assert all(patch[file.start :].startswith(b"diff --git ") for file in files)


def test_an_explained_patch_still_applies(repository: Path) -> None:
    patch = patch_of(repository)
    tree = git(repository, "write-tree")
    told = explained(patch, {file.path: [f"{file.path}: because\n of it"[:20]] for file in files_of(patch)})
    assert told != patch and b"# plain.py: because\n" in told.replace(b"\n of it"[:9], b"\n")
    git(repository, "reset", "-q", "--hard")
    subprocess.run(["git", "apply", "--index"], cwd=repository, input=told, check=True, capture_output=True)
    assert git(repository, "write-tree") == tree


def test_nothing_to_explain_changes_nothing(repository: Path) -> None:
    patch = patch_of(repository)
    assert explained(patch, {}) == patch
    assert explained(b"", {"a": ["b"]}) == b""


def test_an_empty_patch_has_no_files() -> None:
    assert files_of(b"") == ()
    assert list(plain(stat_report(b""))) == ["0 files, +0 -0 lines"]


def test_stat() -> None:
    patch = (
        b"diff --git a/a.py b/p/a.py\nsimilarity index 90%\nrename from a.py\nrename to p/a.py\n"
        b"--- a/a.py\n+++ b/p/a.py\n@@ -1 +1,2 @@\n-x\n+y\n+z\n"
    )
    assert files_of(patch) == (FilePatch("moved", "a.py", "p/a.py", 2, 1, 0, len(patch)),)
    assert list(plain(stat_report(patch))) == [
        "   +  -  FILE",
        "R  2  1  a.py -> p/a.py",
        "",
        "1 file, 1 moved, +2 -1 lines",
    ]


def test_colour_leaves_the_text_alone(repository: Path) -> None:
    patch = patch_of(repository)
    text = "\n".join(text_of(shown) for shown in coloured(patch)) + "\n"
    assert text.encode("utf-8", "surrogateescape") == patch


def test_names_of_patch_files() -> None:
    assert file_name(1, "low-risk") == "01-low-risk.patch"
    assert file_name(12, "a/../b c") == "12-a_.._b_c.patch"

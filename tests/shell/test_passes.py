"""What is kept of checks that passed: only what is asked with the same tree, command and surroundings."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from codemod.shell.passes import DAYS, KEPT, NAME, Passes, forget_drafts, installed, key_of


def test_it_is_kept(tmp_path: Path) -> None:
    passes = Passes(tmp_path)
    assert "a" not in passes
    passes.add("a")
    assert "a" in passes and "a" in Passes(tmp_path) and "b" not in Passes(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_old_and_many_ones_are_dropped(tmp_path: Path) -> None:
    old = int(time.time()) - DAYS * 86400 - 9
    (tmp_path / NAME).write_text(json.dumps({"old": old, **{f"k{n}": int(time.time()) - n for n in range(KEPT + 9)}}))
    passes = Passes(tmp_path)
    assert "old" not in passes
    passes.add("new")
    known = json.loads((tmp_path / NAME).read_text())
    assert len(known) == KEPT and {"new", "k0"} <= set(known) and not {"old", f"k{KEPT + 8}"} & set(known)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": "x"}', "\x00", '{"a": null}'])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    passes = Passes(tmp_path)
    assert "a" not in passes
    passes.add("a")
    assert "a" in Passes(tmp_path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    passes = Passes(tmp_path / "no" / "folder")
    passes.add("a")
    assert "a" in passes


def test_drafts_of_killed_runs_go(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.123").write_text("{")
    (tmp_path / NAME).write_text("{}")
    forget_drafts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_what_a_key_depends_on(tmp_path: Path) -> None:
    top, file = tmp_path / "top", tmp_path / "file"
    env = {"A": "1", "PYTHONPATH": f"{top}/src", "PWD": "/x"}
    file.write_text("1")
    key = key_of("t", ["run"], env, top, [file])
    other = tmp_path / "other"
    assert key == key_of("t", ["run"], {"PYTHONPATH": f"{other}/src", "A": "1", "PWD": "/y"}, other, [file])
    assert key != key_of("u", ["run"], env, top, [file]) and key != key_of("t", ["ran"], env, top, [file])
    assert key != key_of("t", ["run"], {**env, "A": "2"}, top, [file]) and key != key_of("t", ["run"], env, top, [])
    os.utime(file, ns=(1, 1))
    assert key != key_of("t", ["run"], env, top, [file])
    assert key_of("t", ["run"], {"B": "\udcff"}, top, [tmp_path / "none"])


def test_what_is_installed_is_looked_at() -> None:
    assert any(path.name == "site-packages" for path in installed(sys.executable))

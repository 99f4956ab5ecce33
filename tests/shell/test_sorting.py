"""Import blocks that were sorted stay sorted; all others stay as they are."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codemod.shell.sorting import RuffSorter
from codemod.source.sorting import configured, stand_ins
from codemod.source.tree import SYMLINK, Entry, Tree

SELECT = b'[tool.ruff.lint]\nselect = ["E", "I"]\n'
PACKAGE = {"pyproject.toml": SELECT, "app/__init__.py": b"", "app/beta.py": b"B = 1\n", "app/mid.py": b"M = 1\n"}
SORTED = b"import os\n\nimport requests\n\nfrom app.beta import B\nfrom app.mid import M\n"
STALE = b"import os\n\nimport requests\n\nfrom app.zeta.beta import B\nfrom app.mid import M\n"
AGAIN = b"import os\n\nimport requests\n\nfrom app.mid import M\nfrom app.zeta.beta import B\n"


def sort(
    files: Mapping[str, bytes], writes: Mapping[str, bytes], moves: Mapping[str, str] | None = None
) -> Mapping[str, bytes]:
    before = Tree.of(files)
    sorter = RuffSorter()
    found = sorter(before, before.changed(moves=moves, writes=writes), moves or {})
    assert sorter.findings == []
    return found


MOVED = {"app/beta.py": "app/zeta/beta.py"}
CREATED = {"app/zeta/__init__.py": b""}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"pyproject.toml": SELECT}, id="selected in pyproject"),
        pytest.param({"pyproject.toml": b'[tool.ruff]\nselect = ["I001"]\n'}, id="selected the old way"),
        pytest.param({"pyproject.toml": b'[tool.ruff.lint]\nextend-select = ["I"]\n'}, id="added to the defaults"),
        pytest.param({"ruff.toml": b'lint.select = ["ALL"]\nlint.ignore = ["D"]\n'}, id="ruff.toml, everything"),
        pytest.param({".ruff.toml": b'[lint]\nselect = ["I0"]\n'}, id="hidden ruff.toml, a prefix"),
        pytest.param({"base.toml": b'[lint]\nselect = ["I"]\n', "ruff.toml": b'extend = "base.toml"\n'}, id="extended"),
        pytest.param({"pyproject.toml": b"[tool.ruff]\nrequired-version = '==0.1.0'\n" + SELECT}, id="another version"),
        pytest.param({"ruff.toml": b'[lint]\nselect = ["ANN101", "I", "XX9"]\n'}, id="rules that ours does not know"),
        pytest.param({"ruff.toml": b'[lint]\nselect = ["I001"]\nignore = ["ALL"]\n'}, id="the longer selector wins"),
    ],
)
def test_what_was_sorted_is_sorted_again(settings: dict[str, bytes]) -> None:
    files = {**PACKAGE, "pyproject.toml": b"", **settings, "use.py": SORTED}
    assert sort(files, {"use.py": STALE, **CREATED}, MOVED) == {"use.py": AGAIN}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="no ruff"),
        pytest.param({"pyproject.toml": b"[tool.ruff]\nline-length = 100\n"}, id="defaults alone"),
        pytest.param({"pyproject.toml": b'[tool.ruff.lint]\nselect = ["E", "INP"]\n'}, id="other rules"),
        pytest.param({"pyproject.toml": b'[tool.isort]\nprofile = "black"\n'}, id="isort alone"),
        pytest.param({"ruff.toml": b'[lint]\nselect = ["ALL"]\nignore = ["I"]\n'}, id="ignored"),
        pytest.param({"ruff.toml": b'extend-exclude = ["use.py"]\n[lint]\nselect = ["I"]\n'}, id="excluded"),
        pytest.param({"ruff.toml": b'[lint]\nselect = ["I"]\nexclude = ["use.py"]\n'}, id="excluded from lint"),
        pytest.param({"other/ruff.toml": b'[lint]\nselect = ["I"]\n'}, id="selected in another folder"),
        pytest.param({"pyproject.toml": b"[tool.ruff\n"}, id="settings that do not parse"),
    ],
)
def test_where_sorting_is_not_wanted_nothing_changes(settings: dict[str, bytes]) -> None:
    files = {**PACKAGE, "pyproject.toml": b"", **settings, "use.py": SORTED}
    assert sort(files, {"use.py": STALE, **CREATED}, MOVED) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"import sys\nimport os\n", b"import sys\nimport os\nimport app.mid\n", id="was unsorted"),
        pytest.param(SORTED, AGAIN + b"\nX = B + M\n", id="is sorted"),
        pytest.param(SORTED.replace(b"\n\nf", b"\n\n\nf"), STALE, id="was formatted otherwise"),
        pytest.param(b"# isort: skip_file\n" + SORTED, b"# isort: skip_file\n" + STALE, id="says skip"),
        pytest.param(SORTED + b"\ndef f(:\n", STALE + b"\ndef f(:\n", id="does not parse"),
        pytest.param(SORTED.replace(b"\n", b"\r\n", 1), STALE.replace(b"\n", b"\r\n", 1), id="mixed line endings"),
        pytest.param(
            b"# coding: latin-1\nS = '\xe9'\n" + SORTED, b"# coding: latin-1\nS = '\xe9'\n" + STALE, id="latin-1"
        ),
        pytest.param(b"X = 1\n", b"X = 2\n", id="imports nothing"),
    ],
)
def test_a_file_that_stays_as_it_is(old: bytes, new: bytes) -> None:
    assert sort({**PACKAGE, "use.py": old}, {"use.py": new, **CREATED}, MOVED) == {}


def test_an_unsorted_file_stays_unsorted_where_its_new_folder_is_checked() -> None:
    files = {**PACKAGE, "pyproject.toml": b"", "app/new/ruff.toml": b'[lint]\nselect = ["I"]\n', "old.py": STALE}
    assert sort(files, {}, {"old.py": "app/new/old.py"}) == {}
    ignored = {
        **PACKAGE,
        "ruff.toml": b'[lint]\nselect = ["I"]\nper-file-ignores = {"old.py" = ["I"]}\n',
        "old.py": STALE,
    }
    assert sort(ignored, {}, {"old.py": "app/old.py"}) == {}


def test_a_moved_file_is_judged_by_what_it_was() -> None:
    files = {**PACKAGE, "app/user.py": b"from . import mid\nfrom .beta import B\n"}
    moved = {"app/user.py": "app/zoo/user.py"}
    writes = {"app/zoo/user.py": b"from .. import mid\nfrom .beta import B\n", "app/zoo/__init__.py": b""}
    assert sort(files, writes, moved) == {}
    writes["app/zoo/user.py"] = b"from .beta import B\nfrom .. import mid\n"
    assert sort(files, writes, moved) == {"app/zoo/user.py": b"from .. import mid\nfrom .beta import B\n"}


def test_a_new_file_is_sorted() -> None:
    assert sort(PACKAGE, {"app/new.py": b"import sys\nimport os\n"}) == {"app/new.py": b"import os\nimport sys\n"}


def test_an_ignore_holds_for_new_files_alone() -> None:
    files = {
        **PACKAGE,
        "ruff.toml": b'[lint]\nselect = ["I"]\n[lint.per-file-ignores]\n"*.py" = ["I"]\n',
        "use.py": SORTED,
    }
    assert sort(files, {"use.py": STALE, "new.py": STALE, **CREATED}, MOVED) == {"use.py": AGAIN}


def test_a_file_that_begins_to_import_is_sorted() -> None:
    files = {**PACKAGE, "use.py": b"X = 1\n"}
    assert sort(files, {"use.py": STALE, **CREATED}, MOVED) == {"use.py": AGAIN}


def test_only_the_import_rule_fixes_anything() -> None:
    files = {**PACKAGE, "ruff.toml": b'[lint]\nselect = ["ALL"]\nisort.required-imports = ["import late"]\n'}
    assert sort(files, {"a.py": b"import sys\nimport os\nx = not 1 in [2];y = None\n"}) == {
        "a.py": b"import os\nimport sys\n\nx = not 1 in [2];y = None\n"
    }


def test_line_endings_and_byte_order_mark_survive() -> None:
    windows = [b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n") for text in (SORTED, STALE, AGAIN)]
    assert sort({**PACKAGE, "use.py": windows[0]}, {"use.py": windows[1], **CREATED}, MOVED) == {"use.py": windows[2]}


def test_first_party_is_what_lies_in_the_tree() -> None:
    files = {
        "pyproject.toml": b'[tool.ruff]\nsrc = ["libs/*"]\n' + SELECT,
        "libs/one/inner/deep.py": b"D = 1\n",
        "use.py": b"import requests\n\nimport inner.deep\n",
    }
    moved = {"libs/one/inner/deep.py": "libs/one/outer/deep.py"}
    assert sort(files, {"use.py": b"import outer.deep\n\nimport requests\n"}, moved) == {
        "use.py": b"import requests\n\nimport outer.deep\n"
    }


def test_a_link_is_not_followed() -> None:
    tree = Tree.of({**PACKAGE, "target.py": STALE})
    linked = Tree({**tree.entries, "link.py": Entry(SYMLINK, tree.entries["target.py"].blob)}, {}, tree.fresh)
    assert RuffSorter()(tree, linked, {}) == {}


def test_a_sorter_that_cannot_run_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codemod.shell.sorting.find_ruff_bin", lambda: "/nowhere/ruff")
    sorter, before = RuffSorter(), Tree.of(PACKAGE)
    assert sorter(before, before.changed(writes={"a.py": b"import sys\nimport os\n"}), {}) == {}
    assert [finding.code for finding in sorter.findings] == ["sorter-unavailable"]


def test_settings_that_ruff_does_not_take_are_a_note() -> None:
    sorter, before = RuffSorter(), Tree.of({"ruff.toml": b'line-length = "long"\n[lint]\nselect = ["I"]\n'})
    assert sorter(before, before.changed(writes={"a.py": b"import sys\nimport os\n"}), {}) == {}
    assert [finding.code for finding in sorter.findings] == ["sorter-unavailable"]
    assert not sorter.findings[0].blocks


def test_only_named_modules_get_a_stand_in() -> None:
    tree = Tree.of({**PACKAGE, "app/far/away.py": b"", "app/__init__.pyi": b"", "lone.py": b"", "zeta/part.py": b""})
    assert list(stand_ins(tree, {"app/use.py": b"import app.beta, zeta\n"})) == [
        "app/__init__.py", "app/__init__.pyi", "app/beta.py", "zeta/part.py",
    ]  # fmt: skip
    assert list(stand_ins(tree, {"use.py": b"from x import \\\n    lone\n"})) == ["lone.py"]


def test_configured_reads_settings_alone() -> None:
    assert configured(Tree.of({"a/pyproject.toml": SELECT}))
    assert not configured(Tree.of({"a/pyproject.toml.bak": SELECT, "pyproject.toml": b"x ="}))


def test_a_comment_of_statements_that_become_one_stands_there_once() -> None:
    beta, mid = (
        b"from app.%s import (  # noqa: F401\n    %s,\n)\n" % part for part in ((b"beta", b"B"), (b"mid", b"M"))
    )
    rest = b"\nX = 1  # a  # a\n"
    after = (beta + mid + rest).replace(b"app.beta", b"app.all").replace(b"app.mid", b"app.all")
    sorted_ = b"from app.all import (  # noqa: F401\n    B,\n    M,\n)\n" + rest
    found = sort({**PACKAGE, "use.py": beta + mid + rest}, {"use.py": after, "app/all.py": b"B = M = 1\n"})
    assert found == {"use.py": sorted_}

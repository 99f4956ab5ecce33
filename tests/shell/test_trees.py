"""What we write as a tree is what git would have written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codemod.shell.objects import read_tree
from codemod.shell.repository import discover
from codemod.shell.trees import Cost, Counting, cost, patch, scratch
from codemod.source.tree import Tree
from tests.shell.gitrepo import FILES, Repo

NAMES = st.sampled_from(["a", "b.py", "a/b", "a/b/c.py", "a.b", "a-b", "ü", "a/ü\n.py", "main.py", "app/user.py"])
WRITES = st.dictionaries(NAMES, st.binary(max_size=8), max_size=4)


def clear(tree: Tree, writes: dict[str, bytes]) -> Tree:
    """The tree with these files, without whatever is above or below them."""
    kept = {path: tree.read(path) for path in tree if not any(_clash(path, new) for new in writes)}
    names = [name for name in writes if not any(name.startswith(other + "/") for other in writes)]
    wanted = {**kept, **{name: writes[name] for name in names}}
    return tree.changed(writes=wanted, deletes=frozenset(set(tree) - set(wanted)))


def _clash(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WRITES, max_size=3))
def test_a_written_tree_reads_back(repo: Repo, steps: list[dict[str, bytes]]) -> None:
    found = discover(repo.top)
    base = repo.git("rev-parse", "HEAD^{tree}")
    tree = read_tree(found.git, base)
    with scratch(found, tree, base, keep=True) as trees:
        for step in steps:
            tree = clear(tree, step)
            back = read_tree(found.git, trees.write(tree))
            assert {path: back.read(path) for path in back} == {path: tree.read(path) for path in tree}
            index = {"GIT_INDEX_FILE": str(repo.top / ".git/other")}
            repo.git("read-tree", trees.tree_id, env=index)
            assert repo.git("write-tree", env=index) == trees.tree_id


@pytest.mark.parametrize("count", [3, 150])
@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_what_is_written_is_sound(tmp_path: Path, count: int, kind: str) -> None:
    repo = Repo.make(tmp_path / "repo", FILES, f"--object-format={kind}")
    found, base = discover(repo.top), repo.git("rev-parse", "HEAD^{tree}")
    tree = read_tree(found.git, base)
    writes = {f"new/{n % 7}/{'x' * n}.py": b"%d\n" % n * n for n in range(count)}
    with scratch(found, tree, base, keep=True) as trees:
        first = trees.write(tree.changed(writes=writes, moves={"app/user.py": "app/deep/er/user.py"}))
        second = trees.write(tree.changed(writes={"new/0/x.py": b"1\n"}))
        assert trees.write(tree) == base
    repo.git("fsck", "--strict")
    assert len(repo.git("ls-tree", "-r", first).splitlines()) == len(tree) + count
    assert repo.git("diff", "--name-status", base, second) == "A\tnew/0/x.py"
    assert not list((repo.top / ".git/objects/pack").glob("*.keep")) and repo.leftovers() == []


def test_files_with_modes_of_old_are_kept(repo: Repo) -> None:
    blob = repo.git("rev-parse", "HEAD:main.py")
    raw = b"100664 old.py\0" + bytes.fromhex(blob)
    base = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
    found = discover(repo.top)
    tree = read_tree(found.git, base)
    with scratch(found, tree, base, keep=True) as trees:
        after = trees.write(tree.changed(writes={"new.py": b"1\n"}))
    assert repo.git("cat-file", "tree", after).startswith("100644 new.py")
    assert repo.git("diff-tree", "-r", "--name-only", base, after) == "new.py"


def test_costs_are_counted_as_git_does(repo: Repo) -> None:
    found, base = discover(repo.top), repo.git("rev-parse", "HEAD^{tree}")
    tree = read_tree(found.git, base)
    after = tree.changed(
        moves={"app/user.py": "app/x/user.py"}, writes={"main.py": b"1\n2\n3\n", "bin": b"\0\1"}, deletes={"notes.txt"}
    )
    with scratch(found, tree, base, keep=False) as trees:
        assert cost(trees.git, base, trees.write(after)) == Cost(files=4, added=3, deleted=3, renames=1)
        assert cost(trees.git, base, base) == Cost()
        assert patch(trees.git, base, base) == b""


def test_what_is_counted_while_files_change_is_read_from_the_store(repo: Repo) -> None:
    before, after = repo.head, repo.commit({"many.py": "1\n2\n3\n4\n"})
    repo.git("config", "core.trustctime", "false")
    file, long_ago = repo.top / "many.py", (1_000_000_000, 1_000_000_000)
    os.utime(file, long_ago)
    repo.git("update-index", "--refresh")
    file.write_bytes(b"1234567\n")  # as long and as old as what git has seen: it takes it for the same
    os.utime(file, long_ago)
    found = discover(repo.top)
    assert Counting(found.git, before, after).result() == Cost(files=1, added=1)  # or else this shows nothing
    assert Counting(found.stored, before, after).result() == Cost(files=1, added=4)


def test_a_patch_with_binaries_modes_and_links_applies(repo: Repo) -> None:
    (repo.top / "link").symlink_to("main.py")
    repo.commit({"tool.sh": "echo\n"})
    found, base = discover(repo.top), repo.git("rev-parse", "HEAD^{tree}")
    tree = read_tree(found.git, base)
    after = tree.changed(
        moves={"link": "app/link", "main.py": "app/user.py", "app/user.py": "main.py"},
        writes={"bin": bytes(range(256)), "no-newline": b"x", "empty": b""}, deletes={"app/order.py"},
    )  # fmt: skip
    with scratch(found, tree, base, keep=False) as trees:
        wanted = trees.write(after)
        text = patch(trees.git, base, wanted)
    repo.git("apply", "--index", stdin=text)
    assert repo.git("write-tree") == wanted and (repo.top / "app/link").is_symlink()

"""Marks are known again where they mark something, and only there."""

from __future__ import annotations

import pytest

from codemod.operations.shim_text import Entry, file_shim, package_shim, redirect_block, renamed_block
from codemod.source.ours import blocks, shim_of

BLOCK = redirect_block({"shop.old": "shop.new"})
MOVED = renamed_block([Entry("one", "shop.one", "shop.new", "one")], own=False, typed=False)


@pytest.mark.parametrize("block", [BLOCK, MOVED])
@pytest.mark.parametrize(
    "before", ["", "x = 1\n", '"""It\'s a \\"docstring\\"."""\n', "A = '''a'''  # an \"\"\" alone\n"]
)
def test_a_block_is_known(block: str, before: str) -> None:
    data = (before + block + "y = 2\n").encode()
    (found,) = blocks(data)
    assert data[found.start : found.end].decode() == block


@pytest.mark.parametrize("block", [BLOCK, MOVED])
@pytest.mark.parametrize("quote", ['"""', "'''"])
def test_a_text_about_one_is_not(block: str, quote: str) -> None:
    other = {'"""': "'''", "'''": '"""'}[quote]
    quoted = block.replace(quote, "")
    assert not blocks(f"x = 'it''s'\nTEXT = {quote}\\\n{other}{quoted}{quote}\n".encode())
    assert len(blocks(f"TEXT = {quote}\\\n{quoted}{quote}\n{block}".encode())) == 1


def test_a_table_that_a_hand_made_code_of_is_its_own() -> None:
    assert not blocks(BLOCK.replace('"shop.new"', "NEW").encode())
    shim = package_shim("shop.old", "shop.new", {"shop.old.a": "shop.new.b"})
    assert shim_of(shim.encode()) == ("shop.old", "shop.new")
    assert shim_of(shim.replace('"shop.new.b"', "NEW").encode()) is None


def test_a_text_about_a_shim_is_none() -> None:
    assert shim_of(file_shim("shop.old", "shop.new").encode()) == ("shop.old", "shop.new")
    assert shim_of(b'TEXT = """\\\n# codemod: shim shop.old -> shop.new\n"""\n') is None

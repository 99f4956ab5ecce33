"""Whatever a file is like: nothing crashes, what parsed parses, nothing beside the edits changes, once is enough."""

from __future__ import annotations

import ast
import configparser
import json
import os
import random
import time
import tomllib
import warnings
from collections.abc import Iterable

import pytest
import yaml

from codemod.references import python, residue, rewriting
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.text import Text, Undecodable
from codemod.source.tree import Tree
from tests.fuzz.mutations import MUTATIONS, mutated
from tests.fuzz.seeds import kinds_of, seeds
from tests.references.finding import FILES, MODULES, SOURCE, SYMBOLS

QUICK = int(os.environ.get("CODEMOD_FUZZ", "250"))
FULL = 10_000
SECONDS = 5.0  # of CPU; most take a hundredth

SEEDS = seeds()
KINDS = sorted(SEEDS)
TREE = {path: text.encode() for path, text in SOURCE.items()}

Applied = list[tuple[bytes, list[Edit]]]


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> Applied:
    """Every text that edits are applied to, with the edits."""
    seen: Applied = []

    def noting(data: bytes, edits: Iterable[Edit]) -> bytes:
        made = list(edits)
        seen.append((data, made))
        return apply(data, made)

    monkeypatch.setattr(rewriting, "apply", noting)
    monkeypatch.setattr(python, "apply", noting)
    return seen


def pick(number: int) -> tuple[str, bytes]:
    """The path and content of one mutated file; kinds take turns."""
    chance = random.Random(number)
    path, data = chance.choice(SEEDS[KINDS[number % len(KINDS)]])
    return path, mutated(data, chance)


def check(path: str, data: bytes, applied: Applied) -> None:
    """One file through a pass over a small repository."""
    applied.clear()
    start = time.process_time()
    before = Inventory(Tree.of({**TREE, path: data}))
    intent = Intent(MODULES, SYMBOLS, FILES)
    done = rewriting.rewrite_references(before, intent)
    new = FILES.get(path, path)
    after = done.writes.get(path, data)
    only_the_edits(data, after, applied)
    still_parses(path, data, after)
    moved = {FILES.get(old, old): done.writes.get(old, content) for old, content in {**TREE, path: data}.items()}
    moved |= {"app/accounts/__init__.py": b"", "app/store/__init__.py": b"", "app/tools/__init__.py": b""}
    now = before.after(Tree.of(moved))
    again = rewriting.rewrite_references(now, Intent(MODULES, SYMBOLS)).writes
    assert again.get(new, after) == after, "a second pass changes it again"
    left = list(residue.ledger(before, now, intent))
    assert [item for item in left if item.verdict == "unexplained" and item.place.path == new] == []
    assert time.process_time() - start < SECONDS


def only_the_edits(data: bytes, after: bytes, applied: Applied) -> None:
    """What stands between the edits is there as it was, and nothing else."""
    if data == after:
        return
    whole = {after, *in_utf8(after)}  # code of another encoding is edited in UTF-8
    made = [(text, edits) for text, edits in applied if edits and any(apply(text, edits) in one for one in whole)]
    assert made, "changed without an edit"
    assert any(undone(text, edits) == text for text, edits in made)


def in_utf8(data: bytes) -> list[bytes]:
    """The text of Python code that says its encoding."""
    try:
        return [Text.of(data).data]
    except Undecodable:
        return []


def undone(text: bytes, edits: list[Edit]) -> bytes:
    """The text after the edits, with each of them taken back."""
    new, pieces, at, shift = apply(text, edits), [], 0, 0
    for edit in sorted({(edit.start, edit.end, edit.new): edit for edit in edits}.values()):
        pieces += [new[at : edit.start + shift], text[edit.start : edit.end]]
        shift += len(edit.new) - (edit.end - edit.start)
        at = edit.end + shift
    return b"".join([*pieces, new[at:]])


def still_parses(path: str, data: bytes, after: bytes) -> None:
    """Read as its kind, the new content is what the old one was: readable."""
    for read in readers(path):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(data)
        except (ValueError, SyntaxError, yaml.YAMLError, configparser.Error, RecursionError, MemoryError, LookupError):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(after)


def readers(path: str):  # type: ignore[no-untyped-def]  # functions of bytes
    if path.endswith((".py", ".pyi")):
        yield ast.parse
    elif path.endswith((".ipynb", ".json")):
        yield json.loads
    elif path.endswith(".toml"):
        yield lambda data: tomllib.loads(data.decode())
    elif path.endswith((".yaml", ".yml")):
        yield lambda data: list(yaml.compose_all(data.decode(), yaml.SafeLoader))
    elif path.endswith((".ini", ".cfg")):
        yield lambda data: configparser.ConfigParser(strict=False, interpolation=None).read_string(data.decode())


def numbers(count: int) -> list[range]:
    """The numbers in ten portions."""
    return [range(portion * count // 10, (portion + 1) * count // 10) for portion in range(10)]


def run(portion: range, applied: Applied) -> None:
    for number in portion:
        path, data = pick(number)
        try:
            check(path, data, applied)
        except BaseException as error:
            error.add_note(f"input {number}: {path} {data[:3000]!r}")
            raise


@pytest.mark.parametrize("portion", numbers(QUICK), ids=lambda portion: f"{portion.start}-{portion.stop}")
def test_some_odd_files(portion: range, applied: Applied) -> None:
    run(portion, applied)


@pytest.mark.slow
@pytest.mark.parametrize("portion", numbers(FULL), ids=lambda portion: f"{portion.start}-{portion.stop}")
def test_many_odd_files(portion: range, applied: Applied) -> None:
    run(portion, applied)


def test_there_are_seeds_of_every_kind() -> None:
    assert all(len(found) >= 2 for found in SEEDS.values()), {kind: len(found) for kind, found in SEEDS.items()}
    assert {kind for found in SEEDS.values() for path, _ in found for kind in kinds_of(path)} == set(KINDS)


def test_seeds_are_rewritten(applied: Applied) -> None:
    for kind, found in SEEDS.items():
        changed = 0
        for path, data in found:
            check(path, data, applied)
            changed += any(edits for _, edits in applied)
        assert changed, kind


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_each_mutation_changes_something(mutation) -> None:  # type: ignore[no-untyped-def]
    data = SEEDS["python"][0][1]
    assert any(mutation(data, random.Random(number)) != data for number in range(20))


def test_taking_edits_back() -> None:
    assert undone(b"abcdef", [Edit(1, 2, b"XYZ"), Edit(3, 5, b"")]) == b"abcdef"


def test_text_survives() -> None:
    """Bytes that a text is read from are written back as they were."""
    for number in range(200):
        _, data = pick(number)
        try:
            text = Text.of(data)
        except Undecodable:
            continue
        assert text.raw(text.data) == data

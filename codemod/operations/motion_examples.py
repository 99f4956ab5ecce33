"""Doctest examples whose names part ways: an example imports what it found in its module before."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

from codemod.base.findings import Finding, Place, Weight
from codemod.references.crossrefs import docstrings
from codemod.references.doctests import Example, examples
from codemod.rewrite.edits import Edit

from .motion_anatomy import Anatomy, Piece
from .motion_build import Build
from .motion_state import Moving


def follow_examples(moving: Moving) -> None:
    """Write imports into the docstrings of a motion whose examples read names that their module loses."""
    for build in moving.builds.values():
        for arrival in build.arrivals:
            arrival.edits += _edits(moving, build, arrival.source, arrival.pieces)
        share = moving.shares.get(build.name)
        if share is not None:
            build.edits += _edits(moving, build, build.name, share.staying())


def _edits(moving: Moving, build: Build, source: str, pieces: Sequence[Piece]) -> Iterator[Edit]:
    anatomy = moving.anatomies[source]
    if b">>>" not in anatomy.text.data:
        return
    there = _bound(moving, build)
    inside = {piece.number for piece in pieces}
    for start, end in docstrings(anatomy.text, anatomy.tree):
        if anatomy.piece_at(start).number not in inside:
            continue
        found = [example for example in examples(anatomy.text.data, start, end) if example.parses(anatomy.text.data)]
        lost = sorted(name for name in _read(anatomy, found) - there if name in anatomy.scopes.module.bindings)
        if lost:
            yield from _imported(moving, build, source, found[0], lost)


def _bound(moving: Moving, build: Build) -> set[str]:
    """What a module binds behind the motion."""
    found = {wanted.bound for wanted in build.wanted if not wanted.checking}
    for arrival in build.arrivals:
        final = {name: motion.final for name, motion in moving.shares[arrival.source].names.items()}
        found |= {final.get(name, name) for piece in arrival.pieces for name in piece.binds}
    if build.anatomy is not None:
        clashes = moving.clashes(build)
        found |= {name for name in build.anatomy.scopes.module.bindings if clashes.defines(name)}
    return found


def _read(anatomy: Anatomy, found: Sequence[Example]) -> set[str]:
    """The names that the examples of a docstring take from their module."""
    read: set[str] = set()
    bound = set(dir(builtins))
    for example in found:
        source = b"\n".join(anatomy.text.data[start:end] for start, end in example.code)
        for node in ast.walk(ast.parse(source.decode("utf-8", "replace"))):
            if isinstance(node, ast.Name):
                (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
            elif isinstance(node, ast.alias):
                bound.add(node.asname or node.name.partition(".")[0])
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                bound.add(node.name)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
    return read - bound


def _imported(
    moving: Moving, build: Build, source: str, first: Example, lost: Sequence[str]
) -> Iterator[Edit]:  # fmt: skip
    """The imports above the first example of a docstring."""
    anatomy, imports = moving.anatomies[source], moving.imports[source]
    lines: list[str] = []
    ours = [name for name in lost if anatomy.definers(name)]
    if ours:
        lines.append(f"from {source} import {', '.join(ours)}")
    for name in lost:
        for wanted in imports.wanted(name, [], build.package) if name not in ours and imports.imported(name) else ():
            if not wanted.block and not wanted.checking:
                lines.append(
                    f"import {wanted.clause}" if wanted.plain else f"from {wanted.module} import {wanted.clause}"
                )
    text = anatomy.text
    line = text.starts[text.line(first.code[0][0]) - 1]
    at = line + len(first.indent)
    if text.data[line : at + 3] != first.indent + b">>>":  # it begins behind the quotes
        moving.findings.append(
            Finding("example-reads", f"the example reads {', '.join(lost)}, which {build.name} does not have",
                    Weight.REVIEW, Place(anatomy.path, text.line(at)), "import it in the example")
        )  # fmt: skip
        return
    new = b"".join(f">>> {line}".encode() + text.newline + first.indent for line in lines)
    yield Edit(at, at, new, "the example imports what its module had")

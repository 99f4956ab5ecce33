"""Names that each module has of its own, such as `__file__` and `__doc__`, in code that goes to another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit
from codemod.source.scopes import Use

from .motion_anatomy import Anatomy, Piece
from .motion_build import Build
from .motion_reads import OWN
from .motion_state import Moving


def told(moving: Moving) -> Iterator[Finding]:
    """Names such as `__file__` mean another thing in another module."""
    for share in moving.shares.values():
        becomes = share.anatomy.path in moving.moves
        for name in OWN:
            for use, piece in _uses(share.anatomy, name):
                moved = piece.number in share.targets or (becomes and name in ("__file__", "__path__"))
                if moved and piece.kind != "main":
                    yield _has_another_value(share.anatomy, use)


def docstrings_written(build: Build) -> Iterator[Finding]:
    """`__doc__` in code that arrives becomes the text itself, where the module has another docstring than it meant.

    The edits are added to the arrivals; the findings are about the places where no text can stand.
    """
    standing = _docstring(build.anatomy)
    for arrival in build.arrivals:
        anatomy, meant = arrival.anatomy, _docstring(arrival.anatomy)
        if (standing and standing.value) == (meant and meant.value):
            continue
        text = _written(anatomy, meant) if meant is not None else b"None"
        for use, piece in _uses(anatomy, "__doc__"):
            if piece not in arrival.pieces or use.scope.kind == "class":  # a class has a docstring of its own
                continue
            if use.where == "code" and use.context == "load":
                start, end = anatomy.scopes.span(use.node)
                arrival.edits.append(Edit(start, end, text, "the docstring stays where it is"))
            else:
                yield _has_another_value(anatomy, use)


def _uses(anatomy: Anatomy, name: str) -> Iterator[tuple[Use, Piece]]:
    """Where a module reads a name that it does not bind itself."""
    for use in anatomy.scopes.named(name):
        if use.home is None:
            yield use, anatomy.piece_at(anatomy.scopes.span(use.node)[0])


def _docstring(anatomy: Anatomy | None) -> ast.Constant | None:
    """The string that is a module's docstring."""
    pieces = anatomy.pieces if anatomy is not None else ()
    first = pieces[0].nodes[0] if pieces and pieces[0].kind == "docstring" else None
    value = first.value if isinstance(first, ast.Expr) else None
    return value if isinstance(value, ast.Constant) else None


def _written(anatomy: Anatomy, docstring: ast.Constant) -> bytes:
    """A docstring as it is written, with plain quotes where it is one line that needs no others."""
    start, end = anatomy.scopes.span(docstring)
    text = anatomy.text.data[start:end]
    line = text[3:-3] if text.startswith(b'"""') else b""
    return b'"' + line + b'"' if line and not set(line) & set(b'"\\\n\r') else text


def _has_another_value(anatomy: Anatomy, use: Use) -> Finding:
    return Finding(
        "own-name-moves", f"{use.name} has another value in the new module", Weight.REVIEW,
        Place(anatomy.path, use.node.lineno),
    )  # fmt: skip

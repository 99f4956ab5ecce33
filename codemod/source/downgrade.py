"""Newer Python grammar than the interpreter's, read with libcst and blanked in place."""

from __future__ import annotations


def downgrade(source: str) -> str | None:
    """`source` with newer syntax rewritten to older of the same length and line breaks; None if it is not Python."""
    return None

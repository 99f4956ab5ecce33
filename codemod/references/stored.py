"""A file's text and the bytes that it is stored as: bytes that are no UTF-8 survive the way there and back."""

from __future__ import annotations


def decoded(data: bytes) -> str:
    """The text of a file."""
    return data.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The bytes that a text is stored as."""
    return text.encode("utf-8", "surrogateescape")


def size(text: str) -> int:
    """How many bytes that are."""
    return len(text) if text.isascii() else len(encoded(text))

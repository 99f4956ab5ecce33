"""TOML as the standard library reads it; what is nested too deep for that is not valid here."""

from __future__ import annotations

from tomllib import TOMLDecodeError
from tomllib import loads as _loads
from typing import Any

__all__ = ["TOMLDecodeError", "loads"]


def loads(text: str) -> dict[str, Any]:
    """What a document says; raises TOMLDecodeError."""
    try:
        return _loads(text)
    except RecursionError:
        raise TOMLDecodeError("nested too deep") from None

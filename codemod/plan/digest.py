"""The digest of a phase: the same for the same meaning, however the file is laid out."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from itertools import groupby

from . import model

_UNORDERED = {"depends_on", "pin", "excepted", "names", "options", "link"}


def digest(phase: model.Phase) -> str:
    """sha256 of the phase with its defaults, as canonical JSON, without marks.

    Order counts where it means something: operations, checks, the sources of a merge, the targets of a split.
    The rows of a move or rename, and scaffolds and merges that stand together, are sorted.  What has its default is
    left out, so that a later version with one more setting gives the same digest.
    """
    value = _value(dataclasses.replace(phase, do=tuple(_ordered(phase.do)), digest=""))
    return _hashed(value)


def shims_digest(of: str) -> str:
    """The digest of the phase that leaves the shims of the one whose digest is `of`."""
    return _hashed({"": "Shims", "of": of})


def _hashed(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _ordered(do: tuple[model.Operation, ...]) -> list[model.Operation]:
    out: list[model.Operation] = []
    for kind, group in groupby(do, key=type):
        together = list(group)
        if kind is model.Scaffold or kind is model.Merge:
            together.sort(
                key=lambda item: item.package if isinstance(item, model.Scaffold) else getattr(item, "target", "")
            )
        out += together
    return out


def _value(item: object) -> object:
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        fields = {
            field.name: _field(item, field.name)
            for field in dataclasses.fields(item)
            if field.name not in ("mark", "digest") and getattr(item, field.name) != field.default
        }
        return {"": type(item).__name__, **fields}
    if isinstance(item, tuple):
        return [_value(part) for part in item]
    return item


def _field(owner: object, name: str) -> object:
    value = getattr(owner, name)
    if name == "pairs":
        return sorted([pair.source, pair.target] for pair in value)
    if name in _UNORDERED and isinstance(value, tuple):
        return sorted((_value(part) for part in value), key=json.dumps)
    return _value(value)

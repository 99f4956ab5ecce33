"""Keys that would stand twice in a file that is not code: what was set for two modules, after these became one.

A key that a TOML table holds twice makes the whole file unreadable, and so does a section of an INI file; YAML takes
the last one without a word.
"""

from __future__ import annotations

import configparser
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from codemod.base import tomltext
from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit, apply

from .ini import Ini
from .owners import Owners
from .stored import decoded
from .toml import Toml
from .twice import again
from .yaml import Yaml

_UNREAD = -1


def without_twice(path: str, data: bytes, edits: Sequence[Edit]) -> tuple[list[Edit], list[Edit]]:
    """The edits to a file that is not code without those by which something stands twice there, and the latter."""
    later = list(again(data, edits))
    counts = next((count for claims, count in _COUNTS if claims(path)), None) if later else None
    if counts is None:
        return list(edits), []
    before, after = counts(data), counts(apply(data, edits))
    if before == _UNREAD or 0 <= after <= before:
        return list(edits), []
    kept = [edit for edit in edits if edit not in later]
    if not 0 <= counts(apply(data, kept)) <= before:
        kept, later = [], sorted(edits)
    dropped: list[Edit] = []
    for edit in later:
        more = [*kept, edit]
        if 0 <= counts(apply(data, more)) <= before:
            kept = more
        else:
            dropped.append(edit)
    return sorted(kept), dropped


def findings_of(path: str, data: bytes, edits: Iterable[Edit]) -> Iterator[Finding]:
    """What to say of edits that are not made; `path` is that of the file after the phase."""
    for edit in edits:
        old, new = decoded(data[edit.start : edit.end]), decoded(edit.new)
        yield Finding(
            "named-twice", f"{old} stays: {new} stands here already", Weight.REVIEW,
            Place(path, data.count(b"\n", 0, edit.start) + 1), "make one of what is set for both",
        )  # fmt: skip


def _in_toml(data: bytes) -> int:
    try:
        tomltext.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomltext.TOMLDecodeError):
        return _UNREAD
    return 0


def _in_ini(data: bytes) -> int:
    parser = configparser.RawConfigParser(allow_no_value=True)
    try:
        parser.read_string(decoded(data))
    except (configparser.Error, ValueError, AttributeError):  # the last where a key without a value is continued
        return _UNREAD
    return 0


def _in_yaml(data: bytes) -> int:
    from .yaml_document import repeated_keys  # loads YAML, which few files need

    return repeated_keys(decoded(data))


def _in_owners(data: bytes) -> int:
    words = [line.split() for line in decoded(data).splitlines()]
    found = Counter(line[0] for line in words if len(line) > 1 and not line[0].startswith("#"))
    return sum(found.values()) - len(found)


_COUNTS: tuple[tuple[Callable[[str], bool], Callable[[bytes], int]], ...] = (
    (Toml().claims, _in_toml),
    (Ini().claims, _in_ini),
    (Yaml().claims, _in_yaml),
    (lambda path: path.endswith("CODEOWNERS") and Owners().claims(path), _in_owners),
)
"""How many names stand in a file of some kind that stand there already; negative where it cannot be read."""

"""Edits to TOML text: whole statements in and out of a table, every other byte kept.

tomlkit puts new keys behind the comments that lead to the next table (measured with 0.13), so statements are placed
as lines here; tomlkit serves where a table is not written as one, and the standard library checks the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from codemod.base import tomltext
from codemod.base.patterns import lazy
from codemod.base.values import dataclass

Keys = tuple[str, ...]
_HEADER = lazy(r"[ \t]*\[")
_BARE = lazy(r"[A-Za-z0-9_-]+")
_OURS = lazy(r"#.*\bcodemod: ")


class OddError(ValueError):
    """The file says this in a way that cannot be edited safely."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Some whole lines: a table header, a key with its value, or blank lines and comments."""

    kind: str  # header | value | trivia
    text: str
    table: Keys  # the table that it stands in, or that a header opens
    leaves: Mapping[Keys, Any]  # of a value: full key path -> value


def keys_of(section: str) -> Keys:
    """`tool.ruff."a.b"` -> its parts; raises OddError."""
    try:
        return next(iter(_paths(tomltext.loads(f"[{section}]\n"))))
    except (tomltext.TOMLDecodeError, StopIteration):
        raise OddError(f"{section} is not the name of a TOML table") from None


def _paths(content: Mapping[str, Any], above: Keys = ()) -> Iterator[Keys]:
    """The path of each innermost table."""
    for key, value in content.items():
        inner = value[-1] if isinstance(value, list) and value and isinstance(value[-1], dict) else value
        yield from _paths(inner, (*above, key))
    if not content:
        yield above


def dotted(keys: Keys) -> str:
    """A key path as TOML writes it."""
    return ".".join(key if _BARE.fullmatch(key) else f'"{key}"' for key in keys)


def statements(text: str) -> list[Statement]:
    """The statements of a TOML text, in order; raises OddError."""
    found: list[Statement] = []
    table: Keys = ()
    pending = ""
    for line in text.splitlines(keepends=True):
        pending += line
        bare = pending.strip()
        if not bare or (bare.startswith("#") and "\n" not in bare):
            found.append(Statement("trivia", pending, table, {}))
        elif _HEADER.match(pending) and "\n" not in bare:
            table = _header(pending)
            found.append(Statement("header", pending, table, {}))
        else:
            leaves = _value(pending)
            if leaves is None:
                continue
            found.append(Statement("value", pending, table, {(*table, *keys): value for keys, value in leaves.items()}))
        pending = ""
    if pending.strip():
        raise OddError("the TOML does not parse")
    return found


def _header(line: str) -> Keys:
    try:
        return next(iter(_paths(tomltext.loads(line))))
    except tomltext.TOMLDecodeError as error:
        raise OddError(str(error)) from None


def _value(text: str) -> dict[Keys, Any] | None:
    """The leaves of one key-value statement; None while it goes on."""
    try:
        return leaves_of(tomltext.loads(text))
    except tomltext.TOMLDecodeError:
        return None


def leaves_of(content: Mapping[str, Any], above: Keys = ()) -> dict[Keys, Any]:
    """Key path -> value of everything that is not a table; an empty table counts as a value."""
    found: dict[Keys, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict) and value:
            found.update(leaves_of(value, (*above, key)))
        else:
            found[*above, key] = value
    return found


def with_statements(text: str, table: Keys, added: Sequence[str], note: str = "") -> str:
    """`text` with whole statements added to a table, which is made (its header carrying `note`) where it is missing.

    Raises OddError where the result would not say what the parts say.
    """
    if not added:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = "".join(line.rstrip("\r\n") + newline for line in added)
    parts = statements(text)
    at = _last(parts, lambda part: part.table == table and part.kind != "trivia")
    body = "".join(part.text for part in parts[: at + 1]) if at >= 0 else ""
    rest = "".join(part.text for part in parts[at + 1 :])
    if at >= 0:
        new = _ended(body, newline) + lines + rest
    elif _inner(tomltext.loads(text), table) is not None:
        return _checked(text, table, added, _through_tomlkit(text, table, added))
    else:
        new = _with_table(parts, table, lines, note, newline)
    return _checked(text, table, added, new)


def _last(parts: Sequence[Statement], test: Any) -> int:
    return max((number for number, part in enumerate(parts) if test(part)), default=-1)


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith(("\n", "\r")) else text + newline


def _inner(content: Mapping[str, Any], table: Keys) -> Mapping[str, Any] | None:
    for key in table:
        inner = content.get(key)
        if not isinstance(inner, dict):
            return None
        content = inner
    return content


def _with_table(parts: Sequence[Statement], table: Keys, lines: str, note: str, newline: str) -> str:
    """A new table behind the one that is nearest in name, else at the end."""
    header = f"[{dotted(table)}]{note}{newline}"
    for shared in range(len(table) - 1, 1, -1):
        at = _last(parts, lambda part, n=shared: part.table[:n] == table[:n] and part.kind != "trivia")
        if at >= 0:
            before = _ended("".join(part.text for part in parts[: at + 1]), newline)
            return before + newline + header + lines + "".join(part.text for part in parts[at + 1 :])
    whole = _ended("".join(part.text for part in parts), newline)
    gap = newline if whole.strip() and not whole.endswith(newline * 2) else ""
    return whole + gap + header + lines


def _through_tomlkit(text: str, table: Keys, added: Sequence[str]) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        inner: Any = document
        for key in table:
            inner = inner[key]
        for key, value in tomlkit.parse("\n".join(added)).items():
            inner[key] = value
        return tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError) as error:
        raise OddError(str(error)) from None


def _checked(old: str, table: Keys, added: Sequence[str], new: str) -> str:
    wanted = leaves_of(tomltext.loads(old))
    for statement in added:
        wanted.update({(*table, *keys): value for keys, value in leaves_of(tomltext.loads(statement)).items()})
    wanted = {keys: value for keys, value in wanted.items() if value != {}}
    try:
        found = {keys: value for keys, value in leaves_of(tomltext.loads(new)).items() if value != {}}
    except tomltext.TOMLDecodeError as error:
        raise OddError(str(error)) from None
    if found != wanted:
        raise OddError(f"[{dotted(table)}] is written in a way that cannot be added to")
    return new


def without_leaves(text: str, gone: Mapping[Keys, Any]) -> str:
    """`text` without the statements that say just these; a table of ours that is left empty goes as well."""
    parts = [
        part
        for part in statements(text)
        if not (part.leaves and all(keys in gone and gone[keys] == value for keys, value in part.leaves.items()))
    ]
    tables = {keys[:-1] for keys in gone}
    for number, part in reversed(list(enumerate(parts))):
        if part.kind == "header" and part.table in tables and _OURS.search(part.text):
            inside = [other for other in parts if other.table == part.table and other is not part]
            if not any(other.kind == "value" for other in inside):
                del parts[number]
                before = number - 1
                if before >= 0 and parts[before].kind == "trivia" and not parts[before].text.strip():
                    del parts[before]
    return "".join(part.text for part in parts)


def without_table(text: str, table: Keys) -> str:
    """`text` without a table and the tables below it."""
    parts = statements(text)
    kept = [part for part in parts if part.table[: len(table)] != table or (part.kind == "trivia" and "#" in part.text)]
    return "".join(part.text for part in kept)


def with_element(text: str, keys: Keys, element: str, note: str = "") -> str:
    """`text` with a string in the array at a key path, which is made where it is missing."""
    import tomlkit

    for number, part in enumerate(parts := statements(text)):
        if keys in part.leaves and isinstance(part.leaves[keys], list) and len(part.leaves) == 1:
            document = tomlkit.parse(part.text)
            inner: Any = document
            for key in keys[len(part.table) :]:
                inner = inner[key]
            if element in inner:
                return text
            inner.append(element)
            new = tomlkit.dumps(document)
            return "".join([*(p.text for p in parts[:number]), new, *(p.text for p in parts[number + 1 :])])
    return with_statements(text, keys[:-1], [f'{dotted(keys[-1:])} = ["{element}"]'], note)

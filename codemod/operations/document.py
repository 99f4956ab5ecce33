"""`document`: a text stands in a named section of a file, written once, or is taken out again."""

from __future__ import annotations

from collections.abc import Generator

from codemod.base import tomltext
from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Document, Operation

from .context import Context, Result, Write
from .later import undone_later
from .marked import comment, is_markdown
from .sections import (
    find_text,
    has_mark,
    lines_of,
    respliced,
    section_of,
    taken_out,
    with_block,
    without_block,
    written,
)
from .toml_text import OddError, dotted, keys_of, leaves_of, statements, with_statements, without_leaves, without_table

_INI = (".ini", ".cfg", ".conf", ".flake8", ".pylintrc", ".coveragerc")
_NO_COMMENTS = (".json", ".csv", ".ipynb")


def run(operation: Document, context: Context) -> Result:
    """Write the text, or take it out."""
    path, tree = operation.file, context.now.tree
    there = path in tree
    if not there and operation.remove:
        return
    raw = tree.read(path) if there else b""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        yield _odd(operation, f"{path} is not UTF-8")
        return
    try:
        new = yield from _edited(operation, context, text)
    except (OddError, tomltext.TOMLDecodeError) as error:
        yield _odd(operation, str(error))
        return
    if new == text:
        return
    undone = not operation.remove and undone_later(
        context, lambda other: _takes_out(operation, other), f"the text in {path}", operation.mark.key
    )
    if isinstance(undone, Finding):
        yield undone
    elif not undone:
        yield Write(path, new.encode(), f"section {operation.section}")


def _odd(operation: Document, message: str) -> Finding:
    return Finding(
        "document-unfit", message, Weight.MISMATCH, Place(operation.file), "write this part by hand", operation.mark.key
    )


def _takes_out(operation: Document, other: Operation) -> bool:
    return (
        isinstance(other, Document) and other.remove and other.file == operation.file
        and other.section == operation.section and other.text.strip() in ("", operation.text.strip())
    )  # fmt: skip


def _edited(operation: Document, context: Context, text: str) -> Generator[Finding, None, str]:
    if operation.file.endswith(".toml"):
        return (yield from _toml(operation, context, text))
    if operation.file.lower().endswith(_NO_COMMENTS):
        raise OddError(f"{operation.file} is of a kind that has no sections")
    lines = lines_of(text)
    new = (_markdown if is_markdown(operation.file) else _plain)(operation, context, lines)
    return respliced(text, lines, new)


def _markdown(operation: Document, context: Context, lines: list[str]) -> list[str]:
    if operation.remove:
        return taken_out(lines, operation.section, operation.text)
    mark = _mark(operation, context)
    section = section_of(lines, operation.section)
    if section is not None and (
        find_text(lines, section.start, section.end, operation.text)
        or has_mark(lines[section.start : section.end], mark)
    ):
        return lines
    return written(lines, operation.section, operation.text, mark)


def _mark(operation: Document, context: Context) -> str:
    """The phase's id; numbered from the phase's second text for one section."""
    same = [
        other
        for other in context.phase.do
        if isinstance(other, Document) and (other.file, other.section) == (operation.file, operation.section)
    ]
    number = next((n for n, other in enumerate(same, 1) if other == operation), 1)
    return context.phase.id if number == 1 else f"{context.phase.id} {number}"


def _plain(operation: Document, context: Context, lines: list[str]) -> list[str]:
    """INI files by their sections, other text as a marked block at the end."""
    header = f"[{operation.section}]" if operation.file.lower().endswith(_INI) else ""
    body = operation.text.strip("\n").splitlines()
    if operation.remove:
        return without_block(lines, operation.section, body, header)
    opening = comment(operation.file, f"codemod: {_mark(operation, context)} {operation.section}")
    if opening in lines or find_text(lines, 0, len(lines), operation.text):
        return lines
    return with_block(lines, header, [opening, *body, comment(operation.file, "codemod: end")])


def _toml(operation: Document, context: Context, text: str) -> Generator[Finding, None, str]:
    table = keys_of(operation.section)
    there = leaves_of(tomltext.loads(text))
    if operation.remove and not operation.text.strip():
        return without_table(text, table)
    tables: dict[tuple[str, ...], list[str]] = {}
    wanted: dict[tuple[str, ...], object] = {}
    for part in statements(operation.text):
        if part.kind == "value":
            leaves = {(*table, *keys): value for keys, value in part.leaves.items()}
            wanted.update(leaves)
            if not leaves.keys() <= there.keys():
                tables.setdefault((*table, *part.table), []).append(part.text)
    for keys, value in wanted.items():
        if keys in there and there[keys] != value:
            yield _different(operation, keys)
            if not operation.remove:
                return text
    if operation.remove:
        return without_leaves(text, {keys: value for keys, value in wanted.items() if there.get(keys) == value})
    for inner, added in tables.items():
        text = with_statements(text, inner, added, f"  # codemod: {context.phase.id}")
    return text


def _different(operation: Document, keys: tuple[str, ...]) -> Finding:
    name = dotted(keys)
    if operation.remove:
        return Finding(
            "document-changed", f"{name} is no longer what the plan wrote, so it stays", Weight.REVIEW,
            Place(operation.file), "take it out by hand", operation.mark.key,
        )  # fmt: skip
    return Finding(
        "document-key-taken", f"{name} has another value already", Weight.MISMATCH, Place(operation.file),
        "settle on one value, in the file or in the plan", operation.mark.key,
    )  # fmt: skip

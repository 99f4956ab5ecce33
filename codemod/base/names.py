"""Arithmetic on dotted names: the only place that splits, joins or rebases them."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping


def parent(name: str) -> str:
    """`a.b.c` -> `a.b`; a top-level name has the empty parent."""
    return name.rpartition(".")[0]


def last(name: str) -> str:
    """`a.b.c` -> `c`."""
    return name.rpartition(".")[2]


def top(name: str) -> str:
    """`a.b.c` -> `a`."""
    return name.partition(".")[0]


def join(*parts: str) -> str:
    """Join with dots, leaving out empty parts."""
    return ".".join(part for part in parts if part)


def within(name: str, package: str) -> bool:
    """True when `name` is `package` or lies below it; everything lies below the empty name."""
    return not package or name == package or name.startswith(package + ".")


def below(name: str, package: str) -> bool:
    """True when `name` lies strictly below `package`."""
    return name != package and within(name, package)


def tail(name: str, package: str) -> str:
    """What is left of `name` below `package`; empty for the package itself."""
    if not within(name, package):
        raise ValueError(f"{name} is not within {package}")
    return name if not package else name[len(package) + 1 :]


def rebase(name: str, old: str, new: str) -> str:
    """`rebase("a.b.c", "a.b", "x")` -> `x.c`."""
    return join(new, tail(name, old))


def prefixes(name: str) -> Iterator[str]:
    """`a.b.c` -> `a`, `a.b`, `a.b.c`: the order in which Python imports them."""
    position = name.find(".")
    while position != -1:
        yield name[:position]
        position = name.find(".", position + 1)
    if name:
        yield name


def is_dotted(text: str) -> bool:
    """True when `text` is identifiers joined by dots, none of them a keyword."""
    return bool(text) and all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))


def longest_prefix(name: str, table: Mapping[str, str]) -> str | None:
    """The longest key of `table` that `name` lies within, or None."""
    while name:
        if name in table:
            return name
        name = parent(name)
    return None


def renamed(name: str, table: Mapping[str, str]) -> str:
    """`name` after the renames in `table`; the longest prefix wins."""
    old = longest_prefix(name, table)
    return name if old is None else rebase(name, old, table[old])


def absolute(package: str, level: int, module: str) -> str | None:
    """The absolute name of `from {'.' * level}{module}` seen from inside `package`.

    `package` is what `__package__` would be.  None where the dots climb out of the top.
    Source: the language reference, "Package Relative Imports".
    """
    if level == 0:
        return module
    base = package
    for _ in range(level - 1):
        if not base:
            return None
        base = parent(base)
    return join(base, module) if base else None


def relative(package: str, target: str) -> str | None:
    """`target` written relative to `package` (`..x.y`), or None when they share no top package."""
    if not package or top(package) != top(target):
        return None
    dots, base = 1, package
    while not within(target, base):
        dots, base = dots + 1, parent(base)
    return "." * dots + tail(target, base)

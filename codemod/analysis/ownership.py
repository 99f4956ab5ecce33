"""Who owns a file: CODEOWNERS, whose last matching line wins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.base.values import dataclass
from codemod.source.tree import Tree

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of CODEOWNERS: its pattern, compiled, and the owners (none: nobody)."""

    line: int
    pattern: str
    regex: re.Pattern[str]
    owners: tuple[str, ...]


def codeowners(tree: Tree) -> tuple[str, tuple[Rule, ...]]:
    """The first CODEOWNERS file that is read and its rules; ("", ()) when there is none.

    Source: GitHub, "About code owners"; GitLab's section headings are passed over.
    """
    for path in PLACES:
        entry = tree.entry(path)
        if entry is not None and entry.is_file:
            return path, tuple(_rules(tree.read(path).decode("utf-8", "replace")))
    return "", ()


def _rules(text: str) -> Iterator[Rule]:
    for number, line in enumerate(text.splitlines(), 1):
        bare = re.sub(r"(^|(?<!\\)\s)#.*", "", line).strip()
        if not bare or re.match(r"\^?\[", bare):
            continue
        pattern, *owners = re.split(r"(?<!\\)\s+", bare)
        yield Rule(number, pattern, compiled(pattern.replace("\\ ", " ")), tuple(owners))


def compiled(pattern: str) -> re.Pattern[str]:
    """A CODEOWNERS pattern over whole paths: gitignore's rules without `!` and `[]`; a folder covers what it holds."""
    body = pattern.strip("/")
    anchored = "/" in pattern.rstrip("/")
    parts = []
    for piece in re.split(r"(/\*\*/|\*\*/|/\*\*|\*\*|\*|\?)", body):
        match piece:
            case "/**/":
                parts.append("/(?:.*/)?")
            case "**/":
                parts.append("(?:.*/)?")
            case "/**":
                parts.append("/.*")
            case "**":
                parts.append(".*")
            case "*":
                parts.append("[^/]*")
            case "?":
                parts.append("[^/]")
            case _:
                parts.append(re.escape(piece))
    inside = "/.*" if pattern.endswith("/") else "" if body.endswith("/*") else "(?:/.*)?"
    return re.compile(("" if anchored else "(?:.*/)?") + "".join(parts) + inside)


def owners_of(path: str, rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """The owners of a file."""
    return next((rule.owners for rule in reversed(rules) if rule.regex.fullmatch(path)), ())

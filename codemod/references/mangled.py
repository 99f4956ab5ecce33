"""Private attributes of a renamed class by the names that Python makes of them: `account._Usr__secret`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.text import Text

from .view import View


def mangled_edits(view: View, text: Text) -> Iterator[Edit]:
    """The edits to such names in code and strings, where the class's own file has the private name; for review.

    Source: the language reference, "Private name mangling".
    """
    pattern = _pattern(view.intent)
    if pattern is None or b"__" not in text.data:
        return
    for found in pattern.finditer(text.data):
        if found["private"].endswith(b"__"):
            continue
        for module, name, new in _renamed(view.intent)[found["owner"]]:
            if _has(view, module, name, found["private"]):
                yield Edit(*found.span("owner"), new, f"{name}'s private names follow it", True)
                break


def _has(view: View, module: str, name: str, private: bytes) -> bool:
    """True for a class in whose own file the private name stands."""
    home = view.inventory.modules.get(module)
    if home is None or not home.path:
        return False
    definitions = view.inventory.facts(home.path).definitions
    spelled = re.compile(rb"(?<!\w)" + re.escape(private) + rb"(?!\w)")
    return (
        any(one.name == name and one.kind == "class" for one in definitions)
        and spelled.search(view.inventory.tree.read(home.path)) is not None
    )


@functools.lru_cache(maxsize=4)
def _renamed(intent: Intent) -> dict[bytes, list[tuple[str, str, bytes]]]:
    """What stands for a renamed name in private names -> (module, name, what stands there then) of all so called."""
    found: dict[bytes, list[tuple[str, str, bytes]]] = {}
    for (module, old), (_, new) in intent.symbols.items():
        before, after = old.lstrip("_"), new.lstrip("_")
        if before != after and before and after:
            found.setdefault(before.encode(), []).append((module, old, after.encode()))
    return found


@functools.lru_cache(maxsize=4)
def _pattern(intent: Intent) -> re.Pattern[bytes] | None:
    owners = b"|".join(re.escape(owner) for owner in sorted(_renamed(intent)))
    return re.compile(rb"(?<![\w\x80-\xff])_(?P<owner>" + owners + rb")(?P<private>__\w+)") if owners else None

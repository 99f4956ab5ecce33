"""What a file makes of its own name: `__name__.rpartition(".")[0]`, `".".join(__name__.split(".")[:-1])`."""

from __future__ import annotations

import ast

from codemod.base import names
from codemod.base.patterns import lazy

from .view import View

_BASE = r"(?P<base>__name__|__package__|__spec__\.(?:name|parent))"
_ABOVE = lazy(
    rf"{_BASE}(?:\.rpartition\('\.'\)\[0\]|\.rsplit\('\.', (?:maxsplit=)?(?P<cut>[1-9])\)\[0\]"
    r"|\[:(?P=base)\.r(?:index|find)\('\.'\)\])"
    rf"|'\.'\.join\({_BASE.replace('base', 'joined')}\.split\('\.'\)\[:-(?P<left>[1-9])\]\)"
)
"""What is left of a name without its last segments."""

_TOP = lazy(rf"{_BASE}\.(?:partition\('\.'\)|split\('\.'(?:, (?:maxsplit=)?\d)?\)|rsplit\('\.'\))\[0\]")


def own_name(view: View, node: ast.expr | str) -> tuple[str, str] | None:
    """The text that an expression makes of the file's own name or package, before the phase and after it."""
    written = node if isinstance(node, str) else ast.unparse(node)
    if "__" not in written:
        return None
    whole = _base(view, written)
    if whole is not None:
        return whole
    top, above = _TOP.fullmatch(written), _ABOVE.fullmatch(written)
    if top is not None:
        old, new = _base(view, top["base"]) or ("", "")
        return (names.top(old), names.top(new)) if old and new else None
    if above is None:
        return None
    old, new = _base(view, above["base"] or above["joined"]) or ("", "")
    for _ in range(int(above["cut"] or above["left"] or 1)):
        old, new = (names.parent(name) or (name if above["cut"] else "") for name in (old, new))
    return (old, new) if old and new else None


def _base(view: View, written: str) -> tuple[str, str] | None:
    if written in ("__name__", "__spec__.name"):
        return view.module, view.new_module
    return (view.package, view.new_package) if written in ("__package__", "__spec__.parent") else None

"""Literals with which the name of a module begins that is put together: `f"a.b._{name}"`, `"." + name`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .dotted import home_of_names
from .literals import Spot
from .ownname import own_name
from .view import View

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_BEGIN = r"(?P<begin>(?:[^\W\d]\w*)?)(?=$|\{|%)"  # of a name that goes on: `_` in `a.b._{name}`
HEAD = lazy(rf"(?P<module>{_NAME})\." + _BEGIN)
DYNAMIC = lazy(rf"(?P<dots>\.+)(?:(?P<module>{_NAME})\.)?" + _BEGIN)


def goes_on(found: re.Match[str], place: Spot) -> bool:
    """True when something that is not known follows the literal, or what was found at its beginning."""
    return found.end() < len(found.string) or (place.part == "open" if found["begin"] else bool(place.part))


def anchors(view: View, place: Spot) -> tuple[str, str]:
    """The package that a relative name handed to `import_module` starts from, before and after."""
    if place.owner.startswith(("'", '"')):
        anchor = place.owner.strip("'\"")
        return anchor, view.intent.module(anchor)
    return own_name(view, place.owner) or ("", "")


def relative_beginning(view: View, match: re.Match[str], place: Spot) -> Iterator[Edit]:
    """`import_module("." + name, __package__)`: the beginning follows the package that the names are looked up in."""
    anchor, new_anchor = anchors(view, place)
    package = names.absolute(anchor, len(match["dots"]), match["module"] or "") if anchor else None
    if not package or package not in view.inventory.modules:
        return
    target = home_of_names(view, package, match["begin"])
    near = names.relative(new_anchor, target) or target
    text, old = near if near.endswith(".") else near + ".", match.string[: match.start("begin")]
    if text != old:
        yield Edit(0, len(old.encode()), text.encode(), f"{old} -> {text} in a string that goes on", True)


def headed(view: View, match: re.Match[str]) -> tuple[Edit, ...] | None:
    """`a.b.` in front of a part of a name that is put together behind it; None where whole names follow."""
    package = match["module"]
    if not match["begin"] or package not in view.inventory.modules:
        return None
    new = home_of_names(view, package, match["begin"])
    if new == package:
        return ()
    reason = f"{package} -> {new} in a string that goes on"
    return (Edit(0, len(package.encode()), new.encode(), reason, review=True),)

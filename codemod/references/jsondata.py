"""JSON that is not called like settings: whole dotted names under keys that say what is loaded.

Such a file is data, of which nobody can tell who reads it.  A name of three segments or more that is a module of the
repository, or what one binds, means just that under `"class"` and the like; everything else is left and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit
from codemod.source.facts import Unparsable

from .dotted import means, successor_of, through_modules
from .registered import names_itself
from .view import Ref, View
from .yaml import Yaml

_NAME = rb"[^\W\d]\w*(?:\.[^\W\d]\w*)+"
TARGET = rb"\"(?P<value>" + _NAME + rb"(?::" + _NAME.replace(rb")+", rb")*") + rb")?)\""
"""A string that is a dotted name, or a module and what is in it: `"app.user:main"`."""

_LOADED = lazy(
    rb"(?<!\\)\"(?:_target_|\(\)|(?:module|class|function|func|callable|handler|factory|import)(?:_?(?:name|path))?"
    rb"|(?:import|class|module)(?:Name|Path)|entry[-_]?[pP]oint)\"\s*:\s*" + TARGET
)
"""A key that says what is loaded, and its value; inside a string quotes are escaped."""


class JsonData:
    """Names that data in JSON says are loaded."""

    name = "json"

    def claims(self, path: str) -> bool:
        """True for JSON that is not read as settings."""
        return path.endswith(".json") and not path.endswith("-lock.json") and not Yaml().claims(path)

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to the file, all for review."""
        for found in _LOADED.finditer(data):
            yield from loaded(view, found)


def loaded(view: View, found: re.Match[bytes]) -> Iterator[Edit]:
    """The edit to a `value` that names what is loaded, for review; none where it may mean something else."""
    written = found["value"].decode("ascii")
    if written.replace(":", ".").count(".") < 2 or not _is_whole(view, written):
        return
    new = successor_of(view, written)
    if new is not None:
        yield Edit(*found.span("value"), new.encode(), f"{written} -> {new} in data", review=True)


def _is_whole(view: View, written: str) -> bool:
    """True where a module, or a name that one binds, is all that is written, and has no name of its own outside."""
    module, _, attribute = written.partition(":")
    ref, rest = means(view, module)
    if ref is not None and attribute and not ref.name:
        ref, rest = through_modules(view, module, ref, attribute)
        ref, rest = Ref(ref.module, names.top(rest), ref.root), names.tail(rest, names.top(rest))
    if ref is None or rest:
        return False
    home = view.home(ref.module)
    if home is None or not ref.name or (ref.module, ref.name) in view.intent.symbols:
        return home is not None and not (ref.name and names_itself(view, ref))
    facts = view.inventory.read(home.path) if home.path else None
    bound = facts is not None and not isinstance(facts, Unparsable) and ref.name in facts.bound
    return bound and not names_itself(view, ref)

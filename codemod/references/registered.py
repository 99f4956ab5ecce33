"""What code is known by outside of it: loggers called like their module, definitions with a name of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.base import names
from codemod.base.patterns import lazy

from .literals import Spot
from .setupfile import is_setup
from .view import Ref, View

GETTING = frozenset({"getLogger", "get_logger"})
"""Calls that get a logger by its name."""

_LOGS = lazy(rb"\b(?:getLogger|get_logger)\(\s*(?:name\s*=\s*)?(?:__name__\b|[fF][\"']\{__name__\})")
_CHILDREN = lazy(
    rb"\b(?:getLogger|get_logger)\(\s*(?:name\s*=\s*)?(?:__name__\s*(?:\+|\)\s*\.getChild\()|[fF][\"']\{__name__\}\.)"
)
_FIXED = frozenset({"polymorphic_identity", "__tablename__"})

_PACKAGED = frozenset({"packages", "py_modules", "namespace_packages", "package_dir"})
_BY_PACKAGE = frozenset({"package_data", "exclude_package_data", "package_dir"})


def logs_by_name(view: View, module: str) -> bool:
    """True when the logger of a module, or of one in a package, is called like it: its configuration has to follow."""
    return any(_LOGS.search(data) for data in _sources(view, module))


def logs_below(view: View, module: str) -> bool:
    """True when a module makes loggers below its own: `getLogger(f"{__name__}.sql")`."""
    return any(_CHILDREN.search(data) for data in _sources(view, module))


def says_its_logger(view: View, module: str) -> bool:
    """True when a module, or one in a package, says the old name of its logger itself, so that nothing follows it."""
    said = re.compile(rb"\b(?:getLogger|get_logger)\(\s*[fF]?[\"']" + re.escape(module.encode()) + rb"[\"'.]")
    return any(said.search(data) for data in {*_sources(view, module), *_sources(view, view.intent.module(module))})


def _sources(view: View, module: str) -> Iterator[bytes]:
    """The code of a module, or of all modules of a package; of what a merge or an earlier run made of it, too."""
    modules, tree = view.inventory.modules, view.inventory.tree
    found = view.home(module)
    for one in (found, *modules.below(found.name)) if found is not None else ():
        entry = tree.entry(one.path) if one.path else None
        if entry is not None and entry.is_file:
            yield tree.read(one.path)


def names_itself(view: View, ref: Ref) -> bool:
    """True when the definition is registered under a name of its own: `@app.task(name="...")`."""
    for known in (ref, view.successor(ref)):  # an earlier run may have moved it
        module = view.home(known.module)
        for definition in view.inventory.facts(module.path).definitions if module is not None and module.path else ():
            if definition.name == known.name and definition.kind == "function" and module is not None:
                head = view.inventory.tree.read(module.path)[definition.start : definition.end].partition(b"def ")[0]
                return b"name=" in head
    return False


def is_packaged(path: str, place: Spot) -> bool:
    """True where `setup.py` tells what the distribution holds: packages, their data and folders, extension modules."""
    if not is_setup(path):
        return False
    return (
        place.label in (_BY_PACKAGE if place.key else _PACKAGED)
        or (place.call in ("find_packages", "find_namespace_packages") and place.label in ("include", "exclude"))
        or (place.call == "Extension" and place.label in ("", "name"))
    )


_GROUPED = frozenset({"entry_points", "iter_entry_points", "get_group_all", "get_group_named", "get_single"})
_MANAGERS = ("ExtensionManager", "DriverManager", "HookManager")
"""Calls that take a group of entry points, which other distributions know by its name; stevedore says `namespace`."""


def is_stored(call: str, label: str, *, key: bool = False) -> bool:
    """True for the value of a key that says what rows or messages are known by: it does not follow the code.

    Nor does a group of entry points.
    """
    if call in _GROUPED or call.endswith(_MANAGERS):
        return label in ("", "group", "namespace")
    grouped = (label == "group" and call in ("select", "EntryPoint")) or (key and label == "entry_points")
    return grouped or label in _FIXED or (bool(call) and label == "__module__")


def is_logger(call: str, label: str, *, key: bool, single: bool = False) -> bool:
    """True where a logger's name stands: `getLogger("a.b")`, `assertLogs("a.b")`, a key of `loggers`, `logger=`.

    A `single` word behind `logger=` is a logger's name only for pytest's `caplog`.
    """
    return (
        (key and label == "loggers")
        or (not key and label == "logger" and (not single or call in ("at_level", "set_level")))
        or (not label and (call in GETTING or call in ("assertLogs", "assertNoLogs")))
    )


def is_own_app(view: View, label: str, module: str) -> bool:
    """True where Django reads the module of an app: a list of apps, or the `name` of the package's own AppConfig."""
    known = (
        view.inventory.modules.get(module) is not None or names.longest_prefix(module, view.intent.modules) is not None
    )
    return known and (
        label == "INSTALLED_APPS"
        or (
            label == "name"
            and view.path.endswith("apps.py")
            and (module in (view.package, view.new_package) or view.intent.module(module) == view.new_package)
        )
    )

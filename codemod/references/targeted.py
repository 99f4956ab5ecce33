"""Which argument of a call is a dotted name: the first of `include("a.urls", namespace="a")`, and not the second.

A name of one segment looks like any word, so only calls that take nothing but modules say that it is one: `run` starts
programs, and `patch` is what a client of the web calls a request.
"""

from __future__ import annotations

import re

from .literals import Spot
from .spoken import LOADING, TARGETED

_KEYWORDS = frozenset({
    "anchor", "app", "app_path", "arg", "bound", "class_path", "dotted_path", "fullname", "import_name", "import_path",
    "import_str", "import_string", "imports", "include", "main", "mod_name", "modname", "module", "module_name", "name",
    "package", "package_name", "package_or_requirement", "packages", "target", "typ",
})  # fmt: skip
"""Keywords of such calls whose value is the name; that of any other is what the call does with it."""

_SECOND = frozenset({"import_module", "find_spec", "resolve_name", "loadTestsFromName", "NewType", "TypeVar"})
"""Those that take another name behind the first: the package of a relative one, a type behind its own name."""

_LISTS = frozenset({
    "autodiscover_tasks", "set_forkserver_preload", "loadTestsFromNames", "Celery", "include", "import_module",
})  # fmt: skip
"""Those that take names in a list."""

_IN_MODULES = frozenset({
    "run", "Celery", "patch", "patch.object", "mock_patch", "setattr", "delattr", "cast", "TypeVar", "ForwardRef",
    "NewType",
})  # fmt: skip
"""Those that take what is in a module, or have a name that other things are called by: a dot belongs to it."""


_KEYED = frozenset({
    "set", "delete", "exists", "expire", "incr", "decr", "hget", "hset", "sadd", "lpush", "rpush", "subscribe",
    "unsubscribe", "psubscribe", "on", "once", "off", "listen", "add_listener", "remove_listener", "trigger", "fire",
    "broadcast", "increment", "gauge", "timing", "histogram", "start_span", "start_as_current_span", "has_perm",
    "has_permission", "is_enabled",
})  # fmt: skip
"""Calls whose first argument is a key, a topic, a metric or a permission: who writes one and who reads it agree."""


def is_key(place: Spot) -> bool:
    """True where a call takes a text that others take, too, and none of them a name of ours."""
    return place.call in _KEYED and not place.number and not place.label


def is_targeted(place: Spot, match: re.Match[str]) -> bool:
    """True where a literal is the dotted name that a call takes; `match` has its `module` and `attr`."""
    call = place.call
    bare = "." not in match["module"] and not match["attr"]
    if call not in TARGETED or (bare and call in _IN_MODULES and not place.listed):
        return False
    if call == "multiple" and place.owner != "patch":
        return False
    if place.listed and (call not in _LISTS or (call == "include" and place.after)):
        return False  # `include(("a.urls", "app name"))`
    if place.label:
        return place.label in _KEYWORDS
    return place.number == 0 or (call in _SECOND and (place.number == 1 or call == "TypeVar"))


def is_loaded(place: Spot) -> bool:
    """True where what the literal names is loaded as a module, whatever its package binds by that name."""
    return place.modules or place.call in LOADING or place.after == "-m"

"""`dataclass` and `replace` as the standard library has them, at a tenth of the price: most classes are never used.

A run imports hundreds of classes and makes objects of a third of them.  The standard decorator writes and compiles six
methods a class at once; this one compiles a method when it is first called.  What differs besides:

- `frozen=True` is kept by the type checker alone, as nothing at run time makes an object four times as fast; equality
  and the hash are those of a frozen class all the same;
- a class without a docstring gets none.

Whatever is out of the ordinary (a class without slots, a base that is a dataclass, a `ClassVar`, a keyword-only field,
a mistake) is left to the standard decorator.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, field
from functools import lru_cache
from reprlib import recursive_repr
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["dataclass", "field", "replace"]

Value = TypeVar("Value")
_FIELDS = "__dataclass_fields__"  # where the functions of the standard library look for them
_REAL = dataclasses._FIELD  # type: ignore[attr-defined]  # what tells a field from a `ClassVar`
_SPECIAL = ("ClassVar", "InitVar", "KW_ONLY")
_ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


def _dataclass(
    plain: type | None = None,
    /,
    *,
    frozen: bool = False,
    slots: bool = False,
    eq: bool = True,
    order: bool = False,
    **others: Any,
) -> Any:
    def decorated(cls: type) -> type:
        found = None if others or not slots or (order and not eq) else _fields(cls)
        if found is None:
            return dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, order=order, **others)(cls)
        return _lean(cls, found, _options(frozen, eq, order))

    return decorated if plain is None else decorated(plain)


def _replace(item: Value, /, **changes: Any) -> Value:
    kind = item.__class__
    if "_init_names" not in kind.__dict__:
        return dataclasses.replace(item, **changes)  # type: ignore[type-var]  # says so when it is no dataclass
    for name in kind._init_names:  # type: ignore[attr-defined]  # `_lean` sets it
        if name not in changes:
            changes[name] = getattr(item, name)
    return kind(**changes)


if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:
    dataclass, replace = _dataclass, _replace


@lru_cache
def _options(frozen: bool, eq: bool, order: bool) -> SimpleNamespace:
    return SimpleNamespace(init=True, repr=True, eq=eq, order=order, unsafe_hash=False, frozen=frozen)


def _fields(cls: type) -> dict[str, Field[Any]] | None:
    """The fields by name, or None where the class is one for the standard decorator."""
    own = cls.__dict__
    if type(cls) is not type or hasattr(cls, _FIELDS) or "__slots__" in own:
        return None
    found: dict[str, Field[Any]] = {}
    optional = False
    for name, kind in cls.__annotations__.items():
        if not isinstance(kind, str) or any(word in kind for word in _SPECIAL):
            return None
        given: Any = own.get(name, MISSING)
        item: Any = given if isinstance(given, Field) else field(default=given)
        has_default = item.default is not MISSING or item.default_factory is not MISSING
        if item.kw_only is not MISSING or (optional and item.init and not has_default) or name == "self":
            return None
        if item.default.__class__.__hash__ is None:  # a mutable default
            return None
        optional = optional or (item.init and has_default)
        found[name] = item
    if any(isinstance(value, Field) and name not in found for name, value in own.items()):
        return None
    for name, item in found.items():
        item.name, item.type, item.kw_only, item._field_type = name, cls.__annotations__[name], False, _REAL
    return found


def _lean(cls: type, found: dict[str, Field[Any]], options: SimpleNamespace) -> type:
    """The class again, with slots and with methods that are compiled when they are first called."""
    own = {name: value for name, value in cls.__dict__.items() if name not in found}
    own.pop("__dict__", None)
    own.pop("__weakref__", None)
    explicit_hash = "__hash__" in own and not (own["__hash__"] is None and "__eq__" in own)
    init_names = tuple(name for name, item in found.items() if item.init)
    own |= {"__slots__": tuple(found), "__qualname__": cls.__qualname__, _FIELDS: found, "_init_names": init_names}
    own |= {"__dataclass_params__": options}
    own.setdefault("__match_args__", init_names)
    own.setdefault("__repr__", _repr)
    later = ["__init__"]
    if options.eq:
        later += ["__eq__", *(_ORDER if options.order else ())]
        if not explicit_hash:
            own["__hash__"] = None
            later += ["__hash__"] if options.frozen else []
    made = type(cls)(cls.__name__, cls.__bases__, own)
    for name in later:
        if own.get(name) is None:
            setattr(made, name, _at_first_call(made, name))
    return made


def _at_first_call(cls: type, name: str) -> Callable[..., Any]:
    """A method that compiles the real one, puts it in its place and calls it."""

    def first(self: Any, *args: Any, **named: Any) -> Any:
        method = _compiled(cls, name)
        setattr(cls, name, method)
        return method(self, *args, **named)

    return first


def _compiled(cls: type, name: str) -> Any:
    """The method of that name as the standard decorator would write it, for the fields of `cls`."""
    fields: dict[str, Field[Any]] = getattr(cls, _FIELDS)
    space: dict[str, Any] = {"__name__": cls.__module__, "_missing": MISSING}
    if name == "__init__":
        for item in fields.values():
            space |= {f"_default_{item.name}": item.default, f"_make_{item.name}": item.default_factory}
        text = _init_text(fields, after=hasattr(cls, "__post_init__"))
    elif name == "__hash__":
        chosen = [item.name for item in fields.values() if (item.compare if item.hash is None else item.hash)]
        text = f"def __hash__(self):\n return hash({_tuple('self', chosen)})"
    else:
        chosen = [item.name for item in fields.values() if item.compare]
        answer = f"{_tuple('self', chosen)} {_ORDER.get(name, '==')} {_tuple('other', chosen)}"
        same = "other.__class__ is self.__class__"
        text = f"def {name}(self, other):\n if {same}:\n  return {answer}\n return NotImplemented"
    exec(compile(text, f"<{name} of {cls.__qualname__}>", "exec"), space)
    method = space[name]
    method.__qualname__ = f"{cls.__qualname__}.{name}"
    return method


def _init_text(fields: dict[str, Field[Any]], *, after: bool) -> str:
    parameters = ["self", *(_parameter(item) for item in fields.values() if item.init)]
    body = [*_assignments(fields), *(["self.__post_init__()"] if after else [])]
    return f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body or ["pass"])


def _parameter(item: Field[Any]) -> str:
    if item.default_factory is not MISSING:
        return f"{item.name}=_missing"
    return item.name if item.default is MISSING else f"{item.name}=_default_{item.name}"


def _assignments(fields: dict[str, Field[Any]]) -> Iterator[str]:
    for name, item in fields.items():
        made, default = item.default_factory is not MISSING, item.default is not MISSING
        if item.init:
            yield f"self.{name} = _make_{name}() if {name} is _missing else {name}" if made else f"self.{name} = {name}"
        elif made or default:
            yield f"self.{name} = _make_{name}()" if made else f"self.{name} = _default_{name}"


def _tuple(owner: str, names: list[str]) -> str:
    return "(" + "".join(f"{owner}.{name}, " for name in names) + ")"


@recursive_repr()
def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, item in getattr(self, _FIELDS).items() if item.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"

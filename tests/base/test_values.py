"""Our `dataclass` beside the standard one: whatever can be asked of a value has the same answer."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.base import values

Item = TypeVar("Item")
Decorator = Callable[..., Callable[[type], Any]]


def point(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True, order=True)
    class Point:
        """A class with each kind of field."""

        x: int
        name: str = ""
        tags: tuple[str, ...] = dataclasses.field(default_factory=tuple)
        note: str = dataclasses.field(default="", compare=False)
        secret: int = dataclasses.field(default=0, repr=False, hash=False)
        serial: int = dataclasses.field(default=7, init=False)
        made: list[int] = dataclasses.field(default_factory=list, init=False, compare=False)

        def doubled(self) -> int:
            return 2 * self.x

    return Point


def open_point(dataclass: Decorator) -> Any:
    @dataclass(slots=True)
    class Open:
        x: int
        seen: dict[str, int] = dataclasses.field(default_factory=dict)
        length: int = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            self.length = len(self.seen)

    return Open


def by_identity(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True, eq=False)
    class Identity:
        x: int = 0

    return Identity


def empty(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Empty:
        pass

    return Empty


def own_methods(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Own:
        x: int = 0
        y: int = 0

        def __eq__(self, other: object) -> bool:
            return isinstance(other, self.__class__) and self.x == other.x

        def __repr__(self) -> str:
            return "own"

    return Own


def own_hash(dataclass: Decorator) -> Any:
    @dataclass(slots=True)
    class Hashed:
        x: int = 0

        def __hash__(self) -> int:
            return 5

    return Hashed


def generic(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Box(Generic[Item]):
        item: Item

    return Box


Point, Standard = point(values.dataclass), point(dataclasses.dataclass)
MAKERS = [point, open_point, by_identity, empty, own_methods, own_hash, generic]
FIELDS = st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.just(()), st.sampled_from("no"), st.integers(0, 1))


@values.dataclass(frozen=True, slots=True)
class Named:
    """At the top of the module, where pickle finds it."""

    x: int
    y: tuple[int, ...] = ()


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_the_class_says_of_itself_what_the_standard_one_says(make: Callable[..., Any]) -> None:
    ours, standard = make(values.dataclass), make(dataclasses.dataclass)
    assert "_init_names" in vars(ours), "it is ours, not the standard one"
    assert dataclasses.is_dataclass(ours)
    assert repr(dataclasses.fields(ours)) == repr(dataclasses.fields(standard))
    for name in ("__match_args__", "__slots__", "__name__", "__qualname__", "__module__", "__bases__"):
        assert getattr(ours, name) == getattr(standard, name)
    assert (ours.__hash__ is None) == (standard.__hash__ is None)
    assert ("__eq__" in vars(ours)) == ("__eq__" in vars(standard))


@settings(max_examples=60)
@given(FIELDS, FIELDS)
def test_equality_order_hash_and_text_are_the_standard_ones(one: tuple[Any, ...], two: tuple[Any, ...]) -> None:
    ours, theirs = (Point(*one), Point(*two)), (Standard(*one), Standard(*two))
    for question in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
        assert getattr(ours[0], question)(ours[1]) == getattr(theirs[0], question)(theirs[1])
    assert [hash(item) for item in ours] == [hash(item) for item in theirs]
    assert [repr(item) for item in ours] == [repr(item) for item in theirs]
    assert dataclasses.asdict(ours[0]) == dataclasses.asdict(theirs[0])
    assert dataclasses.astuple(ours[0]) == dataclasses.astuple(theirs[0])


@settings(max_examples=60)
@given(FIELDS, st.dictionaries(st.sampled_from(["x", "note", "secret"]), st.integers(3, 4)))
def test_replace_is_the_standard_one_and_leaves_what_it_was_given(
    one: tuple[Any, ...], changes: dict[str, int]
) -> None:
    given, before = Point(*one), dict(changes)
    expected = repr(dataclasses.replace(Standard(*one), **changes))
    assert repr(values.replace(given, **changes)) == repr(dataclasses.replace(given, **changes)) == expected
    assert (given, changes) == (Point(*one), before)


@settings(max_examples=30)
@given(st.integers(), st.lists(st.integers()).map(tuple))
def test_a_copy_is_equal_however_it_is_made(x: int, y: tuple[int, ...]) -> None:
    item = Named(x, y)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(item, protocol)) == item
    assert copy.copy(item) == copy.deepcopy(item) == item
    assert hash(copy.deepcopy(item)) == hash(item)


def test_values_of_two_classes_are_never_equal() -> None:
    other = point(values.dataclass)
    assert Point(1) != other(1)
    assert Point(1).__eq__(other(1)) is NotImplemented
    with pytest.raises(TypeError):
        _ = Point(1) < other(1)


def test_a_list_of_defaults_is_not_shared() -> None:
    kind = open_point(values.dataclass)
    one, two = kind(1), kind(2)
    one.seen["a"] = 1
    assert (two.seen, two.length, kind(3, {"a": 1}).length) == ({}, 0, 1)
    assert not hasattr(two, "__dict__")


@pytest.mark.parametrize("dataclass", [values.dataclass, dataclasses.dataclass], ids=["ours", "standard"])
def test_arguments_that_do_not_fit_are_a_type_error_that_names_the_class(dataclass: Decorator) -> None:
    kind = point(dataclass)
    for wrong in (lambda: kind(), lambda: kind(1, zebra=2), lambda: kind(1, serial=2)):
        with pytest.raises(TypeError, match=r"Point\.__init__\(\)"):
            wrong()
    with pytest.raises(TypeError):
        values.replace(kind(1), zebra=2)
    with pytest.raises((TypeError, ValueError)):
        values.replace(kind(1), serial=2)
    with pytest.raises(TypeError):
        values.replace("text", zebra=2)  # type: ignore[type-var]


def test_a_value_that_holds_itself_has_a_text() -> None:
    kind = open_point(values.dataclass)
    item = kind(1)
    item.seen["self"] = item
    assert repr(item) == f"{kind.__qualname__}(x=1, seen={{'self': ...}}, length=0)"


def test_match_takes_a_value_apart() -> None:
    match Named(1, (2,)):
        case Named(x, (y,)):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("no match")


def test_a_method_is_compiled_once_and_has_the_signature_of_the_standard_one() -> None:
    kind = by_identity(values.dataclass)
    before = kind.__init__
    kind(1)
    compiled = kind.__init__
    kind(2)
    assert before is not compiled is kind.__init__
    assert list(inspect.signature(kind).parameters) == ["x"]
    before(kind(0), 3)  # whoever holds the first one may call it again


def test_what_is_out_of_the_ordinary_is_left_to_the_standard_decorator() -> None:
    @values.dataclass
    class Bare:
        x: int

    @values.dataclass(frozen=True)
    class NoSlots:
        x: int = 0

    @values.dataclass(frozen=True, slots=True, kw_only=True)
    class Keyword:
        x: int = 0

    @values.dataclass(slots=True)
    class Shared:
        x: int = 0
        count: ClassVar[int] = 0

    @values.dataclass(frozen=True, slots=True)
    class Child(Named):
        z: int = 0

    @values.dataclass(slots=True)
    class Late:
        x: int = 0
        _: dataclasses.KW_ONLY
        y: int = 1

    for kind in (Bare, NoSlots, Keyword, Shared, Child, Late):
        assert "_init_names" not in vars(kind)
    assert Bare(1) == Bare(1)
    assert values.replace(Keyword(x=1), x=2) == Keyword(x=2)
    assert "count" not in Shared.__slots__  # type: ignore[attr-defined]
    assert (Late(1, y=2).y, Child(1, (), 2).z) == (2, 2)
    assert values.replace(Child(1, (), 2), x=3) == Child(3, (), 2)
    assert Child(1) != Named(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        NoSlots(1).x = 2  # type: ignore[misc]


def test_mistakes_are_told_as_the_standard_decorator_tells_them() -> None:
    with pytest.raises(TypeError, match="non-default argument"):

        @values.dataclass(slots=True)
        class Order:
            x: int = 0
            y: int  # type: ignore[misc]

    with pytest.raises(ValueError, match="mutable default"):

        @values.dataclass(slots=True)
        class Mutable:
            x: list[int] = []  # noqa: RUF012

    with pytest.raises(TypeError, match="no type annotation"):

        @values.dataclass(slots=True)
        class Unannotated:
            x = dataclasses.field(default=0)

    with pytest.raises(ValueError, match="eq must be true"):

        @values.dataclass(slots=True, eq=False, order=True)
        class Unordered:
            x: int = 0

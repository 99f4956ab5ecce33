"""Whole splits of generated modules: refused with a reason, or everything that a program can see is as it was."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from codemod.plan.load import load
from tests.kit import run
from tests.operations.imported import examples_of, importable
from tests.operations.moving import tree_of

PACKAGE = "app.big"
PARTS = ["app.big.alpha", "app.big.beta", "app.gamma"]
COUNT: Counter[str] = Counter()


@dataclass(frozen=True)
class Item:
    """A run of statements that has to stay together, the names it binds, and those it needs on import and later."""

    names: tuple[str, ...]
    text: str
    now: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    registers: str = ""  # the registry that it adds to, or the class that it changes; a statement may bind no name
    looks: str = ""  # the one that it looks at on import


@dataclass(frozen=True)
class Case:
    """A module, where each of its items is sent, and how the plan says so."""

    items: tuple[Item, ...]
    homes: Mapping[str, str]  # the first name of an item -> module
    rest: str = ""
    barrel: bool = False
    future: bool = False
    exports: bool = False

    @property
    def names(self) -> list[str]:
        return [name for item in self.items for name in item.names]

    def at(self, item: Item) -> str:
        """The module of an item; one without a name is the business of the engine, the package can always have it."""
        return self.homes[item.names[0]] if item.names else PACKAGE

    def home(self, name: str) -> str:
        return next(self.homes[item.names[0]] for item in self.items if name in item.names)

    @property
    def files(self) -> dict[str, str]:
        head = '"""A module.\n\n>>> 1 + 1\n2\n"""\n'
        head += "from __future__ import annotations\n" if self.future else ""
        head += "import functools\nimport json as js\nimport sys\nfrom dataclasses import dataclass, field\n"
        head += "from enum import Enum\nfrom typing import Any, NamedTuple, overload\n\n"
        head += f"__all__ = {[n for n in self.names if not n.startswith('_')]!r}\n\n" if self.exports else ""
        body = "\n\n".join(item.text for item in self.items)
        return {"app/__init__.py": "", "app/big.py": head + body + "\n", "app/user.py": self._user}

    @property
    def _user(self) -> str:
        names = [n for n in self.names if not n.startswith("_")] or self.names
        return f"import app.big\nfrom app.big import {', '.join(names)}\n\nSEEN = [app.big.{names[0]}, {names[-1]}]\n"

    @property
    def plan(self) -> str:
        into: dict[str, list[str]] = {}
        for item in self.items:
            if self.at(item) not in (PACKAGE, self.rest):
                into.setdefault(self.homes[item.names[0]], []).extend(item.names)
        rows = [f"          {home}: [{', '.join(found)}]" for home, found in sorted(into.items())]
        rows += [f"          {self.rest}: rest"] if self.rest else []
        lines = [
            "version: 1",
            "name: x",
            "phases:",
            "  - id: a",
            "    do:",
            f"      - split: {PACKAGE}",
            "        into:",
        ]
        return "\n".join([*lines, *rows, *([f"      - barrel: {PACKAGE}"] if self.barrel else [])])

    @property
    def obstacle(self) -> str:
        """What makes the grouping impossible, seen from how the module was made; "" when nothing does."""
        for registry in {item.registers for item in self.items} - {""}:
            around = [item for item in self.items if registry in (item.registers, item.looks)]
            runs = [home for home, _ in itertools.groupby(self.at(item) for item in around)]
            apart = [home for home in runs if home != PACKAGE or "app.gamma" in runs]  # it can load them in between
            if len(apart) != len(set(apart)):
                return "a registry would be filled in another order"
            if len(set(runs)) > 1 and "app.gamma" in runs and any(item.looks for item in around):
                return "what changes and what looks would not meet in order where another module comes first"
        counters = {item.names[0] for item in self.items if "global " in item.text}
        for item in self.items:
            if any(self.home(n) != self.at(item) for n in counters.intersection(item.now + item.later)):
                return "a name that functions rebind would be read elsewhere"
        edges: dict[str, set[str]] = {}
        for item in self.items:
            here = self.at(item)
            for name in item.now:
                there = self.home(name)
                if here != there:
                    edges.setdefault(here, set()).add(there)
            if item.registers and item.names and here != self.home(item.registers):
                edges.setdefault(self.home(item.registers), set())
        inside = {home for home in self.homes.values() if home.startswith(PACKAGE + ".")}
        for home, needed in edges.items():
            if home not in inside and home != PACKAGE and needed & (inside | {PACKAGE}):
                needed.add(PACKAGE)  # a package is loaded before its modules
        if any(_reaches(home, home, edges) for home in edges):
            return "modules need each other on import"
        return ""


def _reaches(start: str, goal: str, edges: Mapping[str, set[str]]) -> bool:
    waiting, seen = list(edges.get(start, ())), set()
    while waiting:
        module = waiting.pop()
        if module == goal:
            return True
        if module not in seen:
            seen.add(module)
            waiting += edges.get(module, ())
    return False


# -- making modules


@dataclass
class Maker:
    """Draws one item after the other."""

    draw: st.DrawFn
    items: list[Item] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)  # classes from which no more can be derived, some day
    watched: list[str] = field(default_factory=list)  # classes that note what is derived from them
    marks: list[tuple[str, str]] = field(default_factory=list)  # (class, attribute)

    @property
    def names(self) -> list[str]:
        return [name for item in self.items for name in item.names]

    def some(self, names: list[str], most: int = 2) -> list[str]:
        return self.draw(st.lists(st.sampled_from(names), max_size=most, unique=True)) if names else []

    def add(self, item: Item) -> None:
        self.items.append(item)

    def item(self, number: int, every: list[str]) -> Item:
        kinds = ["const", "list", "function", "example", "class", "derived", "record", "enum", "tuple", "overload",
                 "either", "generic", "counter", "decorated", "registered", "private", "temporary", "mark", "marked",
                 "appended", "snapshot", "loop", "sealed", "child", "seal", "watched", "noted"]  # fmt: skip
        kind = self.draw(st.sampled_from(kinds))
        name = f"_n{number}" if kind == "private" else f"n{number}"
        now = [n for n in self.some(self.names) if n.startswith("n")]
        later = self.some(every)
        return _MAKERS[kind](self, name, now, later)


def _values(now: list[str]) -> str:
    return ", ".join([*(f"repr(type({n}).__name__)" for n in now), "js.dumps(1)"])


def _body(later: list[str]) -> str:
    return ", ".join([*(f"type({n}).__name__" for n in later), "sys.byteorder"])


def _const(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    return Item((name,), f"{name} = ({_values(now)},)", tuple(now))


def _list(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    return Item((name,), f"{name} = []\n{name}.append([{_values(now)}])", tuple(now))


def _function(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    text = f"# About {name}.\ndef {name}(x: 'Any' = None):\n    def inner():\n        return [{_body(later)}]\n\n"
    text += "    return inner()"
    return Item((name,), text, (), tuple(later))


def _example(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    lines = [f"    >>> {name}(2)", "    4", *(f"    >>> type({other}).__name__ == ''\n    False" for other in later)]
    lines += ["    >>> js.loads('1')", "    1"] if made.draw(st.booleans()) else []
    doc = "\n".join(['    """Twice.', "", *lines, '    """'])
    return Item((name,), f"def {name}(x=1):\n{doc}\n    return 2 * x", (), tuple(later))


def _class(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    text = (
        f'class {name}:\n    """Doc."""\n\n    items = [{_values(now)}]\n\n    def run(self) -> "{name}":\n'
        f"        return [{_body(later)}]\n\n    @property\n    def size(self):\n        return 1\n\n"
        f"    @size.setter\n    def size(self, value):\n        self.value = {name}"
    )
    made.bases.append(name)
    return Item((name,), text, tuple(now), tuple(later))


def _derived(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    if not made.bases:
        return _class(made, name, now, later)
    base = made.draw(st.sampled_from(made.bases))
    made.bases.append(name)
    return Item((name,), f"class {name}({base}):\n    def more(self):\n        return super().run()", (base,), ())


def _record(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    text = f"@dataclass(frozen=True)\nclass {name}:\n    a: int = 1\n    b: list[Any] = field(default_factory=list)"
    return Item((name,), text)


def _enum(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    return Item((name,), f"class {name}(Enum):\n    ONE = 1\n    TWO = 'b'")


def _tuple(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    return Item(
        (name,), f"class {name}(NamedTuple):\n    x: int = {len(now)}\n    y: Any = ({_values(now)},)", tuple(now)
    )


def _overload(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    text = "\n\n\n".join(f"@overload\ndef {name}(x: {kind}) -> {kind}: ..." for kind in ("int", "str"))
    return Item((name,), f"{text}\n\n\ndef {name}(x=0):\n    return [{_body(later)}]", (), tuple(later))


def _either(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    text = f"if sys.version_info >= (3,):\n\n    def {name}(x=0):\n        return [{_body(later)}]\n\n"
    text += f"else:\n    {name} = None"
    return Item((name,), text, (), tuple(later))


def _generic(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    text = (
        f"@functools.singledispatch\ndef {name}(x=None):\n    return [{_body(later)}]\n\n\n"
        f"@{name}.register(int)\ndef {name}_int(x):\n    return x"
    )
    return Item((name, f"{name}_int"), text, (), tuple(later))


def _counter(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    text = f"{name} = 0\n\n\ndef {name}_up(x=0):\n    global {name}\n    {name} += 1\n    return {name}"
    return Item((name, f"{name}_up"), text)


def _decorated(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    plain = [n for item in made.items for n in item.names if item.text.startswith(f"{n} = (")]
    if not plain:
        return _const(made, name, now, later)
    maker = made.draw(st.sampled_from(plain))
    text = f"def {name}_by(f):\n    f.kind = {maker}\n    return f\n\n\n"
    text += f"@{name}_by\ndef {name}(x=None):\n    return [{_body(later)}]"
    return Item((f"{name}_by", name), text, (maker,), tuple(later))


def _need_registry(made: Maker) -> None:
    if "REG" not in made.names:
        made.add(Item(("REG", "register"), "REG = []\n\n\ndef register(f):\n    REG.append(f.__name__)\n    return f"))


def _temporary(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    return Item((name,), f"_t{name} = [{_values(now)}]\n{name} = tuple(_t{name})\ndel _t{name}", tuple(now))


def _mark(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    if not made.bases:
        return _class(made, name, now, later)
    base = made.draw(st.sampled_from(made.bases))
    made.marks.append((base, f"mark_{name}"))
    how = made.draw(st.sampled_from([f"{base}.mark_{name} = 1", f'setattr({base}, "mark_{name}", 1)']))
    return Item((), how, (base,), (), base)


def _marked(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    if not made.marks:
        return _mark(made, name, now, later)
    base, mark = made.draw(st.sampled_from(made.marks))
    return Item((name,), f"class {name}:\n    items = [{base}.{mark}]", (base,), (), "", base)


def _appended(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    _need_registry(made)
    return Item((), f'REG.append("{name}")', ("REG",), (), "REG")


def _snapshot(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    _need_registry(made)
    return Item((name,), f"{name} = tuple(REG)", ("REG",), (), "", "REG")


def _loop(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    _need_registry(made)
    chosen = made.some(made.bases) or ["register"]
    return Item((), f"for _c in [{', '.join(chosen)}]:\n    register(_c)", ("register", *chosen), (), "REG")


def _sealed(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    made.sealed.append(name)
    return Item((f"{name}_meta", name), f"class {name}_meta(type):\n    pass\n\n\nclass {name}(metaclass={name}_meta):"
                "\n    pass")  # fmt: skip


def _child(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    if not made.sealed:
        return _sealed(made, name, now, later)
    base = made.draw(st.sampled_from(made.sealed))
    return Item((name,), f"class {name}({base}):\n    pass", (base,), (), "", base)


def _seal(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    if not made.sealed:
        return _sealed(made, name, now, later)
    base = made.sealed.pop(made.draw(st.integers(0, len(made.sealed) - 1)))
    return Item((), f"{base}_meta.__new__ = staticmethod(len)", (f"{base}_meta",), (), base)


def _watched(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    made.watched.append(name)
    return Item((f"{name}_seen", name), f"{name}_seen = []\n\n\nclass {name}:\n    def __init_subclass__(cls):\n"
                f"        {name}_seen.append(cls.__name__)")  # fmt: skip


def _noted(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    if not made.watched:
        return _watched(made, name, now, later)
    base = made.draw(st.sampled_from(made.watched))
    return Item((name,), f"class {name}({base}):\n    pass", (base,), (), base)


def _registered(made: Maker, name: str, now: list[str], later: list[str]) -> Item:
    _need_registry(made)
    text = f"@register\ndef {name}(x=None):\n    return [{_body(later)}]"
    return Item((name,), text, ("register",), tuple(later), "REG")


_MAKERS = {
    "const": _const, "list": _list, "function": _function, "example": _example, "class": _class, "derived": _derived,
    "record": _record, "enum": _enum, "tuple": _tuple, "overload": _overload, "either": _either, "generic": _generic,
    "counter": _counter, "decorated": _decorated, "registered": _registered, "private": _function,
    "temporary": _temporary, "mark": _mark, "marked": _marked, "appended": _appended, "snapshot": _snapshot,
    "loop": _loop, "sealed": _sealed, "child": _child, "seal": _seal, "watched": _watched, "noted": _noted,
}  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(3, 9))
    made = Maker(draw)
    every = [f"n{number}" for number in range(count)]
    for number in range(count):
        made.add(made.item(number, every))
    names = set(made.names)
    items = [_known(item, names) for item in made.items]
    homes = {item.names[0]: draw(st.sampled_from([PACKAGE, *PARTS])) for item in items if item.names}
    if all(home == PACKAGE for home in homes.values()):
        homes[next(iter(homes))] = PARTS[0]
    rest = draw(st.sampled_from(["", "", *PARTS]))
    if rest:
        homes = {name: rest if home == PACKAGE else home for name, home in homes.items()}
        rest = rest if rest in homes.values() else ""
    package = any(home.startswith(PACKAGE + ".") for home in homes.values())
    return Case(tuple(items), homes, rest, package and draw(st.booleans()), draw(st.booleans()), draw(st.booleans()))


def _known(item: Item, names: set[str]) -> Item:
    """An item that speaks of names that are there alone: a later one may have become a private one."""
    text = item.text
    for name in item.later:
        if name not in names:
            text = text.replace(f"type({name}).__name__", "None")
    return replace(item, text=text, later=tuple(n for n in item.later if n in names))


# -- what a program can see


def seen(module_of: Mapping[str, ModuleType]) -> dict[str, object]:
    """Values, classes and what functions return; and who is who's subclass."""
    found: dict[str, object] = {}
    values = {name: getattr(module, name) for name, module in module_of.items()}
    for name, value in values.items():
        found[name] = _shown(value)
    classes = {name: value for name, value in values.items() if isinstance(value, type)}
    for one, two in itertools.permutations(classes, 2):
        found[f"{one} < {two}"] = issubclass(classes[one], classes[two])
    return found


def _shown(value: object) -> object:
    if isinstance(value, type):
        ran = value().run() if hasattr(value, "run") else ""
        fields = getattr(value, "__dataclass_fields__", None) or getattr(value, "_fields", None) or ""
        default = repr(value(1))[:40] if fields else ""
        return [
            value.__qualname__,
            value.__doc__ if not fields else "",
            [b.__name__ for b in value.__mro__],
            ran,
            [str(f) for f in fields],
            default,
            getattr(value, "items", ""),
            [str(m) for m in getattr(value, "__members__", ())],
            sorted(name for name in dir(value) if name.startswith("mark_")),
        ]
    if callable(value) and not getattr(value, "__name__", "").endswith(("_by", "register")):
        return ["called", value.__name__, getattr(value, "kind", ""), value(1)]
    return getattr(value, "__name__", None) or repr(value)


def check(case: Case) -> None:
    COUNT["all"] += 1
    note(case.plan)
    note(case.files["app/big.py"])
    with importable(case.files):
        big = importlib.import_module(PACKAGE)
        examples = {name: told for name, *told in examples_of(big)}
        wanted = seen(dict.fromkeys(case.names, big))
        importlib.import_module("app.user")
    result = run(load(case.plan.encode(), "plan.yaml"), tree_of(case.files))
    blocking = [finding for outcome in result.outcomes for finding in outcome.findings if finding.blocks]
    free = not case.obstacle
    if blocking:
        assert all(finding.message and finding.hint for finding in blocking)
        COUNT["refused"] += free
        COUNT["obstacle"] += not free
        for code in {finding.code for finding in blocking} if free else ():
            COUNT[f"  {code}"] += 1
        return
    COUNT["done" if free else "done all the same"] += 1
    after = {path: result.after.read(path).decode() for path in result.after}
    note("\n".join(f"# {path}\n{text}" for path, text in after.items()))
    starts = [PACKAGE, *sorted({home for home in case.homes.values() if home.startswith(PACKAGE)} - {PACKAGE})]
    for start in starts:
        with importable(after):
            importlib.import_module(start)
            homes = {name: importlib.import_module(case.home(name)) for name in case.names}
            assert seen(homes) == wanted
            if start == PACKAGE:
                modules = [importlib.import_module(PACKAGE), *homes.values()]
                told = {name: rest for module in dict.fromkeys(modules) for name, *rest in examples_of(module)}
                assert told == examples
                importlib.import_module("app.user")
                if case.barrel:
                    whole = vars(sys.modules[PACKAGE])
                    public = [
                        n for item in case.items for n in item.names if n[0] != "_" and "global " not in item.text
                    ]
                    assert all(whole[n] is getattr(homes[n], n) for n in public if case.home(n).startswith(PACKAGE))
    again = run(load(case.plan.encode(), "plan.yaml"), result.after, True)
    assert again.after == result.after


LAX = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=30, deadline=None, suppress_health_check=LAX)
@given(cases())
def test_any_split_keeps_what_a_program_sees(case: Case) -> None:
    check(case)


@pytest.mark.slow
def test_many_splits_and_most_succeed() -> None:
    COUNT.clear()
    settings(max_examples=500, deadline=None, suppress_health_check=LAX)(given(cases())(check))()
    free = COUNT["done"] + COUNT["refused"]
    share = COUNT["done"] / free
    sys.stderr.write(f"{COUNT['done']} of {free} groupings without an obstacle: {share:.0%} {dict(COUNT)}\n")
    assert COUNT["all"] >= 500
    assert share >= 0.8

"""Generated modules under random groupings: the same behaviour behind the motion, or a refusal with a reason."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.moving import codes, move, unite

STAY = "app.big"
HOMES = [STAY, "app.one", "app.big.two", "app.old"]
COUNT = {"all": 0, "obstacle": 0, "done": 0, "refused": 0}


@dataclass(frozen=True)
class Item:
    """A top-level definition: its text, and what it needs of other items on import and later."""

    name: str
    text: str
    now: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A module, where its names are sent, and whether that cannot work."""

    items: tuple[Item, ...]
    homes: dict[str, str]
    head: str
    tail: str = ""
    groups: tuple[tuple[str, ...], ...] = ()  # names that share a `global`
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        body = "\n\n".join(item.text for item in self.items)
        return {
            "app/__init__.py": "",
            "app/big.py": self.head + "\n\n" + body + self.tail,
            "app/old.py": "import json\n\nSEP = json.dumps(0)\n\n\ndef old(x):\n    return SEP\n",
        }

    @property
    def obstacle(self) -> bool:
        """True when names that share a `global` part, or modules need each other on import."""
        if any(len({self.homes[n] for n in group}) > 1 for group in self.groups):
            return True
        registered = [self.homes[item.name] for item in self.items if item.text.startswith("@register")]
        runs = [home for n, home in enumerate(registered) if not n or registered[n - 1] != home]
        if len(runs) != len(set(runs)) or (runs and len({self.homes["REG"], self.homes["register"]}) > 1):
            return True
        edges: dict[str, set[str]] = {}
        for item in self.items:
            for other in item.now:
                here, there = self.homes[item.name], self.homes[other]
                if here != there:
                    edges.setdefault(here, set()).add(there)
                    if there.startswith(STAY + ".") and here != STAY:
                        edges[here].add(STAY)  # a package is loaded before its modules
        return any(_reaches(home, home, edges) for home in edges)


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


IMPORTS = {
    "js": ("import json as js", "js.dumps(1)"),
    "os": ("import os.path", "os.path.join('a', 'b')"),
    "dd": ("from collections import OrderedDict, defaultdict as dd", "dict(dd(int))"),
    "OrderedDict": ("", "OrderedDict(a=1)"),
    "Any": ("from typing import TYPE_CHECKING, Any", "str(Any)"),
}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(2, 7))
    items: list[Item] = []
    future = draw(st.booleans())
    shared, registry = draw(st.booleans()), draw(st.booleans())
    groups: list[tuple[str, ...]] = []
    if registry:
        items.append(Item("REG", "REG = []"))
        text = "def register(f):\n    REG.append(f.__name__)\n    return f"
        items.append(Item("register", text, (), ("REG",)))
    for number in range(count):
        known = [item.name for item in items if item.name.startswith("n")]
        earlier = draw(st.lists(st.sampled_from(known), max_size=2, unique=True)) if known else []
        used = draw(st.lists(st.sampled_from(sorted(IMPORTS)), max_size=2, unique=True))
        later = draw(st.lists(st.sampled_from([f"n{i}" for i in range(count)]), max_size=2, unique=True))
        item = _item(draw, number, earlier, later, used, [i for i in items if i.text.startswith("class")])
        if registry and item.text.startswith("def") and draw(st.booleans()):
            item = Item(item.name, "@register\n" + item.text, (*item.now, "register"), item.later)
        items.append(item)
    if shared:
        items.append(Item("state", "state = 0"))
        items.append(Item("bump", "def bump():\n    global state\n    state += 1\n    return state", (), ("state",)))
        groups.append(("state", "bump"))
    homes = {item.name: draw(st.sampled_from(HOMES)) for item in items}
    lines = ["from __future__ import annotations"] if future else []
    lines += [text for text, _ in IMPORTS.values() if text]
    return Case(tuple(items), homes, "\n".join(lines) + "\n", "\n", tuple(groups))


def _item(
    draw: st.DrawFn, number: int, earlier: Sequence[str], later: Sequence[str], used: Sequence[str],
    classes: Sequence[Item],
) -> Item:  # fmt: skip
    name = f"n{number}"
    kind = draw(st.sampled_from(["const", "list", "function", "class", "derived", "decorated", "comment"]))
    values = ", ".join([*earlier, *(IMPORTS[u][1] for u in used)])
    reads = ", ".join([f"id(type({other})) and '{other}'" for other in later] + [IMPORTS[u][1] for u in used])
    if kind == "const":
        return Item(name, f"{name} = ({number}, {len(values)}, '''{values.count(',')}''', [{values}])", tuple(earlier))
    if kind == "list":
        return Item(name, f"{name} = []\n{name}.append({number})\n{name} += [{values}]", tuple(earlier))
    if kind == "class" or (kind == "derived" and not classes):
        body = f"    items = [{values}]\n\n    def run(self) -> {name!r}:\n        return [{reads}]"
        return Item(name, f"class {name}:\n    '''Doc.'''\n\n{body}", tuple(earlier), tuple(later))
    if kind == "derived":
        base = draw(st.sampled_from([item.name for item in classes]))
        return Item(name, f"class {name}({base}):\n    extra = f'{{len(str({number}))}}'", (base,))
    if kind == "decorated":
        text = f"def {name}(x=({values})):\n    return [{reads}]"
        deco = f"@(lambda f: f)\n{text}" if not earlier else text
        return Item(name, deco, tuple(earlier), tuple(later))
    comment = f"# about {name}\n" if kind == "comment" else ""
    text = f"{comment}def {name}(x=None):\n    def inner():\n        return [{reads}]\n    return inner()"
    return Item(name, text, (), tuple(later))


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the files of a case from memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        inner = name.replace(".", "/")
        for candidate, package in ((f"{inner}/__init__.py", True), (f"{inner}.py", False)):
            if candidate in self.files:
                return importlib.util.spec_from_loader(name, self, is_package=package, origin=candidate)
        return None

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None and module.__spec__.origin is not None
        exec(compile(self.files[module.__spec__.origin], module.__spec__.origin, "exec"), module.__dict__)


def observe(files: Mapping[str, str], where: Mapping[str, tuple[str, str]], order: Sequence[str]) -> dict[str, object]:
    """Import the modules in some order and look at every name: its value, its class, what it returns."""
    loader = _Loader(files)
    sys.meta_path.insert(0, loader)
    try:
        for module in order:
            importlib.import_module(module)
        found: dict[str, object] = {}
        for name, (module, now) in where.items():
            found[name] = _shown(getattr(sys.modules[module], now))
        return found
    finally:
        sys.meta_path.remove(loader)
        for module in [m for m in sys.modules if m == "app" or m.startswith("app.")]:
            del sys.modules[module]


def _shown(value: object, depth: int = 0) -> object:
    if isinstance(value, (list, tuple)):
        return [_shown(inner, depth) for inner in value]
    if isinstance(value, type):
        names = [base.__name__ for base in value.__mro__]
        items = _shown(getattr(value, "items", None), depth + 1) if depth < 3 else ""
        made = value() if value.__name__.startswith("n") and depth < 2 else None
        ran = _shown(made.run(), depth + 1) if hasattr(made, "run") else ""
        return [names, items, ran, value.__doc__]
    if callable(value) and getattr(value, "__name__", "").startswith(("n", "bump")) and depth < 2:
        return ["called", _shown(value(), depth + 1)]
    return getattr(value, "__name__", None) or repr(value)


def check(case: Case) -> None:
    rows = [(STAY, name, home) for name, home in case.homes.items() if home != STAY]
    before = {name: (STAY, name) for name in case.homes}
    wanted = observe(case.files, before, [STAY])
    after, result = move(case.files, *rows)
    COUNT["all"] += 1
    COUNT["obstacle"] += case.obstacle
    if result.blocked:
        assert all(finding.message and finding.hint for finding in result.findings if finding.blocks)
        COUNT["refused"] += not case.obstacle
        return
    COUNT["done"] += not case.obstacle
    where = {name: result.symbols.get((STAY, name), (STAY, name)) for name in case.homes}
    modules = sorted({module for module, _ in where.values()} | {STAY})
    for start in modules:  # whichever is imported first
        found = observe(after, where, [start, *modules])
        shown = "\n".join(f"# {p}\n{t}" for p, t in after.items())
        if "REG" in found and not STAY.startswith(start):  # a neighbour that is imported first registers last
            assert sorted(found.pop("REG")) == sorted(wanted["REG"]), shown
        assert found == {name: value for name, value in wanted.items() if name in found}, shown
    again, second = move(after, *[])
    assert again == after and not second.findings


LAX = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=60, deadline=None, suppress_health_check=LAX)
@given(cases())
def test_any_grouping_keeps_behaviour_or_is_refused(case: Case) -> None:
    check(case)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=LAX)
@given(cases())
def test_many_groupings(case: Case) -> None:
    check(case)


@pytest.mark.slow
def test_most_groupings_without_an_obstacle_succeed() -> None:
    free = COUNT["done"] + COUNT["refused"]
    if free < 100:
        pytest.skip("run together with test_many_groupings")
    share = COUNT["done"] / free
    sys.stderr.write(f"{COUNT['done']} of {free} groupings without an obstacle: {share:.0%}\n")
    assert share >= 0.8


def test_refusals_are_named() -> None:
    files = {
        "app/__init__.py": "",
        "app/big.py": "class A:\n    pass\n\n\nclass B(A):\n    pass\n\n\nclass C(B):\n    pass\n",
    }
    _, result = move(files, ("app.big", "B", "app.one"))
    assert codes(result) == ["split-cycle"]


@settings(max_examples=40, deadline=None, suppress_health_check=LAX)
@given(cases())
def test_what_was_divided_can_be_united(case: Case) -> None:
    beside = {name: "app.one" if home != STAY else STAY for name, home in case.homes.items()}
    rows = [(STAY, name, home) for name, home in beside.items() if home != STAY]
    apart, result = move(case.files, *rows)
    if result.blocked or not rows:
        return
    whole, done = unite(apart, STAY, STAY, "app.one")
    assert not codes(done) or set(codes(done)) <= {"split-order"}, done.findings
    if not done.blocked:
        assert "app/one.py" not in whole
        where = {name: (STAY, name) for name in case.homes}
        wanted = observe(case.files, where, [STAY])
        found = observe(whole, where, [STAY])
        shown = "\n".join(f"# {p}\n{t}" for p, t in whole.items())
        assert sorted(found.pop("REG", [])) == sorted(wanted.pop("REG", [])), shown  # type: ignore[call-overload]
        assert found == wanted, shown

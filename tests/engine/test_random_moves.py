"""Random packages under random moves: the program prints what it printed before, or the phase is refused."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from codemod.base import names
from codemod.engine.phase import compute
from codemod.plan.model import Move, Pair, Phase, Plan
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

PACKAGES = ("app", "app.core", "app.core.deep", "app.util", "lib", "lib.a")
LEAVES = ("user", "order", "text", "base", "item", "users", "conf", "note", "kind")
Known = list[tuple[str, list[str]]]


class Program:
    """A program of modules that import each other in every way, each with a `probe` that reads what it imported."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.files: dict[str, str] = {}
        self.modules: list[str] = []
        self.done: Known = []
        for package in PACKAGES:
            self.files[path_of(package, True)] = rng.choice(["", '"""A package."""\n'])
        wanted = [names.join(p, leaf) for p in (*PACKAGES, "") for leaf in rng.sample(LEAVES, rng.randint(1, 3))]
        rng.shuffle(wanted)
        for number, module in enumerate(wanted):
            self.write(module, number)
        for package in PACKAGES:
            self.offer(package)
        probes = "".join(f"import {m} as p{n}\nout.append(p{n}.probe())\n" for n, m in enumerate(self.modules))
        self.files["main.py"] = f"out = []\n{probes}print(out)\n"

    def write(self, module: str, number: int) -> None:
        """One module with a constant, a function, imports of earlier modules, and what it sees through them."""
        rng, package = self.rng, names.parent(module)
        head: list[str] = []
        seen: list[str] = []
        lazy: list[str] = []
        bound: set[str] = set()
        for target, offered in rng.sample(self.done, min(len(self.done), rng.randint(0, 5))):
            name = rng.choice(offered)
            line, expression, local = self.imported(package, target, name, len(head), lazy)
            if local and local not in bound:
                bound.add(local)
                head.append(line)
                seen.append(expression)
            elif not local:
                head.append(line)
                seen.append(expression)
        if rng.random() < 0.3:
            lazy.append('def shadow(user, order=1, app="p"):\n    return [user for user in (user, app)] + [order]\n')
            seen.append("shadow(1)")
        value, function = f"V{number}", f"F{number}"
        reads = ", ".join(f"str({e}() if callable({e}) else {e})" for e in seen)
        self.files[path_of(module)] = (
            "\n".join(filter(None, head)) + f'\n{value} = "{number}"\n\n\ndef {function}():\n    return {value}\n\n\n'
            + "\n\n".join(lazy) + f"\n\ndef probe():\n    return [{reads}]\n"
        )  # fmt: skip
        self.modules.append(module)
        self.done.append((module, [value, function]))

    def imported(self, package: str, target: str, name: str, at: int, lazy: list[str]) -> tuple[str, str, str]:
        """(import lines, expression that reads `name`, the local name that must be free)."""
        above, last = names.parent(target), names.last(target)
        near, near_above = names.relative(package, target), names.relative(package, above) if above else None
        form = self.rng.randint(0, 13)
        if form == 0:
            return f"import {target} as m{at}", f"m{at}.{name}", f"m{at}"
        if form == 1 and above:
            return f"from {above} import {last}", f"{last}.{name}", last
        if form == 2 and above:
            return f"from {above} import {last} as k{at}", f"k{at}.{name}", f"k{at}"
        if form == 3:
            return f"from {target} import {name}", name, name
        if form == 4:
            return f"from {target} import {name} as z{at}", f"z{at}", f"z{at}"
        if form == 5:
            return "import importlib", f'importlib.import_module("{target}").{name}', ""
        if form == 6 and near and near.strip("."):
            return f"from {near} import {name}", name, name
        if form == 7 and near_above:
            return f"from {near_above} import {last}", f"{last}.{name}", last
        if form == 8:
            body = self.rng.choice(
                [f"import {target}\n    return {target}.{name}", f"from {target} import {name} as q\n    return q"]
            )
            lazy.append(f"def lazy{at}():\n    {body}\n")
            return "", f"lazy{at}()", f"lazy{at}"
        if form == 9 and "." in above:
            head = f"import {target}\nfrom {names.parent(above)} import {names.last(above)}"
            return head, f"{names.last(above)}.{last}.{name}", names.last(above)
        if form == 10 and above:
            return f"import {target}\nimport {above} as a{at}", f"a{at}.{last}.{name}", f"a{at}"
        if form == 11:
            head = f"try:\n    import nothing_{at} as e{at}\nexcept ImportError:\n    import {target} as e{at}"
            return head, f"e{at}.{name}", f"e{at}"
        if form == 12 and name.startswith("V"):
            return f"import {target}, os", f'f"{{{target}.{name}}}"', ""
        if form == 13 and name.startswith("V"):
            return (
                f"class C{at}:\n    from {target} import {name}\n    import {target} as inner",
                f"C{at}.inner.{name}",
                f"C{at}",
            )
        return f"import {target}", f"{target}.{name}", ""

    def offer(self, package: str) -> None:
        """Sometimes a package re-exports something of its own."""
        inner = [(n, m) for n, m in enumerate(self.modules) if names.parent(m) == package]
        if inner and self.rng.random() < 0.25:
            number, module = self.rng.choice(inner)
            last = names.last(module)
            self.files[path_of(package, True)] += self.rng.choice(
                [
                    f"from .{last} import V{number}\n",
                    f"from . import {last}\n",
                    f'from {module} import V{number} as V{number}, F{number}\n\n__all__ = ["V{number}", "F{number}"]\n',
                    f"import {module}\n",
                ]
            )

    def moves(self) -> dict[str, str]:
        """One to six modules, perhaps a package, to new names; sometimes two change places."""
        rng = self.rng
        sources = rng.sample(self.modules, min(len(self.modules), rng.choice([1, 2, 3, 3, 6])))
        if len(sources) > 1 and rng.random() < 0.15:
            return {sources[0]: sources[1], sources[1]: sources[0]}
        found = {}
        for source in sources:
            last, above = names.last(source), names.parent(source)
            targets = [
                f"app.new.{last}",
                f"lib.{last}2",
                f"{source}.inner",
                f"fresh.{last}",
                f"app.core.{last}",
                f"top_{last}",
                f"fresh.{source.replace('.', '_')}.main",  # the same last name for several
                f"app.box.{last}{rng.randint(1, 99)}.main",
                f"other{rng.randint(1, 99)}.{rng.choice(LEAVES)}",
            ]
            found[source] = rng.choice([*targets, names.join(above, "renamed_" + last)])
        if rng.random() < 0.3:
            package = rng.choice(PACKAGES[1:4])
            found[package] = rng.choice(["app.boxed", "moved", f"lib.sub.{names.last(package)}"])
        return {old: new for old, new in found.items() if old != new}


def path_of(module: str, package: bool = False) -> str:
    return module.replace(".", "/") + ("/__init__.py" if package else ".py")


def outcome(files: dict[str, bytes], folder: Path) -> tuple[int, str]:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    command = [sys.executable, "-B", "-W", "ignore", "main.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout or done.stderr


def verdict(seed: int, folder: Path) -> str:
    program = Program(random.Random(seed))
    moves = program.moves()
    files = {path: text.encode() for path, text in program.files.items()}
    code, printed = outcome(files, folder / "before")
    if code:
        return "no program"  # the generator made one that does not run
    plan = Plan("random", (Phase("p", (Move(tuple(Pair(a, b) for a, b in moves.items())),)),), source_roots=(".",))
    result = compute(plan, plan.phases[0], Inventory(Tree.of(files), (".",)), landed=False)
    if result.refused:
        return "refused"
    after = {path: result.after.read(path) for path in result.after}
    assert outcome(after, folder / "after") == (0, printed), f"seed {seed}: {moves}"
    return "same"


def tally(seeds: range, folder: Path) -> Counter[str]:
    return Counter(verdict(seed, folder / str(seed)) for seed in seeds)


def test_a_sample_behaves_as_before(tmp_path: Path) -> None:
    counts = tally(range(40), tmp_path)
    assert counts["same"] >= 25, counts


@pytest.mark.slow
def test_many_behave_as_before(tmp_path: Path) -> None:
    counts = tally(range(1000, 1600), tmp_path)
    print(counts)  # noqa: T201 - the share is what the run is for
    assert counts["same"] >= 0.8 * (counts["same"] + counts["refused"]), counts

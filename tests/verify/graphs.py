"""Small random packages whose modules import one another, and what Python itself says when each is imported."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

LAYOUTS = (
    ("r", "r.a", "r.b", "r.c"),
    ("r", "r.p", "r.p.a", "r.p.b", "r.c"),
    ("r", "r.p", "r.p.a", "r.q", "r.q.b", "m"),
    ("r", "r.p", "r.p.a", "r.p.b", "r.p.s", "r.p.s.d", "m", "n"),
)


ODD = (13, 14, 15)  # rely on what somebody else imported, rename modules by assignment, hide a module by a value


class Graph:
    """One random graph: module name -> source lines."""

    def __init__(self, seed: int, tame: bool = False) -> None:
        self.random = random.Random(seed)
        self.kinds = [kind for kind in range(22) if not tame or kind not in ODD]
        self.modules = list(self.random.choice(LAYOUTS))
        self.packages = {name for name in self.modules if any(other.startswith(name + ".") for other in self.modules)}
        self.names: dict[str, list[str]] = {name: [f"K_{name.replace('.', '_')}"] for name in self.modules}
        self.lazy: set[str] = set()
        self.lines = {name: self.module(name) for name in self.modules}

    def path(self, name: str) -> str:
        inner = name.replace(".", "/")
        return f"{inner}/__init__.py" if name in self.packages else f"{inner}.py"

    def files(self) -> dict[str, bytes]:
        return {self.path(name): "\n".join([*lines, ""]).encode() for name, lines in self.lines.items()}

    def module(self, name: str) -> list[str]:
        choose = self.random
        lines: list[str] = []
        if choose.random() < 0.1:
            lines.append("from __future__ import annotations")
        own = f"K_{name.replace('.', '_')}"
        body = [self.statement(name) for _ in range(choose.choice((0, 1, 1, 2, 2, 3)))]
        body.insert(choose.randint(0, len(body)), [f"class {own}: X = 1"])
        if choose.random() < 0.1:
            body.insert(choose.randint(0, len(body)), [f"__all__ = ['{own}']"])
        if choose.random() < 0.07 and name not in self.packages:
            self.lazy.add(name)
            body.insert(
                choose.randint(0, len(body)),
                ["def __getattr__(name):", "    if name[:2] == '__': raise AttributeError(name)", "    return 1"],
            )
        for part in body:
            lines += part
        return lines

    def other(self, name: str) -> str:
        return self.random.choice([m for m in self.modules if m != name])

    def statement(self, name: str) -> list[str]:
        choose = self.random
        target = self.other(name)
        kind = choose.choice(self.kinds)
        if kind > 13:
            return self.rarer(name, target, kind)
        if kind <= 1:
            return [f"import {target}"]
        if kind == 2:
            return [f"import {target} as x_{target.replace('.', '_')}"]
        if kind <= 4 and "." in target:
            above, _, last = target.rpartition(".")
            return [f"from {self.spell(name, above)} import {last}"]
        if kind <= 7:
            return [self.symbol(name, target)]
        if kind == 8:
            return [f"from {self.spell(name, target)} import *"]
        if kind == 9:
            return ["try:", "    " + self.symbol(name, target, binds=False), "except ImportError:", "    FALL = 1"]
        if kind == 10:
            return [f"import {target}", self.use(target)]
        if kind == 11:
            alias = f"x_{target.replace('.', '_')}"
            return [f"import {target} as {alias}", f"def f(a={alias}.{self.names[target][0]}): pass"]
        if kind == 12:
            inner, outer = self.symbol(name, target, binds=False), self.symbol(name, self.other(name), binds=False)
            return ["def later():", "    " + inner, "class C_in:", "    " + outer]
        top = target.partition(".")[0]
        return [f"import {top}", f"def g(a: {target}.{self.names[target][0]}): pass"]

    def rarer(self, name: str, target: str, kind: int) -> list[str]:
        choose = self.random
        alias = f"y_{target.replace('.', '_')}"
        if kind == 14:
            above = target.rpartition(".")[0] or target
            return [
                f"import {above}",
                f"{alias} = {above}",
                f"V = {alias}{target[len(above) :]}.{self.names[target][0]}",
            ]
        if kind == 15 and name in self.packages:  # a value hides a submodule
            leaves = [m for m in self.modules if m.rpartition(".")[0] == name and m not in self.packages]
            child = choose.choice(leaves or [name + ".none"])
            last = child.rpartition(".")[2]
            values = "; ".join(f"{n} = int" for n in sorted({"X", *self.names.get(child, ())}))
            return [f"class {last}: {values}"]
        if kind == 16 and name in self.packages:
            children = [m.rpartition(".")[2] for m in self.modules if m.rpartition(".")[0] == name]
            return [f"__all__ = {[*children[:1], self.names[name][0]]!r}"]
        if kind == 17:
            caught = choose.choice(("AttributeError", "(ImportError, NameError)", "Exception", "KeyError"))
            handler = choose.choice(("    FALL = 2", "    raise", "    from os import path"))
            tail = choose.choice(
                ([], ["else:", f"    import {self.other(name)}"], ["finally:", f"    import {self.other(name)}"])
            )
            inner = choose.choice(
                (
                    "    " + self.symbol(name, target, binds=False),
                    f"    import {target}; {target}.{self.names[target][0]}",
                )
            )
            return ["try:", inner, f"except {caught}:", handler, *tail]
        if kind == 18:
            return [f"from {self.spell(name, target)} import *", f"class E({self.names[target][0]}): pass"]
        if kind == 19:
            return [
                "import importlib, contextlib",
                "with contextlib.suppress(ImportError):",
                f"    importlib.import_module('{target}')",
            ]
        if kind == 21:  # what is not installed, and what stands in for it
            absent = "import nothing_here as x_absent"
            stands_in = [self.symbol(name, target, binds=False), f"import {target} as x_absent"]
            return ["try:", f"    {absent}", "except ImportError:", "    " + choose.choice(stands_in)]
        return [
            "class Inner:",
            f"    import {target} as t",
            f"    v = t.{self.names[target][0]}",
            f"    def m(self, a=t.{self.names[target][0]}): pass",
        ]

    def spell(self, name: str, target: str) -> str:
        """The module `target` in a `from` of `name`, sometimes relative."""
        package = name if name in self.packages else name.rpartition(".")[0]
        if not package or target.partition(".")[0] != package.partition(".")[0] or self.random.random() < 0.6:
            return target
        dots, base = ".", package
        while base and target != base and not target.startswith(base + "."):
            dots, base = dots + ".", base.rpartition(".")[0]
        return dots + target[len(base) + 1 :]

    def symbol(self, name: str, target: str, binds: bool = True) -> str:
        """An import of a name that the target has when it is complete; the importer has it then, too."""
        wanted = self.random.choice(self.names[target])
        if binds:
            self.names[name].append(wanted)
        return f"from {self.spell(name, target)} import {wanted}"

    def use(self, target: str) -> str:
        chain = f"{target}.{self.random.choice(self.names[target])}"
        uses = (
            f"V = {chain}",
            f"class D({chain}): pass",
            f"V = [{chain} for _ in (1,)]",
            f"@dict(k={chain}).get\ndef h(): pass",
            f"V: {chain} = 1",
            f"print({chain}, end='')",
            f"V = False and {chain}",
            f"V = 1 if True else {chain}",
        )
        return self.random.choice(uses)


_RUNNER = r"""
import json, os, sys
root = os.path.realpath(sys.argv[1])
for line in sys.stdin:
    folder, start = json.loads(line)
    folder = os.path.realpath(os.path.join(root, folder))
    read, write = os.pipe()
    child = os.fork()
    if not child:
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        sys.stdout = open(os.devnull, "w")
        verdict = ["ok", "", 0]
        try:
            __import__(start)
        except BaseException as error:
            at = error.__traceback__
            last = None
            while at is not None:
                name = at.tb_frame.f_code.co_filename
                if name.startswith(folder):
                    last = (os.path.relpath(name, folder), at.tb_lineno)
                at = at.tb_next
            verdict = [type(error).__name__, *(last or ("", 0))]
        os.write(write, json.dumps(verdict).encode())
        os._exit(0)
    os.close(write)
    data = b""
    while part := os.read(read, 65536):
        data += part
    os.close(read)
    os.waitpid(child, 0)
    sys.__stdout__.write(data.decode() + "\n")
"""


def python_says(root: Path, asked: list[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """What happens when Python imports each (folder below `root`, module): (exception name or ok, file, line)."""
    lines = "".join(json.dumps(each) + "\n" for each in asked)
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", _RUNNER, str(root)], input=lines, capture_output=True, text=True, check=True
    )
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Put the files on the disk."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

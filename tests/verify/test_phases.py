"""Whole phases on random packages: what Python can import before, it can import after, or the phase said so."""

from __future__ import annotations

import os
import random
from pathlib import Path

from codemod.engine.phase import compute
from codemod.plan.model import Barrel, Move, Pair, Phase, Plan, Settings
from codemod.rewrite.outcome import Outcome
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree
from tests.verify.graphs import Graph, python_says, write_files

CASES = int(os.environ.get("CODEMOD_PHASE_CASES", "40"))


def moves(choose: random.Random, graph: Graph) -> list[Pair]:
    """One to three modules or packages, each to a place that is free."""
    pairs: list[Pair] = []
    taken = set(graph.modules)
    movable = [name for name in graph.modules if name != "r"]
    for source in choose.sample(movable, min(len(movable), choose.choice((1, 1, 2, 3)))):
        home = choose.choice(["r.new", "r.p", "r.new.deep", "z", "r", ""])
        target = f"{home}.{choose.choice([source.rpartition('.')[2], 'q'])}".lstrip(".")
        others = [name for pair in pairs for name in (pair.source, pair.target)]
        if target in taken or (home in graph.modules and home not in graph.packages):
            continue
        if any(
            f"{a}.".startswith(f"{b}.")
            for a in (source, target)
            for b in (*others, source)
            if (a, b) != (source, source)
        ):
            continue
        if any(f"{other}.".startswith(f"{source}.") for other in others):
            continue
        taken.add(target)
        pairs.append(Pair(source, target))
    return pairs


def phase_of(seed: int, graph: Graph) -> Phase | None:
    choose = random.Random(seed * 13 + 5)
    pairs = moves(choose, graph)
    if not pairs:
        return None
    operations: list[Move | Barrel] = [Move(tuple(pairs))]
    package = pairs[0].target.rpartition(".")[0]
    if package and package not in graph.packages and choose.random() < 0.3:
        operations.append(Barrel(package))
    return Phase("p", tuple(operations), settings=Settings(imports=choose.choice(("direct", "direct", "facade"))))


def renamed(phase: Phase, name: str) -> str:
    for pair in (pair for operation in phase.do if isinstance(operation, Move) for pair in operation.pairs):
        if name == pair.source or name.startswith(pair.source + "."):
            return pair.target + name[len(pair.source) :]
    return name


def test_what_could_be_imported_can_be_imported(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []
    done: list[tuple[int, Graph, Phase, Outcome]] = []
    for seed in range(CASES):
        graph = Graph(seed, tame=True)
        phase = phase_of(seed, graph)
        if phase is None:
            continue
        files = graph.files()
        outcome = compute(Plan("n", (phase,)), phase, Inventory(Tree.of(files), ["."]), landed=False)
        write_files(tmp_path / f"{seed}b", files)
        write_files(tmp_path / f"{seed}a", {path: outcome.after.read(path) for path in outcome.after})
        done.append((seed, graph, phase, outcome))
        asked += [(f"{seed}b", name) for name in graph.modules]
        asked += [(f"{seed}a", renamed(phase, name)) for name in graph.modules]
    said = dict(zip(asked, python_says(tmp_path, asked), strict=True))
    for seed, graph, phase, outcome in done:
        told = outcome.refused or any(finding.code == "import-cycle" for finding in outcome.findings)
        for name in graph.modules:
            worked = said[f"{seed}b", name][0] == "ok"
            works = said.get((f"{seed}a", renamed(phase, name)), ("",))[0] == "ok"
            assert told or works or not worked, (seed, name, said[f"{seed}a", renamed(phase, name)])
    refused = sum(outcome.refused for _, _, _, outcome in done)
    assert refused < len(done) * 0.2

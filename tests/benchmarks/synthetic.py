"""A synthetic repository of a given number of modules, the same for the same number."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

LAYERS = ("models", "services", "api", "storage", "tasks")
NOUNS = (
    "order",
    "invoice",
    "account",
    "ledger",
    "stock",
    "route",
    "price",
    "label",
    "batch",
    "token",
    "audit",
    "quota",
)
PER_PACKAGE = 12
PER_DOMAIN = PER_PACKAGE * len(LAYERS)


@dataclass(frozen=True, slots=True)
class Unit:
    """A module to write: its dotted name, its number in import order, the names that it defines."""

    name: str
    number: int

    @property
    def word(self) -> str:
        """The stem of its definitions."""
        return "".join(part.capitalize() for part in self.name.rpartition(".")[2].split("_"))


def units(count: int) -> list[Unit]:
    """`count` modules: `shop.<domain>.<layer>.<noun>_<n>`; a module imports only those with a lower number."""
    found = []
    for number in range(count):
        domain, within = divmod(number, PER_DOMAIN)
        layer, place = divmod(within, PER_PACKAGE)
        found.append(Unit(f"shop.d{domain:03}.{LAYERS[layer]}.{NOUNS[place]}_{number}", number))
    return found


def imports(unit: Unit, everything: list[Unit], chance: random.Random) -> list[tuple[str, Unit]]:
    """Statements and what they bind: absolute ones to popular and to random modules, relative ones to neighbours."""
    if unit.number == 0:
        return []
    picked: dict[int, Unit] = {}
    for _ in range(chance.randint(2, 5)):  # popular modules come early: the distribution leans to low numbers
        picked[int(unit.number * chance.random() ** 3)] = everything[int(unit.number * chance.random() ** 3)]
    statements = []
    for other in sorted(set(picked.values()), key=lambda found: found.number):
        package, _, last = other.name.rpartition(".")
        style = chance.random()
        if style < 0.65:
            statements.append((f"from {other.name} import {other.word}", other))
        elif style < 0.85:
            statements.append((f"from {package} import {last}", other))
        else:
            statements.append((f"import {other.name}", other))
    for other in everything[max(0, unit.number - chance.randint(0, 3)) : unit.number]:
        if other not in picked.values():
            statements.append((relative(unit, other), other))
    return statements


def relative(unit: Unit, other: Unit) -> str:
    """The import of a neighbour, relative where both share a domain."""
    here, there = unit.name.split("."), other.name.split(".")
    if here[:3] == there[:3]:
        return f"from .{there[3]} import {other.word}"
    if here[:2] == there[:2]:
        return f"from ..{there[2]} import {there[3]}"
    return f"from {other.name} import {other.word}"


def uses(statement: str, other: Unit) -> str:
    """An expression that reaches the other module's class through what the statement bound."""
    if statement.startswith("import "):
        return f"{other.name}.{other.word}"
    bound = statement.rpartition(" ")[2]
    return bound if bound == other.word else f"{bound}.{other.word}"


def text(unit: Unit, everything: list[Unit]) -> str:
    """The module's source: docstring, imports, a class that uses them, functions with bodies."""
    chance = random.Random(unit.number)
    found = imports(unit, everything, chance)
    stem = unit.name.rpartition(".")[2]
    lines = [
        f'"""{unit.word}: one part of the shop."""',
        "",
        "from __future__ import annotations",
        "",
        "import json",
        "",
    ]
    lines += [statement for statement, _ in found]
    lines += [
        "",
        "",
        f"class {unit.word}:",
        f'    """Keeps one {stem}."""',
        "",
        "    def __init__(self, amount: int = 0):",
    ]
    lines += ["        self.amount = amount", "        self.seen: dict[str, int] = {}", ""]
    for place, (statement, other) in enumerate(found):
        reached = uses(statement, other)
        lines += [f"    def with_{place}(self) -> {reached}:", f"        return {reached}(self.amount + {place})", ""]
    for place in range(chance.randint(3, 7)):
        lines += ["", f"def {stem}_step_{place}(values: list[int], limit: int = {place + 3}) -> str:"]
        lines += ["    total, kept = 0, []", "    for position, value in enumerate(values):"]
        lines += ["        if value % limit == 0:", "            kept.append((position, value))"]
        lines += ["            total += value", "        elif value < 0:", "            total -= position", ""]
        lines += [
            f'    report = {{"name": "{stem}", "total": total, "kept": kept}}',
            "    return json.dumps(report)",
            "",
        ]
    return "\n".join(lines)


def write(top: Path, count: int) -> None:
    """Write the repository's files below `top`."""
    everything = units(count)
    for unit in everything:
        path = top / (unit.name.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        for package in (path.parent, path.parent.parent, path.parent.parent.parent):
            (package / "__init__.py").touch()
        path.write_text(text(unit, everything), encoding="utf-8")
    write_documents(top, count)


def write_documents(top: Path, count: int) -> None:
    """What else such a repository holds, a file for every ten modules: documents, settings, notebooks, deployments."""
    everything = units(count)
    files: dict[str, str] = {}
    for start in range(0, count, PER_DOMAIN):
        domain, found = f"d{start // PER_DOMAIN:03}", everything[start : start + PER_DOMAIN]
        files[f"docs/guide/{domain}.md"] = _guide(domain, found)
        files[f"docs/api/{domain}.rst"] = "".join(
            f"{unit.word}\n{'=' * len(unit.word)}\n\n.. automodule:: {unit.name}\n   :members:\n\n" for unit in found
        )
        files[f"notebooks/{domain}.ipynb"] = _notebook(found)
        files[f"deploy/{domain}.yaml"] = "".join(
            f"- name: {unit.word}\n  image: shop/{domain}\n  args: [python, -m, {unit.name}]\n" for unit in found[::6]
        )
        files[f"deploy/{domain}.Dockerfile"] = (
            f"FROM python:3.11\nWORKDIR /srv\nCOPY shop/{domain} /srv/shop/{domain}\n"
            f'ENV PYTHONPATH=/srv\nCMD ["python", "-m", "{found[0].name}"]\n'
        )
        files[f"scripts/{domain}.sh"] = f"#!/bin/sh\nset -e\npython -m {found[0].name}\nruff check shop/{domain}\n"
    listed = "".join(f'{unit.word.lower()} = "{unit.name}:{unit.word}"\n' for unit in everything[::50])
    files["pyproject.toml"] = f'[project]\nname = "shop"\nversion = "1"\n\n[project.scripts]\n{listed}'
    files["tox.ini"] = "[pytest]\naddopts = --cov=shop\n\n[coverage:run]\nomit = shop/d000/*\n"
    files["CODEOWNERS"] = "".join(
        f"/{unit.name.replace('.', '/')}.py @shop/{unit.number % 7}\n" for unit in everything[::20]
    )
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _guide(domain: str, found: list[Unit]) -> str:
    """A guide of some pages: prose, code spans, links, blocks of code."""
    lines = [f"# {domain}", "", "Orders come in, are priced, packed and sent. " * 20, ""]
    for unit in found[::3]:
        path = unit.name.replace(".", "/") + ".py"
        lines += [
            f"## {unit.word}",
            "",
            f"`{unit.name}` keeps one, see [the source](../../{path}). " + "It is like the others. " * 30,
        ]
        lines += ["", "```python", f"from {unit.name} import {unit.word}", f"{unit.word}(1)", "```", ""]
    return "\n".join(lines)


def _notebook(found: list[Unit]) -> str:
    """A notebook with outputs."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": number,
            "id": f"c{number}",
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["1 2 3\n"] * 20}],
            "source": [f"from {unit.name} import {unit.word}\n", f"{unit.word}({number})"],
        }
        for number, unit in enumerate(found[::10])
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def moves(count: int) -> dict[str, str]:
    """Twenty modules of the whole range, popular and remote ones, to packages that are not there yet."""
    everything = units(count)
    step = count // 20
    picked = [everything[2 + place * step] for place in range(20)]
    return {unit.name: f"shop.moved{place % 4}.{unit.name.rpartition('.')[2]}" for place, unit in enumerate(picked)}


CATALOG = "shop.catalog"
GROUPS = ("products", "prices", "stock", "bundles", "reviews", "search", "media", "imports", "exports", "reports")
PER_GROUP = 16


def names_of(group: str) -> list[str]:
    """The classes of one group of the catalog."""
    return [f"{group.capitalize()}{number}" for number in range(PER_GROUP)]


def catalog() -> str:
    """A module of 3,000 lines: ten groups of classes that use each other, those of later groups also earlier ones."""
    lines = ['"""The catalog: everything about what is sold."""', "", "from __future__ import annotations", ""]
    lines += ["import json", "import logging", "", "log = logging.getLogger(__name__)", ""]
    for place, group in enumerate(GROUPS):
        lines += ["", f"# --- {group} ---", ""]
        for number, name in enumerate(names_of(group)):
            base = f"{group.capitalize()}{number - 1}" if number % 4 else "object"
            other = f"{GROUPS[place - 1].capitalize()}{number}" if place and number % 3 == 0 else name
            lines += ["", f"class {name}({base}):", f'    """One of the {group}."""', ""]
            for method in range(3):
                lines += [f"    def step_{method}(self, values: list[int]) -> str:"]
                lines += [f'        log.info("step %s of {name}", {method})', f"        found = [{other}, len(values)]"]
                lines += ['        return json.dumps({"kept": str(found)})', ""]
    return "\n".join(lines)


def write_catalog(top: Path, count: int, importers: int = 200) -> None:
    """The repository of `count` modules, with a catalog that `importers` modules import names from."""
    write(top, count)
    (top / "shop" / "catalog.py").write_text(catalog(), encoding="utf-8")
    every = [name for group in GROUPS for name in names_of(group)]
    chance = random.Random(count)
    for unit in units(count)[:: count // importers][:importers]:
        path = top / (unit.name.replace(".", "/") + ".py")
        first, second, third = chance.sample(every, 3)
        used = f"KEPT = [{first}, {second}, {third}]\n"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("import json\n", f"import json\nfrom {CATALOG} import {first}, {second}, {third}\n", 1) + used,
            encoding="utf-8",
        )


def split() -> str:
    """The operation that makes the catalog a package of a module a group."""
    parts = "".join(f"          {CATALOG}.{group}: [{', '.join(names_of(group))}]\n" for group in GROUPS)
    return f"      - split: {CATALOG}\n        into:\n{parts}"

"""Proposes how to divide a module: what belongs together, what would cross, and a `split` that has been tried."""

from __future__ import annotations

import ast
import keyword
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

from codemod.analysis.grouping import STAYS, Atom, Crossing, Group, Hints, group, slug, untangled, with_topics
from codemod.base import names
from codemod.base.findings import Finding
from codemod.plan.model import Selector, Split
from codemod.source.inventory import Inventory
from codemod.source.modules import Module

from .motion import carry_out
from .motion_anatomy import Anatomy, Piece
from .motion_imports import Imports
from .motion_reads import BUILTINS, Read, Reads
from .registrars import Routes, kind_of, uses_of
from .select import Chooser
from .split import select

_SPECIAL = frozenset({"on", "off", "yes", "no", "y", "n", "true", "false", "null", "rest"})


def hints(inventory: Inventory, module: Module) -> Hints:
    """A proposal for a module that can be read (Unparsable or Undecodable otherwise)."""
    anatomy = Anatomy.of(inventory, module)
    return _Draft(inventory, anatomy, Chooser(anatomy, Imports(anatomy, inventory))).hints()


class _Draft:
    def __init__(self, inventory: Inventory, anatomy: Anatomy, chooser: Chooser) -> None:
        self.inventory = inventory
        self.anatomy = anatomy
        self.chooser = chooser
        self.reads = Reads(anatomy)
        self.registrars = [n for n in chooser.names if kind_of(inventory, anatomy, n) is not None]
        self.atoms = self._atoms()
        self.atom_of = {name: number for number, atom in enumerate(self.atoms) for name in atom.names}

    def hints(self) -> Hints:
        atoms = with_topics(self.atoms, self._topics())
        needs = [(one, two) for one, two, read in self._pairs() if read.when == "now"]
        needs += self._with_what_stays()
        used: dict[int, Counter[int]] = {}
        for one, two, _ in self._pairs():
            used.setdefault(one, Counter())[two] += 1
        topics = untangled(group(atoms, used), needs)
        topics = topics if len(set(topics.values())) > 1 or len(topics) < len(atoms) else {}
        stays = [n for n in self.chooser.names if self.atom_of.get(n) not in topics]
        replicated = [n for n in self.registrars if self._declaring(n, topics)]
        refused = None
        for taken in (
            {*stays, *self.chooser.names},
            set(self.anatomy.scopes.module.bindings),
        ):  # imports may stay, or leave with their users
            titles = self._titles(topics, taken)
            groups = tuple(self._group(topics, topic, title) for topic, title in titles.items())
            operation = self._split(groups, replicated)
            refused = self._refusal(operation) if groups else None
            if refused is None:
                break
        module = self.anatomy.module
        told = {number: titles[topic] for number, topic in topics.items()}
        return Hints(
            module.name, module.path, len(self.anatomy.text.starts) - 1, groups,
            tuple(stays), tuple(self._crossings(told)), "".join(_plan(operation)) if groups else "", refused,
        )  # fmt: skip

    # -- what cannot part

    def _atoms(self) -> list[Atom]:
        """The definitions, those that have to stay together as one."""
        movable = {
            n: ps for n, ps in self.chooser.names.items() if all(self.chooser.names.keys() >= p.binds for p in ps)
        }
        parent = {name: name for name in movable if name not in self.registrars}

        def root(name: str) -> str:
            while parent[name] != name:
                name = parent[name]
            return name

        for bundle in self._bundles():
            first, *others = [name for name in bundle if name in parent] or [""]
            for other in others:
                parent[root(other)] = root(first)
        found: dict[str, list[str]] = {}
        for name in parent:
            found.setdefault(root(name), []).append(name)
        return [Atom(tuple(bundle), sum(self._lines(p) for p in self._pieces(bundle))) for bundle in found.values()]

    def _bundles(self) -> Iterator[list[str]]:
        for pieces in self.chooser.names.values():
            for piece in pieces:
                yield sorted(piece.binds)
        for name, _, piece in self.reads.rebound():
            yield [name, *sorted(piece.binds), *(n for r in self.reads.by_name.get(name, ()) for n in r.piece.binds)]
        for piece in self.anatomy.pieces:
            if piece.is_effect:
                yield sorted(self.reads.changed_by(piece))
            yield from self._aliases(piece)
            for node in piece.nodes:  # `@f.register(int)`, where f is a function of this module
                for decorator in getattr(node, "decorator_list", []):
                    called = decorator.func if isinstance(decorator, ast.Call) else decorator
                    owner = called.value if isinstance(called, ast.Attribute) else None
                    if isinstance(owner, ast.Name) and self._is_function(owner.id):
                        yield [owner.id, *sorted(piece.binds)]

    def _aliases(self, piece: Piece) -> Iterator[list[str]]:
        """`URL = Url` belongs to what it is another name of."""
        for node in piece.nodes:
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            if isinstance(value, ast.Name) and value.id in self.chooser.names:
                yield [value.id, *sorted(piece.binds)]

    def _is_function(self, name: str) -> bool:
        return any(b.kind == "def" for b in self.anatomy.scopes.module.bindings.get(name, ()))

    def _pieces(self, bundle: Sequence[str]) -> list[Piece]:
        return list({p.number: p for name in bundle for p in self.chooser.names[name]}.values())

    def _lines(self, piece: Piece) -> int:
        line = self.anatomy.text.line
        return line(max(piece.end - 1, piece.start)) - line(piece.start) + 1

    # -- what the author says

    def _topics(self) -> dict[int, str]:
        """Sections if they cover most of the module, else the tags or paths of routes; else kinds of classes."""
        return self._sections() or self._routes() or self._kinds()

    def _sections(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for number, atom in enumerate(self.atoms):
            sections = {piece.section for piece in self._pieces(atom.names)}
            title = self.anatomy.sections[sections.pop()].title if len(sections) == 1 and -1 not in sections else ""
            if slug(title):
                found[number] = slug(title)
        covered = sum(self.atoms[number].lines for number in found)
        return found if len(set(found.values())) > 1 and 2 * covered > sum(a.lines for a in self.atoms) else {}

    def _routes(self) -> dict[int, str]:
        tags: dict[int, str] = {}
        paths: dict[int, str] = {}
        for route in Routes.of(self.anatomy).found:
            number = self.atom_of.get(route.name)
            if number is not None:
                parts = [part for part in route.paths[0].split("/") if part and "{" not in part]
                paths.setdefault(number, slug(parts[0]) if parts else "")
                tags.setdefault(number, slug(route.tags[0]) if route.tags else "")
        found = tags if len({*tags.values()} - {""}) > 1 else paths
        return {number: topic for number, topic in found.items() if topic} if len({*found.values()} - {""}) > 1 else {}

    def _kinds(self) -> dict[int, str]:
        """Enums and exceptions, where there are several of them among other things."""
        found: dict[int, str] = {}
        for topic, bases in (("enums", ("Enum", "IntEnum", "StrEnum", "Flag")), ("errors", ("Exception",))):
            chosen = self.chooser.matching(Selector("", bases=bases))
            numbers = {self.atom_of[name] for name in chosen if name in self.atom_of}
            if 1 < len(numbers) < len(self.atoms):
                found.update(dict.fromkeys(numbers, topic))
        return found

    # -- what comes of it

    def _pairs(self) -> Iterator[tuple[int, int, Read]]:
        """(reader, read) of atoms, with the read."""
        for number, atom in enumerate(self.atoms):
            for piece in self._pieces(atom.names):
                for read in self.reads.of(piece):
                    other = self.atom_of.get(read.name)
                    if other is not None and other != number:
                        yield number, other, read

    def _with_what_stays(self) -> Iterator[tuple[int, int]]:
        """(reader, read) on import, where one of the two is code that no group can have."""
        for piece in self.anatomy.pieces:
            own = {self.atom_of[name] for name in piece.binds if name in self.atom_of}
            read = {r.name for r in self.reads.of(piece) if r.when == "now"}
            atoms = {self.atom_of[name] for name in read if name in self.atom_of}
            if own and any(name not in self.atom_of and self.anatomy.definers(name) for name in read):
                yield from ((number, STAYS) for number in own)
            if not own and not piece.is_import and not (piece.is_effect and len(atoms) < 2):
                yield from ((STAYS, number) for number in atoms)

    def _titles(self, topics: Mapping[int, str], taken: set[str]) -> dict[str, str]:
        """Topic -> name of the module, in order; a name that is taken gets another ending."""
        found: dict[str, str] = {}
        for topic in dict.fromkeys(topics[number] for number in sorted(topics)):
            plural = topic if topic.endswith("s") else topic + "s"
            options = [topic, plural, f"{topic}_part", *(f"{topic}_part{number}" for number in range(2, 99))]
            unfit = {*taken, *found.values(), *keyword.kwlist, *BUILTINS}
            found[topic] = next(option for option in options if option not in unfit)
        return found

    def _group(self, topics: Mapping[int, str], topic: str, title: str) -> Group:
        atoms = [self.atoms[number] for number in sorted(topics) if topics[number] == topic]
        order = {name: place for place, name in enumerate(self.chooser.names)}
        found = sorted((name for atom in atoms for name in atom.names), key=lambda name: order[name])
        return Group(title, tuple(found), sum(atom.lines for atom in atoms))

    def _declaring(self, name: str, topics: Mapping[int, str]) -> bool:
        kind = kind_of(self.inventory, self.anatomy, name)
        declared = uses_of(self.reads, name, kind).declared if kind is not None else ()
        return any(self.atom_of.get(bound) in topics for d in declared for bound in d.piece.binds)

    def _crossings(self, told: Mapping[int, str]) -> Iterator[Crossing]:
        found: dict[tuple[str, str], dict[str, bool]] = {}
        for one, two, read in self._pairs():
            source, target = told.get(one, ""), told.get(two, "")
            if source != target and read.when != "note":
                known = found.setdefault((source, target), {})
                known[read.name] = known.get(read.name, False) or read.when == "now"
        for (source, target), read_names in sorted(found.items()):
            yield Crossing(source, target, tuple(sorted(read_names)), any(read_names.values()))

    def _split(self, groups: Sequence[Group], replicated: Sequence[str]) -> Split:
        source = self.anatomy.module.name
        into = tuple(Selector(names.join(source, one.topic), one.names) for one in groups)
        return Split(source, into, tuple(replicated), tuple(replicated))

    def _refusal(self, operation: Split) -> Finding | None:
        """Why the engine would not carry out the proposal."""
        chosen = select(operation, self.inventory)
        found = list(chosen.findings)
        if not any(finding.blocks for finding in found):
            done = carry_out(self.inventory, chosen.motions, packages=chosen.packages, replicas=chosen.replicas)
            found += done.findings
        return next((finding for finding in found if finding.blocks), None)


def _plan(operation: Split) -> Iterator[str]:
    """The operation as YAML, lines within 100 columns."""
    yield f"- split: {operation.source}\n  into:\n"
    for selector in operation.into:
        listed = ", ".join(f'"{name}"' if name.casefold() in _SPECIAL else name for name in selector.names)
        text = f"    {selector.target}: [{listed}]"
        yield fill(text, 100, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False) + "\n"
    for key, listed_names in (("replicate", operation.replicate), ("assemble", operation.assemble)):
        if listed_names:
            yield f"  {key}: [{', '.join(listed_names)}]\n"

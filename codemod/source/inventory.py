"""A tree together with its modules and, on demand, each file's facts."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass

from .facts import Alias, Facts, Import, Unparsable, facts_of
from .modules import Module, Modules, detect_roots
from .packed import packed, unpacked
from .sieve import Census, Sieve
from .text import Text, Undecodable
from .tree import Tree, blob_id

EMPTY = Facts()
FEW = 50  # files: to parse them again takes as long as to keep the facts of thousands
SIEVES = 16  # that are kept: some are a plan's own
Answer = TypeVar("Answer")
_SAME = lazy(r"(\w+)[ \t]*=[ \t]*(\w+(?:\.\w+)*)")


@dataclass(frozen=True, slots=True)
class Target:
    """What a dotted name means: a module, or a name in one (`name` empty for the module itself)."""

    module: str
    name: str = ""


class Inventory:
    """What the core knows of a tree.  What is known of a content is found once and shared between trees."""

    __slots__ = ("_answers", "_censuses", "_facts", "_sieves", "modules", "starred", "tree")

    def __init__(
        self, tree: Tree, roots: Sequence[str] = (), shared: Inventory | None = None, learned: Inventory | None = None
    ) -> None:
        """`shared` lends its source roots, and what it knows of contents; `learned` only the latter."""
        self.tree = tree
        self.starred: dict[str, tuple[str, ...]] = {}  # module -> the modules that its star imports reach, once asked
        if shared is None:
            self.modules = Modules(tree.paths, roots or detect_roots(tree.paths))
        else:
            self.modules = shared.modules.after(tree.paths)
        learned = shared or learned
        self._facts: dict[str, Facts | Unparsable | bytes] = learned._facts if learned is not None else {}
        self._sieves: dict[frozenset[bytes], Sieve] = learned._sieves if learned is not None else {}
        self._censuses: dict[frozenset[bytes], Census] = learned._censuses if learned is not None else {}
        self._answers: dict[Callable[[bytes], Any], dict[str, Any]] = learned._answers if learned is not None else {}

    def after(self, tree: Tree) -> Inventory:
        """The inventory of a later tree under the same source roots."""
        return Inventory(tree, shared=self)

    def sieve(self, words: Iterable[bytes]) -> Sieve:
        """The sieve for some words; what it has judged in one tree it knows in the others."""
        key = frozenset(words)
        if key not in self._sieves:
            self._sieves[key] = Sieve(key)
        return self._sieves[key]

    def census(self, words: Iterable[bytes]) -> Census:
        """The same for one that tells which of the words a content holds."""
        key = frozenset(words)
        if key not in self._censuses:
            self._censuses[key] = Census(key)
        return self._censuses[key]

    def answer(self, question: Callable[[bytes], Answer], path: str) -> Answer:
        """What a question, which is known by its object, says of a regular file; it is asked once about a content."""
        known, blob = self._answers.setdefault(question, {}), self.tree.entries[path].blob
        if blob not in known:
            known[blob] = question(self.tree.read(path))
        said: Answer = known[blob]
        return said

    def read(self, path: str) -> Facts | Unparsable:
        """The facts of a file, or why it cannot be read."""
        entry = self.tree.entry(path)
        if entry is None or not entry.is_file:
            return EMPTY
        known = self._of(entry.blob)
        if known is None:
            try:
                known = facts_of(self.tree.read(path))
            except Unparsable as error:
                known = error.again()
            self._facts[entry.blob] = known
        return known

    def known(self, path: str) -> Facts | Unparsable | None:
        """What `read` would give, if it is known already."""
        entry = self.tree.entry(path)
        return None if entry is None else self._of(entry.blob)

    def _of(self, blob: str) -> Facts | Unparsable | None:
        known = self._facts.get(blob)
        if isinstance(known, bytes):
            known = self._facts[blob] = unpacked(known)
        return known

    def learn(self, path: str, facts: Facts) -> None:
        """Keep the facts of a file that somebody has parsed anyway."""
        entry = self.tree.entry(path)
        if entry is not None:
            self._facts.setdefault(entry.blob, facts)

    def learn_content(self, data: bytes, facts: Facts) -> None:
        """Keep the facts of a content that a later tree will have."""
        self._facts.setdefault(blob_id(data), facts)

    def learned(self, blobs: Collection[str]) -> int:
        """How much is known of these contents: their facts, and a sieve's answers count as much as FEW of these."""
        return sum(1 for blob in self._facts if blob in blobs) + FEW * (len(self._sieves) + len(self._censuses))

    def kept(self, blobs: Collection[str]) -> bytes:
        """What is known of these contents, and what the newest sieves have said, for `recall`."""
        facts = {blob: known for blob, known in self._facts.items() if blob in blobs}
        said, counted = (
            [(tuple(words), sieve.judged) for words, sieve in list(asked.items())[-SIEVES:]]
            for asked in (self._sieves, self._censuses)
        )
        return marshal.dumps((_as_bytes(facts), said, counted))

    def recall(self, kept: bytes) -> None:
        """Know again what was known of contents; nothing else is known yet."""
        facts, said, counted = marshal.loads(kept)
        self._facts.update(facts)
        for words, answers in said:
            self.sieve(words).judged = answers
        for words, answers in counted:
            self.census(words).judged = answers

    def mark(self) -> int:
        """How many contents are known: a mark for `since`."""
        return len(self._facts)

    def since(self, mark: int) -> bytes:
        """The facts learned since a mark."""
        fresh = islice(self._facts.items(), mark, None)  # a dict keeps the order in which its keys came
        return marshal.dumps(_as_bytes(dict(fresh)))

    def absorb(self, learned: bytes) -> None:
        """Know what another process has learned."""
        found: dict[str, bytes] = marshal.loads(learned)
        for blob, known in found.items():
            self._facts.setdefault(blob, known)

    def facts(self, path: str) -> Facts:
        """The facts of a file; empty where it does not parse."""
        known = self.read(path) if path else EMPTY
        return EMPTY if isinstance(known, Unparsable) else known

    def package_at(self, path: str) -> str:
        """What `__package__` is in the file at `path`."""
        module = self.modules.at(path)
        return module.package if module else ""

    def origin(self, statement: Import, path: str) -> str | None:
        """The absolute name of the module that a `from` import names, as written in the file at `path`."""
        if statement.module is None:
            return None
        return names.absolute(self.package_at(path), statement.level, statement.module)

    def binds(self, module: Module, name: str) -> bool:
        """True when the module itself binds `name`: an attribute that wins over a submodule of that name.

        `from . import name` in the package's own `__init__` binds the submodule itself and does not count.
        """
        facts = self.facts(module.path)
        if name in facts.defined or name in facts.globals:
            return True
        for statement in facts.imports:
            if statement.scope != "module" or statement.is_star or statement.guard == "checking":
                continue
            for alias in statement.aliases:
                if statement.bound(alias) == name:
                    origin = self.origin(statement, module.path)
                    return not (
                        (statement.is_from and origin == module.name and alias.name == name)
                        or (not statement.is_from and alias.asname and alias.name == f"{module.name}.{name}")
                    )
        return False

    def stands_for(self, module: Module, name: str, seen: frozenset[str] = frozenset()) -> Module | None:
        """The module that an import binds to `name` in another module: `c` of one that says `import a.b as c`.

        So does `c = b` behind such an import of b.
        """
        facts = self.facts(module.path)
        if name in facts.globals or module.path in seen:
            return None
        if name in facts.defined:
            return self._assigned(module, name, seen) if name not in facts.imported else None
        for statement in facts.imports:
            if statement.scope != "module" or statement.is_star or statement.guard == "checking":
                continue
            for alias in statement.aliases:
                if statement.bound(alias) == name:
                    return self._imported(module, statement, alias, seen | {module.path})
        return None

    def _assigned(self, module: Module, name: str, seen: frozenset[str]) -> Module | None:
        """The module that one plain assignment gives a name: `name = imported.submodule`, and nothing else."""
        ways = [one for one in self.facts(module.path).definitions if one.name == name]
        if len(ways) != 1 or ways[0].kind != "value":
            return None
        try:
            said = Text.of(self.tree.read(module.path)).data[ways[0].start : ways[0].end]
        except Undecodable:
            return None
        found = _SAME.fullmatch(said.decode())
        if found is None or found[1] != name:
            return None
        root, *rest = found[2].split(".")
        meant = self.stands_for(module, root, seen) if root != name else None
        for segment in rest:
            if meant is None:
                return None
            target = self.target(meant, segment)
            meant = self.stands_for(meant, segment, seen) if target.name else self.modules.get(target.module)
        return meant

    def _imported(self, module: Module, statement: Import, alias: Alias, seen: frozenset[str]) -> Module | None:
        if not statement.is_from:
            found = self.modules.find(alias.name if alias.asname else names.top(alias.name), module.path)
            return found.module if found is not None else None
        origin = self.origin(statement, module.path)
        home = self.modules.find(origin, module.path) if origin else None
        if home is None:
            return None
        target = self.target(home.module, alias.name)
        return self.stands_for(home.module, alias.name, seen) if target.name else self.modules.get(target.module)

    def target(self, module: Module, name: str) -> Target:
        """What `from module import name` gives: a submodule, unless the module binds the name itself."""
        inner = names.join(module.name, name)
        if module.is_package and inner in self.modules and not self.binds(module, name):
            return Target(inner)
        return Target(module.name, name)


def _as_bytes(facts: Mapping[str, Facts | Unparsable | bytes]) -> dict[str, bytes]:
    return {blob: known if isinstance(known, bytes) else packed(known) for blob, known in facts.items()}

"""Many modules, each imported as in a process of its own, without importing anew what they begin with alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import takewhile

from codemod.base import names
from codemod.source.modules import Module

from .ops import Either, From, Op, Plain, Try
from .replay import Interpreter
from .world import Failure, World


class Imports:
    """Modules imported one by one, each in a fresh interpreter as by `replay`.

    A module's import begins with its packages', and a test's mostly with the package that it tests.  One process
    stands on such beginnings, outermost first; for each module it goes back to what the module has in common with
    the one before.  Where a beginning fails, all that begin so fail.
    """

    def __init__(self, world: World, inside: Collection[str] | None = None, *, bare: bool = False) -> None:
        self.world, self.inside = world, inside
        self._process = Interpreter(world, inside, bare)
        self._stands: list[tuple[str, int]] = []  # what is imported, and the mark before it
        self._failed: dict[str, Failure] = {}  # packages
        self._loads: dict[str, frozenset[str]] = {}  # what importing a top package asks for; nothing where that fails

    def failure(self, start: str) -> Failure | None:
        """Why importing `start` fails, or None."""
        modules = self.world.inventory.modules
        chain = [start]
        while (above := names.parent(chain[0])) and above in modules:
            chain.insert(0, above)
        packages = chain if self._is_package(start) else chain[:-1]
        failed = next((self._failed[name] for name in packages if name in self._failed), None)
        failed = failed or self._stand_on([*self._ahead(chain), *packages])
        if failed is not None or start in self._process.sys:
            return failed
        mark = self._process.mark()
        failed = self._process.run(start)
        self._process.back(mark)
        return failed

    def _is_package(self, name: str) -> bool:
        module = self.world.inventory.modules.get(name)
        return module is not None and module.is_package

    def _stand_on(self, wanted: Sequence[str]) -> Failure | None:
        """Go to where these are imported, in this order; the failure of the first one that cannot be."""
        common = len(list(takewhile(lambda pair: pair[0][0] == pair[1], zip(self._stands, wanted, strict=False))))
        if common < len(self._stands):
            self._process.back(self._stands[common][1])
            del self._stands[common:]
        for name in wanted[common:]:
            mark = self._process.mark()
            failed = None if name in self._process.sys else self._process.run(name)
            if failed is not None:
                self._process.back(mark)
                self._failed[name] = failed
                return failed
            self._stands.append((name, mark))
        return None

    # What a module imports first

    def _ahead(self, chain: Sequence[str]) -> list[str]:
        """The top package that importing a module loads first, where it may as well be there before the module is.

        So it is where the module's own packages import nothing of ours, and nothing in the package imports them or
        the module back.
        """
        found = [self._first(name) for name in chain]
        top = found[-1]
        if not top or any(found[:-1]) or top in chain:
            return []
        if top not in self._loads:
            whole = self._stand_on([top]) is None
            self._loads[top] = self._process.asked() if whole else frozenset()
        loads = self._loads[top]
        return [top] if loads and loads.isdisjoint(chain) else []

    def _first(self, name: str) -> str:
        """The top package of the first module of ours that a module imports; itself where that is not clear."""
        module = self.world.inventory.modules.get(name)
        if module is None or (self.inside is not None and name not in self.inside):
            return ""
        for op in self.world.program(module).ops:
            top = next(self._tops(op, module), "")
            if top:
                return name if isinstance(op, Try | Either) else top
        return ""

    def _tops(self, op: Op, module: Module) -> Iterator[str]:
        """The top packages of what an operation imports of ours."""
        if isinstance(op, Try):
            for block in (op.body, *(body for _, body in op.handlers), op.orelse, op.final):
                for inner in block:
                    yield from self._tops(inner, module)
        elif isinstance(op, Either):
            for inner in op.body + op.orelse:
                yield from self._tops(inner, module)
        elif isinstance(op, (Plain, From)):
            asked = names.absolute(module.package, op.level, op.module) if isinstance(op, From) else op.name
            for name in (asked, names.top(asked)) if asked else ():
                reached = self.world.resolver.module(name, module.path)
                if reached is not None:
                    top = reached.name
                    while (above := names.parent(top)) and above in self.world.inventory.modules:
                        top = above
                    yield top
                    return

"""Import order: whether importing a module that works before the phase would run into a half-imported module after it.

Where the circles are.  An import can only meet a half-imported module in a circle of modules, so only circles are
replayed.  A circle whose members all read as before behaves as before: if each member's import-time statements are
the old ones under the intent's renames, and the packages above it whose `__init__` imports something are the old
ones, a replay of the one is a replay of the other, step by step.  A new package with an empty `__init__` adds a step
that neither asks for a name nor leaves anything half-imported.  Hence a phase that only moves modules into such
packages is done here after a comparison of statements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.rewrite.intent import Intent
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.search import Search, candidates

from .called import Calls
from .circular import circle_of, finding_of
from .lineage import Lineage
from .ops import Program
from .remedy import Remedy, in_words, to_leave_out
from .replay import replay
from .resolve import Resolver, Resolvers
from .side import Side
from .starts import Imports
from .world import Edge, Failure

Line = tuple[str, ...]
Circle = tuple[str, ...]
Cause = frozenset[str]  # the modules of the circle


def check(
    before: Inventory, after: Inventory, intent: Intent, changed: Collection[str], resolvers: Resolvers | None = None
) -> Iterator[Finding]:
    """New failures at import time: `import-cycle`, and `used-before-bound` within one module.

    `changed` are the paths, after the phase, of files with new content; files that only moved are looked at as well.
    `resolvers` are those of the two trees, where other questions share them.
    """
    yield from _Check(before, after, intent, resolvers or (Resolver(before), Resolver(after))).run(changed)


class _Check:
    """The two trees side by side."""

    def __init__(self, before: Inventory, after: Inventory, intent: Intent, resolvers: Resolvers) -> None:
        programs: dict[str, Program] = {}
        self.old, self.new = Side.of(before, resolvers[0], programs), Side.of(after, resolvers[1], programs)
        self.intent = intent
        self.lineage = Lineage(before, after, intent)
        self.said: dict[str, tuple[list[Line], list[Line]]] = {}  # what an affected module says, before and after
        self.shifted: dict[str, frozenset[str]] = {}  # moved modules -> busy packages that they left or came below

    def run(self, changed: Collection[str]) -> Iterator[Finding]:
        fresh = sorted(path for path in self.lineage.fresh(changed) if path.endswith(".py"))
        affected, rearranged = self._affected(fresh)
        yield from self._alone(rearranged)
        if affected:
            yield from self._together(affected)

    # What reads differently

    def _affected(self, fresh: Sequence[str]) -> tuple[set[str], set[str]]:
        """Modules, after, whose import-time statements or `__init__` chain changed; those whose definitions did."""
        affected: set[str] = set()
        rearranged: set[str] = set()
        for path in fresh:
            module = self.new.inventory.modules.at(path)
            shifted = self._shifted(module) if module is not None else frozenset()
            if module is not None and shifted:
                self.shifted[module.name] = shifted
                affected.add(module.name)
        for path in fresh:
            module = self.new.inventory.modules.at(path)
            if module is None:
                continue
            sources = self.lineage.sources(path)
            lines = list(self._lines(self.new, path, same=True))
            if not sources and not lines:
                continue
            old = next((list(self._lines(self.old, source, same=False)) for source in sources), [])
            if len(sources) != 1 or lines != old:
                self.said[module.name] = (old if len(sources) == 1 else [], lines)
                if [line for line in lines if line[0] == "bind"] != [line for line in old if line[0] == "bind"]:
                    rearranged.add(module.name)
            elif any(target in self.shifted for line in lines for target in _targets(line)):
                self.said[module.name] = (old, lines)
        affected |= self.said.keys()
        packages = {name for name in affected if self._is_package(name)} | set(self._lost_inits())
        if packages:
            affected |= {m.name for m in self.new.inventory.modules for p in names.prefixes(m.name) if p in packages}
        return affected, rearranged

    def _is_package(self, name: str) -> bool:
        module = self.new.inventory.modules.get(name)
        return module is not None and module.is_package

    def _shifted(self, module: Module) -> frozenset[str]:
        """The packages whose `__init__` imports something that a moved module left, or came below."""
        old = next(iter(self.lineage.modules(module.path)), module.name)
        if old == module.name:
            return frozenset()
        before = [self.intent.module(package) for package in self.old.busy_parents(old)]
        after = self.new.busy_parents(module.name)
        return frozenset() if before == after else frozenset(before) ^ frozenset(after) or frozenset(after)

    def _lost_inits(self) -> Iterator[str]:
        """Packages, after, that had an `__init__` which imported something and have none now."""
        gone = self.old.inventory.tree.entries.keys() - self.new.inventory.tree.entries.keys()
        for path in gone:
            module = self.old.inventory.modules.at(path)
            if module is not None and module.is_package and self.old.imports(module.name):
                for name in {module.name, self.intent.module(module.name)}:
                    now = self.new.inventory.modules.get(name)
                    if now is not None and not now.path:
                        yield name

    def _lines(self, side: Side, path: str, same: bool) -> Iterator[Line]:
        """What a file says at import time, in order, as its imports and definitions are called after the phase."""
        intent = Intent() if same else self.intent
        lines: list[tuple[int, Line]] = []
        for reference in side.resolver.references(path):
            statement, alias = reference.statement, reference.alias
            ours = reference.found or side.resolver.ours(reference.module, path)
            if not reference.runs or not ours:
                continue
            where = (statement.scope, statement.guard)
            if not statement.is_from:
                module = intent.module(reference.module)
                lines.append((alias.start, ("import", module, alias.asname, *where)))
                continue
            module, name = intent.symbol(reference.module, reference.name)
            if name == "*":
                module = intent.module(reference.module)
            elif reference.found:
                target = side.resolver.target(reference.found, reference.name)
                if not target.name:
                    module, name = intent.module(target.module), ""
            bound = statement.bound(alias)
            lines.append((alias.start, ("from", module, name, "" if bound == names.last(module) else bound, *where)))
        own = side.inventory.modules.at(path)
        for definition in side.inventory.facts(path).definitions:
            name = intent.symbol(own.name, definition.name)[1] if own else definition.name
            lines.append((definition.start, ("bind", name)))
        yield from dict.fromkeys(line for _, line in sorted(lines))  # a line that is said twice does nothing new

    # One module by itself

    def _alone(self, modules: Iterable[str]) -> Iterator[Finding]:
        for name in sorted(modules):
            failure = replay(self.new.world, name, {name})
            if failure is None or failure.kind != "NameError" or failure.module != name:
                continue
            if any(replay(self.old.world, old, {old}) for old in self._before(name)):
                continue
            place = failure.steps[-1].place
            yield Finding(
                "used-before-bound", f"{name} uses {failure.name} at import time before it is bound", Weight.REFUSAL,
                place, f"keep what uses {failure.name} together with its definition, or put it behind it",
            )  # fmt: skip

    # Circles

    def _together(self, affected: set[str]) -> Iterator[Finding]:
        self._follow_calls()
        affected, circles = self._entering_anew(affected)
        said: set[str] = set()
        for bare, strict in ((False, False), (True, False), (False, True)):
            if strict:  # what goes on without a name that it had
                self.old, self.new = self.old.strictly(), self.new.strictly()
            if (self.new.world.hidden or not strict) and (self.new.world.twofold or not bare):
                for start, finding in self._circular(affected, circles, bare):
                    if start not in said:
                        yield finding
                    said.add(start)

    def _follow_calls(self) -> None:
        """Let what is called on import, and imports what has changed, count as the importing module's own imports."""
        targets = {package for shifted in self.shifted.values() for package in shifted}
        targets |= {name for name, (old, new) in self.said.items() if _loaded_by(new) - _loaded_by(old)}
        if not targets:
            return
        calls = Calls(self.new.inventory, self.new.resolver)
        callers = calls.set_off(targets)
        for side, names_ in ((self.new, callers), (self.old, {old for name in callers for old in self._before(name)})):
            side.follow(names_)

    def _circular(self, affected: set[str], circles: Sequence[Circle], bare: bool) -> Iterator[tuple[str, Finding]]:
        """Each new failure with the module that is imported first."""
        within = [(circle, Imports(self.new.world, set(circle), bare=bare)) for circle in circles]
        failing = {start for circle, alone in within for start in circle if alone.failure(start)}
        if not failing:
            return
        starts = sorted(name for circle in circles if affected & set(circle) for name in circle)
        starts += sorted(affected - set(starts))  # they may enter a circle at another of its modules now
        entered = self.new.reach.leading_to(starts, failing)
        universe = self.new.reach.leading_to(starts, {name for circle in circles for name in circle})
        now, before = Imports(self.new.world, universe, bare=bare), Imports(self.old.world, bare=bare)
        told: dict[Cause, list[str]] = {}
        shown: dict[Cause, Failure] = {}
        for start in starts:
            if start not in failing and start not in entered:
                continue
            failure = now.failure(start)
            if failure is None or any(before.failure(old) for old in self._before(start)):
                continue
            if self.new.world.strict and not self._had(failure):
                continue
            cause = frozenset(step.module for step in circle_of(failure))
            told.setdefault(cause, []).append(start)
            shown.setdefault(cause, failure)
        matters = partial(self._matters, members={n for circle in circles for n in circle}, failing=failing, bare=bare)
        for cause, failed in told.items():
            left, others = to_leave_out(self.new.world, failed, universe, self._suspects, bare=bare)
            hint = in_words(left) if left and not (others and matters(others)) else self._hint(shown[cause])
            weight = Weight.REFUSAL if matters(failed) else Weight.REVIEW
            where = shown[cause].hidden if self.new.world.strict else self.new.world.lacking if bare else ""
            yield failed[0], finding_of(shown[cause], failed, weight, where, hint)

    def _had(self, failure: Failure) -> bool:
        """True when the module with the handler asked for the same before: only then it goes on without something."""
        run = [*(step.module for step in failure.steps), failure.module]
        asked = run[run.index(failure.handler) + 1] if failure.handler else ""
        return any(asked in map(self.intent.module, self._asks(old, self.old)) for old in self._before(failure.handler))

    def _entering_anew(self, affected: set[str]) -> tuple[set[str], list[Circle]]:
        """Of the affected modules those that matter, and the circles in which they may.

        A circle matters when one of its modules is affected.  The first import that leads into a circle loads it;
        what follows finds it loaded, in whatever order.  So any other circle matters only where an affected module
        enters it by another import than before.
        """
        circles = self.new.reach.circles(affected)
        inside = {name for circle in circles for name in circle}
        targets = {
            target for name in affected for line in self.said.get(name, ((), ()))[0] for target in _targets(line)
        }.union(*self.shifted.values())
        reached = self.new.reach.circles_reached({*affected, *targets}, circles)
        kept = affected & inside
        bits = sum(1 << number for number, circle in enumerate(circles) if affected & set(circle))
        for name in affected:
            anew = 0
            if name in self.said:
                anew = self._anew(name, reached)
            elif not any(above in self.said for above in names.prefixes(names.parent(name))):
                anew = reached.get(name, 0)  # its chain of `__init__`s is another one
            if anew:
                kept.add(name)
                bits |= anew
        initial = {name for name in kept if self._is_package(name)}
        for name in affected:
            if any(above in initial for above in names.prefixes(names.parent(name))):
                kept.add(name)
                bits |= reached.get(name, 0)
        return kept, [circle for number, circle in enumerate(circles) if bits >> number & 1]

    def _anew(self, name: str, reached: Mapping[str, int]) -> int:
        """The circles, as bits, that another import of the module enters first than before."""
        old, new = (dict(self._first(lines, reached)) for lines in self.said[name])
        shifted = 0
        for line in self.said[name][1]:
            for target in _targets(line):
                for package in self.shifted.get(target, ()):
                    shifted |= reached.get(package, 0)
        same = 0
        for line, bits in new.items():
            same |= bits & old.get(line, 0)
        every = 0
        for bits in (*old.values(), *new.values()):
            every |= bits
        return every & ~same | shifted

    def _first(self, lines: Iterable[Line], reached: Mapping[str, int]) -> Iterator[tuple[Line, int]]:
        """Each import line with the circles that it enters first."""
        seen = 0
        for line in lines:
            fresh = 0
            for target in _targets(line):
                fresh |= reached.get(target, 0) & ~seen
            if fresh:
                seen |= fresh
                yield line, fresh

    def _matters(self, failed: Sequence[str], members: set[str], failing: set[str], bare: bool) -> bool:
        """False where only plain modules fail that nobody outside their circle imports first.

        Such a module is always reached through another of the circle, which works; a script that would import it
        on its own is not there.
        """
        if members <= failing or any(name not in members or self._is_package(name) for name in failed):
            return True
        if not self.new.reach.called.keys().isdisjoint(failed):  # what sets something off is what a program begins with
            return True
        search = Search(failed)
        for path in candidates(self.new.inventory.tree, search):
            module = self.new.inventory.modules.at(path)
            if module is None or module.name in members or not self._names(path, failed):
                continue
            before = self._before(module.name)
            if self.new.fails(module.name, bare) and not any(self.old.fails(old, bare) for old in before):
                return True
        return False

    def _names(self, path: str, modules: Sequence[str]) -> bool:
        """True when the file imports one of the modules when it is imported itself."""
        for reference in self.new.resolver.references(path):
            if reference.runs and (
                reference.module in modules or names.join(reference.module, reference.name) in modules
            ):
                return True
        return False

    def _before(self, name: str) -> set[str]:
        """The starts, before, that this start is compared with: its own code's, for new code its package's."""
        while name:
            module = self.new.inventory.modules.get(name)
            found = set(self.lineage.modules(module.path)) if module is not None and module.path else set()
            if found:
                return found
            name = names.parent(name)
        return set()

    def _suspects(self, failure: Failure) -> Iterator[Edge]:
        """The imports that are new in a barrel: the last one of the circle first, as it closes it, then what led there.

        An import is no barrel's fault where the module that led into the barrel asks for the same one.
        """
        circle = [step.module for step in circle_of(failure)]
        steps = list(zip([circle[-1], *circle[:-1]], circle, [*circle[1:], circle[0]], strict=True))
        new = [step for step in reversed(steps) if self._adds(step[1], step[2])]
        yield from ((package, inner) for led, package, inner in new if inner not in self._asks(led, self.new))
        yield from ((package, inner) for _, package, inner in new)
        path = [step.module for step in failure.steps]
        yield from (edge for edge in reversed(list(pairwise(path))) if self._adds(*edge))

    def _adds(self, package: str, inner: str) -> bool:
        """True when a package's `__init__` imports the module below it and did not do so before."""
        old, new = self.said.get(package, ([], []))
        return (
            self._is_package(package)
            and names.below(inner, package)
            and any(inner in _targets(line) for line in new if line not in old)
        )

    def _hint(self, failure: Failure) -> str:
        """What helps against a circle that no barrel closes."""
        circle = [step.module for step in circle_of(failure)]
        return Remedy(
            circle, self.intent, self.old.inventory.modules, self.shifted, self._before,
            lambda name: self._asks(name, self.old), lambda name: self._asks(name, self.new),
        ).hint  # fmt: skip

    def _asks(self, name: str, side: Side) -> set[str]:
        """The modules that a module's own import-time statements name."""
        module = side.inventory.modules.get(name)
        lines = self._lines(side, module.path, same=True) if module is not None and module.path else ()
        return {target for line in lines for target in _targets(line)}


def _loaded_by(lines: Iterable[Line]) -> set[str]:
    """The modules that import lines may load."""
    return {target for line in lines for target in _targets(line)}


def _targets(line: Line) -> tuple[str, ...]:
    """The modules that an import line may load."""
    if line[0] == "bind":
        return ()
    return (line[1],) if line[0] == "import" or not line[2] else (line[1], names.join(line[1], line[2]))

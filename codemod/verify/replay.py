"""Import a module without running code: the import system's rules over the modules' programs.

Source of the rules: the language reference ("The import system"), `importlib._bootstrap` and the
`IMPORT_FROM` instruction, which falls back to `sys.modules` since Python 3.7.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Generator

from codemod.base import names
from codemod.base.values import replace

from .ops import OPEN, Bind, Call, Either, Export, From, Op, Plain, Put, Same, Try, Use, bound_by
from .resolve import GIVEN, Offer
from .world import LACKING, Failure, State, World

_WIDER = {
    "ImportError": {"ImportError", "Exception", "BaseException"},
    "AttributeError": {"AttributeError", "Exception", "BaseException"},
    "NameError": {"NameError", "Exception", "BaseException"},
    "ModuleNotFoundError": {"ModuleNotFoundError", "ImportError", "Exception", "BaseException"},
}


class _RaisedError(Exception):
    """A failure on its way up through the modules that are being imported."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


Loading = Generator[str, State, State]  # yields names of modules to load first
Running = Generator[str, State, None]


def replay(world: World, start: str, inside: Collection[str] | None = None, *, bare: bool = False) -> Failure | None:
    """Import `start` in a fresh interpreter: why that fails, or None.

    Only the modules `inside` run (None: all of them); others count as imported at once.  What is not ours is there,
    except that with `bare` an import of it fails where a handler waits for that, unless Python itself brings it; and
    of what nobody can tell to run or not, then nothing runs.
    """
    return Interpreter(world, inside, bare).run(start)


class Interpreter:
    """One process: `sys.modules`, and the modules that are being imported, outermost first.

    What it changes in objects that outlive an import is written down, so that it can go back to where it stood.
    """

    def __init__(self, world: World, inside: Collection[str] | None, bare: bool) -> None:
        self.world = world
        self.inside = inside
        self.bare = bare
        self.sys: dict[str, State] = {}
        self.running: list[State] = []
        self._undo: list[tuple[dict[str, State] | dict[str, State | None], str, bool, State | None]] = []

    def mark(self) -> int:
        """Where the process stands between two imports."""
        return len(self._undo)

    def asked(self) -> frozenset[str]:
        """The modules that were to be imported, those that could not be among them."""
        return frozenset(name for namespace, name, _, _ in self._undo if namespace is self.sys)

    def back(self, mark: int) -> None:
        """Forget what was imported since the mark."""
        for namespace, name, had, value in reversed(self._undo[mark:]):
            if had:
                namespace[name] = value  # type: ignore[assignment]  # what it was
            else:
                namespace.pop(name, None)
        del self._undo[mark:]

    def run(self, start: str) -> Failure | None:
        """Drive the generators with a stack of our own: import chains are deeper than Python's recursion limit."""
        stack: list[Loading] = [self.load(start)]
        value: State | None = None
        raised: _RaisedError | None = None
        while stack:
            try:
                if raised is not None:
                    error, raised = raised, None
                    wanted = stack[-1].throw(error)
                else:
                    wanted = stack[-1].send(value)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as stop:
                stack.pop()
                value = stop.value
            except _RaisedError as failed:
                stack.pop()
                raised = failed
            else:
                stack.append(self.load(wanted))
                value = None
        return raised.failure if raised else None

    # Loading

    def load(self, name: str) -> Loading:
        """`importlib._bootstrap._find_and_load` for one of our modules."""
        if name in self.sys:
            return self.sys[name]
        above = names.parent(name)
        up: State | None = None
        if above and above in self.world.inventory.modules:
            up = self.sys[above] if above in self.sys else (yield above)
            if name in self.sys:  # the parent's `__init__` has imported it
                return self.sys[name]
        module = self.world.inventory.modules.get(name)
        if module is None:  # never asked for: callers look first
            raise KeyError(name)
        runs = self.inside is None or name in self.inside
        state = State(module, self.world.program(module) if runs else OPEN, runs)
        self._undo.append((self.sys, name, False, None))
        self.sys[name] = state
        if runs:
            self.running.append(state)
            try:
                yield from self.block(state, state.program.ops, caught=False)
                if state.lacking:
                    self._let_pass(state)
            except _RaisedError:
                del self.sys[name]
                raise
            finally:
                self.running.pop()
        state.done = True
        if up is not None:
            self._put(up, names.last(name), state)
        return state

    def _let_pass(self, state: State) -> None:
        """A module that was imported without names that star imports of half-imported ones were to bring."""
        lost = state.lacking.keys() - state.ns.keys()
        asked = {*(state.exports or ()), *self.world.asked_of(state.module)} if lost and not state.open else set()
        name = min(lost & asked, default="")
        if name:
            self.world.hidden = True
            if self.world.strict:
                failed = self._fail(LACKING, state.lacking[name], name).failure
                raise _RaisedError(replace(failed, handler=state.module.name))

    def _put(self, owner: State, name: str, value: State | None) -> None:
        """Bind a name of a module that may have been imported long ago."""
        self._undo.append((owner.ns, name, name in owner.ns, owner.ns.get(name)))
        owner.ns[name] = value

    def _fail(self, kind: str, module: str, name: str) -> _RaisedError:
        return _RaisedError(Failure(kind, module, name, tuple(state.step() for state in self.running)))

    # Running

    def block(self, state: State, ops: tuple[Op, ...], caught: bool, current: _RaisedError | None = None) -> Running:
        """Run operations; `caught` when an ImportError is caught in this module, `current` in a handler."""
        for op in ops:
            if isinstance(op, Bind):
                state.ns.update(dict.fromkeys(op.names))
            elif isinstance(op, Plain):
                yield from self._plain(state, op, caught)
            elif isinstance(op, From):
                yield from self._from_import(state, op, caught)
            elif isinstance(op, Use):
                state.line = op.line
                self.chain(state, op.chain)
            elif isinstance(op, Call):
                yield from self._call(state, op, caught)
            elif isinstance(op, Same):
                state.ns[op.name] = self.chain(state, op.chain)
            elif isinstance(op, Put):
                state.line = op.line
                owner = self.chain(state, op.chain[:-1])
                if owner is not None:
                    self._put(owner, op.chain[-1], None)
            elif isinstance(op, Export):
                self._export(state, op)
            elif isinstance(op, Try):
                yield from self._try(state, op, caught, current)
            elif isinstance(op, Either):
                self.world.unsure = True
                yield from self.block(state, op.orelse if self.bare else op.body, caught, current)
                for name in bound_by((op,)):  # by something else, as far as anybody can tell
                    state.ns.setdefault(name, None)
            elif current is not None:  # Reraise
                raise current

    def _export(self, state: State, op: Export) -> None:
        if op.names is None:
            state.computed = True
        elif op.more and state.exports is not None:
            state.exports += op.names
        else:
            state.exports = list(op.names)

    def _try(self, state: State, op: Try, caught: bool, current: _RaisedError | None) -> Running:
        try:
            yield from self.handled(state, op, caught, current)
        except _RaisedError:
            yield from self.block(state, op.final, caught, current)
            raise
        yield from self.block(state, op.final, caught, current)

    def handled(self, state: State, op: Try, caught: bool, current: _RaisedError | None) -> Running:
        """A `try` without its `finally`."""
        catches = any(kinds is None or kinds & _WIDER["ModuleNotFoundError"] for kinds, _ in op.handlers)
        try:
            yield from self.block(state, op.body, caught or catches, current)
        except _RaisedError as raised:
            if raised.failure.kind == LACKING:
                raise  # in truth, nothing is raised
            wider = _WIDER[raised.failure.kind]
            handler = next((body for kinds, body in op.handlers if kinds is None or kinds & wider), None)
            if handler is None:
                raise
            if raised.failure.kind != "ModuleNotFoundError":
                self.world.hidden = True
                if self.world.strict:
                    handler_of = raised.failure.handler or state.module.name
                    raise _RaisedError(replace(raised.failure, handler=handler_of)) from None
            yield from self.block(state, handler, caught, raised)
            return
        yield from self.block(state, op.orelse, caught, current)
        # The body may fail for reasons that we do not see: what the handlers bind counts as bound.
        for _, handler in op.handlers:
            for name in bound_by(handler):
                state.ns.setdefault(name, None)

    def _call(self, state: State, op: Call, caught: bool) -> Running:
        """What the functions import that a call runs, each in its own module."""
        calls = self.world.calls
        for lazy in calls.of(state.module, op.chain) if calls is not None else ():
            state.line = op.line
            inside = State(lazy.module, OPEN, True)
            self.running.append(inside)
            try:
                yield from self.block(inside, (lazy.op,), caught)
            finally:
                self.running.pop()

    # Imports

    def reach(self, state: State, name: str, caught: bool) -> Generator[str, State, State | None]:
        """Import `name` as far as it is ours; None when the module itself is not."""
        near = state.module.path
        module = self.world.resolver.module(name, near)
        if module is not None:
            return self.sys.get(module.name) or (yield module.name)
        ours = False
        for prefix in names.prefixes(names.parent(name)):
            above = self.world.resolver.module(prefix, near)
            if above is None:
                break
            ours = True
            if above.name not in self.sys:
                yield above.name
        if not ours and caught and names.top(name) not in sys.stdlib_module_names:
            self.world.optional = True
            ours = self.bare
        if ours and caught:
            raise self._fail("ModuleNotFoundError", name, "")
        return None

    def _plain(self, state: State, op: Plain, caught: bool) -> Running:
        state.line = op.line
        module = yield from self.reach(state, op.name, caught)
        if not op.bound:
            return
        root = names.top(op.name)
        if module is None or module.module.name != op.name:  # not ours, or under another source root
            top = self.world.resolver.module(root, state.module.path)
            state.ns[op.bound] = None if op.deep or top is None else self.sys.get(top.name)
            return
        value: State | None = self.sys.get(root) or (yield root)
        if op.deep:
            for part in op.name.split(".")[1:]:
                value = self.import_from(value, part) if value is not None else None
        state.ns[op.bound] = value

    def _from_import(self, state: State, op: From, caught: bool) -> Running:
        state.line = op.line
        name = names.absolute(state.module.package, op.level, op.module)
        source = None if name is None else (yield from self.reach(state, name, caught))
        if source is None:
            state.ns.update((bound, None) for name, bound in op.names if name != "*")
            state.open = state.open or op.names == (("*", "*"),)
            return
        if op.names == (("*", "*"),):
            yield from self._star(state, source)
            return
        for asked, _ in op.names:
            yield from self.submodule(source, asked)
        for asked, bound in op.names:
            state.ns[bound] = self.import_from(source, asked)

    def submodule(self, source: State, name: str) -> Running:
        """What `_handle_fromlist` does for a name that the package does not have: import the submodule."""
        if not source.module.is_package or (name in source.ns):
            return
        inner = names.join(source.module.name, name)
        module = self.world.inventory.modules.get(inner)
        if module is not None and inner not in self.sys and self.offers(source, name):
            yield inner

    def offers(self, source: State, name: str) -> bool:
        """False when a package that is taken as imported binds the name itself, so that no submodule is needed."""
        return source.runs or not self.world.inventory.binds(source.module, name)

    def import_from(self, source: State, name: str) -> State | None:
        """The `IMPORT_FROM` instruction: the attribute, else `sys.modules`, else ImportError."""
        found, value = self.attribute(source, name)
        if found:
            return value
        inner = names.join(source.module.name, name)
        if inner in self.sys:
            return self.sys[inner]
        raise self._fail("ImportError", source.module.name, name)

    def _star(self, state: State, source: State) -> Running:
        exports: Collection[str] | None = source.exports
        if not source.runs:
            state.whole.append(source.module)
            exports = self.world.inventory.facts(source.module.path).exports or ()
        if exports is None:
            state.ns.update((name, value) for name, value in source.ns.items() if name[0] not in "_:")
        for name in exports or ():
            yield from self.submodule(source, name)
        for name in exports or ():
            found, value = self.attribute(source, name)
            if not found:
                raise self._fail("AttributeError", source.module.name, name)
            state.ns[name] = value
        state.open = state.open or source.computed
        if exports is None:  # a list says what comes, however more the module may have
            state.open = state.open or source.open or source.opened
            state.whole += source.whole
        if source.runs and not source.done:
            for name in source.program.binds - source.ns.keys():
                if not name.startswith("_"):
                    state.lacking[name] = source.module.name
            state.lacking.update(source.lacking)

    # Look-ups

    def attribute(self, source: State, name: str) -> tuple[bool, State | None]:
        """(is it there, what it is); a name that we cannot know of is there."""
        if name in source.ns:
            return True, source.ns[name]
        inner = names.join(source.module.name, name)
        if "__getattr__" in source.ns:  # one that imports what is asked for finds what is being imported
            return True, self.sys.get(inner)
        if name in GIVEN or (source.runs and self.unclear(source, name)):
            return True, None
        ours = inner in self.world.inventory.modules and (self.inside is None or inner in self.inside)
        if not source.runs:
            # A package that is taken as imported: its submodules come and go as they do in Python.
            return not ours or not self.offers(source, name), None
        if source.done:
            return not ours, None  # a name that nobody binds is the link check's business
        return False, None

    def unclear(self, state: State, name: str) -> bool:
        """True when the name may be there although no statement that ran has bound it."""
        own = state.opened and (state.done or name not in state.program.binds)  # its statements say when
        return own or state.open or any(self.world.resolver.offers(m, name) is not Offer.NO for m in state.whole)

    def chain(self, state: State, chain: tuple[str, ...]) -> State | None:
        """Evaluate a name or an attribute chain; what it gives if that is a module."""
        root = chain[0]
        if root not in state.ns:
            known = root in state.program.binds or root in state.lacking
            if known and not state.program.open and not self.unclear(state, root):
                raise self._fail("NameError", state.lacking.get(root, state.module.name), root)
            return None
        value = state.ns[root]
        for part in chain[1:]:
            if value is None:
                return None
            source = value
            found, value = self.attribute(source, part)
            if not found:
                raise self._fail("AttributeError", source.module.name, part)
        return value

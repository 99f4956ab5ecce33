"""Paths that a file computes from its own place: `Path(__file__).parent / "data"`, `os.path.dirname(__file__)`.

A module that moves to another folder goes on naming the folder it named, wherever that is after the phase.  So does
what asks a module for its place: `Path(app.user.__file__).parent`.
"""

from __future__ import annotations

import ast
import itertools
import posixpath
from collections import Counter
from collections.abc import Collection, Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, replace
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .byname import called
from .climbing import Climb, climb
from .view import View
from .whereabouts import Goal, Whereabouts, binds, parents, strings, tail_of, up

_FILE = frozenset({"__file__", "origin"})
_FINDERS = frozenset({"getfile", "getsourcefile", "getabsfile"})
_HARMLESS = frozenset({"basename", "name", "stem", "suffix", "getsource", "print"})
_ITSELF = frozenset({
    "open", "read_text", "read_bytes", "exists", "isfile", "is_file", "stat", "getmtime", "samefile",
})  # fmt: skip
"""What is done to the file of another module itself, wherever that is."""


def may_climb(view: View, data: bytes) -> bool:
    """True when the file moves to another folder and may name things beside itself; a cheap question."""
    new = view.intent.files.get(view.path, view.path)
    return new != view.path and b"__file__" in data and posixpath.dirname(new) != posixpath.dirname(view.path)


def own_path_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edits to one file's paths to what does not move with it; a finding where they cannot be told."""
    old, new = (posixpath.dirname(path) for path in (view.path, view.intent.files.get(view.path, view.path)))
    yield from _Paths(view, text, tree, old, new).run()


def other_path_edits(
    view: View, text: Text, tree: ast.Module, old: str, new: str, ends: Collection[int]
) -> Iterator[Edit | Finding]:
    """The same for what asks another module, in the folder `old` and then `new`, for its place.

    `ends` are where the expressions end that are its path: `module.__file__`, `inspect.getfile(module)`.
    """
    yield from _Paths(view, text, tree, old, new, frozenset(ends)).run()


@dataclass(frozen=True, slots=True)
class _Named:
    """A folder that has a name in the file: how far it is above the file, before and after the phase."""

    before: Climb
    after: Climb
    dirname: str  # the function that goes up, as the file spells it; "" for paths


class _Paths:
    def __init__(
        self, view: View, text: Text, tree: ast.Module, old: str, new: str, ends: frozenset[int] = frozenset()
    ) -> None:
        self.view, self.text, self.tree, self.ends = view, text, tree, ends
        self.old, self.new = old, new
        self.where = Whereabouts(view)
        self.above = parents(tree)
        self.known = {} if ends else {"__file__": Climb(0, False)}  # names for the file itself
        self.folders: dict[str, _Named] = {}  # names for folders that are elsewhere after the phase
        self.learn()

    def learn(self) -> None:
        """Names that are bound once in the file, and to the file's own path: `here = Path(__file__).resolve()`."""
        bound = Counter(binds(self.tree))
        self.once = {name for name, times in bound.items() if times == 1}
        for node in every_node(self.tree):
            name = _given(node)
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            if not name or value is None:
                continue
            climb = self.climb(value) if bound[name] == 1 else None
            if climb is not None and not climb.steps:
                self.known[name] = climb
            elif climb is not None and self.old != self.new:
                self.learn_folder(name, value, climb)

    def learn_folder(self, name: str, value: ast.expr, climb: Climb) -> None:
        """A name for a folder: what climbs on from it starts elsewhere after the phase."""
        folder = up(self.old, climb.steps)
        goal = (self.by_uses(value, folder) or self.where.goal(folder, "")) if folder is not None else None
        if goal is None or goal.folder is None or goal.folder == folder:
            return
        steps, extra = self.way(goal.folder)
        if not extra:
            self.folders[name] = _Named(climb, Climb(steps, climb.is_path), self.dirname(value))

    def dirname(self, value: ast.expr) -> str:
        """`os.path.dirname` as an expression spells it, or as the folder does that it starts from."""
        for node in every_node(value):
            if isinstance(node, ast.Call) and called(node) == "dirname":
                return self.source(node.func)
            if isinstance(node, ast.Name) and node.id in self.folders:
                return self.folders[node.id].dirname
        return ""

    def run(self) -> Iterator[Edit | Finding]:
        if self.old == self.new:
            return
        for node in every_node(self.tree):
            loaded = isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load)
            if isinstance(node, ast.expr) and (loaded or isinstance(node, ast.Call)):
                climb = self.named(node)
                if climb is not None:
                    yield from self.use(node, climb)
            elif isinstance(node, ast.JoinedStr):
                yield from self.formatted(node)

    def formatted(self, node: ast.JoinedStr) -> Iterator[Finding]:
        """A finding for `f"{HERE}/../x"`, where the folder is another one after the phase."""
        for value, behind in itertools.pairwise(node.values):
            folder = value.value if isinstance(value, ast.FormattedValue) else None
            goes_up = isinstance(behind, ast.Constant) and str(behind.value).startswith("/..")
            if goes_up and isinstance(folder, ast.Name) and folder.id in self.folders:
                yield self.told(node, "is used here in a way that cannot be followed")

    def named(self, node: ast.expr) -> Climb | None:
        """What a name for the file stands for; None for anything else."""
        if isinstance(node, ast.Name):
            folder = self.folders.get(node.id)
            return folder.before if folder is not None else self.known.get(node.id)
        asked = self.ends and ((isinstance(node, ast.Attribute) and node.attr in _FILE) or is_finder(node))
        return Climb(0, False) if asked and self.span(node)[1] in self.ends else None

    def use(self, node: ast.expr, climb: Climb) -> Iterator[Edit | Finding]:
        """What one `__file__`, or a name for it, comes to."""
        step: ast.expr = node
        whole: ast.expr = node
        named = climb.steps
        while True:
            above = self.above.get(whole)
            if isinstance(above, ast.Attribute):
                beyond = self.above.get(above)
                if above.attr == "parents" or (isinstance(beyond, ast.Call) and beyond.func is above):
                    above = beyond
            further = self.climb(above) if isinstance(above, ast.expr) else None
            if further is None or not isinstance(above, ast.expr):
                break
            whole, step = above, above if further.steps > climb.steps else step
            climb = further
        if climb.steps == 0:
            beside = self.beside(whole) if climb.is_path else None
            if beside is not None:
                yield beside
            elif not self.is_harmless(whole):
                yield self.told(node, "is used here in a way that cannot be followed")
            return
        folder = up(self.old, climb.steps)
        if named == climb.steps and not tail_of(self.above, whole):
            return  # what the name stands for is told where it is bound
        if folder is not None:  # else above the repository
            yield from self.follow(step, whole, climb, folder)

    def beside(self, whole: ast.expr) -> Edit | None:
        """The edit that lets `whole.with_name("x.txt")` name what it named, from a folder further down."""
        method = self.above.get(whole)
        call = self.above.get(method) if isinstance(method, ast.Attribute) and method.attr == "with_name" else None
        written = strings(call.args) if isinstance(call, ast.Call) and call.func is method else []
        goal = self.where.goal(self.old, written[0]) if len(written) == 1 else None
        steps, extra = self.way(goal.folder) if goal is not None and goal.folder is not None else (0, "")
        if goal is None or extra or not steps:
            return None
        at = self.span(whole)[1]
        return Edit(at, at, (".parent" * (steps - 1)).encode(), f"{goal.named} seen from {self.new}", not goal.sure)

    def climb(self, node: ast.expr) -> Climb | None:
        """What an expression makes of `__file__`; None where it is something else than a place above it."""
        return climb(node, self.named)

    def is_harmless(self, node: ast.AST) -> bool:
        above = self.above.get(node)
        if _given(above):
            return _given(above) in self.known
        harmless = _HARMLESS | _ITSELF if self.ends else _HARMLESS
        if isinstance(above, ast.Attribute):
            return above.attr in harmless
        return isinstance(above, ast.Call) and called(above) in harmless

    def told(self, node: ast.expr, what: str) -> Finding:
        asked, mover = ("the path of another module", "that") if self.ends else ("__file__", "the file")
        return Finding(
            "own-path-moves", f"{asked} {what}; {mover} moves to another folder", Weight.REVIEW,
            Place(self.view.path, node.lineno), "look whether what it names is still found",
        )  # fmt: skip

    # -- what is named

    def follow(self, step: ast.expr, whole: ast.expr, climb: Climb, folder: str) -> Iterator[Edit | Finding]:
        """The edit that makes the expression name what it named before."""
        tail = tail_of(self.above, whole)
        higher, rest = _higher(tail)
        above = up(folder, higher + 1)
        if above is None:
            return  # above the repository
        goal = self.by_uses(whole, folder) or self.where.goal(above, rest)
        steps, extra = self.way(goal.folder) if goal.folder is not None else (0, "")
        if higher and (extra or steps - higher < 1):  # the folder that it goes up from is named instead
            goal, higher = self.going_up(folder, tail, goal), 0
            steps, extra = self.way(goal.folder) if goal.folder is not None else (0, "")
        if goal.folder is None:
            yield self.told(step, goal.lost)
            return
        now = self.after(whole)
        if now is not None and steps - higher == now.steps and not extra:
            return
        found = self.respelled(step, steps - higher, extra)
        if not found:
            yield self.told(step, f"leads to {goal.named or 'the top'}, and cannot be written otherwise here")
        for start, end, new in found:
            reason = f"{goal.named or 'the top'} seen from {self.new or 'the top'}"
            yield Edit(start, end, new.encode(), reason, not goal.sure)

    def going_up(self, folder: str, tail: str, meant: Goal) -> Goal:
        """Where `folder` has to be for `tail`, which begins with `..`, to lead to what is `meant`."""
        place = self.where.image(folder)
        named = self.where.image(meant.named)
        if place is None or named is None or posixpath.normpath(posixpath.join(place, tail)) != (named or "."):
            return Goal(meant.named, None, lost=meant.lost or f"leads to {meant.named or 'the top'} by way of {folder}")
        return Goal(meant.named, place, meant.sure)

    def by_uses(self, whole: ast.expr, folder: str) -> Goal | None:
        """Where a folder that gets a name has to be for all that is named behind that name; None where they differ."""
        above = self.above.get(whole)
        given = _given(above)
        if given not in self.once:
            return None
        tails = [
            tail_of(self.above, node) for node in every_node(self.tree)
            if isinstance(node, ast.Name) and node.id == given and isinstance(node.ctx, ast.Load)
        ]  # fmt: skip
        goals = [self.where.goal(folder, tail) for tail in tails if tail and not _higher(tail)[0]]
        known = [goal for goal in goals if goal.sure]
        if not known or any(goal.folder is None for goal in known) or len({goal.folder for goal in known}) > 1:
            return None
        return replace(known[0], sure=len(known) == len(tails))

    def way(self, folder: str) -> tuple[int, str]:
        """(steps up from the new file, what to descend) to a folder."""
        here, steps = self.new, 1
        while here and not (folder == here or folder.startswith(here + "/")):
            here, steps = posixpath.dirname(here), steps + 1
        return steps, folder[len(here) :].lstrip("/") if folder != here else ""

    # -- how it is written

    def respelled(self, step: ast.expr, steps: int, extra: str) -> list[tuple[int, int, str]]:
        """(start, end, new text) of what is replaced; nothing where it cannot be said in the same words."""
        if isinstance(step, ast.Name) and not self.folders[step.id].before.is_path:
            return self.by_name(step, steps, extra)
        return self.by_calls(step, steps, extra) if isinstance(step, ast.Call) else self.by_parents(step, steps, extra)

    def by_name(self, step: ast.Name, steps: int, extra: str) -> list[tuple[int, int, str]]:
        """`os.path.dirname(HERE)` for `HERE`."""
        folder, (start, end) = self.folders[step.id], self.span(step)
        left = steps - folder.after.steps
        if left <= 0 or extra or not folder.dirname:
            return []
        return [(start, start, f"{folder.dirname}(" * left), (end, end, ")" * left)]

    def after(self, node: ast.expr) -> Climb | None:
        """What an expression as it stands makes of the file's place after the phase."""

        def known(inner: ast.expr) -> Climb | None:
            folder = self.folders.get(inner.id) if isinstance(inner, ast.Name) else None
            return folder.after if folder is not None else self.named(inner)

        return climb(node, known)

    def by_parents(self, step: ast.expr, steps: int, extra: str) -> list[tuple[int, int, str]]:
        """`x.parent.parent`, `x.parents[1]`."""
        base = step
        while self.is_step(base):
            base = base.value.value if isinstance(base, ast.Subscript) else base.value  # type: ignore[attr-defined]
        known = self.after(base)
        left = steps - known.steps if known is not None and known.is_path else -1
        if left < 0:
            return []
        counted = isinstance(step, ast.Subscript) or left > 3
        new = "" if not left else f".parents[{left - 1}]" if counted else ".parent" * left
        if extra:
            chained = isinstance(self.above.get(step), (ast.Attribute, ast.Subscript))
            new += f'.joinpath("{extra}")' if chained else f' / "{extra}"'
        return [(self.span(base)[1], self.span(step)[1], new)]

    def by_calls(self, step: ast.Call, steps: int, extra: str) -> list[tuple[int, int, str]]:
        """`os.path.dirname(os.path.dirname(x))`."""
        inner: ast.expr = step
        while isinstance(inner, ast.Call) and called(inner) == "dirname":
            inner = inner.args[0]
        known = self.after(inner)
        left = steps - known.steps if known is not None else -1
        if left < 0 or (extra and not isinstance(step.func, ast.Attribute)):
            return []
        function = self.source(step.func)
        before, behind = f"{function}(" * left, ")" * left
        if extra:
            before, behind = f"{function.removesuffix('dirname')}join({before}", f'{behind}, "{extra}")'
        (start, end), (at, stop) = self.span(step), self.span(inner)
        return [(start, at, before), (stop, end, behind)]  # what stands between may change by itself

    def is_step(self, node: ast.expr) -> bool:
        """`x.parent`, `x.parents[1]`."""
        if isinstance(node, ast.Attribute):
            return node.attr == "parent"
        return (
            isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "parents"
        )

    def span(self, node: ast.expr) -> tuple[int, int]:
        offset = self.text.offset
        return offset(node.lineno, node.col_offset), offset(node.end_lineno or 1, node.end_col_offset or 0)

    def source(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self.text.data[start:end].decode()


def is_finder(node: ast.AST | None) -> bool:
    """True for `inspect.getfile(module)` and its like."""
    return isinstance(node, ast.Call) and called(node) in _FINDERS and len(node.args) == 1


def _given(node: ast.AST | None) -> str:
    """The name to which a statement gives a value; "" for others."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ""


def _higher(tail: str) -> tuple[int, str]:
    """How many `..` a path begins with, and what stands behind them."""
    parts = tail.split("/")
    found = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    return found, "/".join(parts[found:])

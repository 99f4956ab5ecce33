"""Paths put together from a known folder and literal parts: `Path(__file__).parent / "app" / "job.py"`.

The folder is that of the file itself, or of a package that `importlib.resources` or `pkgutil` is asked for; a path of
nothing but literals begins at the top of the repository, where programs are mostly started.
"""

from __future__ import annotations

import ast
import functools
import posixpath
from collections import Counter
from collections.abc import Container, Iterator, Sequence

from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.nodes import every_node
from codemod.source.sieve import holds
from codemod.source.text import Text

from .byname import called
from .climbing import Climb, climb
from .joinedtables import Given, givens, loads
from .literals import bodies
from .staying import staying_place
from .view import View
from .whereabouts import Whereabouts, binds, strings

_INSIDE = frozenset({"get_data", "resource_filename", "resource_string", "resource_stream", "resource_exists"})
PLACES = (b"__file__", b"__path__", b"resources", b"pkgutil")
"""One of these is in a file that asks for its own place, or for a package's."""
_WORDS = (b"__file__", b"__path__", b"files(", b"get_data", b"resource_", b"Path(", b"path.join(")
_PART = lazy(rb"[\"'/\\]([^\"'/\\\r\n]+)(?=[\"'/\\])")


def may_join(view: View, data: bytes) -> bool:
    """True when the file may put a path to what moves together from a known folder; a cheap question."""
    return bool(view.intent.files) and holds(data, _WORDS) and names_part(view.intent, data)


def may_lead(intent: Intent, data: bytes, held: Container[bytes]) -> bool:
    """True when it may do so by a file's name alone, so that nothing else in it names what moves; as cheap.

    `held` are those of `PLACES` that are in it.
    """
    return bool(intent.files) and any(word in held for word in PLACES) and names_part(intent, data)


def names_part(intent: Intent, data: bytes) -> bool:
    """True when a literal ends a part with the name of one of the files, or of a folder that it leaves."""
    return not _parts(intent).isdisjoint(_PART.findall(data))


@functools.lru_cache(maxsize=4)
def _parts(intent: Intent) -> frozenset[bytes]:
    known: set[str] = set()
    for old, new in intent.files.items():
        shared = posixpath.commonpath([posixpath.dirname(old), posixpath.dirname(new)])
        known.update(old.removeprefix(shared).strip("/").split("/"))
    return frozenset(name.encode() for name in known)


def joined_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edits to the literal parts of such paths, for review; a finding where they cannot spell the new place.

    The own place of a file that moves to another folder is left to those who look at that alone.
    """
    yield from Joined(view, text, tree).run()


@dataclass(frozen=True, slots=True)
class Start:
    """A folder or file that an expression means, before and after the phase."""

    old: str
    new: str


class Joined:
    """The paths of one file that are put together."""

    def __init__(self, view: View, text: Text, tree: ast.Module) -> None:
        self.view, self.text, self.tree = view, text, tree
        self.where = Whereabouts(view)
        self.readers: dict[str, tuple[Start, bool]] = {}
        self.following: set[str] = set()  # names whose values are being looked at
        self.stays = posixpath.dirname(view.intent.files.get(view.path, view.path)) == posixpath.dirname(view.path)
        self.leads_on = self.stays  # the file's own place is one to go by

    @functools.cached_property
    def given(self) -> dict[str, ast.expr]:
        """The values of names that are bound once in the file."""
        bound = Counter(binds(self.tree))
        return {
            node.targets[0].id: node.value
            for node in every_node(self.tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and bound[node.targets[0].id] == 1
        }

    def run(self) -> Iterator[Edit | Finding]:
        """The edits to every such path; a finding where one cannot be spelled."""
        bound = Counter(binds(self.tree))
        for statement in self.tree.body:
            if isinstance(statement, ast.FunctionDef) and bound[statement.name] == 1:
                self.reads(statement)
        inner: set[int] = set()
        for node in every_node(self.tree):  # the outermost first
            if isinstance(node, ast.expr) and id(node) not in inner:
                root, parts = self.taken_apart(node)
                if parts:
                    inner.update(id(one) for one in every_node(node) if one is not node)
                    start, first = self.start(root), _literal(root)
                    if start is None and first is not None:
                        start, parts = Start("", ""), [first, *parts]
                    yield from self.led(node, start, parts) if start is not None else ()
        yield from self.tables()

    def taken_apart(self, node: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
        """The expression at the left end of a path, and the parts behind it; no parts where it is no joined path."""
        parts: list[ast.expr] = []
        while True:
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                parts.insert(0, node.right)
                node = node.left
            elif isinstance(node, ast.Call) and called(node) == "joinpath" and isinstance(node.func, ast.Attribute):
                parts = [*node.args, *parts]
                node = node.func.value
            elif isinstance(node, ast.Call) and called(node) in ("join", "Path", *_INSIDE) and len(node.args) > 1:
                parts = [*node.args[1:], *parts]
                if called(node) in _INSIDE:
                    return node, parts
                node = node.args[0]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.readers:
                return node, [*(node.args if self.readers[node.func.id][1] else node.args[:1]), *parts]
            else:
                return node, parts

    def reads(self, function: ast.FunctionDef) -> None:
        """Take note of a function that is given parts of a path: `def read(*parts): ... join(HERE, *parts)`.

        They are all its arguments, or its first one.
        """
        given = function.args
        several = given.vararg is not None and not (given.posonlyargs or given.args)
        first = given.vararg if several else next(iter((*given.posonlyargs, *given.args)), None)
        starts: set[Start | None] = set()
        for node in every_node(function) if first is not None else ():
            root, parts = self.taken_apart(node) if isinstance(node, ast.expr) else (None, [])
            last = parts[-1] if parts else None
            last = last.value if isinstance(last, ast.Starred) and several else last
            if root is not None and first is not None and isinstance(last, ast.Name) and last.id == first.arg:
                starts.add(self.inside(self.start(root), parts[:-1]))
        start = starts.pop() if len(starts) == 1 else None
        if start is not None:
            self.readers[function.name] = start, several

    def inside(self, start: Start | None, parts: Sequence[ast.expr]) -> Start | None:
        """A folder below another one."""
        written = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if start is None or len(written) != len(parts) or not written:
            return start if not parts else None
        old = posixpath.normpath(posixpath.join(start.old, *written))
        new = self.where.image(old)
        return Start(old, new) if new is not None else None

    def meant(self, node: ast.expr) -> Start | None:
        """The folder that an expression means, be it of nothing but literals."""
        if isinstance(node, ast.Name) and node.id in self.given:
            node = self.given[node.id]
        root, parts = self.taken_apart(node)
        first = _literal(root)
        if first is not None:
            return self.inside(Start("", ""), [first, *parts])
        return self.below(node) if parts else self.start(node)

    def start(self, node: ast.expr) -> Start | None:
        """What an expression means, as far as it can be told."""
        roots: list[Start] = []

        def known(node: ast.expr) -> Climb | None:
            if isinstance(node, ast.Name) and node.id in self.given and node.id not in self.following:
                self.following.add(node.id)
                value = self.given[node.id]
                found = self.below(value)
                roots.extend([found] if found is not None else [])
                step = climb(value, known) if found is None else Climb(0, not _is_text(value))
                self.following.discard(node.id)
                return step
            root = self.root(node)
            roots.extend([root] if root is not None else [])
            return Climb(0, not isinstance(node, ast.Name)) if root is not None else None

        found = climb(node, known)
        if found is None:
            return None
        old, new = roots[-1].old, roots[-1].new
        for _ in range(found.steps):
            old, new = posixpath.dirname(old), posixpath.dirname(new)
        return Start(old, new)

    def below(self, node: ast.expr) -> Start | None:
        """A folder that is there, behind a known one: what `HERE / "data"` and `join(HERE, pardir)` mean."""
        root, parts = self.taken_apart(node)
        way = strings(parts)
        start = self.start(root) if parts and len(way) == len(parts) and root is not node else None
        if start is None:
            return None
        old = posixpath.normpath(posixpath.join(start.old, *way)).removesuffix(".")
        new = self.where.image(old) if not old.startswith("..") and self.where.exists(old) else None
        return Start(old, new) if new is not None else None

    def root(self, node: ast.expr) -> Start | None:
        """The file itself, or the folder of a package that is asked for."""
        if isinstance(node, ast.Name) and node.id == "__file__":
            new = self.view.intent.files.get(self.view.path, self.view.path)
            return Start(self.view.path, new) if self.leads_on else None
        if isinstance(node, ast.Call) and called(node) in ("files", *_INSIDE) and node.args:
            return self.package(node.args[0])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.readers:
            return self.readers[node.func.id][0]
        place = staying_place(self.view, node) if isinstance(node, (ast.Attribute, ast.Subscript)) else ""
        return Start(place, place) if place else None

    def package(self, node: ast.expr) -> Start | None:
        """The folder of a package that is named by a literal, or is the file's own."""
        if isinstance(node, ast.Name) and node.id == "__package__":
            name = self.view.package
        else:
            name = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        found = self.view.inventory.modules.find(name, self.view.path) if name else None
        folder = found.module.folder if found is not None else ""
        new = self.where.image(folder) if folder else None
        return Start(folder, new) if new is not None else None

    def tables(self) -> Iterator[Edit | Finding]:
        """The edits to texts that a loop puts behind a known folder, or a finding where they serve more.

        Where the file moves, the folder is the one that it goes on naming.
        """
        self.leads_on = True
        for given in givens(self.tree, self.given):
            for part in given.inside:
                for node in every_node(part):
                    root, parts = self.taken_apart(node) if isinstance(node, ast.expr) else (None, [])
                    last = parts[-1] if parts else None
                    if root is None or not isinstance(last, ast.Name) or last.id != given.name:
                        continue
                    way, start = strings(parts[:-1]), self.start(root)
                    if start is not None and len(way) == len(parts) - 1:
                        yield from self.tabled(given, start, way, inward=_is_resource(root))

    def tabled(self, given: Given, start: Start, way: Sequence[str], *, inward: bool) -> Iterator[Edit | Finding]:
        """What becomes of the texts behind one folder; with `inward` they cannot lead out of it."""
        base = posixpath.normpath(posixpath.join(start.old, *way)).removesuffix(".")
        home = self.where.image(base) if way or not self.stays else start.new
        edits: list[Edit] = []
        for literal in given.literals:
            written = str(literal.value)
            old = posixpath.normpath(posixpath.join(base, written))
            if not written or written.startswith("/") or old.startswith("..") or not self.where.exists(old):
                continue
            new = self.where.image(old)
            after = posixpath.relpath(new, home or ".") if new is not None and home is not None else None
            if after == posixpath.normpath(written):
                continue
            spans = bodies(self.text, literal, written)
            if after is None or len(spans) != 1 or (inward and after.startswith("..")) or not self.alone(given):
                yield Finding(
                    "own-path-moves", f"leads to {old}, which is elsewhere or divided after the phase", Weight.REVIEW,
                    Place(self.view.path, literal.lineno), "name the new place by hand",
                )  # fmt: skip
                continue
            edits.append(Edit(*spans[0], after.encode(), f"{old} -> {new} in a path", True))
        yield from edits

    def alone(self, given: Given) -> bool:
        """True where the texts serve nothing but to be paths: each name that stands for them is read once."""
        return loads(given.name, given.inside) == 1 and (not given.table or loads(given.table, [self.tree]) == 1)

    def led(self, node: ast.expr, start: Start, parts: Sequence[ast.expr]) -> Iterator[Edit | Finding]:
        """The edits that let literal parts lead where they led."""
        literals: list[tuple[int, int, str]] = []
        for part in parts:
            written = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
            spans = bodies(self.text, part, written) if written and not written.startswith("/") else []
            if len(spans) != 1:
                break
            literals.append((*spans[0], written))
        old = posixpath.normpath(posixpath.join(start.old, *(written for _, _, written in literals)))
        if not literals or old.startswith("..") or not self.where.exists(old):
            return
        new = self.where.image(old)
        way = posixpath.relpath(new, start.new or ".") if new is not None else ""
        before = posixpath.normpath("/".join(written for _, _, written in literals))
        if way == before:
            return
        spelled = _spelled([written for _, _, written in literals], way) if new is not None else None
        resource = isinstance(node, ast.Call) and called(node) in _INSIDE
        if spelled is None or (resource and way.startswith("..")):
            yield Finding(
                "own-path-moves", f"leads to {old}, which is elsewhere or divided after the phase", Weight.REVIEW,
                Place(self.view.path, node.lineno), "name the new place by hand",
            )  # fmt: skip
            return
        for (begin, end, written), text in zip(literals, spelled, strict=True):
            if text != written:
                yield Edit(begin, end, text.encode(), f"{old} -> {new} in a path", True)


def _is_text(node: ast.expr) -> bool:
    """True where what is put together is a string: `os.path.join`."""
    return isinstance(node, ast.Call) and called(node) == "join"


def _is_resource(node: ast.expr) -> bool:
    """`importlib.resources.files(package)`, and what is asked of a package by name."""
    return isinstance(node, ast.Call) and called(node) in ("files", *_INSIDE)


def _literal(node: ast.expr) -> ast.expr | None:
    """The literal with which a path begins: `"app"` in `join("app", "x.txt")` and in `Path("app") / "x.txt"`."""
    if isinstance(node, ast.Call) and called(node) == "Path" and len(node.args) == 1:
        node = node.args[0]
    return node if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _spelled(written: Sequence[str], way: str) -> list[str] | None:
    """A new path in as many parts as the old one had, the first and last ones kept as far as they are the same.

    What is new goes to a folder rather than to a file's name.
    """
    todo, last = way.split("/"), _segments(written[-1])
    if len(written) > 1 and "." in last[-1] and todo[-len(last) :] == last:
        front = _spelled(written[:-1], "/".join(todo[: -len(last)])) if len(todo) > len(last) else None
        return [*front, written[-1]] if front is not None else None
    return _divided(written, todo, heads=True) or _divided(written, todo, heads=False)


def _divided(written: Sequence[str], todo: list[str], *, heads: bool) -> list[str] | None:
    """The same; without `heads`, the first part takes what is new, whatever it was."""
    kept, tail, left = list[str](), list[str](), list(written)
    while heads and len(left) > 1 and (head := _segments(left[0])) == todo[: len(head)] and len(head) < len(todo):
        kept.append(left.pop(0))
        todo = todo[len(head) :]
    while len(left) > 1:
        if len(todo) < 2:
            return None
        part = left.pop()
        last = _segments(part)
        same = todo[-len(last) :] == last and len(last) < len(todo)
        tail.insert(0, part if same else todo[-1])
        todo = todo[: -len(last) if same else -1]
    return [*kept, "/".join(todo), *tail]


def _segments(part: str) -> list[str]:
    return part.strip("/").split("/")

"""The residue ledger: every old name and path that is still in the tree, and why."""

from __future__ import annotations

import ast
import posixpath
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.plan.model import Settled
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import OwnName, Residue
from codemod.source.facts import Defining, Facts, Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.lines import walk_lines
from codemod.source.modules import SUFFIXES
from codemod.source.nodes import every_node
from codemod.source.ours import blocks, is_guard, shim_of
from codemod.source.text import Text, Undecodable

from .keeping import entries_for, settling
from .old import FAR, Hit, Old
from .prose import is_history
from .standing import derived, standing

LARGEST = 5_000_000  # bytes; larger files are not looked at
_PROSE = (".md", ".markdown", ".rst", ".txt", ".adoc")
_TOKEN = lazy(rb"[^\s\"'<>()\[\]`,;]*\Z")
_LINE = lazy(rb"\r\n|\r|\n")
_LOGGER = lazy(rb"(?i)get_?logger\(\s*\Z")
_OURS = lazy(rb"codemod: |\bmoved to [\w.]+\"")  # a line with our mark; a ban


def ledger(
    before: Inventory,
    after: Inventory,
    intent: Intent,
    settled: Iterable[Settled] = (),
    ours: Collection[str] = (),
    shims: Collection[str] = (),
    own_names: OwnNames | None = None,
) -> tuple[Residue, ...]:
    """Every occurrence of an old dotted name or path in the tree of `after`, classified; sorted by place.

    `settled` are the plan's `keep:` and `rewrite:` entries, `ours` the paths of the plan, its tracker and what the
    phase generated, `shims` the old dotted names that a shim keeps alive; `own_names` finds the names by which code is
    known outside of it, where it says them itself.  Binary files, files over 5 MB, symbolic
    links and submodules are not looked at.
    """
    old = Old(before, after, intent)
    if not (old.names or old.paths):
        return ()
    held = [path for path in after.tree.paths if _is_file(after, path) and old.may_be_in(path)]
    said = tuple(own_names(after, held)) if own_names is not None else ()
    book = _Ledger(old, tuple(settled), frozenset(ours), frozenset(shims), said)
    return tuple(book.entries(held))


OwnNames = Callable[[Inventory, Sequence[str]], Iterable[OwnName]]
"""(tree, paths) -> what code in them says of itself."""


def _is_file(inventory: Inventory, path: str) -> bool:
    entry = inventory.tree.entry(path)
    return entry is not None and entry.is_file


def findings(residue: Iterable[Residue]) -> Iterator[Finding]:
    """A refusal for each occurrence that nothing explains."""
    for item in residue:
        if item.verdict == "unexplained":
            yield Finding(
                "residue-unexplained", f"{item.name} is still named here: {item.why}", Weight.REFUSAL, item.place,
                "a bug of ours, please report it; `keep:` for this line settles it meanwhile",
            )  # fmt: skip


Verdict = tuple[str, str]  # verdict and why


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What the verdicts depend on."""

    old: Old
    settled: tuple[Settled, ...]
    ours: frozenset[str]
    shims: frozenset[str]
    own: tuple[OwnName, ...]  # what code says that it is known by outside

    def entries(self, paths: Iterable[str]) -> Iterator[Residue]:
        for path in paths:
            data = self.old.after.tree.read(path)
            if len(data) <= LARGEST and b"\0" not in data[:8000]:
                yield from self.file(path, data)

    def file(self, path: str, raw: bytes) -> Iterator[Residue]:
        """The entries of one file."""
        try:
            text = Text.of(raw)
        except Undecodable:
            text = Text(raw, (0, *(found.end() for found in _LINE.finditer(raw))), "latin-1", False)
        hits = list(self.old.hits(text.data, path))
        if not hits:
            return
        marked = [(block.start, block.end) for block in blocks(text.data)]
        whole = path in self.ours or shim_of(raw) is not None or is_guard(raw)
        python = _Python.of(self.old.after, path, text, hits) if path.endswith(SUFFIXES) else None
        of_file = self.of_file(path)
        at, of_line = 0, of_file
        for hit in hits:
            line = text.line(hit.start)
            if line != at:
                at, of_line = line, self.of_line(path, _words(text, line))
            if hit.parted and python is not None and not python.is_text(hit.start):
                continue  # an import: that it resolves is proven elsewhere
            if whole or any(start <= hit.start < end for start, end in marked):
                verdict, why = "ours", "written by codemod or read by it"
            else:
                verdict, why = of_line or of_file or self.verdict(path, text, hit, line, python)
            yield Residue(Place(path, line, text.column(hit.start)), hit.name, verdict, why)

    def of_file(self, path: str) -> Verdict | None:
        """What to think of every occurrence in a file."""
        if is_history(path):
            return "kept", "history"
        made = derived(self.old.after.tree, path)
        return ("kept", made) if made else None

    def of_line(self, path: str, words: bytes) -> Verdict | None:
        """What to think of every occurrence on a line."""
        if _OURS.search(words):
            return "ours", "written by codemod"
        kept = settling(entries_for(self.settled, path, rewrite=False), words)
        return ("kept", kept.why or "settled in the plan") if kept is not None else None

    def _is_own(self, path: str, line: int, text: Text, hit: Hit) -> bool:
        """True when the whole dotted name, of which an old one is the front, is known outside."""
        data = text.data
        rest = _REST.match(data, hit.end) if self.own and not hit.is_path else None
        if rest is None:
            return False
        whole, below = data[hit.start : rest.end()].decode("utf-8", "replace"), data[rest.end() :].startswith(b".*")
        return any(
            (path, line) == (said.path, said.line)
            or (said.name == whole and (not said.logger or _LOGGING.search(_words(text, line)) is not None))
            or (below and not said.logger and names.below(said.name, whole))
            for said in self.own
        )

    def verdict(self, path: str, text: Text, hit: Hit, line: int, python: _Python | None) -> Verdict:
        """What to think of one occurrence of which its line and file tell nothing."""
        address = _address(text.data, hit)
        if address:
            return "kept", address
        found = python.verdict(hit) if python is not None else _other(path)
        if (
            found[0] in ("ambiguous", "out-of-reach")
            and not found[1].startswith("prose")
            and self._is_own(path, line, text, hit)
        ):
            return "kept", "what is known outside the code by this name says it itself"
        stands = standing(self.old.before, self.old.after, path, text.data, hit) if found[0] == "ambiguous" else ""
        if stands:
            return "kept", stands
        if found[0] in ("unexplained", "kept"):
            return found
        if not hit.is_path and any(prefix in self.shims for prefix in names.prefixes(hit.name)):
            return "kept-by-shim", found[1]
        if not hit.sure:
            return "ambiguous", f"a path whose front part is not known, {found[1]}"
        return found


_LOGGING = lazy(rb"(?i)log|qualname|^[ \t\"']*[\w.]+[\"']?\s*:")
_REST = lazy(rb"(?:\.?[\w\x80-\xff]+)*")


def _words(text: Text, line: int) -> bytes:
    return text.data[text.starts[line - 1] : text.starts[line] if line < len(text.starts) else None]


def _address(data: bytes, hit: Hit) -> str:
    """`url` or `e-mail` when the occurrence is part of one."""
    line = data.rfind(b"\n", 0, hit.start) + 1
    before = _TOKEN.search(data, max(line, hit.start - FAR), hit.start)
    front = before.group() if before else b""
    if b"://" in front or front.startswith((b"www.", b"//")) or data[hit.end : hit.end + 3] == b"://":
        return "url"
    if re.search(rb"[\w.+-]@(?:[\w-]+\.)*\Z", front) or re.match(rb"[\w.+-]*@[\w-]+\.", data[hit.end : hit.end + 80]):
        return "e-mail"
    return ""


def _other(path: str) -> Verdict:
    suffix = posixpath.splitext(path)[1]
    if suffix in _PROSE:
        return "ambiguous", "prose"
    return "ambiguous", f"in a {suffix} file" if suffix else f"in {posixpath.basename(path)}"


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: str  # docstring | string | computed


@dataclass(slots=True)
class _Python:
    """What the places of one Python file are: code, strings, comments."""

    inventory: Inventory
    path: str
    text: Text
    facts: Facts
    tree: ast.Module | None
    spans: list[_Span] = field(default_factory=list)
    bound: frozenset[str] | None = None

    @classmethod
    def of(cls, inventory: Inventory, path: str, text: Text, hits: Iterable[Hit]) -> _Python:
        """The file parsed, with the strings on the lines of the hits; no tree where it is not Python."""
        try:
            tree = parse(text)
        except Unparsable:
            return cls(inventory, path, text, Facts(), None)
        lines = sorted({text.line(hit.start) for hit in hits})
        spans = sorted(_spans(tree, text, lines), key=lambda span: span.start)
        return cls(inventory, path, text, inventory.facts(path), tree, spans)

    def verdict(self, hit: Hit) -> Verdict:
        """What to think of an occurrence in this file."""
        if self.tree is None:
            return "out-of-reach", "the file does not parse"
        span = self.span(hit.start)
        if span is not None:
            if _LOGGER.search(self.text.data, max(0, span.start - 40), span.start):
                return "kept", "the name of a logger"
            value = self.text.data[span.start : span.end].strip(b"rRbBuUfF\"' \t\r\n\\")
            if span.kind == "computed":
                return "out-of-reach", "part of a computed string"
            if span.kind == "docstring" or re.search(rb"\s", value):
                return "ambiguous", "prose in a docstring" if span.kind == "docstring" else "prose in a string"
            return "ambiguous", "a string that may be a name"
        if self.is_text(hit.start):
            return "ambiguous", "prose in a comment"
        if hit.is_path:
            return "kept", "an expression"
        return self.code(hit)

    def code(self, hit: Hit) -> Verdict:
        """A name in code: an import, or an attribute chain whose root is the package."""
        for statement in self.facts.imports:
            if statement.start <= hit.start < statement.end:
                if self.inventory.modules.find(hit.name, self.path) is not None:
                    return "kept", "another module of this name is nearer"
                return "unexplained", "an import that should have been rewritten"
        root = names.top(hit.name)
        for above in names.prefixes(names.parent(hit.name)):
            module = self.inventory.modules.get(above)
            part = names.top(names.tail(hit.name, above))
            if module is not None and module.path and self.inventory.binds(module, part):
                return "kept", f"{above} binds {part} itself"
        imported = any(
            not statement.is_from and statement.bound(alias) == root and not alias.asname
            for statement in self.facts.imports
            for alias in statement.aliases
        )
        nearer = self.inventory.modules.find(root, self.path)
        if not imported or (nearer is not None and nearer.module.name != root):
            return "kept", f"{root} is not the package here"
        if root in self.bound_otherwise():
            return "ambiguous", f"{root} may be a local name here"
        if not self.is_read(hit.start):
            return "out-of-reach", "part of a computed string"  # newer syntax: the older spelling has blanks there
        return "unexplained", "code that should have been rewritten"

    def is_read(self, offset: int) -> bool:
        """True where the tree has a name."""
        line = self.text.line(offset)
        return self.tree is not None and any(
            isinstance(node, ast.Name) and self.text.offset(node.lineno, node.col_offset) == offset
            for node in walk_lines(self.tree, (line,))
        )

    def bound_otherwise(self) -> frozenset[str]:
        """Names that the file also binds by other means than plain imports."""
        if self.bound is None:
            found = {
                statement.bound(alias)
                for statement in self.facts.imports
                for alias in statement.aliases
                if statement.is_from or alias.asname
            }
            for node in every_node(self.tree) if self.tree else ():
                found.update(parameter.name for parameter in getattr(node, "type_params", ()))
                if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                    found.add(node.id)
                elif isinstance(node, ast.arg):
                    found.add(node.arg)
                elif isinstance(node, _CAPTURES):
                    found.update(filter(None, (getattr(node, "name", None), getattr(node, "rest", None))))
            self.bound = frozenset(found | self.facts.defined)
        return self.bound

    def is_text(self, offset: int) -> bool:
        """True in a string or in a comment."""
        start = self.text.starts[self.text.line(offset) - 1]
        inside = any(self.span(at) is None for at in _hashes(self.text.data, start, offset))
        return inside or self.span(offset) is not None

    def span(self, offset: int) -> _Span | None:
        """The string that an offset lies in; the outermost, which is an f-string's."""
        at = bisect_right(self.spans, offset, key=lambda span: span.start)
        inside = [span for span in self.spans[max(at - 8, 0) : at] if span.end > offset]
        return next((span for span in inside if span.kind == "computed"), inside[0] if inside else None)


_CAPTURES = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping, *Defining)


def _hashes(data: bytes, start: int, end: int) -> Iterator[int]:
    at = data.find(b"#", start, end)
    while at != -1:
        yield at
        at = data.find(b"#", at + 1, end)


def _spans(tree: ast.Module, text: Text, lines: Sequence[int]) -> Iterator[_Span]:
    """Every string on some lines of a file, and what kind it is."""
    docstrings: set[int] = set()
    computed: set[int] = set()
    for node in walk_lines(tree, lines):
        kind = ""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstrings.add(id(node.value))
        elif isinstance(node, ast.BinOp):
            computed.update(id(side) for side in (node.left, node.right))
        elif isinstance(node, ast.Attribute) and node.attr in ("format", "format_map", "join"):
            computed.add(id(node.value))
        elif isinstance(node, ast.JoinedStr) or type(node).__name__ == "TemplateStr":
            kind = "computed"
        elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            kind = "docstring" if id(node) in docstrings else "computed" if id(node) in computed else "string"
        if kind:
            start = text.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # all of them have a place
            end = text.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
            yield _Span(start, end, kind)

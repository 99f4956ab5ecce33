"""The new text of one module: what stays of it, what arrives, and the imports that both need."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field, replace
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.statement import name_key
from codemod.source.facts import Import
from codemod.source.lines import indent_of, indented
from codemod.source.text import Text

from . import motion_exports as exports
from .motion_anatomy import Anatomy, Piece, is_checking_block
from .motion_arrival import Arrival, is_block, sequence_text
from .motion_imports import Wanted
from .motion_searched import FIRST_PARTY, needed_above
from .motion_text import (
    GUARDED,
    ImportBlock,
    Line,
    at_once,
    cuts,
    late,
    recast,
    sort_key,
    sort_kind,
)


@dataclass(slots=True)
class Build:
    """A module on its way to its new text."""

    name: str
    path: str
    package: str
    text: Text  # of the module; for a new one, an empty text in the encoding of its source
    first_party: frozenset[str]
    width: int = 88
    anatomy: Anatomy | None = None  # None for a new module
    arrivals: list[Arrival] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)  # of the text that stays
    gone: list[tuple[int, int]] = field(default_factory=list)  # whole lines that leave
    sequence: list[tuple[Arrival, Piece]] = field(default_factory=list)  # what arrives, in its order
    before: Piece | None = None  # arrivals go above this piece
    top: bytes = b""  # header of a new module
    futures: frozenset[str] = frozenset()  # that a new module starts with, or that are added
    exports: list[str] = field(default_factory=list)  # names for `__all__`
    listed: bool = False  # it has one, also if there are none: without it all that is public would be given
    unlisted: frozenset[str] = frozenset()  # names that `__all__` loses
    new_exports: bool = False  # an existing module gets its first `__all__`

    @property
    def newline(self) -> bytes:
        """The module's line ending."""
        if self.anatomy is None and self.arrivals:
            return self.arrivals[0].anatomy.text.newline
        return self.text.newline

    @property
    def indent(self) -> str:
        """What code is indented by, here or where the first of it comes from."""
        every = [self.anatomy, *(arrival.anatomy for arrival in self.arrivals)]
        return next((indent_of(one.text, one.tree.body) for one in every if one is not None), "    ")

    # -- a new module

    def created(self) -> bytes:
        """The whole text of a new module."""
        newline = self.newline
        nl = newline.decode()
        parts: list[bytes] = [recast(self.top, newline)] if self.top else []
        if self.futures:
            parts.append(f"from __future__ import {', '.join(sorted(self.futures))}{nl}".encode())
        block = ImportBlock()
        for item in self.statements([w for w in self.wanted if not w.checking]):
            _place_new(block, item)
        for text in (
            block.text(nl),
            self._guarded(nl),
            exports.statement(self.exports, nl, self.width) if self.exports or self.listed else "",
        ):
            if text:
                parts.append((text + nl).encode())
        body = sequence_text(self.sequence, newline)
        arrival, first = self.sequence[0]
        gap = newline * (2 if is_block(first) or any(arrival.heading(first, None)) else 1)
        head = newline.join(parts)
        return head + (gap if head else b"") + body

    def _guarded(self, nl: str) -> str:
        guarded = [w for w in self.wanted if w.checking]
        if not guarded:
            return ""
        lines = sorted(self.statements(guarded), key=lambda item: (item[1].kind, item[0], item[1].key))
        return "if TYPE_CHECKING:" + nl + nl.join(indented(line.text, nl, self.indent) for _, line in lines)

    def statements(self, wanted: Sequence[Wanted]) -> list[tuple[tuple[int, int], Line]]:
        """Statements for clauses, each with (group, order) in the source; clauses of one module are joined."""
        nl = self.newline.decode()
        statements: dict[tuple[object, ...], list[Wanted]] = {}
        for item in sorted(wanted, key=lambda w: (w.group, w.order)):
            single = item.plain or bool(item.block)
            key = (item.block,) if item.block else (item.clause,) if item.plain else (
                item.module_text(self.package), item.comment)  # fmt: skip
            statements.setdefault((single, *key), []).append(item)
        found: list[tuple[tuple[int, int], Line]] = []
        for items in statements.values():
            first = items[0]
            if first.block:
                text, module, is_from = (
                    first.block.decode().replace("\r\n", "\n").rstrip("\n").replace("\n", nl),
                    "",
                    True,
                )
            elif first.plain:
                text, module, is_from = f"import {first.clause}", first.module, False
            else:
                module, is_from = first.module_text(self.package), True
                text = self._from(module, [item.clause for item in items], nl)
            if first.comment and not first.block:
                text += "  " + first.comment
            kind = GUARDED if first.block else sort_kind(module, self.first_party)
            found.append(((first.group, first.order), Line(kind, sort_key(module, is_from), text)))
        return found

    def _from(self, module: str, clauses: Sequence[str], nl: str) -> str:
        unique = list(dict.fromkeys(clauses))
        if any(w.order >= 1 << 40 for w in self.wanted if w.clause in unique):
            unique.sort(key=name_key)
        line = f"from {module} import {', '.join(unique)}"
        if len(line) <= self.width or len(unique) == 1:
            return line
        return f"from {module} import (" + nl + "".join(f"    {clause},{nl}" for clause in unique) + ")"

    # -- a module that is there

    def changed(self) -> bytes:
        """The new text of an existing module."""
        anatomy = self.anatomy
        assert anatomy is not None
        edits = [*self.edits, *self._cuts(), *self._import_edits(anatomy)]
        inserted, appended = self._arriving(anatomy)
        edits += inserted
        if self.exports and not self.new_exports:
            edits += exports.with_names(anatomy, self.exports, self.unlisted)
        elif self.exports:
            edits.append(self._exports(anatomy))
        else:
            edits += exports.closed(anatomy, edits)
        data = apply(self.text.data, at_once(edits, self.text))
        if not appended:
            return data
        newline = self.newline
        base = data.rstrip(b"\r\n \t\f")
        return (base + newline * 3 if base else b"") + appended

    def _exports(self, anatomy: Anatomy) -> Edit:
        """A first `__all__`, behind the imports."""
        standing = [p for p in anatomy.pieces if p.is_import and not self._cut_at(p.code)]
        at = standing[-1].end if standing else self._head(anatomy)
        nl = self.newline.decode()
        lead, behind = nl if at else "", self.text.data[at:]
        close = behind[:1] not in (b"", b"\r", b"\n")  # nothing parts it from what follows
        rest = nl * (2 if behind.startswith((b"def ", b"class ", b"async ", b"@")) else 1) * close
        return Edit(at, at, (lead + exports.statement(self.exports, nl, self.width) + nl + rest).encode(), "united")

    def _cuts(self) -> list[Edit]:
        return [Edit(start, end, b"", "it leaves") for start, end in cuts(self.text, self.gone)]

    def _arriving(self, anatomy: Anatomy) -> tuple[list[Edit], bytes]:
        newline = self.newline
        body = sequence_text(self.sequence, newline)
        if not body:
            return [], b""
        main = next((p for p in anatomy.pieces if p.kind == "main" and not self._leaves(p)), None)
        before = self.before or main
        if before is None:
            return [], body
        return [Edit(before.start, before.start, body + newline * 2, "it arrives")], b""

    def _leaves(self, piece: Piece) -> bool:
        return any(start <= piece.code < end for start, end in self.gone)

    def _import_edits(self, anatomy: Anatomy) -> list[Edit]:
        """Imports that are not there yet: into a statement of the same module, or in their place in the block."""
        edits: list[Edit] = []
        nl = self.newline.decode()
        if self.futures:
            at = self._head(anatomy)
            text = f"from __future__ import {', '.join(sorted(self.futures))}{nl}"
            after = "" if self.text.data[at : at + 1] in (b"\n", b"\r", b"") else nl
            edits.append(Edit(at, at, ((nl if at else "") + text + after).encode(), "needed by what arrives"))
        plain = [w for w in self.wanted if not w.checking]
        rest = [w for w in plain if not self._extended(anatomy, w, edits)]
        block, below, behind = self._block(anatomy), ImportBlock(), needed_above(anatomy, self.first_party)
        if behind is not None and not self._leaves(behind):
            below = self._block(anatomy, behind)
        else:
            behind = None
        for _, line in self.statements(rest):
            if behind is None or line.kind not in (FIRST_PARTY, FIRST_PARTY + 1):
                block.place(line)
            else:
                below.place(replace(line, text=late(line.text, nl)))
        guarded = [w for w in self.wanted if w.checking]
        guard = self._into_guard(anatomy, guarded, nl) if guarded else None
        first = guard is not None and not self._imports(anatomy)  # it follows the first imports, and what follows them
        edits += self._placed(anatomy, block, guard.new if guard is not None and first else b"")
        edits += self._placed(anatomy, below, b"", behind)
        if guard is not None and not first:
            edits.append(guard)
        return edits

    def _imports(self, anatomy: Anatomy) -> list[Piece]:
        """The import statements that stay."""
        return [p for p in anatomy.pieces if p.kind in ("import", "guarded") and not self._cut_at(p.code)]

    def _extended(self, anatomy: Anatomy, wanted: Wanted, edits: list[Edit]) -> bool:
        """Add a clause to a `from` statement of the same module, where that is easy."""
        if wanted.plain or wanted.block or wanted.comment:
            return False
        relative = wanted.module_text(self.package).startswith(".")
        for statement in anatomy.imports:
            if statement.scope != "module" or statement.guard or not statement.is_from or statement.is_star:
                continue
            meant = names.absolute(anatomy.module.package, statement.level, statement.module or "")
            same = meant == wanted.module and bool(statement.level) == relative  # dots count from where it stood
            data = self.text.data[statement.start : statement.end]
            if not same or b"#" in data or b"\\" in data or self._cut_at(statement.start):
                continue
            edit = _clause_edit(self.text, statement, wanted.clause, self.width)
            if edit is None or any(e.start < edit.start < e.end for e in self.edits):
                continue
            if any(e.start == edit.start for e in edits):
                continue
            edits.append(edit)
            return True
        return False

    def _cut_at(self, offset: int) -> bool:
        return any(start <= offset < end for start, end in self.gone)

    def _block(self, anatomy: Anatomy, behind: Piece | None = None) -> ImportBlock:
        """The leading import statements as runs, or those right behind a piece."""
        block = ImportBlock()
        last: Piece | None = None
        for piece in anatomy.pieces[behind.number + 1 if behind is not None else 0 :]:
            if piece.kind in ("docstring", "future") or self._cut_at(piece.code):
                continue
            if piece.kind != "import":
                if piece.is_import or piece.kind == "exports":
                    continue
                break
            node = piece.nodes[0]
            module = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if isinstance(node, ast.Import):
                module = node.names[0].name
            line = Line(
                sort_kind(module, self.first_party), sort_key(module, isinstance(node, ast.ImportFrom)),
                "", piece.start, piece.end,
            )  # fmt: skip
            apart = last is None or bool(self.text.data[last.end : piece.start])
            if apart or not block.runs:
                block.runs.append([line])
            else:
                block.runs[-1].append(line)
            last = piece
        return block

    def _placed(
        self, anatomy: Anatomy, block: ImportBlock, guard: bytes, behind: Piece | None = None
    ) -> Iterator[Edit]:
        """The new lines of a block as insertions beside the statements that are there; `guard` behind first ones."""
        newline = self.newline
        standing = [line for run in block.runs for line in run if line.start >= 0]
        if not standing:
            text = block.text(newline.decode()).encode()
            text = (text + newline if text else b"") + (guard if text else guard.removeprefix(newline))
            if text:
                yield from self._first_imports(anatomy, text, behind)
            return
        for position, run in enumerate(block.runs):
            own = [line for line in run if line.start >= 0]
            if not own:
                yield self._own_run(block, position, newline)
                continue
            waiting: list[bytes] = []
            last = own[-1]
            for line in run:
                if line.start < 0:
                    waiting.append(line.text.encode() + newline)
                elif waiting:
                    yield Edit(line.start, line.start, b"".join(waiting), "needed here")
                    waiting = []
            if waiting:
                yield Edit(last.end, last.end, b"".join(waiting), "needed here")

    def _own_run(self, block: ImportBlock, position: int, newline: bytes) -> Edit:
        """A run of new statements alone, set off by blank lines."""
        text = b"".join(line.text.encode() + newline for line in block.runs[position])
        earlier = [line for run in block.runs[:position] for line in run if line.start >= 0]
        if earlier:
            return Edit(earlier[-1].end, earlier[-1].end, newline + text, "needed here")
        following = next(line for run in block.runs[position + 1 :] for line in run if line.start >= 0)
        return Edit(following.start, following.start, text + newline, "needed here")

    def _first_imports(self, anatomy: Anatomy, text: bytes, behind: Piece | None) -> Iterator[Edit]:
        """Imports for a module that had none, or had none behind a piece."""
        at, newline = behind.end if behind is not None else self._head(anatomy), self.newline
        cut = next((p for p in anatomy.pieces if p.is_import and p.start >= at and self._cut_at(p.code)), None)
        near = cut is not None and self.text.data[: cut.code].strip() and not self.text.data[at : cut.start].strip()
        if cut is not None and near and not any(e.start < cut.code < e.end for e in self._cuts()):
            yield Edit(cut.code, cut.code, text, "needed here")  # in the place of those that go
            return
        rest = self.text.data[at:]
        lead = newline if at and self.text.data[:at].strip() else b""
        following = next((p for p in anatomy.pieces if p.start >= at and not self._leaves(p)), None)
        apart = newline * (2 if following is None or is_block(following) or following.kind == "main" else 1)
        tail = b"" if not rest.strip() or rest[:1] in (b"\r", b"\n") else apart
        yield Edit(at, at, lead + text + tail, "needed here")

    def _head(self, anatomy: Anatomy) -> int:
        """Behind the header, the docstring and `__future__`."""
        end = anatomy.header.end
        for piece in anatomy.pieces:
            if piece.kind not in ("docstring", "future"):
                break
            end = piece.end
        return end

    def _into_guard(self, anatomy: Anatomy, guarded: Sequence[Wanted], nl: str) -> Edit:
        """Imports for type checkers: into the block that is there, or in one of their own behind the imports."""
        texts = [line.text for _, line in self.statements(guarded)]
        for piece in anatomy.pieces:
            node = piece.nodes[0]
            if is_checking_block(node) and node.lineno < (node.end_lineno or 0) and not self._cut_at(piece.code):
                text = nl.join(indented(text, nl, indent_of(anatomy.text, [node])) for text in texts) + nl
                return Edit(piece.end, piece.end, text.encode(), "for type checkers")
        imports = self._imports(anatomy)
        at = imports[-1].end if imports else self._head(anatomy)
        block = "if TYPE_CHECKING:" + nl + nl.join(indented(text, nl, self.indent) for text in texts) + nl
        return Edit(at, at, (nl + block).encode(), "for type checkers")


def future_added(build: Build, futures: frozenset[str], what: str) -> Finding:
    """`from __future__ import annotations` on one side alone changes when annotations are evaluated."""
    listed = ", ".join(sorted(futures))
    message = f"`from __future__ import {listed}` now holds for {what}"
    return Finding("future-added", message, Weight.REVIEW, Place(build.path))


def _place_new(block: ImportBlock, item: tuple[tuple[int, int], Line]) -> None:
    """In a new module statements keep the order and the runs of their source; the others find their place."""
    (group, order), line = item
    if order >= 1 << 40:
        block.place(line)
        return
    if block.runs and getattr(block.runs[-1], "group", None) == group:
        block.runs[-1].append(line)
        return
    run = _Run([line])
    run.group = group
    block.runs.append(run)


class _Run(list[Line]):
    """A run that remembers which one of the source it follows."""

    group: int = -1


def _clause_edit(text: Text, statement: Import, clause: str, width: int) -> Edit | None:
    """Add a clause to a `from` statement: in order where it is in order, else at the end; None if it grows too long."""
    written = [text.data[a.start : a.end].decode() for a in statement.aliases]
    line = text.line(statement.start)
    one_line = text.line(statement.end) == line
    if one_line and (statement.end - text.starts[line - 1]) + len(clause) + 2 > width:
        return None
    keys = [name_key(item) for item in written]
    later = [n for n, key in enumerate(keys) if key > name_key(clause)] if keys == sorted(keys) else []
    gap = b", "
    if not one_line:
        first = statement.aliases[0].start
        indent = text.data[text.starts[text.line(first) - 1] : first]
        if indent.strip():
            return None
        gap = b"," + text.newline + indent
    if later:
        at = statement.aliases[later[0]].start
        return Edit(at, at, clause.encode() + gap, "needed here")
    at = statement.aliases[-1].end
    return Edit(at, at, gap + clause.encode(), "needed here")

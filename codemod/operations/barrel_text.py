"""The text of a barrel: imports and `__all__` put into an `__init__` whose other bytes stay."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit, apply
from codemod.source.facts import facts_of_tree, parse
from codemod.source.ours import without_blocks
from codemod.source.text import Text

from .barrel_order import Imports, leading, member_key, natural

_LINE_END = lazy(rb"[\r\n]|\Z")
_EMPTY = "__all__: list[str] = []"  # type checkers want to know of what
_BREAK = lazy(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Style:
    """How a barrel is written: absolute or relative, line length, in sorted order, before the hand's code.

    `behind` are statements that a late barrel stands before all the same.
    """

    package: str
    absolute: bool
    limit: int
    natural: bool
    early: bool
    behind: Collection[str] = ()

    def module(self, name: str) -> str:
        """How the barrel spells a module of its package."""
        return name if self.absolute else names.relative(self.package, name) or name


def statement(module: str, members: Sequence[str], limit: int, note: str = "") -> str:
    """`from module import a, b`, in parentheses and one name a line where it would be too long."""
    flat = f"from {module} import {', '.join(members)}{note}"
    if len(flat) <= limit or (len(members) == 1 and note):
        return flat
    return "\n".join([f"from {module} import ({note}", *(f"    {member}," for member in members), ")"])


def all_list(members: Sequence[str], limit: int, mark: str = "=") -> str:
    """`__all__ = [...]`, one name a line where it would be too long."""
    if not members:
        return _EMPTY
    flat = f"__all__ {mark} [{', '.join(quoted(member) for member in members)}]"
    if len(flat) <= limit:
        return flat
    return "\n".join([f"__all__ {mark} [", *(f"    {quoted(member)}," for member in members), "]"])


def quoted(name: str) -> str:
    """A name as a string literal."""
    return f'"{name}"'


def extend_init(raw: bytes, order: Sequence[Imports], listed: Sequence[str], style: Style) -> bytes:
    """`raw` with the imports in `order` that it does not have and every name in `listed` in its `__all__`.

    Raises Unparsable, Undecodable, or UnicodeEncodeError where the file's encoding lacks a name's letter.
    """
    text = Text.of(raw if raw.strip() else b"")
    tree = parse(Text.of(without_blocks(text.data)))
    writer = _Writer(text, tree, style)
    writer.imports(order)
    writer.listing(listed, [name for _, members in order for name in members])
    new = writer.finish()
    return raw if new == text.data else text.raw(new)


class _Writer:
    """Collects edits of one `__init__`."""

    def __init__(self, text: Text, tree: ast.Module, style: Style) -> None:
        self.text = text
        self.style = style
        self.body = tree.body
        self.facts = facts_of_tree(text, tree)
        self.lead = self.body[: leading(self.body)]
        self.edits: list[Edit] = []
        self.fresh: list[str] = []  # import statements that stand together at the place for new text
        self.all = ""  # a new `__all__`

    # -- imports

    def imports(self, order: Sequence[Imports]) -> None:
        anchored: dict[int, list[str]] = {}
        below: dict[int, list[str]] = {}
        for module, members in order:
            wanted = [name for name in members if name not in self.facts.bound]
            if not wanted or self.widened(module, wanted):
                continue
            late = self.behind_loading(module)
            note = "" if self.style.early and late is None else "  # noqa: E402"
            line = statement(self.style.module(module), wanted, self.style.limit, note)
            place = self.anchor(module) if self.style.early and self.style.natural else None
            if late is not None:
                below.setdefault(late, []).append(line)
            elif place is None:
                self.fresh.append(line)
            else:
                anchored.setdefault(place, []).append(line)
        for place, lines in anchored.items():
            self.edits.append(Edit(place, place, self.encoded("".join(line + "\n" for line in lines))))
        for place, lines in below.items():
            self.edits.append(Edit(place, place, self.encoded("".join("\n" + line for line in lines))))

    def behind_loading(self, module: str) -> int | None:
        """The end of the line that loads a module below other code: what it does there, it does not do before."""
        for node in self.body[len(self.lead) :]:
            loads = isinstance(node, ast.Import) and any(alias.name == module for alias in node.names)
            above = (node.module or "", node.level) if isinstance(node, ast.ImportFrom) else None
            if isinstance(node, ast.ImportFrom) and above in ((names.parent(module), 0), ("", 1)):
                loads = any(alias.name == names.last(module) for alias in node.names)
            if loads:
                return self.line_end(self.span(node)[1])
        return None

    def widened(self, module: str, wanted: Sequence[str]) -> bool:
        """Put names into a statement that looks like one of ours: plain, formatted so, all of it in `__all__`."""
        for node in self.body:
            if not isinstance(node, ast.ImportFrom) or any(a.asname or a.name == "*" for a in node.names):
                continue
            have = [alias.name for alias in node.names]
            spelled = "." * node.level + (node.module or "")
            start, end = self.span(node)
            if (
                spelled == self.style.module(module)
                and set(have) <= set(self.facts.exports or ())
                and self.text.data[start:end] == self.encoded(statement(spelled, have, self.style.limit))
            ):
                members = sorted([*have, *wanted], key=member_key)
                self.edits.append(Edit(start, end, self.encoded(statement(spelled, members, self.style.limit))))
                return True
        return False

    def anchor(self, module: str) -> int | None:
        """Where a statement belongs in the sorted imports of this package that are there; None for behind them."""
        peers = self.peers()
        keys = [self.key(node) for node in peers]
        if keys != sorted(keys):
            return None
        spelled = self.style.module(module)
        level = len(spelled) - len(spelled.lstrip("."))
        key = (-level, natural(spelled.lstrip(".")))
        for node, other in zip(peers, keys, strict=True):
            if other > key:
                start = self.text.starts[node.lineno - 1]
                above = self.text.data[self.text.starts[node.lineno - 2] : start] if node.lineno > 1 else b""
                return None if above.lstrip().startswith(b"#") else start
        return None

    def peers(self) -> list[ast.ImportFrom]:
        """The last run of leading statements that import from this package the way the barrel does."""
        found: list[ast.ImportFrom] = []
        top = names.top(self.style.package)
        for node in reversed(self.lead):
            if not isinstance(node, ast.ImportFrom) or node.col_offset:
                break
            same = names.top(node.module or "") == top if self.style.absolute else True
            if bool(node.level) == self.style.absolute or not same:
                break
            found.insert(0, node)
        return found

    @staticmethod
    def key(node: ast.ImportFrom) -> tuple[int, tuple[tuple[int, int, str], ...]]:
        """Relative imports from the furthest package first, then by name."""
        return -node.level, natural(node.module or "")

    # -- __all__

    def listing(self, listed: Sequence[str], added: Sequence[str]) -> None:
        known = self.facts.exports
        if known is None and not self.facts.exports_computed:
            self.all = all_list(sorted(listed), self.style.limit)
            return
        wanted = added if self.facts.exports_computed else listed
        missing = sorted(set(wanted) - set(known or ()))
        if not missing:
            return
        found = self.literal()
        ours = [node for node in self.body if self.is_all(node) and self.source(node) == _EMPTY.encode()]
        if ours and not known:
            edit = Edit(*self.span(ours[0]), self.encoded(all_list(sorted(listed), self.style.limit)))
            self.edits.append(edit)
        elif found is None or self.facts.exports_computed:
            last = [node for node in self.body if self.is_all(node)][-1]
            at = self.line_end(self.span(last)[1])
            self.edits.append(Edit(at, at, self.encoded("\n" + all_list(missing, self.style.limit, "+="))))
        else:
            self.extend(found, missing)

    @staticmethod
    def is_all(node: ast.stmt) -> bool:
        """An assignment to `__all__`, or a call of one of its methods."""
        if isinstance(node, ast.Assign):
            return any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
        if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            return isinstance(node.target, ast.Name) and node.target.id == "__all__"
        return isinstance(node, ast.Expr) and ast.unparse(node).startswith("__all__.")

    def literal(self) -> ast.List | ast.Tuple | None:
        """A literal list that `__all__` is made of: one in its last plain assignment, if there is any."""
        nodes = [node for node in self.body if self.is_all(node)]
        plain = [node for node in nodes if isinstance(node, (ast.Assign, ast.AnnAssign))]
        for node in plain[-1:] or nodes:
            value = getattr(node, "value", None)
            if isinstance(value, ast.AST):
                for inner in ast.walk(value):
                    if isinstance(inner, (ast.List, ast.Tuple)):
                        return inner
        return None

    def extend(self, found: ast.List | ast.Tuple, missing: Sequence[str]) -> None:
        """Names into a literal: in their places when it is sorted, else behind the last."""
        start, end = self.span(found)
        elements = [e for e in found.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
        have = [str(element.value) for element in elements]
        written = self.text.data[start:end]
        one_line = not _BREAK.search(written)
        if not have or (one_line and b"#" not in written and self.too_long(found, missing)):
            members = _merged(have, missing)
            self.edits.append(Edit(start, end, self.encoded(self.relisted(found, members))))
            return
        first, last = self.span(elements[0]), self.span(elements[-1])
        quote = self.text.data[first[0] : first[0] + 1].decode()
        quote = quote if quote in ("'", '"') else '"'
        lead = self.text.starts[elements[0].lineno - 1]
        indent = self.text.data[lead : first[0]] if not self.text.data[lead : first[0]].strip() else b"    "
        gap = " " if one_line else "\n" + indent.decode()
        places: dict[int, list[str]] = {}
        for name in missing:
            at = _place(have, name)
            before = self.span(elements[at - 1])[1] if at else start
            if at < len(elements) and b"#" in b"".join(
                _BREAK.split(self.text.data[before : self.span(elements[at])[0]])[1:]
            ):
                at = len(elements)  # a comment on a line of its own goes with what is there
            places.setdefault(at, []).append(f"{quote}{name}{quote}")
        for at, literals in places.items():
            if at < len(elements):
                position = self.span(elements[at])[0]
                new = "".join(literal + "," + gap for literal in literals)
            else:
                position = last[1]
                new = "".join("," + gap + literal for literal in literals)
            self.edits.append(Edit(position, position, self.encoded(new)))

    def too_long(self, found: ast.List | ast.Tuple, missing: Sequence[str]) -> bool:
        line = self.text.data[self.text.starts[found.lineno - 1] : self.line_end(self.span(found)[1])]
        return len(line) + sum(len(name) + 4 for name in missing) > self.style.limit

    def relisted(self, found: ast.List | ast.Tuple, members: Sequence[str]) -> str:
        opening, closing = ("[", "]") if isinstance(found, ast.List) else ("(", ")")
        flat = ", ".join(quoted(member) for member in members)
        if isinstance(found, ast.Tuple) and len(members) == 1:
            flat += ","
        before = self.span(found)[0] - self.text.starts[found.lineno - 1]
        if before + len(flat) + 2 <= self.style.limit:
            return opening + flat + closing
        return "\n".join([opening, *(f"    {quoted(member)}," for member in members), closing])

    # -- together

    def finish(self) -> bytes:
        parts = []
        if self.fresh:
            block = "\n".join(self.fresh)
            parts.append(block if self.style.natural else f"# isort: off\n{block}\n# isort: on")
        if self.all:
            parts.append(self.all)
        if parts:
            self.place("\n\n".join(parts))
        return apply(self.text.data, self.edits)

    def place(self, new: str) -> None:
        """Put new text behind the leading imports, at the top, or (late) at the end."""
        data = self.text.data
        if self.lead and self.style.early:
            self.behind(new)
        elif (first := self.first_behind()) is not None:
            at = self.top(first)
            self.edits.append(Edit(at, at, self.encoded(new + "\n\n")))
        elif not self.body or not self.style.early:
            gap = "" if not data.strip() else "\n" if _ends_line(data) else "\n\n"
            self.edits.append(Edit(len(data), len(data), self.encoded(f"{gap}{new}\n")))
        else:
            first = self.body[0]
            gap = "\n\n\n" if isinstance(first, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else "\n\n"
            at = self.top(first)
            self.edits.append(Edit(at, at, self.encoded(new + gap)))

    def first_behind(self) -> ast.stmt | None:
        """The first of the statements that a late barrel stands before."""
        behind = self.style.behind if not self.style.early else ()
        return next((node for node in self.body if behind and ast.unparse(node) in behind), None)

    def behind(self, new: str) -> None:
        """Behind the last leading statement."""
        data, last = self.text.data, self.lead[-1]
        at = self.line_end(self.span(last)[1])
        peer = bool(self.fresh) and self.style.natural and last in self.peers()
        rest = data[at:]
        after = _BREAK.match(rest)
        following = rest[after.end() :].lstrip(b" \t\f") if after is not None else b""
        at_once = bool(following) and not _BREAK.match(following)
        tail = "\n" if after is None or at_once else ""
        self.edits.append(Edit(at, at, self.encoded(("\n" if peer else "\n\n") + new + tail)))

    def top(self, first: ast.stmt) -> int:
        """Where the code starts: behind the file's heading comments, before the comments of the first statement."""
        line: int = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
        up = line
        while up > 1 and self.row(up - 1).lstrip().startswith(b"#"):
            up -= 1
        return self.text.starts[(line if up == 1 else up) - 1]

    def row(self, number: int) -> bytes:
        starts = self.text.starts
        return self.text.data[starts[number - 1] : starts[number] if number < len(starts) else None]

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        offset = self.text.offset
        return offset(node.lineno, node.col_offset), offset(node.end_lineno or 1, node.end_col_offset or 0)

    def source(self, node: ast.stmt) -> bytes:
        start, end = self.span(node)
        return self.text.data[start:end]

    def line_end(self, position: int) -> int:
        found = _LINE_END.search(self.text.data, position)
        return int(found.start()) if found else len(self.text.data)

    def encoded(self, text: str) -> bytes:
        """Text in the file's own line ending."""
        return text.encode().replace(b"\n", self.text.newline)


def _ends_line(data: bytes) -> bool:
    return data.endswith((b"\n", b"\r"))


def _merged(have: Sequence[str], missing: Sequence[str]) -> list[str]:
    members = list(have)
    for name in missing:
        members.insert(_place(members, name), name)
    return members


def _place(have: Sequence[str], name: str) -> int:
    """Where a name goes in a list: its place if the list is sorted in one of the usual ways, else the end."""
    if list(have) == sorted(have):
        return sum(1 for other in have if other < name)
    if list(have) == sorted(have, key=member_key):
        return sum(member_key(other) < member_key(name) for other in have)
    if list(have) == sorted(have, key=natural):
        return sum(natural(other) < natural(name) for other in have)
    return len(have)

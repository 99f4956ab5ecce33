"""Notebooks: code cells share one namespace and are edited as one module, Markdown as Markdown, the rest stays."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field, replace
from codemod.rewrite.edits import Edit

from .commands import Commands
from .fragments import fragment_edits
from .jsonspans import JsonString, spelled, strings_of, weave
from .located import Located
from .magics import Magics
from .markdown import markdown_edits
from .needles import Needles
from .prose import Prose, lines_of
from .stored import decoded
from .view import View
from .woven import Woven

_APART = b"\n#\n"  # between cells: no block of imports goes on in the next one
_BETWEEN = lazy(rb"\[(?P<blank>\s*)\Z")


@dataclass(slots=True)
class Cell:
    """A cell: its kind, its text, and what stands between two strings of its list of lines."""

    kind: str
    woven: Woven = field(default_factory=Woven)
    divider: bytes = b""
    magics: tuple[Edit, ...] = ()


class Notebook:
    """Names and paths in Jupyter notebooks."""

    name = "notebook"

    def claims(self, path: str) -> bool:
        """True for `*.ipynb`."""
        return path.endswith(".ipynb")

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to a notebook; none where it is no JSON or of a format before 4."""
        try:
            text = data.decode("utf-8")
            document = json.loads(text) if Needles.of(view).found(text) else None
        except (ValueError, RecursionError):
            return
        if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
            return
        yield from _Cells(data, document, view).edits()


class _Cells:
    """The cells of one notebook."""

    def __init__(self, data: bytes, document: dict[str, object], view: View) -> None:
        self.data, self.view = data, view
        self.ascii_only = data.isascii()
        self.is_python = _is_python(document.get("metadata"))
        self.cells = list(self._read(document))

    def _read(self, document: dict[str, object]) -> Iterator[Cell]:
        sources: dict[int, list[JsonString]] = {}
        for string in strings_of(self.data):
            if string.path[:1] == ("cells",) and string.path[2:3] == ("source",) and len(string.path) in (3, 4):
                sources.setdefault(int(string.path[1]), []).append(string)
        cells = document["cells"]
        for number, content in enumerate(cells if isinstance(cells, list) else ()):
            kind = content.get("cell_type") if isinstance(content, dict) else None
            if number in sources and isinstance(kind, str):
                yield self._cell(kind, sources[number])

    def _cell(self, kind: str, strings: Sequence[JsonString]) -> Cell:
        cell = Cell(kind)
        for string in strings:
            weave(cell.woven, self.data, string.start, string.end)
        if len(strings) > 1:
            cell.divider = self.data[strings[0].end : strings[1].start]
        elif len(strings[0].path) == 4:
            found = _BETWEEN.search(self.data, 0, strings[0].start - 1)
            cell.divider = b'",' + (found["blank"] if found else b" ") + b'"'
        return cell

    def edits(self) -> Iterator[Edit]:
        """The edits to all cells."""
        for cell in self.cells:
            if cell.kind == "markdown":
                text = decoded(bytes(cell.woven.code))
                yield from self._placed(cell, list(markdown_edits(Prose.of(self.view), list(lines_of(text)))))
        if self.is_python:
            yield from self._code()

    def _code(self) -> Iterator[Edit]:
        commands = Commands.of(Located(self.view))
        running = []
        for cell in self.cells:
            if cell.kind != "code":
                continue
            is_module = _parses(bytes(cell.woven.code))
            if not is_module:  # a line may begin with a percent sign without being a magic
                magics = Magics(commands, cell.woven)
                is_module = magics.take() and _parses(bytes(cell.woven.code))
                cell.magics = tuple(magics.edits)
            if is_module:
                running.append(cell)
            else:
                yield from self._placed(cell, [])
        yield from self._together(running)

    def _together(self, cells: Sequence[Cell]) -> Iterator[Edit]:
        """The edits to cells that run one after the other."""
        begins, code = [], bytearray()
        for cell in cells:
            begins.append(len(code))
            code += cell.woven.code + _APART
        found = fragment_edits(self.view, bytes(code)) or ()
        each: list[list[Edit]] = [[] for _ in cells]
        for edit in found:
            number = next(n for n in range(len(begins) - 1, -1, -1) if begins[n] <= edit.start)
            each[number].append(_within(cells[number], edit, begins[number]))
        for cell, edits in zip(cells, each, strict=True):
            yield from self._placed(cell, edits)

    def _placed(self, cell: Cell, edits: Sequence[Edit]) -> Iterator[Edit]:
        def written(new: bytes, _: int) -> bytes:
            first, *others = new.split(b"\n")
            text = spelled(first, ascii_only=self.ascii_only)
            for other in others:
                text += b"\\n" + cell.divider + spelled(other, ascii_only=self.ascii_only)
            return text

        placed = cell.woven.placed([*edits, *cell.magics], written)
        yield from placed or ()


def _within(cell: Cell, edit: Edit, begin: int) -> Edit:
    """An edit to cells in a row as one to the cell that begins there.

    Where the cell's last lines go, so does what divides them from those above.
    """
    start, end, size = edit.start - begin, edit.end - begin, len(cell.woven.code)
    if end <= size:
        return replace(edit, start=start, end=end)
    above = 1 if start and cell.woven.code[start - 1] == 0x0A else 0
    return replace(edit, start=start - above, end=size)


def _is_python(metadata: object) -> bool:
    """True unless the notebook says that its kernel speaks another language."""
    if not isinstance(metadata, dict):
        return True
    for name, key in (("language_info", "name"), ("kernelspec", "language")):
        part = metadata.get(name)
        language = part.get(key) if isinstance(part, dict) else None
        if isinstance(language, str):
            return language.lower() in ("python", "python3", "ipython")
    return True


def _parses(code: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code.decode("utf-8"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True

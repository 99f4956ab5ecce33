"""Code in strings: a literal that is Python and imports something of ours is edited as code, for review.

Generated modules, `python -c`, `exec` and the set-up of timings are written so.  Of what does not parse, a template
for one, the lines that are imports count, and calls that import.
"""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.intent import Intent
from codemod.source.facts import Unparsable
from codemod.source.nodes import every_node
from codemod.source.sieve import holds
from codemod.source.text import Text

from .dotted import successor_of
from .view import View
from .woven import opening, weave

_BREAK = lazy(rb"\r\n|\r|\n")
_LINE = lazy(
    rb"^[ \t]*(?P<statement>(?:from[ \t]+(?P<module>[\w.]+)[ \t]+import|import)[ \t]+"
    rb"(?:\([^()]*\)|(?:\\\r?\n|[^\r\n\\])*[^\s\\]))[ \t]*\r?$",
    re.MULTILINE,
)
_CALL = lazy(rb"\b(?:importlib\.import_module|import_module|__import__)\([^()\r\n]*\)(?:\.[^\W\d]\w*)*")
_CHAIN = lazy(rb"(?<![\w.\x80-\xff])[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_EVALUATING = frozenset({"eval", "exec", "compile", "timeit", "repeat", "Timer", "runctx"})
"""Calls whose text is code that reads the names around it, or those that another text imports."""

_WORDS = (b"eval(", b"exec(", b"compile(", b"timeit(", b"repeat(", b"Timer(", b"runctx(", b".run(")
_RUNNING = frozenset({"cProfile", "profile", "pdb"})
_RELATIVE = lazy(rb"\bfrom[ \t]+\.")

CodeEdits = Callable[[Text], Sequence[Edit]]
"""The edits to a Python text as code; raises Unparsable."""


def quoted_edits(
    view: View, text: Text, beside: bytes, tree: Callable[[], ast.Module], code_edits: CodeEdits
) -> Iterator[Edit]:
    """The edits to code in the string literals of one file; `beside` is its text without import statements."""
    if _may_read(view.intent, beside) and holds(beside, _WORDS):
        yield from _evaluated(view, text, tree(), code_edits)
    if b"exec(" in beside and _RELATIVE.search(beside):
        yield from _executed(view, text, tree(), code_edits)
    imports = _imports(view.intent)
    if not _may_import(imports, beside):
        return
    for node, value in _literals(tree()):
        if ("import" in value or "from" in value) and _may_import(imports, value.encode("utf-8", "replace")):
            start = text.offset(node.lineno, node.col_offset)
            end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
            yield from _edits(view, text.data, start, end, code_edits)


def _may_import(imports: Sequence[tuple[bytes, re.Pattern[bytes]]], data: bytes) -> bool:
    return any(word in data and pattern.search(data) for word, pattern in imports)


@functools.lru_cache(maxsize=4)
def _imports(intent: Intent) -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    """An import, by statement or by call, of one of the top-level names of what the intent renames.

    Each pattern begins with a word that is found fast.
    """
    tops = sorted({names.top(name) for name in intent.modules} | {names.top(module) for module, _ in intent.symbols})
    listed = b"|".join(re.escape(top.encode()) for top in tops) or rb"(?!)"
    name = rb"(?:" + listed + rb")(?![\w\x80-\xff])"
    statement = rb"[ \t]+(?:[\w., \t]*,[ \t]*)?"
    call = rb"\([ \t]*\\?[\"']"
    return (
        (b"from", re.compile(rb"from(?<!\wfrom)" + statement + name)),
        (b"import", re.compile(rb"import(?<!\wimport)(?:" + statement + rb"|_module" + call + rb")" + name)),
        (b"__import__", re.compile(rb"__import__(?<!\w__import__)" + call + name)),
    )


def _may_read(intent: Intent, data: bytes) -> bool:
    return any(front in data and holds(data, wholes) for front, wholes in _dotted(intent).items())


@functools.lru_cache(maxsize=4)
def _dotted(intent: Intent) -> dict[bytes, list[bytes]]:
    """The last two segments of each moved module, with something behind them, by what they begin with."""
    found: dict[bytes, list[bytes]] = {}
    for name in sorted(intent.modules):
        parent, last = names.last(names.parent(name)).encode() + b".", names.last(name).encode() + b"."
        if len(parent) > 1:
            found.setdefault(parent, []).append(parent + last)
    for module in sorted({module for module, _ in intent.symbols}):
        found.setdefault(names.last(module).encode() + b".", [b""])
    return found


def _evaluated(view: View, text: Text, tree: ast.Module, code_edits: CodeEdits) -> Iterator[Edit]:
    """The edits to code without imports that a call evaluates: what its chains begin with is imported elsewhere."""
    own = _bound_otherwise(tree)
    for node in every_node(tree):
        if not isinstance(node, ast.Call) or not node.args or not _evaluates(node.func):
            continue
        literal = node.args[0]
        if not isinstance(literal, ast.Constant) or not isinstance(literal.value, str) or "import" in literal.value:
            continue
        start = text.offset(literal.lineno, literal.col_offset)
        woven = weave(text.data, start, text.offset(literal.end_lineno or 1, literal.end_col_offset or 0))
        code = bytes(woven.code) if woven is not None else b""
        read = {module for module in _modules(view, code) if module.partition(b".")[0] not in own}
        lead = b"".join(b"import %s\n" % module for module in sorted(read))
        try:
            found = code_edits(Text.of(lead + code)) if lead else ()
        except (Unparsable, UnicodeDecodeError):
            continue
        size = len(lead)
        moved = [replace(e, start=e.start - size, end=e.end - size, review=True) for e in found if e.start >= size]
        if woven is not None:
            yield from woven.placed(moved, lambda new, _: new) or []


def _executed(view: View, text: Text, tree: ast.Module, code_edits: CodeEdits) -> Iterator[Edit]:
    """The edits to relative imports in code that `exec` runs in the names of the file: its package is the file's."""
    for node in every_node(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "exec":
            continue
        first: ast.expr | None = node.args[0] if node.args else None
        spaces = node.args[1:]
        if isinstance(first, ast.Call) and isinstance(first.func, ast.Name) and first.func.id == "compile":
            first = first.args[0] if first.args else None
        here = not node.keywords and all(ast.unparse(space) in ("globals()", "locals()") for space in spaces)
        if here and isinstance(first, ast.Constant) and isinstance(first.value, str):
            start = text.offset(first.lineno, first.col_offset)
            end = text.offset(first.end_lineno or first.lineno, first.end_col_offset or 0)
            yield from _edits(view, text.data, start, end, code_edits, relative=True)


def _evaluates(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in _EVALUATING
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    if function.attr in ("timeit", "repeat", "Timer"):
        return owner == "timeit"
    return owner in _RUNNING and function.attr in ("run", "runctx")


def _modules(view: View, code: bytes) -> Iterator[bytes]:
    """The modules of ours below another that chains in code name from the top."""
    known, moved = view.inventory.modules, view.intent.modules
    for chain in _CHAIN.finditer(code):
        for name in reversed(list(names.prefixes(chain.group().decode("utf-8", "replace")))):
            if "." in name and (name in moved or known.find(name, view.path) is not None):
                yield name.encode()
                break


def _bound_otherwise(tree: ast.Module) -> frozenset[bytes]:
    """The names that a file binds by anything but imports."""
    stored = {n.id for n in every_node(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return frozenset(name.encode() for name in stored | {n.arg for n in every_node(tree) if isinstance(n, ast.arg)})


def _literals(tree: ast.Module) -> Iterator[tuple[ast.Constant, str]]:
    """Strings that are values; docstrings and the parts of f-strings are others' business."""
    passed: set[int] = set()
    for node in every_node(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            passed.update(id(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node, node.value


def _edits(
    view: View, data: bytes, start: int, end: int, code_edits: CodeEdits, *, relative: bool = False
) -> list[Edit]:
    """The edits at their places in the file; none where the text is no Python that stands for itself.

    Of code with `relative` imports the package must be the file's.
    """
    woven = weave(data, start, end)
    if woven is None:
        return []
    code = bytes(woven.code)
    if bool(_RELATIVE.search(code)) != relative:  # of a package that is not known here
        return []
    found = _code(code, code_edits)
    if found is None:  # a template, perhaps, or prose that shows a statement
        found = [edit for line in _LINE.finditer(code) for edit in _statement(view, line, code_edits)]
        for call in _CALL.finditer(_LINE.sub(lambda line: b" " * len(line.group()), code)):
            inside = _code(call.group(), code_edits) or []
            found += [replace(edit, start=call.start() + edit.start, end=call.start() + edit.end) for edit in inside]
    one = b"\n" not in code.strip()
    lines = data.count(b"\n", start, end) >= code.count(b"\n")  # a line break may be written as one

    def written(new: bytes, _offset: int) -> bytes:
        if one:
            return _in_line(new)
        return new if lines else b"\\n".join(_BREAK.split(new))

    return woven.placed([replace(edit, review=True) for edit in found], written) or []


def _code(code: bytes, code_edits: CodeEdits) -> list[Edit] | None:
    """The edits to Python, indented or not; None where it is none."""
    lead = opening(code)
    whole = lead + code
    text = Text(whole, (0, *(found.end() for found in _BREAK.finditer(whole))), "utf-8", False)
    try:
        found = sorted(set(code_edits(text)))
    except (Unparsable, UnicodeDecodeError):
        return None
    found = [replace(edit, start=edit.start - len(lead), end=edit.end - len(lead)) for edit in found]
    return _names_kept(code, found) if found else found


def _names_kept(code: bytes, edits: list[Edit]) -> list[Edit]:
    """The edits to code that does not read what it imports: that is read elsewhere, and keeps its name."""
    before, after = _parsed(code), _parsed(apply(code, edits))
    if before is None or after is None:
        return edits
    had, has = list(_bound(before.body)), list(_bound(after.body))
    lost = [name for name in had if name not in has]
    gained = [name for name in has if name not in had]
    read = {node.id for node in ast.walk(before) if isinstance(node, ast.Name)}
    for old, new in zip(lost, gained, strict=False) if len(lost) == len(gained) else ():
        if old not in read:
            name = re.escape(new.encode())
            last = rb"(?!\s+as\b)(?!.*[\s,(]" + name + rb"\b(?!\s+as\b))"
            word = re.compile(rb"(?<![\w.])" + name + rb"(?![\w.])" + last)
            edits = [replace(edit, new=word.sub(f"{new} as {old}".encode(), edit.new)) for edit in edits]
    return edits


def _parsed(code: bytes) -> ast.Module | None:
    try:
        return ast.parse(textwrap.dedent(code.decode("utf-8", "replace")))
    except (SyntaxError, ValueError):
        return None


def _bound(statements: Sequence[ast.AST]) -> Iterator[str]:
    """The names that the `from` imports among statements bind, outside functions and classes."""
    for statement in statements:
        if isinstance(statement, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in statement.names)
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            yield from _bound(list(ast.iter_child_nodes(statement)))


def _statement(view: View, line: re.Match[bytes], code_edits: CodeEdits) -> list[Edit]:
    """The edits to an import that is a line of other text; of one that goes on there the module alone."""
    found = _code(line["statement"], code_edits)
    if found is None:
        module = line["module"].decode("utf-8", "replace") if line["module"] else ""
        new = successor_of(view, module) if module else None
        size = line.end("module") - line.start("module")
        start = line.start("module") - line.start("statement")
        found = [Edit(start, start + size, new.encode(), f"{module} -> {new} in a string")] if new else []
    at = line.start("statement")
    return [replace(edit, start=at + edit.start, end=at + edit.end, new=_in_line(edit.new)) for edit in found]


def _in_line(new: bytes) -> bytes:
    """Statements in one line."""
    first, *others = _BREAK.split(new)
    return b"; ".join([first, *(other.strip() for other in others)])

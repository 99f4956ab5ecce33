"""References from a module to what will live in that very module: the import goes, the use becomes the bare name."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence

from codemod.base import names
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.rewrite.statement import removal
from codemod.source.binding import Scope
from codemod.source.facts import Alias, Import
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of
from codemod.source.scopes import Use

from .motion_anatomy import Anatomy, Definitions, Piece

Lives = Callable[[str, str], str | None]
"""(module, name) -> what the name is called in the module that the code goes to; None when it lives elsewhere."""

WHY = "it is defined here now"


@dataclass(slots=True)
class Dissolved:
    """Edits to the uses, and the import clauses that nothing needs any more."""

    edits: list[Edit] = field(default_factory=list)
    gone: set[tuple[int, int]] = field(default_factory=set)  # (start of statement, number of the clause)
    uses: dict[int, str] = field(default_factory=dict)  # id of the name node -> the name that it is now
    captured: list[tuple[str, Use]] = field(default_factory=list)  # the bare name would mean something else there
    stored: dict[Scope, set[str]] = field(default_factory=dict)  # where a module's name is stored, now by its bare name


def dissolve(anatomy: Anatomy, inventory: Inventory, spans: Sequence[tuple[int, int]], lives: Lives) -> Dissolved:
    """Rewrite the code in `spans` of a module such that it reads what lives where it goes by its bare name."""
    result = Dissolved()
    homes = dict(_homes(anatomy))
    for statement in anatomy.imports:
        if statement.is_star or statement.module == "__future__":
            continue
        for number, alias in enumerate(statement.aliases):
            scope = homes.get((statement.start, statement.bound(alias)))
            if scope is not None:
                _clause(anatomy, inventory, statement, number, alias, scope, spans, lives, result)
    result.edits += [_declared(anatomy, scope, sorted(stored)) for scope, stored in result.stored.items()]
    return result


def _homes(anatomy: Anatomy) -> Iterator[tuple[tuple[int, str], Scope]]:
    for scope in anatomy.scopes.scopes:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if isinstance(binding.node, (ast.Import, ast.ImportFrom)):
                    yield (anatomy.scopes.span(binding.node)[0], name), scope


def _clause(
    anatomy: Anatomy, inventory: Inventory, statement: Import, number: int, alias: Alias, scope: Scope,
    spans: Sequence[tuple[int, int]], lives: Lives, result: Dissolved,
) -> None:  # fmt: skip
    bound = statement.bound(alias)
    origin = inventory.origin(statement, anatomy.path) if statement.is_from else None
    symbol = _symbol(inventory, origin, alias.name, lives) if origin is not None else None
    base = names.join(origin, alias.name) if statement.is_from and origin is not None else alias.name
    if not statement.is_from and not alias.asname:
        base = names.top(alias.name)
    if symbol is None and base not in inventory.modules:
        return
    uses = [use for use in anatomy.scopes.named(bound) if use.home is scope]
    inside = [use for use in uses if within(anatomy.scopes.span(use.node)[0], spans)]
    if symbol is None:
        done = [use for use in inside if _chain(anatomy, inventory, use, base, lives, result)]
        if done and len(done) == len(uses):
            result.gone.add((statement.start, number))
        return
    for use in inside:
        if bound != symbol:
            _rewrite(anatomy, use, -1, symbol, result)
        elif not _free(anatomy, use, symbol):
            result.captured.append((symbol, use))
        if use.context != "load" and scope is not anatomy.scopes.module:
            result.captured.append((symbol, use))  # without the import, what is read before would be unbound
        result.uses[id(use.node)] = symbol
    result.gone.add((statement.start, number))


def _symbol(inventory: Inventory, origin: str, name: str, lives: Lives) -> str | None:
    """The bare name of `from origin import name`, through re-exports."""
    direct = lives(origin, name)
    if direct is not None:
        return direct
    module = inventory.modules.get(origin)
    found = origin_of(inventory, module, name) if module is not None and module.path else None
    return lives(found.module, found.name) if found is not None and found.name else None


def _chain(anatomy: Anatomy, inventory: Inventory, use: Use, base: str, lives: Lives, result: Dissolved) -> bool:
    """`mod.sub.name` -> `name` where that lives here."""
    module = base
    for position, node in enumerate(use.attributes):
        behind, further = _behind(inventory, module, node.attr), use.attributes[position + 1 :][:1]
        local = lives(module, node.attr)
        if local is not None and not (behind and further and lives(behind, further[0].attr) is not None):
            _rewrite(anatomy, use, position, local, result)
            _store(anatomy, use, node, local, result)
            result.uses[id(use.node)] = local
            return True
        if not behind:
            return False
        module = behind
    return False


def _behind(inventory: Inventory, module: str, name: str) -> str:
    """The module that another one has under a name: below it, or imported there; "" where it has none."""
    inner, own = names.join(module, name), inventory.modules.get(module)
    if inner in inventory.modules or own is None or not own.path:
        return inner if inner in inventory.modules else ""
    found = origin_of(inventory, own, name)
    return found.module if found is not None and not found.name and found.module in inventory.modules else ""


def _rewrite(anatomy: Anatomy, use: Use, last: int, new: str, result: Dissolved) -> None:
    """Put the bare name in the place of the root and its attributes up to number `last`."""
    chain = anatomy.scopes.chain(use)
    end = chain.end if last < 0 else chain.attributes[last][2]
    if not _free(anatomy, use, new):
        result.captured.append((new, use))
    result.edits.append(Edit(chain.start, end, new.encode(), WHY))


def _store(anatomy: Anatomy, use: Use, node: ast.Attribute, name: str, result: Dissolved) -> None:
    """Keep that what is stored or deleted is the module's: by its bare name it would be a local one."""
    if isinstance(node.ctx, ast.Load) or use.scope is anatomy.scopes.module:
        return
    annotated = any(isinstance(n, ast.AnnAssign) and n.target is node for n in ast.walk(use.scope.node))
    if annotated or use.scope.kind not in ("function", "class"):
        result.captured.append((name, use))
    else:
        result.stored.setdefault(use.scope, set()).add(name)


def _declared(anatomy: Anatomy, scope: Scope, stored: Sequence[str]) -> Edit:
    """`global` in front of a body, behind its docstring."""
    assert isinstance(scope.node, Definitions)
    body, text = scope.node.body, anatomy.text
    first = body[1] if len(body) > 1 and ast.get_docstring(scope.node, clean=False) is not None else body[0]
    line = min([first.lineno, *(decorator.lineno for decorator in getattr(first, "decorator_list", ()))])
    start, at = text.starts[line - 1], text.offset(first.lineno, first.col_offset)
    statement = b"global " + ", ".join(stored).encode()
    indent = re.compile(rb"[ \t\f]*").match(text.data, start)
    assert indent is not None
    if indent.end() < at and line == first.lineno:
        return Edit(at, at, statement + b"; ", WHY)
    return Edit(start, start, indent.group() + statement + text.newline, WHY)


def _free(anatomy: Anatomy, use: Use, name: str) -> bool:
    """True when `name`, read in the place of a use, means the module's."""
    home = anatomy.scopes.resolve(name, use.scope)
    return home is None or home is anatomy.scopes.module or home is use.home


def within(offset: int, spans: Sequence[tuple[int, int]]) -> bool:
    """True when an offset lies in one of the spans."""
    return any(start <= offset < end for start, end in spans)


def dropped(anatomy: Anatomy, gone: set[tuple[int, int]]) -> tuple[list[Edit], set[int]]:
    """Take import clauses out: edits to statements, and the numbers of the pieces that go whole."""
    whole = _whole_pieces(anatomy, gone)
    empty = {statement.start for statement in anatomy.imports if _all_gone(statement, gone)}
    nested = any(
        statement.start in empty for statement in anatomy.imports if statement.scope != "module" or statement.guard
    )
    blocks = _blocks(anatomy) if nested else {}
    edits: list[Edit] = []
    for statement in anatomy.imports:
        leaving = [n for n in range(len(statement.aliases)) if (statement.start, n) in gone]
        at_top = statement.scope == "module" and anatomy.piece_at(statement.start).number in whole
        if not leaving or at_top:
            continue
        if len(leaving) < len(statement.aliases):
            edits += removal(anatomy.text.data, statement, leaving, WHY)
        else:
            block = blocks.get(statement.start, ())
            stands_in = bool(block) and all(start in empty for start in block) and block[0] == statement.start
            edits.append(_without(anatomy, statement, stands_in))
    return edits, whole


def _whole_pieces(anatomy: Anatomy, gone: set[tuple[int, int]]) -> set[int]:
    """Import pieces of which nothing is left."""
    by_piece: dict[int, list[Import]] = {}
    for statement in anatomy.imports:
        if statement.scope == "module":
            by_piece.setdefault(anatomy.piece_at(statement.start).number, []).append(statement)
    return {
        number
        for number, statements in by_piece.items()
        if all(_all_gone(statement, gone) for statement in statements) and _imports_alone(anatomy.pieces[number])
    }


def _all_gone(statement: Import, gone: set[tuple[int, int]]) -> bool:
    return all((statement.start, n) in gone for n in range(len(statement.aliases)))


def _imports_alone(piece: Piece) -> bool:
    """True when a piece is import statements, or an `if` around them."""
    node = piece.nodes[0]
    if piece.kind == "import":
        return all(isinstance(n, (ast.Import, ast.ImportFrom)) for n in piece.nodes)
    return isinstance(node, ast.If) and all(
        isinstance(n, (ast.Import, ast.ImportFrom, ast.Pass)) for n in (*node.body, *node.orelse)
    )


def _blocks(anatomy: Anatomy) -> dict[int, tuple[int, ...]]:
    """Start of each statement in a nested block -> the starts of all statements of that block."""
    found: dict[int, tuple[int, ...]] = {}
    for node in ast.walk(anatomy.tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and not isinstance(node, ast.Module):
                starts = tuple(anatomy.scopes.span(statement)[0] for statement in block)
                found.update(dict.fromkeys(starts, starts))
    return found


def _without(anatomy: Anatomy, statement: Import, stands_in: bool) -> Edit:
    """Take a whole statement out; `pass` stands in where its block would be empty, or where it shares a line."""
    data, text = anatomy.text.data, anatomy.text
    start = text.starts[text.line(statement.start) - 1]
    last = text.line(statement.end)
    end = text.starts[last] if last < len(text.starts) else len(data)
    alone = not data[start : statement.start].strip() and not data[statement.end : end].strip()
    if alone and not stands_in:
        return Edit(start, end, b"", WHY)
    behind = re.compile(rb"[ \t]*;[ \t]*(?=[^\s#])").match(data, statement.end)
    if behind and not stands_in:
        return Edit(statement.start, behind.end(), b"", WHY)
    before = re.compile(rb";[ \t]*$").search(data, start, statement.start)
    if before and not stands_in:
        return Edit(before.start(), statement.end, b"", WHY)
    return Edit(statement.start, statement.end, b"pass", WHY)

"""Scope analysis against the interpreter's own symbol table, and the places that the table does not cover."""

from __future__ import annotations

import ast
import symtable
import sysconfig
from pathlib import Path

import pytest

from codemod.source.facts import parse
from codemod.source.scopes import Scopes, analyse
from codemod.source.text import Text


def scopes(source: str) -> Scopes:
    text = Text.of(source.encode())
    return analyse(parse(text), text)


def homes(source: str, name: str) -> list[tuple[int, str]]:
    """(line, kind of the home scope) of every use of a name."""
    return [(u.node.lineno, u.home.kind if u.home else "-") for u in scopes(source).uses if u.node.id == name]


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        pytest.param("import a\na\n", "a", [(2, "module")], id="module import"),
        pytest.param("a\n", "a", [(1, "-")], id="unknown name"),
        pytest.param("import a\ndef f(a): return a\n", "a", [(2, "function")], id="parameter hides"),
        pytest.param("import a\ndef f(x=a): return x\n", "a", [(2, "module")], id="default outside"),
        pytest.param("import a\n@a\ndef a(): a\n", "a", [(2, "module"), (3, "module")], id="decorator"),
        pytest.param(
            "import a\ndef f():\n a\n a = 1\n", "a", [(3, "function"), (4, "function")], id="local before bound"
        ),
        pytest.param("import a\ndef f():\n global a\n a = 1\n a\n", "a", [(4, "module"), (5, "module")], id="global"),
        pytest.param(
            "import a\ndef f():\n def g():\n  nonlocal a\n  a = 2\n a = 1\n",
            "a",
            [(5, "function"), (6, "function")],
            id="nonlocal bound later",
        ),
        pytest.param(
            "import a\nclass C:\n a = 1\n def f(self): return a\n",
            "a",
            [(3, "class"), (4, "module")],
            id="class is skipped",
        ),
        pytest.param(
            "import a\nclass C:\n a = a\n b = a\n", "a", [(3, "class"), (3, "module"), (4, "class")], id="class a = a"
        ),
        pytest.param(
            "import a\nclass C:\n @a\n def a(self): ...\n @a\n def b(self): ...\n",
            "a",
            [(3, "module"), (5, "class")],
            id="class decorator before and after",
        ),
        pytest.param(
            "class C:\n a = []\n b = [x for x in a if a]\n",
            "a",
            [(2, "class"), (3, "class"), (3, "-")],
            id="first iterable",
        ),
        pytest.param(
            "import a\n[a for a in a]\n",
            "a",
            [(2, "comprehension"), (2, "comprehension"), (2, "module")],
            id="comprehension variable",
        ),
        pytest.param(
            "import a\ndef f():\n [(a := x) for x in y]\n return a\n",
            "a",
            [(3, "function"), (4, "function")],
            id="walrus leaves the comprehension",
        ),
        pytest.param("import a\nf = lambda a: a\n", "a", [(2, "lambda")], id="lambda"),
        pytest.param(
            "import a\ndef f():\n try: 1\n except E as a: a\n return a\n",
            "a",
            [(4, "function"), (5, "function")],
            id="except as",
        ),
        pytest.param(
            "import a\ndef f(x):\n match x:\n  case {'k': a}: return a\n", "a", [(4, "function")], id="match capture"
        ),
        pytest.param(
            "import a\ndef f(x):\n match x:\n  case [*a]: return a\n", "a", [(4, "function")], id="match star"
        ),
        pytest.param(
            "import a\ndef f(x):\n match x:\n  case {**a}: return a\n", "a", [(4, "function")], id="match rest"
        ),
        pytest.param("import a\ndef f(x: a) -> a: ...\n", "a", [(2, "module"), (2, "module")], id="annotations"),
        pytest.param("import a\ndef f():\n for a in a: a\n", "a", [(3, "function")] * 3, id="loop"),
        pytest.param("import a\ndef f():\n with x as a: a\n", "a", [(3, "function"), (3, "function")], id="with"),
        pytest.param("import a\ndef f():\n import a.b\n return a\n", "a", [(4, "function")], id="local import"),
        pytest.param("import a\ndef f():\n del a\n", "a", [(3, "function")], id="del binds"),
    ],
)
def test_home(source: str, name: str, expected: list[tuple[int, str]]) -> None:
    assert homes(source, name) == expected


def test_private_names_are_mangled_in_classes() -> None:
    found = scopes("__x = 1\nclass _C:\n def f(self): return __x\n")
    inside = next(u for u in found.uses if u.node.lineno == 3 and u.node.id == "__x")
    assert (inside.name, inside.home) == ("_C__x", None)


def test_global_binding_is_listed_in_the_module() -> None:
    found = scopes("def f():\n global a\n import a\n")
    (binding,) = found.module.bindings["a"]
    assert binding.kind == "import"
    assert binding.scope.kind == "function"


@pytest.mark.parametrize(
    ("source", "where"),
    [
        pytest.param("print(f'{a.b}')", "fstring", id="simple"),
        pytest.param("print(f'{{a}} {{{a.b}}}')", "fstring", id="doubled braces"),
        pytest.param("print(f'{a.b!r:>{w}}')", "fstring", id="conversion and nested spec"),
        pytest.param("print(f'{x:{a.b}}')", "fstring", id="in the spec"),
        pytest.param("print(f'{a.b = }')", "fstring", id="self documenting"),
        pytest.param("print(f'{a.b != 1} {x == 1}')", "fstring", id="comparison"),
        pytest.param("print(f\"{d['k']} {a.b['}']}\")", "fstring", id="nested quotes"),
        pytest.param("print('{a}' rf'\\{a.b}')", "fstring", id="raw part"),
        pytest.param("print(\n  'é{a}'  # {a}\n  f'é{\"ü\"}{a.b}'\n)", "fstring", id="concatenation"),
        pytest.param("print(f'''\n {\n  a.b\n } ''')", "fstring", id="triple over lines"),
        pytest.param("print(f'\\N{BULLET} {a.b}')", "fstring", id="named character"),
        pytest.param("print(f'\\\n{a.b}')", "fstring", id="continuation"),
        pytest.param("print(f'{(lambda a: a.b)(1)} {a.b}')", "fstring", id="lambda"),
        pytest.param("print(f'{f\"{a.b}\"}')", "fstring", id="nested f-string"),
        pytest.param("def f(x: 'a.b'): ...", "annotation-string", id="parameter"),
        pytest.param("def f() -> \"Optional['a.b']\": ...", "annotation-string", id="string in string"),
        pytest.param("x: Optional['a.b'] = 'a.c'", "annotation-string", id="subscript"),
        pytest.param("x: Annotated['a.b', 'a.c']", "annotation-string", id="annotated"),
        pytest.param("x: TypeAlias = 'a.b'", "annotation-string", id="explicit alias"),
        pytest.param("import typing as t\nt.cast('a.b', x)", "annotation-string", id="cast"),
        pytest.param("from typing import TypeVar\nT = TypeVar('T', bound='a.b')", "annotation-string", id="bound"),
        pytest.param("from typing import Union\nX = Union['a.b', int]", "annotation-string", id="alias"),
        pytest.param("X = list['a.b']", "annotation-string", id="builtin generic"),
        pytest.param("x = 1  # type: a.b", "type-comment", id="type comment"),
        pytest.param("def f(x):\n    # type: (a.b) -> None\n    pass", "type-comment", id="signature comment"),
    ],
)
def test_embedded(source: str, where: str) -> None:
    found = scopes(source + "\n")
    chains = [c for c in found.chains("a") if c.use.where == where and c.use.home is None]
    assert [c.dotted for c in chains] == ["a.b"]
    for _, start, end in chains[0].segments:
        assert found.text.data[start:end] in (b"a", b"b")
    assert not [c for c in found.chains("a") if c.dotted == "a.c"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x: Literal['a.b']", id="literal"),
        pytest.param("x = 'a.b'", id="plain string"),
        pytest.param("d['a.b']", id="subscript of a value"),
        pytest.param("session.cast('a.b', x)", id="somebody's cast"),
        pytest.param("x = 1  # type: ignore", id="ignore"),
        pytest.param("x = '# type: a.b'", id="comment in a string"),
        pytest.param("x = '{a.b}'", id="not an f-string"),
        pytest.param("x = 1  # a.b", id="comment"),
    ],
)
def test_not_analysed(source: str) -> None:
    assert not list(scopes(source + "\n").chains("a"))


def test_annotation_with_escapes_is_reported() -> None:
    assert [why for _, why in scopes("x: 'a\\x2eb'\n").skipped]


def test_chain_spans() -> None:
    found = scopes("é = 1; (a . b\n  .c)(x).d = a.e\n")
    spans = {c.dotted: [found.text.data[start:end].decode() for _, start, end in c.segments] for c in found.chains("a")}
    assert spans == {"a.b.c": ["a", "b", "c"], "a.e": ["a", "e"]}


def test_deep_expressions() -> None:
    found = scopes("x = " + " + ".join(["a"] * 900) + "\n")
    assert len(found.named("a")) == 900


STDLIB = Path(sysconfig.get_paths()["stdlib"])
SAMPLE = ["argparse.py", "dataclasses.py", "enum.py", "typing.py", "asyncio/tasks.py", "collections/__init__.py"]


@pytest.mark.parametrize("name", SAMPLE)
def test_agrees_with_the_symbol_table(name: str) -> None:
    raw = (STDLIB / name).read_bytes()
    text = Text.of(raw)
    found = analyse(ast.parse(raw), text)
    tables = {(t.get_type(), t.get_lineno(), t.get_name()): t for t in _tables(raw.decode())}
    checked = 0
    for use in found.uses:
        table = _table_of(use.scope.node, use.scope.kind, tables)
        if table is None or use.where != "code" or use.name not in table.get_identifiers():
            continue
        symbol, checked = table.lookup(use.name), checked + 1
        if symbol.is_free():
            assert use.home is not None and use.home is not use.scope, use
        elif symbol.is_global():
            assert use.home in (None, found.module), use
        elif use.scope.kind == "function":
            assert use.home is use.scope, use
    assert checked > 500


def _tables(source: str) -> list[symtable.SymbolTable]:
    waiting = [symtable.symtable(source, "x", "exec")]
    tables = []
    while waiting:
        table = waiting.pop()
        tables.append(table)
        waiting += table.get_children()
    return tables


def _table_of(
    node: ast.AST, kind: str, tables: dict[tuple[str, int, str], symtable.SymbolTable]
) -> symtable.SymbolTable | None:
    if kind == "module":
        return tables[("module", 0, "top")]
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    lines = [node.lineno, *(d.lineno for d in node.decorator_list)]
    return tables.get((kind, min(lines), node.name)) or tables.get((kind, node.lineno, node.name))

"""Attributes that a call names: `patch.object(module, "name")`, `getattr(package, "module")`, `patch.multiple`."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.facts import Import
from codemod.source.nodes import children, every_node
from codemod.source.scopes import Scopes
from codemod.source.sieve import holds

from .kept import is_followed, kept
from .keyworded import Named, keyed, keyworded
from .view import Ref, View

BY_NAME = frozenset({"object", "setattr", "getattr", "hasattr", "delattr"})
"""Calls that take an object and the name of one of its attributes."""

WHOLE = frozenset({"vars", "dir", "getmembers", "getmembers_static"})
"""Calls that give everything of a module."""

ALL_OF_IT = (b".__dict__", b"vars(", b"dir(", b"getmembers")
"""Words of which a file that reads all names of a module holds one."""

_CHAIN_BEFORE = lazy(rb"([\w.\x80-\xff]+)\Z")
_ARGUMENT = lazy(rb"(?:_static)?\(?\s*([\w.\x80-\xff]+)")
_FAR = 80  # bytes: no chain that a module is called by is longer

ASKING = b"getattr("

_FAILING = frozenset({"object", "getattr"})
"""Those of them that fail where the attribute is not there, if nothing is given instead."""

_NAMING = (b"attr(", b"attrgetter(", b"methodcaller(", b".object(", b"globals()", b"vars(", b".__dict__")
_SEVERAL = lazy(rb"multiple\((?<!\wmultiple\()")
_KEYWORD = lazy(rb"([\w\x80-\xff]+)[ \t]*=")
_ASKED_OF = rb"getattr\(\s*(?:\w+\.)*(?:%s)\s*,\s*(?![\"'][^\"'\n]*[\"']\s*[,)])"
"""`getattr(a.b, "x_" + name)`: an attribute whose name is not there as one literal."""
QUOTED = lazy(rb"[\"']([\w.\x80-\xff]+)[\"']")


def called(node: ast.Call) -> str:
    """The last name of what is called; empty for anything but a name or an attribute."""
    function = node.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def may_name(view: View, code: bytes, reaches: Callable[[], bool]) -> bool:
    """True when a call may name something renamed by a string; a cheap question.

    `reaches` tells whether something affected is in the file itself, or below a module that it binds a name to.
    """
    tree = view.inventory.tree
    whole = tree.read(view.path) if view.path in tree else code  # with its imports
    if may_read_whole(view.intent, whole, view.held):
        return True
    several = b"multiple(" in code and _SEVERAL.search(code) is not None
    if several and any(match[1] in _words(view.intent) for match in _KEYWORD.finditer(code)):
        return True
    if not reaches() or not (several or holds(code, _NAMING)):
        return False
    words = _words(view.intent)
    return any(part in words for match in QUOTED.finditer(code) for part in match[1].split(b"."))


def may_read_whole(intent: Intent, data: bytes, held: Container[bytes] | None = None) -> bool:
    """True when a file may read all names of a module that some of them leave or join; a cheap question.

    The module is called by its own name, or by one that an import says: `import app.pkg as p`.  What the file is
    known to have `held` of the words for it is not searched for again.
    """
    if not (intent.symbols or intent.modules):
        return False
    said = [word for word in ALL_OF_IT if word in (data if held is None else held)]
    homes = _homes(intent)
    if not said or not holds(data, homes):
        return False
    read = {chain for word in said for chain in _whole_of(data, word)}
    return any(not homes.isdisjoint(chain.split(b".")) or b" as " + chain.split(b".")[0] in data for chain in read)


def _whole_of(data: bytes, word: bytes) -> Iterator[bytes]:
    """The chains whose names are all read where a word stands."""
    at = data.find(word)
    while at != -1:
        end = at + len(word)
        dotted = word.startswith(b".")
        found = _CHAIN_BEFORE.search(data[max(0, at - _FAR) : at]) if dotted else _ARGUMENT.match(data, end)
        if found is not None:
            yield found[1]
        at = data.find(word, end)


@functools.lru_cache(maxsize=4)
def _homes(intent: Intent) -> frozenset[bytes]:
    """The last names of the modules that names leave, and of the packages that modules leave or join."""
    found = {module for module, _ in intent.symbols}
    found |= {names.parent(old) for old in intent.modules}
    found |= {above for new in intent.modules.values() for above in names.prefixes(names.parent(new))}
    return frozenset(names.last(name).encode() for name in found if name)


def may_ask(intent: Intent, code: bytes) -> bool:
    """True when the file may ask a module that names leave for one by a name that it puts together; a cheap question.

    A module that goes by another name in the file is not thought of.
    """
    return bool(intent.symbols or intent.modules) and ASKING in code and _asked_of(intent).search(code) is not None


@functools.lru_cache(maxsize=4)
def _asked_of(intent: Intent) -> re.Pattern[bytes]:
    asked = {*(module for module, _ in intent.symbols), *modules_leaving(intent)}
    modules = sorted({names.last(module).encode() for module in asked})
    return re.compile(_ASKED_OF % b"|".join(map(re.escape, modules)))


@functools.lru_cache(maxsize=4)
def _words(intent: Intent) -> frozenset[bytes]:
    """The names of which one must stand in quotes."""
    words = {name for (_, name), (_, new) in intent.symbols.items() if new != name}
    return frozenset(word.encode() for word in words | {names.last(name) for name in intent.modules})


def named_attributes(view: View, scopes: Scopes, owners: Mapping[int, str]) -> Iterator[Edit | Finding]:
    """The edits to the literals; a finding where the module that is named leaves its package.

    `owners` gives the module for the end of each expression that means one.
    """
    if not owners and b"globals(" not in scopes.text.data and not _SEVERAL.search(scopes.text.data):
        return
    for node in every_node(scopes.tree):
        for read, (start, end), owned in kept(scopes, node, owners):
            home, new = view.intent.symbols.get((owned, read), (owned, read))
            if new != read and home == view.intent.module(owned):
                yield Edit(start, end, new.encode(), f"{owned}.{read} -> {home}.{new} through a variable")
        for named in keyed(view, scopes, node, owners):
            yield from _followed(view, named)
        if not isinstance(node, ast.Call):
            continue
        if called(node) == "multiple":
            for named in keyworded(view, scopes, node, owners):
                yield from _followed(view, named)
        elif called(node) in BY_NAME and len(node.args) > 1:
            owner, literal = node.args[:2]
            module = owners.get(scopes.span(owner)[1])
            if module is not None and isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                start, end = scopes.span(literal)
                written = scopes.text.data[start:end].decode("utf-8", "replace")
                named = Named(module, literal.value, start, end, written, node.lineno)
                if called(node) in _FAILING and len(node.args) == 2 and isinstance(owner, (ast.Name, ast.Attribute)):
                    named = replace(named, owner=scopes.span(owner), spelled=ast.unparse(owner))
                yield from _followed(view, named)
        elif _is_got(node) and isinstance(node.func, ast.Call):
            module = owners.get(scopes.span(node.args[0])[1], "")
            several = called(node.func) == "attrgetter"
            for literal in (node.func.args if several else node.func.args[:1]) if module else ():
                yield from _got(view, scopes, module, literal)


def _followed(view: View, named: Named) -> Iterator[Edit | Finding]:
    """What becomes of an attribute that a call names."""
    old = view.member(view.find(named.module) or Ref(named.module), named.name)
    new = view.successor(old)
    if not view.affected(old):
        return
    home, name = (new.module, new.name) if new.name else (names.parent(new.module), names.last(new.module))
    what = names.join(named.module, named.name)
    owner = view.intent.module(named.module)
    stays = home == owner
    if named.spelled and not stays and not old.name and _leads(named, home, owner):
        why = f"{what} -> {names.join(home, name)} by its name"
        start, end = named.owner
        inward = names.below(home, owner)
        tail = "." + names.tail(home, owner) if inward else home
        yield Edit(end if inward else start, end, tail.encode(), why, True)
        if name != named.name:
            yield Edit(named.start, named.end, named.written.replace(named.name, name).encode(), why, True)
        return
    if stays and (name == named.name or not named.handed_on):
        if name != named.name:
            written = named.written.replace(named.name, name).encode()
            yield Edit(named.start, named.end, written, f"{what} -> {names.join(home, name)} by its name")
    elif stays or not (old.name and goes_on_reading(view, old)):
        yield Finding(
            "named-attribute-moved", f"{what} is asked for by a {'keyword' if named.handed_on else 'string'}, and is "
            f"{names.join(home, name)} after the phase", Weight.REVIEW, Place(view.path, named.line),
        )  # fmt: skip


def _leads(named: Named, home: str, owner: str) -> bool:
    """True when the expression of a module can go on to another: to one below it, or from the top that it spells."""
    top = named.spelled == named.module == owner and names.top(home) == names.top(owner)
    return names.below(home, owner) or top


def _is_got(node: ast.Call) -> bool:
    """True for `attrgetter("a.b")(module)`, and for `methodcaller("f")(module)`."""
    made = node.func if isinstance(node.func, ast.Call) and len(node.args) == 1 else None
    return made is not None and called(made) in ("attrgetter", "methodcaller")


def _got(view: View, scopes: Scopes, module: str, literal: ast.expr) -> Iterator[Edit | Finding]:
    """`attrgetter("user.N")(app)`: the way down to a module, or to a name in one."""
    written = literal.value if isinstance(literal, ast.Constant) and isinstance(literal.value, str) else ""
    old = view.find(module)
    for number, part in enumerate(written.split(".") if old is not None else ()):
        old = view.member(old, part) if old is not None else None
        if old is None or old.name:
            rest = written.split(".")[number + 1 :]
            break
    else:
        rest = []
    if old is None or not written or not view.affected(old):
        return
    new, owner, (start, end) = view.successor(old), view.intent.module(module), scopes.span(literal)
    spelled = scopes.text.data[start:end]
    whole = names.join(new.module, new.name, *rest)
    loaded = not old.name or new.module == view.intent.module(old.module)  # a name's new home may not be
    if loaded and names.below(whole, owner) and spelled.count(written.encode()) == 1:
        if names.tail(whole, owner) != written:
            now = spelled.replace(written.encode(), names.tail(whole, owner).encode())
            yield Edit(start, end, now, f"{module}.{written} -> {whole} by its name", True)
        return
    yield Finding(
        "named-attribute-moved", f"{module}.{written} is asked for by a string, and is {whole} after the phase",
        Weight.REVIEW, Place(view.path, literal.lineno),
    )  # fmt: skip


_LOOKING = BY_NAME | WHOLE | {"reload", "multiple", "isinstance", "id", "type", "repr", "testmod", "DocTestSuite"}
"""Calls that take a module and are about it as a whole, or about an attribute that they name."""


def may_hand_over(view: View, code: bytes, statements: Sequence[Import]) -> bool:
    """True when a file may give away a module that names leave, and mentions one of them; a cheap question."""
    left_it, below, more = leaving(view.intent, renamed=True), modules_leaving(view.intent), joining(view.intent)
    for statement in statements if left_it or more or below else ():
        origin = view.origin(statement) if statement.is_from and not statement.is_star else None
        for alias in statement.aliases:
            ref = view.member(origin, alias.name) if origin is not None else view.find(alias.name)
            gone = left_it.get(ref.module, ()) if ref is not None and not ref.name else ()
            lost = below.get(ref.module, ()) if ref is not None and not ref.name else ()
            bound = re.escape((alias.asname or names.last(alias.name)).encode())
            grows = ref is not None and not ref.name and view.intent.module(ref.module) in more
            held = any(name.encode() in code for name in gone) or any(b"." + name.encode() in code for name in lost)
            if (grows or held) and re.search(rb"(?<!\w)" + bound + rb"(?!\w)(?![ \t]*[.])", code):
                return True
            if (gone or lost) and ASKING in code and re.search(_ASKED_OF % bound, code):
                return True
    return False


@functools.lru_cache(maxsize=4)
def leaving(intent: Intent, renamed: bool = False) -> dict[str, list[str]]:
    """The names that leave each module; with those that it has by another name, where those count."""
    found: dict[str, list[str]] = {}
    for (module, name), (home, new) in intent.symbols.items():
        if home != intent.module(module) or (renamed and new != name):
            found.setdefault(module, []).append(name)
    return found


@functools.lru_cache(maxsize=4)
def joining(intent: Intent) -> dict[str, list[str]]:
    """The names that join each module, by its new name and theirs."""
    found: dict[str, list[str]] = {}
    for (module, _), (home, new) in intent.symbols.items():
        if home != intent.module(module):
            found.setdefault(home, []).append(new)
    return found


@functools.lru_cache(maxsize=4)
def modules_leaving(intent: Intent) -> dict[str, list[str]]:
    """The modules that leave each package, or have another name in it, by their names there."""
    found: dict[str, list[str]] = {}
    for old, new in intent.modules.items():
        package = names.parent(old)
        if package and (names.parent(new) != intent.module(package) or names.last(new) != names.last(old)):
            found.setdefault(package, []).append(names.last(old))
    return found


def handed_over(view: View, scopes: Scopes, owners: Mapping[int, str], known: Container[int]) -> Iterator[Finding]:
    """Modules that code hands over as objects though names leave or join them: who can tell what is asked of them?

    A module that leaves a package counts where the file reads it of something else than of what is `known`, which are
    the ends of the segments of chains.
    """
    left_it, below = leaving(view.intent, renamed=True), modules_leaving(view.intent)
    more = {
        module: names for module in owners.values() if (names := joining(view.intent).get(view.intent.module(module)))
    }
    if not more and not any(module in left_it or module in below for module in owners.values()):
        return
    code = scopes.text.data
    nodes = list(every_node(scopes.tree))
    above = {id(inner): node for node in nodes for inner in children(node)}
    read = {n.attr for n in nodes if isinstance(n, ast.Attribute) and scopes.span(n)[1] not in known}
    for node in nodes:
        if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
            continue
        module, parent = owners.get(scopes.span(node)[1], ""), above.get(id(node))
        plain = isinstance(parent, (ast.Attribute, ast.Expr)) or _only_tests(parent, node)
        looking = isinstance(parent, ast.Call) and (parent.func is node or _is_about(parent))
        asked = isinstance(parent, ast.Call) and called(parent) in ("getattr", "hasattr") and parent.args[1:2]
        gone = list(left_it.get(module, ()))
        # a submodule that the package imports by its name stays one of its attributes
        lost = [name for name in below.get(module, ()) if not goes_on_reading(view, Ref(module, name))]
        gone += lost if asked else read.intersection(lost)
        if plain or looking or not (gone or module in more) or is_followed(view, scopes, parent, owners):
            continue
        if module in more and not asked:
            yield _grown(view, node.lineno, module, more[module])
        left = [name for name in gone if name.startswith(_beginning_of(asked[0]) if asked else "")]
        if left if asked else any(name.encode() in code for name in left):
            yield _handed(view, node.lineno, module, sorted(left), code, divided=module in left_it)


def _only_tests(parent: ast.AST | None, node: ast.expr) -> bool:
    """True where it is asked alone whether there is such a module: `if fast:`, `fast is None`."""
    if isinstance(parent, ast.Compare):
        return all(isinstance(operator, (ast.Is, ast.IsNot)) for operator in parent.ops)
    return isinstance(parent, ast.UnaryOp) or getattr(parent, "test", None) is node


def _grown(view: View, line: int, module: str, more: list[str]) -> Finding:
    """What is told where names join a module that is handed over."""
    some = ", ".join(sorted(more)[:3]) + (", ..." if len(more) > 3 else "")
    return Finding(
        "module-handed-over", f"{module} is handed over here as a whole, and has {some}, too, after the phase",
        Weight.REVIEW, Place(view.path, line), "look whether all names are asked of it, or those of `__all__`",
    )  # fmt: skip


def _handed(view: View, line: int, module: str, left: list[str], code: bytes, *, divided: bool) -> Finding:
    """What is told where names leave a module that is handed over; a barrel of the phase gives them to who reads."""
    new = view.intent.module(module)
    offered = {name for name in left if _is_offered(view.intent, module, name)}
    missed = [name for name in left if name not in offered and (not offered or name.encode() in code)]
    what, hint = "has no {} after the phase", "look whether one of them is asked of it"
    if not missed:
        what, hint = "has {} by its barrel only after the phase", "look whether one is set there: its module misses it"
    elif divided and new not in view.intent.barrels:
        hint += f"; a `barrel` of {module} would offer what stays inside it"
    told = missed or sorted(offered)
    some = ", ".join(told[:3]) + (", ..." if len(told) > 3 else "")
    return Finding(
        "module-handed-over", f"{module} is handed over here as a whole, and {what.format(some)}", Weight.REVIEW,
        Place(view.path, line), hint,
    )  # fmt: skip


def _is_offered(intent: Intent, module: str, name: str) -> bool:
    """True when the barrel of what a module has become gives a name that a module below it has now."""
    new = intent.module(module)
    home, called_now = intent.symbol(module, name)
    return new in intent.barrels and names.below(home, new) and called_now == name and not name.startswith("_")


def _beginning_of(name: ast.expr) -> str:
    """What a text that is put together begins with."""
    while isinstance(name, ast.BinOp) and isinstance(name.op, (ast.Add, ast.Mod)):
        name = name.left
    if isinstance(name, ast.JoinedStr) and name.values:
        name = name.values[0]
    said = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""
    return said.partition("%")[0].partition("{")[0]


def _is_about(call: ast.Call) -> bool:
    """True for a call that takes a module as such, or an attribute of it that is written out."""
    name = called(call)
    computed = name in ("getattr", "hasattr") and len(call.args) > 1 and not isinstance(call.args[1], ast.Constant)
    return (name in _LOOKING and not computed) or _is_got(call)


def goes_on_reading(view: View, ref: Ref) -> bool:
    """True when a module still binds a name whose definition has left it."""
    module = view.inventory.modules.get(ref.module)
    return module is not None and ref.name in view.inventory.facts(module.path).bound

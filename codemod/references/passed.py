"""Modules that are reached through another that imported them: `views.util.slug`, `patch("app.views.util.slug")`.

What imports a module has it as an attribute.  A name that leaves the module is no longer found on that way, and one
that is renamed is found by its new name; the module itself still is there, so that nothing else changes.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Intent
from codemod.source.facts import Import
from codemod.source.nodes import every_node
from codemod.source.origins import origin_of
from codemod.source.scopes import Scopes
from codemod.source.text import Text

from .askedfor import gone, may_ask_by_name, renamed
from .byname import called
from .literals import bodies
from .patched import PATCHING
from .reached import Reached
from .touch import Touch
from .view import Ref, View

_DOTTED = lazy(rb"(?<![\w.])([\w\x80-\xff]+)((?:\.[\w\x80-\xff]+){2,})")
_WORD = lazy(rb"[\"'](\w+)[\"']")
_QUOTED = lazy(rb"[\"'](?:\w+\.){3,}(\w+)")


def may_pass(intent: Intent, code: bytes, statements: Sequence[Import]) -> bool:
    """True when something behind an imported name may be a name that is called differently; a cheap question."""
    leaving = _leaving(intent)
    if not leaving or not any(word in code for word in leaving):
        return False
    bound = {statement.bound(alias).encode() for statement in statements for alias in statement.aliases}
    bound |= {names.last(statement.module or "").encode() for statement in statements if statement.is_from}
    found = (match for match in _DOTTED.finditer(code) if match[1] in bound)
    if any(part in leaving for match in found for part in match[2].split(b".")[2:]):
        return True
    return may_ask_by_name(code) and any(match[1] in leaving for match in _WORD.finditer(code))


@functools.lru_cache(maxsize=4)
def _leaving(intent: Intent) -> frozenset[bytes]:
    """The names that leave their module, and those that have another name in it."""
    return frozenset(
        name.encode() for (module, name), (home, new) in intent.symbols.items()
        if home != intent.module(module) or new != name
    )  # fmt: skip


def module_behind(view: View, module: str, name: str) -> str:
    """The module that another one has under a name because one import says so, or one plain assignment; else ""."""
    own = view.inventory.modules.get(module)
    if own is None or not own.path:
        return ""
    facts = view.inventory.facts(own.path)
    binding = [s for s in facts.imports if s.scope == "module" for a in s.aliases if s.bound(a) == name]
    if name in facts.defined and not binding:
        same = view.inventory.stands_for(own, name)
        return same.name if same is not None else ""
    if len(binding) != 1 or name in facts.defined or name in facts.globals:
        return ""
    found = origin_of(view.inventory, own, name)
    return found.module if found is not None and not found.name and found.module in view.inventory.modules else ""


def module_of(view: View, ref: Ref) -> str:
    """The module that an import gives; also one that its module has only imported, where a name leaves it."""
    if not ref.name or view.affected(ref):
        return ref.module if not ref.name else ""
    behind = module_behind(view, ref.module, ref.name) if _leaving(view.intent) else ""
    return behind if any(module == behind for module, _ in view.intent.symbols) else ""


def followed(view: View, touch: Touch, ref: Ref, bound: str, code: bytes) -> bool:
    """True when a name that an import binds to a module is followed by a segment towards something affected."""
    near = not ref.name or (bool(_leaving(view.intent)) and bound.encode() + b"." in code)
    module = module_of(view, ref) if near else ""
    return bool(module) and touch.followed(bound, module, code)


def further(view: View, item: Reached, asked: Mapping[int, ast.Constant], passing: bool) -> Reached:
    """What a chain reaches, or the name that leaves its module to which it goes on: asked for, or through another.

    `asked` are the literals for which calls ask, by the end of what they ask.
    """
    end = item.chain.segments[-1][2]
    old, used = item.old, item.segments
    if not old.name:
        name = gone(view, old.module, end, asked)
        old = Ref(old.module, name) if name else old
    elif passing and not view.affected(old):
        literal = [str(asked[end].value)] if end in asked else []
        found = _way(view, item.via.module, [*(part for part, _, _ in item.chain.attributes), *literal])
        old, used = (found[0], found[1] + 1) if found is not None and not _stays(view, found[0]) else (old, used)
    return item if old == item.old else replace(item, old=old, new=view.successor(old), segments=used)


def renamed_through(view: View, scopes: Scopes, item: Reached, asked: Mapping[int, ast.Constant]) -> Iterator[Edit]:
    """The edit to a name that is renamed in its module, where a chain comes to it through another one."""
    literal = asked.get(item.chain.segments[-1][2])
    way = [part for part, _, _ in item.chain.attributes]
    found = _way(view, item.via.module, [*way, *([str(literal.value)] if literal is not None else [])])
    if found is None or not _stays(view, found[0]):
        return
    new, number = view.successor(found[0]), found[1]
    reason = f"{names.join(found[0].module, found[0].name)} -> {names.join(new.module, new.name)}"
    if number < len(way):
        _, start, end = item.chain.attributes[number]
        yield Edit(start, end, new.name.encode(), reason)
    elif literal is not None:
        yield renamed(scopes, literal, new.name, reason)


def _stays(view: View, ref: Ref) -> bool:
    """True for a name that its module has after the phase, by another name."""
    return view.successor(ref).module == view.intent.module(ref.module)


def _way(view: View, module: str, way: Sequence[str]) -> tuple[Ref, int] | None:
    """The name that a way leads to, and the length of the way to its module."""
    current, through = Ref(module), False
    for number, part in enumerate(way):
        member = view.member(current, part)
        if not member.name:
            current = member
            continue
        if member.name.encode() in _leaving(view.intent) and (member.module, member.name) in view.intent.symbols:
            return (member, number) if through else None
        behind = module_behind(view, member.module, member.name)
        if not behind:
            return None
        current, through = Ref(behind), True
    return None


def may_pass_in_strings(view: View, code: bytes) -> bool:
    """True when a text may name what leaves a module, and have it through another; a cheap question."""
    leaving = _leaving(view.intent)
    return bool(leaving) and any(match[1] in leaving for match in _QUOTED.finditer(code))


def passed_in_strings(view: View, text: Text, tree: ast.Module) -> Iterator[Edit]:
    """The edits to dotted names that are patched through a module which imported another."""
    for node in every_node(tree):
        literal = node.args[0] if isinstance(node, ast.Call) and node.args and called(node) in PATCHING else None
        if not isinstance(literal, ast.Constant) or not isinstance(literal.value, str) or "." not in literal.value:
            continue
        top, *way = literal.value.split(".")
        found = _way(view, top, way) if top in view.inventory.modules else None
        spans = bodies(text, literal, literal.value) if found is not None else ()
        if found is not None and len(spans) == 1:
            new = view.successor(found[0])
            old = ".".join([top, *way[: found[1] + 1]])
            start = spans[0][0]
            after = names.join(new.module, new.name)
            if _stays(view, found[0]):  # the way there stays but for what moves on it
                first = next(name for name in reversed(list(names.prefixes(old))) if name in view.inventory.modules)
                between = way[first.count(".") : found[1]]
                after = names.join(view.intent.module(first), *between, new.name)
            reason = f"{names.join(found[0].module, found[0].name)} -> {names.join(new.module, new.name)}"
            yield Edit(start, start + len(old.encode()), after.encode(), reason)

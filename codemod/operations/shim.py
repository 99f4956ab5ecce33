"""Shims: what keeps old names working for code that has not followed yet."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterable, Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.references.hindrances import comes_with
from codemod.rewrite.intent import Intent
from codemod.source.certain import main_guard, surely_bound
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.origins import may_star, origin_of
from codemod.source.ours import blocks, without_blocks
from codemod.source.search import Search, candidates
from codemod.source.settings import above
from codemod.source.text import Text, Undecodable

from .context import Context, Result, Write
from .guarded import guarded
from .shim_standing import has_own, in_lines, is_shim, private_names, way_to, with_block
from .shim_text import (
    Entry,
    entries_of,
    file_shim,
    forward_block,
    package_shim,
    redirect_block,
    renamed_block,
    stub,
    stub_lines,
    table_of,
)

_LOOKING_UP = (b"stacklevel", b"_getframe(")
_NO_SHIM = lazy(r"conftest|__main__|setup|test_.*|.*_test")  # tests and programs that nobody imports


def shims(context: Context, intent: Intent, kind: str) -> Result:
    """The shims of a phase whose renames are `intent`: files at the old paths, or a `redirect` in a package above.

    `context.before` is the tree before the phase, `context.now` the one after everything else.
    """
    if kind == "none":
        return
    plan = _Plan(context.before, context.now, intent, kind)
    plan.modules()
    plan.symbols()
    yield from guarded(plan.results(), context)


@dataclass(slots=True)
class _Plan:
    """What is to be written, collected so that each file is written once."""

    before: Inventory
    now: Inventory
    intent: Intent
    kind: str
    files: dict[str, bytes] = field(default_factory=dict)  # whole files
    aliased: dict[str, dict[str, str]] = field(default_factory=dict)  # old package -> its table
    redirects: dict[str, dict[str, str]] = field(default_factory=dict)  # path of an __init__ -> table
    forwards: dict[str, tuple[str, str]] = field(default_factory=dict)
    renamed: dict[str, set[Entry]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    # -- modules

    def modules(self) -> None:
        for module in sorted(self.before.modules, key=lambda m: m.name):
            new = self.intent.module(module.name)
            if new == module.name or not module.path.endswith(".py") or is_shim(self.before, module.path):
                continue
            if _NO_SHIM.fullmatch(names.last(module.name)) or not names.is_dotted(module.name):
                continue
            if new in self.now.modules:
                self.module(module, new)
                self.implicit(module, new)

    def implicit(self, module: Module, new: str) -> None:
        """`import package; package.module`, which the package made possible when it loaded the module itself."""
        package = names.parent(module.name)
        here = self.now.modules.get(package)
        if here is None or not here.path.endswith(".py") or self.intent.module(package) != package or not package:
            return
        if is_shim(self.now, here.path) or self.cover(module.name) is not None or module.name in self.now.modules:
            return
        bound = names.last(module.name) in self.now.facts(here.path).bound
        if not bound and names.parent(new) and comes_with(self.before, module.name, package):
            entry = Entry(names.last(module.name), module.name, names.parent(new), names.last(new))
            self.renamed.setdefault(here.path, set()).add(entry)

    def module(self, module: Module, new: str) -> None:
        """The shim of one module, unless a package above it answers for it."""
        old = module.name
        above = (self.now.modules.get(package) for package in names.prefixes(names.parent(old)))
        plain = next((one for one in above if one is not None and not one.is_package), None)
        if plain is not None:
            self.findings.append(_below(old, plain))
            return
        covered = self.cover(old)
        if covered is not None:
            if names.renamed(old, {covered: self.intent.module(covered), **self.aliased[covered]}) != new:
                self.aliased[covered][old] = new
            return
        here = self.now.modules.get(old)
        if here is not None and not (here.path and is_shim(self.now, here.path)):
            if names.below(new, old) and (here.is_package or not here.path):
                self.forwards[posixpath.join(here.folder, "__init__.py")] = (old, new)
            elif here.path or self.lives(old):
                self.in_use(old, here.path)
            else:
                self.place(module, new)
        else:
            self.place(module, new)

    def cover(self, old: str) -> str | None:
        return next((package for package in reversed(list(names.prefixes(old))) if package in self.aliased), None)

    def lives(self, package: str) -> bool:
        """True when a namespace package holds more than shims."""
        return any(m.path and not is_shim(self.now, m.path) for m in self.now.modules.below(package))

    def in_use(self, old: str, path: str) -> None:
        self.findings.append(
            Finding(
                "shim-name-in-use", f"{old} is in use again, so no shim stands for what it was", Weight.NOTE,
                Place(path) if path else None,
            )
        )  # fmt: skip

    def hidden(self, old: str, module: str) -> None:
        """No shim for a name: to import the module called like it puts that in its place."""
        found = self.now.modules.get(module)
        self.findings.append(
            Finding(
                "shim-name-in-use", f"{module} is a module, so no shim can stand for the name {old}", Weight.REVIEW,
                Place(found.path) if found is not None and found.path else None,
                "call the module otherwise, if somebody outside may use the old name",
            )
        )  # fmt: skip

    def place(self, module: Module, new: str) -> None:
        """A shim where nothing stands at the old name."""
        if self.kind == "redirect":
            self.redirect(module, new)
            return
        if any(path != module.path and path.lower() == module.path.lower() for path in self.targets(new)):
            self.findings.append(
                Finding(
                    "shim-case-only", f"{module.name} and {new} are one file where case does not count, so there is "
                    "no shim", Weight.REVIEW, Place(module.path), "use `shims: redirect` for this phase",
                )
            )  # fmt: skip
            return
        self.parents(module)
        if module.is_package:
            self.aliased[module.name] = {}
        else:
            data = self.before.tree.read(module.path)
            path = way_to(self.now, module.path, new) if _runs(data) else ()
            self.files[module.path] = in_lines(file_shim(module.name, new, path), data)
        self.twin(module, new)

    def targets(self, new: str) -> tuple[str, ...]:
        found = self.now.modules.get(new)
        return (found.path,) if found is not None else ()

    def parents(self, module: Module) -> None:
        """`__init__` files that packages above had and lost when they were emptied."""
        for package in list(names.prefixes(module.name))[:-1]:
            known = self.before.modules.get(package)
            if known is None or not known.path or known.path in self.now.tree or package in self.aliased:
                continue
            if self.intent.module(package) == package:
                self.files[known.path] = self.before.tree.read(known.path)

    def twin(self, module: Module, new: str) -> None:
        """The stub of a file shim, where type checkers looked at the old module."""
        path = posixpath.splitext(module.path)[0] + ".pyi"
        if path in self.before.tree or _typed(self.before, module.path):
            self.files[path] = self.stub(module.name, new)
        if module.is_package and _typed(self.before, module.path):
            for inner in self.before.modules.below(module.name):
                target = self.intent.module(inner.name)
                if inner.path and not _NO_SHIM.fullmatch(names.last(inner.name)):
                    path = posixpath.splitext(inner.path)[0] + ".pyi"
                    self.files[path] = self.stub(inner.name, target)

    def stub(self, old: str, new: str) -> bytes:
        more = [(new, name, name) for name in private_names(self.now, new)]
        more += [(*target, name) for (module, name), target in sorted(self.intent.symbols.items()) if module == old]
        return stub(old, new, more).encode()

    def redirect(self, module: Module, new: str) -> None:
        """An entry in the nearest surviving package, and the packages on the way that are gone."""
        gone: list[str] = []
        package = names.parent(module.name)
        while package:
            known = self.now.modules.get(package)
            if known is not None and known.path and not is_shim(self.now, known.path):
                table = self.redirects.setdefault(known.path, {})
                if names.renamed(module.name, {k: v for k, v in table.items() if v}) != new:
                    table.update({name: "" for name in gone if names.longest_prefix(name, table) is None})
                    table[module.name] = new
                return
            if known is None:
                gone.append(package)
            package = names.parent(package)
        self.findings.append(
            Finding(
                "redirect-no-package", f"no package above {module.name} is left that could redirect it", Weight.REFUSAL,
                Place(module.path), "use `shims: file` for this phase",
            )
        )  # fmt: skip

    # -- top-level names

    def symbols(self) -> None:
        for (module, name), (new_module, new_name) in sorted(self.intent.symbols.items()):
            home = self.intent.module(module)
            if (home, name) == (new_module, new_name) or new_module not in self.now.modules:
                continue
            if not self.offers(module, name):
                continue
            entry = Entry(name, names.join(module, name), new_module, new_name)
            here = self.now.modules.get(home)
            if here is not None and here.path.endswith(".py") and not is_shim(self.now, here.path):
                if names.join(home, name) in self.now.modules:
                    self.hidden(entry.old, names.join(home, name))
                elif name in self.now.facts(here.path).bound:
                    if not name.startswith("_") and not self.gives(here, entry):
                        self.in_use(entry.old, here.path)
                else:
                    self.renamed.setdefault(here.path, set()).add(entry)
                continue
            known = self.before.modules.get(module)
            if known is None or not known.path.endswith(".py"):
                continue
            if here is None or is_shim(self.now, here.path):
                self.parents(known)
                self.renamed.setdefault(known.path, set()).add(entry)

    def gives(self, home: Module, entry: Entry) -> bool:
        """True where the old module imports what has left it under the old name, as a barrel does."""
        arrived = self.now.modules.get(entry.module)
        origin = origin_of(self.now, home, entry.name)
        return arrived is not None and origin is not None and origin == origin_of(self.now, arrived, entry.new)

    def offers(self, module: str, name: str) -> bool:
        """True where outsiders may take the name from: its home, a package's `__init__`, what `__all__` lists."""
        known = self.before.modules.get(module)
        if known is None or not known.path:
            return True
        facts = self.before.facts(known.path)
        return name in facts.defined or known.is_package or name in (facts.exports or ())

    # -- together

    def results(self) -> Iterator[Write | Finding]:
        yield from self.findings
        for package, table in self.aliased.items():
            known = self.before.modules.get(package)
            assert known is not None
            text = package_shim(package, self.intent.module(package), table)
            self.files[known.path] = in_lines(text, self.before.tree.read(known.path))
        for path in sorted(self.forwards.keys() | self.redirects.keys() | self.renamed.keys()):
            data = self.now.tree.read(path) if path in self.now.tree else b""
            if path in self.forwards:
                data = with_block(data, "forward", forward_block(*self.forwards[path]))
            if path in self.redirects:
                data = with_block(data, "redirect", redirect_block(_merged(data, self.redirects[path])))
            if path in self.renamed:
                found = self.with_names(path, data)
                if isinstance(found, Finding):
                    yield found
                    continue
                data = found
                yield from _further_away(path, data)
            self.files[path] = data
        for path, data in sorted(self.files.items()):
            if path not in self.now.tree or self.now.tree.read(path) != data:
                yield Write(path, data, "shim")

    def with_names(self, path: str, data: bytes) -> bytes | Finding:
        """`data` with a `__getattr__` for the names that left."""
        entries = {entry.name: entry for entry in self.renamed[path]}
        own = False
        for block in blocks(data):
            if block.kind == "renamed":
                entries = {**{entry.name: entry for entry in entries_of(block)}, **entries}
                own = has_own(block)
        try:
            tree = parse(Text.of(without_blocks(data)))
        except (Unparsable, Undecodable) as error:
            return Finding("syntax-left-alone", f"{path} cannot be read: {error}", Weight.REFUSAL, Place(path))
        if "__getattr__" in surely_bound(tree):
            own = True
        elif self.now.facts(path).lazy and not any(block.kind == "renamed" for block in blocks(data)):
            return Finding(
                "shim-getattr-unclear", f"{path} has a __getattr__ only on some ways through it, so a shim cannot "
                "extend it", Weight.REFUSAL, Place(path), "use `shims: none` for this phase, or define it plainly",
            )  # fmt: skip
        if path not in self.now.tree:
            data = in_lines(
                '"""Its names have moved; the old ones go on working."""\n\n\n', self.before.tree.read(path)
            )
        self.stub_names(path, entries.values())
        starred = not own and self.for_outsiders(path)
        return with_block(data, "renamed", renamed_block(entries.values(), own, _typed(self.before, path), starred))

    def for_outsiders(self, path: str) -> bool:
        """True where only outsiders may import everything from a module, which does not say itself what that is.

        Our own star imports have what they need from the new home; through a shim they would load it in between.
        """
        module = self.now.modules.at(path)
        if module is None:
            return True
        return "__all__" not in self.now.facts(path).bound and not any(
            statement.is_star and self.now.origin(statement, other) == module.name
            for other in candidates(self.now.tree, Search([module.name]))
            if other.endswith(".py") and may_star(self.now.tree.read(other))
            for statement in self.now.facts(other).imports
        )

    def stub_names(self, path: str, entries: Iterable[Entry]) -> None:
        """The same names in the module's own stub, where it has one."""
        twin = posixpath.splitext(path)[0] + ".pyi"
        if twin not in self.now.tree:
            return
        module = self.now.modules.at(path)
        own = module.name if module is not None else ""
        lines = ["# codemod: renamed"]
        for entry in sorted(entries):
            if entry.module == own:
                lines.append(f"{entry.name} = {entry.new}")
            else:
                lines += stub_lines(entry.module, entry.new, entry.name)
        data = self.now.tree.read(twin)
        self.files[twin] = with_block(data, "renamed", "\n".join([*lines, "# codemod: end"]) + "\n")


def _further_away(path: str, data: bytes) -> Iterator[Finding]:
    """What is told where a module's own `__getattr__` looks at who asks: the shim stands between the two now."""
    if b"_own_getattr" not in data or not any(word in without_blocks(data) for word in _LOOKING_UP):
        return
    text = Text.of(without_blocks(data))
    for node in parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == "__getattr__":
            span = text.data[text.offset(node.lineno, 0) : text.offset(node.end_lineno or node.lineno, 0)]
            if any(word in span for word in _LOOKING_UP):
                yield Finding(
                    "shim-between", "this `__getattr__` counts the frames to who asks, and the shim is one more",
                    Weight.REVIEW, Place(path, node.lineno), "count one more while the shim stands",
                )  # fmt: skip


def _below(old: str, module: Module) -> Finding:
    """No shim for a module whose package is none any more: nothing can be imported below a module."""
    return Finding(
        "shim-name-in-use", f"{module.name} is a module now, so no shim can stand for {old} below it", Weight.REVIEW,
        Place(module.path), "choose another target, if somebody outside may use the old name",
    )  # fmt: skip


def _merged(data: bytes, table: dict[str, str]) -> dict[str, str]:
    """`table` over the one that the file's redirect block has already."""
    known = [table_of(block.inner.decode()) for block in blocks(data) if block.kind == "redirect"]
    return {**(known[0] if known else {}), **table}


def _runs(data: bytes) -> bool:
    try:
        return b"__main__" in data and main_guard(parse(Text.of(data))) > 0
    except (Unparsable, Undecodable):
        return False


def _typed(inventory: Inventory, path: str) -> bool:
    """True when a package above says that it is typed (PEP 561)."""
    return any(posixpath.join(folder, "py.typed") in inventory.tree for folder in above(path) if folder)

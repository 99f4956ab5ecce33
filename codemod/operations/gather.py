"""`gather`: a package has one router of those of its modules, and applications include that one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import chain, count

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.plan.model import Gather
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Symbol
from codemod.rewrite.statement import insertion
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.settings import line_length
from codemod.source.text import Undecodable

from .context import Context, Result, Write
from .gather_places import Application, Inclusion, including, inclusions
from .later import missing, standing
from .motion_anatomy import Anatomy
from .motion_build import Build
from .motion_dissolve import dropped
from .motion_imports import Imports, Wanted
from .motion_outside import Outside
from .motion_reads import Reads
from .registrars import constructor, kind_of, parts_of, uses_of

_PLAIN = frozenset({"prefix", "tags", "dependencies", "responses", "deprecated", "include_in_schema"})
"""Arguments of a router that are part of each of its routes from when that is declared."""
_COPIED = _PLAIN | {"route_class", "default_response_class", "generate_unique_id_function", "redirect_slashes"}
"""... of one whose routes another one takes over: each of them has it by then."""
_WHY = "the package's router has these routes"


def run(operation: Gather, context: Context) -> Result:
    """Let the package's `__init__` put the routers of its modules together, and applications include the result."""
    package = standing(operation.package, context)
    if package is None:
        yield from missing(operation.package, context, operation.mark.key)
        return
    if not package.path or not package.is_package:
        yield Finding(
            "gather-not-a-package", f"{package.name} is no package with an __init__", Weight.MISMATCH,
            Place(package.path) if package.path else None, "name the package that holds the modules with the routers",
            operation.mark.key,
        )  # fmt: skip
        return
    try:
        gathering = _Gathering(operation, context, package, Anatomy.of(context.now, package))
    except (Unparsable, Undecodable) as error:
        yield Finding("source-unreadable", f"{package.name} cannot be read: {error}", Weight.MISMATCH,
                      Place(package.path), "repair the file first", operation.mark.key)  # fmt: skip
        return
    yield from gathering.results()


@dataclass(slots=True)
class _Gathering:
    """One package while its routers come together."""

    operation: Gather
    context: Context
    package: Module
    anatomy: Anatomy
    findings: list[Finding] = field(default_factory=list)

    @property
    def inventory(self) -> Inventory:
        """The tree with the phase's moves done."""
        return self.context.now

    @property
    def own(self) -> Symbol:
        """The package's router."""
        return self.package.name, self.operation.name

    @property
    def stands(self) -> bool:
        """True when the package has its router already."""
        return self.operation.name in self.anatomy.scopes.module.bindings

    def results(self) -> Result:
        places = [place for place in including(self.inventory) if place.module.name != self.package.name]
        wanted = self._chosen(places)
        if wanted is not None:
            self._check(wanted, places)
            self._check_router(wanted)
            self._check_parts(wanted)
        yield from self.findings
        if wanted is None or self.findings:
            return
        order = [inclusion.router for inclusion in wanted.inclusions]
        yield self._assembled(order, bool(wanted.inclusions[0].arguments))
        for place in places:
            if [inclusion.router for inclusion in place.inclusions] == order:
                yield self._application(place)

    def _refuse(self, code: str, message: str, place: Application, inclusion: Inclusion, hint: str) -> None:
        where = Place(place.anatomy.path, inclusion.node.lineno)
        self.findings.append(Finding(code, message, Weight.REFUSAL, where, hint, self.operation.mark.key))

    # -- what is included where

    def _inside(self, router: Symbol) -> bool:
        """True for a router of a module of the package that the package's own does not hold yet."""
        return names.below(router[0], self.package.name) and router not in self._held()

    def _held(self) -> set[Symbol]:
        held = {(module, name) for name, module in parts_of(self.inventory, self.anatomy)}
        return held | {one.router for place in inclusions(self.inventory, self.anatomy) for one in place.inclusions}

    def _chosen(self, places: Sequence[Application]) -> Application | None:
        """The place whose inclusions the package takes over: one that has the most of its routers."""
        found: list[tuple[int, Application]] = []
        for place in places:
            place.inclusions = [one for one in place.inclusions if one.router == self.own or self._inside(one.router)]
            others = sum(one.router != self.own for one in place.inclusions)
            if others:
                found.append((others, place))
        if found:
            return max(found, key=lambda item: item[0])[1]
        if not self.stands and not self.context.landed:
            self.findings.append(Finding(
                "gather-nothing", f"no application includes a router of {self.package.name}", Weight.MISMATCH,
                Place(self.package.path),
                f"take {self.package.name} out of `gather`, or name the package that holds them",
                self.operation.mark.key,
            ))  # fmt: skip
        return None

    def _check(self, wanted: Application, places: Sequence[Application]) -> None:
        """Each application has the same routes in the same order before and after, or the phase is refused."""
        order = [one.router for one in wanted.inclusions]
        for place in places:
            routers = [one.router for one in place.inclusions]
            if routers == order:
                self._check_run(place)
            elif set(routers) == set(order) or (self.stands and self.own in routers):
                last = place.inclusions[-1]
                self._refuse(
                    "gather-differs", f"{place.module.name} includes other routers of {self.package.name}, or in "
                    f"another order, than {wanted.module.name} does", place, last,
                    f"include the same routers in both, or take {self.package.name} out of `gather`",
                )  # fmt: skip
        if self.stands:
            known = {place.module.name for place in places if self.own in [one.router for one in place.inclusions]}
            for path, line in self._elsewhere(known):
                self.findings.append(Finding(
                    "gather-differs", f"{'.'.join(self.own)} may be included here, without the routers that it is to "
                    "hold", Weight.REFUSAL, Place(path, line), "include it in a statement of its own: "
                    "`app.include_router(router)`", self.operation.mark.key,
                ))  # fmt: skip

    def _check_run(self, place: Application) -> None:
        """The inclusions stand together, say the same, and nothing between them touches what includes them."""
        first = place.inclusions[0]
        for one in place.inclusions[1:]:
            if one.arguments != first.arguments:
                self._refuse(
                    "gather-differs", f"{place.receiver} includes {'.'.join(one.router)} with other arguments than "
                    f"{'.'.join(first.router)}", place, one,
                    f"write the same arguments, or take {self.package.name} out of `gather`",
                )  # fmt: skip
        between = place.touched(place.inclusions)
        if between is not None:
            where = Place(place.anatomy.path, between.lineno)
            self.findings.append(Finding(
                "gather-order", f"{place.receiver} is used here, between its routers of {self.package.name}",
                Weight.REFUSAL, where, f"move this above or below them, or take {self.package.name} out of `gather`",
                self.operation.mark.key,
            ))  # fmt: skip

    def _check_router(self, wanted: Application) -> None:
        """The package's router is one, and leaves what it takes over as it is."""
        name = self.operation.name
        if not self.stands:
            return
        kind, call = kind_of(self.inventory, self.anatomy, name), constructor(self.anatomy, name)
        odd = {keyword.arg for keyword in call.keywords} - _PLAIN if call is not None else set()
        if kind is None or call is None or kind.shown != "APIRouter":
            message, hint = f"{name} of {self.package.name} is no APIRouter", "choose another name"
        elif odd:
            shown = ", ".join(sorted(str(arg) for arg in odd))
            message = f"{name} of {self.package.name} gives {shown} to what is included through it"
            hint = "leave these routers where they are included, or choose another name"
        else:
            return
        pieces = self.anatomy.definers(name) or list(self.anatomy.pieces[:1])
        line = self.anatomy.text.line(pieces[0].code)
        self.findings.append(Finding("gather-differs", message, Weight.REFUSAL, Place(self.package.path, line), hint,
                                     self.operation.mark.key))  # fmt: skip

    def _copies(self, arguments: bool) -> bool:
        """True where `include_router` would give the routes what they have already, or refuse empty paths."""
        call = constructor(self.anatomy, self.operation.name)
        return arguments or (call is not None and bool(call.args or call.keywords))

    def _check_parts(self, wanted: Application) -> None:
        """What a router does beside its routes (a lifespan, hooks) is not taken over with them."""
        order = [one.router for one in wanted.inclusions]
        copies = self._copies(bool(wanted.inclusions[0].arguments))
        for one in wanted.inclusions if copies else wanted.inclusions[: order.index(self.own) if self.stands else 0]:
            home = self.inventory.modules.get(one.router[0])
            if one.router == self.own or home is None:
                continue
            anatomy = Anatomy.of(self.inventory, home)
            kind, call = kind_of(self.inventory, anatomy, one.router[1]), constructor(anatomy, one.router[1])
            plain = call is not None and not call.args and {keyword.arg for keyword in call.keywords} <= _COPIED
            hooked = kind is not None and any(
                not use.slot for use in uses_of(Reads(anatomy), one.router[1], kind).declared
            )
            if kind is None or not plain or hooked:
                self._refuse(
                    "gather-differs", f"{'.'.join(one.router)} does more than declare routes, which is all that "
                    f"{self.operation.name} of {self.package.name} can take over", wanted, one,
                    f"take {self.package.name} out of `gather`, or give its router no arguments",
                )  # fmt: skip

    def _elsewhere(self, known: set[str]) -> Iterator[tuple[str, int]]:
        """Files other than those known that import the package's router and include something."""
        for module in self.inventory.modules:
            if not module.path or module.name in {*known, self.package.name} or not module.path.endswith(".py"):
                continue
            if b"include_router" not in self.inventory.tree.read(module.path):
                continue
            for statement in self.inventory.facts(module.path).imports:
                origin = self.inventory.origin(statement, module.path)
                if any(self._means_own(origin, statement.is_from, alias.name) for alias in statement.aliases):
                    yield module.path, statement.line

    def _means_own(self, origin: str | None, is_from: bool, name: str) -> bool:
        if not is_from:
            return names.within(name, self.package.name)
        return (origin == self.package.name and name in (self.operation.name, "*")) or (
            names.join(origin or "", name) == self.package.name)  # fmt: skip

    # -- what is written

    def _build(self, anatomy: Anatomy) -> Build:
        first_party = frozenset(names.top(module.name) for module in self.inventory.modules)
        width = line_length(self.inventory.tree, anatomy.path)
        return Build(anatomy.module.name, anatomy.path, anatomy.module.package, anatomy.text, first_party, width,
                     anatomy)  # fmt: skip

    def _assembled(self, order: Sequence[Symbol], arguments: bool) -> Write:
        """The package's `__init__`: the imports, the router if it is new, and what it takes over."""
        build, name = self._build(self.anatomy), self.operation.name
        relative = Imports(self.anatomy, self.inventory).relative
        taken = {*self.anatomy.scopes.module.bindings, name}
        taken |= {names.last(child.name) for child in self.inventory.modules.children(self.package.name)}
        bound: dict[Symbol, str] = {}
        for router in order:
            if router != self.own:
                last, called = names.last(router[0]), router[1].lstrip("_")
                usual = f"{last}_{called if called != last else 'router'}"
                bound[router] = next(n for n in chain([usual], (f"{usual}{i}" for i in count(2))) if n not in taken)
                taken.add(bound[router])
                build.wanted.append(Wanted(bound[router], router[0], router[1], relative=relative))
        at = order.index(self.own) if self.own in order else 0
        lines = []
        if not self.stands:
            build.wanted.append(Wanted("APIRouter", "fastapi", "APIRouter"))
            lines.append(f"{name} = APIRouter()")
        if at:
            first = ", ".join(f"*{bound[router]}.routes" for router in order[:at])
            lines.append(f"{name}.routes[:0] = [{first}]")
        behind = [bound[router] for router in order[at:] if router != self.own]
        form = f"{name}.routes.extend({{}}.routes)" if self._copies(arguments) else f"{name}.include_router({{}})"
        lines += [form.format(one) for one in behind]
        if not self.stands and self.inventory.facts(self.package.path).exports is not None:
            build.exports = [name]
        data, newline = build.changed(), self.anatomy.text.newline
        final = next(reversed(self.anatomy.pieces), None)
        gap = b"" if final is not None and self._continues(final.nodes[-1]) else newline
        ends = newline if data and not data.endswith((b"\n", b"\r")) else b""
        added = newline.join(line.encode() for line in lines) + newline
        return Write(
            self.package.path, self.anatomy.text.raw(data + ends + gap + added), f"{name} of {self.package.name}"
        )

    def _continues(self, last: ast.stmt) -> bool:
        """True behind a statement that declares something on the router, which the new ones go on with."""
        return isinstance(last, ast.Expr) and any(
            isinstance(node, ast.Name) and node.id == self.operation.name for node in ast.walk(last))  # fmt: skip

    def _application(self, place: Application) -> Write:
        """The application: one inclusion for all, and no import that only the others needed."""
        anatomy, build = place.anatomy, self._build(place.anatomy)
        kept = next((one for one in place.inclusions if one.router == self.own), place.inclusions[0])
        gone = self._unread(place, kept)
        edits, whole = dropped(anatomy, gone)
        build.gone += [(anatomy.pieces[n].code, anatomy.pieces[n].end) for n in whole]
        for one in place.inclusions:
            if one is not kept:
                build.gone.append(place.lines(one))
        if kept.router != self.own:
            bound = self._bound(place, gone)
            start, end = anatomy.scopes.span(kept.argument)
            build.edits.append(Edit(start, end, bound.encode(), _WHY))
            local = place.local(kept)
            if local is None:
                relative = Imports(anatomy, self.inventory).relative
                build.wanted.append(Wanted(bound, *self.own, relative=relative))
            else:
                clause = self.operation.name + (f" as {bound}" if bound != self.operation.name else "")
                found = insertion(anatomy.text, local, [f"from {self.package.name} import {clause}"], _WHY)
                build.edits += [found] if found is not None else []
        build.edits += edits
        return Write(anatomy.path, anatomy.text.raw(build.changed()), f"{self.package.name} has one router")

    def _unread(self, place: Application, kept: Inclusion) -> set[tuple[int, int]]:
        """Import clauses that only inclusions which go have read."""
        anatomy, gone = place.anatomy, set[tuple[int, int]]()
        away = {id(one.root) for one in place.inclusions if one is not kept or kept.router != self.own}
        outside = Outside(self.inventory, anatomy.module.name, anatomy.path)
        listed = self.inventory.facts(anatomy.path).exports or ()
        for statement in anatomy.imports:
            for number, alias in enumerate(statement.aliases):
                bound = statement.bound(alias)
                uses = anatomy.scopes.named(bound)
                reads = [use for use in uses if use.context == "load"]
                if bound in listed or statement.is_star or not reads or any(id(use.node) not in away for use in reads):
                    continue
                if statement.scope != "module" or not outside.mentions(bound):
                    gone.add((statement.start, number))
        return gone

    def _bound(self, place: Application, gone: set[tuple[int, int]]) -> str:
        """What the package's router is called in an application."""
        left = {
            statement.bound(alias) for statement in place.anatomy.imports
            for number, alias in enumerate(statement.aliases) if (statement.start, number) not in gone
        }  # fmt: skip
        anatomy = place.anatomy
        taken = left | {name for name in anatomy.scopes.module.bindings if anatomy.definers(name)} | {
            name for one in place.inclusions for name in place.around(one)}  # fmt: skip
        usual = f"{names.last(names.parent(self.package.name))}_{self.operation.name}".lstrip("_")
        return next(n for n in chain([self.operation.name, usual], (f"{usual}{i}" for i in count(2))) if n not in taken)

"""`barrel`: a package's `__init__` offers the public names that its modules define."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field, replace
from codemod.plan.model import Barrel
from codemod.source.certain import introduced, loggers, surely_bound
from codemod.source.facts import Facts, Unparsable, parse
from codemod.source.inventory import Inventory, Target
from codemod.source.modules import Module
from codemod.source.origins import origin_of, star_names
from codemod.source.ours import shim_of, without_blocks
from codemod.source.scopes import analyse
from codemod.source.settings import line_length
from codemod.source.stars import star_importers
from codemod.source.text import Text, Undecodable

from .barrel_modules import Apart, apart, loaded_on_demand, needed_anew
from .barrel_optional import Optional
from .barrel_order import import_order, needs_of, ran_behind, settled_first
from .barrel_stars import Rivals, star_rivals
from .barrel_text import Style, extend_init
from .context import Context, Result, Write
from .later import grown_later, left_later, missing, nearest_names, standing
from .namespace import init_files

_TEST = lazy(r"conftest|__main__|tests|test_.*|.*_test")


@dataclass(frozen=True, slots=True)
class Export:
    """A name that a barrel offers and the child module that it is imported from."""

    name: str
    module: str
    origin: Target


@dataclass(frozen=True, slots=True)
class Exports:
    """What a barrel comes to: `adds` are imported, `listed` stand in `__all__` together with what is there."""

    package: str
    adds: tuple[Export, ...] = ()
    listed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Offer:
    """One way in which a child offers a name."""

    child: Module
    origin: Target
    sure: bool
    line: int


@dataclass(slots=True)
class _Plan:
    """A barrel while it is being decided."""

    inventory: Inventory
    package: Module
    barrel: Barrel
    pending: Mapping[str, Barrel]
    on_demand: Mapping[str, Apart]
    optional: Optional
    offers: dict[str, list[_Offer]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, message: str, place: Place | None, hint: str, weight: Weight = Weight.REVIEW) -> None:
        self.findings.append(Finding(code, message, weight, place, hint, self.barrel.mark.key))


def run(operation: Barrel, context: Context) -> Result:
    """Write the package's `__init__` (and its stub, where there is one)."""
    inventory = context.now
    package = standing(operation.package, context)
    if package is None:
        yield from missing(operation.package, context, operation.mark.key)
        return
    if not package.is_package:
        yield Finding(
            "barrel-not-a-package", f"{package.name} is a module, not a package", Weight.MISMATCH,
            Place(package.path), "name the package that holds it", operation.mark.key,
        )  # fmt: skip
        return
    pending = {other.package: other for other in context.phase.do if isinstance(other, Barrel)}
    plan = plan_exports(inventory, package, operation, pending)
    left = left_later({operation.package, package.name}, context)
    left -= inventory.facts(package.path).bound if left and package.path else frozenset()
    if left:  # names that the barrel left out, since modules were called so or had them too
        adds = tuple(one for one in plan.adds if one.name not in left)
        plan = replace(plan, adds=adds, listed=tuple(name for name in plan.listed if name not in left))
    if any(finding.blocks for finding in plan.findings):
        yield from plan.findings
        return
    results = list(_writes(inventory, package, plan, operation, _divided(context, package)))
    changes = any(isinstance(result, Write) for result in results)
    grown = changes and grown_later(package.name, context, operation.mark.key)
    if isinstance(grown, Finding):
        yield grown
    elif not grown:  # else it offers what it was to offer: the later phase did not ask for more
        yield from plan.findings
        yield from results


def _divided(context: Context, package: Module) -> bytes | None:
    """The module that the phase has divided into this package, as it was; None where there is none."""
    was = context.before.modules.get(package.name)
    tree, now = context.before.tree, context.now.tree
    if was is None or not was.path or not package.path or tree.entry(was.path) == now.entry(package.path):
        return None
    return tree.read(was.path)


def _writes(inventory: Inventory, package: Module, plan: Exports, operation: Barrel, before: bytes | None) -> Result:
    """`before` is the module that the package was, where the phase has divided it."""
    path = f"{package.folder}/__init__.py"
    for other in init_files(inventory, package.name, package.root):
        if other != path:
            yield Write(other, b"", f"{names.last(package.name)} becomes a regular package")
    order, natural = import_order(inventory, package.name, [(e.name, e.module) for e in plan.adds])
    for file in (path, f"{package.folder}/__init__.pyi"):
        there = file in inventory.tree
        if not there and file != path:
            continue
        raw = inventory.tree.read(file) if there else b""
        needs = needs_of(inventory, package.name)
        behind = ran_behind(before, raw, needs) if before is not None else frozenset[str]()
        style = Style(
            package.name, _is_absolute(inventory, package), line_length(inventory.tree, file), natural,
            file != path or settled_first(raw, needs, behind), behind,
        )  # fmt: skip
        try:
            new = extend_init(raw, order, plan.listed if file == path else _described(inventory, file, plan), style)
        except (Unparsable, Undecodable, UnicodeEncodeError) as error:
            yield Finding(
                "syntax-left-alone", f"{file} cannot be read: {error}", Weight.REVIEW, Place(file),
                "repair the file and run the phase again", operation.mark.key,
            )  # fmt: skip
            continue
        if new != raw or not there:
            yield Write(file, new, f"barrel of {package.name}")


def _described(inventory: Inventory, stub: str, plan: Exports) -> list[str]:
    """What the package's `__all__` comes to in its stub: the names that the stub has or gets."""
    package = inventory.modules.get(plan.package)
    listed = {*plan.listed, *(inventory.facts(package.path).exports or () if package is not None else ())}
    return sorted(listed & {*inventory.facts(stub).bound, *(export.name for export in plan.adds)})


def plan_exports(
    inventory: Inventory, package: Module, barrel: Barrel, pending: Mapping[str, Barrel] | None = None
) -> Exports:
    """Decide what the barrel of `package` offers.

    `pending` are the barrels of this phase by package: a child's barrel counts as written.
    """
    on_demand, optional = loaded_on_demand(inventory, package), Optional(inventory, package)
    plan = _Plan(inventory, package, barrel, pending or {}, on_demand, optional)
    for child in inventory.modules.children(package.name):
        _offered(plan, child)
    for wanted in barrel.force:
        if names.last(wanted.replace(":", ".")) not in plan.offers:
            near = nearest_names(wanted, plan.offers)
            plan.say(
                "barrel-name-missing", f"no module of {package.name} defines {wanted}", Place(package.path),
                f"did you mean {' or '.join(near)}?" if near else "take it out of the list", Weight.MISMATCH,
            )  # fmt: skip
    own, sure, listed = _own(plan)
    rivals = star_rivals(inventory, package)
    adds = []
    for name in sorted(plan.offers):
        chosen = _choose(plan, name, own, sure, rivals)
        if chosen is None:
            continue
        listed.add(name)
        if name not in sure:
            adds.append(Export(name, chosen.child.name, chosen.origin))
    for child, top, line in needed_anew(inventory, package, (export.module for export in adds)):
        plan.say(
            "barrel-needs-anew", f"{child.name} needs {top}, which importing {package.name} did not need before",
            Place(child.path, line), f"`except: [{names.last(child.name)}]` keeps the module out",
        )  # fmt: skip
    return Exports(package.name, tuple(adds), tuple(sorted(listed)), tuple(plan.findings))


def _offered(plan: _Plan, child: Module) -> None:
    """Collect what a child module or package offers."""
    inventory, last = plan.inventory, names.last(child.name)
    if last in plan.barrel.excepted or child.name in plan.barrel.excepted:
        return
    if _TEST.fullmatch(last) or not last.isidentifier() or not child.path.endswith(".py"):
        return
    raw = inventory.tree.read(child.path)
    if shim_of(raw) is not None:
        return
    try:
        tree = parse(Text.of(raw))
    except (Unparsable, Undecodable) as error:
        plan.say("syntax-left-alone", f"{child.name} cannot be read: {error}", Place(child.path), "repair the file")
        return
    facts = inventory.facts(child.path)
    if child.name in plan.pending and child.is_package:
        inner = plan_exports(inventory, child, plan.pending[child.name], plan.pending)
        wanted = set(inner.listed) | set(facts.exports or ())
        origins = {export.name: export.origin for export in inner.adds}
        sure = frozenset(wanted)
    else:
        origins = {}
        given = introduced(tree) - loggers(tree) - _replaced(facts) - {"TYPE_CHECKING"}
        wanted = {n for n in facts.public if facts.exports is not None or n in given}
        sure = surely_bound(tree) if facts.exports is None else frozenset(_available(inventory, child))
    lines = {definition.name: definition.line for definition in facts.definitions}
    reason = apart(child, tree, plan.on_demand) or (plan.optional.of(child) if wanted else None)
    if reason and wanted and not any(_forced(plan, name, child) for name in wanted):
        plan.say(
            reason.code, f"{child.name} {reason.why}, so the barrel does not import it",
            Place(child.path, reason.line), "name what shall be exported in the plan to force it",
        )  # fmt: skip
        return
    for name in sorted(wanted):
        if reason and not _forced(plan, name, child):
            continue
        if name in facts.globals and name in facts.defined and not _forced(plan, name, child):
            plan.say(
                "barrel-name-rebound", f"a function of {child.name} binds {name} anew; the barrel would keep the first"
                " value, so it leaves it out", Place(child.path, lines.get(name, 0)),
                f"name {name} in the plan to force it",
            )  # fmt: skip
            continue
        origin = origins.get(name) or origin_of(inventory, child, name) or Target(child.name, name)
        plan.offers.setdefault(name, []).append(_Offer(child, origin, name in sure, lines.get(name, 0)))


def _replaced(facts: Facts) -> frozenset[str]:
    """Names that an import gives, and something else where that fails: `numpy = None`."""
    tried = (statement for statement in facts.imports if statement.scope == "module" and statement.guard == "fallback")
    return frozenset(statement.bound(alias) for statement in tried for alias in statement.aliases)


def _available(inventory: Inventory, child: Module) -> Iterator[str]:
    """Names of a literal `__all__` that the module can give."""
    facts = inventory.facts(child.path)
    stars = any(statement.is_star for statement in facts.imports)
    for name in facts.exports or ():
        if facts.lazy or stars or name in facts.bound or f"{child.name}.{name}" in inventory.modules:
            yield name


def _own(plan: _Plan) -> tuple[dict[str, Target | None], frozenset[str], set[str]]:
    """What `__init__` binds by hand: origin of each name, the names bound, and what `__all__` must keep.

    With a literal `__all__` only that is kept; a new one lists the public names that `__init__` defines, those it
    takes from the package's own modules, and, where somebody star-imports the package, all that they get now.
    """
    inventory, package = plan.inventory, plan.package
    facts = inventory.facts(package.path)
    raw = inventory.tree.read(package.path) if package.path else b""
    try:
        text = Text.of(without_blocks(raw))
        tree = parse(text)
    except (Unparsable, Undecodable):
        text, tree = Text.of(b""), ast.Module([], [])
    bound = set(facts.bound)
    for statement in facts.imports:
        given = inventory.modules.find(inventory.origin(statement, package.path) or "") if statement.is_star else None
        if given is not None:
            bound |= star_names(inventory, given.module)
    own = {name: origin_of(inventory, package, name) for name in sorted(bound)}
    scopes = analyse(tree, text)
    for name in scopes.names:  # that the hand's code reads and does not bind: builtins
        if any(use.home in (None, scopes.module) and use.context == "load" for use in scopes.named(name)):
            own.setdefault(name, Target("builtins", name))
    if facts.exports is not None or facts.exports_computed:
        return own, frozenset(bound), set()
    keep = {name for name in introduced(tree) if not name.startswith("_")}
    for statement in facts.imports:
        if (
            statement.scope == "module"
            and statement.guard != "checking"
            and statement.is_from
            and not statement.is_star
        ):
            origin = inventory.origin(statement, package.path) or ""
            for alias in statement.aliases:
                name = statement.bound(alias)
                inside = names.below(origin, package.name) or alias.asname == alias.name
                if inside and not name.startswith("_"):
                    keep.add(name)
    if any(star_importers(inventory, package.name)):
        features = {alias.name for line in facts.imports if line.module == "__future__" for alias in line.aliases}
        keep |= star_names(inventory, package) - features  # star imports bring these too, and nobody means them
    return own, frozenset(bound), keep


def _choose(
    plan: _Plan, name: str, own: Mapping[str, Target | None], bound: frozenset[str], rivals: Rivals
) -> _Offer | None:
    """The offer that the barrel takes for a name, or None, with a finding that says why."""
    offers, package = plan.offers[name], plan.package
    forced = [offer for offer in offers if _forced(plan, name, offer.child, qualified=True)]
    chosen = forced or offers
    if len({offer.origin for offer in chosen}) > 1:
        if name in bound:  # the hand has decided
            return next((offer for offer in chosen if offer.origin == own.get(name)), None)
        places = ", ".join(offer.child.name for offer in chosen)
        bare = _forced(plan, name, chosen[0].child)
        plan.say(
            "barrel-name-clash", f"{name} is defined by {places}; the barrel of {package.name} leaves it out",
            Place(chosen[0].child.path, chosen[0].line),
            f"name {names.last(chosen[0].child.name)}.{name} in the plan to choose one",
            Weight.REFUSAL if bare else Weight.REVIEW,
        )  # fmt: skip
        return None
    offer = _nearest_offer(chosen)
    place = Place(offer.child.path, offer.line)
    if name in bound:
        if own.get(name) in (offer.origin, None) or own.get(name) == Target(package.name, name):
            return offer
        reason = "__init__ binds it to something else"
    elif _forced(plan, name, offer.child):
        return offer
    elif names.join(package.name, name) in plan.inventory.modules:
        plan.say(
            "barrel-name-is-submodule", f"{name} is also a submodule of {package.name}; the barrel leaves it out",
            place, f"name {name} in the plan to force it",
        )  # fmt: skip
        return None
    elif not offer.sure:
        plan.say(
            "barrel-name-conditional", f"{offer.child.name} may not have {name} when it has run", place,
            f"name {name} in the plan to force it",
        )  # fmt: skip
        return None
    elif name in own:
        reason = "the code in __init__ uses another thing of that name"
    elif rival := next((path for path, origin in rivals.get(name, ()) if origin != offer.origin), ""):
        reason = f"{rival} star-imports the package and has its own {name}"
    else:
        return offer
    plan.say("barrel-name-taken", f"{name} of {offer.child.name} is left out: {reason}", place, "rename one of them")
    return None


def _nearest_offer(offers: list[_Offer]) -> _Offer:
    """Among several ways to the same object, the module that defines it, else the package that holds it."""
    for offer in offers:
        if offer.origin.module == offer.child.name:
            return offer
    for offer in offers:
        if names.within(offer.origin.module, offer.child.name):
            return offer
    return offers[0]


def _forced(plan: _Plan, name: str, child: Module, qualified: bool = False) -> bool:
    """True when the plan names this export; `qualified` asks for `module.name`."""
    for wanted in plan.barrel.force:
        dotted = wanted.replace(":", ".")
        if dotted == name and not qualified:
            return True
        above = names.parent(dotted)
        if above and names.last(dotted) == name and (child.name == above or child.name.endswith("." + above)):
            return True
    return False


def _is_absolute(inventory: Inventory, package: Module) -> bool:
    """True when the package spells imports of itself absolutely: `__init__` decides, else its modules."""
    own = _spelling(inventory, [package])
    if own != 0:
        return own > 0
    return _spelling(inventory, inventory.modules.below(package.name)) > 0


def _spelling(inventory: Inventory, modules: Iterator[Module] | list[Module]) -> int:
    """Absolute minus relative imports of the same top package."""
    balance = 0
    for module in modules:
        for statement in inventory.facts(module.path).imports:
            if statement.level:
                balance -= 1
            elif statement.module and names.top(statement.module) == names.top(module.name):
                balance += 1
    return balance

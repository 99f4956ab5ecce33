"""Where files go when modules move: paths, the `__init__` files that new packages need, packages left empty."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.source.empty import says_nothing
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES, Module, at_root, below_root, beneath
from codemod.source.origins import origin_of
from codemod.source.search import Search, candidates
from codemod.source.tree import SYMLINK, Tree

from .move import Row


@dataclass(slots=True)
class Layout:
    """The file side of the moves of a phase."""

    files: dict[str, str] = field(default_factory=dict)
    creates: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def lay_out(rows: Sequence[Row], inventory: Inventory) -> Layout:
    """Old path -> new path for each row that moves a module, and the `__init__` files that their parents need."""
    layout = Layout()
    moving = [row for row in rows if not row.name and not row.holds]
    table = {row.module: row.new_module for row in moving}
    for row in sorted(moving, key=lambda r: -r.module.count(".")):
        module = inventory.modules.get(row.module)
        if module is None:
            continue
        root = root_for(row.new_module, module.root, inventory, table)
        for old, new in _files(module, row.new_module, root, inventory):
            if old not in layout.files and not _claimed(old, module, table, inventory):
                layout.files[old] = new
        hidden = f"{module.folder}.py"
        if module.folder and hidden in inventory.tree:
            layout.findings.append(_hidden(row, hidden))
    _collisions(layout, inventory)
    vacated = set(layout.files) - set(layout.files.values())
    for row in moving:
        source = inventory.modules.get(row.module)
        if source is not None:
            root = root_for(row.new_module, source.root, inventory, table)
            _parents(row.new_module, root, source, inventory, vacated, layout, row, rows)
    return layout


def _hidden(row: Row, hidden: str) -> Finding:
    """A package and a module of one name: from before, or since the phase puts something below what goes there."""
    what, hint = f"which would be {row.module} then", "delete the file first, since nobody can import it"
    if names.below(row.new_module, row.module):
        what = f"which is to go to {row.new_module}"
        hint = f"let a phase before move {row.module}, and this one put the rest into the package"
    return Finding(
        "hidden-module-left", f"the package {row.module} hides {hidden}, {what}", Weight.MISMATCH, Place(hidden), hint,
        row.mark.key,
    )  # fmt: skip


def root_for(name: str, default: str, inventory: Inventory, table: Mapping[str, str] | None = None) -> str:
    """The source root of a new module: where the packages above it stand, else `default`."""
    for package in reversed(list(names.prefixes(names.parent(name)))):
        if names.longest_prefix(package, table or {}) is not None:
            break
        if at_root(default, package.replace(".", "/")) + "/__init__.py" in inventory.tree:
            return default
        above = inventory.modules.get(package)
        if above is not None and above.folder and above.path:  # only what lies in a regular package's folder is found
            return above.root
    top = names.top(name)
    known = inventory.modules.get(top)
    if known is None:
        return default
    at_default = at_root(default, top)
    if not known.path and any(path.endswith(SUFFIXES) for path in inventory.tree.below(at_default)):
        return default  # a namespace package has a part under each of its roots
    if any(
        path.startswith(at_default + "/") or path == at_default + ".py" for path in (known.path, known.folder + "/")
    ):
        return default
    return known.root


def module_path(name: str, root: str, package: bool = False) -> str:
    """The file of a module below a root."""
    inner = name.replace(".", "/")
    return at_root(root, f"{inner}/__init__.py" if package else f"{inner}.py")


def _files(module: Module, new: str, root: str, inventory: Inventory) -> Iterator[tuple[str, str]]:
    if module.folder:
        target = at_root(root, new.replace(".", "/"))
        for path in inventory.tree.below(module.folder):
            yield path, target + path[len(module.folder) :]
        stub = module.folder + ".pyi"
        if stub in inventory.tree:
            yield stub, target + ".pyi"
        return
    stem = posixpath.splitext(module.path)[0]
    for suffix in SUFFIXES:
        if stem + suffix in inventory.tree:
            yield stem + suffix, at_root(root, new.replace(".", "/")) + suffix


def _claimed(path: str, module: Module, table: Mapping[str, str], inventory: Inventory) -> bool:
    """True when a deeper row moves this file."""
    own = inventory.modules.at(path)
    name = (
        own.name
        if own
        else names.join(module.name, below_root(posixpath.dirname(path), module.folder).replace("/", "."))
    )
    return names.longest_prefix(name, table) not in (None, module.name)


def _collisions(layout: Layout, inventory: Inventory) -> None:
    seen: dict[str, str] = {}
    for old, new in sorted(layout.files.items()):
        if new in seen:
            layout.findings.append(_taken(new, f"{seen[new]} and {old} both go to {new}"))
        seen[new] = old
        if new in inventory.tree and new not in layout.files and new != old:
            layout.findings.append(_taken(new, f"{new} is there already"))


def _taken(path: str, message: str) -> Finding:
    return Finding("target-taken", message, Weight.MISMATCH, Place(path), "choose another target for one of them")


def _parents(
    name: str, root: str, source: Module, inventory: Inventory, vacated: set[str], layout: Layout, row: Row,
    rows: Sequence[Row],
) -> None:  # fmt: skip
    """`__init__` files for the packages above a new module, where the surroundings use them."""
    style = _uses_init(source, inventory)
    for package in list(names.prefixes(name))[:-1]:
        folder = at_root(root, package.replace(".", "/"))
        blocking = folder + ".py"
        if blocking in inventory.tree and blocking not in vacated and folder + "/__init__.py" not in inventory.tree:
            layout.findings.append(
                Finding(
                    "target-taken", f"{package} is a module, so {name} cannot lie below it", Weight.MISMATCH,
                    Place(blocking), f"move {package} as well, or choose another target", row.mark.key,
                )
            )  # fmt: skip
            return
        if package != name and _is_name(package, inventory, rows):
            layout.findings.append(
                Finding(
                    "target-taken", f"{names.parent(package)} gives {names.last(package)}, which is no module, so "
                    f"{name} cannot lie below it", Weight.MISMATCH, Place(posixpath.dirname(folder) + "/__init__.py"),
                    f"choose another target, or rename {names.last(package)} in the same phase", row.mark.key,
                )
            )  # fmt: skip
            return
        style = _add_init(folder, style, inventory, vacated, layout)


def _is_name(package: str, inventory: Inventory, rows: Sequence[Row]) -> bool:
    """True for a package to come where the one above gives something else under its name: one would hide the other.

    Names that the phase calls otherwise make room, and so does a package that goes.
    """
    above = inventory.modules.get(names.parent(package))
    if above is None or not above.path or package in inventory.modules:
        return False
    origin = origin_of(inventory, above, names.last(package))
    if origin is None or not origin.name or origin.module not in inventory.modules:
        return False
    renamed = any((r.module, r.name) == (origin.module, origin.name) and r.new_name != r.name for r in rows)
    return not renamed and not any(not r.name and names.within(above.name, r.module) for r in rows)


def _add_init(folder: str, style: bool, inventory: Inventory, vacated: set[str], layout: Layout) -> bool:
    """Give a new folder an `__init__` when `style` says so; returns the style that holds below it."""
    init = folder + "/__init__.py"
    if init in layout.creates or init in layout.files.values():
        return True
    if init in inventory.tree and init not in vacated:
        return True
    stays = any(path.endswith(SUFFIXES) and path not in vacated for path in inventory.tree.below(folder))
    if stays:  # a namespace package that is there stays one
        return False
    if style:
        layout.creates[init] = b""
    return style


def new_parents(sources: Mapping[str, str], inventory: Inventory, moves: Mapping[str, str]) -> dict[str, bytes]:
    """`__init__` files for the packages above new modules: target -> source module, whose surroundings set the style.

    `moves` are files that move beside them.
    """
    layout = Layout(files=dict(moves))
    for target, source in sorted(sources.items()):
        known = inventory.modules.get(source)
        if known is None or target in inventory.modules:
            continue
        root = root_for(target, known.root, inventory)
        style = _uses_init(known, inventory)
        for package in list(names.prefixes(target))[:-1]:
            style = _add_init(at_root(root, package.replace(".", "/")), style, inventory, set(moves), layout)
    return layout.creates


def _uses_init(module: Module, inventory: Inventory) -> bool:
    """True when the packages around a module are regular ones; a lone top-level module gets regular packages."""
    top = names.top(module.name)
    if top == module.name and not module.folder:
        return True
    folder = at_root(module.root, top.replace(".", "/"))
    return folder + "/__init__.py" in inventory.tree


def links(moved: Mapping[str, str], tree: Tree) -> dict[str, bytes]:
    """Symbolic links that must read differently: path before -> new text.  Links out of the repository stay."""
    found: dict[str, bytes] = {}
    folders = _whole_folders(moved)
    for path, entry in tree.entries.items():
        if entry.mode != SYMLINK:
            continue
        text = tree.read(path).decode("utf-8", "surrogateescape")
        here = moved.get(path, path)
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
        if posixpath.isabs(text) or target.startswith(".."):
            continue
        after = moved.get(target) or folders.get(target, target)
        new = posixpath.relpath(after, posixpath.dirname(here) or ".")
        old = posixpath.relpath(target, posixpath.dirname(path) or ".")
        if new != old:
            found[path] = new.encode("utf-8", "surrogateescape")
    return found


def _whole_folders(moved: Mapping[str, str]) -> dict[str, str]:
    """Folders whose `__init__` moves: old folder -> new folder."""
    return {
        posixpath.dirname(old): posixpath.dirname(new)
        for old, new in moved.items()
        if posixpath.basename(old) == posixpath.basename(new) == "__init__.py"
    }


def emptied(moved: Mapping[str, str], after: Inventory, spare: set[str]) -> list[str]:
    """`__init__` files of packages whose last other file left: they say nothing and hold nothing any more.

    `spare` are folders that the plan itself makes.
    """
    gone = set(_replaced(moved, after))
    folders = {posixpath.dirname(path) for path in moved}
    while folders:
        folder = folders.pop()
        if not folder or folder in spare or any(beneath(new, folder) for new in moved.values()):
            continue
        inside = [path for path in after.tree.below(folder) if path not in gone]
        if inside and all(path in (f"{folder}/__init__.py", f"{folder}/__init__.pyi") for path in inside):
            if all(says_nothing(path, after.tree.read(path)) for path in inside) and not _imported(after, inside[0]):
                gone.update(inside)
                folders.add(posixpath.dirname(folder))
        elif not inside:
            folders.add(posixpath.dirname(folder))
    return sorted(gone)


def _replaced(moved: Mapping[str, str], after: Inventory) -> Iterator[str]:
    """`__init__` files of packages whose name a module has taken, which they would hide."""
    for new in moved.values():
        stem, suffix = posixpath.splitext(new)
        if suffix in SUFFIXES:
            inits = (f"{stem}/__init__{kind}" for kind in SUFFIXES)
            yield from (init for init in inits if init in after.tree and says_nothing(init, after.tree.read(init)))


def _imported(inventory: Inventory, path: str) -> bool:
    """True when some file still imports the package that the `__init__` at `path` makes."""
    package = inventory.modules.at(path)
    if package is None:
        return False
    above, last = names.parent(package.name), names.last(package.name)
    for other in candidates(inventory.tree, Search([package.name])):
        for statement in inventory.facts(other).imports:
            origin = inventory.origin(statement, other)
            for alias in statement.aliases:
                written = alias.name if origin is None else origin
                if names.within(written, package.name) or (origin == above and alias.name == last):
                    return True
    return False

"""A path as it is written in a file: which file or folder it means, and how it is written after the phase."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.source.globs import compiled
from codemod.source.modules import at_root, below_root, beneath

from .view import View

_GLOB = lazy(r"[*?]")
_CLASS = lazy(r"[\[\]{}]")
_LEAD = lazy(r"(?:\./|\*{1,2}/|\*(?=\w+/))?")
_ESCAPED_DOT = lazy(r"(\\{1,2})\.")


def path_after(view: View, written: str, *, alone: bool = False) -> str | None:
    """A written path after the phase; None where it stays, or names no file or folder that moves.

    It is relative to the folder of the file that holds it, or to the top of the repository.  `./`, a slash at its end,
    a pattern around it (`*/a/b/**`) and dots escaped for a regular expression are kept.  A folder must move as a
    whole; a module that was divided is the folder of its parts.  One segment counts when it is a file, ends in a
    slash, or stands `alone` where folders are named.
    """
    escape = _ESCAPED_DOT.search(written)
    plain = _ESCAPED_DOT.sub(".", written) if escape else written
    lead = _LEAD.match(plain)[0]  # type: ignore[index]  # it may be empty
    body, tail = _divided(plain[len(lead) :])
    if not body or body.startswith(("/", "~")) or "\\" in body:
        return None
    single = "/" not in body and not (alone or lead or tail)
    home, new_home = posixpath.dirname(view.path), posixpath.dirname(view.intent.files.get(view.path, view.path))
    bases = [(home, new_home), ("", "")]
    if "*" in lead:  # anywhere: at a source root too
        bases = [("", ""), *((root, root) for root in view.inventory.modules.roots if root != ".")]
        bases += [(above, above) for above in _above(view, body)]
    for base, new_base in dict.fromkeys(bases):
        old = posixpath.normpath(posixpath.join(base, body))
        new = _file_after(view, old)
        if new is None and old in view.intent.folders and old not in view.inventory.tree:
            new, tail = view.intent.folders[old], tail or "/"
        if new is None and not (single and old not in view.inventory.tree):
            new = _folder_after(view, old)
        if new is None and tail.count("/") == 1 and _GLOB.search(tail):
            new = _matched_after(view, old, tail[1:])
        if new is None:
            new = old if base != new_base and old in view.inventory.tree else None
        if new is not None:
            text = lead + posixpath.relpath(new, new_base or ".") + tail
            text = text.replace(".", escape[1] + ".") if escape else text
            return text if text != written else None
    return None


def made_after(view: View, written: str) -> str | None:
    """Where a file will be that is made in a package when that is built, such as `app/_version.py`."""
    folder, base = posixpath.split(posixpath.normpath(written))
    for home in dict.fromkeys([posixpath.dirname(view.path), ""]) if folder and posixpath.splitext(base)[1] else ():
        old = posixpath.normpath(posixpath.join(home, folder))
        new = _folder_after(view, old) if f"{old}/{base}" not in view.inventory.tree else None
        if new is not None and new != old:
            return posixpath.join(posixpath.relpath(new, home or "."), base)
    return None


def _above(view: View, body: str) -> Iterator[str]:
    """The folder above the one file that moves among those whose path ends so, where the file stays below it."""
    found = {old[: -len(body) - 1]: new for old, new in view.intent.files.items() if old.endswith(f"/{body}")}
    if len(found) == 1 and "/" in body:
        ((above, new),) = found.items()
        others = (path for path in view.inventory.tree.paths if path.endswith(f"/{body}"))
        if beneath(new, above) and list(others) == [f"{above}/{body}"]:
            yield above


def _divided(written: str) -> tuple[str, str]:
    """(a path, what follows it: a slash, a pattern)."""
    pattern = _GLOB.search(written)
    if pattern is None:
        return (written[:-1], "/") if written.endswith("/") else (written, "")
    slash = written.rfind("/", 0, pattern.start())
    return (written[:slash], written[slash:]) if slash > 0 else ("", "")


def _file_after(view: View, old: str) -> str | None:
    """Where a file goes; one that has gone in an earlier run is known by the module that it was."""
    new = view.intent.files.get(old)
    if new is not None or old in view.inventory.tree:
        return new
    if not old.endswith((".py", ".pyi")):
        return _data_after(view, old)
    stem, suffix = posixpath.splitext(old)
    package = posixpath.basename(stem) == "__init__"
    for name in _names(view, posixpath.dirname(stem) if package else stem):
        module = view.inventory.modules.get(names.renamed(name, view.intent.modules))
        if module is not None and module.path and (module.folder or not package):
            if module.folder and not package and not _made_of(view, name, module.name):
                continue  # it has been a package all along: the file was gone before the phase
            found = posixpath.splitext(module.path)[0] + suffix
            if found in view.inventory.tree:
                return found
    return None


def _made_of(view: View, name: str, package: str) -> bool:
    """True when the phase makes the package of a module: what lies below it has come from elsewhere."""
    modules = view.intent.modules
    if name not in modules:
        return False
    inside = [module.name for module in view.inventory.modules.below(package)]
    sent = {new: old for old, new in modules.items() if old != name}
    sent.update((new[0], old[0]) for old, new in view.intent.symbols.items())
    return package in sent or any(names.longest_prefix(one, sent) not in (None, package) for one in inside)


def _data_after(view: View, old: str) -> str | None:
    """Where a file of another kind has gone with its package in an earlier run."""
    folder, base = posixpath.split(old)
    for name in _names(view, folder) if folder and posixpath.splitext(base)[1] else ():
        package = names.longest_prefix(name, view.intent.modules) or name
        module = view.inventory.modules.get(view.intent.module(package))
        if module is not None and module.folder:
            found = posixpath.join(module.folder, *names.tail(name, package).split("."), base)
            if found in view.inventory.tree:
                return found
    return None


def _folder_after(view: View, old: str) -> str | None:
    """Where a folder goes when everything in it goes there."""
    files = view.intent.files
    new: str | None = None
    for path in view.inventory.tree.below(old) if old else ():
        target, inner = files.get(path, ""), path[len(old) :]
        folder = target[: -len(inner)] if target.endswith(inner) else ""
        if not folder or (new is not None and folder != new):
            return None
        new = folder
    if new is None:
        for name in _names(view, old):
            module = view.inventory.modules.get(names.renamed(name, view.intent.modules))
            if module is not None and module.folder:
                return module.folder
    return new


def _matched_after(view: View, folder: str, pattern: str) -> str | None:
    """The folder to which all goes that `folder/name_*.py` matches, where it matches nothing else."""
    if "**" in pattern or _CLASS.search(pattern):
        return None
    one, files, tree = compiled(pattern), view.intent.files, view.inventory.tree

    def matches(path: str, inside: str) -> bool:
        return posixpath.dirname(path) == inside and one.fullmatch(posixpath.basename(path)) is not None

    old = {path for path in tree.below(folder) if matches(path, folder)}
    targets = {posixpath.dirname(files.get(path, path)) for path in old}
    if len(targets) != 1 or targets == {folder}:
        return None
    target = targets.pop()
    there = {files.get(path, path) for path in (*files, *tree.below(target))}
    inside = {path for path in there if matches(path, target)}
    return target if inside == {files[path] for path in old} else None


def _names(view: View, stem: str) -> Iterator[str]:
    """The old module names of the phase that a path without its suffix may spell, the deepest root first."""
    if "." in posixpath.basename(stem):
        return  # no module is called so
    for root in view.inventory.modules.roots:
        if beneath(stem, root):
            name = below_root(stem, root).replace("/", ".")
            if at_root(root, name.replace(".", "/")) == stem and names.longest_prefix(name, view.intent.modules):
                yield name

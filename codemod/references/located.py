"""Paths that begin elsewhere than at the file that holds them: at a source root, a working folder, in a container."""

from __future__ import annotations

import posixpath
from bisect import bisect_left

from codemod.base.values import dataclass, replace
from codemod.source.modules import below_root, beneath

from .paths import path_after
from .view import View


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder (or the top, ".") of the repository under the absolute path that it has elsewhere, before and after."""

    outside: str
    inside: str
    new_outside: str
    new_inside: str


@dataclass(frozen=True, slots=True)
class Located:
    """Where a path leads that is not relative to its file or to the top of the repository.

    `folders` are working folders in the repository, `at` is one outside of it.
    """

    view: View
    folders: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    at: str = ""

    def after(self, written: str, alone: bool = False) -> str | None:
        """The written path after the phase; None where it stays or nobody knows what it is.

        One segment counts as `path_after` says.
        """
        if written.startswith(("//", "~")):
            return None
        if written.startswith("/"):
            mount, new = self._mounted(written)
            return new if mount else self._ending(written)
        lead = "./" if written.startswith("./") else ""
        body = written[len(lead) :]
        if self.folders and (alone or "/" in body or is_there(self.view, posixpath.join(self.folders[0], body))):
            new = below(self.view, self.folders[0], body)
            if new is not None or is_there(self.view, posixpath.join(self.folders[0], body)):
                return lead + new if new and new != body else None
        new = path_after(self.view, written, alone=alone)
        plain = alone or lead or "/" in body or posixpath.splitext(body)[1]
        return self._relative(lead, body) if new is None and plain else new

    def _relative(self, lead: str, body: str) -> str | None:
        home = posixpath.dirname(self.view.path)
        if not body or "\\" in body or any(is_there(self.view, posixpath.join(base, body)) for base in {home, ""}):
            return None
        for folder in (*self.folders, *self._roots()):
            new = below(self.view, folder, body)
            if new is not None and new != body:
                return lead + new
            if is_there(self.view, posixpath.join(folder, body)):
                return None
        if not self.at:
            return None
        mount, whole = self._mounted(posixpath.join(self.at, body))
        if not mount or whole is None:
            return None
        new = posixpath.relpath(whole, self.at) + ("/" if body.endswith("/") else "")
        return None if new.startswith("../") and not body.startswith("../") else lead + new

    def _roots(self) -> list[str]:
        return [root for root in self.view.inventory.modules.roots if root != "."]

    def _mounted(self, written: str) -> tuple[Mount | None, str | None]:
        """The mount that an absolute path lies in, and the path after the phase."""
        slash = "/" if written.endswith("/") else ""
        path = posixpath.normpath(written)
        inside = [mount for mount in self.mounts if beneath(path, mount.outside) or mount.outside == "/"]
        if not inside:
            return None, None
        mount = max(inside, key=lambda m: len(m.outside))
        rest = path[len(mount.outside) :].lstrip("/")
        if not rest:
            return mount, (mount.new_outside + slash if mount.new_outside != mount.outside else None)
        old = posixpath.normpath(posixpath.join(mount.inside, rest))
        new = path_after(top(self.view), old, alone=True) or (old if is_there(self.view, old) else None)
        if new is None or not beneath(new, mount.new_inside):
            return mount, None
        new = posixpath.join(mount.new_outside, below_root(new, mount.new_inside)) + slash
        return mount, new if new != written else None

    def _ending(self, written: str) -> str | None:
        """`/anywhere/app/user.py` by its longest end that is a moved file: two segments at least."""
        parts = written.strip("/").split("/")
        for number in range(len(parts) - 1):
            end = "/".join(parts[number:])
            if not posixpath.splitext(end)[1]:
                return None
            for folder in ("", *self._roots()):
                new = below(self.view, folder, end)
                if new is not None:
                    return written[: len(written) - len(end)] + new if new != end else None
                if is_there(self.view, posixpath.join(folder, end)):
                    return None
        return None


def target_after(view: View, target: str, old: str, new: str | None, *, folder: bool, home: str = "") -> str:
    """Where `old`, now `new`, is copied or mounted to after the phase.

    The target follows if it ends in the path by which Python knows the source.  `folder` marks a target into which
    files are put, `home` is the folder in which everything runs.
    """
    if new is None or "$" in target:
        return target
    old, new = posixpath.normpath(old.strip("/") or "."), posixpath.normpath(new.strip("/") or ".")
    if folder and posixpath.splitext(old)[1]:
        modules, root = view.inventory.modules, view.inventory.modules.root_of(old)
        is_module = modules.at(old) is not None or modules.at(new) is not None
        old, new = posixpath.dirname(old), posixpath.dirname(new)
        if is_module and (old or ".") == root and beneath(new, root):
            return _deeper(target, below_root(new, root))  # where it is put, Python begins to look
    root = view.inventory.modules.root_of(old + "/x.py")
    name, bare = below_root(old, root), target.rstrip("/")
    if not name or not beneath(new, root) or not ("/" + bare).endswith("/" + name):
        return target
    if target.startswith("/") and posixpath.normpath(bare) == home:
        return target  # the name of the folder in which everything runs, not of the package
    return bare[: len(bare) - len(name)] + below_root(new, root) + target[len(bare) :]


def _deeper(target: str, inner: str) -> str:
    return posixpath.join(target, inner) + "/" if inner else target


def top(view: View) -> View:
    """The view of a file at the top of the repository that stays there."""
    return replace(view, path="")


def below(view: View, folder: str, written: str) -> str | None:
    """A path relative to `folder`, relative to where the folder is after the phase; None where it leads nowhere."""
    above = top(view)
    new_folder = path_after(above, folder, alone=True) or folder if folder else ""
    joined = posixpath.normpath(posixpath.join(folder, written)) + ("/" if written.endswith("/") else "")
    if joined.startswith("../"):
        return None
    new = path_after(above, joined)
    if new is None:
        if new_folder == folder or not is_there(view, joined):
            return None
        new = joined
    slash = "/" if new.endswith("/") else ""
    relative = posixpath.relpath(new, new_folder or ".") + slash
    return None if relative.startswith("../") and not written.startswith("../") else relative


def mount_of(view: View, inside: str, outside: str, new_outside: str) -> Mount | None:
    """The mount of a folder that is written relative to the file or to the top; None where it is no folder."""
    for base in dict.fromkeys([posixpath.dirname(view.path), ""]):
        path = posixpath.normpath(posixpath.join(base, inside.strip("/") or "."))
        moved = path_after(top(view), path, alone=True)
        if path not in view.inventory.tree and (moved or is_there(view, path)):
            return Mount(outside, path, new_outside, moved or path)
    return None


def is_there(view: View, path: str) -> bool:
    """True when a file or folder of the repository is at `path`."""
    path = posixpath.normpath(path)
    tree = view.inventory.tree
    if path in tree or path == ".":
        return True
    below = bisect_left(tree.paths, path + "/")
    return below < len(tree.paths) and tree.paths[below].startswith(path + "/")

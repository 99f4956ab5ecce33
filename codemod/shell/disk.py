"""Files of the work tree: what stands at a path, and the few ways in which we change it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from codemod.base.values import dataclass
from codemod.source.tree import SYMLINK, Entry

from .git import Git, decoded, encoded
from .journal import Item
from .objects import object_id, quoted_lines

CACHES = {"__pycache__"}


def location(top: Path, path: str) -> Path:
    """The absolute path of a file of the repository, odd bytes included."""
    return top / os.fsdecode(encoded(path))


def _spelled(top: Path, path: str) -> str:
    """The same as text: a `Path` takes longer to make than its file to look at."""
    return f"{top}/{os.fsdecode(encoded(path))}"


def kind(top: Path, path: str) -> int:
    """The file type bits at a path, links not followed; 0 where nothing stands."""
    try:
        return stat.S_IFMT(os.lstat(_spelled(top, path)).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return 0


@dataclass(frozen=True, slots=True)
class Presence:
    """What stands on disk at an item's path, as far as the item tells."""

    absent: bool = False
    old: bool = False  # just as before
    new: bool = False  # just as after
    torn: bool = False  # the beginning of the new content: a write that was cut off
    unreadable: bool = False

    @property
    def ours(self) -> bool:
        """True when no work of the user's is lost by replacing it."""
        return self.absent or self.old or self.new or self.torn


def presence(git: Git, top: Path, items: Sequence[Item], *, modes: bool) -> dict[str, Presence]:
    """Path -> what stands there; `modes`: whether the executable bit means something on this disk."""
    found: dict[str, Presence] = {}
    regular: list[Item] = []
    for item in items:
        what = kind(top, item.path)
        if not what:
            found[item.path] = Presence(absent=True, old=item.old is None, new=item.new is None)
        elif what == stat.S_IFLNK:
            blob = object_id(os.fsencode(location(top, item.path).readlink()), _length(item))
            found[item.path] = Presence(old=_is_link(item.old, blob), new=_is_link(item.new, blob))
        elif what != stat.S_IFREG:
            found[item.path] = Presence()
        elif not os.access(_spelled(top, item.path), os.R_OK):
            found[item.path] = Presence(unreadable=True)
        else:
            regular.append(item)
    doubtful: list[Item] = []
    for item in regular:
        on_disk = _Content.at(top, item)
        if item.old is not None and on_disk.blob == item.old.blob:
            found[item.path] = _regular(git, item, on_disk, "", modes=modes)
        else:
            doubtful.append(item)
    ids = _cleaned(git, [item.path for item in doubtful if item.tracked])
    for item in doubtful:
        found[item.path] = _regular(git, item, _Content.at(top, item), ids.get(item.path, ""), modes=modes)
    return found


def executable(top: Path, path: str) -> bool | None:
    """Whether the regular file at `path` may be run by its owner; None when there is none."""
    try:
        mode = os.lstat(_spelled(top, path)).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    return bool(mode & stat.S_IXUSR) if stat.S_ISREG(mode) else None


def set_executable(top: Path, path: str, *, executable: bool) -> None:
    """Let the file be run, or not, by those who may read it."""
    place = location(top, path)
    mode = stat.S_IMODE(place.stat().st_mode)
    readers = (mode & 0o444) >> 2
    place.chmod(mode | readers if executable else mode & ~0o111)


def _length(item: Item) -> int:
    entry = item.old or item.new
    return len(entry.blob) if entry else 40


def _is_link(entry: Entry | None, blob: str) -> bool:
    return entry is not None and entry.mode == SYMLINK and entry.blob == blob


def _cleaned(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """Path -> the blob id that `git add` would give the file, filters applied."""
    if not paths:
        return {}
    ids = git.text("hash-object", "--stdin-paths", stdin=quoted_lines(paths)).splitlines()
    return dict(zip(paths, ids, strict=True))


@dataclass(frozen=True, slots=True)
class _Content:
    """A file on disk: its bytes, the blob id that they have as they are, and whether it may be run."""

    data: bytes
    blob: str
    runs: bool

    @classmethod
    def at(cls, top: Path, item: Item) -> _Content:
        with location(top, item.path).open("rb", buffering=0) as stream:
            data, mode = stream.read(), os.fstat(stream.fileno()).st_mode
        return cls(data, object_id(data, _length(item)), bool(mode & stat.S_IXUSR))


def _regular(git: Git, item: Item, on_disk: _Content, cleaned: str, *, modes: bool) -> Presence:
    """What a regular file is; `cleaned` is the blob id that `git add` would give it, where its own tells nothing."""

    def fits(entry: Entry | None) -> bool:
        return entry is not None and entry.is_file and (not modes or on_disk.runs == bool(entry.mode & 0o100))

    data, ids = on_disk.data, {cleaned, on_disk.blob}
    old, new, torn = (
        fits(item.old) and item.old is not None and item.old.blob in ids,
        fits(item.new) and item.new is not None and item.new.blob in ids,
        False,
    )
    if not (old or new):  # line endings that the filters do not give back, or a write that was cut off
        old = fits(item.old) and data == _smudged(git, item, item.old)
        target = _smudged(git, item, item.new)
        new = fits(item.new) and data == target
        torn = target is not None and target.startswith(data)
    return Presence(old=old, new=new, torn=torn)


def _smudged(git: Git, item: Item, entry: Entry | None) -> bytes | None:
    if entry is None or not entry.is_file:
        return None
    filters = ["--filters", f"--path={item.path}"] if item.tracked else ["blob"]
    status, out, _ = git.answer("cat-file", *filters, entry.blob)
    return None if status else out


def remove(top: Path, path: str) -> None:
    """Take a file or link away; nothing happens where there is none."""
    try:
        location(top, path).unlink()
    except (FileNotFoundError, NotADirectoryError):
        pass


def prune(top: Path, paths: Iterable[str]) -> None:
    """Remove the folders above removed files that now hold nothing but bytecode caches."""
    folders = {folder for path in paths for folder in _above(path)}
    for folder in sorted(folders, key=lambda name: -name.count("/")):
        place = location(top, folder)
        if not place.is_symlink() and place.is_dir():
            _prune(place)


def _above(path: str) -> Iterable[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _prune(place: Path) -> None:
    held = list(place.iterdir())
    if all(_is_cache(entry) for entry in held):
        for entry in held:
            for file in entry.iterdir():
                file.unlink()
            entry.rmdir()
        place.rmdir()


def _is_cache(place: Path) -> bool:
    if place.name not in CACHES or place.is_symlink() or not place.is_dir():
        return False
    # `x.cpython-311.pyc.1234` is a write under way
    return all(".pyc" in file.name and (file.is_symlink() or file.is_file()) for file in place.iterdir())


def only_caches(top: Path, folder: str, removed: Mapping[str, object]) -> bool:
    """True when a folder will be empty, but for caches, once the `removed` files are gone."""
    for above, folders, files in os.walk(location(top, folder)):
        place = Path(above)
        if place.name in CACHES:
            continue
        inside = decoded(os.fsencode(place.relative_to(top))).replace(os.sep, "/")
        links = [name for name in folders if (place / name).is_symlink()]
        if any(f"{inside}/{decoded(os.fsencode(name))}" not in removed for name in [*files, *links]):
            return False
    return True


def write(top: Path, path: str, data: bytes, *, executable: bool) -> None:
    """Write a file through a draft beside it, so that it is never half there."""
    place = location(top, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(place.name + ".codemod-new")
    draft.write_bytes(data)
    draft.chmod(0o755 if executable else 0o644)
    draft.replace(place)

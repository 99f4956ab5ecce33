"""The branch moves in one step, and index and work tree follow; the same code finishes what a killed run left."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from codemod.base.errors import CodemodError, RepositoryError
from codemod.base.values import replace
from codemod.source.tree import Entry

from . import disk, journal, trees
from .commits import unpark
from .git import encoded, mismatch
from .journal import Item, Journal
from .lock import our_folder, undisturbed
from .obstacles import staged
from .passes import forget_drafts
from .refs import move_ref
from .repository import HEAD, Head, Repository
from .worktree import discard

PATIENCE = 5.0  # seconds that we wait for another git command to let go of the index

Say = Callable[[str], None]


def publish(
    repository: Repository, head: Head, new: str, items: Sequence[Item], run: str, *, reason: str,
    moves: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Move the user's branch from `head` to the commit `new`, and let the `items` on disk and in the index follow.

    `moves` (old path -> new path) tell which file's executable bit on disk a new file takes over.  Every item has
    been found free of obstacles.  Raises RepositoryError, or Refused on a hook's veto, with everything as it was
    before; where even that fails, the journal stays and the next command of ours finishes or takes back.
    """
    folder = our_folder(repository.git_dir)
    plan = Journal(run, head.branch, head.commit, new, tuple(items))
    targets = {item.path: item.new for item in items}
    with undisturbed():
        journal.write(folder, plan)
        try:
            _take_index(repository, plan)
            with repository.git.ahead(HEAD):
                _draft(repository, plan, targets)
                _still_there(repository, head)
            _move_ref(repository, plan, head.commit, new, reason)
        except (OSError, CodemodError):
            if repository.head() != replace(head, commit=new):  # what failed may have done it first
                _finish(repository, plan)
                raise
        try:
            _bring(repository, plan, targets, moves=moves or {})
        except (OSError, RepositoryError) as error:
            _take_back(repository, plan, error)
        _finish(repository, plan)


def recover(repository: Repository, say: Say) -> None:
    """Finish or take back the publication that a killed run left; the caller holds the lock."""
    folder = repository.git_dir / "codemod"
    plan = journal.read(folder) if folder.is_dir() else None
    if plan is None:
        return
    with undisturbed():
        _take_index(repository, plan)
        head = repository.head()
        targets, left = _targets(repository, plan, head)
        _draft(repository, plan, targets)
        _bring(repository, plan, targets, frozenset(left))
        _finish(repository, plan)
    done = "finished" if head.commit != plan.old else "took back"
    say(f"{done} an interrupted run ({len(targets) - len(left)} files)")
    for path in left:
        say(f"{path}: changed since the interrupted run, left alone; compare it with `git diff HEAD -- {path}`")


def _targets(repository: Repository, plan: Journal, head: Head) -> tuple[dict[str, Entry | None], list[str]]:
    """What each path of the journal should be, going by HEAD, and the paths whose file the user has changed since."""
    forward = plan.new == head.commit or (
        plan.old != head.commit and repository.git.answer("merge-base", "--is-ancestor", plan.new, head.commit)[0] == 0
    )
    now = _entries(repository, head, [item.path for item in plan.items if item.tracked])
    modes = repository.config("core.fileMode") != "false"
    states = disk.presence(repository.git, repository.top, plan.items, modes=modes)
    targets: dict[str, Entry | None] = {}
    left = []
    for item in plan.items:
        goal = now.get(item.path) if item.tracked else item.new if forward else item.old
        if goal not in (item.old, item.new):
            continue  # somebody else's commit has taken over
        targets[item.path] = goal
        if not states[item.path].ours:
            left.append(item.path)
    return targets, left


def _entries(repository: Repository, head: Head, paths: Sequence[str]) -> dict[str, Entry]:
    wanted = set(paths)
    found = {}
    for record in repository.git.records("ls-tree", "-r", "-z", "--full-tree", head.commit):
        meta, _, path = record.partition("\t")
        if path in wanted:
            mode, _, blob = meta.split(" ")
            found[path] = Entry(int(mode, 8), blob)
    return found


def _take_index(repository: Repository, plan: Journal) -> None:
    """Take git's own lock of the index, in our name; one that a killed run of ours left counts as taken."""
    lock = repository.git_dir / "index.lock"
    mine = our_folder(repository.git_dir) / "token"
    mine.write_bytes(plan.token)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            os.link(mine, lock)  # there with its content, or not at all
            return
        except FileExistsError:
            if _is_ours(lock, plan):
                return
        except OSError:  # a disk without hard links
            if _create(lock, plan.token):
                return
        if time.monotonic() > until:
            raise mismatch("index-locked", f"{lock} exists: another git command is at work", "remove it if none is")
        time.sleep(0.05)


def _create(lock: Path, token: bytes) -> bool:
    try:
        with lock.open("xb") as stream:
            stream.write(token)
    except FileExistsError:
        return False
    return True


def _is_ours(lock: Path, plan: Journal) -> bool:
    try:
        return lock.read_bytes() == plan.token
    except FileNotFoundError:
        return False


def _still_there(repository: Repository, head: Head) -> None:
    """HEAD cannot be switched while the index is locked: look once more before the ref moves."""
    if repository.head() != head:
        raise mismatch("ref-moved", f"{head.ref} has moved since the run began", "run it again")


def _move_ref(repository: Repository, plan: Journal, old: str, new: str, reason: str) -> None:
    move_ref(repository.git, plan.branch or "HEAD", new, old, reason, detached=not plan.branch)


def _bring(
    repository: Repository, plan: Journal, targets: Mapping[str, Entry | None], left: frozenset[str] = frozenset(),
    moves: Mapping[str, str] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Let the files at these paths be what `targets` says, but for those `left` alone, and the index our draft.

    Doing both twice is doing them once.
    """
    raw = {item.path for item in plan.items if not item.tracked}
    followed = {path: entry for path, entry in targets.items() if path not in raw}
    gone = [path for path, entry in targets.items() if entry is None and path not in left]
    bits = _changed_bits(repository, plan, targets, moves)
    private = our_folder(repository.git_dir) / "index"
    git = repository.git.with_env(GIT_INDEX_FILE=str(private))
    for path in gone:
        disk.remove(repository.top, path)
    disk.prune(repository.top, gone)
    present = b"".join(
        encoded(path) + b"\0" for path, entry in followed.items() if entry is not None and path not in left
    )
    if present:
        git.run("checkout-index", "-f", "-u", "-q", "-z", "--stdin", stdin=present)
    for path in (raw & targets.keys()) - left:
        entry = targets[path]
        if entry is not None:
            data = repository.git.run("cat-file", "blob", entry.blob)
            disk.write(repository.top, path, data, executable=bool(entry.mode & 0o100))
    for path, executable in bits.items():
        disk.set_executable(repository.top, path, executable=executable)
    private.replace(repository.git_dir / "index")


def _changed_bits(
    repository: Repository, plan: Journal, targets: Mapping[str, Entry | None], moves: Mapping[str, str]
) -> dict[str, bool]:
    """Path -> the executable bit that the user gave the file on disk, where git's differs: it is kept."""
    if repository.config("core.fileMode") == "false":
        return {}
    before = {item.path: item.old for item in plan.items if item.tracked}
    sources = {new: old for old, new in moves.items()}
    found = {}
    for path, entry in targets.items():
        source = path if before.get(path) is not None else sources.get(path, path)
        old = before.get(source)
        on_disk = disk.executable(repository.top, source)
        known = entry is not None and entry.is_file and old is not None
        if known and old is not None and on_disk is not None and on_disk != bool(old.mode & 0o100):
            found[path] = on_disk
    return found


def _draft(repository: Repository, plan: Journal, targets: Mapping[str, Entry | None]) -> None:
    """Make the index of ours that is to take the place of the user's."""
    private = our_folder(repository.git_dir) / "index"
    private.with_name("index.lock").unlink(missing_ok=True)  # of a git that was killed with us
    # With its time: git looks twice at files that were changed in the second in which the index was written.
    shutil.copy2(repository.git_dir / "index", private)
    git = repository.git.with_env(GIT_INDEX_FILE=str(private))
    index = staged(git, targets).entries
    items = {item.path: item for item in plan.items}
    gone, present = [], []
    for path, entry in targets.items():
        known, item = index.get(path), items[path]
        staged_since = (known.entry if known else None) not in (item.old, item.new)
        if staged_since or not item.tracked:
            continue
        if entry is None:
            gone.append(trees.removal(path, len(plan.new)))
        else:
            present.append(trees.addition(path, entry.mode, entry.blob))
    if gone or present:
        git.run("update-index", "-z", "--index-info", stdin=b"".join([*gone, *present]))


def _take_back(repository: Repository, plan: Journal, error: Exception) -> None:
    """The files could not follow: the branch goes back, then what had been done to the files."""
    try:
        _move_ref(repository, plan, plan.new, plan.old, "take back")
        before = {item.path: item.old for item in plan.items}
        _draft(repository, plan, before)
        _bring(repository, plan, before)
    except (OSError, CodemodError) as second:
        raise mismatch(
            "publication-failed",
            f"files cannot be written ({error}), nor brought back ({second})",
            "make room or permit writing; the next codemod command in this repository finishes or takes back",
        ) from error
    _finish(repository, plan)
    raise mismatch("publication-failed", f"files cannot be written: {error}", "nothing was changed") from error


def _finish(repository: Repository, plan: Journal) -> None:
    """Nothing is under way any more: our lock, our drafts and the journal go, the journal last."""
    folder = repository.git_dir / "codemod"
    lock = repository.git_dir / "index.lock"
    if _is_ours(lock, plan):
        lock.unlink()
    for name in ("token", "index", "index.lock"):
        (folder / name).unlink(missing_ok=True)
    journal.clear(folder)


@contextmanager
def parked(repository: Repository, run: str) -> Iterator[None]:
    """Within the block commits may be parked under the run's name; afterwards they are let go."""
    note = our_folder(repository.git_dir) / "run"
    note.write_text(run, "ascii")
    try:
        yield
    finally:
        with undisturbed():
            _let_go(repository, run, note)


def left_behind(repository: Repository) -> bool:
    """True when a run is under way, or was killed."""
    folder = repository.git_dir / "codemod"
    return any((folder / name).exists() for name in (journal.NAME, "run", "worktree"))


def tidy(repository: Repository) -> None:
    """Let go of what a killed run had parked, of its work tree and its index; the caller holds the lock."""
    discard(repository)
    forget_drafts(repository.common_dir / "codemod")
    for folder in (repository.git_dir / "codemod").glob(f"{trees.PRIVATE}*"):
        shutil.rmtree(folder, ignore_errors=True)
    note = repository.git_dir / "codemod" / "run"
    try:
        run = note.read_text("ascii")
    except FileNotFoundError:
        return
    _let_go(repository, run, note)


def _let_go(repository: Repository, run: str, note: Path) -> None:
    try:
        unpark(repository.git, run)
    except CodemodError:
        return  # a lock, or a hook of the user's: looked at again the next time
    note.unlink(missing_ok=True)

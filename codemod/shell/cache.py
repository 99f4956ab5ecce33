"""What is known of contents, kept in the user's cache folder from one command to the next: one file a repository.

It is never needed, and never trusted further than it is ours: what was written by another version of Python or of this
program, by another user, or is damaged, counts as not there.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from codemod import __version__

VARIABLE = "CODEMOD_CACHE"
OFF = ("0", "off", "no", "false")
_DIGEST = 32  # bytes in front of what is kept
_MONTH = 30 * 86400  # seconds after which what nobody has used goes


def folder() -> Path | None:
    """The cache folder: as CODEMOD_CACHE says, else `codemod` in XDG_CACHE_HOME or `~/.cache`; None for none."""
    told = os.environ.get(VARIABLE, "")
    if told:
        return None if told.lower() in OFF else Path(told)
    base, home = Path(os.environ.get("XDG_CACHE_HOME", "")), Path(os.environ.get("HOME", ""))
    if base.is_absolute():  # else it does not count, says the XDG Base Directory Specification
        return base / "codemod"
    return home / ".cache" / "codemod" if home.is_absolute() else None


def load(common_dir: Path) -> bytes:
    """What was kept for a repository; nothing where there is none, or it is not to be trusted."""
    place = _place(common_dir)
    if place is None:
        return b""
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            known = os.fstat(handle)
            if known.st_uid != os.geteuid() or known.st_mode & 0o022:
                return b""
            data = file.read()
    except OSError:
        return b""
    return data[_DIGEST:] if data[:_DIGEST] == _digest(data[_DIGEST:]) else b""


def store(common_dir: Path, data: bytes) -> None:
    """Keep it for a repository, in the place of what was kept; where that cannot be, nothing is kept."""
    place = _place(common_dir)
    if place is None:
        return
    draft = place.with_suffix(f".{os.getpid()}")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_digest(data) + data)
        draft.replace(place)
        for other in place.parent.iterdir():
            if other.stat().st_mtime < time.time() - _MONTH:
                other.unlink()
    except OSError:
        with suppress(OSError):
            draft.unlink()


def _place(common_dir: Path) -> Path | None:
    base = folder()
    return base / hashlib.sha256(os.fsencode(common_dir)).hexdigest()[:24] if base is not None else None


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(_maker() + data, digest_size=_DIGEST).digest()


@cache
def _maker() -> bytes:
    """Who made it: the versions, and the files of ours that read contents, as they are on this disk."""
    source = Path(__file__).parents[1] / "source"
    try:
        states = sorted((one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in source.glob("*.py"))
    except OSError:
        states = []
    return repr((__version__, sys.implementation.cache_tag, sys.version_info, states)).encode()

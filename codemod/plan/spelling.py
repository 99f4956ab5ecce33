"""How names, paths, globs and texts may be spelled in a plan; each function returns its text or raises ValueError."""

from __future__ import annotations

import keyword
import posixpath
import re
import warnings

from codemod.base import names
from codemod.base.patterns import lazy

_CAPTURE = lazy(r"\{([^{}]*)\}")
_PHASE = lazy(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONTROL = lazy("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def line(text: str) -> str:
    """One line of text that is not an option."""
    if _CONTROL.search(text):
        raise ValueError(f"{text!r} is more than one line or holds a control character")
    return text


def word(text: str) -> str:
    """One line of text that is there, and that no program could take for an option."""
    if not line(text).strip():
        raise ValueError("needs a value")
    if text.startswith("-"):
        raise ValueError(f"{text!r} begins with a dash, as an option does")
    return text


def version(text: str) -> str:
    """The version of the format."""
    if text != "1":
        raise ValueError(f"version {text!r} is not known; this codemod reads version 1")
    return text


def moved(text: str) -> str:
    """The one word that stands for the old names of all moves."""
    if text != "moved":
        raise ValueError(f"expected 'moved', or names: [...], found {text!r}")
    return text


def every(text: str) -> str:
    """The one word that stands for all shims."""
    if text != "all":
        raise ValueError(f"expected 'all' or a list of names, found {text!r}")
    return text


def phase_id(text: str) -> str:
    """A phase id: it becomes a commit trailer and a part of ref names."""
    if not _PHASE.fullmatch(text) or ".." in text or text.endswith((".", ".lock")):
        raise ValueError(f"{text!r} cannot be an id: letters, digits, '.', '_' and '-', no '..', no '.lock' at the end")
    return text


def identifier(text: str) -> str:
    """One Python name."""
    if not word(text).isidentifier() or keyword.iskeyword(text):
        raise ValueError(f"{text!r} is not one Python name")
    return text


def dotted(text: str) -> str:
    """A module, package or top-level name: `a.b.c`."""
    if ":" in word(text):
        raise ValueError(f"{text!r} names a name in a module; a module or package is meant here")
    _segments(text, text)
    if "{" in text:
        raise ValueError(f"{text!r} captures a name, which only move can do")
    return text


def named(text: str) -> str:
    """`a.b.c` or `a.b:c`, without captures."""
    source(text)
    if "{" in text:
        raise ValueError(f"{text!r} captures a name, which only move can do")
    return text


def source(text: str) -> str:
    """What moves: `a.b.c`, `a.b:c` for the name `c` in module `a.b`, `{name}` for any segment or a part of one."""
    module, colon, name = _parts(text)
    _segments(module, text)
    if colon:
        _segment(name, text)
    seen = captures(text)
    if len(seen) != len(set(seen)):
        raise ValueError(f"{text!r} captures a name twice")
    return text


def target(text: str) -> str:
    """Where it goes: `x.y.z`; `x.y.` goes into `x.y` under its own name; `x.y:z` is the name `z` in module `x.y`."""
    module, colon, name = _parts(text)
    _segments(module if colon else module.removesuffix("."), text)
    if colon:
        _segment(name, text)
    for part in [*module.split("."), name]:
        if keyword.iskeyword(part):
            raise ValueError(f"{text!r} cannot be imported: {part!r} is a Python keyword")
    return text


def destination(text: str) -> str:
    """A module or package that will be there: `dotted` without keywords."""
    for part in dotted(text).split("."):
        if keyword.iskeyword(part):
            raise ValueError(f"{text!r} cannot be imported: {part!r} is a Python keyword")
    return text


def captures(text: str) -> tuple[str, ...]:
    """The names that are captured, in order."""
    return tuple(match[1] for match in _CAPTURE.finditer(text))


def name_or_glob(text: str) -> str:
    """A top-level name, or a glob over them."""
    if not re.fullmatch(r"[\w*?\[\]!-]+", word(text)):
        raise ValueError(f"{text!r} is neither a top-level name nor a glob")
    return text if re.search(r"[*?\[]", text) else identifier(text)


def path(text: str) -> str:
    """A file or folder of the repository, made plain (`./a//b/` is `a/b`)."""
    return posixpath.normpath(_inside(text))


def file(text: str) -> str:
    """A file of the repository."""
    if text.endswith(("/", "/.")) or text == ".":
        raise ValueError(f"{text!r} is a folder; a file is meant here")
    return path(text)


def glob(text: str) -> str:
    """A glob over files of the repository."""
    return _inside(text).removeprefix("./")


def repository(text: str) -> str:
    """The folder of the repository, seen from the plan file; `..` may climb out of the plan's folder."""
    if "://" in word(text) or "\\" in text:
        raise ValueError(f"{text!r} is not a folder")
    return text


def pattern(text: str) -> str:
    """A regular expression."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def codemod(text: str) -> str:
    """A user's codemod, `package.module:Class`."""
    module, colon, name = word(text).partition(":")
    if not colon or not names.is_dotted(module) or not names.is_dotted(name) or "." in name:
        raise ValueError(f"{text!r} is not of the form package.module:Class")
    return text


def _inside(text: str) -> str:
    parts = word(text).split("/")
    if "\\" in text:
        raise ValueError(f"{text!r} holds a backslash; paths are written with '/'")
    if text.startswith("/") or re.match(r"[A-Za-z]:", text) or parts[0] == "~":
        raise ValueError(f"{text!r} is not a path within the repository: it does not start at its top")
    if ".." in parts:
        raise ValueError(f"{text!r} climbs out with '..'")
    if any(part.casefold() == ".git" for part in parts):
        raise ValueError(f"{text!r} reaches into .git")
    if text.startswith(":"):
        raise ValueError(f"{text!r} begins with a colon, which git reads as a pattern")
    return text


def _parts(text: str) -> tuple[str, str, str]:
    module, colon, name = word(text).partition(":")
    if colon and not (module and name):
        raise ValueError(f"{text!r} is not of the form module:name")
    return module, colon, name


def _segments(module: str, text: str) -> None:
    for part in module.split("."):
        _segment(part, text)


def _segment(part: str, text: str) -> None:
    if not part:
        raise ValueError(f"{text!r} is not a dotted name: a part between the dots is empty")
    found = _CAPTURE.search(part)
    around = part[: found.start()] + part[found.end() :] if found else part
    if found and _CAPTURE.search(around):
        raise ValueError(f"{text!r} captures two names in {part!r}, where nobody can say which begins where")
    if "{" in around or "}" in around:
        raise ValueError(f"{text!r} is not a dotted name: {part!r} opens and closes no {{name}}")
    inner = found[1] if found else "x"
    if inner.isidentifier() and not keyword.iskeyword(inner) and (f"x{around}" if found else part).isidentifier():
        return
    if "-" in part and part.replace("-", "_").isidentifier():
        raise ValueError(f"{text!r} is not a dotted name: {part!r} holds a dash")
    if "/" in part:
        raise ValueError(f"{text!r} is not a dotted name: it looks like a path")
    raise ValueError(f"{text!r} is not a dotted name: {part!r} is not a Python name")

"""Which files may hold a reference: a search of bytes, sharp enough that few are parsed in vain, never too sharp."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from codemod.base import names
from codemod.base.values import dataclass

from .modules import beneath
from .relative import Relatives
from .sieve import Sieve, holds
from .tree import Tree

CODE = (".py", ".pyi", ".pyw")
_GAP = rb"(?:[ \t\f]|\\\r?\n)*"
_LIST = rb"(?:\((?:[^)#]|#[^\n]*+)*?|(?:[^\n\\;#]|\\\r?\n)*?)"
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_").union(range(0x80, 0x100))
_RELATIVE = (b"from .", b"from\\", b"from \\", b"from.")
_FILE = rb"(?:/__init__)?\.py"  # what ends the path of a module's file
_START, _END = rb"(?<![\w\x80-\xff])", rb"(?![\w\x80-\xff])"
_RELATIVELY = rb"from" + _GAP + rb"\.[.\w \t\\\r\n\x80-\xff]*?(?:\bimport\b" + _GAP + _LIST + rb")?" + _START
Said = int  # what a search says of a content, true where that may hold a reference:
HOLDS_NOTHING, HOLDS_NEARBY, HOLDS = 0, 1, 2  # `NEARBY`: only if its relative imports lead there
_ANCHORING = (b"import_module", b"find_spec", b"resolve_name", b"__import__(")
_DOTTED_STRING = rb"(?:[\"']\.+|__import__\([^\n]*?[\"'])(?:[\w.\x80-\xff]+\.)?"


@dataclass(frozen=True, slots=True)
class Spelling:
    """The ways in which Python can spell one module.

    The last two segments meet in every spelling but two: a relative import leaves the parent out, and an alias
    (`import a.b as q`) hides it.  The patterns begin with literals, which `re` finds fast; they may match a longer
    word, and then a file is parsed in vain.
    """

    last: bytes
    parent: bytes  # b"" for a top-level module
    dotted: bytes
    from_parent: re.Pattern[bytes]
    relative: re.Pattern[bytes]
    in_string: re.Pattern[bytes]
    loose: re.Pattern[bytes]  # an alias of the parent, a star import of it, the parent as a whole string or its end

    @classmethod
    def of(cls, name: str) -> Spelling:
        """The spellings of a dotted module name."""
        last, parent = names.last(name).encode(), names.last(names.parent(name)).encode()
        e_last, e_parent = re.escape(last), re.escape(parent)
        word = rb"(?<![\w\x80-\xff])" + e_last + _END
        return cls(
            last,
            parent,
            parent + b"." + last,
            re.compile(
                e_parent
                + rb"(?:"
                + _GAP
                + rb"(?:\\?\."
                + _GAP
                + rb"|import\b"
                + _GAP
                + _LIST
                + rb"(?<![\w\x80-\xff]))"
                + e_last
                + _END
                + rb"|/"
                + e_last
                + _FILE
                + rb")"
            ),
            re.compile(rb"from" + _GAP + rb"\.[.\w \t\\\r\n\x80-\xff]*?(?:\bimport\b" + _GAP + _LIST + rb")?" + word),
            re.compile(_DOTTED_STRING + e_last + _END),
            re.compile(e_parent + _GAP + rb"(?:as\b|/?[\"']|import" + _GAP + rb"\(?" + _GAP + rb"\*)"),
        )

    def found(self, data: bytes) -> bool:
        """True when `data`, which holds the last segment, may spell the module."""
        if not self.parent:
            return True
        if self.parent in data and (self.dotted in data or self.from_parent.search(data) or self.loose.search(data)):
            return True
        if may_be_relative(data) and self.relative.search(data):
            return True
        return may_be_anchored(data) and self.in_string.search(data) is not None


class Search:
    """A compiled question: may this content name one of these modules or symbols?

    It answers as the modules' spellings do one by one; those of one package are looked for together.
    """

    __slots__ = ("_groups", "_in_string", "_relative", "_tops", "_words", "key", "relatives")

    def __init__(self, modules: Iterable[str], words: Iterable[str] = ()) -> None:
        modules, words = frozenset(modules), frozenset(words)
        self.key = (modules, words)  # equal for equal questions
        self.relatives = Relatives(modules)
        self._tops = sorted(name.encode() for name in modules if "." not in name)
        grouped: dict[bytes, list[bytes]] = {}
        for name in sorted(modules):
            if "." in name:
                grouped.setdefault(names.last(names.parent(name)).encode(), []).append(names.last(name).encode())
        self._groups = [(parent, lasts, _from_parent(parent, lasts)) for parent, lasts in grouped.items()]
        every = sorted({last for lasts in grouped.values() for last in lasts})
        self._relative = re.compile(_RELATIVELY + _either(every)) if every else None
        self._in_string = re.compile(_DOTTED_STRING + _either(every)) if every else None
        self._words = [(word.encode(), re.compile(re.escape(word.encode()) + _END)) for word in sorted(words)]

    def __call__(self, data: bytes) -> Said:
        """Whether `data` may hold a reference."""
        if holds(data, self._tops):
            return HOLDS
        for parent, lasts, pattern in self._groups:
            if parent in data and pattern.search(data) and holds(data, lasts):
                return HOLDS
        if self._in_string and may_be_anchored(data) and self._in_string.search(data):
            return HOLDS
        if any(word in data and pattern.search(data) for word, pattern in self._words):
            return HOLDS
        near = self._relative and may_be_relative(data) and self._relative.search(data)
        return HOLDS_NEARBY if near else HOLDS_NOTHING


def may_be_relative(data: bytes) -> bool:
    """True when a content may have a relative import; a cheap question."""
    return holds(data, _RELATIVE)


def may_be_anchored(data: bytes) -> bool:
    """True when a call may take a relative name in a string; a cheap question."""
    return any(word in data for word in _ANCHORING)


def _either(lasts: Iterable[bytes]) -> bytes:
    return b"(?:" + b"|".join(map(re.escape, lasts)) + b")" + _END


def _from_parent(parent: bytes, lasts: Iterable[bytes]) -> re.Pattern[bytes]:
    """The ways to spell modules of a package that begin with its name, and those that hide theirs."""
    listed = rb"import\b" + _GAP + _LIST + _START
    hiding = rb"as\b|/?[\"']|import" + _GAP + rb"\(?" + _GAP + rb"\*"
    either, paths = _either(lasts), rb"/" + _either(lasts).removesuffix(_END) + _FILE
    spelled = rb"(?:\\?\." + _GAP + rb"|" + listed + rb")" + either
    return re.compile(re.escape(parent) + rb"(?:" + _GAP + rb"(?:" + spelled + rb"|" + hiding + rb")|" + paths + rb")")


def words_in(data: bytes, word: bytes, letters: frozenset[int] = _LETTERS) -> Iterator[int]:
    """Where a word begins that stands alone: no letter, digit or underscore touches it."""
    start = data.find(word)
    while start != -1:
        end = start + len(word)
        if (not start or data[start - 1] not in letters) and (end == len(data) or data[end] not in letters):
            yield start
        start = data.find(word, end)


def is_script(path: str, head: bytes) -> bool:
    """True for a file without suffix whose first line asks for Python."""
    return "." not in path.rpartition("/")[2] and head.startswith(b"#!") and b"python" in head.partition(b"\n")[0]


def candidates(
    tree: Tree, search: Search, judged: dict[str, Said] | None = None, sieve: Sieve | None = None,
    inside: Collection[str] = (), package_at: Callable[[str], str] | None = None,
) -> Iterator[str]:  # fmt: skip
    """Paths of the Python files, scripts without suffix included, whose content may hold a reference; sorted.

    `judged` remembers what the search said, by blob id; `sieve` passes all that the search can find, but for files
    inside some folders, which it is not asked about; with `package_at` relative imports are followed.
    """
    judged, entries = {} if judged is None else judged, tree.entries
    for path in sorted((*_code(tree, sieve, inside), *_scripts(tree, sieve, inside))):
        blob = entries[path].blob
        found = judged.get(blob)
        if found is None:
            found = judged[blob] = search(tree.read(path))
        if found == HOLDS_NEARBY and package_at is not None:
            found = search.relatives.may_lead(package_at(path), tree.read(path))
        if found:
            yield path


def _code(tree: Tree, sieve: Sieve | None, inside: Collection[str]) -> Iterator[str]:
    """The files of Python that a sieve passes, or that it is not asked about."""
    if sieve is None:
        yield from tree.files(CODE)
        return
    yield from sieve.passing(tree, CODE)
    for path in tree.files(CODE) if inside else ():
        if any(beneath(path, folder) for folder in inside) and not sieve.passes(tree, path):
            yield path


def _scripts(tree: Tree, sieve: Sieve | None, inside: Collection[str]) -> Iterator[str]:
    """The same for scripts without suffix."""
    for path in tree.files(("",)):
        if "." in path.rpartition("/")[2]:
            continue
        passes = sieve is None or sieve.passes(tree, path) or any(beneath(path, folder) for folder in inside)
        if passes and is_script(path, tree.read(path)):
            yield path

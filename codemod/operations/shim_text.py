"""The text of shims: what stands at an old name, and how it is read back.

Everything here runs in the migrated repository, on whatever Python it has: no dependency, no new syntax, no names
left behind, nothing imported at module level behind other code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from codemod.base.values import dataclass
from codemod.source.ours import Block, table_in

Table = Mapping[str, str]  # old dotted name -> new; for names: old name -> "module:name"

_FILE = """\
# codemod: shim {old} -> {new}
{doc}

import importlib
import sys
import warnings

warnings.warn(
    "{old} has moved to {new}",
    DeprecationWarning,
    stacklevel=2,
)
{alias}"""

# The old name is forgotten first: a circle that asks for it again then meets the new module as far as it is made.
_ALIAS = """\
sys.modules.pop("{old}", None)
sys.modules[__name__] = importlib.import_module(
    "{new}",
)
"""

_MAIN = """\
if __name__ == "__main__":
    import pathlib
    import runpy

    if __spec__ is None:  # run by its path, not with -m
        here = pathlib.Path(__file__).resolve().parent
        target = here.joinpath(
{path}
        )
        sys.path[0] = str(target.parent)
        runpy.run_path(str(target), run_name="__main__")
    else:
        runpy.run_module(
            "{new}",
            run_name="__main__",
            alter_sys=True,
        )
else:
    sys.modules.pop("{old}", None)
    sys.modules[__name__] = importlib.import_module(
        "{new}",
    )
"""

_REDIRECT = """\
def _redirect(moved: "dict[str, str]") -> None:
    \"\"\"Let old module names, and what lies below them, mean the new ones.\"\"\"
    import importlib.abc
    import importlib.machinery
    import importlib.util
    import sys
    import types
    import warnings

    def renamed(name: str) -> str:
        old = name
        while old and old not in moved:
            old = old.rpartition(".")[0]
        return moved[old] + name[len(old) :] if moved.get(old) else ""

    class Moved(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(
            self,
            fullname: str,
            path: object = None,
            target: object = None,
        ) -> "importlib.machinery.ModuleSpec | None":
            package = moved.get(fullname) == ""  # gone but for what left it
            new = renamed(fullname)
            found = importlib.util.find_spec(new) if new else None
            if found is None and not package:
                return None
            if found is not None:
                package = found.submodule_search_locations is not None
            return importlib.machinery.ModuleSpec(
                fullname,
                self,
                origin=found.origin if found else None,
                is_package=package,
            )

        def create_module(
            self,
            spec: importlib.machinery.ModuleSpec,
        ) -> None:
            new = renamed(spec.name)
            if new:  # a circle that asks for the old name meets the new one
                importlib.import_module(new)

        def exec_module(self, module: types.ModuleType) -> None:
            name = module.__name__
            new = renamed(name)
            if name in moved and new:
                warnings.warn(
                    name + " has moved to " + new,
                    DeprecationWarning,
                    stacklevel=2,
                )
            if new:
                sys.modules[name] = importlib.import_module(new)

        def get_code(self, fullname: str) -> "types.CodeType | None":
            new = renamed(fullname)
            found = importlib.util.find_spec(new) if new else None
            get = getattr(found.loader, "get_code", None) if found else None
            code: types.CodeType | None = get(new) if get else None
            return code

    sys.meta_path.insert(0, Moved())


_redirect(
    {{
{table}
    }}
)
"""

_PACKAGE = """\
# codemod: shim {old} -> {new}
{doc}

import importlib
import sys
import warnings


{redirect}
warnings.warn(
    "{old} has moved to {new}",
    DeprecationWarning,
    stacklevel=2,
)
sys.modules.pop("{old}", None)
sys.modules[__name__] = importlib.import_module(
    "{new}",
)
"""

_FORWARD = """\
# codemod: forward {old} -> {new}
def _forward(old: str, new: str) -> None:
    \"\"\"Let this package, a module once, answer for the names of `new`.\"\"\"
    import importlib
    import sys
    import types
    import warnings

    seen = set()

    class Forward(types.ModuleType):
        def __getattr__(self, name: str) -> object:
            if name == "__all__":
                every = vars(importlib.import_module(new))
                public = [key for key in every if not key.startswith("_")]
                return every.get("__all__", public)
            if name.startswith("__"):
                raise AttributeError(old + " has no " + name)
            value = getattr(importlib.import_module(new), name)
            caller = sys._getframe(1)
            place = (caller.f_code.co_filename, caller.f_lineno)
            if "importlib" not in place[0] and place not in seen:
                seen.add(place)
                warnings.warn(
                    old + " has moved to " + new,
                    DeprecationWarning,
                    stacklevel=2,
                )
            return value

        def __setattr__(self, name: str, value: object) -> None:
            own = name in vars(self) or name.startswith("__")
            inner = old + "." + name
            if own or getattr(value, "__name__", "") == inner:
                super().__setattr__(name, value)
            else:
                setattr(importlib.import_module(new), name, value)

        def __delattr__(self, name: str) -> None:
            if name in vars(self):
                super().__delattr__(name)
            else:
                delattr(importlib.import_module(new), name)

    sys.modules[__name__].__class__ = Forward


_forward(
    "{old}",
    "{new}",
)
del _forward
# codemod: end
"""

_RENAMED = """\
# codemod: renamed
{before}def __getattr__(name: str) -> {result}:{note}
    \"\"\"Offer what has left this module, or has another name now.\"\"\"
    import importlib
    import sys
    import warnings

    moved = {{
{table}
    }}
{star}    if name not in moved:
{otherwise}
    old, module, new = moved[name]
    caller = sys._getframe(1).f_code.co_filename
    if "importlib" not in caller:  # it asks before the statement does
        warnings.warn(
            old + " has moved to " + module + "." + new,
            DeprecationWarning,
            stacklevel=2,
        )
    return getattr(importlib.import_module(module), new)


# codemod: end
"""

_STAR = """\
    if name == "__all__":  # what a star import gives
        return [key for key in [*globals(), *moved] if key[0] != "_"]
"""
_ASK_OWN = "        return _own_getattr(name)"
_NO_SUCH = """\
        reason = "module " + __name__ + " has no attribute "
        raise AttributeError(reason + repr(name))"""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A name that moved: its old module and name, its new module and name."""

    name: str  # by which the module is asked
    old: str  # the old dotted name, for the message
    module: str
    new: str


def file_shim(old: str, new: str, path: tuple[str, ...] = ()) -> str:
    """The file at a moved module's old path; `path` leads from its folder to the new file of a program."""
    if path:
        alias = _MAIN.format(old=old, new=new, path="\n".join(f'            "{part}",' for part in path))
    else:
        alias = _ALIAS.format(old=old, new=new)
    return _FILE.format(old=old, new=new, doc=_doc(old, new), alias=alias)


def package_shim(old: str, new: str, table: Table) -> str:
    """The `__init__` at a moved package's old path."""
    redirect = _REDIRECT.format(table=_rows({old: new, **table}))
    return _PACKAGE.format(old=old, new=new, doc=_doc(old, new), redirect=redirect)


def _doc(old: str, new: str) -> str:
    return f'"""{old} has moved to {new}; the old name still works."""'


def redirect_block(table: Table) -> str:
    """The block in a surviving package's `__init__` that maps old module names to new ones."""
    return "# codemod: redirect\n" + _REDIRECT.format(table=_rows(table)) + "del _redirect\n# codemod: end\n"


def _rows(table: Table) -> str:
    return "\n".join(f'        "{old}": "{table[old]}",' for old in sorted(table))


def forward_block(old: str, new: str) -> str:
    """The block in a package that was a module: it forwards to the module below it."""
    return _FORWARD.format(old=old, new=new)


def renamed_block(entries: Iterable[Entry], own: bool, typed: bool, starred: bool = False) -> str:
    """The block that gives a module a `__getattr__` for names that left it.

    `own`: the module has a `__getattr__` already, which is asked for everything else; `typed`: type checkers look;
    `starred`: a star import brings these names, too.
    """
    before, note = "", ""
    if typed:
        before += "from typing import Any as _Any  # noqa: E402\n\n"
    if own:
        before += "_own_getattr = __getattr__\n\n"
        note = "  # type: ignore[no-redef]"
    return _RENAMED.format(
        before=before + "\n" if before else "",
        result="_Any" if typed else "object",
        note=note,
        star=_STAR if starred else "",
        table="\n".join(_row(entry) for entry in sorted(entries)),
        otherwise=_ASK_OWN if own else _NO_SUCH,
    )


def _row(entry: Entry) -> str:
    parts = (entry.old, entry.module, entry.new)
    return "\n".join([f'        "{entry.name}": (', *(f'            "{part}",' for part in parts), "        ),"])


def stub(old: str, new: str, more: Iterable[tuple[str, str, str]]) -> str:
    """The `.pyi` twin of a file shim: `more` are (module, name, old name) of what the star leaves out."""
    lines = [f"# codemod: stub of {old} -> {new}", f"from {new} import *"]
    lines += [line for row in more for line in stub_lines(*row)]
    return "\n".join(lines) + "\n"


def stub_lines(module: str, name: str, offered: str) -> list[str]:
    """A stub's lines that offer a module's name, perhaps under another: a stub re-exports no other `as`."""
    if name == offered:
        return [f"from {module} import {name} as {name}"]
    return [f"from {module} import {name} as _{offered}", f"{offered} = _{offered}"]


# -- and back


def table_of(text: str) -> dict[str, str]:
    """The table that a package shim or a redirect block holds."""
    return {str(old): str(new) for old, new in (table_in("redirect", text.encode()) or {}).items()}


def entries_of(block: Block) -> tuple[Entry, ...]:
    """The names that a `renamed` block offers."""
    return tuple(Entry(name, *row) for name, row in sorted((table_in("renamed", block.inner) or {}).items()))


def stubbed(text: str) -> list[tuple[str, str, str]]:
    """(module, name, old name) of the names that a stub adds to its star."""
    rows = re.findall(r"^from (\S+) import (\S+) as (\S+)$", text, re.MULTILINE)
    return [(module, name, offered if name == offered else offered[1:]) for module, name, offered in rows]


def forward_of(block: Block) -> tuple[str, str]:
    """(old, new) of a `forward` block."""
    old, _, new = block.rest.partition(" -> ")
    return old, new

"""A user's libcst codemod on the bytes of a file, its change made as small edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from codemod.base.values import dataclass
from codemod.source.modules import Module
from codemod.source.text import Text, Undecodable

from .splice import spliced

if TYPE_CHECKING:
    import libcst

Factory = Callable[..., Any]
"""A class of the user's, or anything that makes one of its objects: a libcst codemod or a CSTTransformer."""


class UserCodeError(Exception):
    """The user's code failed on a file; the message says how.  Raised by whatever calls it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A file after a codemod, and what the codemod warned of."""

    data: bytes
    warnings: tuple[str, ...] = ()


Call = Callable[["libcst.Module", str, Module | None], "tuple[libcst.Module, tuple[str, ...]]"]
"""The user's codemod on one module of that path and name; raises UserCodeError."""


def apply(call: Call, data: bytes, path: str = "", module: Module | None = None) -> Applied:
    """`data` with the codemod's change; bytes that it does not change are kept, whatever libcst prints for them.

    A file that is not Python is left alone.  Raises UserCodeError.
    """
    import libcst

    try:
        text = Text.of(data)
        source = text.data.decode()
        tree = libcst.parse_module(source)
    except (Undecodable, libcst.ParserSyntaxError):
        return Applied(data)
    changed, warnings = call(tree, path, module)
    new = spliced(source, tree.code, changed.code)
    return Applied(text.raw(new.encode()) if new != source else data, warnings)


def caller(factory: Factory, options: tuple[tuple[str, str], ...] = ()) -> Call:
    """A call of the user's class: a `libcst.codemod.Codemod` with its context, a CSTTransformer on the module."""
    from libcst.codemod import Codemod, CodemodContext, SkipFile
    from libcst.metadata import MetadataWrapper

    def call(tree: libcst.Module, path: str, module: Module | None) -> tuple[libcst.Module, tuple[str, ...]]:
        if isinstance(factory, type) and issubclass(factory, Codemod):
            name = module.name if module is not None else None
            package = module.package if module is not None else None
            context = CodemodContext(filename=path, full_module_name=name, full_package_name=package)
            try:
                changed = factory(context, **dict(options)).transform_module(tree)
            except SkipFile:
                changed = tree
            return changed, tuple(context.warnings)
        transformer: Any = factory(**dict(options))
        if transformer.get_inherited_dependencies():
            return MetadataWrapper(tree).visit(transformer), ()
        return tree.visit(transformer), ()

    return call

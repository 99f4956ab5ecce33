"""What else a Python file may say of what moves: paths, places, packages, tables; who asks for it, and who answers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from codemod.base.findings import Finding
from codemod.rewrite.edits import Edit
from codemod.source.text import Text

from .dunder import dunder_edits
from .joined import joined_edits, may_join
from .listings import listing_findings, may_list_folders
from .modulesaid import may_say_modules, said_modules
from .namedplace import may_name_places, named_place_edits
from .ownpackage import may_read_own, own_package_edits
from .ownpath import may_climb, own_path_edits
from .packagetables import may_hold_package_tables, package_table_edits
from .passed import may_pass_in_strings, passed_in_strings
from .pathpieces import may_piece_paths, pieced_edits
from .pathstrings import may_hold_paths, path_edits
from .selfnames import may_say_itself, self_names
from .view import View

Teller = Callable[[View, Text, ast.Module], Iterator[Edit] | Iterator[Finding] | Iterator[Edit | Finding]]
"""(the file, its text, its tree) -> edits and findings."""

TELLING: tuple[tuple[Callable[[View, bytes], bool], Teller], ...] = (
    (may_climb, own_path_edits),
    (may_read_own, own_package_edits),
    (may_name_places, named_place_edits),
    (may_join, joined_edits),
    (may_list_folders, listing_findings),
    (may_hold_paths, path_edits),
    (may_piece_paths, pieced_edits),
    (may_hold_package_tables, package_table_edits),
    (may_pass_in_strings, passed_in_strings),
    (may_say_itself, self_names),
    (may_say_modules, said_modules),
    (lambda _, code: b"__import__" in code, dunder_edits),
)
"""A cheap question about the code, and who answers."""

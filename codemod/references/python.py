"""Python files: every import, attribute chain, annotation and well-placed string that names something that moves."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit, apply, uncovered
from codemod.rewrite.outcome import Change
from codemod.rewrite.reread import facts_after
from codemod.source.facts import Facts, Import, Unparsable, facts_of_tree, parse
from codemod.source.ours import without_blocks
from codemod.source.scopes import Scopes, analyse
from codemod.source.text import Text, Undecodable

from .bindings import External, Rebinding, can_rename, export_edits, rename_definition
from .byname import may_hand_over, may_name
from .chains import Chains
from .computed import computed_edits, may_compute
from .crossrefs import crossref_edits
from .doctests import doctest_edits
from .given import Given
from .handed import starred
from .imports import (
    Clause,
    Rewritten,
    object_of,
    parts_ways,
    rewrite_from,
    rewrite_plain,
    rewrite_star,
    taken_by,
    without,
)
from .keeping import Kept
from .loaded import Loaded, may_load
from .passed import followed, may_pass
from .quoted import quoted_edits
from .repeated import without_repeated
from .runtime import apart_findings
from .strings import string_edits
from .tables import Tables, answers, may_list
from .telling import TELLING
from .touch import Touch
from .twice import twice_in_code
from .view import View


@dataclass(slots=True)
class Result:
    """What became of one file: its new bytes (the same object when nothing changed), why, and what to tell."""

    data: bytes
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    facts: Facts | None = None  # of the new bytes, where they could be told without a parse


Beside = Callable[[View, Text, bytes, Callable[[], ast.Module]], Iterator[Edit]]
"""(the file, its text, its text without imports, its tree) -> edits to what is no code."""


def rewrite(
    view: View, raw: bytes, external: External, touch: Touch, beside: Beside | None = None, kept: Kept | None = None
) -> Result:
    """Rewrite one Python file; a file that cannot be read is left alone and said so.

    What `beside` finds counts where nothing else is edited; on lines that are `kept`, strings and comments stay.
    """
    read = without_blocks(raw)  # what we wrote there ourselves is not read, and stays
    known = view.inventory.known(view.path) if read is raw else None
    try:
        if isinstance(known, Unparsable):
            raise known.again()
        text = Text.of(read)
        file = _File(view, text, external, touch, known, kept)
    except (Undecodable, Unparsable) as error:
        line = error.line if isinstance(error, Unparsable) else 0
        place = Place(view.path, line)
        finding = Finding("syntax-left-alone", f"not parsed, left alone: {error}", Weight.REVIEW, place)
        return Result(raw, [], [finding])
    view.inventory.learn(view.path, file.facts)
    return file.run(raw, whole=read is raw, beside=beside)


def edits_of(view: View, text: Text, external: External, touch: Touch) -> list[Edit]:
    """The edits to Python that stands in a file of another kind; raises Unparsable."""
    return _File(view, text, external, touch).edits()


class _File:
    """The pass over one file.  Where its facts are known it is parsed only if something beside imports may change."""

    def __init__(
        self, view: View, text: Text, external: External, touch: Touch, facts: Facts | None = None,
        kept: Kept | None = None,
    ) -> None:  # fmt: skip
        self.view, self.text, self.kept = view, text, kept
        self.external, self.touch = external, touch
        self._tree: ast.Module | None = None
        self.facts = facts if facts is not None else facts_of_tree(text, self.tree())
        self.statements = list(self.facts.imports)
        self.froms = {statement.start: taken for statement in self.statements for taken in taken_by(view, statement)}
        self.findings: list[Finding] = []
        self._code = without(text.data, self.statements)
        self.scopes: Scopes | None = analyse(self.tree(), text) if self._needs_scopes() else None
        if self.scopes is not None:
            self.scopes.given = starred(view, self.statements)
        clauses = [clause for taken in self.froms.values() for clause in taken.clauses]
        self.rebinding = Rebinding(view, self.scopes, external, clauses, self._renamed_here())
        self.given = Given(view, self.scopes, external)

    def tree(self) -> ast.Module:
        """The file's syntax tree; raises Unparsable."""
        if self._tree is None:
            self._tree = parse(self.text)
        return self._tree

    def run(self, raw: bytes, *, whole: bool, beside: Beside | None) -> Result:
        """The file's new bytes; `whole` when nothing of them was left unread."""
        edits = self.edits()
        edits += self._free(self.documentation(edits))
        if beside is not None and not self.view.facade:
            edits += self._free(_apart(beside(self.view, self.text, self._code, self.tree), edits))
        if not edits:
            return Result(raw, [], self.findings)
        data = apply(self.text.data if whole else Text.of(raw).data, edits)
        path = self.view.intent.files.get(self.view.path, self.view.path)
        changes = [Change(Place(path, self.text.line(e.start)), e.reason, e.review) for e in sorted(set(edits))]
        self.findings += twice_in_code(path, self.text, edits, self.tree)
        try:
            facts = facts_after(self.text, self._tree, self.facts, edits) if whole else None
            return Result(self.text.raw(data), changes, self.findings, facts)
        except UnicodeEncodeError as error:
            finding = Finding(
                "encoding-cannot-hold", f"{self.text.encoding} has no character for the new name: {error.reason}",
                Weight.REFUSAL, Place(self.view.path), "store the file as UTF-8 first, or choose an ASCII name",
            )  # fmt: skip
            return Result(raw, [], [*self.findings, finding])

    def edits(self) -> list[Edit]:
        """Every edit to the file."""
        chains = self._chains()
        edits: list[Edit] = list(chains.edits) if chains else []
        self.findings += chains.findings if chains else []
        for statement in self.statements:
            if chains and statement.start in chains.taken:
                done = Rewritten([], list(chains.behind.get(statement.start, [])))
            else:
                done = self._statement(statement, chains)
                done.behind += chains.behind.get(statement.start, []) if chains else []
            edits += done.finish(self.text, statement, "import follows its uses")
        if self.view.facade:
            return edits
        edits = uncovered(
            [*edits, *self.rebinding.edits("the name follows what it names")], chains.edits if chains else ()
        )
        edits += self.given.every(self.facts, self.text, self.tree)
        edits += self._definitions()
        edits += self._exports()
        edits += self._loaded()
        edits += self._listed()
        edits += self._told()
        edits += self._free(_apart(string_edits(self.view, self.text, self._code, self.tree), edits))
        return without_repeated(self.text, self.statements, list(dict.fromkeys(edits)))

    def _free(self, edits: Iterable[Edit]) -> list[Edit]:
        """Those of the edits that are on no line which the plan keeps."""
        return [edit for edit in edits if self.kept is None or not self.kept(edit.start)]

    def documentation(self, edits: Sequence[Edit]) -> list[Edit]:
        """The edits to docstrings, comments and code in strings, where `edits` has none."""

        def code_edits(text: Text) -> list[Edit]:
            return _File(self.view, text, self.external, self.touch).edits()

        if self.view.facade:
            return []
        found = list(_apart(crossref_edits(self.view, self.text, self.tree), edits))
        found += _apart(doctest_edits(self.view, self.text, self.tree, code_edits, edits), [*edits, *found])
        quoted = quoted_edits(self.view, self.text, self._code, self.tree, code_edits)
        return found + list(_apart(quoted, [*edits, *found]))

    # -- statements

    def _statement(self, statement: Import, chains: Chains | None) -> Rewritten:
        view = self.view
        if not statement.is_from:
            return self._plain(statement, chains)
        taken = self.froms.get(statement.start)
        if taken is None:
            return Rewritten()
        origin = taken.origin
        if statement.is_star and view.facade:  # the module goes on giving what it gave
            return Rewritten()
        if statement.is_star:
            done = rewrite_star(view, self.text, statement, origin)
            done.behind += self.given.beside(statement, origin)
            self.findings += self.given.overridden(statement, origin, self.text.line(statement.start))
            done.behind += self.given.unbound(statement, origin)
            return done
        unused = [alias for start, alias in chains.unused if start == statement.start] if chains is not None else []
        if not (view.moves and statement.level) and not any(
            c.new != c.old or c.module != origin.module or unused for c in taken.clauses
        ):
            return Rewritten()
        done = rewrite_from(
            view, self.text, statement, taken, lambda c: self.rebinding.name(c, statement.start), unused
        )
        done.behind += self.given.unbound(statement, origin)
        return done

    def _plain(self, statement: Import, chains: Chains | None) -> Rewritten:
        if self.view.facade:
            return Rewritten()
        plain = dict(chains.plain) if chains else {}
        for alias in statement.aliases:
            ref = self.view.find(alias.name)
            if ref is None:
                continue
            hidden = bool(alias.asname) and object_of(self.view, ref) is not None  # so that no chain begins with it
            if hidden and parts_ways(self.view, ref):
                plain[statement.start, alias.start] = ""
            elif (hidden or not chains) and self.view.affected(ref):
                plain[statement.start, alias.start] = self.view.spell(self.view.successor(ref).module, ref.root)
        return rewrite_plain(self.view, self.text, statement, plain)

    # -- scopes

    def _needs_scopes(self) -> bool:
        view, intent = self.view, self.view.intent
        if view.facade:
            return False
        if any(module == view.module and new != name for (module, name), (_, new) in intent.symbols.items()):
            return True
        if view.is_init and view.module in self.touch:
            inner = b"|".join(re.escape(part.encode()) for part in sorted(self.touch.towards[view.module]))
            if b"__all__" in self.text.data or re.search(rb"(?<![\w.])(?:" + inner + rb")(?!\w)", self._code):
                return True
        if may_load(view, self._code) or may_name(view, self._code, self._reaches):
            return True
        if may_hand_over(view, self._code, self.statements) or may_pass(intent, self._code, self.statements):
            return True
        return any(self._statement_needs_scopes(statement) for statement in self.statements)

    def _statement_needs_scopes(self, statement: Import) -> bool:
        view = self.view
        if not statement.is_from:
            for alias in statement.aliases:
                ref = view.find(alias.name)
                if ref is None:
                    continue
                if alias.asname:
                    if self.touch.followed(alias.asname, ref.module, self._code):
                        return True
                    continue
                top = names.top(alias.name)
                bound = ref.module[: len(ref.module) - len(alias.name)] + top
                if view.affected(ref) or self.touch.followed(top, bound, self._code):
                    return True
            return False
        taken = self.froms.get(statement.start)
        if taken is None:
            return False
        if statement.is_star:
            return taken.origin.module in self.touch
        return any(self._clause_needs_scopes(clause) for clause in taken.clauses)

    def _clause_needs_scopes(self, clause: Clause) -> bool:
        if clause.alias.asname in ("", clause.alias.name) and clause.name != clause.bound:
            return True
        changed = clause.new != clause.old and not clause.new.name
        if changed and self.view.hides(clause.bound, clause.new.module, clause.old.module):
            return True
        return followed(self.view, self.touch, clause.old, clause.bound, self._code)

    def _reaches(self) -> bool:
        """True when the file, or a module that it binds a name to, may hold something affected."""
        bound = [self.view.module] if self.view.module else []
        bound += [clause.old.module for taken in self.froms.values() for clause in taken.clauses if not clause.old.name]
        for alias in (alias for statement in self.statements if not statement.is_from for alias in statement.aliases):
            for ref in (self.view.find(alias.name), self.view.find(names.top(alias.name))):
                bound += names.prefixes(ref.module) if ref is not None else ()
        return self.touch.reaches(self.view.inventory, bound)

    def _chains(self) -> Chains | None:
        if self.scopes is None:
            return None
        rebound = {
            (start, clause.bound): self.rebinding.name(clause, start)
            for start, taken in self.froms.items() for clause in taken.clauses
        }  # fmt: skip
        chains = Chains(self.view, self.scopes, self.statements, self.froms, self.external, rebound)
        chains.run()
        return chains

    # -- definitions, `__all__`, strings

    def _definitions(self) -> list[Edit]:
        if self.scopes is None:
            return []
        edits: list[Edit] = []
        table = self._renamed_here()
        for name, new in table.items():
            bindings = self.scopes.module.bindings.get(name, [])
            if not bindings or all(b.kind in ("import", "from") for b in bindings):
                continue
            kinds = tuple({b.kind for b in bindings} | {"def"})
            if not can_rename(self.scopes, name, new, self.scopes.module, kinds, table):
                self.findings.append(
                    Finding(
                        "rename-captured", f"{new} is already bound or read where {name} is used", Weight.REFUSAL,
                        Place(self.view.path), f"choose another new name for {self.view.module}.{name}",
                    )
                )  # fmt: skip
                continue
            edits += rename_definition(
                self.scopes, name, new, f"{self.view.module}.{name} -> {self.view.new_module}.{new}"
            )
        return edits

    def _renamed_here(self) -> dict[str, str]:
        """The names of this module that get another one in it: old name -> new name."""
        return {
            name: new for (module, name), (new_module, new) in self.view.intent.symbols.items()
            if module == self.view.module and new != name and new_module == self.view.new_module
        }  # fmt: skip

    def _loaded(self) -> list[Edit]:
        if self.scopes is None or not may_load(self.view, self._code):
            return []
        loaded = Loaded(self.view, self.scopes)
        loaded.run()
        self.findings += loaded.findings
        return loaded.edits

    def _listed(self) -> list[Edit]:
        """What tables say of names that change modules."""
        if not may_list(self.view, self._code):
            return []
        tables = Tables(self.view, self.text, answers(self._code, lazy=self.facts.lazy))
        tables.run(self.tree())
        self.findings += tables.findings
        return tables.edits

    def _told(self) -> Iterator[Edit]:
        """The edits of those who have something to say beside; what they say is kept."""
        found: list[Edit | Finding] = []
        for may, told_by in TELLING:
            if may(self.view, self._code):
                found += told_by(self.view, self.text, self.tree())
        names_made = list(self._put_together())
        settled = {self.text.line(edit.start) for edit in names_made}
        found += apart_findings(self.view, self.text.data, settled)
        found += names_made
        for told in found:
            if isinstance(told, Edit):
                yield told
            else:
                self.findings.append(told)

    def _put_together(self) -> Iterator[Edit]:
        """The edits to names that are put together for the import system."""
        if may_compute(self.view.intent, self.text.data, self.view.held):
            yield from computed_edits(
                self.view, self.text, self.tree(), lambda: self.scopes or analyse(self.tree(), self.text)
            )

    def _exports(self) -> list[Edit]:
        if self.scopes is None:
            return []
        renames = self._renamed_here()
        if self.view.is_init:
            bound = self.scopes.module.bindings
            for old, new in self.view.intent.modules.items():
                name = names.last(old)
                if names.parent(old) == self.view.module and name not in bound:
                    same = names.parent(new) == self.view.new_module
                    if not same or names.last(new) != name:
                        renames[name] = names.last(new) if same else ""
        return list(export_edits(self.scopes, renames, "the export follows")) if renames else []


def _apart(found: Iterable[Edit], edits: Sequence[Edit]) -> Iterator[Edit]:
    """Those of the edits found that meet none of `edits`."""
    spans = [(edit.start, edit.end) for edit in edits]
    for edit in found:
        if not any((start < edit.end and edit.start < end) or edit.start <= start <= edit.end for start, end in spans):
            yield edit

"""Imports from a barrel that stand one below the other become one: what several modules gave comes from one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit, apply
from codemod.rewrite.statement import name_key
from codemod.source.facts import Import, Unparsable, facts_of
from codemod.source.text import Text, Undecodable

_REASON = "imports from one barrel are one"


def united(former: bytes, direct: bytes, faced: bytes, width: int) -> bytes:
    """The text of a file that takes names from a barrel, with such imports below each other as one, if that fits.

    `direct` is the file as it was with imports from modules, `former` as it was before the phase: a statement that
    said the same then is written as it was.
    """
    try:
        before, there, now = _File.of(former), _File.of(direct), _File.of(faced)
    except (Undecodable, Unparsable):
        return faced
    known = {there.spelled(statement) for statement in there.imports}
    edits: list[Edit] = []
    for run in _runs(now):
        rest: list[Import] = []
        while run:
            part, new = _as_before(now, run, before)
            if part and any(now.spelled(statement) not in known for statement in part):
                edits += now.replaced(part, new)
                run = run[len(part) :]
            else:
                rest.append(run.pop(0))
        if len(rest) > 1 and any(now.spelled(statement) not in known for statement in rest):
            edits += _joined(now, rest, width)
    return now.text.raw(apply(now.text.data, edits)) if edits else faced


@dataclass(frozen=True, slots=True)
class _File:
    """A file and its import statements."""

    text: Text
    imports: tuple[Import, ...]

    @classmethod
    def of(cls, raw: bytes) -> _File:
        return cls(Text.of(raw), facts_of(raw).imports)

    def spelled(self, statement: Import) -> bytes:
        """A statement as it stands there."""
        return self.text.data[statement.start : statement.end]

    def clauses(self, statement: Import) -> list[bytes]:
        """Its clauses."""
        return [self.text.data[alias.start : alias.end] for alias in statement.aliases]

    def lines(self, statement: Import) -> tuple[int, int]:
        """Its first line, and the one behind its last."""
        return self.text.line(statement.start), self.text.line(max(statement.start, statement.end - 1)) + 1

    def around(self, statement: Import) -> tuple[bytes, bytes]:
        """What stands in front of it on its first line, and behind it on its last."""
        data, (first, behind) = self.text.data, self.lines(statement)
        end = self.text.starts[behind - 1] if behind <= len(self.text.starts) else len(data)
        return data[self.text.starts[first - 1] : statement.start], data[statement.end : end].rstrip()

    def replaced(self, run: Sequence[Import], new: bytes) -> Iterator[Edit]:
        """The edits that put one statement in the place of several."""
        yield Edit(run[0].start, run[0].end, new, _REASON)
        for one in run[1:]:
            first, behind = self.lines(one)
            end = self.text.starts[behind - 1] if behind <= len(self.text.starts) else len(self.text.data)
            yield Edit(self.text.starts[first - 1], end, b"", _REASON)


def _runs(file: _File) -> Iterator[list[Import]]:
    """Statements that take names from the same module, each on the line below the one before; all but the first bare.

    What has a comment behind it begins a run, so that the comment stays.
    """
    run: list[Import] = []
    for statement in file.imports:
        ahead, behind = file.around(statement)
        goes_on = (
            bool(run)
            and (run[-1].module, run[-1].level) == (statement.module, statement.level)
            and file.lines(run[-1])[1] == file.lines(statement)[0]
            and ahead == file.around(run[0])[0]
            and not behind
        )
        if not goes_on:
            if len(run) > 1:
                yield run
            run = []
        usual = statement.is_from and not statement.is_star and not ahead.strip() and not behind.startswith(b";")
        if usual:
            run.append(statement)
    if len(run) > 1:
        yield run


def _as_before(file: _File, run: Sequence[Import], before: _File) -> tuple[Sequence[Import], bytes]:
    """The first statements of a run that say together what one did before the phase, and how that was written."""
    for size in range(len(run), 1, -1):
        said = sorted(clause for statement in run[:size] for clause in file.clauses(statement))
        for old in before.imports:
            if (old.module, old.level) == (run[0].module, run[0].level) and sorted(before.clauses(old)) == said:
                return run[:size], before.spelled(old)
    return (), b""


def _joined(file: _File, run: Sequence[Import], width: int) -> list[Edit]:
    """The edits that make one line of several; none where it grows too long, or one of them has several lines."""
    if any(file.lines(one)[1] - file.lines(one)[0] > 1 or b"(" in file.spelled(one) for one in run):
        return []
    if any(file.lines(one)[1] != file.lines(two)[0] for one, two in pairwise(run)):
        return []  # a statement between them has been put together already
    parts = [[clause.decode() for clause in file.clauses(statement)] for statement in run]
    clauses = list(dict.fromkeys(clause for part in parts for clause in part))
    if all(part == sorted(part, key=name_key) for part in parts):
        clauses.sort(key=name_key)
    head, _, _ = file.spelled(run[0]).partition(b"import")
    new = head + b"import " + ", ".join(clauses).encode()
    line = b"".join((file.around(run[0])[0], new, file.around(run[0])[1]))
    return list(file.replaced(run, new)) if len(line.decode("utf-8", "replace")) <= width else []

"""Interactive sessions in texts: what stands behind `>>>` is rewritten as code, what it shows where it names types."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codemod.base.patterns import lazy
from codemod.base.values import dataclass, replace
from codemod.rewrite.edits import Edit

from .fragments import fragment_edits
from .shown import shown
from .view import View
from .woven import Woven

_LINE = lazy(rb"[^\r\n]*(?:\r\n|\r|\n)?")
_PROMPT = lazy(
    rb"(?P<indent>[ \t>]*?)(?P<prompt>>>>|\.\.\.|In \[\d*\]:|   \.\.\.:)(?: (?P<code>[^\r\n]*)|(?=[\r\n]|$))"
)


_WORD = lazy(rb"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Sample:
    """A block of Python in a document, the edits to it, and the words that it lost: names that it bound, perhaps."""

    data: bytes
    edits: tuple[Edit, ...]
    lost: frozenset[bytes] = frozenset()

    @classmethod
    def of(cls, data: bytes, edits: Sequence[Edit]) -> Sample:
        """A block that was looked at."""
        spans = ((data[edit.start : edit.end], edit.new) for edit in edits)
        lost = frozenset(word for old, new in spans for word in {*_WORD.findall(old)} - {*_WORD.findall(new)})
        return cls(data, tuple(edits), lost)

    def left(self, edits: Sequence[Edit]) -> frozenset[bytes]:
        """The words that stand where none of the edits changes them."""
        return frozenset(
            found.group() for found in _WORD.finditer(self.data)
            if not any(edit.start <= found.start() < edit.end for edit in edits)
        )  # fmt: skip

    def is_read_in(self, text: str) -> bool:
        """True when a text has one of the words that it lost."""
        return any(re.search(rf"(?<!\w){word.decode()}(?!\w)", text) for word in self.lost)


def edits_below(view: View, above: Sequence[Sample], data: bytes) -> Sequence[Edit] | None:
    """The edits to a block of a document: what a block `above` imported under another name is called so here too.

    Blocks that go on where others stopped are read together with these, when those then change as they did alone.
    """
    prompted = has_prompts(data)
    rewritten = example_edits if prompted else fragment_edits
    alone = rewritten(view, data)
    if alone is None or not above:
        return alone
    unchanged = Sample(data, ()).left(alone)
    needed = [one for one in above if one.lost & unchanged and has_prompts(one.data) == prompted]
    whole = b"".join(one.data + b"\n" for one in needed)
    together = rewritten(view, whole + data) if needed else None
    if together is None:
        return alone
    at, expected = 0, set[Edit]()
    for one in needed:
        expected |= {_shifted(edit, at) for edit in one.edits}
        at += len(one.data) + 1
    here = {_shifted(edit, -at) for edit in together if edit.start >= at}
    return sorted(here) if set(together) == expected | {_shifted(e, at) for e in here} and {*alone} <= here else alone


def _shifted(edit: Edit, by: int) -> Edit:
    return replace(edit, start=edit.start + by, end=edit.end + by)


def has_prompts(data: bytes) -> bool:
    """True when some line of the text begins with the prompt of an interactive session."""
    return re.search(rb"^[ \t>]*(?:>>> |In \[\d*\]: )", data, re.MULTILINE) is not None


def example_edits(view: View, data: bytes) -> list[Edit] | None:
    """The edits to the code of a session, whose lines share one namespace; None where it is no Python."""
    woven, leads, at, outputs = Woven(), [], 0, list[Edit]()
    raised = asked = False
    while at < len(data):
        line = _LINE.match(data, at)
        end = max(at + 1, line.end() if line else len(data))
        found = _PROMPT.match(data, at, end)
        if found:
            begin, stop = found.span("code") if found["code"] is not None else (found.end(), found.end())
            leads.append((len(woven.code), found["indent"], found["prompt"]))
            woven.add(data[begin:stop], begin)
            woven.add(b"\n", -1)
            raised, asked = False, True
        elif asked and data[at:end].strip():
            line_text = data[at:end].decode("utf-8", "replace")
            raised = raised or line_text.lstrip().startswith("Traceback ")
            outputs += [
                replace(edit, start=at + edit.start, end=at + edit.end, reason=f"{edit.reason} in an example")
                for edit in shown(view, line_text, raised=raised)
            ]
        else:
            asked = False
        at = end
    edits = fragment_edits(view, bytes(woven.code))
    if edits is None:
        return None
    newline = b"\r\n" if b"\r\n" in data else b"\n"

    def written(new: bytes, offset: int) -> bytes:
        _, indent, _ = next(lead for lead in reversed(leads) if lead[0] <= offset)
        first, *others = new.split(b"\n")
        return first + b"".join(
            newline + indent + (b"... " if other[:1].isspace() else b">>> ") + other for other in others
        )

    placed = woven.placed(edits, written)
    return None if placed is None else placed + outputs

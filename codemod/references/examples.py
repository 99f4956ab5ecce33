"""Interactive sessions in texts: what stands behind `>>>` is rewritten as code, what it shows where it names types."""

from __future__ import annotations

import re

from codemod.base.patterns import lazy
from codemod.base.values import replace
from codemod.rewrite.edits import Edit

from .fragments import fragment_edits
from .shown import shown
from .view import View
from .woven import Woven

_LINE = lazy(rb"[^\r\n]*(?:\r\n|\r|\n)?")
_PROMPT = lazy(
    rb"(?P<indent>[ \t>]*?)(?P<prompt>>>>|\.\.\.|In \[\d*\]:|   \.\.\.:)(?: (?P<code>[^\r\n]*)|(?=[\r\n]|$))"
)


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

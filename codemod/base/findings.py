"""What the engine says about a place: data with a code, never a printed line."""

from __future__ import annotations

from enum import Enum

from .values import dataclass


class Weight(Enum):
    """How much a finding matters."""

    REFUSAL = "refusal"  # unsafe: the phase is not carried out (exit 1)
    MISMATCH = "mismatch"  # the repository is not as the plan assumes (exit 3)
    REVIEW = "review"  # done, but a human should look
    NOTE = "note"  # worth knowing


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file of the repository (or in the plan file); line and column count from 1, 0 = whole file."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the engine saw and says: a reason code, the place, and what would unblock it."""

    code: str  # a key of `codemod explain`
    message: str
    weight: Weight = Weight.REVIEW
    place: Place | None = None
    hint: str = ""  # the smallest change to the plan that would help
    key: str = ""  # key path in the plan, such as phases[1].do[0].move

    @property
    def blocks(self) -> bool:
        """True when the phase must not be carried out."""
        return self.weight in (Weight.REFUSAL, Weight.MISMATCH)

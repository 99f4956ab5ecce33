"""The three kinds of failure, never mixed: the plan is wrong, the repository is not as assumed, our bug."""

from __future__ import annotations

from .findings import Finding


class CodemodError(Exception):
    """An expected failure; carries the findings that tell why and the exit code of its kind."""

    exit_code = 1

    def __init__(self, *findings: Finding) -> None:
        super().__init__("\n".join(finding.message for finding in findings))
        self.findings = findings


class PlanError(CodemodError):
    """The plan or the command line is wrong."""

    exit_code = 2


class RepositoryError(CodemodError):
    """The repository is not as the plan assumes."""

    exit_code = 3


class Refused(CodemodError):
    """It ran, and the answer is no."""

    exit_code = 1


class Bug(Exception):
    """An invariant of ours does not hold; exit 70."""

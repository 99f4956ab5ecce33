"""Terraform: dotted names in what a function or a container is told to run.

    handler = "app.user.main"
    command = ["uvicorn", "app.user:api"]

From where a package is built is not told here, so that a name counts only with the packages above it; paths are told.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .jsondata import TARGET, loaded
from .view import View

_RUN = lazy(rb"(?m)^[ \t]*\"?(?:handler|command|args|entry_?point)\"?\s*[=:]\s*(?:\"[^\"\n]*\"|\[[^\]]*\])")
_TARGET = lazy(TARGET)


class Terraform:
    """Names of handlers, and of what commands load."""

    name = "terraform"

    def claims(self, path: str) -> bool:
        """True for its configuration language; its JSON is read as other JSON is."""
        return path.endswith((".tf", ".tofu"))

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to the file, all for review."""
        for run in _RUN.finditer(data):
            for found in _TARGET.finditer(data, *run.span()):
                yield from loaded(view, found)

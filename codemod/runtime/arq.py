"""ARQ jobs: named by their function, or by the text that names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Place
from codemod.base.values import dataclass
from codemod.rewrite.outcome import OwnName
from codemod.source.facts import Unparsable, parse
from codemod.source.text import Text, Undecodable

from .kind import QUEUES, Moved, RuntimeName, Survey, literal
from .made import meant

_CALLS = ("func", "cron")

_WORDS = (b"WorkerSettings", b"arq import", b"import arq")


@dataclass(frozen=True, slots=True)
class Arq:
    """The functions of a worker's settings."""

    name: str = "arq"
    code: str = "runtime-arq"

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """Functions of which the name, or the text that names them, changes."""
        for path, data in survey.holding(*QUEUES) if survey.moved else ():
            own = survey.before.modules.at(path) if any(word in data for word in _WORDS) else None
            for node in _listed(data) if own is not None else ():
                old, new = self._names(survey, path, node)
                if old != new:
                    yield RuntimeName(
                        Place(path, node.lineno), f"the job {old}", new,
                        "workers do not know jobs that were stored under the old name",
                        hint=f'drain the queue first, or list it as `func(..., name="{old}")`',
                    )  # fmt: skip

    def _names(self, survey: Survey, path: str, node: ast.expr) -> tuple[str, str]:
        text = literal(node)
        if text:
            module, name = names.parent(text), names.last(text)
            return text, names.join(*survey.intent.symbol(module, name)) if module in survey.before.modules else text
        own = survey.before.modules.at(path)
        found = survey.source(path, node.id) if isinstance(node, ast.Name) else None
        if found is None and own is not None:
            target = meant(survey.before, own, node)
            found = (target.module, target.name) if target is not None and target.name else None
        return (found[1], survey.intent.symbol(*found)[1]) if found is not None else ("", "")

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """Texts of settings follow the code."""
        return iter(())


def _listed(data: bytes) -> Iterator[ast.expr]:
    """What the lists of functions and cron jobs hold; a function that is given a name of its own is left out."""
    try:
        tree = parse(Text.of(data))
    except (Undecodable, Unparsable):
        return
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        named = any(isinstance(target, ast.Name) and target.id in ("functions", "cron_jobs") for target in targets)
        value = getattr(node, "value", None) if named else None
        for element in value.elts if isinstance(value, (ast.List, ast.Tuple)) else ():
            if isinstance(element, ast.Call):
                called = (
                    element.func.attr if isinstance(element.func, ast.Attribute) else getattr(element.func, "id", "")
                )
                if called in _CALLS and element.args and all(keyword.arg != "name" for keyword in element.keywords):
                    yield element.args[0]
            else:
                yield element

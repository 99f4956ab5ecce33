"""RQ jobs: the queue stores the dotted name of the function, and a worker imports it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Place
from codemod.base.patterns import lazy
from codemod.base.values import dataclass
from codemod.rewrite.outcome import OwnName
from codemod.source.facts import Unparsable, parse
from codemod.source.text import Text, Undecodable

from .kind import QUEUES, Moved, RuntimeName, Survey
from .made import made, meant

_QUEUING = frozenset({"enqueue", "enqueue_call", "enqueue_at", "enqueue_in", "schedule", "cron"})
_DECORATOR = lazy(r"(?:rq|django_rq)\.(?:\w+\.)*job")
_WORDS = (b"enqueue", b".schedule(", b".cron(")
_USES = lazy(rb"^(?:\xef\xbb\xbf)?[ \t]*(?:from|import)[ \t]+(?:rq|django_rq|rq_scheduler|flask_rq2?)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rq:
    """Functions that are decorated as jobs, or handed to a queue."""

    name: str = "rq"
    code: str = "runtime-rq"

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """The jobs of moved files."""
        found: dict[tuple[str, str], Place] = {}
        for moved in survey.moved:
            for node in moved.tree.body if moved.holds(b"job") else ():
                for decorator in getattr(node, "decorator_list", ()):
                    function = decorator.func if isinstance(decorator, ast.Call) else decorator
                    if _DECORATOR.fullmatch(made(survey.before, moved.module, function)):
                        found[moved.module.name, node.name] = moved.place(node)  # type: ignore[attr-defined]
        for path, data in survey.holding(*QUEUES) if survey.moved else ():
            if any(word in data for word in _WORDS) and _USES.search(data):
                found.update({symbol: place for symbol, place in _handed(survey, path, data) if symbol not in found})
        for (module, name), place in sorted(found.items()):
            new = survey.intent.symbol(module, name)
            if new != (module, name):
                yield RuntimeName(
                    place, f"the job {names.join(module, name)}", names.join(*new),
                    "workers cannot import jobs that were stored under the old name", importable=(module, name),
                )  # fmt: skip

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """A job has no name but its function's."""
        return iter(())


def _handed(survey: Survey, path: str, data: bytes) -> Iterator[tuple[tuple[str, str], Place]]:
    """Functions that a file hands to a queue."""
    own = survey.before.modules.at(path)
    try:
        tree = parse(Text.of(data))
    except (Undecodable, Unparsable):
        return
    for node in ast.walk(tree) if own is not None else ():
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _QUEUING):
            continue
        for argument in (*node.args[:3], *(keyword.value for keyword in node.keywords if keyword.arg == "func")):
            symbol = survey.source(path, argument.id) if isinstance(argument, ast.Name) else None
            target = meant(survey.before, own, argument) if own is not None else None
            if symbol is None and target is not None and target.name:
                symbol = (target.module, target.name)
            if symbol is not None:
                yield symbol, Place(path, node.lineno)

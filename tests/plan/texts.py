"""Case files of plans: `=== title`, the plan, `--- errors`, the errors that loading it gives (none: it loads)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codemod.base.errors import PlanError
from codemod.plan.load import load, render

FOLDER = Path(__file__).parent / "cases"
DIVIDER = "--- errors\n"


@dataclass(frozen=True, slots=True)
class Case:
    file: Path
    title: str
    plan: str
    errors: str

    @property
    def id(self) -> str:
        return f"{self.file.stem}: {self.title}"


def cases() -> list[Case]:
    return [case for file in sorted(FOLDER.glob("*.txt")) for case in read(file)]


def read(file: Path) -> list[Case]:
    found = []
    for block in file.read_text("utf-8").split("=== ")[1:]:
        title, _, body = block.partition("\n")
        plan, divider, errors = body.partition(DIVIDER)
        assert divider, f"{file.name}: {title}: no {DIVIDER!r}"
        found.append(Case(file, title, plan, errors.rstrip("\n")))
    return found


def rewrite(case: Case, errors: str) -> None:
    """Put `errors` into the case's file as what is expected."""
    blocks = [
        f"=== {each.title}\n{each.plan}{DIVIDER}{(errors if each.title == case.title else each.errors)}".rstrip("\n")
        for each in read(case.file)
    ]
    case.file.write_text("\n\n".join(blocks) + "\n", "utf-8")


def errors_of(plan: str | bytes) -> str:
    """The rendered errors of a plan; empty when it loads."""
    try:
        load(plan.encode("utf-8") if isinstance(plan, str) else plan, "plan.yaml")
    except PlanError as error:
        return "\n".join(render(finding) for finding in error.findings)
    return ""

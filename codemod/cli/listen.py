"""What a person hears while the engine works: each phase, its cost, each check before it runs, each commit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from codemod.report.page import Line, Span, line, without_colour

from .terminal import Output

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from codemod.plan.model import Phase
    from codemod.report.cost import Cost
    from codemod.report.records import CheckRecord, CommitRecord
    from codemod.rewrite.outcome import Outcome

PATIENCE = 0.3  # seconds before a progress bar appears
TAIL = 20  # lines of a failed check's output; all that the engine kept with -v


class Narrator:
    """The listener of the command line: stderr, with bars on a terminal and plain lines in a pipe."""

    def __init__(self, output: Output, *, steps: bool = False) -> None:
        self.output = output
        self.steps = steps  # whether each phase gets a line; commands that only compute leave it out
        self.at = self.title = ""
        self.running = ""
        self.costs: dict[str, Cost] = {}
        self._open = ExitStack()
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._since = time.monotonic()

    def __enter__(self) -> Narrator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rest()

    def phase(self, phase: Phase, number: int, total: int) -> None:
        """A phase begins."""
        from codemod.report.phases import phase_line

        self.at, self.title = phase.id, phase.title
        if self.steps or self.output.verbose:
            self._say(phase_line(phase.id, phase.title, number, total))
        self._rest()
        self._since = time.monotonic()

    def progress(self, stage: str, done: int, total: int) -> None:
        """Long work goes on: a bar, on a terminal only."""
        if self.output.quiet or not self.output.stderr.live or time.monotonic() - self._since < PATIENCE:
            return
        if self._progress is None:
            self._rest()
            self._progress = self._open.enter_context(_bar(self.output))
            self._task = self._progress.add_task(stage, total=total or None)
        assert self._task is not None
        self._progress.update(self._task, description=f"{self.at} {stage}".strip(), completed=done, total=total or None)

    def cost(self, outcome: Outcome) -> None:
        """What a phase will change, before its checks run and its commits are made."""
        from codemod.report.cost import cost_of

        cost = cost_of(outcome)
        self.costs[outcome.phase.id] = cost
        if cost.files:
            self._say(line("  ", str(cost), *_lost(outcome)))

    def starting(self, command: str) -> None:
        """A check is about to run: a line in a pipe, a spinner on a terminal."""
        where = Span(" on the parent, to compare", "dim") if command == self.running else Span("")
        shown = line("  ", Span("$ ", "dim"), Span(command, "code"), where)
        self.running = command
        if self.output.stderr.live:
            self._rest()
            self._open.enter_context(self.output.busy(shown))
        else:
            self._say(shown)

    def check(self, result: CheckRecord) -> None:
        """A check has run."""
        from codemod.report.phases import check_line

        self.running = ""
        if self.output.stderr.live:
            self._say(line("  ", Span("$ ", "dim"), Span(result.command, "code"), "  ", *check_line(result)))
        else:
            self._say(line("    ", *check_line(result)))
        if result.verdict == "new-failure" or (self.output.verbose and result.output):
            self._say(*_tail(result.output, 0 if self.output.verbose else TAIL))

    def commit(self, info: CommitRecord) -> None:
        """A commit was made; its size is told where it is not the phase's."""
        from codemod.report.phases import commit_line

        self._say(line("  ", *commit_line(info, self.title, self.costs.get(self.at))))

    def message(self, text: str) -> None:
        """Anything else."""
        self._say(line("  ", text))

    def _say(self, *lines: Line) -> None:
        self._rest()
        self.output.message(lines)

    def _rest(self) -> None:
        """Take bars and spinners off the terminal."""
        self._open.close()
        self._progress = self._task = None


def _lost(outcome: Outcome) -> Iterator[Span]:
    forecast = outcome.forecast
    if forecast.moved and forecast.followed < forecast.moved:
        yield Span(f"; git follows {forecast.followed} of {forecast.moved} moved files", "warn")


def _tail(output: str, limit: int) -> Iterator[Line]:
    lines = without_colour(output).splitlines()
    for text in lines[-limit:] if limit else lines:
        yield line("      ", Span(text, "dim"))


def _bar(output: Output) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    return Progress(
        SpinnerColumn(style="dim"),
        TextColumn("{task.description}", style="dim"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        console=output.stderr.console,
        transient=True,
    )

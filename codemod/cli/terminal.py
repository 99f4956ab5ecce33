"""The two streams: results to stdout, messages to stderr; colour and layout on a terminal, plain lines in a pipe."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, TextIO

from codemod.base.values import dataclass, field
from codemod.report.page import Block, Line, Table, aligned, fitted, plain, visible, width_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

STYLES = {"good": "green", "bad": "red", "warn": "yellow", "dim": "dim", "strong": "bold", "code": "cyan", "": ""}
LIMIT = 5  # findings of one code that a terminal shows


def set_and_not_off(value: str | None) -> bool:
    """What NO_COLOR and FORCE_COLOR count as yes: anything but nothing and 0 (https://no-color.org)."""
    return value not in (None, "", "0", "false")


@dataclass(slots=True)
class Stream:
    """A stream to write to: `live` when a person looks at it, `colour` when colour is wanted.

    What is only said beside the result (not `needed`) stops no work when it cannot be written.
    """

    file: TextIO
    live: bool
    colour: bool
    broken: bool = False
    needed: bool = True
    _console: Console | None = None

    @classmethod
    def of(cls, file: TextIO, environment: Mapping[str, str], *, needed: bool = True) -> Stream:
        """NO_COLOR wins over FORCE_COLOR; a dumb terminal is treated as a pipe."""
        live = file.isatty() and environment.get("TERM") != "dumb"
        forced = set_and_not_off(environment.get("FORCE_COLOR")) and environment.get("TERM") != "dumb"
        return cls(file, live, (live or forced) and not environment.get("NO_COLOR"), needed=needed)

    @property
    def console(self) -> Console:
        """The rich console of this stream; only where there is a terminal or colour is forced."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(
                file=self.file,
                force_terminal=True,
                color_system=("auto" if self.live else "standard") if self.colour else None,
                width=None if self.live else 100_000,
                highlight=False,
                markup=False,
                emoji=False,
            )
        return self._console

    def show(self, blocks: Iterable[Block], *, hang: bool = False) -> None:
        """Write lines and tables; `hang`: what is too long for a terminal goes on below, indented."""
        if not self.live and not self.colour:
            text = "".join(shown + "\n" for shown in plain(blocks))
            self.guard(lambda: self.file.write(text))
            return
        from rich.table import Table as RichTable

        for table, group in groupby(blocks, lambda block: isinstance(block, Table)):
            for renderable in _renderables(table, list(group), self.console, hang):
                soft = not isinstance(renderable, RichTable)
                self.guard(partial(self.console.print, renderable, soft_wrap=soft))

    def raw(self, data: bytes) -> None:
        """Write bytes as they are."""

        def write() -> None:
            self.file.flush()
            self.file.buffer.write(data)

        self.guard(write)

    def guard(self, write: Any) -> None:
        """Call `write`; when the reader has gone (`| head`), be quiet from then on: the work itself goes on."""
        if self.broken:
            return
        try:
            write()
            self.file.flush()
        except OSError as error:
            if self.needed and not isinstance(error, BrokenPipeError):
                raise
            self.broken = True
            with suppress(OSError):  # a stream without a number
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def _renderables(tables: bool, blocks: list[Block], console: Console, hang: bool) -> Iterator[RenderableType]:
    """Tables one by one; lines that follow each other as one text, which rich prints much faster."""
    from rich.text import Text

    if tables:
        for block in blocks:
            if isinstance(block, Table):
                yield rich_table(block, console.width)
        return
    texts = [rich_line(block) for block in blocks if not isinstance(block, Table)]
    yield Text("\n").join([part for text in texts for part in (_hanging(text, console) if hang else (text,))])


def _hanging(text: Text, console: Console) -> Iterator[Text]:
    """The lines of a text that is too long for the terminal: all but the first are indented further."""
    from rich.text import Text as RichText

    if text.cell_len <= console.width:
        yield text
        return
    indent = len(text.plain) - len(text.plain.lstrip()) + 4
    first, *rest = text.wrap(console, console.width - indent)
    yield first
    for part in rest:
        yield RichText(" " * indent).append_text(part)


def rich_line(shown: Line) -> Text:
    """A line for rich."""
    from rich.text import Text

    return Text.assemble(*((visible(span.text), STYLES[span.role]) for span in shown))


def rich_table(table: Table, width: int) -> RenderableType:
    """A table for rich: columns and a quiet head, no lines; shortened to the width of a terminal.

    One that stays too wide is left to the terminal, which cuts nothing off.
    """
    from rich.table import Table as RichTable
    from rich.text import Text

    fitting = fitted(table, width)
    if width_of(fitting) > width:
        return Text("\n").join([rich_line(row) for row in aligned(fitting)])
    shown = RichTable(box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(fitting.head):
        shown.add_column(name, justify="right" if number in fitting.right else "left", no_wrap=True, overflow="fold")
    for row in fitting.rows:
        shown.add_row(*(rich_line((span,)) for span in row))
    return shown


@dataclass(slots=True)
class Output:
    """Where a command says what it has to say."""

    json: bool
    quiet: bool
    verbose: bool
    stdout: Stream
    stderr: Stream
    spoken: bool = field(default=False)  # a JSON document is on stdout

    @classmethod
    def of(cls, arguments: list[str]) -> Output:
        """The output that a command line asks for, known before it is parsed: errors in it are answered alike."""
        for file in (sys.stdout, sys.stderr):
            if hasattr(file, "reconfigure"):
                file.reconfigure(errors="backslashreplace")
        options = arguments[: arguments.index("--")] if "--" in arguments else arguments
        short = {letter for option in options if option[:1] == "-" != option[1:2] for letter in option[1:]}
        return cls(
            "--json" in options,
            "q" in short or "--quiet" in options,
            "v" in short or "--verbose" in options,
            Stream.of(sys.stdout, os.environ),
            Stream.of(sys.stderr, os.environ, needed=False),
        )

    @property
    def limit(self) -> int:
        """How many findings of one code are shown; 0: all, which is always so in a pipe."""
        return 0 if self.verbose or not self.stderr.live else LIMIT

    def result(self, blocks: Iterable[Block]) -> None:
        """Show a result, unless a JSON document is asked for."""
        if not self.json:
            self.stdout.show(blocks, hang=True)

    def message(self, blocks: Iterable[Block]) -> None:
        """Say something beside the result, unless --quiet."""
        if not self.quiet:
            self.stderr.show(blocks, hang=True)

    def error(self, blocks: Iterable[Block]) -> None:
        """Say what cannot be left unsaid."""
        self.stderr.show(blocks, hang=True)

    def document(self, value: object) -> None:
        """The one JSON document on stdout, in UTF-8; names that are not UTF-8 on disk come as escapes."""
        try:
            data = json.dumps(value, indent=2, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            data = json.dumps(value, indent=2).encode()
        self.spoken = True
        self.stdout.raw(data + b"\n")

    @contextmanager
    def busy(self, shown: Line) -> Iterator[None]:
        """A spinner on stderr while something runs, on a terminal only."""
        if self.quiet or not self.stderr.live:
            yield
            return
        with self.stderr.console.status(rich_line(shown), spinner="dots", spinner_style="dim"):
            yield

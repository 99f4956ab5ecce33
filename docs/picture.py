"""Draws docs/rehearse.svg: what `codemod rehearse plans/anything-agents.yaml` shows on a terminal.

    python docs/picture.py [PLAN] [FILE]

Runs the command on a pseudo-terminal of COLUMNS columns and has rich draw what it said.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS = 108
ROOT = Path(__file__).parents[1]
STORY = 3  # phases whose story is shown
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SPINNER = re.compile(r"\x1b\[\?25l.*?\x1b\[\?25h\r?\x1b\[1A\x1b\[2K", re.DOTALL)
THEME = TerminalTheme(
    (22, 24, 29),
    (212, 215, 221),
    [
        (40, 44, 52),
        (224, 108, 117),
        (126, 188, 110),
        (220, 181, 104),
        (97, 160, 226),
        (198, 120, 221),
        (86, 182, 194),
        (212, 215, 221),
    ],
)
# One frame, no buttons, no web fonts: the picture reads the same wherever it is shown.
FORMAT = """\
<svg viewBox="0 0 WIDTH HEIGHT" xmlns="http://www.w3.org/2000/svg" role="img">
  <title>TITLE</title>
  <style>
    .{unique_id}-matrix {{ font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
      font-size: {char_height}px; line-height: {line_height}px; }}
    {styles}
  </style>
  <defs>
    {lines}
  </defs>
  <rect fill="#16181d" width="WIDTH" height="HEIGHT" rx="10"/>
  <g transform="translate(20, 16)">
    {backgrounds}
    <g class="{unique_id}-matrix" xml:space="preserve">
    {matrix}
    </g>
  </g>
</svg>
"""


def said(*arguments: str) -> str:
    """Everything that the command writes to a terminal, spinners taken off."""
    main, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-m", "codemod", *arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    heard = bytearray()
    try:
        while chunk := os.read(main, 65536):
            heard += chunk
    except OSError:  # the other side has closed
        pass
    if process.wait() != 0:
        sys.exit(f"codemod {' '.join(arguments)} exits {process.returncode}\n{heard.decode()}")
    return SPINNER.sub("", heard.decode().replace("\r\n", "\n"))


def shortened(text: str) -> str:
    """The story of the first phases, the findings of one, and the table: `⋮` where something was left out."""
    lines = text.rstrip("\n").split("\n")
    bare = [ANSI.sub("", line) for line in lines]
    heads = [number for number, line in enumerate(bare) if re.match(r"\[\d+/\d+\] ", line)]
    table = next(number for number, line in enumerate(bare) if line.startswith("PHASE "))
    groups = [number for number, line in enumerate(bare[:table]) if re.fullmatch(r"[\w.-]+:", line)]
    more = "\x1b[2m⋮\x1b[0m"
    shown = lines[: heads[STORY]] + [more] if len(heads) > STORY else lines[: (groups or [table])[0]]
    if groups:
        shown += ["", *lines[groups[0] : (groups[1:] or [table])[0]], *([more] if groups[1:] else [])]
    return "\n".join([*shown, "", *lines[table:]])


def draw(command: str, text: str) -> str:
    """The picture of a command and what it said."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "green"), (command, "bold")))
    console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=False)
    lines = len(console.export_text(clear=False).splitlines())
    form = FORMAT.replace("WIDTH", str(round(12.2 * COLUMNS) + 40)).replace("HEIGHT", str(round(24.4 * lines) + 32))
    return console.export_svg(theme=THEME, code_format=form.replace("TITLE", escape(command)), unique_id="codemod")


def main() -> None:
    """Run the command and write the picture."""
    plan = sys.argv[1] if len(sys.argv) > 1 else "plans/anything-agents.yaml"
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs" / "rehearse.svg"
    svg = draw(f"codemod rehearse {plan}", shortened(said("rehearse", plan)))
    target.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

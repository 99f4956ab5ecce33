"""The entry point: parse, dispatch, and turn every kind of failure into its message and exit code."""

from __future__ import annotations

import errno
import gc
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

from codemod import __version__
from codemod.base.errors import CodemodError, PlanError, Refused, RepositoryError
from codemod.base.findings import Finding, Weight
from codemod.report.findings import findings_block
from codemod.report.page import Span, line

from .terminal import Output

if TYPE_CHECKING:
    from codemod.engine.reading import Reading

USAGE, REPOSITORY, BUG, INTERRUPTED = 2, 3, 70, 130
_SYSTEM = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE, errno.EROFS, errno.EACCES, errno.EPERM,
    errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENAMETOOLONG,
)  # fmt: skip


def main(argv: Sequence[str] | None = None, *, ahead: bool = False) -> int:
    """Run one command line (default: sys.argv) and return its exit code; the only place that catches everything.

    `ahead`: this process is ours alone, and may have another one read the plan meanwhile.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    output = Output.of(arguments)
    if os.name == "nt":
        finding = Finding("unsupported-system", "codemod runs on Linux and macOS, not on Windows", Weight.MISMATCH)
        return _fail(output, "repository", (finding,), REPOSITORY)
    # What a compiler would say of code that we only read is not for our user: examples, cells, code in strings.
    warnings.filterwarnings("ignore", category=SyntaxWarning)
    # Syntax trees are large and hold no cycles: the collector would walk them again and again for nothing.
    gc.set_threshold(1_000_000, 20, 20)
    reading = None
    try:
        if arguments[:1] == ["--version"]:  # before anything heavy is imported
            output.result([line(f"codemod {__version__}")])
            return 0
        if ahead:
            from codemod.engine.reading import Reading

            reading = Reading.ahead(arguments)
        with _interruptible() if ahead else nullcontext():
            return _dispatch(arguments, output, reading)
    except KeyboardInterrupt:
        return _interrupted(output)
    except CodemodError as error:
        return _fail(output, _kind(error), error.findings, error.exit_code)
    except OSError as error:
        if error.errno not in _SYSTEM:
            return _bug(output, error)
        finding = Finding("system-refused", str(error), Weight.MISMATCH)
        return _fail(output, "repository", (finding,), REPOSITORY)
    except Exception as error:
        return _bug(output, error)
    finally:
        if reading is not None:
            reading.end()
        if ahead and "codemod.shell.forks" in sys.modules:  # what needs no process is not to load it
            sys.modules["codemod.shell.forks"].reap(wait=True)


def entry() -> NoReturn:
    """The console script: `main`, and an end that does not take the heap apart, which costs a tenth of a second."""
    _open_all()
    code = main(ahead=True)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()  # help texts; all else is flushed as it is written
    os._exit(code)


def _open_all() -> None:
    """Let stdin, stdout and stderr be open: where one is not (`>&-`), the next file of ours would take its place."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(handle, True)
    os.close(handle)
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()


def _interruptible() -> AbstractContextManager[None]:
    """SIGTERM and SIGHUP are an interruption like Ctrl-C: what was made aside is taken away again."""
    from codemod.shell.lock import interruptible

    return interruptible()


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _dispatch(arguments: list[str], output: Output, reading: Reading | None) -> int:
    import typer

    from .app import build

    try:
        code = typer.main.get_command(build(arguments[:1]))(
            arguments, prog_name="codemod", standalone_mode=False, obj=(output, reading)
        )
    except typer.Abort:
        return _interrupted(output)
    except typer.TyperException as error:
        return _usage(output, error, arguments)
    if code == INTERRUPTED:
        return _interrupted(output)
    return code if isinstance(code, int) else 0


def _usage(output: Output, error: Exception, arguments: Sequence[str]) -> int:
    """A command line that cannot be parsed."""
    from .app import COMMANDS

    path = " ".join(("codemod", *(name for name in arguments[:1] if name in COMMANDS)))
    message = str(error.format_message()) if hasattr(error, "format_message") else str(error)
    message = message.replace("Value error, ", "")  # pydantic's words for what typer checks with it
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(message + "\n")
        return USAGE
    hint = f"{path} --help"
    if path == "codemod" and arguments[0].startswith("-"):
        message, hint = message.partition(" (Possible")[0], "codemod COMMAND [OPTIONS]: options stand after the command"
    finding = Finding("usage", message, Weight.REFUSAL, hint=hint)
    return _fail(output, "plan", (finding,), USAGE)


def _kind(error: CodemodError) -> str:
    kinds = {PlanError: "plan", RepositoryError: "repository", Refused: "refused"}
    return next((name for kind, name in kinds.items() if isinstance(error, kind)), "refused")


def _fail(output: Output, kind: str, findings: Sequence[Finding], code: int) -> int:
    output.error(findings_block(findings))
    if output.json and not output.spoken:
        from codemod.report.documents import error_document

        output.document(error_document(kind, findings, code))
    return code


def _interrupted(output: Output) -> int:
    output.error([line(Span("interrupted", "warn"))])
    if output.json and not output.spoken:
        from codemod.report.documents import error_document

        output.document(error_document("interrupted", (), INTERRUPTED))
    return INTERRUPTED


def _bug(output: Output, error: BaseException) -> int:
    """An exception that nobody expected: a short message; the traceback goes to a file, or to stderr with -v."""
    import tempfile
    import traceback

    told = "".join(traceback.format_exception(error))
    where = "the traceback is above"
    if output.verbose:
        sys.stderr.write(told)
    else:
        with tempfile.NamedTemporaryFile("w", prefix="codemod-bug-", suffix=".txt", delete=False, encoding="utf-8",
                                         errors="backslashreplace") as file:  # fmt: skip
            file.write(f"codemod {__version__}, Python {sys.version}\n{told}")
        where = f"the traceback is in {file.name}"
    message = f"this is a bug of ours: {type(error).__name__}: {error}"
    finding = Finding("bug", message, Weight.REFUSAL, hint=f"{where}; please report it together with the plan")
    return _fail(output, "bug", (finding,), BUG)

"""The one adapter to git: argument lists in, bytes out, an environment of our own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from codemod.base.errors import CodemodError, Refused, RepositoryError
from codemod.base.findings import Finding, Weight
from codemod.base.patterns import lazy

# What `git rev-parse --local-env-vars` lists, but for configuration (CI systems hand it over that way), and what
# changes how paths and diffs are read: an outer git (a hook, an alias) sets these for its own repository, not for ours.
FOREIGN = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE", "GIT_INDEX_VERSION", "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE",
    "GIT_INTERNAL_SUPER_PREFIX", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_QUARANTINE_PATH",
)  # fmt: skip

# Nothing may prompt, and nothing may reach the network: a partial clone would fetch missing blobs by itself.
# What git says we read: it has to say it in English.
OURS = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_EDITOR": ":",
    "LC_ALL": "C", "LANGUAGE": "C",
}  # fmt: skip

SETTINGS = (
    "--literal-pathspecs",
    "--no-optional-locks",
    "-c",
    "core.quotePath=true",
    "-c",
    "i18n.commitEncoding=UTF-8",
)


def mismatch(code: str, message: str, hint: str = "") -> RepositoryError:
    """The repository is not as assumed: an error with one finding (exit 3)."""
    return RepositoryError(Finding(code, message, Weight.MISMATCH, hint=hint))


def decoded(raw: bytes) -> str:
    """A path or name as git gives it; bytes that are not UTF-8 survive the round trip."""
    return raw.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The inverse of `decoded`."""
    return text.encode("utf-8", "surrogateescape")


class GitError(RepositoryError):
    """A git command failed although nothing that we know of stood against it."""

    def __init__(self, command: tuple[str, ...], status: int, stderr: str) -> None:
        ended = f"ended by signal {-status}" if status < 0 else f"exit {status}"
        said = stderr.strip().removeprefix("fatal: ") or ended
        name = next((word for word in command if word != "-c" and "=" not in word), "")
        super().__init__(Finding("git-failed", f"git {name}: {said}", Weight.MISMATCH))
        self.status, self.stderr = status, stderr


VETO = lazy(r"aborted by (?:the reference-transaction )?hook")  # git 2.39, and later ones


def failure(command: tuple[str, ...], status: int, stderr: str) -> CodemodError:
    """The error of a command that failed: Refused where a reference-transaction hook of the user's says no."""
    if not VETO.search(stderr):
        return GitError(command, status, stderr)
    text = f"the reference-transaction hook says no to git {command[0]}\n{stderr.strip()}"
    return Refused(Finding("hook-veto", text, Weight.REFUSAL))


_MOVING: set[int] = set()  # process groups of commands that move refs, and of the user's hook that they run


def end_moving(number: signal.Signals) -> None:
    """Send a signal to the commands that move refs just now: a hook of the user's may hang there."""
    for group in tuple(_MOVING):
        with suppress(ProcessLookupError):
            os.killpg(group, number)


def _scrub() -> None:
    for name in FOREIGN:
        os.environ.pop(name, None)


class Pending:
    """A command that was started and fed, and goes on by itself."""

    __slots__ = ("_args", "_process", "_spool")

    def __init__(
        self, args: tuple[str, ...], process: subprocess.Popen[bytes], spool: IO[bytes] | None = None
    ) -> None:  # fmt: skip
        self._args, self._process, self._spool = args, process, spool

    def result(self) -> bytes:
        """Wait for it, once, and give stdout; raises as `Git.run` does."""
        out, err = self._process.communicate()
        if self._spool is not None:
            with self._spool as spool:
                spool.seek(0)
                out = spool.read()
        if self._process.returncode:
            raise failure(self._args, self._process.returncode, decoded(err))
        return out

    def end(self) -> None:
        """Nobody asks any more."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


def _feed(process: subprocess.Popen[bytes], pieces: Iterable[bytes]) -> None:
    assert process.stdin is not None
    try:
        for piece in pieces:
            process.stdin.write(piece)
    except BrokenPipeError:
        pass  # it has ended early, and says why


class Git:
    """git commands in one folder, each in a process group of its own so that Ctrl-C reaches us alone."""

    __slots__ = ("_ahead", "env", "folder")

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.env = dict(env or {})
        self._ahead: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}

    def with_env(self, **env: str) -> Git:
        """The same with more environment variables, such as GIT_INDEX_FILE."""
        return Git(self.folder, {**self.env, **env})

    def start(
        self, *args: str, own_group: bool = True, plain: bool = False, out: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        """Start a command with pipes on all three ends; `plain` for what runs the user's hooks: no settings of ours.

        With `out` it writes to that file instead.
        """
        _scrub()
        try:
            return subprocess.Popen(
                ["git", *(() if plain else SETTINGS), *args],
                cwd=self.folder,
                env={**os.environ, **({} if plain else OURS), **self.env},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if out is None else out,
                stderr=subprocess.PIPE,
                process_group=0 if own_group else None,
            )
        except FileNotFoundError:
            if not self.folder.is_dir():
                raise mismatch("no-repository", f"{self.folder} is not a folder") from None
            raise mismatch("git-missing", "git is not installed, or not on PATH") from None

    def configure(self, settings: Mapping[str, str]) -> None:
        """Write settings into the configuration of the repository in this folder, all at once."""
        _scrub()
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
        import git  # costs 80 ms; a process a setting would cost a rehearsal no less

        with git.Repo(self.folder).config_writer() as written:
            for name, value in settings.items():
                section, _, option = name.partition(".")
                written.set_value(section, option, value)

    def answer(
        self, *args: str, stdin: bytes = b"", own_group: bool = True, plain: bool = False
    ) -> tuple[int, bytes, str]:
        """Run to the end: (status, stdout, stderr).  One that a signal has ended has no answer: raises GitError."""
        process = self._ahead.pop(args, None) or self.start(*args, own_group=own_group, plain=plain)
        if own_group and args[0] == "update-ref":
            _MOVING.add(process.pid)
        try:
            out, err = process.communicate(stdin)
        except BaseException:
            if own_group:
                with suppress(ProcessLookupError):  # it has ended, and was waited for on Ctrl-C
                    os.killpg(process.pid, signal.SIGKILL)  # hooks that it has started, too
            else:
                process.kill()
            process.wait()
            raise
        finally:
            _MOVING.discard(process.pid)
        if process.returncode < 0:
            raise GitError(args, process.returncode, decoded(err))
        return process.returncode, out, decoded(err)

    def begin(self, *args: str, stdin: Iterable[bytes] = ()) -> Pending:
        """Start a command and feed it piece by piece; it must say little until it has read everything."""
        process = self.start(*args)
        pending = Pending(args, process)
        try:
            _feed(process, stdin)
        except BaseException:
            pending.end()
            raise
        return pending

    def ask(self, *args: str) -> Pending:
        """Start a command that needs no input, and keep what it says in a file until somebody wants to know."""
        import tempfile

        spool = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the answer
        return Pending(args, self.start(*args, out=spool), spool)

    @contextmanager
    def ahead(self, *commands: tuple[str, ...]) -> Iterator[None]:
        """Start commands without input side by side: within the block the next call of each takes its answer.

        They must say little until they are asked for.
        """
        fresh = [command for command in commands if command not in self._ahead]
        try:
            for command in fresh:
                self._ahead[command] = self.start(*command)
            yield
        finally:
            for command in fresh:
                unasked = self._ahead.pop(command, None)
                if unasked is not None:
                    Pending(command, unasked).end()

    def run(self, *args: str, stdin: bytes = b"") -> bytes:
        """Run to the end and give stdout; raises GitError, or Refused on the veto of a reference-transaction hook."""
        status, out, err = self.answer(*args, stdin=stdin)
        if status:
            raise failure(args, status, err)
        return out

    def text(self, *args: str, stdin: bytes = b"") -> str:
        """Stdout without its last newline."""
        return decoded(self.run(*args, stdin=stdin)).removesuffix("\n")

    def lookup(self, *args: str) -> str:
        """Stdout without its last newline; empty where the command says no."""
        status, out, _ = self.answer(*args)
        return "" if status else decoded(out).removesuffix("\n")

    def records(self, *args: str, stdin: bytes = b"") -> list[str]:
        """Stdout of a `-z` command, split at NUL."""
        return decoded(self.run(*args, stdin=stdin)).split("\0")[:-1]

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from codemod import __version__
from codemod.cli.main import main
from tests.cli.harness import Answer, codemod, environment, on_terminal

COMMANDS = (
    "check", "status", "diff", "rehearse", "run", "undo", "prove", "carry", "forecast", "sweep", "residue", "trace",
    "graph", "inspect", "explain", "schema",
)  # fmt: skip
Captured = pytest.CaptureFixture[str]


def inside(captured: Captured, *arguments: str) -> Answer:
    """Run a command line in this process: for what ends before any work begins."""
    code = main(arguments)
    said = captured.readouterr()
    return Answer(code, said.out, said.err)


def test_version() -> None:
    assert codemod("--version") == codemod("--version", cwd=Path("/"))
    assert codemod("--version").out == f"codemod {__version__}\n"


def test_version_loads_next_to_nothing() -> None:
    """Start-up below 0.4 s: counted in modules, since time depends on the machine."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "from codemod.cli.main import main\nmain(['--version'])\n"
        "print('\\n'.join(sorted({n.partition('.')[0] for n in set(sys.modules) - before})))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split()[2:])
    assert not loaded & {"typer", "rich", "pydantic", "yaml", "libcst", "git", "rope", "tomlkit", "click", "asyncio"}
    assert len(loaded) < 60


@pytest.mark.parametrize("command", ["explain", "status"])
def test_a_pipe_loads_no_rich(command: str) -> None:
    code = (
        "import sys\nfrom codemod.cli.main import main\n"
        f"main([{command!r}, 'import-cycle'])\n"
        "sys.exit('rich' in sys.modules or 'libcst' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stderr


def test_help_names_every_command_in_80_columns() -> None:
    answer = codemod("--help")
    assert answer.code == 0 and answer.err == ""
    assert [line.split()[0] for line in answer.out.partition("Commands:\n")[2].splitlines() if line] == list(COMMANDS)
    assert max(map(len, answer.out.splitlines())) <= 80
    assert "..." not in answer.out.partition("Commands:\n")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_examples_and_the_common_options(command: str, capfd: Captured) -> None:
    answer = inside(capfd, command, "--help")
    assert answer.code == 0 and answer.err == ""
    assert f"  Examples:\n    codemod {command}" in answer.out
    for option in ("--repo DIR", "--json", "--no-checks", "-q, --quiet", "-v, --verbose"):
        assert option in answer.out
    assert max(len(line) for line in answer.out.partition("Examples:")[0].splitlines()) <= 80
    assert "\x1b" not in answer.out


def test_without_a_command_the_help_is_shown() -> None:
    answer = codemod()
    assert answer.code == 2 and answer.out == "" and "Commands:" in answer.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rum",), "No such command 'rum'. Did you mean 'run'?"),
        (("chek", "x"), "Did you mean 'check'"),
        (("ponder", "HEAD"), "No such command 'ponder'."),
        (("run",), "Missing argument 'PLAN'."),
        (("run", "p", "--fix"), "No such option: --fix"),
        (("run", "p", "q"), "Got unexpected extra argument (q)"),
        (("check", "p", "q", "r"), "Got unexpected extra arguments (q r)"),
        (("run", "p", "--untracked", "eat"), "'eat' is not one of 'refuse', 'rewrite', 'leave'."),
        (("run", "p", "--assume", "so"), "'so' is not one of 'done', 'pending'."),
        (("run", "p"), "exactly one of --all, --next and --phase"),
        (("run", "p", "--all", "--next"), "exactly one of --all, --next and --phase"),
        (("run", "p", "--all", "--phase", "a"), "exactly one of --all, --next and --phase"),
        (("undo", "p"), "Missing option '--phase'."),
        (("--json", "run", "p"), "No such option: --json"),
    ],
)
def test_a_command_line_that_is_wrong(arguments: tuple[str, ...], message: str, capfd: Captured) -> None:
    answer = inside(capfd, *arguments)
    assert answer.code == 2
    assert message in answer.err and "Traceback" not in answer.err
    assert "hint: codemod" in answer.err
    if arguments[0].startswith("--"):
        assert "options stand after the command" in answer.err and "Possible" not in answer.err
    if "--json" not in arguments:
        assert answer.out == ""


def test_the_hint_of_a_wrong_command_line_names_the_command(capfd: Captured) -> None:
    assert "hint: codemod run --help" in inside(capfd, "run", "p", "--phase").err


def test_a_command_line_that_is_wrong_in_json() -> None:
    answer = codemod("run", "p", "--json", "--fix")
    assert answer.code == 2
    assert answer.json["exit"] == 2 and answer.json["error"]["kind"] == "plan"
    assert answer.json["error"]["findings"][0]["code"] == "usage"


def test_explain() -> None:
    answer = codemod("explain", "import-cycle")
    assert answer.code == 0 and answer.out.startswith("import-cycle: A circular import would appear\n")
    document = codemod("explain", "import-cycle", "--json").json
    assert [entry["code"] for entry in document["codes"]] == ["import-cycle"]
    assert set(document["codes"][0]) == {"code", "title", "text", "remedy"}


def test_explain_lists_every_code() -> None:
    from codemod.base.codes import REASONS

    answer = codemod("explain")
    assert [line.split()[0] for line in answer.out.splitlines()[1:]] == sorted(REASONS)
    assert len(codemod("explain", "--json").json["codes"]) == len(REASONS)


def test_explain_an_unknown_code() -> None:
    answer = codemod("explain", "import-cycl")
    assert answer.code == 2 and answer.out == ""
    assert "did you mean import-cycle" in answer.err


def test_schema_is_a_json_schema() -> None:
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]  # has no stubs in dev

    answer = codemod("schema")
    assert answer.code == 0 and answer.err == ""
    document = answer.json
    validator_for(document).check_schema(document)
    assert answer.out == codemod("schema", "--json").out


def test_completion_offers_commands_and_codes() -> None:
    def offered(words: str) -> list[str]:
        asked = {"_CODEMOD_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        return codemod_completion(asked).split()

    assert "rehearse" in offered("codemod re") and "residue" in offered("codemod re")
    assert "import-cycle" in offered("codemod explain im")


def codemod_completion(asked: dict[str, str]) -> str:
    code = "import sys; from codemod.cli.main import main; sys.exit(main([]))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(asked), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_show_completion() -> None:
    command = f"{sys.executable} -m codemod --show-completion; exit $?"  # it looks which shell it was started from
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "_codemod_completion" in answer.stdout


def test_colour_only_on_a_terminal() -> None:
    assert "\x1b[" not in codemod("explain").out
    assert "\x1b[" in on_terminal("explain").out
    assert "\x1b[" not in on_terminal("explain", env={"NO_COLOR": "1"}).out
    assert "\x1b[" not in on_terminal("explain", env={"TERM": "dumb"}).out
    assert "\x1b[" in codemod("explain", env={"FORCE_COLOR": "1"}).out
    assert "\x1b[" not in codemod("explain", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out
    assert "\x1b[" not in codemod("explain", env={"FORCE_COLOR": "0"}).out


def test_a_terminal_keeps_to_its_width_and_a_pipe_does_not_care() -> None:
    wide, narrow = codemod("explain", env={"COLUMNS": "200"}), codemod("explain", env={"COLUMNS": "40"})
    assert wide == narrow
    lines = on_terminal("explain", env={"NO_COLOR": "1"}, columns=40).out.splitlines()
    assert max(map(len, lines)) <= 40


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m codemod schema | head -c 10; echo exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], env=environment(), capture_output=True, text=True)
    assert done.stdout.endswith("exit 0\n") and done.stderr == ""


def test_an_unexpected_exception_is_a_short_message(tmp_path: Path) -> None:
    code = (
        "import sys, codemod.cli.app as app, codemod.cli.main as main\n"
        "def broken(*_): raise KeyError('x')\n"
        "app.build = broken\n"
        "sys.exit(main.main(sys.argv[1:]))"
    )

    def broken(*arguments: str) -> subprocess.CompletedProcess[str]:
        env = environment({"TMPDIR": str(tmp_path)})
        return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=env)

    quiet = broken("schema")
    assert quiet.returncode == 70 and quiet.stdout == "" and "Traceback" not in quiet.stderr
    assert "bug: this is a bug of ours: KeyError: 'x'" in quiet.stderr
    (kept,) = tmp_path.glob("codemod-bug-*.txt")
    assert str(kept) in quiet.stderr and "Traceback" in kept.read_text()
    assert "Traceback" in broken("schema", "-v").stderr
    document = json.loads(broken("schema", "--json").stdout)
    assert document["exit"] == 70 and document["error"]["kind"] == "bug"


@pytest.mark.parametrize(("error", "code"), [("KeyboardInterrupt()", 130), ("OSError(28, 'No space left')", 3)])
def test_what_is_nobodys_bug(error: str, code: int) -> None:
    program = (
        "import sys, codemod.cli.app as app, codemod.cli.main as main\n"
        f"def broken(*_): raise {error}\n"
        "app.build = broken\n"
        "sys.exit(main.main(['schema', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment())
    assert done.returncode == json.loads(done.stdout)["exit"] == code
    assert "Traceback" not in done.stderr


def test_the_command_that_is_asked_for_is_imported_alone() -> None:
    code = (
        "import sys; from codemod.cli.main import main; main(['explain', 'import-cycle'])\n"
        "sys.exit('codemod.cli.explain' not in sys.modules or 'codemod.cli.sweep' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert done.returncode == 0, done.stderr

"""Every reason code: what it means and what to do about it (`codemod explain CODE`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """The explanation of a reason code."""

    title: str
    text: str  # what it means and why we stop or tell
    remedy: str  # the smallest change that helps


REASONS: dict[str, Reason] = {
    "barrel-module-is-script": Reason(
        "A module runs as a program",
        "It ends in a main guard. Imported by the barrel it would be loaded twice when somebody runs it with "
        "-m, so the barrel leaves it out.",
        "Nothing; or name what shall be exported in the plan to force it.",
    ),
    "barrel-name-clash": Reason(
        "Two modules define the same public name",
        "Exporting one of them silently would change what the name means, so the barrel leaves it out.",
        "Name module.name in the plan to choose one, or rename one of the two.",
    ),
    "barrel-name-conditional": Reason(
        "A name may not be there",
        "The module binds it in a branch, a loop or a try block only. A barrel that imports it would fail "
        "where that branch is not taken.",
        "Name it in the plan to force it, or define it on every way through the module.",
    ),
    "barrel-name-is-submodule": Reason(
        "A name is also a submodule of the package",
        "Exported, it would hide the submodule: `package.name` and strings that patch it would reach the "
        "object instead.",
        "Name it in the plan to force it, or rename the module.",
    ),
    "barrel-name-missing": Reason(
        "The plan forces a name that no module defines",
        "The list beside the barrel names something that none of its modules offers.",
        "Correct the name or take it out of the list.",
    ),
    "barrel-name-taken": Reason(
        "Another thing of that name is in the way",
        "The package's own code, or a file that star-imports the package, means something else by the name.",
        "Rename one of the two, or let the caller import from the module itself.",
    ),
    "barrel-not-a-package": Reason(
        "A barrel is asked for a module",
        "Only a package has an `__init__` that can export what its modules define.",
        "Name the package that holds the module.",
    ),
    "bug": Reason(
        "A bug of ours",
        "An invariant of ours does not hold, or something was raised that nobody expected (exit 70).",
        "Report it with the traceback, which is in the file that the message names, and with the plan.",
    ),
    "import-cycle": Reason(
        "A circular import would appear",
        "Replaying the top-level statements of the changed modules, a name is asked of a module that is still being "
        "imported and has not bound it yet. The same start worked before the phase.",
        "Leave one of the modules out of the barrel or the move, or move the two modules together.",
    ),
    "link-broken": Reason(
        "An import would no longer resolve",
        "An internal import or a name behind it resolved before the phase and does not after it.",
        "Move the name along, or report it: the engine should have rewritten this reference.",
    ),
    "plan-conflict": Reason(
        "The plan contradicts itself",
        "Each part reads well, but two of them cannot both be meant: a source listed twice, an id that is taken, a "
        "phase that depends on a later one.",
        "Keep one of the two; the message names both places.",
    ),
    "plan-key": Reason(
        "The plan has a key that means nothing here, or lacks one",
        "Unknown keys are errors, so that a misspelled setting is never silently ignored.",
        "Use the key that the message offers; `codemod schema` gives editors what each mapping may hold.",
    ),
    "plan-syntax": Reason(
        "The plan file cannot be read",
        "The file is not UTF-8, not YAML, more than one document, or uses what plans do not use: tags, merge keys, the "
        "same key twice.",
        "Correct the file at the place that the message names; quote texts that begin with a special character.",
    ),
    "plan-value": Reason(
        "The plan has a value that does not fit its key",
        "A number, a name, a path or a choice was expected and something else is written.",
        "Correct the value; docs/plan.md lists what each key takes.",
    ),
    "source-missing": Reason(
        "The source is not there",
        "The plan names a module, package or top-level name that this repository does not have.",
        "Correct the name; the message offers the nearest ones that exist.",
    ),
    "syntax-left-alone": Reason(
        "A file does not parse and was left alone",
        "The file may hold references, but it is not Python that we can read, so nothing in it was changed.",
        "Repair the file and run the phase again: it rewrites just what is left.",
    ),
    "system-refused": Reason(
        "The operating system said no",
        "A disk is full or read-only, a file or folder may not be read or written, or too many files are open.",
        "Make room or give access, and run the command again: nothing is half-done.",
    ),
    "target-taken": Reason(
        "The target exists already",
        "Another module or name stands where the plan wants to put this one.",
        "Choose another target, or move what stands there in the same phase.",
    ),
    "unknown-code": Reason(
        "There is no such reason code",
        "`codemod explain` knows every code that a message can carry, and this is none of them.",
        "Run `codemod explain` for the list.",
    ),
    "unsupported-system": Reason(
        "Not on this operating system",
        "codemod is made for and tested on Linux and macOS.",
        "Run it there, in a container, or under WSL.",
    ),
    "usage": Reason(
        "The command line is wrong",
        "An option or argument is missing, unknown, or does not go with the others.",
        "`codemod COMMAND --help` shows what a command takes, with examples.",
    ),
}

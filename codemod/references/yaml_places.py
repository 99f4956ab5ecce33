"""What the keys of YAML files hold: command lines, environment variables, mounts, paths, names, or nothing of ours."""

from __future__ import annotations

from enum import Enum

from .keys import Key, Leaves, Paths, normal
from .phrases import FOLDERS, NAMES, Holds
from .places import value_holds


class Role(Enum):
    """What is more than a name or a path."""

    SCRIPT = "script"  # command lines
    WORDS = "words"  # one command, a list of its words
    VARIABLE = "variable"  # the value of an environment variable, which the last key names
    MOUNT = "mount"  # source:target:mode


_VARIABLES = "environment env variables envs env-vars env-variables envvars vars build-args globalenv"

_LEAVES = Leaves[Role | Holds]((
    ("command commands entrypoint args arguments entry test exec *command", Role.WORDS),
    ("run script scripts before-script after-script cmd cmds shell bash sh", Role.SCRIPT),
    ("*-script *-cmd *-args *-arguments *-options *-flags options flags addopts", Role.SCRIPT),
    (_VARIABLES, Role.VARIABLE),
    ("volumes volume", Role.MOUNT),
    ("if key", Holds.PATHS | Holds.CERTAIN),
    ("image images container-name hostname domainname id repo repository rev ref label labels runs-on", Holds.NOTHING),
    ("restore-keys registry tags networks links depends-on needs extra-hosts about maintainer summary", Holds.NOTHING),
    ("group concurrency branches branches-ignore stage stages kind apiversion annotations secrets", Holds.NOTHING),
    ("secret cron schedule types language language-version additional-dependencies channels", Holds.NOTHING),
    ("packages requirements names displayname operation-id-prefix example examples pattern color", Holds.NOTHING),
    (
        "paths paths-ignore changes file files include exclude path directory directories dir folder",
        FOLDERS | Holds.WHOLE,
    ),
    ("dockerfile context workdir working-directory working-dir workingdirectory workingdir chdir", FOLDERS),
    (
        "src source sources ignore ignores omit artifacts hooks watch watchdog env-file config-file",
        FOLDERS | Holds.WHOLE,
    ),
    ("cache-dependency-path key-files any-glob-to-any-file any-glob-to-all-files all-globs-to-any-file", FOLDERS),
    ("all-globs-to-all-files script-location filename files-ignore *-path *-paths *-dir *-file *-files", FOLDERS),
    ("*-folder *-glob *-globs codeuri artifact-paths exclude-paths include-paths source-dir program", FOLDERS),
    (
        "handler class -target- operationid x-openapi-router-controller entry-point",
        Holds.WHOLE | Holds.PATHS | Holds.CERTAIN,
    ),
    ("django-settings-module settings-module module-name package-name python-module", NAMES),
))  # fmt: skip
"""Last keys; what stands further up is asked first."""

_ABOVE = Paths[Role | Holds]((
    ("** build args *", Role.VARIABLE),
    ("services * build", FOLDERS),
    ("** metadata **", Holds.NOTHING),
    ("** labels **", Holds.NOTHING),
    ("** annotations **", Holds.NOTHING),
    ("** docker *", Holds.NOTHING),
    ("on push tags", Holds.NOTHING),
    ("stages * deps", FOLDERS | Holds.WHOLE),  # of DVC
    ("jobs * strategy matrix os", Holds.NOTHING),
))  # fmt: skip

_EXEC = frozenset({"command", "entrypoint", "args", "arguments", "test", "exec", "entry", "cmd"})


def role_of(key: Key) -> Role | Holds:
    """What the value under a key path holds."""
    path = normal(key)
    known = _ABOVE.get(path)
    if known is not None:
        return known
    front, _, leaf = path.rpartition("\n")
    if front.rpartition("\n")[2] in _VARIABLES.split():
        return Role.VARIABLE
    known = _LEAVES.get(leaf)
    if known is not None:
        return known
    return value_holds(key)


def is_exec(key: Key) -> bool:
    """True where a list is one command, word by word, and not a list of commands."""
    leaf = key[-1].lower() if key else ""
    return leaf in _EXEC or (leaf.endswith("command") and leaf != "command")

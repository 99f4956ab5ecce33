"""What well-known programs take on their command line, and what environment variables hold."""

from __future__ import annotations

import re

from codemod.base.patterns import lazy

from .phrases import COMMAND, FOLDERS, Holds

PYTHON = lazy(r"(?:python|pypy)[\d.]*t?(?:\.exe)?")

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ash", "ksh"})

SERVERS = frozenset({
    "uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "arq", "waitress-serve", "dramatiq", "taskiq",
    "huey_consumer", "huey_consumer.py", "pydeps", "pdoc", "stubtest", "unittest", "doctest",
})  # fmt: skip
"""Programs whose arguments are modules, or names in them."""

PRINTING = frozenset({"echo", "printf", "logger", "say", "notify-send"})
"""Programs whose arguments are for people."""

TEXTUAL = PRINTING | frozenset({
    "git", "gh", "hg", "sed", "awk", "gawk", "perl", "ruby", "grep", "egrep", "rg", "ack", "jq", "yq", "mail", "psql",
    "mysql", "sqlite3", "read", "trap", "alias", "date", "curl", "wget", "http",
})  # fmt: skip
"""Programs whose quoted arguments are texts, patterns or another language, not command lines."""

INSTALLERS = frozenset({
    "pip", "pip3", "pipx", "apt", "apt-get", "apk", "yum", "dnf", "brew", "conda", "mamba", "npm", "yarn", "pnpm",
})  # fmt: skip

NAMES_WITH_SLASHES = frozenset({
    "docker", "docker-compose", "podman", "buildah", "skopeo", "nerdctl", "kubectl", "helm", "crane", "git", "gh",
    "heroku", "npm", "yarn", "aws", "gcloud", "az",
})  # fmt: skip
"""Programs among whose arguments are images, branches and resources, written like folders."""

KEYWORDS = frozenset({
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "exec", "sudo", "nohup", "command", "env",
    "eval", "xargs", "nice", "set", "export",
})  # fmt: skip
"""Words in front of the program that runs."""

_CHECKERS = frozenset({
    "ruff", "black", "isort", "flake8", "mypy", "pylint", "pytest", "bandit", "pyright", "basedpyright", "pyrefly",
    "vulture", "radon", "pydocstyle", "interrogate", "autoflake", "autopep8", "yapf", "pyupgrade", "codespell",
    "sphinx-apidoc", "sphinx-build", "streamlit", "fastapi", "watchfiles", "watchmedo", "coverage", "semgrep",
})  # fmt: skip

TAKES_PATHS = _CHECKERS | frozenset({
    "cd", "pushd", "ls", "cp", "mv", "rm", "cat", "chmod", "chown", "find", "tar", "zip", "rsync", "du", "wc", "head",
    "tail", "diff", "source", ".", "touch", "ln", "tree", "test", "[", "[[", "ty", "mkdir",
})  # fmt: skip
"""Programs whose arguments are files and folders, so that one segment is enough to be one."""

MODES = frozenset({"chown", "chgrp", "chmod"})
"""Programs whose first argument says what becomes of the files behind it, such as whose they are."""

_RUNNERS = frozenset({"kernprof", "viztracer", "scalene", "debugpy", "accelerate", "torchrun", "memray", "cProfile"})

_MODULE, _FOLDER = "module", "folder"

_OPTIONS: dict[str, dict[str, str]] = {
    "python": {"-m": _MODULE, "-c": "code", "-W": "skip", "-X": "skip"},
    "coverage": {"-m": _MODULE, "--module": _MODULE, "--source": _MODULE, "--include": _FOLDER, "--omit": _FOLDER},
    "pytest": {
        "-p": _MODULE, "--pyargs": _MODULE, "--ds": _MODULE, "--cov": _MODULE, "--ignore": _FOLDER,
        "--deselect": _FOLDER, "--rootdir": _FOLDER, "--confcutdir": _FOLDER, "-m": "skip", "-k": "skip",
    },
    "mypy": {"-m": _MODULE, "--module": _MODULE, "-p": _MODULE, "--package": _MODULE},
    "stubgen": {"-m": _MODULE, "--module": _MODULE, "-p": _MODULE, "--package": _MODULE},
    "celery": {"-A": _MODULE, "--app": _MODULE, "-I": _MODULE, "--include": _MODULE, "--config": _MODULE},
    "faust": {"-A": _MODULE, "--app": _MODULE},
    "flask": {"-A": _MODULE, "--app": _MODULE},
    "quart": {"--app": _MODULE},
    "litestar": {"--app": _MODULE, "--app-dir": _FOLDER},
    "django-admin": {"--settings": _MODULE},
    "manage.py": {"--settings": _MODULE},
    "uvicorn": {"--app-dir": _FOLDER, "--reload-dir": _FOLDER, "--log-config": _FOLDER, "--host": "skip"},
    "gunicorn": {"-c": _MODULE, "--config": _MODULE, "-k": _MODULE, "--worker-class": _MODULE,
                 "--logger-class": _MODULE, "--chdir": _FOLDER, "-n": "skip", "--name": "skip", "-b": "skip",
                 "--bind": "skip"},
    "arq": {"--watch": _FOLDER, "--custom-log-dict": _MODULE},
    "dramatiq": {"--watch": _FOLDER, "-Q": "skip", "--queues": "skip"},
    "rq": {"-c": _MODULE, "--config": _MODULE, "-w": _MODULE, "--worker-class": _MODULE},
    "torchrun": {"-m": _MODULE},
    "debugpy": {"-m": _MODULE},
    "pdb": {"-m": _MODULE},
    "kernprof": {"-m": _MODULE},
    "cProfile": {"-m": _MODULE},
    "memray": {"-m": _MODULE},
    "viztracer": {"-m": _MODULE},
}  # fmt: skip
"""What the options of a program want: a module, a folder or file, code, or something of their own."""

_KNOWN = SERVERS | _CHECKERS | SHELLS | INSTALLERS | _RUNNERS | frozenset(_OPTIONS)

_NOT_OURS = lazy(
    r"(?:^|_)(?:HOSTS?|HOSTNAME|URLS?|URI|DSN|DOMAINS?|EMAILS?|MAIL|FROM|SENDER|USER|USERNAME|PASSWORD|SECRET|TOKEN|KEY"
    r"|IMAGE|REGISTRY|TAG|VERSION|BUCKET|QUEUE|TOPIC|NAME|TITLE|DESCRIPTION|REGION|PORT|LANG|LC_ALL|LABEL)$",
    re.IGNORECASE,
)
_ONE_NAME = lazy(
    r"(?:^|_)(?:SETTINGS_MODULE|APP_MODULE|MODULES?|FLASK_APP|QUART_APP|CELERY_APP|UVICORN_APP|LITESTAR_APP|URLCONF"
    r"|WSGI_APP|ASGI_APP|PLUGINS)$",
    re.IGNORECASE,
)
_FOLDERS = lazy(r"(?:PATH|DIR|DIRS|FOLDER|FILE|FILES|SCRIPT|ROOT|SRC|SOURCES?)$", re.IGNORECASE)
_HERE = lazy(r"(?:ROOT|DIR|PWD|CURDIR|HERE|BASE|REPO|PROJECT|WORKSPACE|TOP)$", re.IGNORECASE)


def is_here(variable: str) -> bool:
    """True for a variable that, by its name, holds the top of the repository or the script's own folder."""
    return not variable or _HERE.search(variable) is not None


def program_of(name: str) -> str:
    """What a program is called here: every Python is `python`."""
    return "python" if PYTHON.fullmatch(name) else "pytest" if name == "py.test" else name


def is_known(program: str) -> bool:
    """True for a program that may stand behind another one: `poetry run pytest`."""
    return program in _KNOWN


def option_wants(program: str, name: str) -> str:
    """What an option's argument is: `module`, `folder`, `code`, `script`, `skip`, or "" when nobody told us."""
    if program in SHELLS:
        return "script" if re.fullmatch(r"-[a-z]*c", name) else ""
    return _OPTIONS.get(program, {}).get(name, "")


def is_line(text: str) -> bool:
    """True for a text of several words that is options, a command line, or a list of names and paths: no sentence."""
    words = [word for word in text.partition(" #")[0].split() if word != "\\"]
    if not words:
        return False
    first = program_of(words[0].rpartition("/")[2])
    return (
        first in KEYWORDS | PRINTING | TAKES_PATHS
        or is_known(first)
        or words[0].endswith((".py", ".sh"))
        or "$(" in text
        or any((word.startswith("-") and len(word) > 1) or word in ("&&", "||", "|") for word in words)
        or all("." in word.strip(".,") or "/" in word for word in words)
    )


def variable_holds(name: str) -> Holds:
    """What an environment variable of this name holds."""
    if _NOT_OURS.search(name):
        return Holds.NOTHING
    if _ONE_NAME.search(name):
        return COMMAND | Holds.WHOLE | Holds.SINGLE
    return COMMAND | Holds.WHOLE | FOLDERS if _FOLDERS.search(name) else COMMAND | Holds.WHOLE

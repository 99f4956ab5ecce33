"""What the keys of well-known configuration files hold: names, paths, command lines, or nothing of ours."""

from __future__ import annotations

from .keys import Key, Leaves, Paths, normal
from .phrases import COMMAND, FOLDERS, LINE, NAMES, OPTIONS, WARNINGS, Holds

UNKNOWN = Holds.WHOLE | Holds.PATHS
"""A setting that nobody told us about: a name or path that fits exactly, and a human looks at it."""

_FOLDERS = FOLDERS | Holds.WHOLE
_TELLING = UNKNOWN | Holds.CERTAIN

_PLACES = Paths[Holds]((
    # packaging
    ("project scripts *", NAMES),
    ("project gui-scripts *", NAMES),
    ("project entry-points * *", NAMES),
    ("project **", Holds.NOTHING),
    ("build-system build-backend", NAMES),
    ("build-system backend-path", FOLDERS),
    ("build-system **", Holds.NOTHING),
    ("dependency-groups **", Holds.NOTHING),
    ("metadata version", COMMAND | Holds.WHOLE),  # setup.cfg: `attr: app.__version__`
    ("metadata **", Holds.NOTHING),
    ("tool setuptools packages", NAMES),
    ("tool setuptools py-modules", NAMES),
    ("tool setuptools packages find where", FOLDERS),
    ("tool setuptools packages find *", NAMES),
    ("tool setuptools package-dir **", FOLDERS),
    ("tool setuptools dynamic * attr", NAMES),
    ("tool setuptools cmdclass *", NAMES),
    ("tool setuptools package-data **", Holds.NOTHING),
    ("tool setuptools exclude-package-data **", Holds.NOTHING),
    ("tool poetry scripts **", NAMES),
    ("tool poetry plugins **", NAMES),
    ("tool poetry packages *", NAMES | FOLDERS),
    ("tool poetry include **", FOLDERS),
    ("tool poetry exclude **", FOLDERS),
    ("tool poetry build **", FOLDERS),
    ("tool poetry **", Holds.NOTHING),
    ("tool flit module name", NAMES),
    ("tool flit scripts *", NAMES),
    ("tool flit entrypoints * *", NAMES),
    ("tool flit metadata **", Holds.NOTHING),
    ("tool uv build-backend module-name", NAMES),
    ("tool uv build-backend *", FOLDERS),
    ("tool uv workspace *", FOLDERS),
    ("tool uv **", Holds.NOTHING),
    ("tool hatch envs ** dependencies", Holds.NOTHING),
    ("tool hatch envs ** scripts **", LINE),
    ("tool hatch envs **", COMMAND),
    ("tool hatch ** packages", FOLDERS),
    ("tool towncrier package", NAMES),
    # linters and type checkers
    ("tool ruff ** banned-api **", Holds.NOTHING),
    ("tool ruff ** per-file-ignores **", Holds.NOTHING),
    ("tool ruff ** extend-per-file-ignores **", Holds.NOTHING),
    ("tool ruff ** isort sections *", NAMES),
    ("tool flake8 per-file-ignores", FOLDERS),
    ("tool flake8 application-import-names", NAMES),
    ("tool flake8 extension", NAMES),
    ("tool mypy overrides module", NAMES),
    ("tool mypy modules", NAMES),
    ("tool mypy packages", NAMES),
    ("tool mypy plugins", NAMES | Holds.PATHS),
    ("tool importlinter root-package*", NAMES),
    ("tool importlinter contract-types", NAMES),
    ("tool importlinter ** name", Holds.NOTHING),
    ("tool importlinter ** id", Holds.NOTHING),
    ("tool importlinter ** type", Holds.NOTHING),
    ("tool importlinter **", Holds.WORDS | Holds.CERTAIN),
    ("tool tach **", NAMES | Holds.PATHS),
    # tests
    ("tool coverage run source*", NAMES | Holds.PATHS),
    ("tool coverage run plugins", NAMES),
    ("tool coverage run dynamic-context", Holds.NOTHING),
    ("tool coverage report *", FOLDERS),
    ("tool coverage paths *", FOLDERS),
    ("tool pytest ini-options filterwarnings", WARNINGS),
    ("tool pytest ini-options django-settings-module", NAMES),
    ("tool tox ** deps", Holds.NOTHING),
    ("tool tox ** description", Holds.NOTHING),
    ("tool tox ** commands*", LINE),
    ("tool tox ** changedir", FOLDERS),
    ("tool tox ** change-dir", FOLDERS),
    ("tool tox **", COMMAND),
    ("tool poe tasks ** help", Holds.NOTHING),
    ("tool poe tasks **", LINE),
    ("tool taskipy tasks **", LINE),
    ("tool pdm scripts **", LINE),
    ("tool pixi ** tasks **", LINE),
    ("tool bandit targets", FOLDERS),
    ("scripts *", LINE),
    ("processes *", LINE),
    ("sonar *clusions", FOLDERS),
    ("sonar *.sources", FOLDERS),
    ("sonar *.tests", FOLDERS),
    ("sonar *path", FOLDERS),
    ("sonar *paths", FOLDERS),
    ("sonar *resourcekey", FOLDERS),
    ("sonar **", Holds.NOTHING),  # `sonar.projectKey` is what the project is known by
    # services
    ("tool alembic sqlalchemy.url", Holds.NOTHING),
    ("tool alembic script-location", NAMES | FOLDERS),
    ("supervisor command", LINE),
    ("supervisor environment", COMMAND | Holds.WHOLE),
    ("supervisor directory", FOLDERS),
    ("supervisor **", Holds.NOTHING),
    ("systemd exec*", LINE),
    ("systemd environment", COMMAND | Holds.WHOLE),
    ("systemd *directory", FOLDERS),
    ("systemd environmentfile", FOLDERS),
    ("systemd **", Holds.NOTHING),
))  # fmt: skip

_LEAVES = Leaves[Holds]((
    ("description message msg help title summary comment text prompt label name version date tag", Holds.NOTHING),
    ("author authors maintainers email mail user username password secret token", Holds.NOTHING),
    ("url urls host hosts hostname domain domains homepage repository image index", Holds.NOTHING),
    ("license readme keywords classifiers requires *-requires *dependencies *constraints deps extras", Holds.NOTHING),
    ("required-plugins", Holds.NOTHING),
    ("known-* *settings-module ignored-modules load-plugins *-plugins", NAMES),
    ("addopts", OPTIONS),
    ("command commands *-command *-commands commands-pre commands-post cmd shell run exec entrypoint script", LINE),
    ("setenv set-env", COMMAND),
    ("version-file write-to", FOLDERS | Holds.MADE),
    ("testpaths src src-paths source-root source-roots where files omit path paths pythonpath mypy-path", _FOLDERS),
    ("*include *exclude exclude-dirs norecursedirs skip skip-glob strict", _FOLDERS),
    ("filename directory version-files version-locations", _FOLDERS),
    ("qualname", Holds.LOGGER),
    ("app apps module modules plugin plugins task tasks router routers hook hooks import callable", _TELLING),
    ("*middleware *middlewares *backend *backends *handler *handlers *application *factory", _TELLING),
    ("*urlconf *wsgi *asgi class classes target loader loaders processor processors func function ()", _TELLING),
))  # fmt: skip

_KEYS = Paths[Holds]((
    ("tool ruff ** banned-api *", Holds.NOTHING),
    ("** per-file-ignores *", FOLDERS),
    ("** extend-per-file-ignores *", FOLDERS),
    ("** per-file-target-version *", FOLDERS),
    ("** force-include *", FOLDERS),
    ("tool setuptools package-data *", NAMES),
    ("tool setuptools exclude-package-data *", NAMES),
    ("tool setuptools package-dir *", NAMES),
    ("tool ruff ** aliases *", NAMES),
    ("** loggers *", Holds.LOGGER),
    ("**", Holds.PATHS | Holds.CERTAIN),
))  # fmt: skip


def value_holds(key: Key) -> Holds:
    """What the value under a key path holds; the path is that of pyproject.toml, whatever file it comes from."""
    path = normal(key)
    known = _PLACES.get(path)
    if known is not None:
        return known
    leaf = path.rpartition("\n")[2]
    known = _LEAVES.get(leaf)
    return UNKNOWN if known is None else known


def key_holds(key: Key) -> Holds:
    """What the last key of a key path holds itself."""
    return _KEYS.get(normal(key)) or Holds.NOTHING

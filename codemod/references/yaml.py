"""YAML, and JSON that starts programs: which files are read, and what is looked at in them at all."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit

from .needles import Needles
from .view import View

_LOCKED = lazy(r"(?i)(?:.*[-.])?lock\.ya?ml")
_JSON = frozenset({"package.json", "pyrightconfig.json", "devcontainer.json", ".devcontainer.json"})
_SETTINGS = lazy(r"(?i)(?:.*[._-])?(?:logging|log|settings|conf|config|configuration)(?:[._-].*)?\.json")
_NO_YAML = lazy(rb"(?m)^[ \t]*(?://[^\r\n]*|\t+)")


class Yaml:
    """Names and paths in YAML."""

    name = "yaml"

    def claims(self, path: str) -> bool:
        """True for `*.yaml` and `*.yml` that no package manager writes, and for JSON that holds settings."""
        return _is_json(path) or (path.endswith((".yaml", ".yml")) and not _LOCKED.fullmatch(posixpath.basename(path)))

    def find(self, path: str, data: bytes, view: View) -> Iterator[Edit]:
        """The edits to a YAML file; none where it is not valid, whatever a template fills in, or a plan of ours."""
        try:
            text = (_plain_json(data) if _is_json(path) else data).decode("utf-8")
        except UnicodeDecodeError:
            return
        if Needles.of(view).found(text):
            from .yaml_document import document_edits  # loads YAML, which few files need

            yield from document_edits(text, view)


def _is_json(path: str) -> bool:
    """True for settings: of an editor or a container for it, `package.json`, `logging.json` and what is called so.

    Any other JSON is data, of which nobody can tell who reads it; what it spells is reported.
    """
    if not path.endswith(".json"):
        return False
    folder, name = posixpath.split(path)
    above = posixpath.basename(folder)
    return name in _JSON or above in (".vscode", ".devcontainer") or _SETTINGS.fullmatch(name) is not None


def _plain_json(data: bytes) -> bytes:
    """JSON without lines of comments and without tabs in front, which YAML does not know; as many bytes."""
    return _NO_YAML.sub(lambda found: b" " * len(found.group()), data)

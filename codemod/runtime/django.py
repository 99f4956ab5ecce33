"""Django: the label of an app, which is in the names of its tables, its migrations, content types and permissions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Place
from codemod.base.values import dataclass
from codemod.rewrite.outcome import OwnName

from .kind import Moved, RuntimeName, Survey, dotted, literal
from .made import made
from .naming import with_statement

_LOST = "its tables, migrations, content types and permissions bear the old one"


@dataclass(frozen=True, slots=True)
class Django:
    """Apps whose label changes with their package's name, and models that go to another app."""

    name: str = "django"
    code: str = "runtime-django"

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """The labels that change."""
        apps = dict(_apps(survey)) if survey.moved else {}
        for package, (path, config) in sorted(apps.items()):
            new = survey.intent.module(package)
            old_label, new_label = names.last(package), names.last(new)
            if old_label == new_label or (config is not None and _assigned(config, "label") is not None):
                continue
            told = f"the Django app label {old_label}"
            moved = next((one for one in survey.moved if one.path == path), None)
            if config is None or moved is None:
                text = _APPS.format(name=new, label=old_label, title=_title(old_label))
                made_path = f"{survey.before.modules.get(package).folder}/apps.py"  # type: ignore[union-attr]
                creates = () if path else ((made_path, text.encode()),)
                place = Place(path or made_path.replace("apps.py", "__init__.py"))
                yield RuntimeName(place, told, new_label, _LOST, creates=creates)
                continue
            after = _assigned(config, "name") or config.body[0]
            edit = with_statement(moved, after, b"label = " + moved.quoted(old_label), f"the label stays {old_label}")
            yield RuntimeName(moved.place(after), told, new_label, _LOST, (edit,))
        for moved in survey.moved:
            if apps and moved.holds(b"Model"):
                yield from _models(survey, moved, apps)

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """`label = "..."` in an AppConfig."""
        for node in moved.tree.body if moved.holds(b"AppConfig") else ():
            statement = _assigned(node, "label") if isinstance(node, ast.ClassDef) else None
            if statement is not None:
                yield OwnName(moved.path, statement.lineno)


Apps = dict[str, tuple[str, ast.ClassDef | None]]

_APPS = """\
from django.apps import AppConfig


class {title}Config(AppConfig):
    name = "{name}"
    label = "{label}"
"""


def _title(label: str) -> str:
    return "".join(part.capitalize() for part in label.split("_"))


def _apps(survey: Survey) -> Iterator[tuple[str, tuple[str, ast.ClassDef | None]]]:
    """Package -> (the file of its AppConfig, the class), of every package that is a Django app."""
    modules = survey.before.modules
    for module in modules:
        if names.last(module.name) == "apps" and module.path and module.name.count("."):
            package = names.parent(module.name)
            configs = list(_configs(survey, module.path, package))
            if configs:
                yield package, (module.path, configs[0] if len(configs) == 1 else None)
        elif names.last(module.name) == "migrations" and module.is_package:
            package = names.parent(module.name)
            if package and names.join(package, "models") in modules and names.join(package, "apps") not in modules:
                yield package, ("", None)


def _configs(survey: Survey, path: str, package: str) -> Iterator[ast.ClassDef]:
    data = survey.before.tree.read(path)
    module = survey.before.modules.at(path)
    if b"AppConfig" not in data or module is None:
        return
    for node in Moved(module, path, data, survey.intent).tree.body:
        if isinstance(node, ast.ClassDef) and any(dotted(base).endswith("AppConfig") for base in node.bases):
            value = _assigned(node, "name")
            if value is not None and literal(value.value) in ("", package):
                yield node


def _assigned(node: ast.ClassDef, name: str) -> ast.Assign | ast.AnnAssign | None:
    """The statement of a class that binds a name."""
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else (
            [statement.target] if isinstance(statement, ast.AnnAssign) and statement.value is not None else []
        )  # fmt: skip
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and any(dotted(target) == name for target in targets):
            return statement
    return None


def _label(apps: Apps, package: str) -> str:
    config = apps[package][1]
    given = _assigned(config, "label") if config is not None else None
    return literal(given.value) if given is not None else names.last(package)


def _models(survey: Survey, moved: Moved, apps: Apps) -> Iterator[RuntimeName]:
    """Models of a file that belong to another app after the phase."""
    home = names.longest_prefix(moved.module.name, dict.fromkeys(apps, ""))
    after = {survey.intent.module(package): package for package in apps}
    for node in moved.tree.body if home is not None else ():
        if not isinstance(node, ast.ClassDef) or not _is_model(survey, moved, node):
            continue
        new_home = names.longest_prefix(moved.home(node.name)[0], dict.fromkeys(after, ""))
        if home is None or (new_home is not None and after[new_home] == home):
            continue
        label = _label(apps, home)
        other = _label(apps, after[new_home]) if new_home is not None else "no app"
        meta = next((one for one in node.body if isinstance(one, ast.ClassDef) and one.name == "Meta"), None)
        if other == label or (meta is not None and any(_assigned(meta, n) for n in ("abstract", "app_label"))):
            continue
        line = b"app_label = " + moved.quoted(label)
        reason = f"the model stays in the app {label}"
        if meta is not None:
            edit = with_statement(moved, meta.body[-1], line, reason)
        else:
            edit = with_statement(moved, node.body[-1], b"\nclass Meta:\n    " + line, reason)
        yield RuntimeName(moved.place(node), f"the model {label}.{node.name}", f"one of {other}", _LOST, (edit,))


def _is_model(survey: Survey, moved: Moved, node: ast.ClassDef) -> bool:
    """True for a class whose bases lead to Django's."""
    return any(made(survey.before, moved.module, base).startswith("django.") for base in node.bases)

"""What the libraries themselves say of names before a phase, after it, and after one that pins them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from codemod.plan.load import load
from codemod.source.tree import Tree
from tests.kit import run

Files = Mapping[str, str]


def phase(do: str, pin: str = "") -> str:
    pins = f"pin: [{pin}], " if pin else ""
    return f"version: 1\nname: case\nphases:\n  - {{id: one, {pins}do: [{do}]}}\n"


def after(files: Files, plan: str) -> Tree:
    result = run(load(plan.encode(), "plan.yaml"), Tree.of({path: text.encode() for path, text in files.items()}))
    assert not any(outcome.refused for outcome in result.outcomes), result.outcomes[-1].findings
    return result.after


def said(tree: Tree, folder: Path, code: str, fails: bool = False) -> str:
    for path in tree:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(tree.read(path))
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return (done.stdout + done.stderr).strip()


# -- Celery

CELERY = {
    "app/__init__.py": "",
    "app/worker.py": "from celery import Celery\n\napp = Celery('app', set_as_current=True)\n",
    "app/tasks.py": "from celery import shared_task\n\nfrom app.worker import app\n\n\n"
    "@app.task(\n    bind=True,\n)\ndef send(self):\n    return 1\n\n\n@shared_task\ndef keep():\n    return 2\n\n\n"
    "@app.task(name='app.tasks.given')\ndef given():\n    return 3\n",
}
REGISTERED = (
    "import {module}\nfrom app.worker import app\napp.finalize()\n"
    "print(sorted(name for name in app.tasks if not name.startswith('celery.')))"
)
MOVED = "{move: {app.tasks: app.mail.jobs}}"


def test_celery_calls_tasks_by_their_old_names(tmp_path: Path) -> None:
    old = "['app.tasks.given', 'app.tasks.keep', 'app.tasks.send']"
    before = Tree.of({path: text.encode() for path, text in CELERY.items()})
    assert said(before, tmp_path / "a", REGISTERED.format(module="app.tasks")) == old
    loose = said(after(CELERY, phase(MOVED)), tmp_path / "b", REGISTERED.format(module="app.mail.jobs"))
    assert loose == "['app.mail.jobs.keep', 'app.mail.jobs.send', 'app.tasks.given']"
    pinned = after(CELERY, phase(MOVED, "celery"))
    assert said(pinned, tmp_path / "c", REGISTERED.format(module="app.mail.jobs")) == old


# -- pickle

PICKLE = {
    "app/__init__.py": "",
    "app/orders.py": "class Order:\n    n = 1\n\n\nclass Line:\n    n = 2\n",
    "app/keys.py": "class Key:\n    n = 3\n\n\nclass Other:\n    n = 4\n",
    "app/store.py": "import pickle\n\nfrom app.keys import Key\nfrom app.orders import Order\n\n\n"
    "def save():\n    return pickle.dumps((Order(), Key()))\n",
}
SAVE = "from app.store import save\nprint(save().hex())"
LOAD = "import pickle\nprint([thing.n for thing in pickle.loads(bytes.fromhex('{data}'))])"
PARTED = "{move: {app.orders: app.shop.orders, app.keys.Key: app.shop.keys.Key}}"


@pytest.mark.parametrize("shims", ["none", "redirect", "file"])
def test_old_pickles_load_and_new_ones_too(tmp_path: Path, shims: str) -> None:
    old = said(Tree.of({path: text.encode() for path, text in PICKLE.items()}), tmp_path / "a", SAVE)
    plan = phase(PARTED, "pickle") + "  - {id: two, do: [{unshim: all}]}\n" + f"defaults: {{shims: {shims}}}\n"
    pinned = after(PICKLE, plan)
    assert said(pinned, tmp_path / "b", LOAD.format(data=old)) == "[1, 3]"
    assert said(pinned, tmp_path / "b", LOAD.format(data=said(pinned, tmp_path / "b", SAVE))) == "[1, 3]"


def test_without_a_pin_old_pickles_do_not_load(tmp_path: Path) -> None:
    old = said(Tree.of({path: text.encode() for path, text in PICKLE.items()}), tmp_path / "a", SAVE)
    loose = after(PICKLE, phase(PARTED))
    assert "No module named 'app.orders'" in said(loose, tmp_path / "b", LOAD.format(data=old), fails=True)


def test_a_top_level_module_is_kept_by_a_file(tmp_path: Path) -> None:
    files = {"orders.py": "import pickle\n\n\nclass Order:\n    n = 5\n\n\nSAVED = pickle.dumps(Order())\n"}
    code = "import orders\nprint(orders.SAVED.hex())"
    old = said(Tree.of({path: text.encode() for path, text in files.items()}), tmp_path / "a", code)
    pinned = after(files, phase("{move: {orders: shop.orders}}", "pickle"))
    assert said(pinned, tmp_path / "b", f"import pickle\nprint(pickle.loads(bytes.fromhex('{old}')).n)") == "5"


def test_a_module_attribute_alone_does_not_let_a_class_be_pickled() -> None:
    """Why `__module__ = "old"` is no pin: writing fails, and where the old module is there, reading needs no line."""
    code = "import pickle\nclass A:\n    __module__ = 'gone.away'\npickle.dumps(A())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PicklingError" in done.stderr


# -- Django

DJANGO = {
    "shop/__init__.py": "",
    "settings.py": "INSTALLED_APPS = ['billing', 'orders.apps.OrdersConfig']\n"
    "DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n"
    "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\n",
    "billing/__init__.py": "",
    "billing/apps.py": "from django.apps import AppConfig\n\n\nclass BillingConfig(AppConfig):\n    name = 'billing'\n",
    "billing/models.py": "from django.db import models\n\n\nclass Invoice(models.Model):\n"
    "    order = models.ForeignKey('orders.Order', on_delete=models.CASCADE)\n",
    "orders/__init__.py": "",
    "orders/apps.py": "from django.apps import AppConfig\n\n\nclass OrdersConfig(AppConfig):\n    name = 'orders'\n",
    "orders/models.py": "from django.db import models\n\n\nclass Order(models.Model):\n"
    "    total = models.IntegerField()\n",
}
TABLES = (
    "import os, django\nos.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\ndjango.setup()\n"
    "from django.apps import apps\n"
    "print(sorted((m._meta.label, m._meta.db_table, m._meta.get_fields()[-1].name) for m in apps.get_models()))"
)


def test_django_keeps_labels_and_tables(tmp_path: Path) -> None:
    pytest.importorskip("django")
    do = "{move: {billing: shop.invoicing, orders: shop.sales.orders_app}}"
    before = said(Tree.of({path: text.encode() for path, text in DJANGO.items()}), tmp_path / "a", TABLES)
    assert "billing_invoice" in before and "orders_order" in before
    pinned = after(DJANGO, phase(do, "django"))
    assert said(pinned, tmp_path / "b", TABLES) == before
    loose = after(DJANGO, phase("{move: {billing: shop.invoicing}}"))
    assert "invoicing_invoice" in said(loose, tmp_path / "c", TABLES)


def test_a_django_app_without_a_config_gets_one(tmp_path: Path) -> None:
    pytest.importorskip("django")
    files = {path: text for path, text in DJANGO.items() if path != "billing/apps.py"}
    files["billing/migrations/__init__.py"] = ""
    before = said(Tree.of({path: text.encode() for path, text in files.items()}), tmp_path / "a", TABLES)
    pinned = after(files, phase("{move: {billing: shop.invoicing}}", "django"))
    assert said(pinned, tmp_path / "b", TABLES) == before


def test_a_model_that_goes_to_another_app_keeps_its_table(tmp_path: Path) -> None:
    pytest.importorskip("django")
    files = {**DJANGO, "shop/late.py": "", "billing/extra.py": ""}
    files["orders/models.py"] += "\n\nclass Refund(models.Model):\n    total = models.IntegerField()\n"
    files["billing/models.py"] = files["billing/models.py"].replace(
        "from django.db import models\n", "from django.db import models\n\nfrom orders.models import Refund  # noqa\n"
    )
    before = said(Tree.of({path: text.encode() for path, text in files.items()}), tmp_path / "a", TABLES)
    pinned = after(files, phase("{move: {orders.models.Refund: billing.refunds.Refund}}", "django"))
    assert said(pinned, tmp_path / "b", TABLES) == before


# -- loggers


def test_a_logger_keeps_its_name(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/services/__init__.py": "",
        "app/services/mail.py": "import logging\n\nLOG = logging.getLogger(__name__)\n",
        "main.py": "import logging\n\nfrom app.services import mail\n\nlogging.getLogger('app.services').setLevel(7)\n"
        "print(mail.LOG.name, mail.LOG.getEffectiveLevel())\n",
    }
    do = "{move: {app.services.mail: app.mail}}"
    code = "import main"
    assert said(after(files, phase(do)), tmp_path / "a", code) == "app.mail 30"
    assert said(after(files, phase(do, "logger")), tmp_path / "b", code) == "app.services.mail 7"

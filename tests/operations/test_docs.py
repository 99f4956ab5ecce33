"""What `docs/operations.md` shows is what the operations do."""

from __future__ import annotations

import re
from pathlib import Path

from codemod.base.codes import REASONS
from codemod.operations import barrel, scaffold
from codemod.operations.shim_text import file_shim
from codemod.plan.model import Barrel, Scaffold
from tests.operations.writing import perform

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")


def test_the_shim_is_the_shim() -> None:
    assert file_shim("app.user", "app.accounts.user") in PAGE


def test_the_barrel_is_a_barrel() -> None:
    files = {
        "app/__init__.py": "",
        "app/b/__init__.py": '"""Subscriptions, invoices, payments."""\n',
        "app/b/billing_service.py": "FEATURES = 1\nclass BillingError(Exception): ...\nclass BillingService: ...\n",
        "app/b/payment_gateway.py": "class PaymentGateway: ...\n",
    }
    assert f"```python\n{perform(barrel.run, Barrel('app.b'), files).text('app/b/__init__.py')}```" in PAGE


def test_the_readme_is_a_readme() -> None:
    files = {
        "app/__init__.py": "",
        "app/core/clock.py": "",
        "app/services/users/a.py": "",
        "app/services/billing/a.py": "import app.core.clock\nimport app.services.users.a\n",
    }
    operation = Scaffold("app.services.billing", "Subscriptions, invoices, payments", "Billing")
    readme = perform(scaffold.run, operation, files).text("app/services/billing/README.md")
    assert f"```markdown\n{readme.replace('codemod: change', 'codemod: low-risk')}```" in PAGE


def test_every_code_is_known() -> None:
    named = set(re.findall(r"\[([a-z]+(?:-[a-z]+)+)\](?!\()", PAGE))
    assert named <= set(REASONS)
    assert len(named) > 20

"""`mirror`: layers whose parts share names."""

from __future__ import annotations

import pytest

from codemod.operations.mirror import run
from codemod.plan.model import Mirror
from tests.operations.writing import perform

FILES = {
    "app/__init__.py": "",
    "app/services/__init__.py": "",
    "app/services/lookup.py": "",
    "app/services/billing/__init__.py": "",
    "app/services/status/__init__.py": "",
    "app/services/shared/__init__.py": "",
    "app/api/__init__.py": "",
    "app/api/deps.py": "",
    "app/api/billing/__init__.py": "",
    "app/api/status.py": "",
    "web/pages/billing/a.py": "",
    "web/pages/health/a.py": "",
    "web/pages/_private/a.py": "",
}


@pytest.mark.parametrize(
    "operation",
    [
        Mirror("app.services", ("app.api",), ("shared",)),
        Mirror("app.services", ("web/pages",), ("shared",), (("status", "health"),)),
        Mirror("app/services", ("app/api/",), ("shared",)),
    ],
)
def test_holds(operation: Mirror) -> None:
    assert not perform(run, operation, FILES).findings


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (Mirror("app.services", ("app.api",)), ["app.api has no shared, app.services has shared"]),
        (
            Mirror("app.services", ("web/pages",), ("shared",)),
            ["web/pages has no status, app.services has status", "web/pages has health, app.services does not"],
        ),
        (Mirror("app.service", ("app.api",)), ["there is no app.service"]),
        (Mirror("app.services", ("app.apis",)), ["there is no app.apis"]),
    ],
)
def test_does_not_hold(operation: Mirror, told: list[str]) -> None:
    ran = perform(run, operation, FILES)
    assert [finding.message for finding in ran.findings] == told
    assert all(finding.blocks for finding in ran.findings)

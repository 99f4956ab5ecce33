"""`scaffold`: packages, their `__init__` and their README."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codemod.operations.scaffold import run
from codemod.plan.model import Move, Pair, Phase, Plan, Scaffold
from tests.operations.writing import Files, apply_results, context_of, perform, tree_of

BILLING = Scaffold("app.billing", "Subscriptions, invoices", "Billing")
README = """\
# app.billing

<!-- codemod: change scaffold -->
Subscriptions, invoices

Owner: Billing

## Dependencies

None inside this repository.
<!-- codemod: end -->
"""


def test_a_new_package() -> None:
    ran = perform(run, BILLING, {"app/__init__.py": "", "app/x.py": ""})
    assert ran.text("app/billing/__init__.py") == '"""Subscriptions, invoices."""\n'
    assert ran.text("app/billing/README.md") == README


def test_dependencies_that_the_graph_shows() -> None:
    files = {
        "app/__init__.py": "",
        "app/billing/__init__.py": "X = 1\n",
        "app/billing/a.py": "from app.core.clock import now\nfrom . import b\ndef f():\n    import app.users.service\n",
        "app/billing/b.py": "import os\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app.late\n",
        "app/core/__init__.py": "",
        "app/core/clock.py": "now = 1\n",
        "app/late.py": "",
        "app/users/__init__.py": "",
        "app/users/service.py": "",
    }
    ran = perform(run, BILLING, files)
    assert "## Dependencies\n\n- `app.core`\n- `app.users`\n<!--" in ran.text("app/billing/README.md")
    assert ran.text("app/billing/__init__.py") == "X = 1\n"


def test_parents_are_made_too() -> None:
    ran = perform(run, Scaffold("app.a.b.c"), {"app/__init__.py": ""})
    made = sorted(write.path for write in ran.writes)
    assert made == ["app/a/__init__.py", "app/a/b/__init__.py", "app/a/b/c/README.md", "app/a/b/c/__init__.py"]
    assert ran.text("app/a/b/c/__init__.py") == ""


def test_under_the_root_of_its_top_package() -> None:
    ran = perform(run, BILLING, {"src/app/__init__.py": "", "src/app/x.py": "", "tests/test_x.py": ""})
    assert "src/app/billing/__init__.py" in ran.tree


def test_a_hands_readme_gets_a_section() -> None:
    ran = perform(run, BILLING, {"app/__init__.py": "", "app/billing/README.md": "# Money\r\n\r\nAsk Ann.\r\n"})
    text = ran.text("app/billing/README.md")
    assert text.startswith("# Money\r\n\r\nAsk Ann.\r\n\r\n<!-- codemod: change scaffold -->\r\nSubscriptions")
    assert text.count("\n") == text.count("\r\n")


def test_a_long_about_is_wrapped_and_escaped() -> None:
    ran = perform(run, Scaffold("app", 'A "quoted" \\ word ' * 10 + '"""'), {"x.py": ""})
    init = ran.text("app/__init__.py")
    compile(init, "x", "exec")
    assert max(map(len, init.splitlines())) <= 88


def plan_of(*phases: Phase) -> Plan:
    return Plan("case", phases)


def test_a_later_phase_renews_an_earlier_one_does_not() -> None:
    one, two = Phase("one", (BILLING,)), Phase("two", (replace(BILLING, about=""),))
    plan = plan_of(one, two)
    tree = tree_of({"app/__init__.py": ""})
    first = apply_results(tree, run(BILLING, replace(context_of(tree, plan=plan), phase=one)))
    tree = first.tree.changed(writes={"app/billing/a.py": b"import app.core\n", "app/core.py": b""})
    second = apply_results(tree, run(two.do[0], replace(context_of(tree, plan=plan), phase=two)))  # type: ignore[arg-type]
    readme = second.text("app/billing/README.md")
    assert "<!-- codemod: two scaffold -->\nSubscriptions, invoices\n\nOwner: Billing\n" in readme
    assert "- `app.core`\n" in readme
    assert not apply_results(second.tree, run(BILLING, replace(context_of(second.tree, plan=plan), phase=one))).writes


def test_follows_the_package_that_a_later_phase_moves() -> None:
    one, two = Phase("one", (BILLING,)), Phase("two", (Move((Pair("app.billing", "app.money"),)),))
    tree = tree_of(
        {"app/__init__.py": "", "app/money/__init__.py": "", "app/money/README.md": README.replace("change", "one")}
    )
    context = replace(context_of(tree, plan=plan_of(one, two)), phase=one)
    assert not apply_results(tree, run(BILLING, context)).writes


@pytest.mark.parametrize("files", [{"app/__init__.py": "", "app/billing.py": ""}, {"app.py": ""}])
def test_refuses_to_stand_where_a_module_is(files: Files) -> None:
    ran = perform(run, BILLING, files)
    assert ran.codes == ["target-taken"]
    assert not ran.writes


def test_packages_above_are_made_where_a_source_root_would_appear() -> None:
    ran = perform(run, BILLING, {"app/x.py": "", "src/y.py": ""})
    assert {write.path for write in ran.writes} == {
        "app/__init__.py",
        "app/billing/__init__.py",
        "app/billing/README.md",
    }

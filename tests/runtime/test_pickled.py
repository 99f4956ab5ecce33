"""Committed pickles, whatever their files are called, name classes that move."""

from __future__ import annotations

import pytest

from codemod.engine.phase import compute
from codemod.plan.load import load
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

LONG = "app." + "o" * 45  # as long as the code of a letter
PLAN = "version: 1\nname: p\nphases:\n  - {id: one, do: [{move: {SOURCE: app.shop.moved}}]}\n"


def told(path: str, data: bytes, module: str = "app.orders") -> list[str]:
    """What is said of the classes of a module that moves, beside a file with these bytes."""
    files = {
        "app/__init__.py": b"",
        f"{module.replace('.', '/')}.py": b"class Order:\n    n = 1\n\n\nclass Line:\n    n = 2\n",
        path: data,
    }
    plan = load(PLAN.replace("SOURCE", module).encode(), "plan.yaml")
    outcome = compute(plan, plan.phases[0], Inventory(Tree.of(files), ()), landed=False)
    return [finding.message.split(" becomes ")[0] for finding in outcome.findings if finding.code == "runtime-pickle"]


def fourth(module: str, name: str) -> bytes:
    """A pickle of the fourth protocol that names a class."""
    spelled = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() + b"\x94" for text in (module, name))
    return b"\x80\x04\x95\x20\0\0\0\0\0\0\0" + spelled + b"\x93\x94."


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("data/orders.pkl", b"\x80\x02capp.orders\nOrder\nq\x00)\x81q\x01."),
        ("data/orders.pkl", b"(iapp.orders\nOrder\np0\n.".replace(b"(i", b"c")),
        ("data/orders.dat", b"\x80\x02}q\x00Ncapp.orders\nOrder\nq\x00)\x81q\x01."),
        ("data/orders.bin", fourth("app.orders", "Order")),
    ],
    ids=["second", "first", "another ending", "fourth"],
)
def test_a_class_in_a_committed_pickle_is_told(path: str, data: bytes) -> None:
    assert told(path, data) == ["the class app.orders.Order"]


def test_the_length_of_a_name_may_be_the_code_of_a_letter() -> None:
    assert told("data/orders.pkl", fourth(LONG, "Order"), LONG) == [f"the class {LONG}.Order"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("data/orders.dat", b"app.orders\nOrder\n"),
        ("data/orders.pkl", b"\x80\x02cmyapp.orders\nOrder\nq\x00)\x81q\x01."),
        ("data/orders.pkl", b"\x80\x02capp.orders_old\nOrder\nq\x00)\x81q\x01."),
        ("data/orders.xyz", b"\x80\x02capp.orders\nOrder\nq\x00)\x81q\x01."),
    ],
    ids=["no pickle", "another package", "another module", "another ending"],
)
def test_others_are_not(path: str, data: bytes) -> None:
    assert told(path, data) == []

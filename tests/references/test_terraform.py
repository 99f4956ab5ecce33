"""Terraform: what a function or a container is told to run follows, and nothing else does."""

from __future__ import annotations

import pytest

from codemod.references.terraform import Terraform

from .finding import by, cases, check


@pytest.mark.parametrize(("file", "path", "text"), cases("terraform.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Terraform()), file, path, text, update)


@pytest.mark.parametrize(
    ("path", "ours"), [("a/main.tf", True), ("main.tofu", True), ("main.tf.json", False), ("a.tfvars", False)]
)
def test_claims(path: str, ours: bool) -> None:
    assert Terraform().claims(path) is ours

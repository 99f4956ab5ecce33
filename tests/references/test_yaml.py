"""YAML: names, paths and commands follow, everything else stays to the byte."""

from __future__ import annotations

import pytest
import yaml as parser
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.yaml import Yaml
from codemod.rewrite.edits import apply

from .finding import by, cases, check, edits_of


@pytest.mark.parametrize(("file", "path", "text"), cases("yaml.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Yaml()), file, path, text, update)


def test_what_nobody_told_us_about_is_for_review() -> None:
    edits = edits_of(Yaml(), "x.yml", b"thing: app.user\nrun: python -m app.user\nother: app/shop\n")
    assert [(edit.start, edit.review) for edit in edits] == [(7, True), (31, False)]


def test_line_endings_marks_and_foreign_letters_survive() -> None:
    data = '\ufeff# é\r\nname: ü\r\nrun: |\r\n  echo é\r\n  python -m app.user\r\nx: "é app/user.py"\r\n'.encode()
    after = data.replace(b"-m app.user", b"-m app.accounts.user").replace(b"app/user.py", b"app/accounts/user.py")
    assert apply(data, edits_of(Yaml(), "a/x.yml", data)) == after


@pytest.mark.parametrize("path", ["a.yml", ".github/workflows/x.yaml", ".pre-commit-config.yaml", "compose.yml"])
def test_claims(path: str) -> None:
    assert Yaml().claims(path)


@pytest.mark.parametrize("path", ["pnpm-lock.yaml", "conda-lock.yml", "lock.yaml", "x.yaml.j2", "yaml.py", "a.json"])
def test_other_files_are_not_claimed(path: str) -> None:
    assert not Yaml().claims(path)


def test_bytes_that_are_no_text_stay() -> None:
    assert not edits_of(Yaml(), "x.yml", b"run: python -m app.user \xff\n")
    assert not edits_of(Yaml(), "x.yml", b"run: python -m app.user \x00\n")


_PARTS = st.sampled_from([
    "run: ", "command: ", "args: ", "env:\n", "volumes:\n", "- ", "  ", "\n", "\r\n", "app.user", "python -m tool",
    "app/user.py", "./app/user.py:/srv/app/user.py", "|\n", ">-\n", "[", "]", ", ", "{", "}", ": ", "'", '"', "\\",
    "# ", "&a ", "*a", "!!str ", "é", "\t", "X=", "---\n", "? ", "''", '\\"', "name: X\n", "value: app.user\n", "\x85",
])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_PARTS, max_size=14))
def test_what_parses_before_parses_after_in_the_same_shape(parts: list[str]) -> None:
    data = "".join(parts).encode()
    edits = edits_of(Yaml(), "x.yml", data)
    assert _shape(apply(data, edits).decode()) == _shape(data.decode())


def _shape(text: str) -> list[object] | None:
    try:
        return [_of(node) for node in parser.compose_all(text, Loader=parser.SafeLoader)]
    except (parser.YAMLError, ValueError):
        return None


def _of(node: parser.Node | None, around: tuple[int, ...] = ()) -> object:
    if id(node) in around:
        return "what it stands in"  # an alias within its own anchor
    around = (*around, id(node))
    if isinstance(node, parser.MappingNode):
        return [(_of(key, around), _of(value, around)) for key, value in node.value]
    if isinstance(node, parser.SequenceNode):
        return [_of(item, around) for item in node.value]
    return (node.tag, node.value.count("\n"), node.style) if isinstance(node, parser.ScalarNode) else None


def test_a_command_goes_to_another_folder() -> None:
    data = b"run: cd app && python shop/cart.py && (cd shop; python cart.py)\n"
    after = b"run: cd app && python store/shop/cart.py && (cd store/shop; python cart.py)\n"
    assert apply(data, edits_of(Yaml(), "x.yml", data)) == after


def test_placeholders_within_each_other_are_filled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    compose = parser.compose_all
    monkeypatch.setattr(parser, "compose_all", lambda text, **more: asked.append(text) or compose(text, **more))
    edits_of(Yaml(), "compose.yaml", b"command: [app.user " + b"{{" * 40 + b"x" + b"}}" * 40 + b"\n")
    assert len(asked) == 2

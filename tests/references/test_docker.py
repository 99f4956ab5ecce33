"""Dockerfiles: commands, copies and the environment follow, everything else stays to the byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemod.references.docker import Docker
from codemod.rewrite.edits import apply

from .finding import FILES, SOURCE, by, cases, check, edits_of


@pytest.mark.parametrize(("file", "path", "text"), cases("docker.txt"))
def test_case(file: str, path: str, text: str, update: bool) -> None:
    check(by(Docker()), file, path, text, update)


def test_paths_at_a_source_root_follow() -> None:
    source = {f"src/{path}": text for path, text in SOURCE.items()}
    files = {f"src/{old}": f"src/{new}" for old, new in FILES.items()}
    data = (
        b"COPY src/app ./app\nCOPY src/app/shop ./app/shop\nRUN test -f app/user.py && test -f /srv/app/shop/cart.py\n"
    )
    after = apply(data, edits_of(Docker(), "Dockerfile", data, source=source, files=files))
    assert after == (
        b"COPY src/app ./app\nCOPY src/app/store/shop ./app/store/shop\n"
        b"RUN test -f app/accounts/user.py && test -f /srv/app/store/shop/cart.py\n"
    )


def test_a_source_beside_the_dockerfile_follows() -> None:
    data = b"COPY cart.py .\nCOPY user.py .\n"
    assert [e.new for e in edits_of(Docker(), "app/shop/Dockerfile", data)] == [b"../store/shop/cart.py"]


def test_line_endings_and_foreign_bytes_survive() -> None:
    data = b'\xef\xbb\xbf# \xe9\xff\r\nRUN x \\\r\n  python -m app.user \xff\r\nCMD ["\xc3\xa9", "app.user:load"]\r\n'
    after = data.replace(b"-m app.user", b"-m app.accounts.user").replace(b"app.user:load", b"app.accounts.user:fetch")
    assert apply(data, edits_of(Docker(), "Dockerfile", data)) == after


def test_an_escape_of_its_own() -> None:
    data = b"# escape=`\nRUN x `\n  python -m tool `\n  app\\user.py\n"
    assert apply(data, edits_of(Docker(), "Dockerfile", data)) == data.replace(b"tool", b"app.tools.tool")


@pytest.mark.parametrize("path", ["Dockerfile", "a/Dockerfile.dev", "x.dockerfile", "Containerfile", "dockerfile"])
def test_claims(path: str) -> None:
    assert Docker().claims(path)


@pytest.mark.parametrize("path", ["Dockerfile.dockerignore", ".dockerignore", "Dockerfile/a.py", "docker.py", "x.md"])
def test_other_files_are_not_claimed(path: str) -> None:
    assert not Docker().claims(path)


_PARTS = st.sampled_from([
    "RUN ", "CMD ", "COPY ", "ENV ", "FROM a AS b", "WORKDIR /srv", '["python", "-m", "tool"]', "python -m app.user",
    "app/user.py", "./app/shop/", " ", "\\\n", "\n", "\r\n", '"', "'", "<<EOF\n", "EOF\n", "$(", ")", "`", "${X}", "# ",
    "A=", "\\", "[", "]", "--from=b ", "-c ", "é", "\udcff", "{", "&&", "import app.user", "\t", "|", ";",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PARTS, max_size=14))
def test_whatever_the_file_holds_only_spans_change(parts: list[str]) -> None:
    data = "".join(parts).encode("utf-8", "surrogateescape")
    edits = edits_of(Docker(), "Dockerfile", data)
    after = apply(data, edits)
    assert after.count(b"\n") == data.count(b"\n")
    for edit in edits:
        assert data[edit.start : edit.end].decode() in edit.reason or b"import" in data[edit.start : edit.end]

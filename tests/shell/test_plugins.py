"""Plugins of other packages stay out while a plan is read."""

from __future__ import annotations

import os

import pytest

from codemod.shell.plugins import no_plugins


@pytest.mark.parametrize("before", [None, "logfire"])
def test_the_environment_is_afterwards_what_it_was(before: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if before is None:
        monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    else:
        monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", before)
    with pytest.raises(KeyError), no_plugins():
        assert os.environ["PYDANTIC_DISABLE_PLUGINS"] == "__all__"
        raise KeyError
    assert os.environ.get("PYDANTIC_DISABLE_PLUGINS") == before
